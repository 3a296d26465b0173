#!/usr/bin/env python3
"""Checks an EWS server with exchangelib: what it writes, it must read back.

Two accounts are needed; everything created is deleted again. Any failed check ends the run with
a status other than zero.
"""

import argparse
import datetime
import io
import itertools
import os
import uuid

import requests.adapters
from exchangelib import (
    BASIC,
    DELEGATE,
    NTLM,
    Account,
    Attendee,
    CalendarItem,
    Configuration,
    Credentials,
    EWSDate,
    EWSDateTime,
    EWSTimeZone,
    ExtendedProperty,
    HTMLBody,
    Mailbox,
    Message,
    Q,
)
from exchangelib.errors import ErrorAccessDenied, ErrorItemNotFound, UnauthorizedError
from exchangelib.fields import MONDAY, WEDNESDAY
from exchangelib.items import (
    ALL_OCCURRENCES,
    HARD_DELETE,
    SEND_ONLY_TO_ALL,
    SEND_TO_ALL_AND_SAVE_COPY,
    SEND_TO_NONE,
    MeetingCancellation,
    MeetingRequest,
)
from exchangelib.protocol import BaseProtocol
from exchangelib.recurrence import DailyPattern, Recurrence, WeeklyPattern
from exchangelib.version import EXCHANGE_2013

BERLIN = EWSTimeZone("Europe/Berlin")
NEW_YORK = EWSTimeZone("America/New_York")
UTC = EWSTimeZone("UTC")


class ClientKey(ExtendedProperty):
    """A named property of our own."""

    property_set_id = "5fb2f5b1-28d4-4f0a-9a4c-8b1d5f1e9b02"
    property_name = "ClientKey"
    property_type = "String"


CalendarItem.register("client_key", ClientKey)


def recording_adapter(folder, certificate):
    """An HTTP adapter that writes every SOAP answer into a folder."""
    numbers = itertools.count(1)

    class Adapter(requests.adapters.HTTPAdapter):
        def send(self, request, **options):
            if certificate:
                options["verify"] = certificate
            answer = super().send(request, **options)
            if folder and answer.headers.get("Content-Type", "").startswith("text/xml"):
                path = os.path.join(folder, f"{next(numbers):04}.xml")
                with open(path, "wb") as file:
                    file.write(answer.content)
                # exchangelib reads attachments from the connection, which has nothing more to give.
                answer.raw = io.BytesIO(answer.content)
            return answer

    return Adapter


def local(zone, day, hour, minute=0):
    """A time on a day counted from the second of March 2026, a Monday."""
    date = datetime.date(2026, 3, 2) + datetime.timedelta(days=day)
    return EWSDateTime(date.year, date.month, date.day, hour, minute, tzinfo=zone)


def by_subject(account, subject, first=0, last=60):
    view = account.calendar.view(start=local(UTC, first, 0), end=local(UTC, last, 0))
    return [item for item in view if item.subject == subject]


def single_event(alice, bob):
    subject = f"Planning {uuid.uuid4()}"
    item = CalendarItem(
        account=alice,
        folder=alice.calendar,
        subject=subject,
        body=HTMLBody("<html><body><p>Ä &amp; ß, 5 &lt; 6</p></body></html>"),
        start=local(BERLIN, 1, 9),
        end=local(BERLIN, 1, 10, 30),
        location="Room 1 & 2",
        categories=["Blue", "Grün"],
        legacy_free_busy_status="OOF",
        sensitivity="Private",
        importance="High",
        reminder_is_set=True,
        reminder_minutes_before_start=30,
        client_key="key-1",
        required_attendees=[Attendee(mailbox=Mailbox(email_address=bob.primary_smtp_address))],
        optional_attendees=["outside@elsewhere.example"],
    )
    item.save(send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)
    assert item.id and item.changekey

    (listed,) = by_subject(alice, subject)
    assert listed.start == local(BERLIN, 1, 9) and listed.end == local(BERLIN, 1, 10, 30)
    read = alice.calendar.get(id=item.id, changekey=item.changekey)
    assert read.subject == subject
    assert "5 &lt; 6" in read.body and "Ä" in read.body
    if alice.version.build >= EXCHANGE_2013:
        assert read.text_body.startswith("Ä & ß, 5 < 6"), read.text_body
    assert read.location == "Room 1 & 2"
    assert read.categories == ["Blue", "Grün"]
    assert read.legacy_free_busy_status == "OOF"
    assert read.sensitivity == "Private" and read.importance == "High"
    assert read.reminder_is_set and read.reminder_minutes_before_start == 30
    assert read.client_key == "key-1"
    assert read.type == "Single" and read.is_meeting and not read.is_cancelled
    assert read.meeting_request_was_sent
    assert read.organizer.email_address == alice.primary_smtp_address
    assert [one.mailbox.email_address for one in read.required_attendees] == [bob.primary_smtp_address]
    assert [one.mailbox.email_address for one in read.optional_attendees] == ["outside@elsewhere.example"]
    assert read._start_timezone == BERLIN, read._start_timezone
    assert read.duration == "PT1H30M"
    assert alice.calendar.get(client_key="key-1").id == item.id

    read.subject = subject + " changed"
    read.start = local(NEW_YORK, 2, 9)
    read.end = local(NEW_YORK, 2, 10)
    read.location = None
    read.save(send_meeting_invitations=SEND_ONLY_TO_ALL)
    (changed,) = by_subject(alice, subject + " changed")
    assert changed.start == local(NEW_YORK, 2, 9)
    assert not changed.location
    assert changed.changekey != item.changekey

    item.refresh()
    item.delete(send_meeting_cancellations=SEND_TO_NONE)
    try:
        read.refresh()
    except ErrorItemNotFound:
        pass
    else:
        raise AssertionError("a deleted item was found")


def all_day_event(alice):
    subject = f"Holiday {uuid.uuid4()}"
    day = EWSDate(2026, 3, 5)
    CalendarItem(
        account=alice, folder=alice.calendar, subject=subject, start=day, end=day, is_all_day=True
    ).save()
    (listed,) = by_subject(alice, subject)
    assert listed.is_all_day
    assert listed.start == day and listed.end == day, (listed.start, listed.end)
    listed.delete()


def series(alice):
    subject = f"Series {uuid.uuid4()}"
    master = CalendarItem(
        account=alice,
        folder=alice.calendar,
        subject=subject,
        start=local(BERLIN, 0, 8),
        end=local(BERLIN, 0, 9),
        recurrence=Recurrence(
            pattern=WeeklyPattern(interval=1, weekdays=[MONDAY, WEDNESDAY]),
            start=EWSDate(2026, 3, 2),
            number=10,
        ),
    ).save()
    found = by_subject(alice, subject)
    assert len(found) == 10, len(found)
    assert all(one.start.astimezone(BERLIN).hour == 8 for one in found)
    assert {one.type for one in found} == {"Occurrence"} and all(one.is_recurring for one in found)

    read = alice.calendar.get(id=master.id)
    assert read.type == "RecurringMaster"
    # exchangelib reads weekdays as ISO numbers.
    assert list(read.recurrence.pattern.weekdays) == [1, 3]
    assert read.recurrence.boundary.number == 10
    assert read.first_occurrence.start == local(BERLIN, 0, 8)
    assert read.last_occurrence.start == local(BERLIN, 30, 8)

    third = master.occurrence(index=3)
    third.refresh()
    assert third.start == local(BERLIN, 7, 8), third.start
    third.start = local(BERLIN, 8, 12)
    third.end = local(BERLIN, 8, 13)
    third.subject = subject + " moved"
    third.save()
    master.occurrence(index=4).delete()
    moved = by_subject(alice, subject + " moved")
    assert [one.type for one in moved] == ["Exception"]
    assert moved[0].start == local(BERLIN, 8, 12)
    assert len(by_subject(alice, subject)) == 8
    read.refresh()
    assert [one.start for one in read.modified_occurrences] == [local(BERLIN, 8, 12)]
    assert [one.original_start for one in read.modified_occurrences] == [local(BERLIN, 7, 8)]
    assert [one.start for one in read.deleted_occurrences] == [local(BERLIN, 9, 8)]
    above = moved[0].recurring_master()
    above.refresh()
    assert above.type == "RecurringMaster" and above.subject == subject

    read.recurrence = Recurrence(
        pattern=DailyPattern(interval=2), start=EWSDate(2026, 3, 2), end=EWSDate(2026, 3, 8)
    )
    read.save()
    assert len(by_subject(alice, subject)) == 4
    read.delete(affected_task_occurrences=ALL_OCCURRENCES)
    assert not by_subject(alice, subject)


def queries(alice):
    mark = str(uuid.uuid4())
    items = [
        CalendarItem(
            account=alice,
            folder=alice.calendar,
            subject=f"{mark} number {number:02}",
            start=local(UTC, number, 10),
            end=local(UTC, number, 11),
        )
        for number in range(25)
    ]
    ids = alice.bulk_create(folder=alice.calendar, items=items)
    assert len(ids) == 25
    mine = alice.calendar.filter(subject__startswith=mark)
    assert mine.count() == 25
    mine.page_size = 4
    ordered = list(mine.order_by("-start").values_list("subject", flat=True))
    assert ordered == [f"{mark} number {number:02}" for number in reversed(range(25))], ordered
    assert mine.filter(start__lt=local(UTC, 3, 10)).count() == 3
    assert mine.filter(start__range=(local(UTC, 3, 10), local(UTC, 5, 10))).count() == 3
    either = Q(subject__contains="number 07") | Q(subject__icontains="NUMBER 08")
    assert mine.filter(either).count() == 2
    assert mine.exclude(subject=f"{mark} number 00").count() == 24
    assert mine.filter(location__exists=True).count() == 0
    some = alice.calendar.filter(subject__startswith=mark).order_by("start")[5:8]
    assert [item.subject[-2:] for item in some] == ["05", "06", "07"]
    limited = alice.calendar.view(start=local(UTC, 0, 0), end=local(UTC, 30, 0), max_items=7)
    assert len(list(limited)) == 7
    alice.bulk_delete(ids[:20], delete_type=HARD_DELETE)
    first, second = alice.fetch(ids=ids[20:22])
    first.soft_delete()
    second.move_to_trash()
    assert alice.trash.filter(subject=second.subject).count() == 1
    mine.all().delete()
    assert mine.count() == 0
    alice.trash.filter(subject__startswith=mark).delete()


def meetings(alice, bob):
    subject = f"Meeting {uuid.uuid4()}"
    meeting = CalendarItem(
        account=alice,
        folder=alice.calendar,
        subject=subject,
        start=local(BERLIN, 3, 14),
        end=local(BERLIN, 3, 15),
        required_attendees=[bob.primary_smtp_address],
    )
    meeting.save(send_meeting_invitations=SEND_ONLY_TO_ALL)
    (request,) = [one for one in bob.inbox.filter(subject=subject) if isinstance(one, MeetingRequest)]
    assert not request.is_read
    assert request.sender.email_address == alice.primary_smtp_address
    (invited,) = by_subject(bob, subject)
    assert invited.legacy_free_busy_status == "Tentative"
    assert invited.my_response_type == "NoResponseReceived"
    request.accept(body="See you", message_disposition="SendAndSaveCopy")
    (accepted,) = by_subject(bob, subject)
    assert accepted.my_response_type == "Accept"
    assert accepted.legacy_free_busy_status == "Busy"
    meeting.refresh()
    assert [one.response_type for one in meeting.required_attendees] == ["Accept"]
    answer = alice.inbox.get(subject=f"Accepted: {subject}")
    assert answer.sender.email_address == bob.primary_smtp_address
    answer.delete()

    meeting.cancel(body="No longer needed")
    assert not by_subject(alice, subject)
    (cancelled,) = by_subject(bob, f"Canceled: {subject}")
    assert cancelled.is_cancelled
    (notice,) = bob.inbox.filter(subject=f"Canceled: {subject}")
    assert isinstance(notice, MeetingCancellation), type(notice)
    notice.delete()
    cancelled.delete()
    for account in (alice, bob):
        account.trash.filter(subject__contains=subject).delete()


def mail_and_synchronisation(alice, bob):
    subject = f"Note {uuid.uuid4()}"
    assert list(bob.inbox.sync_items()) is not None
    state = bob.inbox.item_sync_state
    assert state
    Message(
        account=alice,
        folder=alice.sent,
        subject=subject,
        body="Plain text\r\nsecond line",
        to_recipients=[bob.primary_smtp_address],
        cc_recipients=["outside@elsewhere.example"],
    ).send_and_save()
    assert alice.sent.filter(subject=subject).count() == 1
    changes = list(bob.inbox.sync_items())
    assert [(kind, item.subject) for kind, item in changes] == [("create", subject)], changes
    mail = bob.inbox.get(subject=subject)
    assert not mail.is_read and mail.body == "Plain text\r\nsecond line"
    assert [one.email_address for one in mail.to_recipients] == [bob.primary_smtp_address]
    mail.is_read = True
    mail.save(update_fields=["is_read"])
    changes = list(bob.inbox.sync_items())
    assert [(kind, read) for kind, (_, read) in changes] == [("read_flag_change", True)], changes
    mail.delete()
    assert [kind for kind, _ in bob.inbox.sync_items()] == ["delete"]
    alice.sent.filter(subject=subject).delete()
    folders = list(alice.root.sync_hierarchy())
    assert any(folder.name == alice.calendar.name for _, folder in folders)


def availability(alice, bob):
    start = local(BERLIN, 30, 9)
    events = [
        CalendarItem(
            account=bob,
            folder=bob.calendar,
            subject="Secret",
            start=start + datetime.timedelta(hours=hour),
            end=start + datetime.timedelta(hours=hour, minutes=60),
            legacy_free_busy_status=status,
        ).save()
        for hour, status in ((0, "Busy"), (2, "Tentative"))
    ]
    views = list(
        alice.protocol.get_free_busy_info(
            accounts=[(bob.primary_smtp_address, "Required", False), ("nobody@example.test", "Required", False)],
            start=start,
            end=start + datetime.timedelta(hours=4),
            merged_free_busy_interval=30,
        )
    )
    view, problem = views
    assert view.merged == "22001100", view.merged
    found = [(event.start.replace(tzinfo=BERLIN), event.busy_type) for event in view.calendar_events]
    assert found == [(start, "Busy"), (start + datetime.timedelta(hours=2), "Tentative")], found
    assert all(event.details is None for event in view.calendar_events)
    assert view.working_hours and view.working_hours_timezone
    assert isinstance(problem, Exception), problem
    for event in events:
        event.delete()


def directory_and_zones(alice, bob):
    (found,) = alice.protocol.resolve_names([bob.primary_smtp_address])
    assert found.email_address == bob.primary_smtp_address
    pairs = alice.protocol.resolve_names(["bob"], return_full_contact_data=True)
    assert pairs[0][0].email_address == bob.primary_smtp_address and pairs[0][1].display_name
    zones = {zone.id: zone for zone in alice.protocol.get_timezones(return_full_timezone_data=True)}
    assert len(zones) > 100
    standard, daylight, period = zones["W. Europe Standard Time"].get_std_and_dst(2026)
    assert standard.bias == 0 and daylight.bias == -60 and period.bias_in_minutes == -60
    for zone in zones.values():
        zone.get_std_and_dst(2026)


def rights(config, bob):
    stranger = Account(bob.primary_smtp_address, config=config, autodiscover=False, access_type=DELEGATE)
    try:
        list(stranger.calendar.all())
    except ErrorAccessDenied:
        pass
    else:
        raise AssertionError("a calendar without rights was read")


def connect(options, auth_type, wrong=False):
    def account(user):
        address, _, password = user.partition(":")
        config = Configuration(
            service_endpoint=options.url,
            credentials=Credentials(address, "wrong" if wrong else password),
            auth_type=auth_type,
        )
        return config, Account(address, config=config, autodiscover=False, access_type=DELEGATE, default_timezone=BERLIN)

    return account


def account_options(parser):
    """The options that say where the server is and who is there."""
    parser.add_argument("--url", default=os.environ.get("EWS_URL"), help="the EWS endpoint")
    parser.add_argument("--user", default=os.environ.get("EWS_USER"), help="ADDRESS:PASSWORD")
    parser.add_argument("--other", default=os.environ.get("EWS_OTHER"), help="ADDRESS:PASSWORD of a second account")
    parser.add_argument("--auth", choices=["basic", "ntlm", "unset"], default="unset")
    parser.add_argument("--ca-file", help="the certificate to trust")
    parser.add_argument("--dump", help="a folder for the server's answers")


def connected(parser):
    """How to connect, and the two accounts."""
    options = parser.parse_args()
    if not (options.url and options.user and options.other):
        parser.error("--url, --user and --other are needed")
    BaseProtocol.HTTP_ADAPTER_CLS = recording_adapter(options.dump, options.ca_file)
    auth_type = {"basic": BASIC, "ntlm": NTLM, "unset": None}[options.auth]
    account = connect(options, auth_type)
    config, alice = account(options.user)
    _, bob = account(options.other)
    return (options, auth_type, config), alice, bob


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    account_options(parser)
    (options, auth_type, config), alice, bob = connected(parser)

    print("server", alice.version)
    assert alice.root.tree()
    assert alice.calendar.folder_class == "IPF.Appointment"
    for check, arguments in (
        (single_event, (alice, bob)),
        (all_day_event, (alice,)),
        (series, (alice,)),
        (queries, (alice,)),
        (meetings, (alice, bob)),
        (mail_and_synchronisation, (alice, bob)),
        (availability, (alice, bob)),
        (directory_and_zones, (alice, bob)),
        (rights, (config, bob)),
    ):
        check(*arguments)
        print("ok", check.__name__)

    try:
        _, intruder = connect(options, auth_type, wrong=True)(options.user)
        list(intruder.calendar.all())
    except UnauthorizedError:
        print("ok wrong password")
    else:
        raise AssertionError("a wrong password was accepted")


if __name__ == "__main__":
    main()

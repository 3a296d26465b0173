#!/usr/bin/env python3
"""The same events, written and read by exchangelib and by this library.

The events are those of events.json. Each side writes them with its mark before the subject, and
compares what the other wrote with that file, field by field. The other half is tests/it/interop/calendar.rs;
run.sh runs both in turn:

  we_write                      this library writes, and invites
  calendar_both_ways.py reply   exchangelib reads that, accepts the invitation, writes, and invites
  we_read                       this library reads that, and answers
  calendar_both_ways.py answers exchangelib looks at the answer
"""

import argparse
import datetime
import json
import os

from exchangelib import (
    Attendee,
    Body,
    CalendarItem,
    EWSDate,
    EWSDateTime,
    EWSTimeZone,
    FileAttachment,
    HTMLBody,
    Mailbox,
)
from exchangelib.items import MeetingRequest, SEND_ONLY_TO_ALL, SEND_TO_NONE
from exchangelib.recurrence import (
    AbsoluteMonthlyPattern,
    AbsoluteYearlyPattern,
    DailyPattern,
    EndDatePattern,
    NoEndPattern,
    NumberedPattern,
    Recurrence,
    RelativeMonthlyPattern,
    RelativeYearlyPattern,
    WeeklyPattern,
)

from exchangelib_calendar import account_options, connected

OURS, THEIRS = "ours: ", "theirs: "
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
# exchangelib's numbers for what is no single day.
WEEKDAYS = 9
WEEKS = ["first", "second", "third", "fourth", "last"]
SHOWN = {"free": "Free", "tentative": "Tentative", "busy": "Busy", "out_of_office": "OOF"}
DEFAULTS = {
    "end_zone": None,
    "location": None,
    "html": None,
    "text": None,
    "required": [],
    "optional": [],
    "resources": [],
    "categories": [],
    "show_as": "busy",
    "sensitivity": "normal",
    "importance": "normal",
    "reminder": None,
    "files": {},
    "recurrence": None,
    "changed": {},
    "deleted": [],
}


def stories(mark):
    """The events, as one side writes them."""
    with open(os.path.join(os.path.dirname(__file__), "events.json"), encoding="utf-8") as file:
        events = json.load(file)
    for event in events:
        for one in [event, *event.get("changed", {}).values()]:
            one["subject"] = mark + one["subject"]
        yield {**DEFAULTS, **event}


def clock(text, zone):
    time = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M")
    return EWSDateTime(time.year, time.month, time.day, time.hour, time.minute, tzinfo=EWSTimeZone(zone))


def shown(time, zone):
    """What the clock says there at that time."""
    return time.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def date(text):
    return EWSDate.from_date(datetime.date.fromisoformat(text))


def pattern_of(name, of):
    match name:
        case "daily":
            return DailyPattern(interval=of["interval"])
        case "weekly":
            return WeeklyPattern(
                interval=of["interval"],
                weekdays=[DAYS.index(day) + 1 for day in of["days"]],
                first_day_of_week=DAYS.index(of["first_day"]) + 1,
            )
        case "monthly_on_day":
            return AbsoluteMonthlyPattern(interval=of["interval"], day_of_month=of["day"])
        case "monthly_on_weekday":
            return RelativeMonthlyPattern(interval=of["interval"], weekday=days_of(of), week_number=week_of(of))
        case "yearly_on_day":
            return AbsoluteYearlyPattern(day_of_month=of["day"], month=of["month"])
        case "yearly_on_weekday":
            return RelativeYearlyPattern(weekday=days_of(of), week_number=week_of(of), month=of["month"])
    raise ValueError(name)


def days_of(of):
    return WEEKDAYS if of["days"] == DAYS[:5] else DAYS.index(of["days"][0]) + 1


def week_of(of):
    return WEEKS.index(of["week"]) + 1


def pattern_seen(pattern):
    def relative():
        days = DAYS[:5] if pattern.weekday == WEEKDAYS else [DAYS[pattern.weekday - 1]]
        return {"week": WEEKS[pattern.week_number - 1], "days": days}

    match pattern:
        case DailyPattern():
            return {"daily": {"interval": pattern.interval}}
        case WeeklyPattern():
            days = [DAYS[day - 1] for day in sorted(pattern.weekdays)]
            first = DAYS[pattern.first_day_of_week - 1]
            return {"weekly": {"interval": pattern.interval, "days": days, "first_day": first}}
        case AbsoluteMonthlyPattern():
            return {"monthly_on_day": {"interval": pattern.interval, "day": pattern.day_of_month}}
        case RelativeMonthlyPattern():
            return {"monthly_on_weekday": {"interval": pattern.interval, **relative()}}
        case AbsoluteYearlyPattern():
            return {"yearly_on_day": {"interval": 1, "month": pattern.month, "day": pattern.day_of_month}}
        case RelativeYearlyPattern():
            return {"yearly_on_weekday": {"interval": 1, "month": pattern.month, **relative()}}
    raise ValueError(pattern)


def recurrence_of(of):
    ((name, pattern),) = of["pattern"].items()
    ((kind, span),) = of["range"].items()
    boundary = {"start": date(span["start"])}
    if kind == "until":
        boundary["end"] = date(span["end"])
    if kind == "count":
        boundary["number"] = span["count"]
    return Recurrence(pattern=pattern_of(name, pattern), **boundary)


def recurrence_seen(recurrence):
    boundary = recurrence.boundary
    span = {"start": str(boundary.start)}
    match boundary:
        case NoEndPattern():
            kind = "no_end"
        case EndDatePattern():
            kind, span["end"] = "until", str(boundary.end)
        case NumberedPattern():
            kind, span["count"] = "count", boundary.number
    return {"pattern": pattern_seen(recurrence.pattern), "range": {kind: span}}


def write(account, story):
    all_day = "T" not in story["start"]
    zone = EWSTimeZone(story["zone"])
    if all_day:
        # exchangelib counts the last day in.
        start, end = date(story["start"]), date(story["end"]) - datetime.timedelta(days=1)
        zones = {"_start_timezone": zone, "_end_timezone": zone}
    else:
        start, end = clock(story["start"], story["zone"]), clock(story["end"], story["end_zone"] or story["zone"])
        zones = {}
    body = None
    if story["html"] is not None:
        body = HTMLBody(story["html"])
    elif story["text"] is not None:
        body = Body(story["text"])

    def people(kind):
        return [Attendee(mailbox=Mailbox(email_address=address)) for address in story[kind]] or None

    item = CalendarItem(
        account=account,
        folder=account.calendar,
        subject=story["subject"],
        start=start,
        end=end,
        is_all_day=all_day,
        body=body,
        location=story["location"],
        categories=story["categories"] or None,
        legacy_free_busy_status=SHOWN[story["show_as"]],
        sensitivity=story["sensitivity"].capitalize(),
        importance=story["importance"].capitalize(),
        reminder_is_set=story["reminder"] is not None,
        reminder_minutes_before_start=story["reminder"],
        required_attendees=people("required"),
        optional_attendees=people("optional"),
        resources=people("resources"),
        recurrence=recurrence_of(story["recurrence"]) if story["recurrence"] else None,
        **zones,
    )
    for name, text in story["files"].items():
        item.attach(FileAttachment(name=name, content=text.encode()))
    item.save(send_meeting_invitations=SEND_TO_NONE)

    indexes = {}
    if story["changed"] or story["deleted"]:
        last = max([*story["changed"], *story["deleted"]])
        view = account.calendar.view(start=start, end=clock(last, story["zone"]) + datetime.timedelta(days=1))
        starts = sorted(one.start for one in view if one.subject == story["subject"])
        indexes = {shown(start, zone): index for index, start in enumerate(starts, 1)}
    for original, change in story["changed"].items():
        occurrence = item.occurrence(index=indexes[original])
        occurrence.refresh()
        occurrence.subject = change["subject"]
        occurrence.start = clock(change["start"], story["zone"])
        occurrence.end = clock(change["end"], story["zone"])
        occurrence.location = change["location"]
        occurrence.save(
            update_fields=["subject", "start", "end", "location"], send_meeting_invitations=SEND_TO_NONE
        )
    for original in story["deleted"]:
        item.occurrence(index=indexes[original]).delete(send_meeting_cancellations=SEND_TO_NONE)


def name_of(zone, expected):
    """The name of a zone; the expected one if Windows, and so the server, has one zone for both."""
    return expected if zone.ms_id == EWSTimeZone(expected).ms_id else zone.key


def find(account, subject):
    (found,) = [item for item in account.calendar.filter(subject=subject)]
    return account.calendar.get(id=found.id)


def read(account, story):
    """The event of that story, as it is on the server."""
    item = find(account, story["subject"])
    zone, end_zone = item._start_timezone, item._end_timezone

    def times(one):
        if one.is_all_day:
            return str(one.start), str(one.end + datetime.timedelta(days=1))
        return shown(one.start, one._start_timezone), shown(one.end, one._end_timezone)

    def people(attendees):
        return sorted(one.mailbox.email_address for one in attendees or [])

    def changed(occurrence):
        one = account.calendar.get(id=occurrence.id)
        assert one.type == "Exception", one.type
        start, end = times(one)
        return {"subject": one.subject, "start": start, "end": end, "location": one.location or None}

    start, end = times(item)
    is_html = isinstance(item.body, HTMLBody)
    return {
        "subject": item.subject,
        "start": start,
        "end": end,
        "zone": name_of(zone, story["zone"]),
        "end_zone": None if zone == end_zone else name_of(end_zone, story["end_zone"] or story["zone"]),
        "location": item.location or None,
        "html": str(item.body) if item.body and is_html else None,
        "text": str(item.body) if item.body and not is_html else None,
        "required": people(item.required_attendees),
        "optional": people(item.optional_attendees),
        "resources": people(item.resources),
        "categories": sorted(item.categories or []),
        "show_as": {wire: word for word, wire in SHOWN.items()}[item.legacy_free_busy_status],
        "sensitivity": item.sensitivity.lower(),
        "importance": item.importance.lower(),
        "reminder": item.reminder_minutes_before_start if item.reminder_is_set else None,
        "files": {file.name: file.content.decode() for file in item.attachments},
        "recurrence": recurrence_seen(item.recurrence) if item.recurrence else None,
        "changed": {shown(one.original_start, zone): changed(one) for one in item.modified_occurrences or []},
        "deleted": sorted(shown(one.start, zone) for one in item.deleted_occurrences or []),
    }


def compare(account, mark):
    for story in stories(mark):
        seen = read(account, story)
        assert seen.keys() == story.keys(), seen.keys() ^ story.keys()
        for field, wanted in story.items():
            assert seen[field] == wanted, f"{field} of {story['subject']!r} is {seen[field]!r}, not {wanted!r}"


def reply(alice, bob):
    compare(alice, OURS)
    (request,) = [one for one in bob.inbox.filter(subject="ours: To be answered") if isinstance(one, MeetingRequest)]
    assert request.sender.email_address == alice.primary_smtp_address
    request.accept(body="See you")
    accepted = find(bob, "ours: To be answered")
    assert accepted.my_response_type == "Accept", accepted.my_response_type

    for story in stories(THEIRS):
        write(alice, story)
    compare(alice, THEIRS)
    CalendarItem(
        account=alice,
        folder=alice.calendar,
        subject="theirs: To be answered",
        start=clock("2026-03-13T14:00", "Europe/Berlin"),
        end=clock("2026-03-13T15:00", "Europe/Berlin"),
        required_attendees=[bob.primary_smtp_address],
    ).save(send_meeting_invitations=SEND_ONLY_TO_ALL)


def answers(alice, bob):
    (attendee,) = find(alice, "theirs: To be answered").required_attendees
    assert attendee.mailbox.email_address == bob.primary_smtp_address
    assert attendee.response_type == "Tentative", attendee.response_type
    (answer,) = alice.inbox.filter(subject="Tentative: theirs: To be answered")
    assert answer.sender.email_address == bob.primary_smtp_address
    assert "Perhaps" in answer.body, answer.body


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["reply", "answers"])
    account_options(parser)
    _, alice, bob = connected(parser)
    {"reply": reply, "answers": answers}[parser.parse_args().step](alice, bob)
    print("ok", parser.parse_args().step)


if __name__ == "__main__":
    main()

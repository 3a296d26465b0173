#!/usr/bin/env python3
"""What programs do with Microsoft's SDK for Graph, done on the simulator.

Lists in pages with conditions, orders and selections; events and messages made, changed, moved and deleted; files, also
in pieces; changes followed; several requests at once; free/busy; refusals. Everything that it makes it deletes again.
"""

import io
from datetime import datetime, timedelta, timezone

from msgraph import GraphServiceClient
from msgraph.generated.models.attachment_item import AttachmentItem
from msgraph.generated.models.attachment_type import AttachmentType
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.attendee_type import AttendeeType
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.calendar import Calendar
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.location import Location
from msgraph.generated.models.mail_folder import MailFolder
from msgraph.generated.models.message import Message
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.users.item.calendar.get_schedule.get_schedule_post_request_body import (
    GetSchedulePostRequestBody,
)
from msgraph.generated.users.item.events.item.attachments.create_upload_session import (
    create_upload_session_post_request_body as event_session,
)
from msgraph.generated.users.item.messages.item.attachments.create_upload_session import (
    create_upload_session_post_request_body as message_session,
)
from msgraph.generated.users.item.messages.item.copy.copy_post_request_body import CopyPostRequestBody
from msgraph.generated.users.item.messages.item.forward.forward_post_request_body import ForwardPostRequestBody
from msgraph.generated.users.item.messages.item.move.move_post_request_body import MovePostRequestBody
from msgraph.generated.users.item.send_mail.send_mail_post_request_body import SendMailPostRequestBody
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.tasks import LargeFileUploadTask, PageIterator

from msgraph_client import (
    TEXT,
    addresses,
    asked,
    file_attachment,
    listed,
    pages,
    quoted,
    recipients,
    run,
    same,
)

IMMUTABLE = 'IdType="ImmutableId"'
BERLIN = "Europe/Berlin"
DAY = datetime(2026, 3, 10, tzinfo=timezone.utc)
COUNT = 12
# What is too large to be sent at once, in pieces of which the last is shorter.
LARGE = bytes(range(256)) * 13000
PIECE = 320 * 1024 * 5


def at(hour, minutes=0):
    return (DAY + timedelta(hours=hour, minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S")


def event(subject, start, end, **more):
    return Event(
        subject=subject,
        start=DateTimeTimeZone(date_time=start, time_zone="UTC"),
        end=DateTimeTimeZone(date_time=end, time_zone="UTC"),
        **more,
    )


async def refused(what, call, status, code):
    try:
        await call
    except ODataError as error:
        same(f"status of {what}", error.response_status_code, status)
        same(f"code of {what}", error.error.code, code)
        assert error.error.message, what
        return
    raise AssertionError(f"{what} was not refused")


async def events(alice, bob):
    """Makes, finds, changes and deletes an event."""
    new = Event(
        subject="Talk",
        body=ItemBody(content_type=BodyType.Html, content="<p>See you</p>"),
        start=DateTimeTimeZone(date_time="2026-03-12T14:00:00", time_zone=BERLIN),
        end=DateTimeTimeZone(date_time="2026-03-12T15:00:00", time_zone=BERLIN),
        location=Location(display_name="Room 7"),
        attendees=[Attendee(type=AttendeeType.Required, email_address=EmailAddress(address=bob.address, name="Bob"))],
        transaction_id="7e1f0f8c-0000-4000-8000-000000000001",
    )
    made = await alice.me.events.post(new)
    again = await alice.me.events.post(new)
    same("the event of one transaction", again.id, made.id)
    window = {"start_date_time": "2026-03-12T13:00:00Z", "end_date_time": "2026-03-12T14:00:00Z"}
    viewed = await listed(alice.me.calendar.calendar_view, **window)
    same("the view", [(one.id, one.subject) for one in viewed], [(made.id, "Talk")])
    invited = await listed(bob.me.calendar_view, **window)
    same("bob's view", [(one.subject, one.is_organizer) for one in invited], [("Talk", False)])
    same("UID of the invitation", invited[0].i_cal_u_id, made.i_cal_u_id)

    item = alice.me.events.by_event_id(made.id)
    changed = await item.patch(Event(location=Location(display_name="Room 8")))
    same("the changed place", changed.location.display_name, "Room 8")
    assert changed.change_key != made.change_key
    stale = asked(item)
    stale.headers.add("If-Match", f'W/"{made.change_key}"')
    await refused("a stale change", item.patch(Event(subject="Late"), stale), 412, "ErrorIrresolvableConflict")
    read = await item.get(asked(item, 'outlook.timezone="W. Europe Standard Time"', TEXT))
    same("the start", read.start.date_time[:16], "2026-03-12T14:00")
    same("its zone", read.start.time_zone, "W. Europe Standard Time")
    same("the subject", read.subject, "Talk")
    same("the text", read.body.content.strip(), "See you")
    same("who is asked", addresses(read.attendees), [bob.address])
    some = await item.get(asked(item, select=["subject"]))
    same("the selected", (some.subject, some.start, some.body), ("Talk", None, None))

    await item.delete()
    await refused("a deleted event", item.get(), 404, "ErrorItemNotFound")
    same("bob's view after it", [one.is_cancelled for one in await listed(bob.me.calendar_view, **window)], [True])
    for one in await listed(bob.me.calendar_view, **window):
        await bob.me.events.by_event_id(one.id).delete()
    print("ok events are made, listed, changed and deleted")


async def lists_of_events(alice, bob):
    """A calendar of its own, in pages, with conditions and orders."""
    calendar = await alice.me.calendars.post(Calendar(name="Work"))
    own = alice.me.calendars.by_calendar_id(calendar.id)
    for number in range(COUNT):
        importance = {"is_all_day": False, "categories": ["Red"] if number % 2 else []}
        await own.events.post(event(f"{number:02}", at(number), at(number, 30), **importance))
    names = [f"{number:02}" for number in range(COUNT)]

    found = await pages(own.events, top=5, orderby=["start/dateTime"], select=["subject", "start"])
    same("sizes of pages", [len(page.value) for page in found], [5, 5, 2])
    same("events in order", [one.subject for page in found for one in page.value], names)
    backwards = await listed(own.events, orderby=["start/dateTime desc"], top=7)
    same("events in the other order", [one.subject for one in backwards], names[::-1])
    later = await listed(own.events, filter=f"start/dateTime ge '{at(9)}'", orderby=["start/dateTime"])
    same("later ones", [one.subject for one in later], names[9:])
    red = await listed(own.events, filter="categories/any(c:c eq 'Red')")
    same("red ones", sorted(one.subject for one in red), names[1::2])
    skipped = await own.events.get(asked(own.events, orderby=["start/dateTime"], skip=10, count=True))
    same("what is left", [one.subject for one in skipped.value], names[10:])
    same("the count", skipped.odata_count, COUNT)

    seen = []
    first = await own.events.get(asked(own.events, top=5))
    await PageIterator(first, alice.adapter).iterate(lambda one: seen.append(one.subject) or True)
    same("what an iterator sees", sorted(seen), names)

    window = {"start_date_time": at(2, 15), "end_date_time": at(5)}
    viewed = await listed(own.calendar_view, **window, orderby=["start/dateTime"])
    same("what overlaps a window", [one.subject for one in viewed], names[2:5])
    await refused(
        "an unknown property", listed(own.events, filter="nonsense eq 'x'"), 400, "BadRequest"
    )

    changed = await own.patch(Calendar(name="Play"))
    same("the renamed calendar", changed.name, "Play")
    assert "Play" in [one.name for one in await listed(alice.me.calendars)]
    await own.delete()
    assert "Play" not in [one.name for one in await listed(alice.me.calendars)]
    print("ok events are listed in pages, by conditions, in orders and windows")


async def rounds(builder, link, **query):
    """All that changed since, and where to go on."""
    page = await (builder.with_url(link).get(asked(builder)) if link else builder.get(asked(builder, **query)))
    found = list(page.value)
    while page.odata_next_link:
        page = await builder.with_url(page.odata_next_link).get(asked(builder))
        found += page.value
    assert page.odata_delta_link
    return found, page.odata_delta_link


def removed(one):
    return one.additional_data.get("@removed")


async def changes_of_events(alice, bob):
    delta = alice.me.calendar_view.delta
    window = {"start_date_time": at(0), "end_date_time": at(48)}
    before, link = await rounds(delta, None, **window)
    one = await alice.me.events.post(event("One", at(1), at(2)))
    two = await alice.me.events.post(event("Two", at(3), at(4)))
    found, link = await rounds(delta, link)
    same("what is new", sorted(each.subject for each in found), ["One", "Two"])
    await alice.me.events.by_event_id(one.id).patch(Event(subject="First"))
    await alice.me.events.by_event_id(two.id).delete()
    found, link = await rounds(delta, link)
    gone = [each.id for each in found if removed(each)]
    same("what is gone", gone, [two.id])
    same("what changed", [each.subject for each in found if not removed(each)], ["First"])
    found, link = await rounds(delta, link)
    same("what changed since", found, [])
    await alice.me.events.by_event_id(one.id).delete()
    print(f"ok changes of events are followed, after {len(before)}")


async def messages(alice, bob):
    """Drafts, changes, attaches, sends, moves and deletes."""
    to = recipients([bob.address])
    body = ItemBody(content_type=BodyType.Text, content="Hello")
    draft = await alice.me.messages.post(Message(subject="Note", body=body, to_recipients=to))
    same("a draft", draft.is_draft, True)
    item = alice.me.messages.by_message_id(draft.id)
    changed = await item.patch(Message(subject="Better note", categories=["Red"]))
    same("the changed", (changed.subject, changed.categories), ("Better note", ["Red"]))
    made = await item.attachments.post(file_attachment("a.txt", b"hi"))
    same("the attached", [(one.name, one.size > 0) for one in await listed(item.attachments)], [("a.txt", True)])
    content = await item.attachments.by_attachment_id(made.id).get()
    same("its content", content.content_bytes, b"hi")
    mime = await item.content.get()
    assert b"Subject: Better note" in mime and b"a.txt" in mime, mime
    await item.send.post()
    await alice.me.send_mail.post(
        SendMailPostRequestBody(
            message=Message(subject="At once", body=body, to_recipients=to), save_to_sent_items=True
        )
    )
    await alice.me.send_mail.post(
        SendMailPostRequestBody(
            message=Message(subject="No copy", body=body, to_recipients=to), save_to_sent_items=False
        )
    )
    sent = alice.me.mail_folders.by_mail_folder_id("sentitems").messages
    inbox = bob.me.mail_folders.by_mail_folder_id("inbox").messages
    for subject, copies in (("Better note", 1), ("At once", 1), ("No copy", 0)):
        condition = f"subject eq {quoted(subject)}"
        same(f"copies of {subject}", len(await listed(sent, filter=condition)), copies)
        (arrived,) = await listed(inbox, TEXT, filter=condition)
        same("who wrote", arrived.from_.email_address.address, alice.address)
        same("read yet", arrived.is_read, False)
        assert "Hello" in arrived.body.content, arrived.body.content
        for one in await listed(sent, filter=condition):
            same("who got it", addresses(one.to_recipients), [bob.address])
            await alice.me.messages.by_message_id(one.id).delete()

    (arrived,) = await listed(inbox, filter="subject eq 'At once'")
    item = bob.me.messages.by_message_id(arrived.id)
    await item.forward.post(ForwardPostRequestBody(to_recipients=recipients([alice.address]), comment="For you"))
    forwarded = alice.me.mail_folders.by_mail_folder_id("inbox").messages
    (one,) = await listed(forwarded, filter="subject eq 'FW: At once'")
    await alice.me.messages.by_message_id(one.id).delete()
    print("ok messages are drafted, changed, sent, forwarded, listed and deleted")


async def folders(alice, bob):
    """A folder of its own: pages, conditions, moves, copies, changes."""
    folder = await alice.me.mail_folders.post(MailFolder(display_name="Project"))
    own = alice.me.mail_folders.by_mail_folder_id(folder.id)
    delta = own.messages.delta
    _, link = await rounds(delta, None)
    for number in range(COUNT):
        body = ItemBody(content_type=BodyType.Html, content=f"<p>{number}</p>")
        await own.messages.post(Message(subject=f"{number:02}", body=body))
    names = [f"{number:02}" for number in range(COUNT)]
    found = await pages(own.messages, top=5, orderby=["subject"], select=["subject", "isRead"])
    same("sizes of pages", [len(page.value) for page in found], [5, 5, 2])
    same("messages in order", [one.subject for page in found for one in page.value], names)
    same("what was not asked for", found[0].value[0].body, None)
    few = await listed(own.messages, filter="startswith(subject,'1')", orderby=["subject"])
    same("those that begin so", [one.subject for one in few], names[10:])
    one = await listed(own.messages, filter="subject eq '03' and isDraft eq true")
    same("those with two conditions", [each.subject for each in one], ["03"])
    counted = await own.messages.get(asked(own.messages, top=1, count=True))
    same("the count", counted.odata_count, COUNT)
    same("the folder's own count", (await own.get()).total_item_count, COUNT)
    # Ids that stay are asked for in each request.
    stays = await listed(own.messages, IMMUTABLE, filter="subject eq '03'")
    changed, link = await rounds(delta, link)
    same("what is new", sorted(each.subject for each in changed), names)

    item = alice.me.messages.by_message_id(stays[0].id)
    moved = await item.move.post(MovePostRequestBody(destination_id="drafts"), asked(item.move, IMMUTABLE))
    same("the id of the moved", moved.id, stays[0].id)
    item = alice.me.messages.by_message_id(one[0].id)
    await refused("an old id", item.get(), 404, "ErrorItemNotFound")
    await alice.me.messages.by_message_id(moved.id).delete()
    other = alice.me.messages.by_message_id(found[0].value[0].id)
    copied = await other.copy.post(CopyPostRequestBody(destination_id="drafts"))
    same("the copy", copied.subject, "00")
    await alice.me.messages.by_message_id(copied.id).delete()
    await other.patch(Message(subject="Zero"))
    changed, link = await rounds(delta, link)
    same("what left", len([each for each in changed if removed(each)]), 1)
    same("what changed", [each.subject for each in changed if not removed(each)], ["Zero"])

    renamed = await own.patch(MailFolder(display_name="Projects"))
    same("the renamed folder", renamed.display_name, "Projects")
    child = await own.child_folders.post(MailFolder(display_name="Within"))
    same("where it is", child.parent_folder_id, folder.id)
    same("folders within", [each.display_name for each in await listed(own.child_folders)], ["Within"])
    await own.delete()
    assert folder.id not in [each.id for each in await listed(alice.me.mail_folders)]
    print("ok folders are made, listed in pages, followed and deleted")


async def large_files(alice, bob):
    """Files that come in pieces, to a message and to an event."""
    draft = await alice.me.messages.post(Message(subject="Large"))
    meeting = await alice.me.events.post(event("Large", at(1), at(2)))
    for item, session in (
        (alice.me.messages.by_message_id(draft.id), message_session),
        (alice.me.events.by_event_id(meeting.id), event_session),
    ):
        described = AttachmentItem(attachment_type=AttachmentType.File, name="large.bin", size=len(LARGE))
        body = session.CreateUploadSessionPostRequestBody(attachment_item=described)
        opened = await item.attachments.create_upload_session.post(body)
        assert opened.expiration_date_time > datetime.now(timezone.utc)
        # LargeFileUploadTask.upload() does not understand the answers of Outlook
        # (microsoftgraph/msgraph-sdk-python-core issue 691), so the pieces are chosen here, and sent by the task.
        task = LargeFileUploadTask(opened, alice.without_token, io.BytesIO(LARGE), max_chunk_size=PIECE)
        same("the session", task.upload_session_expired(), False)
        for start in range(0, len(LARGE), PIECE):
            end = min(start + PIECE, len(LARGE)) - 1
            task.next_range = f"{start}-{end}"
            progress = await task.next_chunk(task.get_file())
            if end + 1 < len(LARGE):
                same("what comes next", progress.next_expected_ranges, [str(end + 1)])
        (file,) = await listed(item.attachments)
        whole = await item.attachments.by_attachment_id(file.id).get()
        same("the name", whole.name, "large.bin")
        assert whole.content_bytes == LARGE
        await item.delete()
    print("ok large files come in pieces")


async def at_once(alice, bob):
    """Several requests in one."""
    batch = BatchRequestContent()
    # A client that has sent nothing yet writes addresses that begin behind the version, as batches want them.
    fresh = GraphServiceClient(request_adapter=alice.adapter)
    asked_for = {
        "folder": fresh.me.mail_folders.by_mail_folder_id("inbox").to_get_request_information(),
        "none": fresh.me.events.by_event_id("nonsense").to_get_request_information(),
        "draft": fresh.me.messages.to_post_request_information(Message(subject="Batched")),
    }
    for name, request in asked_for.items():
        batch.add_request(name, BatchRequestItem(request, id=name))
    answers = await fresh.batch.post(batch)
    same("statuses", answers.get_response_status_codes(), {"folder": 200, "none": 400, "draft": 201})
    # The SDK does not read JSON that an answer within the answer has, so what was made is looked for.
    drafts = alice.me.mail_folders.by_mail_folder_id("drafts").messages
    (draft,) = await listed(drafts, filter="subject eq 'Batched'")
    await alice.me.messages.by_message_id(draft.id).delete()
    print("ok several requests go at once")


async def free_busy(alice, bob):
    made = await bob.me.events.post(event("Busy", at(9), at(10)))
    body = GetSchedulePostRequestBody(
        schedules=[bob.address, "nobody@example.test"],
        start_time=DateTimeTimeZone(date_time=at(8), time_zone="UTC"),
        end_time=DateTimeTimeZone(date_time=at(12), time_zone="UTC"),
        availability_view_interval=60,
    )
    known, unknown = (await alice.me.calendar.get_schedule.post(body)).value
    same("the view", known.availability_view, "0200")
    (busy,) = known.schedule_items
    same("the time", busy.start.date_time[:16], at(9)[:16])
    assert unknown.error is not None and known.error is None
    await bob.me.events.by_event_id(made.id).delete()
    print("ok free and busy times are told")


async def main(alice, bob):
    for work in (
        events,
        lists_of_events,
        changes_of_events,
        messages,
        folders,
        large_files,
        at_once,
        free_busy,
    ):
        await work(alice, bob)


if __name__ == "__main__":
    run(main)

#!/usr/bin/env python3
"""Microsoft's SDK for Graph against the simulator.

It reads what this library wrote over Graph (tests/it/interop/, the events of events.json and the messages of
messages.json) and compares it field by field; then it lists, makes, changes and deletes events and messages of its own.
run.sh starts the simulator and lets the library write before.
"""

import argparse
import asyncio
import json
import os
from datetime import datetime, timedelta, timezone

from kiota_abstractions.api_error import APIError
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.attendee_type import AttendeeType
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.event_type import EventType
from msgraph.generated.models.file_attachment import FileAttachment
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.location import Location
from msgraph.generated.models.message import Message
from msgraph.generated.models.recipient import Recipient
from msgraph.generated.users.item.calendar.calendar_view.calendar_view_request_builder import (
    CalendarViewRequestBuilder,
)
from msgraph.generated.users.item.events.events_request_builder import EventsRequestBuilder
from msgraph.generated.users.item.mail_folders.item.messages.messages_request_builder import (
    MessagesRequestBuilder,
)
from msgraph.generated.users.item.send_mail.send_mail_post_request_body import (
    SendMailPostRequestBody,
)

OURS = "ours: "
HERE = os.path.dirname(os.path.abspath(__file__))
SHOW_AS = {"out_of_office": "oof", "working_elsewhere": "workingElsewhere"}
FOLDERS = {"sent": "sentitems", "drafts": "drafts", "deleted": "deleteditems"}


class Token(AccessTokenProvider):
    """A token that the simulator printed."""

    def __init__(self, secret):
        self.secret = secret

    async def get_authorization_token(self, uri, additional_authentication_context={}):
        return self.secret

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator(["127.0.0.1", "localhost"])


def connect(url, token):
    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(Token(token)))
    adapter.base_url = url
    return GraphServiceClient(request_adapter=adapter)


def same(what, seen, wanted):
    assert seen == wanted, f"{what}: {seen!r} is not {wanted!r}"


def stories(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return json.load(file)


def utc(moment):
    """An instant that the server told in UTC."""
    assert moment.time_zone == "UTC", moment.time_zone
    return datetime.fromisoformat(moment.date_time.rstrip("0").rstrip(".") + "+00:00")


def instant(clock, zone):
    from zoneinfo import ZoneInfo

    return datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)


def word(value):
    return None if value is None else value.value


async def all_events(client):
    query = EventsRequestBuilder.EventsRequestBuilderGetQueryParameters(top=5)
    config = RequestConfiguration(query_parameters=query)
    config.headers.add("Prefer", 'outlook.body-content-type="text"')
    page = await client.me.events.get(request_configuration=config)
    found = list(page.value)
    while page.odata_next_link:
        page = await client.me.events.with_url(page.odata_next_link).get()
        found += page.value
    return {event.subject: event for event in found}


async def read_events(client):
    """What the library wrote, as the SDK sees it."""
    found = await all_events(client)
    for story in stories("events.json"):
        subject = OURS + story["subject"]
        assert subject in found, f"{subject} is not among {sorted(found)}"
        event = await client.me.events.by_event_id(found[subject].id).get()
        end_zone = story.get("end_zone") or story["zone"]
        all_day = len(story["start"]) == 10
        same(f"is_all_day of {subject}", event.is_all_day, all_day)
        if all_day:
            same(f"start of {subject}", event.start.date_time[:10], story["start"])
            same(f"end of {subject}", event.end.date_time[:10], story["end"])
        else:
            same(f"start of {subject}", utc(event.start), instant(story["start"], story["zone"]))
            same(f"end of {subject}", utc(event.end), instant(story["end"], end_zone))
        same(f"location of {subject}", event.location.display_name or None, story.get("location"))
        same(f"categories of {subject}", sorted(event.categories), sorted(story.get("categories", [])))
        show_as = story.get("show_as", "busy")
        same(f"show_as of {subject}", word(event.show_as), SHOW_AS.get(show_as, show_as))
        same(f"sensitivity of {subject}", word(event.sensitivity), story.get("sensitivity", "normal"))
        same(f"importance of {subject}", word(event.importance), story.get("importance", "normal"))
        same(f"is_reminder_on of {subject}", event.is_reminder_on, story.get("reminder") is not None)
        if story.get("reminder") is not None:
            same(f"reminder of {subject}", event.reminder_minutes_before_start, story["reminder"])
        for role in ("required", "optional", "resource"):
            wanted = sorted(story.get("resources" if role == "resource" else role, []))
            seen = sorted(a.email_address.address for a in event.attendees if word(a.type) == role)
            same(f"{role} of {subject}", seen, wanted)
        if story.get("text") is not None:
            same(f"text of {subject}", event.body.content.rstrip("\r\n"), story["text"].rstrip("\r\n"))
        if story.get("html") is not None:
            same(f"format of {subject}", event.body.content_type, BodyType.Html)
        same(f"series of {subject}", event.recurrence is not None, story.get("recurrence") is not None)
        if event.recurrence is not None:
            same(f"type of {subject}", event.type, EventType.SeriesMaster)
        files = {}
        for one in (await client.me.events.by_event_id(event.id).attachments.get()).value:
            files[one.name] = one.content_bytes
        same(f"files of {subject}", await texts(client.me.events.by_event_id(event.id), files), story.get("files", {}))
    print(f"ok {len(stories('events.json'))} events are as the library wrote them")


async def texts(item, files):
    """Contents by name. The SDK hands out base64 as it came."""
    import base64

    return {name: base64.b64decode(content).decode() for name, content in files.items()}


async def find_message(client, folder, subject):
    query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(
        filter="subject eq '" + subject.replace("'", "''") + "'"
    )
    config = RequestConfiguration(query_parameters=query)
    messages = client.me.mail_folders.by_mail_folder_id(folder).messages
    found = (await messages.get(request_configuration=config)).value
    same(f"messages {subject} in {folder}", len(found), 1)
    return found[0]


async def read_messages(client):
    for story in stories("messages.json"):
        subject = OURS + story["subject"]
        listed = await find_message(client, FOLDERS[story["folder"]], subject)
        message = await client.me.messages.by_message_id(listed.id).get()
        for field in ("to", "cc", "bcc"):
            people = getattr(message, f"{field}_recipients")
            seen = sorted(one.email_address.address for one in people)
            same(f"{field} of {subject}", seen, sorted(story.get(field, [])))
        seen = sorted(one.email_address.address for one in message.reply_to)
        same(f"reply_to of {subject}", seen, sorted(story.get("reply_to", [])))
        same(f"categories of {subject}", sorted(message.categories), sorted(story.get("categories", [])))
        same(f"importance of {subject}", word(message.importance), story.get("importance", "normal"))
        same(f"is_read of {subject}", message.is_read, story.get("read", False))
        same(f"read receipt of {subject}", message.is_read_receipt_requested, story.get("read_receipt", False))
        same(f"is_draft of {subject}", message.is_draft, story["folder"] != "sent")
        flag = {"flagged": "flagged", "complete": "complete"}.get(story.get("flag"), "notFlagged")
        same(f"flag of {subject}", word(message.flag.flag_status), flag)
        if story.get("text") is not None:
            same(f"format of {subject}", message.body.content_type, BodyType.Text)
            same(f"text of {subject}", message.body.content.rstrip("\r\n"), story["text"].rstrip("\r\n"))
        if story.get("html") is not None:
            same(f"format of {subject}", message.body.content_type, BodyType.Html)
        item = client.me.messages.by_message_id(message.id)
        files = {one.name: one.content_bytes for one in (await item.attachments.get()).value}
        same(f"files of {subject}", await texts(item, files), story.get("files", {}))
    print(f"ok {len(stories('messages.json'))} messages are as the library wrote them")


async def own_events(client, other):
    """Makes, finds, changes and deletes an event."""
    new = Event(
        subject="theirs: Talk",
        body=ItemBody(content_type=BodyType.Html, content="<p>See you</p>"),
        start=DateTimeTimeZone(date_time="2026-03-12T14:00:00", time_zone="W. Europe Standard Time"),
        end=DateTimeTimeZone(date_time="2026-03-12T15:00:00", time_zone="W. Europe Standard Time"),
        location=Location(display_name="Room 7"),
        attendees=[
            Attendee(type=AttendeeType.Required, email_address=EmailAddress(address=other, name="Bob"))
        ],
        transaction_id="7e1f0f8c-0000-4000-8000-000000000001",
    )
    made = await client.me.events.post(new)
    again = await client.me.events.post(new)
    same("the event of one transaction", again.id, made.id)
    start = instant("2026-03-12T14:00", "Europe/Berlin")
    query = CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters(
        start_date_time=start.isoformat(), end_date_time=(start + timedelta(hours=1)).isoformat()
    )
    view = client.me.calendar.calendar_view
    listed = await view.get(request_configuration=RequestConfiguration(query_parameters=query))
    same("what is in the view", [e.id for e in listed.value if e.subject == "theirs: Talk"], [made.id])
    one = client.me.events.by_event_id(made.id)
    changed = await one.patch(Event(location=Location(display_name="Room 8")))
    same("the changed place", changed.location.display_name, "Room 8")
    read = await one.get()
    same("the start", utc(read.start), start)
    same("the subject", read.subject, "theirs: Talk")
    same("who is asked", [a.email_address.address for a in read.attendees], [other])
    await one.delete()
    try:
        await one.get()
        raise AssertionError("the event is still there")
    except APIError as error:
        same("the status", error.response_status_code, 404)
        same("the code", error.error.code, "ErrorItemNotFound")
    print("ok events are made, listed, changed and deleted")


async def own_messages(client, other):
    """Drafts, changes, attaches, sends, moves and deletes."""
    to = [Recipient(email_address=EmailAddress(address=other))]
    body = ItemBody(content_type=BodyType.Text, content="Hello")
    draft = await client.me.messages.post(Message(subject="theirs: Note", body=body, to_recipients=to))
    same("a draft", draft.is_draft, True)
    one = client.me.messages.by_message_id(draft.id)
    changed = await one.patch(Message(subject="theirs: Better note", categories=["Red"]))
    same("the changed subject", changed.subject, "theirs: Better note")
    file = FileAttachment(odata_type="#microsoft.graph.fileAttachment", name="a.txt", content_bytes=b"aGk=")
    await one.attachments.post(file)
    same("the attached", [a.name for a in (await one.attachments.get()).value], ["a.txt"])
    await one.send.post()
    await client.me.send_mail.post(
        SendMailPostRequestBody(message=Message(subject="theirs: At once", body=body, to_recipients=to))
    )
    for subject in ("theirs: Better note", "theirs: At once"):
        sent = await find_message(client, "sentitems", subject)
        same(f"who got {subject}", [r.email_address.address for r in sent.to_recipients], [other])
        item = client.me.messages.by_message_id(sent.id)
        await item.delete()
        left = await client.me.mail_folders.by_mail_folder_id("sentitems").messages.get()
        assert subject not in [m.subject for m in left.value]
    print("ok messages are drafted, changed, sent, listed and deleted")


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--user", required=True, help="ADDRESS:TOKEN")
    parser.add_argument("--other", required=True, help="ADDRESS:TOKEN")
    options = parser.parse_args()
    _, token = options.user.split(":", 1)
    other, _ = options.other.split(":", 1)
    client = connect(options.url, token)
    await read_events(client)
    await read_messages(client)
    await own_events(client, other)
    await own_messages(client, other)


asyncio.run(main())

#!/usr/bin/env python3
"""The same events, written and read by Microsoft's SDK for Graph and by this library over Graph.

As calendar_both_ways.py, whose events these are; run.sh runs in turn:

  we_write                    this library writes, and invites
  msgraph_calendar.py reply   the SDK reads that, accepts the invitation, writes, and invites
  we_read                     this library reads that, and answers
  msgraph_calendar.py answers the SDK looks at the answer
"""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.attendee_type import AttendeeType
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.day_of_week import DayOfWeek
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.event_type import EventType
from msgraph.generated.models.free_busy_status import FreeBusyStatus
from msgraph.generated.models.importance import Importance
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.location import Location
from msgraph.generated.models.patterned_recurrence import PatternedRecurrence
from msgraph.generated.models.recurrence_pattern import RecurrencePattern
from msgraph.generated.models.recurrence_pattern_type import RecurrencePatternType
from msgraph.generated.models.recurrence_range import RecurrenceRange
from msgraph.generated.models.recurrence_range_type import RecurrenceRangeType
from msgraph.generated.models.sensitivity import Sensitivity
from msgraph.generated.models.week_index import WeekIndex
from msgraph.generated.users.item.events.item.accept.accept_post_request_body import AcceptPostRequestBody

from calendar_both_ways import DAYS, OURS, THEIRS, stories
from msgraph_client import (
    HTML,
    TEXT,
    addresses,
    asked,
    compare,
    file_attachment,
    files,
    listed,
    quoted,
    run,
    same,
    windows,
    word,
)

ON_GRAPH = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
SHOWN = {"free": "free", "tentative": "tentative", "busy": "busy", "out_of_office": "oof"}
PATTERNS = {
    "daily": "daily",
    "weekly": "weekly",
    "monthly_on_day": "absoluteMonthly",
    "monthly_on_weekday": "relativeMonthly",
    "yearly_on_day": "absoluteYearly",
    "yearly_on_weekday": "relativeYearly",
}
RANGES = {"no_end": "noEnd", "until": "endDate", "count": "numbered"}
ROLES = {"required": "required", "optional": "optional", "resources": "resource"}
UTC = 'outlook.timezone="UTC"'


def moment(clock, zone):
    """A time as an event has it: of a day its beginning."""
    clock = clock if "T" in clock else clock + "T00:00"
    return DateTimeTimeZone(date_time=clock + ":00", time_zone=windows(zone))


def instant(clock, zone):
    return datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)


def utc(moment):
    """An instant that the server told in UTC."""
    same("zone of a time", moment.time_zone, "UTC")
    return datetime.fromisoformat(moment.date_time[:19]).replace(tzinfo=timezone.utc)


def shown(moment, zone):
    """What the clock says there at that time."""
    return utc(moment).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def days_of(names):
    return [DayOfWeek(ON_GRAPH[DAYS.index(day)]) for day in names]


def days_seen(days):
    return sorted((DAYS[ON_GRAPH.index(word(day))] for day in days), key=DAYS.index)


def recurrence_of(of, zone):
    ((name, pattern),) = of["pattern"].items()
    ((kind, span),) = of["range"].items()
    return PatternedRecurrence(
        pattern=RecurrencePattern(
            type=RecurrencePatternType(PATTERNS[name]),
            interval=pattern["interval"],
            days_of_week=days_of(pattern["days"]) if "days" in pattern else None,
            first_day_of_week=days_of([pattern["first_day"]])[0] if "first_day" in pattern else None,
            day_of_month=pattern.get("day"),
            month=pattern.get("month"),
            index=WeekIndex(pattern["week"]) if "week" in pattern else None,
        ),
        range=RecurrenceRange(
            type=RecurrenceRangeType(RANGES[kind]),
            start_date=date.fromisoformat(span["start"]),
            end_date=date.fromisoformat(span["end"]) if "end" in span else None,
            number_of_occurrences=span.get("count"),
            recurrence_time_zone=windows(zone),
        ),
    )


def recurrence_seen(recurrence):
    pattern, span = recurrence.pattern, recurrence.range
    name = {wire: name for name, wire in PATTERNS.items()}[word(pattern.type)]
    kind = {wire: kind for kind, wire in RANGES.items()}[word(span.type)]
    of = {"interval": pattern.interval}
    if name == "weekly":
        of |= {"days": days_seen(pattern.days_of_week), "first_day": days_seen([pattern.first_day_of_week])[0]}
    elif name.endswith("weekday"):
        of |= {"week": word(pattern.index), "days": days_seen(pattern.days_of_week)}
    elif name.endswith("on_day"):
        of["day"] = pattern.day_of_month
    if name.startswith("yearly"):
        of["month"] = pattern.month
    over = {"start": span.start_date.isoformat()}
    if kind == "until":
        over["end"] = span.end_date.isoformat()
    if kind == "count":
        over["count"] = span.number_of_occurrences
    return {"pattern": {name: of}, "range": {kind: over}}


async def write(alice, story):
    body = None
    if story["html"] is not None:
        body = ItemBody(content_type=BodyType.Html, content=story["html"])
    elif story["text"] is not None:
        body = ItemBody(content_type=BodyType.Text, content=story["text"])
    attendees = [
        Attendee(type=AttendeeType(role), email_address=EmailAddress(address=address))
        for kind, role in ROLES.items()
        for address in story[kind]
    ]
    zone = story["zone"]
    made = await alice.me.events.post(
        Event(
            subject=story["subject"],
            start=moment(story["start"], zone),
            end=moment(story["end"], story["end_zone"] or zone),
            is_all_day="T" not in story["start"],
            body=body,
            location=Location(display_name=story["location"]) if story["location"] else None,
            categories=story["categories"],
            show_as=FreeBusyStatus(SHOWN[story["show_as"]]),
            sensitivity=Sensitivity(story["sensitivity"]),
            importance=Importance(story["importance"]),
            is_reminder_on=story["reminder"] is not None,
            reminder_minutes_before_start=story["reminder"],
            attendees=attendees,
            recurrence=recurrence_of(story["recurrence"], zone) if story["recurrence"] else None,
        )
    )
    item = alice.me.events.by_event_id(made.id)
    for name, text in story["files"].items():
        await item.attachments.post(file_attachment(name, text.encode()))
    for original, change in story["changed"].items():
        patch = Event(subject=change["subject"], location=Location(display_name=change["location"]))
        if change["start"] != original:
            patch.start, patch.end = moment(change["start"], zone), moment(change["end"], zone)
        one = await occurrence(alice, item, original, zone)
        await alice.me.events.by_event_id(one.id).patch(patch)
    for original in story["deleted"]:
        one = await occurrence(alice, item, original, zone)
        await alice.me.events.by_event_id(one.id).delete()


async def occurrence(alice, series, start, zone):
    """The occurrence that begins when the clock says so."""
    begin = instant(start, zone)
    window = {
        "start_date_time": begin.isoformat(),
        "end_date_time": (begin + timedelta(hours=1)).isoformat(),
    }
    (found,) = await listed(series.instances, **window)
    same("type of an occurrence", found.type, EventType.Occurrence)
    return found


async def find(alice, subject):
    """The only event or series with this subject."""
    (found,) = await listed(alice.me.events, filter=f"subject eq {quoted(subject)}", select=["id", "type"])
    return found


def name_of(zone, expected):
    """The name of a zone; the expected one if Windows has one zone for both."""
    return expected if zone == windows(expected) else zone


async def read(alice, story):
    """The event of that story, as it is on the server."""
    found = await find(alice, story["subject"])
    item = alice.me.events.by_event_id(found.id)
    as_text = story["text"] is not None
    event = await item.get(asked(item, UTC, TEXT if as_text else HTML))
    zone = name_of(event.original_start_time_zone, story["zone"])
    end_zone = name_of(event.original_end_time_zone, story["end_zone"] or story["zone"])

    def times(one):
        if one.is_all_day:
            return one.start.date_time[:10], one.end.date_time[:10]
        return shown(one.start, zone), shown(one.end, end_zone)

    exceptions, deleted = {}, []
    if found.type == EventType.SeriesMaster:
        select = ["id", "cancelledOccurrences", "exceptionOccurrences"]
        series = await item.get(asked(item, UTC, select=select, expand=["exceptionOccurrences"]))
        for one in series.exception_occurrences:
            start, end = times(one)
            original = one.original_start.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
            exceptions[original] = {
                "subject": one.subject,
                "start": start,
                "end": end,
                "location": one.location.display_name or None,
            }
        # An id ends with the day on which the occurrence would have been.
        clock = shown(event.start, zone)[10:]
        deleted = sorted(one.split(".")[-1] + clock for one in series.cancelled_occurrences)
    start, end = times(event)
    content = event.body.content or None
    return {
        "subject": event.subject,
        "start": start,
        "end": end,
        "zone": zone,
        "end_zone": None if end_zone == zone else end_zone,
        "location": event.location.display_name or None,
        "html": None if as_text else content,
        "text": content if as_text else None,
        **{
            kind: addresses(one for one in event.attendees if word(one.type) == role)
            for kind, role in ROLES.items()
        },
        "categories": sorted(event.categories),
        "show_as": {wire: name for name, wire in SHOWN.items()}[word(event.show_as)],
        "sensitivity": word(event.sensitivity),
        "importance": word(event.importance),
        "reminder": event.reminder_minutes_before_start if event.is_reminder_on else None,
        "files": await files(item),
        "recurrence": recurrence_seen(event.recurrence) if event.recurrence else None,
        "changed": exceptions,
        "deleted": deleted,
    }


async def compare_all(alice, mark):
    count = 0
    for story in stories(mark):
        compare(await read(alice, story), story)
        count += 1
    assert count > 10


async def reply(alice, bob):
    await compare_all(alice, OURS)
    request = await find(bob, OURS + "To be answered")
    item = bob.me.events.by_event_id(request.id)
    same("organizer", (await item.get()).organizer.email_address.address, alice.address)
    await item.accept.post(AcceptPostRequestBody(comment="See you", send_response=True))
    same("answer", word((await item.get()).response_status.response), "accepted")

    for story in stories(THEIRS):
        await write(alice, story)
    await compare_all(alice, THEIRS)
    await alice.me.events.post(
        Event(
            subject=THEIRS + "To be answered",
            start=moment("2026-03-13T14:00", "Europe/Berlin"),
            end=moment("2026-03-13T15:00", "Europe/Berlin"),
            attendees=[Attendee(type=AttendeeType.Required, email_address=EmailAddress(address=bob.address))],
        )
    )


async def answers(alice, bob):
    item = alice.me.events.by_event_id((await find(alice, THEIRS + "To be answered")).id)
    (attendee,) = (await item.get()).attendees
    same("attendee", attendee.email_address.address, bob.address)
    same("answer", word(attendee.status.response), "tentativelyAccepted")
    inbox = alice.me.mail_folders.by_mail_folder_id("inbox").messages
    subject = quoted("Tentative: " + THEIRS + "To be answered")
    (message,) = await listed(inbox, TEXT, filter=f"subject eq {subject}")
    same("kind of the answer", message.odata_type, "#microsoft.graph.eventMessageResponse")
    same("sender of the answer", message.sender.email_address.address, bob.address)
    assert "Perhaps" in message.body.content, message.body.content


async def main(alice, bob, step):
    await {"reply": reply, "answers": answers}[step](alice, bob)


if __name__ == "__main__":
    run(main, "reply", "answers")

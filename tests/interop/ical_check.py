#!/usr/bin/env python3
"""Checks iCalendar texts with icalendar and recurring-ical-events: what stands beside each text as
JSON must be what they find in it.

The texts are written by the test ical::interop. Any difference ends the run with a status other
than zero.
"""

import argparse
import datetime
import json
import pathlib
import sys

import icalendar
import recurring_ical_events


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    texts = sorted(parser.parse_args().folder.glob("*.ics"))
    if not texts:
        sys.exit("there are no texts")
    for path in texts:
        expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        data = path.read_bytes()
        for line in data.split(b"\r\n"):
            assert len(line) <= 75 and b"\n" not in line, line
        calendar = icalendar.Calendar.from_ical(data)
        for component in calendar.walk():
            assert not component.errors, (path.name, component.errors)
        if "meeting" in expected:
            check_meeting(calendar, expected["meeting"])
        if "series" in expected:
            check_series(path.name, calendar, expected)
        print(f"ok {path.name}")


def check_meeting(calendar, expected):
    (event,) = calendar.walk("VEVENT")
    for name in ("uid", "summary", "location", "description"):
        equal(name, str(event[name]), expected[name])
    equal("categories", sorted(event.categories), sorted(expected["categories"]))
    equal("busy", str(event["X-MICROSOFT-CDO-BUSYSTATUS"]), expected["busy"])
    (alarm,) = event.walk("VALARM")
    equal("reminder", alarm["trigger"].dt, -datetime.timedelta(minutes=expected["reminder"]))
    organizer = event["organizer"]
    equal("organizer", [address(organizer), organizer.params.get("CN")], expected["organizer"])
    attendees = [
        [address(one), one.params.get("CN"), one.params.get("ROLE"), one.params.get("PARTSTAT")]
        for one in event["attendee"]
    ]
    equal("attendees", attendees, expected["attendees"])


def check_series(name, calendar, expected):
    window = [datetime.datetime.fromisoformat(day + "T00:00:00+00:00") for day in expected["window"]]
    found = {}
    for event in recurring_ical_events.of(calendar).between(*window):
        found.setdefault(str(event["uid"]), []).append(
            [moment(event["dtstart"].dt), moment(event["dtend"].dt), str(event["summary"])]
        )
    equal("uids", sorted(found), sorted(one["uid"] for one in expected["series"]))
    for one in expected["series"]:
        occurrences = sorted(found[one["uid"]])
        equal(f"{name} {one['uid']}", occurrences, sorted(one["occurrences"]))


def address(person):
    scheme, _, rest = str(person).partition(":")
    assert scheme == "mailto", person
    return rest


def moment(value):
    """A day, or an instant in UTC."""
    if not isinstance(value, datetime.datetime):
        return value.isoformat()
    return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def equal(what, found, expected):
    if found == expected:
        return
    if isinstance(found, list) and isinstance(expected, list):
        found, expected = (
            [one for one in found if one not in expected],
            [one for one in expected if one not in found],
        )
    sys.exit(f"{what}:\n  found    {found}\n  expected {expected}")


if __name__ == "__main__":
    main()

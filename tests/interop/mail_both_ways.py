#!/usr/bin/env python3
"""The same messages, written and read by exchangelib and by this library.

The messages are those of messages.json. Each side writes them with its mark before the subject, and
compares what the other wrote with that file, field by field. The other half is
tests/it/interop/mail.rs; run.sh runs both in turn:

  we_write                  this library drafts, sends, flags, moves, attaches, and asks a question
  mail_both_ways.py reply   exchangelib reads that, answers, does the same, and asks a question
  we_read                   this library reads that, answers and forwards
  mail_both_ways.py answers exchangelib looks at the answer and at what was forwarded
"""

import argparse
import json
import os

from exchangelib import Body, ExtendedProperty, FileAttachment, HTMLBody, Mailbox, Message

from exchangelib_calendar import account_options, connected

OURS, THEIRS = "ours: ", "theirs: "
DEFAULTS = {
    "to": [],
    "cc": [],
    "bcc": [],
    "reply_to": [],
    "html": None,
    "text": None,
    "categories": [],
    "sensitivity": "normal",
    "importance": "normal",
    "headers": {},
    "read_receipt": False,
    "files": {},
    "flag": None,
    "read": False,
}


class FlagStatus(ExtendedProperty):
    """The way to the flag on every version (MS-OXOFLAG 2.2.1.1)."""

    property_tag = 0x1090
    property_type = "Integer"


class Ticket(ExtendedProperty):
    """A header that goes out with the message."""

    distinguished_property_set_id = "InternetHeaders"
    property_name = "X-Ticket"
    property_type = "String"


Message.register("flag_status", FlagStatus)
Message.register("ticket", Ticket)
FLAGS = {None: None, "complete": 1, "flagged": 2}


def stories(mark):
    """The messages, as one side writes them."""
    with open(os.path.join(os.path.dirname(__file__), "messages.json"), encoding="utf-8") as file:
        for story in json.load(file):
            yield {**DEFAULTS, **story, "subject": mark + story["subject"]}


def folder_of(account, name):
    return {"drafts": account.drafts, "sent": account.sent, "deleted": account.trash}[name]


def write(account, story):
    def people(kind):
        return [Mailbox(email_address=address) for address in story[kind]] or None

    body = None
    if story["html"] is not None:
        body = HTMLBody(story["html"])
    elif story["text"] is not None:
        body = Body(story["text"])
    message = Message(
        account=account,
        folder=account.drafts,
        subject=story["subject"],
        body=body,
        to_recipients=people("to"),
        cc_recipients=people("cc"),
        bcc_recipients=people("bcc"),
        reply_to=people("reply_to"),
        categories=story["categories"] or None,
        sensitivity=story["sensitivity"].capitalize(),
        importance=story["importance"].capitalize(),
        is_read_receipt_requested=story["read_receipt"],
        ticket=story["headers"].get("X-Ticket"),
    )
    for name, text in story["files"].items():
        message.attach(FileAttachment(name=name, content=text.encode()))
    if story["folder"] == "sent":
        if story["files"]:
            # Before Exchange 2013 exchangelib keeps no copy of what it sends at once with files.
            message.save()
            message.send()
        else:
            message.folder = account.sent
            message.send_and_save()
        message = find(account.sent, story["subject"])
        message.is_read = story["read"]
        message.save(update_fields=["is_read"])
        return
    message.save()
    message.flag_status = FLAGS[story["flag"]]
    message.is_read = story["read"]
    message.save(update_fields=["flag_status", "is_read"] if story["flag"] else ["is_read"])
    if story["folder"] == "deleted":
        message.move(account.trash)


def find(folder, subject):
    found = list(folder.filter(subject=subject))
    assert len(found) == 1, (folder.name, subject, found)
    (found,) = found
    return folder.get(id=found.id)


def read(account, story, folder):
    """The message of that story, as it is on the server."""
    item = find(folder, story["subject"])

    def people(list_of):
        return sorted(one.email_address for one in list_of or [])

    is_html = isinstance(item.body, HTMLBody)
    headers = {one.name: one.value for one in item.headers or [] if one.name == "X-Ticket"}
    if item.ticket:
        headers["X-Ticket"] = item.ticket
    return {
        "subject": item.subject,
        "to": people(item.to_recipients),
        "cc": people(item.cc_recipients),
        "bcc": people(item.bcc_recipients),
        "reply_to": people(item.reply_to),
        "html": str(item.body) if item.body and is_html else None,
        "text": str(item.body) if item.body and not is_html else None,
        "categories": sorted(item.categories or []),
        "sensitivity": item.sensitivity.lower(),
        "importance": item.importance.lower(),
        "headers": headers,
        "read_receipt": bool(item.is_read_receipt_requested),
        "files": {one.name: one.content.decode() for one in item.attachments},
        "flag": {value: name for name, value in FLAGS.items()}[item.flag_status or None],
        "read": item.is_read,
        "folder": story["folder"],
    }


def compare(read_fields, wanted):
    wanted = {name: sorted(value) if isinstance(value, list) else value for name, value in wanted.items()}
    for name, value in wanted.items():
        assert read_fields[name] == value, (wanted["subject"], name, read_fields[name], value)


def compare_all(alice, bob, mark):
    count = 0
    for story in stories(mark):
        compare(read(alice, story, folder_of(alice, story["folder"])), story)
        if story["folder"] == "sent":
            arrived = {**story, "bcc": [], "read": False}
            compare(read(bob, arrived, bob.inbox), arrived)
        count += 1
    assert count > 5


def reply(alice, bob):
    compare_all(alice, bob, OURS)
    question = find(bob.inbox, OURS + "A question")
    question.reply(subject="RE: " + OURS + "A question", body=HTMLBody("<p>Tomorrow</p>"))
    for story in stories(THEIRS):
        write(alice, story)
    compare_all(alice, bob, THEIRS)
    Message(
        account=alice,
        folder=alice.sent,
        subject=THEIRS + "A question",
        body=Body("When?"),
        to_recipients=[bob.primary_smtp_address],
        cc_recipients=["guest@elsewhere.example"],
    ).send_and_save()


def answers(alice, bob):
    question = find(alice.sent, THEIRS + "A question")
    answer = find(alice.inbox, "RE: " + THEIRS + "A question")
    assert answer.sender.email_address == bob.primary_smtp_address, answer.sender
    assert answer.in_reply_to == question.message_id, (answer.in_reply_to, question.message_id)
    assert question.message_id in answer.references, answer.references
    assert [one.email_address for one in answer.to_recipients] == [alice.primary_smtp_address], answer
    assert [one.email_address for one in answer.cc_recipients] == ["guest@elsewhere.example"], answer
    assert "Today" in answer.body and "When?" in answer.body, answer.body
    forwarded = find(alice.inbox, "FW: " + THEIRS + "A question")
    assert "For you" in forwarded.body and "When?" in forwarded.body, forwarded.body


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["reply", "answers"])
    account_options(parser)
    _, alice, bob = connected(parser)
    {"reply": reply, "answers": answers}[parser.parse_args().step](alice, bob)
    print("ok", parser.parse_args().step)


if __name__ == "__main__":
    main()

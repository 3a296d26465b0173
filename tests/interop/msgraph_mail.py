#!/usr/bin/env python3
"""The same messages, written and read by Microsoft's SDK for Graph and by this library over Graph.

As mail_both_ways.py, whose messages these are; run.sh runs in turn:

  we_write                this library drafts, sends, flags, moves, attaches, and asks a question
  msgraph_mail.py reply   the SDK reads that, answers, does the same, and asks a question
  we_read                 this library reads that, answers and forwards
  msgraph_mail.py answers the SDK looks at the answer and at what was forwarded
"""

from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.followup_flag import FollowupFlag
from msgraph.generated.models.followup_flag_status import FollowupFlagStatus
from msgraph.generated.models.importance import Importance
from msgraph.generated.models.internet_message_header import InternetMessageHeader
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.message import Message
from msgraph.generated.models.single_value_legacy_extended_property import (
    SingleValueLegacyExtendedProperty,
)
from msgraph.generated.users.item.messages.item.move.move_post_request_body import MovePostRequestBody
from msgraph.generated.users.item.messages.item.reply.reply_post_request_body import ReplyPostRequestBody
from msgraph.generated.users.item.send_mail.send_mail_post_request_body import SendMailPostRequestBody

from mail_both_ways import OURS, THEIRS, stories
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
    recipients,
    run,
    same,
    word,
)

FOLDERS = {"drafts": "drafts", "sent": "sentitems", "deleted": "deleteditems"}
FLAGS = {None: "notFlagged", "complete": "complete", "flagged": "flagged"}
# PidTagSensitivity: Graph has no property of its own for it (MS-OXCMSG 2.2.1.13).
SENSITIVITY = "Integer 0x36"
SENSITIVITIES = ["normal", "personal", "private", "confidential"]


async def write(alice, story):
    body = None
    if story["html"] is not None:
        body = ItemBody(content_type=BodyType.Html, content=story["html"])
    elif story["text"] is not None:
        body = ItemBody(content_type=BodyType.Text, content=story["text"])
    sensitivity = str(SENSITIVITIES.index(story["sensitivity"]))
    message = Message(
        subject=story["subject"],
        body=body,
        to_recipients=recipients(story["to"]),
        cc_recipients=recipients(story["cc"]),
        bcc_recipients=recipients(story["bcc"]),
        reply_to=recipients(story["reply_to"]),
        categories=story["categories"],
        importance=Importance(story["importance"]),
        is_read_receipt_requested=story["read_receipt"],
        single_value_extended_properties=[SingleValueLegacyExtendedProperty(id=SENSITIVITY, value=sensitivity)],
    )
    if story["headers"]:
        headers = story["headers"].items()
        message.internet_message_headers = [InternetMessageHeader(name=name, value=value) for name, value in headers]
    attached = [file_attachment(name, text.encode()) for name, text in story["files"].items()]
    if story["folder"] == "sent" and not attached:
        await alice.me.send_mail.post(SendMailPostRequestBody(message=message, save_to_sent_items=True))
    else:
        draft = await alice.me.messages.post(message)
        item = alice.me.messages.by_message_id(draft.id)
        for one in attached:
            await item.attachments.post(one)
        if story["folder"] == "sent":
            await item.send.post()
    if story["folder"] == "sent":
        # Sent items are read where they were written.
        copy = await find(alice, "sentitems", story["subject"])
        await alice.me.messages.by_message_id(copy.id).patch(Message(is_read=story["read"]))
        return
    patch = Message(is_read=story["read"])
    if story["flag"]:
        patch.flag = FollowupFlag(flag_status=FollowupFlagStatus(FLAGS[story["flag"]]))
    await item.patch(patch)
    if story["folder"] == "deleted":
        await item.move.post(MovePostRequestBody(destination_id="deleteditems"))


async def find(person, folder, subject):
    """The only message with this subject in the folder."""
    messages = person.me.mail_folders.by_mail_folder_id(folder).messages
    (found,) = await listed(messages, filter=f"subject eq {quoted(subject)}", select=["id"])
    return found


async def read(person, story, folder):
    """The message of that story, as it is on the server."""
    found = await find(person, folder, story["subject"])
    item = person.me.messages.by_message_id(found.id)
    as_text = story["text"] is not None
    expand = [f"singleValueExtendedProperties($filter=id eq '{SENSITIVITY}')"]
    message = await item.get(asked(item, TEXT if as_text else HTML, expand=expand))
    headers = await item.get(asked(item, select=["internetMessageHeaders"]))
    sensitivity = "0"
    for one in message.single_value_extended_properties or []:
        same("property", one.id, SENSITIVITY)
        sensitivity = one.value
    attached = await files(item)
    same("has_attachments", message.has_attachments, bool(attached))
    content = message.body.content or None
    return {
        "subject": message.subject,
        "to": addresses(message.to_recipients),
        "cc": addresses(message.cc_recipients),
        "bcc": addresses(message.bcc_recipients),
        "reply_to": addresses(message.reply_to),
        "html": None if as_text else content,
        "text": content if as_text else None,
        "categories": sorted(message.categories),
        "sensitivity": SENSITIVITIES[int(sensitivity)],
        "importance": word(message.importance),
        "headers": {
            one.name: one.value for one in headers.internet_message_headers or [] if one.name == "X-Ticket"
        },
        "read_receipt": bool(message.is_read_receipt_requested),
        "files": attached,
        "flag": {wire: name for name, wire in FLAGS.items()}[word(message.flag.flag_status)],
        "read": message.is_read,
        "folder": story["folder"],
    }


async def compare_all(alice, bob, mark):
    count = 0
    for story in stories(mark):
        compare(await read(alice, story, FOLDERS[story["folder"]]), story)
        if story["folder"] == "sent":
            arrived = {**story, "bcc": [], "read": False}
            compare(await read(bob, arrived, "inbox"), arrived)
        count += 1
    assert count > 5


async def reply(alice, bob):
    await compare_all(alice, bob, OURS)
    question = await find(bob, "inbox", OURS + "A question")
    item = bob.me.messages.by_message_id(question.id)
    await item.reply.post(ReplyPostRequestBody(comment="Tomorrow"))
    for story in stories(THEIRS):
        await write(alice, story)
    await compare_all(alice, bob, THEIRS)
    question = Message(
        subject=THEIRS + "A question",
        body=ItemBody(content_type=BodyType.Text, content="When?"),
        to_recipients=recipients([bob.address]),
        cc_recipients=recipients(["guest@elsewhere.example"]),
    )
    await alice.me.send_mail.post(SendMailPostRequestBody(message=question, save_to_sent_items=True))


async def answers(alice, bob):
    sent = alice.me.messages.by_message_id((await find(alice, "sentitems", THEIRS + "A question")).id)
    question = await sent.get()
    item = alice.me.messages.by_message_id((await find(alice, "inbox", "RE: " + THEIRS + "A question")).id)
    answer = await item.get(asked(item, TEXT))
    same("sender", answer.sender.email_address.address, bob.address)
    same("conversation", answer.conversation_id, question.conversation_id)
    named = await item.get(asked(item, select=["internetMessageHeaders"]))
    headers = {one.name.lower(): one.value for one in named.internet_message_headers}
    same("in_reply_to", headers["in-reply-to"], question.internet_message_id)
    assert question.internet_message_id in headers["references"], headers
    same("to", addresses(answer.to_recipients), [alice.address])
    same("cc", addresses(answer.cc_recipients), ["guest@elsewhere.example"])
    assert "Today" in answer.body.content and "When?" in answer.body.content, answer.body.content
    item = alice.me.messages.by_message_id((await find(alice, "inbox", "FW: " + THEIRS + "A question")).id)
    forwarded = await item.get(asked(item, TEXT))
    assert "For you" in forwarded.body.content and "When?" in forwarded.body.content, forwarded.body.content


async def main(alice, bob, step):
    await {"reply": reply, "answers": answers}[step](alice, bob)


if __name__ == "__main__":
    run(main, "reply", "answers")

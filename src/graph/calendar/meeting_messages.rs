//! Messages about meetings.

use super::GraphMailbox;
use crate::graph::call::Call;
use crate::graph::permission::Permission;
use crate::graph::{convert, wire};
use crate::listing::Listing;
use crate::model::MeetingMessage;

const OPERATION: &str = "list_meeting_messages";

/// The class of a message, which is what tells of it; messages cannot be chosen by their type. What the classes of all
/// that are about meetings begin with: MS-OXOCAL 2.2.5 and after.
///
/// What is sorted by has to stand first in a filter.
const CONDITION: &str = "receivedDateTime ge 1900-01-01T00:00:00Z and singleValueExtendedProperties/any(ep:ep/id eq 'String 0x001A' and startswith(ep/value,'IPM.Schedule.Meeting'))";

/// How many come a page.
const PAGE: &str = "100";

/// Those in the Inbox, newest first.
pub(super) fn list(mailbox: &GraphMailbox) -> Listing<MeetingMessage> {
    let path = ["mailFolders", "inbox", "messages"];
    let call = Call::get(OPERATION, &path, Permission::MailRead)
        .query("$filter", CONDITION)
        .query("$orderby", "receivedDateTime desc")
        .query("$expand", "microsoft.graph.eventMessage/event")
        .query("$top", PAGE);
    let read = |wire: wire::EventMessage| Ok(convert::meeting_message(&wire));
    mailbox.client.list(call, read)
}

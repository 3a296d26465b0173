use serde::Serialize;

use super::{Items, Needs, Operation, ResponseMessage, response_messages};
use crate::ews::ServerVersion;
use crate::ews::types::{FolderIdRef, Item};
use crate::xml::{Element, Problem, Tag, names};

names! {
    /// What to do with a message that is created or changed.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/createitem>
    pub enum MessageDisposition {
        SaveOnly = "SaveOnly",
        SendOnly = "SendOnly",
        SendAndSaveCopy = "SendAndSaveCopy",
    }
}

names! {
    /// To whom to send invitations to a meeting that is created.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/createitem>
    pub enum SendMeetingInvitations {
        SendToNone = "SendToNone",
        SendOnlyToAll = "SendOnlyToAll",
        SendToAllAndSaveCopy = "SendToAllAndSaveCopy",
    }
}

/// Creates items, sends messages, answers invitations.
///
/// Exchange 2007 and later. Sending it twice creates twice.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/createitem-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CreateItem {
    /// For messages, and for answers to meetings: send, save or both.
    pub message_disposition: Option<MessageDisposition>,
    /// For calendar items: to whom to send invitations.
    pub send_meeting_invitations: Option<SendMeetingInvitations>,
    /// Where to put the items, or the copies of what is sent.
    pub saved_item_folder: Option<FolderIdRef>,
    /// The items; one at least.
    pub items: Vec<Item>,
}

impl CreateItem {
    /// Creates calendar items.
    pub fn calendar(items: Vec<Item>, send: SendMeetingInvitations) -> Self {
        Self {
            message_disposition: None,
            send_meeting_invitations: Some(send),
            saved_item_folder: None,
            items,
        }
    }

    /// Creates messages or answers.
    pub fn messages(items: Vec<Item>, disposition: MessageDisposition) -> Self {
        Self {
            message_disposition: Some(disposition),
            send_meeting_invitations: None,
            saved_item_folder: None,
            items,
        }
    }

    /// Puts them into that folder.
    #[must_use]
    pub fn into_folder(mut self, folder: impl Into<FolderIdRef>) -> Self {
        self.saved_item_folder = Some(folder.into());
        self
    }
}

impl Operation for CreateItem {
    type Response = Vec<ResponseMessage<CreatedItems>>;

    const NAME: &'static str = "CreateItem";
    const REPEATABLE: bool = false;

    fn requested(&self) -> Option<usize> {
        Some(self.items.len())
    }

    fn needs(&self, needs: &mut Needs) {
        if let Some(folder) = &self.saved_item_folder {
            needs.folders(std::slice::from_ref(folder));
        }
        if self.items.is_empty() {
            needs.refuse("there is no item to create");
        }
        for item in &self.items {
            item.for_each_set(&mut |uri, _, _| {
                if let Some(uri) = uri {
                    needs.field(&uri);
                }
            });
            if let Item::Response(answer) = item
                && (answer.proposed_start.is_some() || answer.proposed_end.is_some())
            {
                needs.at_least("ProposedStart", ServerVersion::Exchange2013Sp1);
            }
            let (is_calendar_item, is_other) = match item {
                Item::CalendarItem(_) => (true, false),
                _ => (false, true),
            };
            if is_calendar_item && self.send_meeting_invitations.is_none() {
                needs.refuse("a calendar item needs SendMeetingInvitations");
            }
            if is_other && self.message_disposition.is_none() {
                needs.refuse("a message needs MessageDisposition");
            }
        }
    }

    fn write(&self, request: Tag<'_>) {
        request
            .attribute_if("MessageDisposition", self.message_disposition.as_ref())
            .attribute_if(
                "SendMeetingInvitations",
                self.send_meeting_invitations.as_ref(),
            )
            .children(|body| {
                if let Some(folder) = &self.saved_item_folder {
                    body.tag("m:SavedItemFolderId")
                        .children(|out| folder.write(out));
                }
                body.tag("m:Items").children(|out| {
                    for item in &self.items {
                        item.write(out);
                    }
                });
            });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, |created: &mut CreatedItems, child| {
            created.0.read(child)
        })
    }
}

/// The identifiers of what was created; none for what was only sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct CreatedItems(pub Items);

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::ews::ServerVersion;
use crate::ews::operation::Needs;
use crate::xml::{Children, names};

use super::{Body, ItemId, Mailbox};

names! {
    /// What an answer to a meeting says.
    pub enum ResponseObjectKind {
        AcceptItem = "AcceptItem",
        TentativelyAcceptItem = "TentativelyAcceptItem",
        DeclineItem = "DeclineItem",
        CancelCalendarItem = "CancelCalendarItem",
    }
}

/// An answer to a meeting, or its cancellation: created like an item.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/cancelcalendaritem>
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ResponseObject {
    /// What it says.
    #[serde(skip)]
    pub kind: ResponseObjectKind,
    /// The meeting, with its change key.
    pub reference_item_id: ItemId,
    /// What to say with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// Who else gets a copy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cc_recipients: Vec<Mailbox>,
    /// When the meeting should begin instead. Not for cancellations; Exchange 2013 SP1 and later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed_start: Option<DateTime<Utc>>,
    /// When the meeting should end instead. Not for cancellations; Exchange 2013 SP1 and later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed_end: Option<DateTime<Utc>>,
}

impl ResponseObject {
    /// An answer without words.
    pub fn new(kind: ResponseObjectKind, reference_item_id: ItemId) -> Self {
        Self {
            kind,
            reference_item_id,
            body: None,
            cc_recipients: Vec::new(),
            proposed_start: None,
            proposed_end: None,
        }
    }

    /// The same answer with words.
    #[must_use]
    pub fn with_body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    pub(crate) fn needs(&self, needs: &mut Needs) {
        if self.proposed_start.is_some() || self.proposed_end.is_some() {
            needs.at_least("ProposedStart", ServerVersion::Exchange2013Sp1);
        }
    }

    pub(crate) fn write(&self, out: &mut Children<'_>) {
        let is_cancellation = self.kind == ResponseObjectKind::CancelCalendarItem;
        out.tag(&format!("t:{}", self.kind)).children(|out| {
            // A cancellation puts its words into NewBodyContent, the others into Body.
            if !is_cancellation {
                out.value_if("t:Body", self.body.as_ref());
            }
            if !self.cc_recipients.is_empty() {
                out.value("t:CcRecipients", &self.cc_recipients);
            }
            out.value("t:ReferenceItemId", &self.reference_item_id);
            if is_cancellation {
                out.value_if("t:NewBodyContent", self.body.as_ref());
            } else {
                out.value_if("t:ProposedStart", self.proposed_start.as_ref());
                out.value_if("t:ProposedEnd", self.proposed_end.as_ref());
            }
        });
    }
}

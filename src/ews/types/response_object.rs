use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::ews::ServerVersion;
use crate::ews::operation::Needs;
use crate::xml::{Children, names};

use super::{Body, Gate, ItemId, Mailbox, Sensitivity, SingleRecipient};

names! {
    /// What is done with an item: answering a meeting, calling it off, replying, forwarding.
    pub enum ResponseObjectKind {
        AcceptItem = "AcceptItem",
        TentativelyAcceptItem = "TentativelyAcceptItem",
        DeclineItem = "DeclineItem",
        /// The organiser calls a meeting off.
        CancelCalendarItem = "CancelCalendarItem",
        /// Passes an item on to others.
        ForwardItem = "ForwardItem",
        /// Answers the sender.
        ReplyToItem = "ReplyToItem",
        /// Answers the sender and all recipients.
        ReplyAllToItem = "ReplyAllToItem",
        /// Takes the meeting that a cancellation is about out of the calendar.
        RemoveItem = "RemoveItem",
        /// Sends no read receipt for a message.
        SuppressReadReceipt = "SuppressReadReceipt",
    }
}

impl ResponseObjectKind {
    /// Whether it answers an invitation: such have a `Body` and may propose another time.
    fn is_registration(self) -> bool {
        matches!(
            self,
            Self::AcceptItem | Self::TentativelyAcceptItem | Self::DeclineItem
        )
    }

    /// Whether it is made of the item itself: such have a subject of their own and put their words
    /// (`NewBodyContent`) before the body there is.
    fn is_smart(self) -> bool {
        matches!(
            self,
            Self::CancelCalendarItem | Self::ForwardItem | Self::ReplyToItem | Self::ReplyAllToItem
        )
    }
}

/// Something done with an item, and what is said with it: created like an item.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/acceptitem>,
/// <https://learn.microsoft.com/exchange/client-developer/web-service-reference/forwarditem>,
/// <https://learn.microsoft.com/exchange/client-developer/web-service-reference/cancelcalendaritem>,
/// <https://learn.microsoft.com/exchange/client-developer/web-service-reference/removeitem>
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ResponseObject {
    /// What is done.
    #[serde(skip)]
    pub kind: ResponseObjectKind,
    /// The item, with its change key: a calendar item, or a message about a meeting, or for
    /// forwarding and replying any message.
    pub reference_item_id: ItemId,
    /// How private it is; for answers to invitations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Sensitivity>,
    /// A subject other than the server would make; not for answers to invitations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What to say with it: `Body` for answers to invitations, `NewBodyContent` for the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// Who it is to; needed for forwarding, otherwise the server knows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to_recipients: Vec<Mailbox>,
    /// Who else gets a copy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cc_recipients: Vec<Mailbox>,
    /// Who else gets a copy nobody sees.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bcc_recipients: Vec<Mailbox>,
    /// Whether the sender wants to know when it is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_read_receipt_requested: Option<bool>,
    /// Whether the sender wants to know when it is delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_delivery_receipt_requested: Option<bool>,
    /// In whose name it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<SingleRecipient>,
    /// When the meeting should begin instead. For answers to invitations; Exchange 2013 SP1 and later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed_start: Option<DateTime<Utc>>,
    /// When the meeting should end instead. For answers to invitations; Exchange 2013 SP1 and later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed_end: Option<DateTime<Utc>>,
}

impl ResponseObject {
    /// An answer without words.
    pub fn new(kind: ResponseObjectKind, reference_item_id: ItemId) -> Self {
        Self {
            kind,
            reference_item_id,
            sensitivity: None,
            subject: None,
            body: None,
            to_recipients: Vec::new(),
            cc_recipients: Vec::new(),
            bcc_recipients: Vec::new(),
            is_read_receipt_requested: None,
            is_delivery_receipt_requested: None,
            from: None,
            proposed_start: None,
            proposed_end: None,
        }
    }

    /// Passes that item on to these.
    pub fn forward(
        reference_item_id: ItemId,
        to_recipients: impl IntoIterator<Item = Mailbox>,
    ) -> Self {
        Self {
            to_recipients: to_recipients.into_iter().collect(),
            ..Self::new(ResponseObjectKind::ForwardItem, reference_item_id)
        }
    }

    /// The same answer with words.
    #[must_use]
    pub fn with_body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    /// What is newer than Exchange 2007, and what this kind cannot have.
    pub(crate) fn needs(&self, needs: &mut Needs) {
        let proposes = self.proposed_start.is_some() || self.proposed_end.is_some();
        if proposes {
            needs.at_least("ProposedStart", ServerVersion::Exchange2013Sp1);
        }
        let (is_registration, is_smart) = (self.kind.is_registration(), self.kind.is_smart());
        let says = self.body.is_some()
            || self.is_read_receipt_requested.is_some()
            || self.is_delivery_receipt_requested.is_some()
            || self.from.is_some()
            || self.recipients().next().is_some();
        for (is_there, is_allowed, what) in [
            (proposes, is_registration, "ProposedStart"),
            (self.sensitivity.is_some(), is_registration, "Sensitivity"),
            (self.subject.is_some(), is_smart, "Subject"),
            (says, is_registration || is_smart, "words and recipients"),
        ] {
            if is_there && !is_allowed {
                needs.refuse(&format!("{} cannot have {what}", self.kind));
            }
        }
        for mailbox in self.recipients() {
            mailbox.gate(needs);
        }
        if let Some(from) = &self.from {
            from.gate(needs);
        }
    }

    /// Forwarding goes to nobody unless somebody is named; a draft can get recipients later.
    pub(crate) fn needs_recipient(&self) -> bool {
        self.kind == ResponseObjectKind::ForwardItem && self.recipients().next().is_none()
    }

    fn recipients(&self) -> impl Iterator<Item = &Mailbox> {
        (self.to_recipients.iter())
            .chain(&self.cc_recipients)
            .chain(&self.bcc_recipients)
    }

    pub(crate) fn write(&self, out: &mut Children<'_>) {
        let is_registration = self.kind.is_registration();
        out.tag(&format!("t:{}", self.kind)).children(|out| {
            out.value_if("t:Subject", self.subject.as_ref());
            out.value_if("t:Sensitivity", self.sensitivity.as_ref());
            if is_registration {
                out.value_if("t:Body", self.body.as_ref());
            }
            for (name, mailboxes) in [
                ("t:ToRecipients", &self.to_recipients),
                ("t:CcRecipients", &self.cc_recipients),
                ("t:BccRecipients", &self.bcc_recipients),
            ] {
                if !mailboxes.is_empty() {
                    out.value(name, mailboxes);
                }
            }
            out.value_if(
                "t:IsReadReceiptRequested",
                self.is_read_receipt_requested.as_ref(),
            );
            out.value_if(
                "t:IsDeliveryReceiptRequested",
                self.is_delivery_receipt_requested.as_ref(),
            );
            out.value_if("t:From", self.from.as_ref());
            out.value("t:ReferenceItemId", &self.reference_item_id);
            if !is_registration {
                out.value_if("t:NewBodyContent", self.body.as_ref());
            }
            out.value_if("t:ProposedStart", self.proposed_start.as_ref());
            out.value_if("t:ProposedEnd", self.proposed_end.as_ref());
        });
    }
}

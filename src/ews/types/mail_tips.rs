use serde::Serialize;

use crate::xml::{Element, ListItem, Problem, ReadElement, names};

use super::{Mailbox, ReplyBody, TimeWindow, record};

names! {
    /// What can be asked about a recipient.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/mailtipsrequested>
    pub open enum MailTipType {
        All = "All",
        OutOfOfficeMessage = "OutOfOfficeMessage",
        MailboxFullStatus = "MailboxFullStatus",
        CustomMailTip = "CustomMailTip",
        ExternalMemberCount = "ExternalMemberCount",
        TotalMemberCount = "TotalMemberCount",
        MaxMessageSize = "MaxMessageSize",
        DeliveryRestriction = "DeliveryRestriction",
        ModerationStatus = "ModerationStatus",
        InvalidRecipient = "InvalidRecipient",
        /// Exchange 2013 and later.
        Scope = "Scope",
        /// Exchange 2016 and later.
        RecipientSuggestions = "RecipientSuggestions",
        /// Exchange 2016 and later.
        PreferAccessibleContent = "PreferAccessibleContent",
    }
}

/// Several of them, as `OutOfOfficeMessage MailboxFullStatus`.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct MailTipTypes(pub Vec<MailTipType>);

impl ReadElement for MailTipTypes {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let text = node.text()?;
        let types = text.split_ascii_whitespace().map(MailTipType::named);
        Ok(Some(Self(types.collect())))
    }
}

impl crate::xml::WriteElement for MailTipTypes {
    fn write_element(&self, tag: crate::xml::Tag<'_>) {
        let names: Vec<&str> = self.0.iter().map(MailTipType::as_str).collect();
        tag.text(names.join(" ").as_str());
    }
}

record! {
    /// That somebody is away, and what they answer.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/outofoffice>
    pub struct OutOfOfficeMailTip {
        /// The answer, as text; empty if the person is there.
        reply_body: ReplyBody = "ReplyBody",
        /// When they are away.
        duration: TimeWindow = "Duration",
    }
}

record! {
    /// What to know of one recipient before a message is sent.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/mailtips>
    pub struct MailTips {
        /// Whom it is about.
        recipient_address: Mailbox = "RecipientAddress",
        /// What could not be found out in time.
        pending_mail_tips: MailTipTypes = "PendingMailTips",
        /// That the person is away.
        out_of_office: OutOfOfficeMailTip = "OutOfOffice",
        /// Whether the mailbox takes no more messages.
        mailbox_full: bool = "MailboxFull",
        /// What the administrator has to say, in HTML.
        custom_mail_tip: String = "CustomMailTip",
        /// How many members a group has.
        total_member_count: i32 = "TotalMemberCount",
        /// How many members of a group are outside the organisation.
        external_member_count: i32 = "ExternalMemberCount",
        /// Bytes a message may have; zero or less for no limit.
        max_message_size: i32 = "MaxMessageSize",
        /// Whether the caller may not send to them.
        delivery_restricted: bool = "DeliveryRestricted",
        /// Whether somebody must approve messages to them.
        is_moderated: bool = "IsModerated",
        /// Whether there is nobody of that address.
        invalid_recipient: bool = "InvalidRecipient",
        /// Inside or outside, as a bit field. Exchange 2013 and later.
        scope: i32 = "Scope" since Exchange2013,
        /// Others that may be meant. Exchange 2016 and later.
        recipient_suggestions: Vec<RecipientSuggestion> = "RecipientSuggestions" since Exchange2016,
        /// Whether they prefer messages that everybody can read. Exchange 2016 and later.
        prefer_accessible_content: bool = "PreferAccessibleContent" since Exchange2016,
    }
}

record! {
    /// Somebody else that may be meant.
    pub struct RecipientSuggestion {
        /// The name.
        display_name: String = "DisplayName",
        /// The SMTP address.
        email_address: String = "EmailAddress",
    }
}

impl ListItem for RecipientSuggestion {
    const TAG: &'static str = "t:RecipientSuggestion";
}

use crate::xml::Base64;

use super::{ItemProperties, Mailbox, RawXml, SingleRecipient, record};

record! {
    /// A message.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/message-ex15websvcsotherref>
    pub struct Message(
        /// The properties all items have.
        item: ItemProperties
    ) {
        /// Who sent it.
        sender: SingleRecipient = "Sender" @ MessageSender,
        /// Who it is to.
        to_recipients: Vec<Mailbox> = "ToRecipients" @ MessageToRecipients,
        /// Who gets a copy.
        cc_recipients: Vec<Mailbox> = "CcRecipients" @ MessageCcRecipients,
        /// Who gets a copy nobody sees.
        bcc_recipients: Vec<Mailbox> = "BccRecipients" @ MessageBccRecipients,
        /// Whether the sender wants to know when it is read.
        is_read_receipt_requested: bool = "IsReadReceiptRequested" @ MessageIsReadReceiptRequested,
        /// Whether the sender wants to know when it is delivered.
        is_delivery_receipt_requested: bool = "IsDeliveryReceiptRequested" @ MessageIsDeliveryReceiptRequested,
        /// Its place in the conversation.
        conversation_index: Base64 = "ConversationIndex" @ MessageConversationIndex,
        /// What the conversation is about.
        conversation_topic: String = "ConversationTopic" @ MessageConversationTopic,
        /// In whose name it was sent.
        from: SingleRecipient = "From" @ MessageFrom,
        /// Identifies it on the Internet, as `<…@…>`.
        internet_message_id: String = "InternetMessageId" @ MessageInternetMessageId,
        /// Whether it was read.
        is_read: bool = "IsRead" @ MessageIsRead,
        /// Whether an answer is wanted.
        is_response_requested: bool = "IsResponseRequested" @ MessageIsResponseRequested,
        /// The messages before it in the thread.
        references: String = "References" @ MessageReferences,
        /// Who an answer should go to.
        reply_to: Vec<Mailbox> = "ReplyTo" @ MessageReplyTo,
        /// Who received it. Exchange 2007 SP1 and later.
        received_by: SingleRecipient = "ReceivedBy" @ MessageReceivedBy,
        /// For whom it was received. Exchange 2007 SP1 and later.
        received_representing: SingleRecipient = "ReceivedRepresenting" @ MessageReceivedRepresenting,
        /// What must be approved, as the server wrote it. Exchange 2013 and later.
        approval_request_data: RawXml = "ApprovalRequestData" @ MessageApprovalRequestData,
        /// What can be voted on, as the server wrote it. Exchange 2013 and later.
        voting_information: RawXml = "VotingInformation" @ MessageVotingInformation,
        /// What it reminds of, as the server wrote it. Exchange 2013 and later.
        reminder_message_data: RawXml = "ReminderMessageData" @ MessageReminderMessageData,
        /// How safe the server takes it to be, as it wrote it.
        message_safety: RawXml = "MessageSafety" since Exchange2016,
        /// The sender's SMTP address.
        sender_smtp_address: String = "SenderSMTPAddress" since Exchange2016,
        /// The mailboxes it is in, as the server wrote it.
        mailbox_guids: RawXml = "MailboxGuids" since Exchange2016,
        /// A calendar item that was published, as iCalendar.
        published_calendar_item_ics: String = "PublishedCalendarItemIcs" since Exchange2016,
        /// The name of a calendar item that was published.
        published_calendar_item_name: String = "PublishedCalendarItemName" since Exchange2016,
    }
}

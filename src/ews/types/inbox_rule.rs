use chrono::{DateTime, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::ews::DistinguishedFolderId;
use crate::ews::operation::Needs;
use crate::xml::{Element, ListItem, Problem, ReadElement, Tag, WriteElement, names};

use super::{FolderId, FolderIdRef, Gate, Importance, ItemId, Mailbox, Sensitivity, record};

names! {
    /// What a message is flagged for.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/flaggedforaction>
    pub open enum FlaggedForAction {
        Any = "Any",
        Call = "Call",
        DoNotForward = "DoNotForward",
        FollowUp = "FollowUp",
        Fyi = "FYI",
        Forward = "Forward",
        NoResponseNecessary = "NoResponseNecessary",
        Read = "Read",
        Reply = "Reply",
        ReplyToAll = "ReplyToAll",
        Review = "Review",
    }
}

names! {
    /// Why a rule is refused.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/errorcode-rulevalidationerrorcodetype>
    pub open enum RuleValidationErrorCode {
        ADOperationFailure = "ADOperationFailure",
        ConnectedAccountNotFound = "ConnectedAccountNotFound",
        CreateWithRuleId = "CreateWithRuleId",
        EmptyValueFound = "EmptyValueFound",
        DuplicatedPriority = "DuplicatedPriority",
        DuplicatedOperationOnTheSameRule = "DuplicatedOperationOnTheSameRule",
        FolderDoesNotExist = "FolderDoesNotExist",
        InvalidAddress = "InvalidAddress",
        InvalidDateRange = "InvalidDateRange",
        InvalidFolderId = "InvalidFolderId",
        InvalidSizeRange = "InvalidSizeRange",
        InvalidValue = "InvalidValue",
        MessageClassificationNotFound = "MessageClassificationNotFound",
        MissingAction = "MissingAction",
        MissingParameter = "MissingParameter",
        MissingRangeValue = "MissingRangeValue",
        NotSettable = "NotSettable",
        RecipientDoesNotExist = "RecipientDoesNotExist",
        RuleNotFound = "RuleNotFound",
        SizeLessThanZero = "SizeLessThanZero",
        StringValueTooBig = "StringValueTooBig",
        UnsupportedAddress = "UnsupportedAddress",
        UnexpectedError = "UnexpectedError",
        UnsupportedRule = "UnsupportedRule",
    }
}

/// Addresses of a rule, each an `Address`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct RuleAddresses(pub Vec<Mailbox>);

impl ReadElement for RuleAddresses {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let mut read = Self::default();
        node.for_each(|child| {
            match child.name() {
                "Address" => read.0.extend(Mailbox::read_element(child)?),
                _ => child.skip()?,
            }
            Ok(())
        })?;
        Ok(Some(read))
    }
}

impl WriteElement for RuleAddresses {
    fn write_element(&self, tag: Tag<'_>) {
        tag.children(|out| {
            for mailbox in &self.0 {
                out.value("t:Address", mailbox);
            }
        });
    }
}

impl Gate for RuleAddresses {
    fn gate(&self, needs: &mut Needs) {
        self.0.gate(needs);
    }
}

/// The folder a rule puts messages into.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetFolder(pub FolderIdRef);

impl ReadElement for TargetFolder {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let mut found = None;
        node.for_each(|child| {
            match child.name() {
                "FolderId" => found = FolderId::read_element(child)?.map(FolderIdRef::Id),
                "DistinguishedFolderId" => {
                    let id: Option<DistinguishedFolderId> = child.attribute("Id")?;
                    let mut mailbox = None;
                    child.for_each(|part| match part.name() {
                        "Mailbox" => Mailbox::read_into(&mut mailbox, part),
                        _ => part.skip(),
                    })?;
                    found = id.map(|id| FolderIdRef::Distinguished(id, mailbox));
                }
                _ => child.skip()?,
            }
            Ok(())
        })?;
        Ok(found.map(Self))
    }
}

impl WriteElement for TargetFolder {
    fn write_element(&self, tag: Tag<'_>) {
        tag.children(|out| self.0.write(out));
    }
}

impl Gate for TargetFolder {
    fn gate(&self, needs: &mut Needs) {
        needs.folders(std::slice::from_ref(&self.0));
    }
}

impl Serialize for TargetFolder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match &self.0 {
            FolderIdRef::Id(id) => map.serialize_entry("FolderId", id)?,
            FolderIdRef::Distinguished(id, _) => {
                map.serialize_entry("DistinguishedFolderId", id.as_str())?;
            }
        }
        map.end()
    }
}

record! {
    /// From when until when; one of them may be open.
    pub struct RuleDateRange {
        /// Not before.
        start_date_time: DateTime<Utc> = "StartDateTime",
        /// Not after.
        end_date_time: DateTime<Utc> = "EndDateTime",
    }
}

record! {
    /// From how large until how large, in kilobytes; one of them may be open.
    pub struct RuleSizeRange {
        /// Not less.
        minimum_size: i32 = "MinimumSize",
        /// Not more.
        maximum_size: i32 = "MaximumSize",
    }
}

record! {
    /// Which messages a rule is for, or which not. Of conditions all must hold, of exceptions one is
    /// enough; of several texts or addresses one is enough. A switch that is `false` says nothing.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/conditions>
    pub struct RulePredicates {
        /// It has one of these categories.
        categories: Vec<String> = "Categories",
        /// The body has one of these texts.
        contains_body_strings: Vec<String> = "ContainsBodyStrings",
        /// The headers have one of these texts.
        contains_header_strings: Vec<String> = "ContainsHeaderStrings",
        /// The address of a recipient has one of these texts.
        contains_recipient_strings: Vec<String> = "ContainsRecipientStrings",
        /// The address of the sender has one of these texts.
        contains_sender_strings: Vec<String> = "ContainsSenderStrings",
        /// The subject or the body has one of these texts.
        contains_subject_or_body_strings: Vec<String> = "ContainsSubjectOrBodyStrings",
        /// The subject has one of these texts.
        contains_subject_strings: Vec<String> = "ContainsSubjectStrings",
        /// It is flagged for that.
        flagged_for_action: FlaggedForAction = "FlaggedForAction",
        /// It is from one of these.
        from_addresses: RuleAddresses = "FromAddresses",
        /// It came by one of these accounts.
        from_connected_accounts: Vec<String> = "FromConnectedAccounts",
        /// Something is attached.
        has_attachments: bool = "HasAttachments",
        /// It is that important.
        importance: Importance = "Importance",
        /// It asks for approval.
        is_approval_request: bool = "IsApprovalRequest",
        /// It was forwarded by a rule.
        is_automatic_forward: bool = "IsAutomaticForward",
        /// It is an automatic reply.
        is_automatic_reply: bool = "IsAutomaticReply",
        /// It is encrypted.
        is_encrypted: bool = "IsEncrypted",
        /// It is an invitation.
        is_meeting_request: bool = "IsMeetingRequest",
        /// It answers an invitation.
        is_meeting_response: bool = "IsMeetingResponse",
        /// It says that a message was not delivered.
        is_ndr: bool = "IsNDR",
        /// Its rights are managed.
        is_permission_controlled: bool = "IsPermissionControlled",
        /// It is a read receipt.
        is_read_receipt: bool = "IsReadReceipt",
        /// It is signed.
        is_signed: bool = "IsSigned",
        /// It is a voice message.
        is_voicemail: bool = "IsVoicemail",
        /// It is of one of these classes, as `IPM.Note`.
        item_classes: Vec<String> = "ItemClasses",
        /// It is classified as one of these.
        message_classifications: Vec<String> = "MessageClassifications",
        /// The owner is in none of the lists of recipients.
        not_sent_to_me: bool = "NotSentToMe",
        /// The owner gets a copy.
        sent_cc_me: bool = "SentCcMe",
        /// It is to the owner and nobody else.
        sent_only_to_me: bool = "SentOnlyToMe",
        /// It is to one of these.
        sent_to_addresses: RuleAddresses = "SentToAddresses",
        /// It is to the owner.
        sent_to_me: bool = "SentToMe",
        /// It is to the owner, or the owner gets a copy.
        sent_to_or_cc_me: bool = "SentToOrCcMe",
        /// It is that private.
        sensitivity: Sensitivity = "Sensitivity",
        /// It came then.
        within_date_range: RuleDateRange = "WithinDateRange",
        /// It is so large.
        within_size_range: RuleSizeRange = "WithinSizeRange",
    }
}

record! {
    /// What a rule does.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/actions>
    pub struct RuleActions {
        /// Gives it these categories.
        assign_categories: Vec<String> = "AssignCategories",
        /// Copies it there.
        copy_to_folder: TargetFolder = "CopyToFolder",
        /// Moves it to Deleted Items.
        delete: bool = "Delete",
        /// Forwards it as an attachment to these.
        forward_as_attachment_to_recipients: RuleAddresses = "ForwardAsAttachmentToRecipients",
        /// Forwards it to these.
        forward_to_recipients: RuleAddresses = "ForwardToRecipients",
        /// Makes it that important.
        mark_importance: Importance = "MarkImportance",
        /// Marks it as read.
        mark_as_read: bool = "MarkAsRead",
        /// Moves it there.
        move_to_folder: TargetFolder = "MoveToFolder",
        /// Deletes it for good.
        permanent_delete: bool = "PermanentDelete",
        /// Sends it on to these as if the sender had.
        redirect_to_recipients: RuleAddresses = "RedirectToRecipients",
        /// Tells these by text message.
        send_sms_alert_to_recipients: RuleAddresses = "SendSMSAlertToRecipients",
        /// Answers with that message.
        server_reply_with_message: ItemId = "ServerReplyWithMessage",
        /// Leaves out the rules after it.
        stop_processing_rules: bool = "StopProcessingRules",
    }
}

record! {
    /// What happens to messages as they come in.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/rule-ruletype>
    pub struct Rule {
        /// Identifies it; the server makes it.
        rule_id: String = "RuleId",
        /// What it is called; needed for writing.
        display_name: String = "DisplayName",
        /// Its place in the order, from 1; needed for writing.
        priority: i32 = "Priority",
        /// Whether it is in force; needed for writing.
        is_enabled: bool = "IsEnabled",
        /// Whether it has parts that these operations cannot speak of. For reading.
        is_not_supported: bool = "IsNotSupported",
        /// Whether it cannot be carried out. For reading.
        is_in_error: bool = "IsInError",
        /// For which messages; for all if nothing is said.
        conditions: RulePredicates = "Conditions",
        /// For which of them not.
        exceptions: RulePredicates = "Exceptions",
        /// What it does.
        actions: RuleActions = "Actions",
    }
}

impl Rule {
    /// A rule in force.
    pub fn new(display_name: impl Into<String>, priority: i32, actions: RuleActions) -> Self {
        Self {
            display_name: Some(display_name.into()),
            priority: Some(priority),
            is_enabled: Some(true),
            actions: Some(actions),
            ..Self::default()
        }
    }
}

impl ListItem for Rule {
    const TAG: &'static str = "t:Rule";
}

record! {
    /// What is wrong with one part of a rule.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/error>
    pub struct RuleValidationError {
        /// Which part, as `Condition:FromAddresses`.
        field_uri: String = "FieldURI",
        /// What is wrong.
        error_code: RuleValidationErrorCode = "ErrorCode",
        /// What is wrong, in words.
        error_message: String = "ErrorMessage",
        /// What was given.
        field_value: String = "FieldValue",
    }
}

impl ListItem for RuleValidationError {
    const TAG: &'static str = "t:Error";
}

record! {
    /// What is wrong with one change of a request.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/ruleoperationerror>
    pub struct RuleOperationError {
        /// Which change, counted from 0.
        operation_index: i32 = "OperationIndex",
        /// What is wrong with it.
        validation_errors: Vec<RuleValidationError> = "ValidationErrors",
    }
}

impl ListItem for RuleOperationError {
    const TAG: &'static str = "t:RuleOperationError";
}

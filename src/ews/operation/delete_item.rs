use super::{Needs, Operation, ResponseMessage, response_messages, pick};
use crate::ews::ServerVersion;
use crate::ews::types::ItemIdRef;
use crate::xml::{Element, Problem, Tag, names};

names! {
    /// Where a deleted item goes.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/deleteitem>
    pub enum DeleteType {
        /// Nowhere.
        HardDelete = "HardDelete",
        /// Where it can be recovered from.
        SoftDelete = "SoftDelete",
        /// To Deleted Items.
        MoveToDeletedItems = "MoveToDeletedItems",
    }
}

names! {
    /// To whom to send word that a meeting is called off.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/deleteitem>
    pub enum SendMeetingCancellations {
        SendToNone = "SendToNone",
        SendOnlyToAll = "SendOnlyToAll",
        SendToAllAndSaveCopy = "SendToAllAndSaveCopy",
    }
}

names! {
    /// Which occurrences of a task to delete.
    pub enum AffectedTaskOccurrences {
        AllOccurrences = "AllOccurrences",
        SpecifiedOccurrenceOnly = "SpecifiedOccurrenceOnly",
    }
}

/// Deletes items.
///
/// Exchange 2007 and later. It is not repeated in doubt: with cancellations it would send them
/// twice, and the second answer would say that the item does not exist.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/deleteitem-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DeleteItem {
    /// Where they go.
    pub delete_type: DeleteType,
    /// For calendar items: to whom to send word.
    pub send_meeting_cancellations: Option<SendMeetingCancellations>,
    /// For tasks that repeat: which of them.
    pub affected_task_occurrences: Option<AffectedTaskOccurrences>,
    /// Whether to send no receipts for messages that were not read. Exchange 2013 SP1 and later.
    pub suppress_read_receipts: Option<bool>,
    /// Which items; one at least.
    pub ids: Vec<ItemIdRef>,
}

impl DeleteItem {
    /// Deletes these items.
    pub fn new(
        delete_type: DeleteType,
        ids: impl IntoIterator<Item = impl Into<ItemIdRef>>,
    ) -> Self {
        Self {
            delete_type,
            send_meeting_cancellations: None,
            affected_task_occurrences: None,
            suppress_read_receipts: None,
            ids: ids.into_iter().map(Into::into).collect(),
        }
    }

    /// Sends word to these.
    #[must_use]
    pub fn send_meeting_cancellations(mut self, send: SendMeetingCancellations) -> Self {
        self.send_meeting_cancellations = Some(send);
        self
    }
}

impl Operation for DeleteItem {
    type Response = Vec<ResponseMessage<()>>;

    const NAME: &'static str = "DeleteItem";
    const REPEATABLE: bool = false;

    fn requested(&self) -> Option<usize> {
        Some(self.ids.len())
    }

    fn narrowed(&self, parts: &[usize]) -> Option<Self> {
        let ids = pick(&self.ids, parts);
        Some(Self { ids, ..self.clone() })
    }

    fn needs(&self, needs: &mut Needs) {
        if self.ids.is_empty() {
            needs.refuse("no item is to be deleted");
        }
        if self.suppress_read_receipts.is_some() {
            needs.at_least("SuppressReadReceipts", ServerVersion::Exchange2013Sp1);
        }
    }

    fn write(&self, request: Tag<'_>) {
        request
            .attribute("DeleteType", &self.delete_type)
            .attribute_if(
                "SendMeetingCancellations",
                self.send_meeting_cancellations.as_ref(),
            )
            .attribute_if(
                "AffectedTaskOccurrences",
                self.affected_task_occurrences.as_ref(),
            )
            .attribute_if("SuppressReadReceipts", self.suppress_read_receipts.as_ref())
            .children(|body| {
                body.tag("m:ItemIds").children(|ids| {
                    for id in &self.ids {
                        id.write(ids);
                    }
                });
            });
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        response_messages(response, |(), child| child.skip())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::testing::{assert_request, assert_since, messages, refusal};
    use crate::ews::types::ItemId;
    use crate::ews::ResponseCode;
    use crate::error::ErrorKind;

    #[test]
    fn request() {
        let ids = [ItemId::new("AAMkAGFhMTExAAA="), ItemId::new("AAMkAG1zZzEAAA=")];
        let mut operation = DeleteItem::new(DeleteType::MoveToDeletedItems, ids)
            .send_meeting_cancellations(SendMeetingCancellations::SendToAllAndSaveCopy);
        operation.affected_task_occurrences =
            Some(AffectedTaskOccurrences::SpecifiedOccurrenceOnly);
        let version = ServerVersion::Exchange2007Sp1;
        assert_request("delete_item/request", version, &operation);
        operation.ids.clear();
        assert_eq!(refusal(version, &operation), "no item is to be deleted");
    }

    #[test]
    fn request_without_receipts() {
        let mut operation = DeleteItem::new(DeleteType::SoftDelete, [ItemId::new("AAMkAG1zZzEAAA=")]);
        operation.suppress_read_receipts = Some(true);
        let version = ServerVersion::Exchange2013Sp1;
        assert_request("delete_item/request_2013", version, &operation);
        assert_since(version, "SuppressReadReceipts", &operation);
    }

    /// The code that says something is inside the one that says nothing.
    #[test]
    fn answer() {
        let answer = messages::<DeleteItem>("delete_item/response");
        let [done, refused] = <[_; 2]>::try_from(answer).unwrap();
        assert!(done.is_ok());
        assert_eq!(refused.code, Some(ResponseCode::ErrorInternalServerError));
        let error = refused.ok().unwrap_err().into_error(DeleteItem::NAME);
        assert_eq!(error.code(), Some("ErrorQuotaExceededOnDelete"));
        assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
    }
}

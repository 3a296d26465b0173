//! Finding events by their UID.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::calendars::find_calendars;
use super::load::Load;
use super::of;
use crate::error::{ErrorKind, Result};
use crate::ews::convert;
use crate::ews::mailbox::EwsMailbox;
use crate::ews::operation::FindItem;
use crate::ews::types::{
    BaseShape, FieldPath, FolderId, FolderIdRef, Item, ItemId, ItemShape, Operand,
    SearchExpression, View,
};
use crate::model::{Event, ICalUid, PropertyKind, PropertyName, PropertySet};

/// How many items of one UID a request asks for in each calendar. There is hardly ever more than
/// one.
const AT_ONCE: u32 = 50;

impl EwsMailbox {
    /// The single events and series with a UID, in all calendars. Servers cannot look for
    /// `calendar:UID`, but for the property it is made from (MS-OXOCAL 2.2.1.28).
    pub(super) async fn by_uid(
        &self,
        uid: &ICalUid,
        operation: &'static str,
    ) -> Result<Vec<Event>> {
        let version = self.version(operation).await?;
        let calendars = find_calendars(self, operation).await?;
        let folders = calendars
            .iter()
            .map(|calendar| FolderIdRef::Id(FolderId::new(calendar.id.as_raw())));
        let name = PropertyName::id(PropertySet::Meeting, 0x23, PropertyKind::Binary);
        let find = FindItem::new(ItemShape::new(BaseShape::IdOnly), folders).restriction(
            SearchExpression::IsEqualTo(
                FieldPath::Extended(convert::property_uri(&name)),
                Operand::Constant(STANDARD.encode(uid.to_clean_global_object_id())),
            ),
        );
        let mut ids: Vec<ItemId> = Vec::new();
        let mut offset = 0;
        loop {
            let view = View::page(offset, AT_ONCE);
            let mut is_last = true;
            let known = ids.len();
            for answer in self.send(&find.clone().view(view), operation).await? {
                let found = match of(answer, operation) {
                    // The calendar was deleted meanwhile.
                    Err(error) if error.kind() == ErrorKind::NotFound => continue,
                    found => found?,
                };
                is_last &= found.paging.includes_last_item_in_range.unwrap_or(true);
                for id in found.items.iter().filter_map(Item::item_id) {
                    if !ids.iter().any(|known| known.id == id.id) {
                        ids.push(ItemId::new(&id.id));
                    }
                }
            }
            // A server that says there is more, but gives nothing new, would say so for ever.
            if is_last || ids.len() == known {
                break;
            }
            offset = offset.saturating_add(AT_ONCE);
        }
        self.load_present(&ids, &Load::full(version), None, operation)
            .await
    }
}

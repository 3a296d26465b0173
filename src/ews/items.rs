//! Reading items of any kind: by their identifiers, and what lists find.

use super::ServerVersion;
use super::mailbox::{EwsMailbox, lacks, of};
use super::operation::{FindItem, GetItem};
use super::types::{Item, ItemIdRef, ItemShape};
use crate::calendar::Batch;
use crate::error::{Error, ErrorKind, Result};
use crate::paging::Paging;

/// How many items a request asks for at most: more are asked for in several requests.
pub(super) const ITEMS_PER_REQUEST: u32 = 50;

/// Since when a server takes what could do harm out of HTML. Exchange 2010 has the switch too, but
/// later servers refuse it in requests made for that version.
pub(super) const SANITISES_SINCE: ServerVersion = ServerVersion::Exchange2013;

impl EwsMailbox {
    /// Reads items by whatever names them, in order, in as many requests as it takes.
    pub(super) async fn read_items<I: Clone + Into<ItemIdRef>>(
        &self,
        ids: &[I],
        shape: &ItemShape,
        operation: &'static str,
    ) -> Result<Batch<Item>> {
        let mut shape = shape.clone();
        if self.leaves_html {
            shape.filter_html_content = None;
        }
        let mut items: Batch<Item> = Vec::with_capacity(ids.len());
        let mut chunks: Vec<&[I]> = ids.chunks(ITEMS_PER_REQUEST as usize).rev().collect();
        while let Some(ids) = chunks.pop() {
            let get = GetItem::new(shape.clone(), ids.iter().cloned());
            let answers = match self.send(&get, operation).await {
                // Together they are more than an answer may have.
                Err(error) if ids.len() > 1 && error.kind() == ErrorKind::LimitExceeded => {
                    let (first, second) = ids.split_at(ids.len() / 2);
                    chunks.extend([second, first]);
                    continue;
                }
                answers => answers?.into_iter(),
            };
            items.extend(answers.map(|answer| {
                let item = of(answer, operation)?.items.into_iter().next();
                item.ok_or_else(|| lacks(operation, "item"))
            }));
        }
        Ok(items)
    }

    /// The next page of what an operation finds, and how many there are in all if the server says
    /// so; `None` at the end.
    pub(super) async fn find_page(
        &self,
        paging: &mut Paging,
        mut find: FindItem,
        operation: &'static str,
    ) -> Result<Option<(Vec<Item>, Option<u64>)>> {
        while let Some(span) = paging.span() {
            find.view = Some(span.into());
            let found = match self.one(&find, operation).await {
                Err(error) if is_too_much(&error) && paging.refused() => continue,
                found => found?,
            };
            if let Some(fresh) = paging.take(found.items, raw_id, found.paging.extent()) {
                return Ok(Some((
                    fresh,
                    found.paging.total_items_in_view.map(Into::into),
                )));
            }
        }
        Ok(None)
    }
}

pub(super) fn raw_id(item: &Item) -> Option<&str> {
    item.item_id().map(|id| id.id.as_str())
}

/// What is there of a batch; what is not there any more is left out.
pub(super) fn present<T>(batch: Batch<T>) -> Result<Vec<T>> {
    let is_gone = |one: &Result<T>| matches!(one, Err(e) if e.kind() == ErrorKind::NotFound);
    batch.into_iter().filter(|one| !is_gone(one)).collect()
}

/// Whether a server found a window too wide, or too full.
pub(super) fn is_too_much(error: &Error) -> bool {
    error.code().is_some() && error.kind() == ErrorKind::LimitExceeded
}

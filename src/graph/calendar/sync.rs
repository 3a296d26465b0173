//! Following the changes of a calendar.

mod events;
mod view;

use super::GraphMailbox;
use super::load::Load;
use crate::error::{ErrorKind, Result};
use crate::graph::page::Page;
use crate::graph::{convert, wire};
use crate::model::{Event, EventChange, EventId};

/// A change, or what is to be read to know it.
enum Step {
    Known(EventChange),
    ToRead(EventId),
}

impl GraphMailbox {
    /// Reads what is to be read, and keeps the order.
    async fn settle(
        &self,
        steps: Vec<Step>,
        load: &Load,
        operation: &'static str,
    ) -> Result<Vec<EventChange>> {
        let ids = steps.iter().filter_map(|step| match step {
            Step::ToRead(id) => Some(id.clone()),
            Step::Known(_) => None,
        });
        let ids: Vec<EventId> = ids.collect();
        let mut read = self.load_events(&ids, load, operation).await?.into_iter();
        let mut changes = Vec::with_capacity(steps.len());
        for step in steps {
            match step {
                Step::Known(change) => changes.push(change),
                Step::ToRead(id) => {
                    if let Some(read) = read.next() {
                        changes.push(change_of(id, read)?);
                    }
                }
            }
        }
        Ok(changes)
    }
}

/// The rows that can be read, and what is to be said of the others.
fn split_rows(page: Page<wire::Event>) -> (Vec<wire::Event>, Vec<EventChange>) {
    let (mut rows, mut unreadable) = (Vec::new(), Vec::new());
    for row in page.items {
        match row {
            Ok(row) => rows.push(row),
            Err(damaged) => unreadable.extend(damaged.id.map(|id| EventChange::Unreadable {
                id: convert::event_id(&id),
                why: damaged.problem.to_string(),
            })),
        }
    }
    (rows, unreadable)
}

/// What is wrong with one event must not keep the others back; all else is an error.
fn change_of(id: EventId, read: Result<Event>) -> Result<EventChange> {
    match read {
        Ok(event) => Ok(EventChange::Upserted(Box::new(event))),
        // It was deleted since: the next round says so again.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(EventChange::Deleted(id)),
        Err(error) if error.is_of_one_item() => {
            let why = error.to_string();
            Ok(EventChange::Unreadable { id, why })
        }
        Err(error) => Err(error),
    }
}

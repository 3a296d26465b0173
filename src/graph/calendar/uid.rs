//! Finding events by their UID.

use super::load::Load;
use super::{GraphMailbox, calendars, lacks};
use crate::error::{ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::page::RawPage;
use crate::graph::{convert, wire};
use crate::model::{CalendarInfo, Event, ICalUid};

impl GraphMailbox {
    /// The single events and series with a UID, in all calendars of the mailbox: each is searched by itself, because
    /// the events of a mailbox are those of its default calendar. Those that others share are listed too, but not its
    /// own.
    pub(super) async fn by_uid(
        &self,
        uid: &ICalUid,
        operation: &'static str,
    ) -> Result<Vec<Event>> {
        let mut calendars = calendars::list(self, operation).collect().await?;
        let owner = calendars
            .iter()
            .find(|one| one.is_default)
            .and_then(owner_of);
        if owner.is_some() {
            calendars
                .retain(|one| one.is_default || owner_of(one).is_none_or(|of| Some(of) == owner));
        }
        let load = Load::full(self);
        let condition = format!("iCalUId eq {}", convert::quoted(uid.as_str()));
        let call = |id: &str| {
            let path = ["calendars", id, "events"];
            let call = Call::get(operation, &path, load.permission());
            load.ask(call).query("$filter", condition.clone())
        };
        let calls: Vec<Call> = calendars.iter().map(|one| call(one.id.as_raw())).collect();
        let answers = self.client.batch(&calls).await?;
        let mut events: Vec<Event> = Vec::new();
        for ((calendar, call), answer) in calendars.iter().zip(&calls).zip(answers) {
            let page: RawPage = match answer {
                // The calendar was deleted meanwhile, or is not shared any more.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error)
                    if error.kind() == ErrorKind::PermissionDenied && !calendar.is_default =>
                {
                    continue;
                }
                answer => answer?.json(call)?,
            };
            let load = load.clone().in_calendar(Some(calendar.id.clone()));
            for raw in &page.value {
                let wire: wire::Event = serde_json::from_str(raw.get())
                    .map_err(|problem| lacks(operation, "event").with_source(problem))?;
                let event = load.event(wire, operation)?;
                let is_new = |known: &Event| known.id != event.id;
                if event.uid.as_ref() == Some(uid) && events.iter().all(is_new) {
                    events.push(event);
                }
            }
        }
        Ok(events)
    }
}

fn owner_of(calendar: &CalendarInfo) -> Option<String> {
    let owner = calendar.owner.as_ref()?;
    Some(owner.smtp_address()?.to_lowercase())
}

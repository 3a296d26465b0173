//! The calendars of a mailbox: listing, making, renaming and deleting them.

use serde_json::json;

use super::{GraphMailbox, in_calendar, lacks};
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::permission::Permission;
use crate::graph::{convert, wire};
use crate::listing::Listing;
use crate::model::{CalendarId, CalendarInfo, CalendarRef};

const FIELDS: &str =
    "id,name,owner,isDefaultCalendar,canEdit,canShare,canViewPrivateItems,hexColor";

/// How many come a page.
const PAGE: &str = "100";

/// All calendars, as the server orders them.
pub(super) fn list(mailbox: &GraphMailbox, operation: &'static str) -> Listing<CalendarInfo> {
    let call = Call::get(operation, &["calendars"], Permission::CalendarsReadBasic)
        .query("$select", FIELDS)
        .query("$top", PAGE);
    let read = |wire: wire::Calendar| Ok(convert::calendar(&wire));
    mailbox.client.list(call, read)
}

impl GraphMailbox {
    pub(super) async fn calendar(
        &self,
        calendar: &CalendarRef,
        operation: &'static str,
    ) -> Result<CalendarInfo> {
        let path = in_calendar(calendar, &[], operation)?;
        let call = Call::get(operation, &path, Permission::CalendarsReadBasic);
        let found: wire::Calendar = self.client.json(&call.query("$select", FIELDS)).await?;
        convert::calendar(&found).ok_or_else(|| lacks(operation, "calendar"))
    }

    pub(super) async fn make_calendar(&self, name: &str) -> Result<CalendarInfo> {
        const OPERATION: &str = "create_calendar";
        check_name(name, OPERATION)?;
        let call = Call::post(OPERATION, &["calendars"], Permission::CalendarsReadWrite)
            .json(&json!({ "name": name }))?;
        let made: wire::Calendar = self.client.json(&call).await?;
        let made = convert::calendar(&made);
        made.ok_or_else(|| lacks(OPERATION, "calendar").with_effect(Effect::Partial))
    }

    pub(super) async fn name_calendar(&self, id: &CalendarId, name: &str) -> Result<CalendarInfo> {
        const OPERATION: &str = "rename_calendar";
        check_name(name, OPERATION)?;
        let raw = self.calendar_to_change(id, OPERATION).await?;
        let call = Call::patch(
            OPERATION,
            &["calendars", raw],
            Permission::CalendarsReadWrite,
        )
        .json(&json!({ "name": name }))?
        .repeatable();
        let named: wire::Calendar = self.client.json(&call).await?;
        convert::calendar(&named).ok_or_else(|| lacks(OPERATION, "calendar"))
    }

    pub(super) async fn drop_calendar(&self, id: &CalendarId) -> Result<()> {
        const OPERATION: &str = "delete_calendar";
        let raw = self.calendar_to_change(id, OPERATION).await?;
        let path = ["calendars", raw];
        let call = Call::delete(OPERATION, &path, Permission::CalendarsReadWrite);
        self.client.done(&call).await
    }

    /// The default calendar stays as it is: servers say so in words of their own.
    async fn calendar_to_change<'a>(
        &self,
        id: &'a CalendarId,
        operation: &'static str,
    ) -> Result<&'a str> {
        let raw = id.require(Backend::Graph, operation)?;
        let found = self
            .calendar(&CalendarRef::Id(id.clone()), operation)
            .await?;
        if found.is_default {
            let problem = "the default calendar of a mailbox stays, with its name";
            let error = Error::new(ErrorKind::InvalidState, operation, problem);
            return Err(error.with_backend(Backend::Graph));
        }
        Ok(raw)
    }
}

fn check_name(name: &str, operation: &'static str) -> Result<()> {
    let problem = if name.trim().is_empty() {
        "the name of the calendar is empty".to_owned()
    } else if name.contains(char::is_control) {
        format!("a calendar cannot be called {name:?}")
    } else {
        return Ok(());
    };
    Err(Error::invalid_argument(operation, problem).with_backend(Backend::Graph))
}

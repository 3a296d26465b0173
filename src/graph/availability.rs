//! Who is free and who is busy: `getSchedule`.

use async_trait::async_trait;
use chrono::TimeDelta;
use serde_json::json;

use super::call::Call;
use super::client::Client;
use super::mailbox::GraphMailbox;
use super::page::Page;
use super::permission::Permission;
use super::{convert, odata_error, wire};
use crate::calendar::{Asked, Availability, Batch, Piece, least_window, nothing_shown};
use crate::connector::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{FreeBusyQuery, Schedule};

/// The most addresses a request may ask for.
///
/// Source: <https://learn.microsoft.com/graph/api/calendar-getschedule>
pub(super) const ADDRESSES_PER_REQUEST: u32 = 20;

/// The most days a request may ask for.
pub(super) const DAYS_PER_REQUEST: u32 = 42;

const OPERATION: &str = "free_busy";

#[async_trait]
impl Availability for GraphMailbox {
    async fn free_busy(&self, query: FreeBusyQuery) -> Result<Batch<Schedule>> {
        query.validate()?;
        let (most, days) = (ADDRESSES_PER_REQUEST, DAYS_PER_REQUEST);
        let mut asked = Asked::new(&query, Backend::Graph, most, days);
        while let Some(piece) = asked.next() {
            match ask(&self.client, &piece, &asked, &query).await {
                Ok(answers) => asked.take(&piece, answers),
                Err(error) => asked.divide(&piece, error)?,
            }
        }
        Ok(asked.into_answers(&query))
    }
}

async fn ask(
    client: &Client,
    piece: &Piece,
    asked: &Asked,
    query: &FreeBusyQuery,
) -> Result<Batch<Schedule>> {
    let minutes = query.slot.num_minutes().clamp(5, 1440);
    let digit = TimeDelta::minutes(minutes);
    let window = piece.window;
    let addresses: Vec<&String> = asked.addresses(piece).collect();
    let body = json!({
        "schedules": addresses,
        "startTime": convert::to_utc(window.start),
        "endTime": convert::to_utc(least_window(window, digit).end),
        "availabilityViewInterval": minutes,
    });
    let path = ["calendar", "getSchedule"];
    let call = Call::post(OPERATION, &path, Permission::CalendarsReadBasic)
        .json(&body)?
        .repeatable();
    let page: Page<wire::ScheduleInformation> = client.page(&call).await?;
    let found = page.readable(OPERATION);
    let answers = addresses.iter().enumerate().map(|(at, address)| {
        let is_it = |one: &&wire::ScheduleInformation| {
            let id = one.schedule_id.as_deref();
            id.is_some_and(|id| id.eq_ignore_ascii_case(address))
        };
        // In the order of the request, but a damaged one is left out.
        let found = found
            .get(at)
            .filter(is_it)
            .or_else(|| found.iter().find(is_it));
        let found = found.ok_or_else(|| {
            let problem = "the server gave no schedule for one of the addresses";
            Error::new(ErrorKind::Protocol, OPERATION, problem).with_backend(Backend::Graph)
        })?;
        if let Some(refusal) = &found.error {
            return Err(refused(refusal));
        }
        convert::schedule(address, found, window, digit)
            .ok_or_else(|| nothing_shown(Backend::Graph))
    });
    Ok(answers.collect())
}

/// Why there is no schedule for one address. The codes are those of EWS.
fn refused(refusal: &wire::FreeBusyError) -> Error {
    let code = refusal.response_code.as_deref().unwrap_or_default();
    let kind = match code {
        "ErrorMailRecipientNotFound" | "ErrorInvalidSmtpAddress" => ErrorKind::MailboxNotFound,
        "ErrorNoFreeBusyAccess" => ErrorKind::PermissionDenied,
        "ErrorFreeBusyDLLimitReached" | "ErrorResultSetTooBig" | "ErrorTimeIntervalTooBig" => {
            ErrorKind::LimitExceeded
        }
        "ErrorMailboxLogonFailed" | "ErrorMailboxFailover" => ErrorKind::MailboxUnavailable,
        code => odata_error::of_code(code).unwrap_or(ErrorKind::Internal),
    };
    let message = refusal.message.as_deref().map(str::trim);
    let message = message.filter(|message| !message.is_empty());
    let message = message.unwrap_or("the server gives no schedule for this address");
    let error = Error::new(kind, OPERATION, message).with_backend(Backend::Graph);
    match code {
        "" => error,
        code => error.with_code(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_one_address() {
        for (code, kind) in [
            ("ErrorMailRecipientNotFound", ErrorKind::MailboxNotFound),
            ("ErrorNoFreeBusyAccess", ErrorKind::PermissionDenied),
            ("ErrorFreeBusyDLLimitReached", ErrorKind::LimitExceeded),
            ("ErrorServerBusy", ErrorKind::Throttled),
            ("SomethingNew", ErrorKind::Internal),
        ] {
            let error = refused(&wire::FreeBusyError {
                message: Some(" It is so. ".to_owned()),
                response_code: Some(code.to_owned()),
            });
            assert_eq!(error.kind(), kind, "{code}");
            assert_eq!(error.code(), Some(code));
            assert_eq!(error.message(), "It is so.");
        }
        let silent = refused(&wire::FreeBusyError::default());
        assert_eq!((silent.kind(), silent.code()), (ErrorKind::Internal, None));
    }
}

//! Which resource a request is about, and in whose mailbox.

use http::Method;

use super::super::auth::AccountState;
use super::super::server::{Shared, lock};
use super::context::Context;
use super::refusal::GraphRefusal;
use super::reply::Reply;
use super::request::GraphRequest;
use super::{batch, calendars, directory, mail, settings};

/// Answers a request, or a part of a batch.
pub(super) fn answer(shared: &Shared, request: &GraphRequest) -> Reply {
    *lock(&shared.log)
        .operations
        .entry(format!("{} {}", request.method, shape(&request.segments)))
        .or_default() += 1;
    let is_batch = request.segments.iter().map(String::as_str).eq(["$batch"]);
    let reply = match is_batch {
        true => batch::answer(shared, request),
        false => route(shared, request),
    };
    match reply {
        Ok(reply) => reply,
        Err(refusal) => Reply::refused(&refusal),
    }
}

/// The path without ids and names, as `/users/{id}/events/{id}`: what the log counts.
pub(in crate::simulator) fn shape(segments: &[String]) -> String {
    let is_word = |one: &str| {
        one.len() < 30
            && !one.contains(['@', '\''])
            && one
                .chars()
                .all(|c| c.is_ascii_alphabetic() || matches!(c, '$' | '.'))
    };
    let part = |one: &String| match is_word(one) {
        true => format!("/{one}"),
        false => "/{id}".to_owned(),
    };
    segments.iter().map(part).collect()
}

fn route(shared: &Shared, request: &GraphRequest) -> Result<Reply, GraphRefusal> {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let mut store = lock(&shared.store);
    let (owner, rest) = match segments.as_slice() {
        ["me", rest @ ..] => {
            let own = request.token.user.ok_or_else(|| {
                GraphRefusal::bad_request(
                    "/me request is only valid with delegated authentication flow.",
                )
            })?;
            (own, rest)
        }
        ["users", user, rest @ ..] => {
            let found = store.by_any_name(user).ok_or_else(|| {
                GraphRefusal::new(
                    404,
                    "ErrorInvalidUser",
                    format!("The requested user '{user}' is invalid."),
                )
            })?;
            (found, rest)
        }
        rest => {
            let caller = request.token.user.unwrap_or_default();
            let mut context = Context {
                store: &mut store,
                request,
                owner: caller,
                caller,
                now: shared.now(),
            };
            return directory::route(&mut context, rest);
        }
    };
    let caller = request.token.user.unwrap_or(owner);
    let mut context = Context {
        store: &mut store,
        request,
        owner,
        caller,
        now: shared.now(),
    };
    let context = &mut context;
    if !rest.is_empty() && context.mailbox()?.state == AccountState::OnPremises {
        return Err(GraphRefusal::not_online());
    }
    match rest {
        [] if request.method == Method::GET => directory::user(context),
        [
            "calendar" | "calendars" | "calendarGroups" | "calendarView" | "events",
            ..,
        ] => calendars::route(context, rest),
        ["mailFolders", _, "messageRules", ..] => settings::route(context, rest),
        ["messages" | "mailFolders" | "sendMail", ..] => mail::route(context, rest),
        ["mailboxSettings" | "getMailTips" | "outlook", ..] => settings::route(context, rest),
        ["people" | "translateExchangeIds", ..] => directory::route(context, rest),
        _ => Err(GraphRefusal::bad_request(format!(
            "Resource not found for the segment '{}'.",
            rest.last().unwrap_or(&"")
        ))),
    }
}

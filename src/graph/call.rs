//! One request, as a plain value.

use bytes::Bytes;
use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::permission::Permission;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Version;

/// A request to Graph: what [`Client`](super::client::Client) sends.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// For errors and those who watch, as `ListEvents`.
    pub(super) name: &'static str,
    pub(super) method: Method,
    pub(super) place: Place,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) prefer: Vec<String>,
    pub(super) if_match: Option<String>,
    pub(super) ids: Ids,
    /// `ConsistencyLevel: eventual`, which `$search` in the directory wants.
    pub(super) eventual: bool,
    pub(super) content: Content,
    /// Whether sending it twice does no harm.
    pub(super) repeatable: bool,
    /// The least that a token must allow.
    pub(super) permission: Permission,
}

/// What the ids of items in an answer are like.
///
/// Source: <https://learn.microsoft.com/graph/outlook-immutable-id>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ids {
    /// They stay while the item is in its mailbox.
    Lasting,
    /// They change when the item goes to another folder, so that they find it only where it is.
    Passing,
}

/// What a request is about.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// A path below the mailbox.
    Mailbox(String),
    /// A path below the version, as `/users`.
    Root(String),
    /// A link that the server gave, whose host was checked.
    Link(url::Url),
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    None,
    Json(Bytes),
    /// MIME as base64 (`text/plain`).
    Mime(Bytes),
}

/// What of an id or a name may stand in a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'@')
    .remove(b'$');

fn path(segments: &[&str]) -> String {
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        path.extend(utf8_percent_encode(segment, SEGMENT));
    }
    path
}

impl Call {
    fn new(name: &'static str, method: Method, place: Place, permission: Permission) -> Self {
        Self {
            name,
            repeatable: method == Method::GET,
            method,
            place,
            query: Vec::new(),
            prefer: Vec::new(),
            if_match: None,
            ids: Ids::Lasting,
            eventual: false,
            content: Content::None,
            permission,
        }
    }

    /// Reads what is at a path below the mailbox; each segment is taken as it is and encoded here.
    pub(crate) fn get(name: &'static str, segments: &[&str], permission: Permission) -> Self {
        Self::new(
            name,
            Method::GET,
            Place::Mailbox(path(segments)),
            permission,
        )
    }

    /// Whether the path leads to something that each mailbox has: by names alone, which are shorter than ids.
    pub(super) fn names_no_id(&self) -> bool {
        const LONGEST_NAME: usize = 30;
        match &self.place {
            Place::Mailbox(path) => path.split('/').all(|part| part.len() <= LONGEST_NAME),
            Place::Root(_) | Place::Link(_) => false,
        }
    }

    pub(crate) fn post(name: &'static str, segments: &[&str], permission: Permission) -> Self {
        Self::new(
            name,
            Method::POST,
            Place::Mailbox(path(segments)),
            permission,
        )
    }

    pub(crate) fn patch(name: &'static str, segments: &[&str], permission: Permission) -> Self {
        Self::new(
            name,
            Method::PATCH,
            Place::Mailbox(path(segments)),
            permission,
        )
    }

    pub(crate) fn delete(name: &'static str, segments: &[&str], permission: Permission) -> Self {
        Self::new(
            name,
            Method::DELETE,
            Place::Mailbox(path(segments)),
            permission,
        )
    }

    /// The same call at a path of the organisation, as `/users`, not of the mailbox.
    #[must_use]
    pub(crate) fn of_organisation(mut self) -> Self {
        if let Place::Mailbox(path) = self.place {
            self.place = Place::Root(path);
        }
        self
    }

    /// A link that an answer held; [`Client::link`](super::client::Client::link) checks it first.
    pub(super) fn follow(&self, link: url::Url) -> Self {
        Self {
            place: Place::Link(link),
            query: Vec::new(),
            ..self.clone()
        }
    }

    /// A parameter of the query, as `$select`.
    #[must_use]
    pub(crate) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// A line `Prefer`.
    #[must_use]
    pub(crate) fn prefer(mut self, preference: impl Into<String>) -> Self {
        self.prefer.push(preference.into());
        self
    }

    /// What the ids in the answer are to be like.
    #[must_use]
    pub(crate) fn ids(mut self, ids: Ids) -> Self {
        self.ids = ids;
        self
    }

    /// Only if the item is as it was at this version.
    #[must_use]
    pub(crate) fn if_match(mut self, version: Option<&Version>) -> Self {
        self.if_match = version.map(|version| format!("W/\"{}\"", version.as_raw()));
        self
    }

    /// Counts and searches in the directory, which may be behind by seconds.
    #[must_use]
    pub(crate) fn eventual(mut self) -> Self {
        self.eventual = true;
        self
    }

    /// Although it is no GET, sending it twice does no harm.
    #[must_use]
    pub(crate) fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// What is sent, as JSON.
    ///
    /// # Errors
    /// `Internal`, if a value cannot be written as JSON.
    pub(crate) fn json(mut self, body: &impl Serialize) -> Result<Self> {
        let json = serde_json::to_vec(body).map_err(|error| {
            Error::new(
                ErrorKind::Internal,
                self.name,
                "the request cannot be written as JSON",
            )
            .with_source(error)
        })?;
        self.content = Content::Json(json.into());
        Ok(self)
    }

    /// A message as MIME, which goes as base64.
    #[must_use]
    pub(crate) fn mime(mut self, base64: impl Into<Bytes>) -> Self {
        self.content = Content::Mime(base64.into());
        self
    }
}

//! Large files, in ranges (upload session).
//!
//! The URL of a session is what allows to write to it: no token goes there, and it is never shown.
//!
//! Source: <https://learn.microsoft.com/graph/outlook-large-attachments>

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_RANGE, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Map, Value, json};
use url::Url;

use super::Item;
use crate::connector::{Backend, Mailbox as _};
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::graph::call::Call;
use crate::graph::client::of_graph;
use crate::graph::mailbox::GraphMailbox;
use crate::graph::odata_error::{self, Scene};
use crate::graph::wire::UploadSession;
use crate::http::Request;
use crate::mail::AttachmentRead as _;
use crate::model::{Attachment, AttachmentId, AttachmentKind, AttachmentUpload, ItemRef};
use crate::observe::Watch;
use crate::stream::ByteStream;

/// How many bytes go at once: less than 4 MB, and a multiple of 320 KiB.
const RANGE: usize = 12 * 320 * 1024;

/// An upload that is under way.
struct Upload<'u> {
    mailbox: &'u GraphMailbox,
    /// The call that began it, for what is said of refusals.
    call: Call,
    url: Url,
    length: u64,
}

/// What the server said to a range.
enum Taken {
    /// There is more to come.
    More,
    /// The file is attached.
    All(Option<AttachmentId>),
}

impl GraphMailbox {
    /// Attaches a large file, range by range as it is read.
    pub(super) async fn upload(
        &self,
        item: &Item<'_>,
        to: &ItemRef,
        file: AttachmentUpload,
        operation: &'static str,
    ) -> Result<Attachment> {
        let length = file.content.len();
        let path = item.path(&["attachments", "createUploadSession"]);
        let begin = Call::post(operation, &path, item.write).json(&described(&file))?;
        let begin = begin.repeatable();
        let session: UploadSession = self.client.json(&begin).await?;
        let mut call = begin;
        call.repeatable = false;
        let upload = Upload {
            mailbox: self,
            url: self.session_url(&session, operation)?,
            call,
            length,
        };
        let mut made = Attachment::new(
            AttachmentId::from_raw(Backend::Graph, ""),
            file.name,
            AttachmentKind::File {
                content_id: file.content_id,
                content_location: None,
            },
        );
        made.content_type = file.content_type;
        made.is_inline = file.is_inline;
        made.size = Some(length);
        let id = match upload.send(file.content.into_stream()).await {
            Ok(id) => id,
            Err(error) => {
                upload.give_up().await;
                return Err(error);
            }
        };
        match id {
            Some(id) => {
                made.id = id;
                Ok(made)
            }
            None => self.find_attached(to, &made, operation).await,
        }
    }

    /// What was attached, where the server does not say its id: the newest of that name that is as large.
    async fn find_attached(
        &self,
        to: &ItemRef,
        made: &Attachment,
        operation: &'static str,
    ) -> Result<Attachment> {
        let list = self.list_attachments(to).await;
        let list =
            list.map_err(|error| error.with_operation(operation).with_effect(Effect::Unknown))?;
        let is_as_large = |one: &Attachment| one.size.is_none_or(|size| Some(size) >= made.size);
        let same = list
            .into_iter()
            .filter(|one| one.name == made.name && is_as_large(one));
        same.max_by_key(|one| one.last_modified).ok_or_else(|| {
            let problem = "the upload ended, but what was uploaded is not among the attachments";
            Error::new(ErrorKind::Protocol, operation, problem)
                .with_backend(Backend::Graph)
                .with_effect(Effect::Unknown)
        })
    }

    fn session_url(&self, session: &UploadSession, operation: &'static str) -> Result<Url> {
        let url = Url::parse(&session.upload_url).ok();
        let is_safe =
            |url: &Url| url.scheme() == "https" || url.scheme() == self.client.base().scheme();
        url.filter(is_safe).ok_or_else(|| {
            let problem = "the server gave no URL to upload to that can be used";
            Error::new(ErrorKind::Protocol, operation, problem).with_backend(Backend::Graph)
        })
    }
}

/// What is going to be attached.
fn described(file: &AttachmentUpload) -> Value {
    let mut item = Map::new();
    item.insert("attachmentType".to_owned(), json!("file"));
    item.insert("name".to_owned(), json!(file.name));
    item.insert("size".to_owned(), json!(file.content.len()));
    if let Some(kind) = &file.content_type {
        item.insert("contentType".to_owned(), json!(kind));
    }
    if file.is_inline {
        item.insert("isInline".to_owned(), json!(true));
    }
    if let Some(id) = &file.content_id {
        item.insert("contentId".to_owned(), json!(id));
    }
    json!({ "AttachmentItem": item })
}

impl Upload<'_> {
    async fn send(&self, mut content: ByteStream) -> Result<Option<AttachmentId>> {
        let operation = self.call.name;
        let (mut begin, mut rest) = (0, Bytes::new());
        loop {
            let range = next_range(&mut content, &mut rest).await;
            let range = range.map_err(|error| error.with_operation(operation))?;
            let length = range.len() as u64;
            if length == 0 {
                let problem = "the server wants more than the file has";
                return Err(Error::new(ErrorKind::Protocol, operation, problem)
                    .with_backend(Backend::Graph));
            }
            let taken = self.range(begin, range).await?;
            begin += length;
            match taken {
                Taken::All(id) => return Ok(id),
                Taken::More if begin >= self.length => return Ok(None),
                Taken::More => {}
            }
        }
    }

    /// Sends a range until it is taken. After a failure the server says how far it came.
    async fn range(&self, begin: u64, range: Bytes) -> Result<Taken> {
        let client = &self.mailbox.client;
        let mut attempts = client.attempts(self.call.name, true, &Watch::default());
        let end = begin + range.len() as u64;
        let mut at = begin;
        let mut failed: Option<Error> = None;
        loop {
            let place = attempts.begin().await.map_err(of_graph)?;
            let tried = async {
                if failed.is_some() {
                    match self.reached().await? {
                        Some(next) if (begin..=end).contains(&next) => at = next,
                        Some(_) => {
                            return Err(self.lost("the server expects another part of the file"));
                        }
                        None if end == self.length => return Ok(Taken::All(None)),
                        None => return Err(self.lost("the server forgot the upload")),
                    }
                    if at == end {
                        return Ok(Taken::More);
                    }
                }
                let skip = usize::try_from(at - begin).unwrap_or(range.len());
                self.put(at, range.slice(skip.min(range.len())..)).await
            };
            match attempts.within(tried).await {
                Ok(taken) => {
                    attempts.answered(&place);
                    return Ok(taken);
                }
                Err(error) => {
                    let is_last = end == self.length;
                    failed = Some(error.again());
                    let ended = attempts.failed(place, error).await;
                    ended.map_err(|error| self.unfinished(error, is_last))?;
                }
            }
        }
    }

    /// What a failure means: a file of which something is missing is not attached.
    fn unfinished(&self, error: Error, is_last: bool) -> Error {
        let is_refused = error.http_status().is_some_and(|status| status < 500);
        let effect = match is_last && !is_refused {
            true => Effect::Unknown,
            false => Effect::None,
        };
        of_graph(error).with_effect(effect)
    }

    fn lost(&self, problem: &'static str) -> Error {
        Error::new(ErrorKind::Protocol, self.call.name, problem)
            .with_backend(Backend::Graph)
            .with_hint("Attach the file anew.")
    }

    async fn put(&self, begin: u64, range: Bytes) -> Result<Taken> {
        let end = begin + range.len() as u64;
        let text = format!("bytes {begin}-{}/{}", end.saturating_sub(1), self.length);
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(CONTENT_RANGE, value);
        }
        let kind = HeaderValue::from_static("application/octet-stream");
        headers.insert(CONTENT_TYPE, kind);
        let (status, headers, _) = self.ask(Method::PUT, headers, range).await?;
        let is_all = status == 201 || end == self.length;
        Ok(match is_all {
            true => Taken::All(headers.get(LOCATION).and_then(attachment_id)),
            false => Taken::More,
        })
    }

    /// Up to where the server has the file; `None` if it does not know the upload any more.
    async fn reached(&self) -> Result<Option<u64>> {
        let asked = self.ask(Method::GET, HeaderMap::new(), Bytes::new()).await;
        let body = match asked {
            Err(error) if error.http_status() == Some(404) => return Ok(None),
            asked => asked?.2,
        };
        let session: UploadSession = serde_json::from_slice(&body)
            .map_err(|_| self.lost("the server does not say how far the upload came"))?;
        let next = session.next_expected_ranges.first();
        let next = next.and_then(|range| range.split('-').next()?.trim().parse().ok());
        Ok(Some(next.unwrap_or(self.length)))
    }

    /// Tells the server that nothing more will come.
    async fn give_up(&self) {
        let asked = self
            .ask(Method::DELETE, HeaderMap::new(), Bytes::new())
            .await;
        if let Err(error) = asked {
            tracing::debug!(%error, "an upload that is given up stays until it expires");
        }
    }

    async fn ask(
        &self,
        method: Method,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(u16, HeaderMap, Vec<u8>)> {
        let request = Request {
            method,
            operation: self.call.name,
            url: self.url.clone(),
            headers,
            body: body.into(),
            affinity: None,
            timeout: None,
            watch: Watch::default(),
        };
        let reply = self.mailbox.client.uploads().send(request).await;
        let reply = reply.map_err(of_graph)?;
        let (status, headers) = (reply.status, reply.headers);
        let body = reply.body.collect().await.map_err(of_graph)?;
        if (200..300).contains(&status) {
            return Ok((status, headers, body));
        }
        let scene = Scene {
            call: &self.call,
            target: self.mailbox.target(),
        };
        Err(odata_error::error(&scene, status, &headers, &body))
    }
}

/// The next range, as long as one may be, or what is left.
async fn next_range(content: &mut ByteStream, rest: &mut Bytes) -> Result<Bytes> {
    let mut range = BytesMut::with_capacity(RANGE);
    loop {
        let room = RANGE - range.len();
        let piece = rest.split_to(rest.len().min(room));
        range.extend_from_slice(&piece);
        if range.len() == RANGE {
            return Ok(range.freeze());
        }
        match content.try_next().await? {
            Some(piece) => *rest = piece,
            None => return Ok(range.freeze()),
        }
    }
}

/// The id in the address of what was made: `…/Attachments('AAMk…')`.
fn attachment_id(location: &HeaderValue) -> Option<AttachmentId> {
    let location = location.to_str().ok()?;
    let at = location.to_ascii_lowercase().rfind("/attachments")?;
    let rest = location.get(at + "/attachments".len()..)?;
    let rest = rest.split(['?', '#']).next()?;
    let raw = rest.trim_matches(['/', '(', ')', '\'']);
    let raw = percent_encoding::percent_decode_str(raw)
        .decode_utf8()
        .ok()?;
    (!raw.is_empty()).then(|| AttachmentId::from_raw(Backend::Graph, raw.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_addresses() {
        let id = |text: &'static str| attachment_id(&HeaderValue::from_static(text));
        let is = |text: &'static str| id(text).map(|id| id.as_raw().to_owned());
        let old =
            "https://outlook.office.com/api/v2.0/Users('a@b')/Messages('m')/Attachments('AAMk%3D')";
        assert_eq!(is(old).as_deref(), Some("AAMk="));
        let new = "https://graph.microsoft.com/v1.0/me/messages/m/attachments/AAMk=";
        assert_eq!(is(new).as_deref(), Some("AAMk="));
        assert_eq!(is("https://example.com/"), None);
    }

    #[tokio::test]
    async fn ranges_are_full_but_the_last() {
        let whole = Bytes::from(vec![7_u8; RANGE + 5]);
        let mut content = ByteStream::unfold(whole, |mut whole| async move {
            let piece = whole.split_to(whole.len().min(70_001));
            Ok((!piece.is_empty()).then_some((piece, whole)))
        });
        let mut rest = Bytes::new();
        for length in [RANGE, 5, 0] {
            let range = next_range(&mut content, &mut rest).await.unwrap();
            assert_eq!(range.len(), length);
        }
    }

    #[test]
    fn what_is_said_of_a_file() {
        let file = AttachmentUpload::new("a.bin", vec![0_u8; 9]).content_type("image/png");
        let said = json!({ "AttachmentItem": {
            "attachmentType": "file", "name": "a.bin", "size": 9, "contentType": "image/png",
        } });
        assert_eq!(described(&file), said);
    }
}

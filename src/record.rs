//! Writes the requests of a connector and the answers to them to files, without what is in them.
//!
//! A problem that only one server shows becomes a fixture: the folder has the form of `fixtures/`, that is
//! `ews/<operation>/request_0001.xml` and `response_0001.xml`, and `call_0001.txt` with status and headers.
//!
//! - `gather.rs` keeps a document while it passes, large values by their length only.
//! - `lexer.rs` finds tags and texts, also in what is no XML.
//! - `redact.rs` decides what may stay; `vocabulary.rs` knows the words of the protocol, made from `wsdl/`.
//! - `placeholder.rs` is what stands for all the rest; `headers.rs` is for headers.
//!
//! What is not known to be harmless does not stay: there is no list of secrets, only one of what is none.

mod gather;
mod headers;
mod lexer;
mod placeholder;
mod redact;
mod vocabulary;

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

pub(crate) use gather::Gathered;

use crate::http::charset;
use crate::observe::Outcome;
use placeholder::Placeholders;
use redact::{Form, Redacted, redact};

/// The recordings of one connector.
pub(crate) struct Recorder {
    folder: PathBuf,
    next: AtomicU32,
    placeholders: Mutex<Placeholders>,
    has_complained: AtomicBool,
}

/// No more attempts than so many are recorded.
const MOST: u32 = 10_000;

impl Recorder {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            next: AtomicU32::new(1),
            placeholders: Mutex::default(),
            has_complained: AtomicBool::new(false),
        }
    }

    /// An attempt begins; `None` if there are too many by now. `body` is the request's, if it is sent whole.
    pub(crate) fn begin(
        self: &Arc<Self>,
        operation: &'static str,
        headers: &HeaderMap,
        body: Option<&Bytes>,
    ) -> Option<Recording> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number > MOST {
            self.next.store(MOST + 1, Ordering::Relaxed);
            self.complain(&format!("{MOST} attempts are recorded: no more are"));
            return None;
        }
        let mut request = Gathered::default();
        if let Some(body) = body {
            request.push(body);
        }
        Some(Recording {
            recorder: self.clone(),
            number,
            operation,
            request_headers: headers.clone(),
            request,
            head: None,
            answer: Gathered::default(),
        })
    }

    /// Says once that something is not written. The calls go on.
    fn complain(&self, problem: &str) {
        if !self.has_complained.swap(true, Ordering::Relaxed) {
            tracing::warn!(folder = %self.folder.display(), problem, "not recorded");
        }
    }
}

/// One attempt while it is recorded.
pub(crate) struct Recording {
    recorder: Arc<Recorder>,
    number: u32,
    operation: &'static str,
    request_headers: HeaderMap,
    request: Gathered,
    head: Option<(u16, HeaderMap)>,
    answer: Gathered,
}

impl Recording {
    pub(crate) fn answered(&mut self, status: u16, headers: &HeaderMap) {
        self.head = Some((status, headers.clone()));
    }

    pub(crate) fn received(&mut self, piece: &[u8]) {
        self.answer.push(piece);
    }

    /// Writes it; `upload` is the request, if it was sent in pieces.
    pub(crate) fn end(mut self, outcome: Outcome, upload: Option<Gathered>) {
        if let Some(upload) = upload {
            self.request = upload;
        }
        let recorder = self.recorder.clone();
        if let Err(error) = self.write(outcome) {
            recorder.complain(&error.to_string());
        }
    }

    fn write(mut self, outcome: Outcome) -> io::Result<()> {
        let folder = self
            .recorder
            .folder
            .join("ews")
            .join(snake_case(self.operation));
        create_folder(&folder)?;
        let name =
            |part: &str, ending: &str| folder.join(format!("{part}_{:04}.{ending}", self.number));
        let request = std::mem::take(&mut self.request);
        let answer = std::mem::take(&mut self.answer);
        let (request, answer, notes) = {
            let placeholders = &self.recorder.placeholders;
            let mut placeholders = placeholders.lock().unwrap_or_else(PoisonError::into_inner);
            let content_type = |headers: &HeaderMap| {
                let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
                Some(value.to_owned())
            };
            let mut notes = String::new();
            let (request, note) = hide(
                request,
                content_type(&self.request_headers).as_deref(),
                &mut placeholders,
            );
            let _ = writeln!(notes, "request of {}: {note}", self.operation);
            headers::write(&mut notes, &self.request_headers, &mut placeholders);
            let mut answered = None;
            if let Some((status, headers)) = &self.head {
                let (answer, note) =
                    hide(answer, content_type(headers).as_deref(), &mut placeholders);
                let _ = writeln!(notes, "\nHTTP {status}: {note}");
                headers::write(&mut notes, headers, &mut placeholders);
                answered = Some(answer);
            }
            let _ = writeln!(notes, "\n{outcome}");
            (request, answered, notes)
        };
        create(&name("request", request.form.ending()), &request.text)?;
        if let Some(answer) = answer.filter(|answer| !answer.text.is_empty()) {
            create(&name("response", answer.form.ending()), &answer.text)?;
        }
        create(&name("call", "txt"), &notes)
    }
}

/// What may be shown of a document, and a word on how it came to that.
fn hide(
    document: Gathered,
    content_type: Option<&str>,
    placeholders: &mut Placeholders,
) -> (Redacted, String) {
    let (bytes, length, is_cut) = document.into_parts();
    let (text, is_text) = match charset::decode(content_type, bytes.clone()) {
        Ok(text) => (text, true),
        // whatever it is, only placeholders of it are written
        Err(_) => (String::from_utf8_lossy(&bytes).into_owned(), false),
    };
    let redacted = redact(&text, is_text, placeholders);
    let mut note = format!("{length} bytes, {}", redacted.form);
    if !is_text {
        note.push_str(", wrong bytes for its encoding");
    }
    if is_cut {
        note.push_str(", only the begin is recorded");
    }
    (redacted, note)
}

impl Form {
    fn ending(self) -> &'static str {
        match self {
            Self::Envelope | Self::Broken => "xml",
            Self::Page => "html",
            Self::Other => "text",
        }
    }
}

/// `GetUserOofSettings` as `get_user_oof_settings`, as the folders of `fixtures/` are called.
fn snake_case(operation: &str) -> String {
    let mut name = String::new();
    let mut before = '_';
    for c in operation.chars().filter(char::is_ascii_alphanumeric) {
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
        before = c;
    }
    name
}

/// For nobody but the owner, where the system knows that.
fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes a new file; one that is there already is left alone.
fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(text.as_bytes())
}

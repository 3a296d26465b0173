//! Writes the requests of a connector and the answers to them to files, without what is in them.
//!
//! A problem that only one server shows becomes a fixture: the folder has the form of `fixtures/`, that is
//! `ews/<operation>/request_0001.xml` and `response_0001.xml`, and `call_0001.txt` with status and headers; of Graph
//! `graph/<operation>/request_0001.json` and the like.
//!
//! - `gather.rs` keeps a document while it passes, large values by their length only.
//! - `lexer.rs` finds tags and texts, also in what is no XML.
//! - `redact.rs` decides what may stay; `vocabulary.rs` knows the words of the protocol, made from `wsdl/`.
//! - `json.rs` does the same for Graph, with the words of `graph_words.txt`.
//! - `placeholder.rs` is what stands for all the rest; `headers.rs` is for headers.
//!
//! Recording ends after 10,000 attempts, or 1 GiB of files. In a folder with recordings the numbers go on.
//!
//! What is not known to be harmless does not stay: there is no list of secrets, only one of what is none.

mod gather;
mod headers;
mod json;
mod lexer;
mod placeholder;
mod redact;
mod vocabulary;

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderMap;
use http::header::CONTENT_TYPE;

pub(crate) use gather::Gathered;

use crate::connector::Backend;
use crate::http::{Request, charset};
use crate::observe::Outcome;
use placeholder::Placeholders;
use redact::{Form, Redacted, redact};

/// The recordings of one connector.
pub(crate) struct Recorder {
    folder: PathBuf,
    next: AtomicU32,
    /// The last number that is given out.
    last: u32,
    /// Bytes of all files by now.
    written: AtomicU64,
    most_bytes: u64,
    placeholders: Mutex<Placeholders>,
    has_complained: AtomicBool,
}

/// No more attempts than so many are recorded.
const MOST: u32 = 10_000;
/// The files of one connector are no larger than this together: 1 GiB. An attempt that does not fit is left out, and so
/// are all after it.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;

impl Recorder {
    /// Numbers on from the highest in the folder, so that nothing there is in the way.
    pub(crate) fn new(folder: PathBuf) -> Self {
        let of = |backend: Backend| highest(&folder.join(backend.tag()));
        let highest = of(Backend::Ews).max(of(Backend::Graph));
        Self {
            folder,
            next: AtomicU32::new(highest.saturating_add(1)),
            last: highest.saturating_add(MOST),
            written: AtomicU64::new(0),
            most_bytes: MOST_BYTES,
            placeholders: Mutex::default(),
            has_complained: AtomicBool::new(false),
        }
    }

    /// An attempt begins; `None` if there are too many by now. What is sent in pieces is said at its end.
    pub(crate) fn begin(
        self: &Arc<Self>,
        backend: Backend,
        request: &Request,
    ) -> Option<Recording> {
        if self.written.load(Ordering::Relaxed) > self.most_bytes {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number > self.last {
            self.next
                .store(self.last.saturating_add(1), Ordering::Relaxed);
            self.complain(&format!("{MOST} attempts are recorded: no more are"));
            return None;
        }
        let mut sent = Gathered::default();
        if let Some(body) = request.body.bytes() {
            sent.push(body);
        }
        let line =
            (backend == Backend::Graph).then(|| json::request_line(&request.method, &request.url));
        Some(Recording {
            recorder: self.clone(),
            number,
            backend,
            operation: request.operation,
            line,
            request_headers: request.headers.clone(),
            request: sent,
            head: None,
            answer: Gathered::default(),
        })
    }

    /// Whether so many bytes more may be written.
    fn has_room(&self, bytes: usize) -> bool {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let most = self.most_bytes;
        // beyond the limit it stays there, so that smaller ones do not follow
        let before = self.written.fetch_add(bytes, Ordering::Relaxed);
        let has_room = before.saturating_add(bytes) <= most;
        if !has_room {
            self.complain(&format!("{most} bytes are recorded: no more are"));
        }
        has_room
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
    backend: Backend,
    operation: &'static str,
    /// What was asked for, where that is not said by the body.
    line: Option<String>,
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
            .join(self.backend.tag())
            .join(snake_case(self.operation));
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
            if let Some(line) = &self.line {
                let _ = writeln!(notes, "{line}");
            }
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
        let size = request.text.len() + notes.len() + answer.as_ref().map_or(0, |it| it.text.len());
        if !self.recorder.has_room(size) {
            return Ok(());
        }
        create_folder(&folder)?;
        if !request.text.is_empty() {
            create(&name("request", request.form.ending()), &request.text)?;
        }
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
            Self::Json => "json",
            Self::Other => "text",
        }
    }
}

/// The highest number of a recording in a folder, 0 if there is none. What cannot be read does not count: no file is ever
/// written over.
fn highest(folder: &Path) -> u32 {
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    entries(folder)
        .flat_map(|operation| entries(&operation.path()))
        .filter_map(|file| number(file.file_name().to_str()?))
        .max()
        .unwrap_or(0)
}

/// That of `request_0001.xml` and the like.
fn number(file: &str) -> Option<u32> {
    let (stem, _) = file.split_once('.')?;
    let (part, number) = stem.rsplit_once('_')?;
    let is_ours = matches!(part, "request" | "response" | "call");
    number.parse().ok().filter(|_| is_ours)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty folder, gone at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let name = format!("exchange-connector-{name}-{}", std::process::id());
            let folder = Self(std::env::temp_dir().join(name));
            let _ = fs::remove_dir_all(&folder.0);
            folder
        }

        fn files(&self) -> Vec<String> {
            let entries = fs::read_dir(self.0.join("ews/get_item"));
            let entries = entries.into_iter().flatten().flatten();
            let mut names: Vec<String> = entries
                .map(|entry| entry.file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    /// Whether the attempt was begun.
    fn record(recorder: &Arc<Recorder>) -> bool {
        let request = Request {
            method: http::Method::POST,
            operation: "GetItem",
            url: "https://mail.example.test/EWS/Exchange.asmx"
                .parse()
                .unwrap(),
            headers: HeaderMap::new(),
            body: bytes::Bytes::from_static(b"<a>b</a>").into(),
            affinity: None,
            timeout: None,
            watch: crate::observe::Watch::default(),
        };
        let recording = recorder.begin(Backend::Ews, &request);
        let begun = recording.is_some();
        if let Some(recording) = recording {
            recording.end(Outcome::Done, None);
        }
        begun
    }

    #[test]
    fn numbers_go_on() {
        let folder = Folder::new("numbers");
        assert!(record(&Arc::new(Recorder::new(folder.0.clone()))));
        assert_eq!(folder.files(), ["call_0001.txt", "request_0001.xml"]);
        create(&folder.0.join("ews/get_item/response_0041.html"), "").unwrap();
        create(&folder.0.join("ews/get_item/other_0099.html"), "").unwrap();
        create_folder(&folder.0.join("ews/find_item")).unwrap();
        create(&folder.0.join("ews/find_item/call_12345.txt"), "").unwrap();
        let recorder = Arc::new(Recorder::new(folder.0.clone()));
        assert!(record(&recorder) && record(&recorder));
        assert!(folder.files().contains(&"request_12346.xml".to_owned()));
        assert!(folder.files().contains(&"request_12347.xml".to_owned()));
    }

    #[test]
    fn all_files_together_have_a_limit() {
        let folder = Folder::new("limit");
        let mut recorder = Recorder::new(folder.0.clone());
        recorder.most_bytes = 400;
        let recorder = Arc::new(recorder);
        let begun = (0..100).filter(|_| record(&recorder)).count();
        let bytes: u64 = folder
            .files()
            .iter()
            .map(|name| fs::metadata(folder.0.join("ews/get_item").join(name)))
            .map(|metadata| metadata.unwrap().len())
            .sum();
        assert!((100..=400).contains(&bytes), "{bytes}");
        // the last one did not fit
        assert_eq!(folder.files().len(), 2 * (begun - 1));
    }
}

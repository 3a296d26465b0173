//! Answers that were cut short or got noise into them.

use std::num::NonZero;
use std::thread;

use roxmltree::{Document, Node};

use crate::ews::operation::Operation;
use crate::ews::soap::{self, Answer};
use crate::xml::Problem;

/// One change to an answer, and what must come of it.
struct Disturbance {
    /// What is put in.
    noise: &'static str,
    /// Where.
    at: usize,
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    /// It is no longer well-formed.
    Malformed,
    /// An element nobody knows is refused where it could be one of those asked for.
    Refused,
    /// The same answer.
    Unharmed,
    /// An answer that holds the noise: what is kept as it stands.
    Kept,
}

/// Cuts the envelope short everywhere, and puts noise everywhere.
#[track_caller]
pub(super) fn disturb<O: Operation>(envelope: &str, answer: &Answer<O::Response>)
where
    O::Response: PartialEq + Sync,
{
    let cuts: Vec<usize> = envelope.char_indices().map(|(at, _)| at).collect();
    everywhere(&cuts, |cut| check_cut::<O>(envelope, *cut));
    let disturbances = disturbances(envelope);
    everywhere(&disturbances, |one| one.check::<O>(envelope, answer));
}

/// Calls `check` with each place, on as many threads as run at once.
fn everywhere<T: Sync>(places: &[T], check: impl Fn(&T) + Sync) {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for first in 0..threads {
            let check = &check;
            scope.spawn(move || places.iter().skip(first).step_by(threads).for_each(check));
        }
    });
}

fn check_cut<O: Operation>(envelope: &str, cut: usize) {
    let short = &envelope[..cut];
    let problem = soap::unlocated_response::<O>(short).expect_err("taken for whole");
    let is_right = match problem {
        Problem::Truncated | Problem::Malformed(_) => cut > 0,
        Problem::NotXml => cut == 0,
        _ => false,
    };
    assert!(is_right, "{problem}: {short}");
}

impl Disturbance {
    fn check<O: Operation>(&self, envelope: &str, answer: &Answer<O::Response>)
    where
        O::Response: PartialEq,
    {
        let (before, after) = envelope.split_at(self.at);
        let noisy = format!("{before}{}{after}", self.noise);
        let outcome = match soap::unlocated_response::<O>(&noisy) {
            Ok(read) if read.content == answer.content && read.server == answer.server => {
                Outcome::Unharmed
            }
            Ok(_) => Outcome::Kept,
            Err(Problem::Truncated | Problem::Malformed(_) | Problem::UnknownEntity) => {
                Outcome::Malformed
            }
            Err(Problem::Unexpected(..) | Problem::OtherAnswer { .. } | Problem::Missing(_)) => {
                Outcome::Refused
            }
            Err(problem) => panic!("{problem}: {noisy}"),
        };
        let near = before.rsplitn(4, '<').last().map_or(0, str::len);
        assert_eq!(
            outcome,
            self.outcome,
            "{} after {}",
            self.noise,
            &before[near..]
        );
    }
}

const UNKNOWN: [&str; 3] = [
    r#"<z:x xmlns:z="http://schemas.microsoft.com/exchange/services/2006/messages"/>"#,
    r#"<z:x xmlns:z="http://schemas.microsoft.com/exchange/services/2006/types"/>"#,
    FOREIGN,
];
const FOREIGN: &str = r#"<x xmlns="urn:foreign"/>"#;

fn disturbances(envelope: &str) -> Vec<Disturbance> {
    let document = Document::parse(envelope).unwrap();
    let mut all = Vec::new();
    let mut put = |noise, at, outcome| all.push(Disturbance { noise, at, outcome });
    for node in document.root_element().descendants() {
        let range = node.range();
        let source = &envelope[range.clone()];
        if node.is_text() && !source.contains("<![CDATA[") {
            for (at, _) in source.char_indices() {
                put("<", range.start + at, Outcome::Malformed);
                put("&", range.start + at, Outcome::Malformed);
            }
        }
        if !node.is_element() {
            continue;
        }
        for at in [range.start, range.end] {
            put("<", at, Outcome::Malformed);
            put("&", at, Outcome::Malformed);
        }
        let name = source.find([' ', '>', '/']).unwrap();
        let outcome = if is_kept(node) {
            Outcome::Kept
        } else {
            Outcome::Unharmed
        };
        put(" unknown='1'", range.start + name, outcome);

        let children = node.children().filter(Node::is_element);
        let places: Vec<_> = children.map(|child| child.range()).collect();
        let after_last = places.last().map(|last| last.end);
        for at in places.iter().map(|place| place.start).chain(after_last) {
            for unknown in UNKNOWN {
                put(unknown, at, outcome_inside(node, unknown));
            }
        }
    }
    all
}

/// What comes of an unknown element in `parent`, between others.
fn outcome_inside(parent: Node<'_, '_>, unknown: &str) -> Outcome {
    let is_foreign = unknown == FOREIGN;
    match parent.tag_name().name() {
        "MessageXml" => Outcome::Kept,
        _ if is_kept(parent) => Outcome::Kept,
        "Attachments" if !is_foreign => Outcome::Kept,
        // It would be one answer more, or one less.
        "Body" | "ResponseMessages" | "FreeBusyResponseArray" if !is_foreign => Outcome::Refused,
        // Of Exchange it is an item, a folder or an attachment of an unknown kind.
        "Items" | "Folders" | "ConflictingMeetings" | "AdjacentMeetings" if is_foreign => {
            Outcome::Refused
        }
        "Items" | "Folders" | "ConflictingMeetings" | "AdjacentMeetings" => Outcome::Kept,
        _ => Outcome::Unharmed,
    }
}

/// Whether it is kept as it stands, with whatever is in it: it is an item of a kind, or a property,
/// that this crate has no type for.
fn is_kept(node: Node<'_, '_>) -> bool {
    node.ancestors()
        .any(|node| KEPT.contains(&node.tag_name().name()))
}

const KEPT: [&str; 26] = [
    "AppliedHashtags",
    "AppliedHashtagsPreview",
    "ApprovalRequestData",
    "ArchiveTag",
    "CalendarActivityData",
    "ChangeHighlights",
    "Contact",
    "EntityExtractionResult",
    "Likes",
    "LikesPreview",
    "MailboxGuids",
    "ManagedFolderInformation",
    "Mentions",
    "MentionsEx",
    "MentionsPreview",
    "MessageSafety",
    "OnlineMeetingSettings",
    "PermissionSet",
    "PolicyTag",
    "PredictedActionReasons",
    "ReminderMessageData",
    "ResponseObjects",
    "RightsManagementLicenseData",
    "SearchParameters",
    "Task",
    "VotingInformation",
];

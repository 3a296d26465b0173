//! Batches of which an item is refused by order, while the others run.

use std::ops::Range;

use roxmltree::Document;

use super::dispatch::empty_payload;
use super::refusal::Refusal;
use super::request::{Element as _, MESSAGES, TYPES};
use super::soap;
use super::version::SimulatedVersion;
use super::xml::Writer;

/// Elements whose children are the items of a batch.
const LISTS: [&str; 8] = [
    "ItemIds",
    "Items",
    "ItemChanges",
    "AttachmentIds",
    "Attachments",
    "FolderIds",
    "Folders",
    "FolderChanges",
];

/// A request without the items that are not to run, and what is said about them.
pub(super) struct Cut<'a> {
    operation: &'a str,
    /// The request with the rest, if there is any.
    rest: Option<String>,
    /// The answers for those that do not run: at which place, with what.
    refusals: Vec<(usize, Refusal)>,
}

impl<'a> Cut<'a> {
    /// Takes the item at a place out of a batch, and all after it where the batch stops there;
    /// `None` where the request is no batch with such a place.
    pub(super) fn new(
        document: &Document<'_>,
        operation: &'a str,
        at: usize,
        refusal: &Refusal,
        stop: bool,
    ) -> Option<Self> {
        let body = document.descendants().find(|node| node.name() == "Body")?;
        let request = body.first()?;
        let list = request
            .elements()
            .find(|node| LISTS.contains(&node.name()))?;
        let items: Vec<Range<usize>> = list.elements().map(|item| item.range()).collect();
        items.get(at)?;
        let stopped = Refusal::batch_stopped();
        let last = if stop { items.len() } else { at + 1 };
        let refusals: Vec<(usize, Refusal)> = (at..last)
            .map(|place| {
                let one = if place == at { refusal } else { &stopped };
                (place, one.clone())
            })
            .collect();
        let mut rest = document.input_text().to_owned();
        for item in items.get(at..last)?.iter().rev() {
            rest.replace_range(item.clone(), "");
        }
        Some(Self {
            operation,
            rest: (refusals.len() < items.len()).then_some(rest),
            refusals,
        })
    }

    /// Runs what is left of the request and puts the refusals where they belong.
    pub(super) fn run(
        self,
        version: SimulatedVersion,
        run: impl FnOnce(&Document<'_>, &str) -> (u16, String),
    ) -> (u16, String) {
        let ran = self.rest.as_ref().and_then(|rest| {
            let document = Document::parse(rest).ok()?;
            Some(run(&document, rest))
        });
        let (status, answer) = match ran {
            Some(ran) => ran,
            None => {
                let none: [Result<(), Refusal>; 0] = [];
                let body = soap::responses(self.operation, &none, "", |_, ()| ());
                // An empty element has no place to put anything into.
                let open = "<m:ResponseMessages></m:ResponseMessages>";
                let body = body.replace("<m:ResponseMessages/>", open);
                (200, soap::answer(version, &body))
            }
        };
        let whole = self.insert(&answer);
        (status, whole.unwrap_or(answer))
    }

    fn insert(&self, answer: &str) -> Option<String> {
        let document = Document::parse(answer).ok()?;
        let list = document
            .descendants()
            .find(|node| node.name() == "ResponseMessages")?;
        let messages: Vec<Range<usize>> = list.elements().map(|node| node.range()).collect();
        let end = answer.find("</m:ResponseMessages>")?;
        let mut whole = answer.to_owned();
        for (place, refusal) in self.refusals.iter().rev() {
            let at = messages.get(*place).map_or(end, |message| message.start);
            whole.insert_str(at, &self.message(refusal));
        }
        Some(whole)
    }

    fn message(&self, refusal: &Refusal) -> String {
        let mut writer = Writer::default();
        let element = format!("m:{}ResponseMessage", self.operation);
        let attributes = [
            ("ResponseClass", refusal.class()),
            ("xmlns:m", MESSAGES),
            ("xmlns:t", TYPES),
        ];
        writer.element(&element, &attributes, |writer| {
            refusal.write(writer, "m:");
            writer.raw(empty_payload(self.operation));
        });
        writer.into_string()
    }
}

//! Elements kept as they were written, for what the simulator stores and gives back.

use roxmltree::Node;

use super::request::Element as _;
use super::xml::Writer;

/// An element of the types namespace with all that is in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Markup {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Self>,
}

impl Markup {
    pub(super) fn read(node: Node<'_, '_>) -> Self {
        let attributes = node.attributes();
        Self {
            name: node.name().to_owned(),
            attributes: attributes
                .map(|one| (one.name().to_owned(), one.value().to_owned()))
                .collect(),
            text: node.content().trim().to_owned(),
            children: node.elements().map(Self::read).collect(),
        }
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        let attributes = self.attributes.iter();
        let attributes: Vec<(&str, &str)> = attributes
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let name = format!("t:{}", self.name);
        if self.children.is_empty() {
            writer.leaf_with(&name, &attributes, &self.text);
            return;
        }
        writer.element(&name, &attributes, |writer| {
            for child in &self.children {
                child.write(writer);
            }
        });
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|(attribute, _)| attribute == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The texts of the elements in it.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.children.iter().map(|child| child.text.as_str())
    }

    /// The SMTP addresses of the mailboxes in it.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &str> {
        let mailboxes = self.children.iter();
        mailboxes.filter_map(|child| Some(child.child("EmailAddress")?.text.as_str()))
    }

    pub(super) fn is_true(&self) -> bool {
        matches!(self.text.as_str(), "true" | "1")
    }

    pub(super) fn number(&self) -> Option<i64> {
        self.text.parse().ok()
    }
}

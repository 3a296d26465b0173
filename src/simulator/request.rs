//! Reading requests: what roxmltree lacks for element-centred documents.

use roxmltree::Node;

/// Namespace of the operations.
pub(super) const MESSAGES: &str = "http://schemas.microsoft.com/exchange/services/2006/messages";
/// Namespace of the types.
pub(super) const TYPES: &str = "http://schemas.microsoft.com/exchange/services/2006/types";
/// Namespace of SOAP 1.1.
pub(super) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// Element-centred navigation.
pub(super) trait Element<'a, 'input: 'a>: Sized {
    /// Local name.
    fn name(&self) -> &'a str;
    /// The child elements.
    fn elements(&self) -> impl Iterator<Item = Node<'a, 'input>>;
    /// The first child element of that local name in one of the two EWS namespaces.
    fn child(&self, name: &str) -> Option<Node<'a, 'input>>;
    /// The text of a child element; `None` where there is no such child.
    fn text_of(&self, name: &str) -> Option<&'a str>;
    /// The whole text, empty where there is none.
    fn content(&self) -> &'a str;
    /// The first child element.
    fn first(&self) -> Option<Node<'a, 'input>>;
}

impl<'a, 'input: 'a> Element<'a, 'input> for Node<'a, 'input> {
    fn name(&self) -> &'a str {
        self.tag_name().name()
    }

    fn elements(&self) -> impl Iterator<Item = Self> {
        self.children().filter(Node::is_element)
    }

    fn child(&self, name: &str) -> Option<Self> {
        self.elements().find(|node| {
            node.tag_name().name() == name
                && matches!(node.tag_name().namespace(), Some(MESSAGES | TYPES))
        })
    }

    fn text_of(&self, name: &str) -> Option<&'a str> {
        Some(self.child(name)?.content())
    }

    fn content(&self) -> &'a str {
        self.text().unwrap_or_default()
    }

    fn first(&self) -> Option<Self> {
        self.elements().next()
    }
}

//! The namespaces an Exchange server speaks, and which prefix stands for which.

/// A namespace, as far as a reader must tell them apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Namespace {
    Errors,
    Messages,
    /// SOAP 1.1, which Exchange speaks.
    Soap,
    /// SOAP 1.2, in which faults come now and then.
    Soap12,
    Types,
    /// The element has no namespace, as `faultcode` in a SOAP fault.
    Absent,
    /// Some other namespace: an extension, skipped by [`Element::next_child`](super::Element::next_child).
    Foreign,
}

impl Namespace {
    pub(crate) const MESSAGES: &'static str =
        "http://schemas.microsoft.com/exchange/services/2006/messages";
    pub(crate) const SOAP: &'static str = "http://schemas.xmlsoap.org/soap/envelope/";
    pub(crate) const TYPES: &'static str =
        "http://schemas.microsoft.com/exchange/services/2006/types";
    const ERRORS: &'static str = "http://schemas.microsoft.com/exchange/services/2006/errors";
    const SOAP12: &'static str = "http://www.w3.org/2003/05/soap-envelope";
    const XML: &'static str = "http://www.w3.org/XML/1998/namespace";

    fn named(uri: &str) -> Self {
        match uri {
            Self::TYPES => Self::Types,
            Self::MESSAGES => Self::Messages,
            Self::SOAP => Self::Soap,
            Self::SOAP12 => Self::Soap12,
            Self::ERRORS => Self::Errors,
            "" => Self::Absent,
            _ => Self::Foreign,
        }
    }
}

/// The prefixes in force, innermost last.
///
/// Answers declare a handful at the top and few below, so a search from the end finds its prefix
/// in a step or two; quick-xml's `NsReader` looks at every element anew and costs a fifth more.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    stack: Vec<Binding>,
}

/// Why a prefix is not declared.
#[derive(Debug)]
pub(super) enum Refused {
    TooMany,
    Wrong(&'static str),
}

/// Exchange has fewer than twenty in force at once.
pub(super) const MAX_BINDINGS: usize = 256;

#[derive(Debug)]
struct Binding {
    prefix: Prefix,
    namespace: Namespace,
    /// How deep the element is that declares it.
    depth: usize,
}

/// A prefix. Nearly all have a few letters, and compare as one number.
#[derive(Debug, Eq, PartialEq)]
enum Prefix {
    Short(u64),
    Long(Box<str>),
}

impl Prefix {
    #[inline]
    fn new(text: &str) -> Self {
        if text.len() > 8 {
            return Self::Long(text.into());
        }
        let letters = text.bytes();
        Self::Short(letters.fold(0, |number, letter| (number << 8) | u64::from(letter)))
    }
}

impl Bindings {
    /// Declares `prefix` from the element at `depth` inwards.
    ///
    /// # Errors
    ///
    /// What Namespaces in XML 1.0 forbids: undeclaring a prefix, and using `xml` or `xmlns` for
    /// something else; and more declarations than a search should have to look at.
    pub(super) fn declare(&mut self, prefix: &str, uri: &str, depth: usize) -> Result<(), Refused> {
        if self.stack.len() == MAX_BINDINGS {
            return Err(Refused::TooMany);
        }
        match prefix {
            "xmlns" => return Err(Refused::Wrong("the prefix xmlns cannot be declared")),
            "xml" if uri == Namespace::XML => return Ok(()),
            "xml" => {
                return Err(Refused::Wrong(
                    "the prefix xml stands for another namespace",
                ));
            }
            "" => {}
            _ if uri.is_empty() => return Err(Refused::Wrong("a prefix cannot be undeclared")),
            _ => {}
        }
        self.stack.push(Binding {
            prefix: Prefix::new(prefix),
            namespace: Namespace::named(uri),
            depth,
        });
        Ok(())
    }

    /// Forgets what elements deeper than `depth` declared.
    #[inline]
    pub(super) fn leave(&mut self, depth: usize) {
        while self.stack.last().is_some_and(|last| last.depth > depth) {
            self.stack.pop();
        }
    }

    /// What `prefix` stands for; `None` if nothing declares it.
    #[inline]
    pub(super) fn resolve(&self, prefix: &str) -> Option<Namespace> {
        let wanted = Prefix::new(prefix);
        let found = self.stack.iter().rev().find(|b| b.prefix == wanted);
        match found {
            Some(binding) => Some(binding.namespace),
            None if prefix.is_empty() => Some(Namespace::Absent),
            None if prefix == "xml" => Some(Namespace::Foreign),
            None => None,
        }
    }
}

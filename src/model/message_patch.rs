//! Changes to a message.

use serde::{Deserialize, Serialize};

use super::{
    Body, Categories, ExtendedProperty, FollowUpFlag, Importance, Patch, PropertyName, Recipient,
    Sensitivity,
    extended_property::{check_properties, check_written_name},
    item::check_categories,
};
use crate::error::{Error, Result};

/// Changes to a message. Only what is not [`Patch::Keep`] is sent.
///
/// Of a message that was sent or received, only what is the reader's own may be changed: read, flag, categories,
/// importance, MAPI properties. The rest is for drafts.
///
/// ```
/// use exchange_connector::model::{FollowUpFlag, MessagePatch};
///
/// let done = MessagePatch::new().is_read(true).flag(FollowUpFlag::complete());
/// assert!(!done.is_empty() && !done.is_for_drafts());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MessagePatch {
    /// Whether it was read; `Clear` is unread.
    pub is_read: Patch<bool>,
    /// The follow-up flag; `Clear` is none.
    pub flag: Patch<FollowUpFlag>,
    /// The categories.
    pub categories: Patch<Categories>,
    /// How important it is; `Clear` is normal.
    pub importance: Patch<Importance>,
    /// Whom it concerns; `Clear` is normal.
    pub sensitivity: Patch<Sensitivity>,
    /// The subject. Drafts only.
    pub subject: Patch<String>,
    /// The text. Drafts only.
    pub body: Patch<Body>,
    /// To whom. Drafts only.
    pub to: Patch<Vec<Recipient>>,
    /// Who gets a copy. Drafts only.
    pub cc: Patch<Vec<Recipient>>,
    /// Who gets a copy without the others knowing. Drafts only.
    pub bcc: Patch<Vec<Recipient>>,
    /// Whom to answer. Drafts only.
    pub reply_to: Patch<Vec<Recipient>>,
    /// In whose name. Drafts only.
    pub from: Patch<Recipient>,
    /// MAPI properties to set.
    pub extended: Vec<ExtendedProperty>,
    /// MAPI properties to remove.
    pub remove_extended: Vec<PropertyName>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $field:ident: $type:ty),+ $(,)?) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $field(mut self, $field: impl Into<Patch<$type>>) -> Self {
            self.$field = $field.into();
            self
        }
    )+};
}

impl MessagePatch {
    /// No change.
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Changes whether it was read.
        is_read: bool,
        /// Changes or clears the follow-up flag.
        flag: FollowUpFlag,
        /// Changes the categories to these, or clears them.
        categories: Categories,
        /// Changes how important it is.
        importance: Importance,
        /// Changes whom it concerns.
        sensitivity: Sensitivity,
        /// Changes or clears the subject of a draft.
        subject: String,
        /// Changes or clears the text of a draft.
        body: Body,
        /// Changes to whom a draft goes.
        to: Vec<Recipient>,
        /// Changes who gets a copy of a draft.
        cc: Vec<Recipient>,
        /// Changes who gets a copy of a draft without the others knowing.
        bcc: Vec<Recipient>,
        /// Changes whom to answer to a draft.
        reply_to: Vec<Recipient>,
        /// Changes in whose name a draft is sent.
        from: Recipient,
    }

    /// Sets a MAPI property.
    #[must_use]
    pub fn extended(mut self, property: ExtendedProperty) -> Self {
        self.extended.push(property);
        self
    }

    /// Removes a MAPI property.
    #[must_use]
    pub fn remove_extended(mut self, name: PropertyName) -> Self {
        self.remove_extended.push(name);
        self
    }

    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it changes what only drafts let change.
    pub fn is_for_drafts(&self) -> bool {
        !(self.subject.is_keep()
            && self.body.is_keep()
            && self.to.is_keep()
            && self.cc.is_keep()
            && self.bcc.is_keep()
            && self.reply_to.is_keep()
            && self.from.is_keep())
    }

    /// Checks what every server refuses, so that it is found before anything is sent.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), which says which field is wrong and why.
    pub fn validate(&self, operation: &'static str) -> Result<()> {
        if self.is_empty() {
            return Err(Error::invalid_argument(
                operation,
                "there is nothing to change",
            ));
        }
        if let Some(categories) = self.categories.value() {
            check_categories(operation, categories)?;
        }
        for (who, people) in [
            ("recipient", &self.to),
            ("recipient", &self.cc),
            ("recipient", &self.bcc),
            ("person to answer", &self.reply_to),
        ] {
            for person in people.value().into_iter().flatten() {
                person.require_smtp(operation, who)?;
            }
        }
        if let Some(author) = self.from.value() {
            author.require_smtp(operation, "author")?;
        }
        if let Some(subject) = self.subject.value()
            && subject.contains(char::is_control)
        {
            let problem = "the subject has a line break or a control character in it";
            return Err(Error::invalid_argument(operation, problem));
        }
        for name in &self.remove_extended {
            check_written_name(operation, name)?;
        }
        check_properties(operation, &self.extended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drafts_alone_let_change() {
        assert!(MessagePatch::new().subject("a").is_for_drafts());
        assert!(MessagePatch::new().bcc(Patch::Clear).is_for_drafts());
        assert!(
            !MessagePatch::new()
                .is_read(true)
                .importance(Importance::Low)
                .is_for_drafts()
        );
    }

    #[test]
    fn what_servers_refuse() {
        for wrong in [
            MessagePatch::new(),
            MessagePatch::new().to(vec![Recipient::smtp("Ada")]),
            MessagePatch::new().subject("a\nb"),
            MessagePatch::new().categories(Categories::from([String::new()])),
        ] {
            assert!(wrong.validate("update_message").is_err(), "{wrong:?}");
        }
        assert!(
            MessagePatch::new()
                .is_read(false)
                .validate("update_message")
                .is_ok()
        );
    }
}

//! Conditions, as Graph says them (`$filter`).
//!
//! Source: <https://learn.microsoft.com/graph/filter-query-parameter>

use chrono::{DateTime, Utc};

use crate::graph::convert::{exact_instant, property_equals, quoted};
use crate::mail::condition::{Language, Said as Saying};
use crate::model::{Importance, MessageFilter, PropertyKind, PropertyValue};

pub(super) type Condition = crate::mail::condition::Condition<String>;

type Said = Saying<String>;

/// The language of `$filter`.
pub(super) struct Filter;

impl Language for Filter {
    type Expression = String;

    fn say(leaf: &MessageFilter) -> Said {
        said(leaf)
    }

    fn all(list: Vec<String>) -> String {
        format!("({})", list.join(" and "))
    }

    fn any(list: Vec<String>) -> String {
        format!("({})", list.join(" or "))
    }

    fn not(one: String) -> String {
        format!("not ({one})")
    }
}

/// Texts are said widely, and compared here once more: how a server takes letters, accents and words is not said
/// anywhere. Numbers and marks it knows exactly.
fn said(leaf: &MessageFilter) -> Said {
    let wide = |text: String| Said::Widely(Some(text));
    let is = |name: &str, value: bool| Said::Exactly(format!("{name} eq {value}"));
    let since = |name: &str, time: &DateTime<Utc>| {
        Said::Exactly(format!("{name} ge {}", exact_instant(*time)))
    };
    let before = |name: &str, time: &DateTime<Utc>| {
        Said::Exactly(format!("{name} lt {}", exact_instant(*time)))
    };
    match leaf {
        MessageFilter::From(address) => {
            wide(format!("from/emailAddress/address eq {}", quoted(address)))
        }
        // No list of people can be searched for, nor a text within a body, nor a size.
        MessageFilter::To(_)
        | MessageFilter::BodyContains(_)
        | MessageFilter::SizeFrom(_)
        | MessageFilter::SizeBelow(_)
        | MessageFilter::All(_)
        | MessageFilter::Any(_)
        | MessageFilter::Not(_) => Said::Widely(None),
        MessageFilter::SubjectIs(text) if text.is_empty() => Said::Widely(None),
        MessageFilter::SubjectContains(text) | MessageFilter::SubjectIs(text) => {
            wide(format!("contains(subject,{})", quoted(text)))
        }
        MessageFilter::ReceivedFrom(time) => since("receivedDateTime", time),
        MessageFilter::ReceivedBefore(time) => before("receivedDateTime", time),
        MessageFilter::SentFrom(time) => since("sentDateTime", time),
        MessageFilter::SentBefore(time) => before("sentDateTime", time),
        MessageFilter::ModifiedFrom(time) => since("lastModifiedDateTime", time),
        MessageFilter::IsRead(value) => is("isRead", *value),
        MessageFilter::IsDraft(value) => is("isDraft", *value),
        MessageFilter::HasAttachments(value) => is("hasAttachments", *value),
        MessageFilter::IsFlagged(true) => Said::Exactly("flag/flagStatus eq 'flagged'".to_owned()),
        MessageFilter::IsFlagged(false) => Said::Exactly("flag/flagStatus ne 'flagged'".to_owned()),
        MessageFilter::Importance(importance) => {
            let name = match importance {
                Importance::Low => "low",
                Importance::Normal => "normal",
                Importance::High => "high",
            };
            Said::Exactly(format!("importance eq '{name}'"))
        }
        MessageFilter::Category(name) => wide(format!("categories/any(c:c eq {})", quoted(name))),
        MessageFilter::InternetMessageId(id) => {
            wide(format!("internetMessageId eq {}", quoted(id)))
        }
        MessageFilter::Conversation(id) => {
            wide(format!("conversationId eq {}", quoted(id.as_raw())))
        }
        MessageFilter::Extended(name, PropertyValue::One(value))
            if name.kind() == PropertyKind::String =>
        {
            wide(property_equals(name, value))
        }
        MessageFilter::Extended(..) => Said::Widely(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(filter: &MessageFilter) -> Option<String> {
        Condition::of::<Filter>(filter).server
    }

    #[test]
    fn what_the_server_is_asked() {
        let unread = MessageFilter::unread();
        let text = MessageFilter::SubjectContains("it's".to_owned());
        let both = unread.clone().and(text.clone());
        assert_eq!(
            server(&both).unwrap(),
            "(isRead eq false and contains(subject,'it''s'))"
        );
        let to = MessageFilter::To("a@b".to_owned());
        assert_eq!(server(&to.clone().or(unread.clone())), None);
        assert_eq!(server(&to.and(unread.clone())).unwrap(), "isRead eq false");
        assert_eq!(server(&text.clone().not()), None);
        assert_eq!(server(&unread.not()).unwrap(), "not (isRead eq false)");
        assert!(Condition::of::<Filter>(&text).here.is_some());
    }
}

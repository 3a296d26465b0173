//! Conditions, as EWS says them.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::ews::types::{
    ContainmentComparison, ContainmentMode, FieldPath, Operand, SearchExpression,
};
use crate::ews::{FieldUri, convert};
use crate::mail::condition::{Language, Said as Saying};
use crate::model::{Importance, MessageFilter, PropertyKind, PropertyName, PropertyValue};

pub(super) type Condition = crate::mail::condition::Condition<SearchExpression>;

type Said = Saying<SearchExpression>;

/// Restrictions (`SearchExpression`).
pub(super) struct Restriction;

impl Language for Restriction {
    type Expression = SearchExpression;

    fn say(leaf: &MessageFilter) -> Said {
        said(leaf)
    }

    fn all(list: Vec<SearchExpression>) -> SearchExpression {
        SearchExpression::And(list)
    }

    fn any(list: Vec<SearchExpression>) -> SearchExpression {
        SearchExpression::Or(list)
    }

    fn not(one: SearchExpression) -> SearchExpression {
        match one {
            SearchExpression::Not(twice) => *twice,
            one => SearchExpression::Not(Box::new(one)),
        }
    }
}

/// The schema wants two at least in a list of conditions.
fn joined(
    mut list: Vec<SearchExpression>,
    by: fn(Vec<SearchExpression>) -> SearchExpression,
) -> Option<SearchExpression> {
    match list.len() {
        0 | 1 => list.pop(),
        _ => Some(by(list)),
    }
}

fn said(leaf: &MessageFilter) -> Said {
    use SearchExpression::{IsEqualTo, IsGreaterThanOrEqualTo, IsLessThan};
    let is = |uri: FieldUri, value: &str| IsEqualTo(uri.into(), value.into());
    let flag = |uri: FieldUri, value: bool| is(uri, if value { "true" } else { "false" });
    let since = |uri: FieldUri, time: &DateTime<Utc>| {
        there(uri, |path| IsGreaterThanOrEqualTo(path, constant(time)))
    };
    let before =
        |uri: FieldUri, time: &DateTime<Utc>| there(uri, |path| IsLessThan(path, constant(time)));
    Said::Exactly(match leaf {
        MessageFilter::From(address) => return Said::Widely(Some(author(address))),
        // No list of people can be searched for, and a conversation by its identifier only by some
        // servers.
        MessageFilter::To(_)
        | MessageFilter::Conversation(_)
        | MessageFilter::All(_)
        | MessageFilter::Any(_)
        | MessageFilter::Not(_) => return Said::Widely(None),
        MessageFilter::SubjectContains(text) => there(FieldUri::ItemSubject, |path| {
            SearchExpression::contains(path, text)
        }),
        MessageFilter::SubjectIs(text) if text.is_empty() => {
            SearchExpression::Not(Box::new(there(FieldUri::ItemSubject, |path| {
                SearchExpression::IsNotEqualTo(path, "".into())
            })))
        }
        MessageFilter::SubjectIs(text) => there(FieldUri::ItemSubject, |path| {
            whole(path, text, Case::Ignored)
        }),
        MessageFilter::BodyContains(text) => SearchExpression::contains(FieldUri::ItemBody, text),
        MessageFilter::ReceivedFrom(time) => since(FieldUri::ItemDateTimeReceived, time),
        MessageFilter::ReceivedBefore(time) => before(FieldUri::ItemDateTimeReceived, time),
        MessageFilter::SentFrom(time) => since(FieldUri::ItemDateTimeSent, time),
        MessageFilter::SentBefore(time) => before(FieldUri::ItemDateTimeSent, time),
        MessageFilter::ModifiedFrom(time) => since(FieldUri::ItemLastModifiedTime, time),
        MessageFilter::IsRead(value) => flag(FieldUri::MessageIsRead, *value),
        MessageFilter::IsDraft(value) => flag(FieldUri::ItemIsDraft, *value),
        MessageFilter::HasAttachments(value) => flag(FieldUri::ItemHasAttachments, *value),
        MessageFilter::IsFlagged(value) => {
            // The flag as a whole cannot be searched for, on no version.
            let is_flagged = there(convert::flag_status_path(), |path| {
                IsEqualTo(path, "2".into())
            });
            match value {
                true => is_flagged,
                false => SearchExpression::Not(Box::new(is_flagged)),
            }
        }
        MessageFilter::Importance(importance) => is(
            FieldUri::ItemImportance,
            match importance {
                Importance::Low => "Low",
                Importance::Normal => "Normal",
                Importance::High => "High",
            },
        ),
        MessageFilter::Category(name) => there(FieldUri::ItemCategories, |path| {
            whole(path, name, Case::Ignored)
        }),
        MessageFilter::InternetMessageId(id) => there(FieldUri::MessageInternetMessageId, |path| {
            whole(path, id, Case::Counts)
        }),
        MessageFilter::SizeFrom(bytes) | MessageFilter::SizeBelow(bytes) => {
            // The property has 32 bits with a sign.
            let Ok(bytes) = i32::try_from(*bytes) else {
                return Said::Widely(None);
            };
            let (path, bytes) = (FieldUri::ItemSize.into(), Operand::from(bytes.to_string()));
            match leaf {
                MessageFilter::SizeFrom(_) => IsGreaterThanOrEqualTo(path, bytes),
                _ => IsLessThan(path, bytes),
            }
        }
        MessageFilter::Extended(name, value) => return extended(name, value),
    })
}

/// A comparison with a property that not every message has: what comes of one that is missing is
/// not defined (MS-OXCDATA 2.12), so that it could hold within a negation.
fn there(
    path: impl Into<FieldPath>,
    compare: impl FnOnce(FieldPath) -> SearchExpression,
) -> SearchExpression {
    let path = path.into();
    let exists = SearchExpression::Exists(path.clone());
    SearchExpression::And(vec![exists, compare(path)])
}

#[derive(Clone, Copy)]
enum Case {
    Counts,
    Ignored,
}

/// The whole text is this one.
fn whole(path: FieldPath, text: &str, case: Case) -> SearchExpression {
    SearchExpression::Contains {
        path,
        mode: ContainmentMode::FullString,
        comparison: match case {
            Case::Counts => ContainmentComparison::Exact,
            Case::Ignored => ContainmentComparison::IgnoreCase,
        },
        text: text.to_owned(),
    }
}

fn constant(time: &DateTime<Utc>) -> Operand {
    Operand::from(time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// Messages of somebody with that address, and all of people in the organisation of whom a message
/// does not have the SMTP address: those are looked up when the message is there.
fn author(address: &str) -> SearchExpression {
    let [smtp, own, routing] = convert::author_paths();
    let no_smtp = SearchExpression::Not(Box::new(SearchExpression::Exists(smtp.clone())));
    // Such as have a distinguished name there in place of it.
    let is_name = SearchExpression::Contains {
        path: smtp.clone(),
        mode: ContainmentMode::Prefixed,
        comparison: ContainmentComparison::IgnoreCase,
        text: "/o=".to_owned(),
    };
    SearchExpression::Or(vec![
        whole(smtp, address, Case::Ignored),
        whole(own, address, Case::Ignored),
        SearchExpression::And(vec![
            whole(routing, "EX", Case::Ignored),
            SearchExpression::Or(vec![no_smtp, is_name]),
        ]),
    ])
}

fn extended(name: &PropertyName, value: &PropertyValue) -> Said {
    let path = || FieldPath::Extended(convert::property_uri(name));
    let is = |value: &String| {
        there(path(), |path| match name.kind() {
            PropertyKind::String | PropertyKind::StringArray => whole(path, value, Case::Ignored),
            _ => SearchExpression::IsEqualTo(path, value.as_str().into()),
        })
    };
    match value {
        PropertyValue::One(value) => Said::Exactly(is(value)),
        PropertyValue::Many(values) => {
            let each = values.iter().map(is).collect();
            Said::Widely(joined(each, SearchExpression::And))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to() -> MessageFilter {
        MessageFilter::To("ada@example.com".into())
    }

    fn from() -> MessageFilter {
        MessageFilter::From("ada@example.com".into())
    }

    #[test]
    fn what_cannot_be_said_is_left_out_or_takes_all_with_it() {
        let read = || MessageFilter::IsRead(true);
        let is_read = SearchExpression::IsEqualTo(FieldUri::MessageIsRead.into(), "true".into());
        let not_read = SearchExpression::Not(Box::new(is_read.clone()));
        let author = author("ada@example.com");
        for (filter, server, here) in [
            (read(), Some(is_read.clone()), None),
            (to(), None, Some(to())),
            (to().and(read()), Some(is_read.clone()), Some(to())),
            (to().or(read()), None, Some(to().or(read()))),
            (to().not().and(read()), Some(is_read), Some(to().not())),
            // Not (to or read) is neither, and not read is what is left of it.
            (
                to().or(read()).not(),
                Some(not_read),
                Some(to().or(read()).not()),
            ),
            (to().and(read()).not(), None, Some(to().and(read()).not())),
            // Wider than what is meant, so that it must not be denied.
            (from(), Some(author), Some(from())),
            (from().not(), None, Some(from().not())),
            (
                from().not().not(),
                Some(super::author("ada@example.com")),
                Some(from().not().not()),
            ),
        ] {
            let condition = Condition::of::<Restriction>(&filter);
            assert_eq!(condition.server, server, "{filter:?}");
            assert_eq!(condition.here, here, "{filter:?}");
        }
    }
}

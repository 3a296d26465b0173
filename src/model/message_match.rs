//! Whether a message meets a condition, decided here.

use chrono::{DateTime, Utc};

use super::{
    Address, BodyFormat, FollowUpFlag, Message, MessageDetail, MessageFilter, PropertyKind,
    PropertyValue, Recipient,
};

impl MessageFilter {
    /// Whether a message meets the condition; `None` if it does not say enough.
    ///
    /// Recipients, bodies and MAPI properties are known of messages loaded in
    /// [full](crate::model::MessageLoad::full) only, and of bodies only plain text can be decided about.
    ///
    /// ```
    /// use exchange_connector::Backend;
    /// use exchange_connector::model::{Message, MessageFilter, MessageId, Version};
    ///
    /// let id = MessageId::from_raw(Backend::Ews, "AAMk=");
    /// let mut message = Message::new(id, Version::from_raw("CQAA"));
    /// message.subject = "Invoice 17".into();
    /// let invoices = MessageFilter::SubjectContains("INVOICE".into());
    /// assert_eq!(invoices.is_met_by(&message), Some(true));
    /// assert_eq!(MessageFilter::To("ada@example.com".into()).is_met_by(&message), None);
    /// ```
    pub fn is_met_by(&self, message: &Message) -> Option<bool> {
        let detail = message.detail.as_deref();
        let since = |time: Option<DateTime<Utc>>, from: &DateTime<Utc>| {
            Some(time.is_some_and(|time| time >= *from))
        };
        let before = |time: Option<DateTime<Utc>>, end: &DateTime<Utc>| {
            Some(time.is_some_and(|time| time < *end))
        };
        match self {
            Self::All(list) => all(list.iter().map(|one| one.is_met_by(message))),
            Self::Any(list) => {
                let refuted = all(list.iter().map(|one| Some(!one.is_met_by(message)?)));
                refuted.map(|refuted| !refuted)
            }
            Self::Not(one) => one.is_met_by(message).map(|met| !met),
            Self::From(address) => is_among(message.from.iter(), address),
            Self::To(address) => {
                let MessageDetail { to, cc, bcc, .. } = detail?;
                is_among(to.iter().chain(cc).chain(bcc), address)
            }
            Self::SubjectContains(text) => Some(fold(&message.subject).contains(&fold(text))),
            Self::SubjectIs(text) => Some(is_same_text(&message.subject, text)),
            Self::BodyContains(text) => match &detail?.body {
                None => Some(false),
                Some(body) if body.format == BodyFormat::Text && !body.truncated => {
                    Some(fold(&body.content).contains(&fold(text)))
                }
                Some(_) => None,
            },
            Self::ReceivedFrom(from) => since(message.received, from),
            Self::ReceivedBefore(end) => before(message.received, end),
            Self::SentFrom(from) => since(message.sent, from),
            Self::SentBefore(end) => before(message.sent, end),
            Self::ModifiedFrom(from) => since(message.last_modified, from),
            Self::IsRead(wanted) => Some(message.is_read == *wanted),
            Self::IsDraft(wanted) => Some(message.is_draft == *wanted),
            Self::IsFlagged(wanted) => {
                let is_flagged = matches!(message.flag, FollowUpFlag::Flagged { .. });
                Some(is_flagged == *wanted)
            }
            Self::HasAttachments(wanted) => Some(message.has_attachments == *wanted),
            Self::Importance(wanted) => Some(message.importance == *wanted),
            Self::Category(name) => {
                Some(message.categories.iter().any(|own| is_same_text(own, name)))
            }
            Self::InternetMessageId(id) => Some(message.internet_message_id.as_ref() == Some(id)),
            Self::Conversation(id) => Some(message.conversation_id.as_ref() == Some(id)),
            Self::SizeFrom(bytes) => Some(message.size? >= *bytes),
            Self::SizeBelow(bytes) => Some(message.size? < *bytes),
            Self::Extended(name, value) => {
                let list = detail?.extended.iter();
                let mut found = list.filter(|own| own.name.is_same(name));
                Some(found.any(|own| has(&own.value, value, name.kind())))
            }
        }
    }
}

/// Whether all hold, as far as they are known.
fn all(mut each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let first = Some(true);
    each.try_fold(first, |so_far, one| match one {
        Some(false) => Err(()),
        Some(true) => Ok(so_far),
        None => Ok(None),
    })
    .unwrap_or(Some(false))
}

fn fold(text: &str) -> String {
    text.to_lowercase()
}

fn is_same_text(one: &str, other: &str) -> bool {
    fold(one) == fold(other)
}

/// Whether an address is that of one of these people; not known if it may be that of somebody who
/// is named otherwise.
fn is_among<'r>(people: impl Iterator<Item = &'r Recipient>, address: &str) -> Option<bool> {
    let mut is_known = true;
    for who in people {
        match &who.address {
            Address::Smtp(own) if is_same_text(own, address) => return Some(true),
            Address::ExchangeDn(_) => is_known = false,
            _ => {}
        }
    }
    is_known.then_some(false)
}

/// Whether a property has a value; one with many values has each of them.
fn has(own: &PropertyValue, wanted: &PropertyValue, kind: PropertyKind) -> bool {
    let same = |own: &String, wanted: &String| is_same_value(own, wanted, kind);
    match (own, wanted) {
        (PropertyValue::One(own), PropertyValue::One(wanted)) => same(own, wanted),
        (PropertyValue::Many(own), PropertyValue::One(wanted)) => {
            own.iter().any(|own| same(own, wanted))
        }
        (PropertyValue::Many(own), PropertyValue::Many(wanted)) => {
            own.len() == wanted.len() && own.iter().zip(wanted).all(|(own, one)| same(own, one))
        }
        (PropertyValue::One(_), PropertyValue::Many(_)) => false,
    }
}

fn is_same_value(own: &str, wanted: &str, kind: PropertyKind) -> bool {
    fn both<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
        one.is_some() && one == other
    }
    let name = kind.name();
    match name.strip_suffix("Array").unwrap_or(name) {
        "String" | "CLSID" => is_same_text(own, wanted),
        "Boolean" => both(truth(own), truth(wanted)),
        "SystemTime" => {
            let time = |text: &str| text.parse::<DateTime<Utc>>().ok();
            both(time(own), time(wanted))
        }
        "Integer" | "Short" | "Long" | "Currency" | "Error" => {
            both(own.parse::<i64>().ok(), wanted.parse().ok())
        }
        "Double" | "Float" | "ApplicationTime" => {
            both(own.parse::<f64>().ok(), wanted.parse().ok())
        }
        _ => own == wanted,
    }
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::Backend;
    use crate::model::{Body, ExtendedProperty, MessageId, PropertyName, Version};

    fn message() -> Message {
        let id = MessageId::from_raw(Backend::Ews, "1");
        let mut message = Message::new(id, Version::from_raw("a"));
        message.from = Some(Recipient::smtp("Ada@Example.com"));
        message.subject = "RE: Größe".to_owned();
        message.received = Some("2026-03-02T10:00:00Z".parse().unwrap());
        message
    }

    #[test]
    fn what_is_not_known_is_not_decided() {
        let summary = message();
        let to = MessageFilter::To("bo@example.com".into());
        let subject = MessageFilter::SubjectContains("GRÖSSE".into());
        let from = MessageFilter::From("ada@example.COM".into());
        assert_eq!(to.is_met_by(&summary), None);
        assert_eq!(to.clone().not().is_met_by(&summary), None);
        // What is known decides.
        assert_eq!(from.clone().or(to.clone()).is_met_by(&summary), Some(true));
        assert_eq!(subject.and(to.clone()).is_met_by(&summary), Some(false));
        assert_eq!(from.and(to.clone()).is_met_by(&summary), None);
        let mut full = message();
        full.detail = Some(Box::default());
        assert_eq!(to.is_met_by(&full), Some(false));
        let body = MessageFilter::BodyContains("hello".into());
        for (text, met) in [
            (None, Some(false)),
            (Some(Body::text("Oh, HELLO")), Some(true)),
            (Some(Body::html("<p>Hello</p>")), None),
        ] {
            full.detail.as_mut().unwrap().body = text;
            assert_eq!(body.is_met_by(&full), met);
        }
    }

    #[test]
    fn times_that_are_not_there_meet_no_bound() {
        let mut message = message();
        let noon: DateTime<Utc> = "2026-03-02T12:00:00Z".parse().unwrap();
        let (from, before) = (
            MessageFilter::ReceivedFrom(noon),
            MessageFilter::ReceivedBefore(noon),
        );
        let both = |message: &Message| (from.is_met_by(message), before.is_met_by(message));
        assert_eq!(both(&message), (Some(false), Some(true)));
        message.received = Some(noon);
        assert_eq!(both(&message), (Some(true), Some(false)));
        message.received = None;
        assert_eq!(both(&message), (Some(false), Some(false)));
    }

    #[test]
    fn values_are_compared_by_what_they_mean() {
        use PropertyKind::{Binary, Boolean, Double, Integer, String, StringArray, SystemTime};
        let one = |text: &str| PropertyValue::One(text.to_owned());
        let many = |list: &[&str]| {
            PropertyValue::Many(list.iter().map(|text| (*text).to_owned()).collect())
        };
        for (kind, own, wanted, met) in [
            (Boolean, one("1"), one("true"), true),
            (Integer, one("007"), one("7"), true),
            (Double, one("1.50"), one("1.5"), true),
            (String, one("Open"), one("OPEN"), true),
            (Binary, one("AAAA"), one("aaaa"), false),
            (
                SystemTime,
                one("2026-03-02T10:00:00Z"),
                one("2026-03-02T11:00:00+01:00"),
                true,
            ),
            (StringArray, many(&["a", "b"]), one("B"), true),
            (StringArray, many(&["a", "b"]), many(&["A", "B"]), true),
            (StringArray, many(&["a", "b"]), many(&["a"]), false),
        ] {
            let name = PropertyName::tag(0x6000, kind);
            let mut message = message();
            let mut detail = MessageDetail::default();
            detail.extended.push(ExtendedProperty {
                name: name.clone(),
                value: own.clone(),
            });
            message.detail = Some(Box::new(detail));
            let filter = MessageFilter::Extended(name, wanted.clone());
            assert_eq!(
                filter.is_met_by(&message),
                Some(met),
                "{kind:?} {own:?} {wanted:?}"
            );
        }
    }
}

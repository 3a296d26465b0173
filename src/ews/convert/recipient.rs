use crate::ews::types::{self, Mailbox, MailboxType, SingleRecipient};
use crate::model::{
    Address, Attendee, AttendeeRole, PersonKind, Recipient, Response, ResponseStatus, ZonedTime,
};

/// Somebody in a list; nobody where the server names nobody.
pub(crate) fn recipient(mailbox: &Mailbox) -> Option<Recipient> {
    let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let routing = mailbox.routing_type.as_deref().unwrap_or("SMTP");
    let address = match text(&mailbox.email_address) {
        None => Address::Missing,
        Some(address) if routing.is_empty() || routing.eq_ignore_ascii_case("SMTP") => {
            Address::Smtp(address)
        }
        Some(address) if routing.eq_ignore_ascii_case("EX") => Address::ExchangeDn(address),
        Some(address) => Address::Other {
            routing: routing.to_owned(),
            address,
        },
    };
    let name = text(&mailbox.name);
    if name.is_none() && address == Address::Missing {
        return None;
    }
    Some(Recipient { name, address })
}

/// What a directory's entry is. Of rooms and lists of rooms only the operations for them know.
pub(crate) fn person_kind(mailbox: &Mailbox) -> PersonKind {
    match mailbox.mailbox_type {
        Some(MailboxType::Mailbox | MailboxType::User) => PersonKind::Mailbox,
        Some(MailboxType::PublicDL | MailboxType::PrivateDL | MailboxType::GroupMailbox) => {
            PersonKind::Group
        }
        Some(MailboxType::Contact | MailboxType::ImplicitContact) => PersonKind::Contact,
        Some(MailboxType::PublicFolder) => PersonKind::PublicFolder,
        Some(MailboxType::Unknown | MailboxType::OneOff | MailboxType::Other(_)) | None => {
            PersonKind::Unknown
        }
    }
}

/// The one in an element for one.
pub(super) fn single(recipient: Option<&SingleRecipient>) -> Option<Recipient> {
    self::recipient(recipient?.mailbox.as_ref()?)
}

/// Attendees of one role.
pub(super) fn attendees(
    list: Option<&Vec<types::Attendee>>,
    role: AttendeeRole,
) -> impl Iterator<Item = Attendee> {
    let list = list.map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(move |attendee| {
        let who = recipient(attendee.mailbox.as_ref()?)?;
        let proposed = attendee.proposed_start.zip(attendee.proposed_end);
        Some(Attendee {
            who,
            role,
            response: ResponseStatus::new(
                response(attendee.response_type.as_ref()),
                attendee.last_response_time,
            ),
            proposed: proposed.map(|(start, end)| {
                let utc = |time| ZonedTime::from_utc(time, chrono_tz::Tz::UTC);
                (utc(start), utc(end))
            }),
        })
    })
}

pub(super) fn response(response: Option<&types::ResponseType>) -> Response {
    use types::ResponseType as Wire;
    match response {
        Some(Wire::Organizer) => Response::Organizer,
        Some(Wire::Tentative) => Response::Tentative,
        Some(Wire::Accept) => Response::Accepted,
        Some(Wire::Decline) => Response::Declined,
        Some(Wire::NoResponseReceived) => Response::NotResponded,
        Some(Wire::Unknown | Wire::Other(_)) | None => Response::None,
    }
}

/// An attendee to invite; only those with an address can be.
pub(super) fn to_wire(who: &Recipient) -> Mailbox {
    let mut mailbox = Mailbox {
        name: who.name.clone(),
        ..Mailbox::default()
    };
    match &who.address {
        Address::Smtp(address) => mailbox.email_address = Some(address.clone()),
        Address::ExchangeDn(dn) => {
            mailbox.email_address = Some(dn.clone());
            mailbox.routing_type = Some("EX".to_owned());
        }
        Address::Other { routing, address } => {
            mailbox.email_address = Some(address.clone());
            mailbox.routing_type = Some(routing.clone());
        }
        Address::Missing => {}
    }
    mailbox
}

/// The attendees of one role; nothing if there are none, because the schema allows no empty list.
pub(super) fn attendees_to_wire(
    attendees: &[Attendee],
    role: AttendeeRole,
) -> Option<Vec<types::Attendee>> {
    let list: Vec<_> = attendees
        .iter()
        .filter(|attendee| attendee.role == role)
        .map(|attendee| types::Attendee::new(to_wire(&attendee.who)))
        .collect();
    (!list.is_empty()).then_some(list)
}

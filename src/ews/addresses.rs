//! SMTP addresses for the distinguished names that servers give of people in the organisation.
//!
//! On premises, items often name people with the routing type `EX`. What that person's mail address
//! is the directory knows: ResolveNames finds a person by the distinguished name itself.

use std::collections::BTreeMap;
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OnceCell, Semaphore};
use tokio::task::JoinSet;

use super::ServerVersion;
use super::client::Client;
use super::convert;
use super::operation::{ResolveNames, SearchScope};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Address, Event, Recipient};

/// How many names are remembered at most.
const MOST: usize = 20_000;

/// How long it is remembered that a name was not found.
const NOT_FOUND_FOR: Duration = Duration::from_secs(600);

/// How many are asked for at a time, of a server that allows an account some tens of requests.
const AT_A_TIME: usize = 4;

/// What is known of distinguished names. Clones share it.
#[derive(Clone)]
pub(super) struct Addresses {
    /// `None`: names stay as they are.
    shared: Option<Arc<Shared>>,
}

struct Shared {
    known: Mutex<Known>,
    gate: Semaphore,
}

impl Addresses {
    /// Nothing is known yet; without `resolves` nothing ever will be.
    pub(super) fn new(resolves: bool) -> Self {
        let shared = Shared {
            known: Mutex::new(Known::default()),
            gate: Semaphore::new(AT_A_TIME),
        };
        Self {
            shared: resolves.then(|| Arc::new(shared)),
        }
    }

    /// Gives all who are named in events their SMTP addresses, where the directory knows them.
    pub(super) async fn resolve_in(&self, client: &Client, events: Vec<&mut Event>) {
        let people = events.into_iter().flat_map(people).collect();
        self.resolve(client, people).await;
    }

    /// Gives people their SMTP addresses, where the directory knows them: each name is asked for
    /// once. Who is not found, and whom a failure left unasked, keeps the distinguished name: no
    /// answer is lost for want of an address.
    pub(super) async fn resolve(&self, client: &Client, people: Vec<&mut Recipient>) {
        if let Err(error) = self.resolve_or_fail(client, people).await {
            tracing::warn!(%error, "somebody's SMTP address could not be looked up");
        }
    }

    /// The same where something depends on it: a failure is reported once all are asked for.
    pub(super) async fn resolve_or_fail(
        &self,
        client: &Client,
        people: Vec<&mut Recipient>,
    ) -> Result<()> {
        let Some(shared) = &self.shared else {
            return Ok(());
        };
        let unresolved: Vec<&mut Recipient> = people
            .into_iter()
            .filter(|who| distinguished_name(who).is_some())
            .collect();
        let names = unresolved.iter().filter_map(|who| {
            let name = distinguished_name(who)?;
            Some((key(name), name.to_owned()))
        });
        let names: BTreeMap<String, String> = names.collect();
        let mut tasks = JoinSet::new();
        let mut found = BTreeMap::new();
        let mut failure = None;
        for (key, name) in names {
            let entry = shared.entry(&key);
            match entry.get() {
                Some(known) => found.extend(known.smtp.clone().map(|smtp| (key, smtp))),
                None => {
                    let (shared, client) = (Arc::clone(shared), client.clone());
                    tasks.spawn(async move {
                        let asked = entry.get_or_try_init(|| shared.ask(&client, &name)).await;
                        let smtp = asked.map(|answer| answer.smtp.clone());
                        (key, smtp)
                    });
                }
            }
        }
        while let Some(task) = tasks.join_next().await {
            match task {
                Ok((key, Ok(smtp))) => found.extend(smtp.map(|smtp| (key, smtp))),
                Ok((_, Err(error))) => failure = Some(error),
                Err(error) => tracing::error!(%error, "looking an SMTP address up broke off"),
            }
        }
        for who in unresolved {
            let smtp = distinguished_name(who).and_then(|name| found.get(&key(name)));
            if let Some(smtp) = smtp {
                who.address = Address::Smtp(smtp.clone());
            }
        }
        failure.map_or(Ok(()), Err)
    }
}

impl fmt::Debug for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Addresses")
            .field("resolves", &self.shared.is_some())
            .finish_non_exhaustive()
    }
}

/// Everybody an event names.
fn people(event: &mut Event) -> impl Iterator<Item = &mut Recipient> {
    let attendees = event
        .detail
        .iter_mut()
        .flat_map(|detail| &mut detail.attendees);
    let attendees = attendees.map(|attendee| &mut attendee.who);
    event.organizer.iter_mut().chain(attendees)
}

fn distinguished_name(who: &Recipient) -> Option<&str> {
    match &who.address {
        Address::ExchangeDn(name) => Some(name),
        _ => None,
    }
}

/// Distinguished names do not tell cases apart.
fn key(name: &str) -> String {
    name.to_lowercase()
}

impl Shared {
    fn entry(&self, name: &str) -> Entry {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(name, Instant::now())
    }

    async fn ask(&self, client: &Client, name: &str) -> Result<Answer> {
        let _permit = self.gate.acquire().await;
        let smtp = ask(client, name).await?;
        let at = Instant::now();
        Ok(Answer { smtp, at })
    }
}

/// Asks the directory for one distinguished name; `None` unless exactly one person has it.
async fn ask(client: &Client, name: &str) -> Result<Option<String>> {
    let mut operation = ResolveNames::new(name);
    let knows_scopes = |version| version >= ServerVersion::Exchange2007Sp1;
    if client.version().is_some_and(knows_scopes) {
        operation = operation.search_scope(SearchScope::ActiveDirectory);
    }
    // Some servers answer with the distinguished name again, but then the contact has the address.
    operation.return_full_contact_data = true;
    let answers = client.send(&operation).await?;
    let Some(answer) = answers.into_iter().next() else {
        return Ok(None);
    };
    let set = match answer.ok() {
        Ok(set) => set,
        Err(refusal) => {
            let error = refusal.into_error("ResolveNames");
            return is_final(&error).then_some(None).ok_or(error);
        }
    };
    let [person] = set.resolutions.as_slice() else {
        return Ok(None);
    };
    let who = person.mailbox.as_ref().and_then(convert::recipient);
    let smtp = who.and_then(|who| who.smtp_address().map(str::to_owned));
    let contact = person.contact.as_ref();
    Ok(smtp.or_else(|| primary_address(&contact?.0)))
}

/// Whether asking again would end the same.
fn is_final(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::InvalidArgument
    )
}

/// The address of a contact that is marked as the primary one: `SMTP:` in capital letters.
fn primary_address(contact: &str) -> Option<String> {
    let (_, rest) = contact.split_once(">SMTP:")?;
    let (address, _) = rest.split_once('<')?;
    (!address.is_empty()).then(|| address.to_owned())
}

/// What came of a name, or will: who asks while it is asked for waits for the same answer.
type Entry = Arc<OnceCell<Answer>>;

struct Answer {
    smtp: Option<String>,
    at: Instant,
}

/// What is remembered, in two generations: when the younger is full the older is forgotten, but
/// what is used moves to the younger.
#[derive(Default)]
struct Known {
    young: BTreeMap<String, Entry>,
    old: BTreeMap<String, Entry>,
}

impl Known {
    fn entry(&mut self, name: &str, now: Instant) -> Entry {
        let is_fresh = |entry: &Entry| {
            let age = |answer: &Answer| now.saturating_duration_since(answer.at);
            let answer = entry.get();
            answer.is_none_or(|answer| answer.smtp.is_some() || age(answer) < NOT_FOUND_FOR)
        };
        let known = self.young.get(name).or_else(|| self.old.get(name));
        let entry = known.filter(|entry| is_fresh(entry));
        let entry = entry.cloned().unwrap_or_default();
        if self.young.len() >= MOST / 2 && !self.young.contains_key(name) {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(name.to_owned(), Arc::clone(&entry));
        entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(entry: &Entry, smtp: Option<&str>, at: Instant) {
        let smtp = smtp.map(str::to_owned);
        assert!(entry.set(Answer { smtp, at }).is_ok());
    }

    fn smtp(entry: &Entry) -> Option<Option<&str>> {
        entry.get().map(|answer| answer.smtp.as_deref())
    }

    #[test]
    fn what_was_not_found_is_asked_for_again_after_a_while() {
        let (mut known, now) = (Known::default(), Instant::now());
        answered(&known.entry("bo", now), Some("bo@x"), now);
        answered(&known.entry("gone", now), None, now);
        let soon = now + NOT_FOUND_FOR - Duration::from_secs(1);
        assert_eq!(smtp(&known.entry("gone", soon)), Some(None));
        let late = now + NOT_FOUND_FOR;
        assert_eq!(smtp(&known.entry("gone", late)), None);
        assert_eq!(smtp(&known.entry("bo", late)), Some(Some("bo@x")));
    }

    #[test]
    fn memory_is_bounded_and_what_is_used_stays() {
        let (mut known, now) = (Known::default(), Instant::now());
        answered(&known.entry("bo", now), Some("bo@x"), now);
        answered(&known.entry("idle", now), Some("idle@x"), now);
        for number in 0..2 * MOST {
            known.entry(&number.to_string(), now);
            assert!(known.young.len() + known.old.len() <= MOST);
            if number % 1000 == 0 {
                assert_eq!(
                    smtp(&known.entry("bo", now)),
                    Some(Some("bo@x")),
                    "{number}"
                );
            }
        }
        assert_eq!(smtp(&known.entry("idle", now)), None);
    }

    #[test]
    fn primary_address_of_a_contact() {
        let contact = "<t:EmailAddresses><t:Entry Key=\"EmailAddress1\">smtp:old@x.example</t:Entry>\
                       <t:Entry Key=\"EmailAddress2\">SMTP:bo@x.example</t:Entry></t:EmailAddresses>";
        assert_eq!(primary_address(contact).as_deref(), Some("bo@x.example"));
        assert_eq!(primary_address("<t:Entry>SMTP:</t:Entry>"), None);
        assert_eq!(primary_address("<t:Entry>X500:/o=x</t:Entry>"), None);
    }
}

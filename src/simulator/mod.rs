//! An Exchange server in this process, for tests, examples and foreign clients.
//!
//! It speaks EWS over HTTP or HTTPS on a loopback address, with Basic and NTLM logon, keeps a few
//! mailboxes in memory and behaves like the Exchange version it is told to play. It shares no code
//! with the client side of this crate, so that the two cannot agree on the same mistake.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use exchange_connector::simulator::Simulator;
//!
//! let simulator = Simulator::builder().mailboxes(2).start().await?;
//! assert!(simulator.ews_url().ends_with("/EWS/Exchange.asmx"));
//! assert_eq!(simulator.accounts()[0].address, "alice@example.test");
//! simulator.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod answers;
mod aqs;
mod attachment;
mod auth;
mod autodiscover;
mod away;
mod batch;
mod body;
mod booking;
mod builder;
mod certificate;
mod change;
mod compose;
mod control;
mod conversation;
mod custom_zone;
mod directory;
mod dispatch;
mod disturbance;
mod fields;
mod flag;
mod graph;
mod headers;
mod ical;
mod ids;
mod item;
mod items;
mod limits;
mod log;
mod mail_control;
mod mail_tips;
mod mapi;
mod markup;
mod meeting;
mod mime;
mod operation;
mod path;
mod planting;
mod policy;
mod preferences;
mod property;
mod public_folders;
mod quote;
mod recurrence;
mod refusal;
mod reply;
mod report;
mod request;
mod restriction;
mod rule;
mod schema;
mod seed;
mod serializable_zone;
mod series;
mod server;
mod shape;
mod soap;
mod store;
mod striking;
#[cfg(test)]
mod tests;
mod transport;
mod trouble;
mod trouble_control;
mod uid;
mod version;
mod wire;
mod xml;
mod zone;
mod zone_rules;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

pub use auth::{AccountState, AuthScheme, ExtendedProtection};
pub use autodiscover::SimulatedAutodiscover;
pub use builder::SimulatorBuilder;
pub use certificate::SimulatedCertificate;
pub use disturbance::Disturbance;
pub use graph::{SimulatedApplication, SimulatedToken};
pub use limits::Limits;
pub use log::{ConnectionLog, Exchange, Log, MetTrouble, SentMessage, Violation};
pub use planting::SimulatedMessage;
pub use preferences::SimulatedMailTips;
pub use schema::{SchemaViolation, check_envelope};
pub use store::CalendarRights;
pub use trouble::Trouble;
pub use version::SimulatedVersion;

use ids::Id;
use item::Item;
use property::Value;
use server::{Shared, lock};
use shape::{Shape, View};

/// Why a simulator could not do what a test asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulatorError {
    /// The address cannot be listened on.
    #[error("the simulator cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The certificate could not be made.
    #[error("the simulator's certificate could not be made: {0}")]
    Certificate(String),
    /// No Exchange version of that name.
    #[error(
        "'{0}' is no Exchange version; known are Exchange2007, Exchange2007_SP1, Exchange2010, Exchange2010_SP1, Exchange2010_SP2, Exchange2013, Exchange2013_SP1, Exchange2016"
    )]
    Version(String),
    /// No authentication scheme of that name.
    #[error("'{0}' is no authentication scheme of the simulator; known are basic, ntlm, negotiate")]
    AuthScheme(String),
    /// No setting of Extended Protection of that name.
    #[error("'{0}' is no setting of Extended Protection; known are off, allow, require")]
    ExtendedProtection(String),
    /// No trouble of that name.
    #[error("'{0}' is no trouble of the simulator; known are {1}")]
    Trouble(String, String),
    /// No such mailbox or folder.
    #[error("the simulator has no {0}")]
    NotFound(String),
    /// The item to plant cannot be read.
    #[error("the item cannot be planted: {0}")]
    Item(String),
}

/// An account that may log on.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedAccount {
    /// The SMTP address, which is also the user name; `EXAMPLE\name` works too.
    pub address: String,
    /// The password.
    pub password: String,
    /// The name for people.
    pub display_name: String,
}

impl fmt::Debug for SimulatedAccount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SimulatedAccount")
            .field("address", &self.address)
            .field("display_name", &self.display_name)
            .finish_non_exhaustive()
    }
}

/// A running simulator. It stops when it is dropped.
pub struct Simulator {
    shared: Arc<Shared>,
    address: SocketAddr,
    url: String,
    certificate: Option<String>,
    task: Mutex<tokio::task::JoinHandle<()>>,
}

impl fmt::Debug for Simulator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Simulator")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        lock(&self.task).abort();
    }
}

impl Simulator {
    /// Starts describing a simulator.
    #[must_use]
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::default()
    }

    /// The URL of the EWS endpoint.
    #[must_use]
    pub fn ews_url(&self) -> &str {
        &self.url
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The accounts, one for each mailbox of a person: alice, bob, carol, then user4, user5 …
    #[must_use]
    pub fn accounts(&self) -> Vec<SimulatedAccount> {
        let store = lock(&self.shared.store);
        let people = store.mailboxes.iter();
        people
            .filter(|mailbox| !store.directory.is_room(&mailbox.address.email))
            .filter(|mailbox| !store.is_public(mailbox))
            .map(|mailbox| SimulatedAccount {
                address: mailbox.address.email.clone(),
                password: mailbox.password.clone(),
                display_name: mailbox.address.name.clone(),
            })
            .collect()
    }

    /// The certificate that a client must trust, in PEM; `None` without TLS.
    #[must_use]
    pub fn certificate_pem(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// What happened so far.
    #[must_use]
    pub fn log(&self) -> Log {
        lock(&self.shared.log).clone()
    }

    /// Requests and answers that the schema does not allow.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        lock(&self.shared.violations).clone()
    }

    /// Messages that were sent, in order.
    #[must_use]
    pub fn outbox(&self) -> Vec<SentMessage> {
        lock(&self.shared.store).outbox.clone()
    }

    /// Requests and answers, where [`SimulatorBuilder::record`] is on.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        lock(&self.shared.exchanges).clone()
    }

    /// Limits how many items one FindItem returns (`EwsFindCountLimit` of a throttling policy), and how many a page of
    /// Graph has; `None` for no limit. In the beginning 1,000 from Exchange 2010 on, and no limit before.
    pub fn limit_find(&self, items: Option<usize>) {
        *lock(&self.shared.find_limit) = items;
    }

    /// Lets an account act as any other (the management role ApplicationImpersonation).
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox.
    pub fn allow_impersonation(&self, account: &str) -> Result<(), SimulatorError> {
        let mut store = lock(&self.shared.store);
        let position = position(&store, account)?;
        if let Some(mailbox) = store.mailboxes.get_mut(position) {
            mailbox.impersonator = true;
        }
        Ok(())
    }

    /// The user principal name of the account of a mailbox. Its suffix is not that of the mail address.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox.
    pub fn principal_name(&self, mailbox: &str) -> Result<String, SimulatorError> {
        let store = lock(&self.shared.store);
        let position = position(&store, mailbox)?;
        let found = store.mailboxes.get(position);
        Ok(found
            .map(store::Mailbox::principal_name)
            .unwrap_or_default())
    }

    /// The security identifier of the account of a mailbox.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox.
    pub fn sid(&self, mailbox: &str) -> Result<String, SimulatorError> {
        let store = lock(&self.shared.store);
        position(&store, mailbox).map(store::Store::sid)
    }

    /// After how many items of a GetItem the server stops and answers the others with
    /// `ErrorBatchProcessingStopped`; `None` for never.
    pub fn limit_batch(&self, items: Option<usize>) {
        *lock(&self.shared.batch_limit) = items;
    }

    /// Puts an item into a folder behind the clients' backs and returns its ItemId.
    ///
    /// `folder` is a distinguished name such as `calendar` or `inbox`, or a FolderId; `item` is the XML of a
    /// `t:CalendarItem` or `t:Message` as CreateItem would carry it. Nobody is invited and nothing
    /// is sent.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where mailbox or folder do not exist, [`SimulatorError::Item`]
    /// where the XML is no item that Exchange would take.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use exchange_connector::simulator::Simulator;
    /// # let simulator = Simulator::builder().start().await?;
    /// let id = simulator.plant(
    ///     "alice@example.test",
    ///     "calendar",
    ///     "<t:CalendarItem><t:Subject>Lunch</t:Subject>\
    ///      <t:Start>2026-03-02T11:00:00Z</t:Start><t:End>2026-03-02T12:00:00Z</t:End>\
    ///      </t:CalendarItem>",
    /// )?;
    /// assert!(simulator.item_xml(&id).is_some_and(|xml| xml.contains("Lunch")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn plant(&self, mailbox: &str, folder: &str, item: &str) -> Result<String, SimulatorError> {
        let now = self.shared.now();
        let mut item =
            seed::read(item, now).map_err(|refusal| SimulatorError::Item(refusal.message))?;
        let mut store = lock(&self.shared.store);
        let owner = position(&store, mailbox)?;
        let (number, address) = store
            .mailboxes
            .get(owner)
            .and_then(|mailbox| {
                let folder = mailbox.named(folder)?;
                Some((folder.number, mailbox.address.clone()))
            })
            .ok_or_else(|| SimulatorError::NotFound(format!("folder {folder}")))?;
        let name = address.name.clone();
        if item.organizer.is_none() {
            item.organizer = Some(address);
        }
        if folder == "drafts" {
            item.unsent = item.kind == item::ItemKind::Message;
        } else {
            let moment = store.moment(now);
            item.bag.entry(item::SENT).or_insert(Value::Time(now));
            item.bag
                .entry(item::RECEIVED)
                .or_insert(Value::Time(moment));
        }
        if item.kind == item::ItemKind::Message {
            conversation::join(&store, &mut item, now);
            conversation::remember(&mut store, &item);
        }
        let planted = store.insert(owner, number, item, &name, now).cloned();
        planted
            .and_then(|item| Some(store.mailboxes.get(owner)?.item_id(&item)))
            .ok_or_else(|| SimulatorError::NotFound(format!("folder {folder}")))
    }

    /// Sets a property of an item behind the clients' backs: any text, even one that XML forbids.
    /// Dates, flags and numbers are written as EWS writes them, of the organizer only the address.
    /// Of a series the whole is altered.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such item or no such simple property.
    pub fn alter(&self, item_id: &str, field_uri: &str, text: &str) -> Result<(), SimulatorError> {
        let unknown = || SimulatorError::NotFound(format!("property {field_uri} of that item"));
        let mut store = lock(&self.shared.store);
        let (owner, item) = find(&store, item_id).ok_or_else(unknown)?;
        let number = item.number;
        let field = fields::by_uri(item.kind, field_uri).ok_or_else(unknown)?;
        let value = field
            .parse(text, &zone::Zone::utc())
            .ok_or_else(|| SimulatorError::Item(format!("'{text}' is no value of {field_uri}")))?;
        let slot = store
            .mailboxes
            .get_mut(owner)
            .and_then(|mailbox| mailbox.items.get_mut(&number))
            .ok_or_else(unknown)?;
        match &field.source {
            fields::Source::Bag(property) => slot.set(property.clone(), value),
            fields::Source::Part(fields::Part::Body) => text.clone_into(&mut slot.body.text),
            fields::Source::Part(fields::Part::Organizer) => {
                let organizer = slot.organizer.get_or_insert_default();
                text.clone_into(&mut organizer.email);
            }
            _ => return Err(unknown()),
        }
        let now = self.shared.now();
        store.touch(owner, number, "Microsoft Exchange", now);
        Ok(())
    }

    /// Deletes an item, or one occurrence of a series, behind the clients' backs.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such item.
    pub fn remove(&self, item_id: &str) -> Result<(), SimulatorError> {
        let unknown = || SimulatorError::NotFound("item of that id".to_owned());
        let mut store = lock(&self.shared.store);
        let (owner, item) = find(&store, item_id).ok_or_else(unknown)?;
        let Some(occurrence) = item.occurrence else {
            return store
                .remove(owner, item.number)
                .map(drop)
                .ok_or_else(unknown);
        };
        if let Some(series) = store
            .mailboxes
            .get_mut(owner)
            .and_then(|mailbox| mailbox.items.get_mut(&item.number))
        {
            series.exceptions.remove(&occurrence.original);
            series.deleted.insert(occurrence.original);
        }
        let now = self.shared.now();
        store.touch(owner, item.number, "Microsoft Exchange", now);
        Ok(())
    }

    /// The ItemIds of a folder, oldest first. The folder is a distinguished name or a FolderId.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where mailbox or folder do not exist.
    pub fn item_ids(&self, mailbox: &str, folder: &str) -> Result<Vec<String>, SimulatorError> {
        let store = lock(&self.shared.store);
        let owner = position(&store, mailbox)?;
        store
            .mailboxes
            .get(owner)
            .and_then(|mailbox| {
                let number = mailbox.named(folder)?.number;
                let items = mailbox.items_in(number);
                Some(items.map(|item| mailbox.item_id(item)).collect())
            })
            .ok_or_else(|| SimulatorError::NotFound(format!("folder {folder}")))
    }

    /// An item with all its properties as the server itself would show it to its owner.
    #[must_use]
    pub fn item_xml(&self, item_id: &str) -> Option<String> {
        let store = lock(&self.shared.store);
        let (owner, item) = find(&store, item_id)?;
        let view = View {
            mailbox: store.mailboxes.get(owner)?,
            access: (CalendarRights::Editor, true),
            zone: None,
            version: self.shared.settings.version,
            listing: false,
        };
        let mut writer = xml::Writer::default();
        Shape::all().write(&mut writer, &item, &view);
        Some(writer.into_string())
    }

    /// Operations that ran, by name.
    #[must_use]
    pub fn operations(&self) -> BTreeMap<String, u32> {
        lock(&self.shared.log).operations.clone()
    }

    /// Stops it and waits until it no longer listens. Open connections are cut.
    pub async fn shutdown(self) {
        self.stop_listening().await;
    }
}

fn position(store: &store::Store, address: &str) -> Result<usize, SimulatorError> {
    store
        .position(address)
        .ok_or_else(|| SimulatorError::NotFound(format!("mailbox {address}")))
}

/// The item of an id, whether it is one of EWS or of Graph.
fn find(store: &store::Store, id: &str) -> Option<(usize, Item)> {
    let id = match graph::Reference::decode(id)? {
        graph::Reference::Current(id) => id,
        graph::Reference::Immutable(id) => {
            let owner = store.by_guid(id.mailbox)?;
            let item = store.mailboxes.get(owner)?.items.by_origin(id.origin)?;
            let item = id
                .start
                .map_or_else(|| item.clone(), |start| item.occurrence_at(start));
            return Some((owner, item));
        }
    };
    let owner = store.by_guid(id.mailbox())?;
    let items = &store.mailboxes.get(owner)?.items;
    let item = match id {
        Id::Folder { .. } => None,
        Id::Item { number, .. } => items.get(&number).cloned(),
        Id::Occurrence { number, start, .. } => {
            items.get(&number).map(|item| item.occurrence_at(start))
        }
    };
    Some((owner, item?))
}

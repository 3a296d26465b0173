//! The remote control for messages that are put into folders behind the clients' backs, one by one
//! or by the thousand.

use chrono::{DateTime, Utc};

use super::attachment::Attachment;
use super::item::*;
use super::property::Value;
use super::server::lock;
use super::store::Store;
use super::{Simulator, SimulatorError, conversation, mime, position};

/// A message to plant, as if it had been received.
///
/// ```
/// use exchange_connector::simulator::SimulatedMessage;
///
/// let message = SimulatedMessage::new("Lunch")
///     .from("Bob Berger", "bob@example.test")
///     .text("At noon?")
///     .read(true);
/// # let _ = message;
/// ```
#[derive(Clone, Debug)]
pub struct SimulatedMessage {
    item: Item,
}

impl SimulatedMessage {
    /// A message with that subject: unread, received now, from nobody, to the owner of the mailbox.
    #[must_use]
    pub fn new(subject: impl Into<String>) -> Self {
        let mut item = Item::new(ItemKind::Message);
        item.set(ITEM_CLASS, Value::Text("IPM.Note".to_owned()));
        item.set(SUBJECT, Value::Text(subject.into()));
        item.set(IMPORTANCE, Value::Integer(1));
        item.set(READ, Value::Boolean(false));
        Self { item }
    }

    /// Who wrote it.
    #[must_use]
    pub fn from(mut self, name: &str, email: &str) -> Self {
        self.item.organizer = Some(Address {
            name: name.to_owned(),
            email: email.to_owned(),
        });
        self
    }

    /// The body in plain text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.item.body = Body {
            html: false,
            text: text.into(),
        };
        self
    }

    /// When it was sent and received.
    #[must_use]
    pub fn received(mut self, time: DateTime<Utc>) -> Self {
        self.item.set(RECEIVED, Value::Time(time));
        self.item.set(SENT, Value::Time(time));
        self
    }

    /// Whether it was read.
    #[must_use]
    pub fn read(mut self, read: bool) -> Self {
        self.item.set(READ, Value::Boolean(read));
        self
    }
}

impl Simulator {
    /// Puts messages into a folder, quickly: 100,000 take a few seconds in a debug build. The
    /// folder is a distinguished name or a FolderId.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where mailbox or folder do not exist.
    pub fn plant_messages(
        &self,
        mailbox: &str,
        folder: &str,
        messages: impl IntoIterator<Item = SimulatedMessage>,
    ) -> Result<(), SimulatorError> {
        let now = self.shared.now();
        let mut store = lock(&self.shared.store);
        let place = place(&store, mailbox, folder)?;
        for message in messages {
            put(&mut store, place, message.item, now);
        }
        Ok(())
    }

    /// Puts a message into a folder that is given as MIME, whatever stands in it, and returns its
    /// ItemId. It is received at the time of its `Date`, unread; those who ask for its MIME get the
    /// same bytes.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where mailbox or folder do not exist, [`SimulatorError::Item`]
    /// where there are no bytes at all.
    pub fn plant_mime(
        &self,
        mailbox: &str,
        folder: &str,
        bytes: &[u8],
    ) -> Result<String, SimulatorError> {
        let now = self.shared.now();
        let mut item =
            mime::read(bytes, now).map_err(|refusal| SimulatorError::Item(refusal.message))?;
        item.set(READ, Value::Boolean(false));
        if let Some(sent) = item.time(&SENT) {
            item.set(RECEIVED, Value::Time(sent));
        }
        let mut store = lock(&self.shared.store);
        let place = place(&store, mailbox, folder)?;
        let unknown = || SimulatorError::NotFound(format!("folder {folder}"));
        let planted = put(&mut store, place, item, now).ok_or_else(unknown)?;
        let mailbox = store.mailboxes.get(place.0).ok_or_else(unknown)?;
        let item = mailbox.items.get(&planted).ok_or_else(unknown)?;
        Ok(mailbox.item_id(item))
    }

    /// The message of an ItemId as MIME.
    #[must_use]
    pub fn item_mime(&self, item_id: &str) -> Option<Vec<u8>> {
        let store = lock(&self.shared.store);
        let (_, item) = super::find(&store, item_id)?;
        super::compose::mime(&item, true)
    }
}

impl Simulator {
    /// Attaches a file that is kept elsewhere to an item, by its address. EWS shows it from Exchange 2016 on.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such item.
    pub fn plant_link(
        &self,
        item_id: &str,
        name: &str,
        address: &str,
    ) -> Result<(), SimulatorError> {
        let now = self.shared.now();
        let mut store = lock(&self.shared.store);
        let unknown = || SimulatorError::NotFound("that item".to_owned());
        let (owner, item) = super::find(&store, item_id).ok_or_else(unknown)?;
        let mailbox = store.mailboxes.get_mut(owner);
        let slot = mailbox.and_then(|mailbox| mailbox.items.get_mut(&item.number));
        let slot = slot.ok_or_else(unknown)?;
        let link = Attachment::linked(name.to_owned(), address.to_owned(), now);
        slot.attachments.push(link);
        store.touch(owner, item.number, "Microsoft Exchange", now);
        Ok(())
    }
}

fn place(store: &Store, mailbox: &str, folder: &str) -> Result<(usize, u64), SimulatorError> {
    let owner = position(store, mailbox)?;
    let named = store
        .mailboxes
        .get(owner)
        .and_then(|mailbox| mailbox.named(folder));
    let number = named.map(|folder| folder.number);
    number
        .map(|number| (owner, number))
        .ok_or_else(|| SimulatorError::NotFound(format!("folder {folder}")))
}

/// Puts a received message into a folder and returns its number.
fn put(
    store: &mut Store,
    (owner, folder): (usize, u64),
    mut item: Item,
    now: DateTime<Utc>,
) -> Option<u64> {
    if !item.bag.contains_key(&RECEIVED) {
        let moment = store.moment(now);
        item.set(RECEIVED, Value::Time(moment));
    }
    item.bag.entry(SENT).or_insert(Value::Time(now));
    if item.recipients.is_empty() {
        let address = store.mailboxes.get(owner)?.address.clone();
        item.recipients.push(Recipient::new(Role::To, address));
    }
    conversation::join(store, &mut item, now);
    conversation::remember(store, &item);
    let by = "Microsoft Exchange";
    store
        .insert(owner, folder, item, by, now)
        .map(|item| item.number)
}

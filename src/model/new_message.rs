//! Messages to be written and sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Body, BodyFormat, Categories, ExtendedProperty, FolderRef, Importance, MessageId,
    NewAttachment, Recipient, Sensitivity, extended_property::check_properties,
    item::check_categories, new_event::check_key,
};
use crate::error::{Error, Result};

/// A message to be drafted or sent.
///
/// ```
/// use exchange_connector::model::{Body, NewMessage, Recipient};
///
/// let message = NewMessage::new("Confirmed", Body::html("<p>See you on <b>Monday</b>.</p>"))
///     .text_alternative("See you on Monday.")
///     .to(Recipient::smtp("ada@example.com"))
///     .header("X-Ticket", "4711");
/// assert!(message.validate("send").is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct NewMessage {
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: Option<Body>,
    /// The same as plain text, for those who do not read HTML; without it the server makes one. Only with an HTML
    /// [`body`](Self::body). EWS: the message is written as MIME then; a server may still make the text anew from the
    /// HTML where it keeps but one form.
    pub text_alternative: Option<String>,
    /// To whom.
    pub to: Vec<Recipient>,
    /// Who gets a copy.
    pub cc: Vec<Recipient>,
    /// Who gets a copy without the others knowing.
    pub bcc: Vec<Recipient>,
    /// Whom to answer, instead of the author.
    pub reply_to: Vec<Recipient>,
    /// In whose name, if not in that of the mailbox. Whether it comes as from them or as on their behalf, is up to
    /// the rights the mailbox has on theirs; without either the server refuses it.
    pub from: Option<Recipient>,
    /// How important it is.
    pub importance: Importance,
    /// Whom it concerns.
    pub sensitivity: Sensitivity,
    /// Categories. Within an organisation they may reach the recipients too.
    pub categories: Categories,
    /// More headers. Their names begin with `X-`: servers take no others.
    pub headers: Vec<(String, String)>,
    /// The `Message-ID` it answers.
    pub in_reply_to: Option<String>,
    /// The `References` header.
    pub references: Option<String>,
    /// Ask to be told when it is read.
    pub read_receipt: bool,
    /// Ask to be told when it is delivered.
    pub delivery_receipt: bool,
    /// Files attached, and pictures the body shows.
    pub attachments: Vec<NewAttachment>,
    /// Not to be sent before this time: until then it waits in the Outbox (PidTagDeferredSendTime).
    pub send_at: Option<DateTime<Utc>>,
    /// MAPI properties besides.
    pub extended: Vec<ExtendedProperty>,
}

impl NewMessage {
    /// A message with this subject and text.
    pub fn new(subject: impl Into<String>, body: Body) -> Self {
        Self {
            subject: subject.into(),
            body: Some(body),
            ..Self::default()
        }
    }

    /// Adds the same as plain text.
    #[must_use]
    pub fn text_alternative(mut self, text: impl Into<String>) -> Self {
        self.text_alternative = Some(text.into());
        self
    }

    /// Adds a recipient.
    #[must_use]
    pub fn to(mut self, recipient: Recipient) -> Self {
        self.to.push(recipient);
        self
    }

    /// Adds somebody who gets a copy.
    #[must_use]
    pub fn cc(mut self, recipient: Recipient) -> Self {
        self.cc.push(recipient);
        self
    }

    /// Adds somebody who gets a copy without the others knowing.
    #[must_use]
    pub fn bcc(mut self, recipient: Recipient) -> Self {
        self.bcc.push(recipient);
        self
    }

    /// Adds somebody to answer, instead of the author.
    #[must_use]
    pub fn reply_to(mut self, recipient: Recipient) -> Self {
        self.reply_to.push(recipient);
        self
    }

    /// Sets in whose name it is sent.
    #[must_use]
    pub fn from(mut self, author: Recipient) -> Self {
        self.from = Some(author);
        self
    }

    /// Sets how important it is.
    #[must_use]
    pub fn importance(mut self, importance: Importance) -> Self {
        self.importance = importance;
        self
    }

    /// Sets whom it concerns.
    #[must_use]
    pub fn sensitivity(mut self, sensitivity: Sensitivity) -> Self {
        self.sensitivity = sensitivity;
        self
    }

    /// Adds a category.
    #[must_use]
    pub fn category(mut self, name: impl Into<String>) -> Self {
        self.categories.insert(name.into());
        self
    }

    /// Adds a header, whose name begins with `X-`.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Says which message it answers, and those before that.
    #[must_use]
    pub fn answering(
        mut self,
        message_id: impl Into<String>,
        references: impl Into<String>,
    ) -> Self {
        self.in_reply_to = Some(message_id.into());
        self.references = Some(references.into());
        self
    }

    /// Asks to be told when it is read.
    #[must_use]
    pub fn read_receipt(mut self) -> Self {
        self.read_receipt = true;
        self
    }

    /// Asks to be told when it is delivered.
    #[must_use]
    pub fn delivery_receipt(mut self) -> Self {
        self.delivery_receipt = true;
        self
    }

    /// Attaches a file.
    #[must_use]
    pub fn attachment(mut self, attachment: NewAttachment) -> Self {
        self.attachments.push(attachment);
        self
    }

    /// Sets the time before which it is not sent.
    #[must_use]
    pub fn send_at(mut self, time: DateTime<Utc>) -> Self {
        self.send_at = Some(time);
        self
    }

    /// Adds a MAPI property.
    #[must_use]
    pub fn extended(mut self, property: ExtendedProperty) -> Self {
        self.extended.push(property);
        self
    }

    /// Checks what every server refuses, so that it is found before anything is sent. Recipients are not wanted here:
    /// a draft may have none.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), which says which field is wrong and why.
    pub fn validate(&self, operation: &'static str) -> Result<()> {
        let refuse = |problem: String| Err(Error::invalid_argument(operation, problem));
        check_recipients(operation, &self.to, &self.cc, &self.bcc)?;
        for person in &self.reply_to {
            person.require_smtp(operation, "person to answer")?;
        }
        if let Some(author) = &self.from {
            author.require_smtp(operation, "author")?;
        }
        check_categories(operation, &self.categories)?;
        check_properties(operation, &self.extended)?;
        self.attachments
            .iter()
            .try_for_each(|attachment| attachment.validate(operation))?;
        for (name, value) in &self.headers {
            check_header(operation, name, value)?;
        }
        for (what, value) in [
            ("In-Reply-To", &self.in_reply_to),
            ("References", &self.references),
        ] {
            let value = value.as_deref().unwrap_or_default();
            if value.contains(char::is_control) {
                return refuse(format!(
                    "{what} has a line break or a control character in it"
                ));
            }
        }
        if self.subject.contains(char::is_control) {
            return refuse("the subject has a line break or a control character in it".to_owned());
        }
        let is_html = self.body.as_ref().map(|body| body.format) == Some(BodyFormat::Html);
        if self.text_alternative.is_some() && !is_html {
            return refuse("a plain text alternative goes with a body in HTML only".to_owned());
        }
        Ok(())
    }
}

/// Names of headers servers take: RFC 5322 section 2.2, and `X-`.
fn check_header(operation: &'static str, name: &str, value: &str) -> Result<()> {
    let is_custom = name
        .get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("x-"))
        && name.len() > 2;
    let is_name = name.bytes().all(|b| (33..=126).contains(&b) && b != b':');
    let problem = if !is_custom || !is_name {
        format!("{name:?} is not the name of a header that servers take: it begins with X-")
    } else if value.contains(|c: char| c.is_control() && c != '\t') {
        format!("the header {name} has a line break or a control character in it")
    } else {
        return Ok(());
    };
    Err(Error::invalid_argument(operation, problem))
}

fn check_recipients(
    operation: &'static str,
    to: &[Recipient],
    cc: &[Recipient],
    bcc: &[Recipient],
) -> Result<()> {
    [to, cc, bcc]
        .into_iter()
        .flatten()
        .try_for_each(|recipient| recipient.require_smtp(operation, "recipient"))
}

/// How a new message relates to the one it is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReplyKind {
    /// It goes to the author, or to whom the author wants it to go.
    Reply,
    /// It goes to all who got the message too.
    ReplyAll,
    /// It takes the message, with what is attached, to others.
    Forward,
}

/// An answer to a message, or a message passed on. What it quotes, and its subject, is made by the server.
///
/// ```
/// use exchange_connector::model::{Body, NewReply, Recipient};
///
/// let reply = NewReply::reply_all(Body::text("Agreed."));
/// let forward = NewReply::forward([Recipient::smtp("ada@example.com")], Body::text("For you."));
/// assert!(reply.validate("send_reply").is_ok() && forward.validate("send_reply").is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewReply {
    /// What it is.
    pub kind: ReplyKind,
    /// What to say above the message that is quoted.
    pub body: Option<Body>,
    /// To whom besides; a forwarded message goes to these alone.
    pub to: Vec<Recipient>,
    /// Who gets a copy besides.
    pub cc: Vec<Recipient>,
    /// Who gets a copy without the others knowing.
    pub bcc: Vec<Recipient>,
    /// Files attached, besides those of a message that is forwarded.
    pub attachments: Vec<NewAttachment>,
}

impl NewReply {
    /// An answer to the author.
    pub fn reply(body: Body) -> Self {
        Self::new(ReplyKind::Reply, Some(body))
    }

    /// An answer to all.
    pub fn reply_all(body: Body) -> Self {
        Self::new(ReplyKind::ReplyAll, Some(body))
    }

    /// The message for these people.
    pub fn forward(to: impl IntoIterator<Item = Recipient>, body: Body) -> Self {
        let mut forward = Self::new(ReplyKind::Forward, Some(body));
        forward.to = to.into_iter().collect();
        forward
    }

    /// One of this kind, with or without words.
    pub fn new(kind: ReplyKind, body: Option<Body>) -> Self {
        Self {
            kind,
            body,
            to: Vec::new(),
            cc: Vec::new(),
            bcc: Vec::new(),
            attachments: Vec::new(),
        }
    }

    /// Adds a recipient.
    #[must_use]
    pub fn to(mut self, recipient: Recipient) -> Self {
        self.to.push(recipient);
        self
    }

    /// Adds somebody who gets a copy.
    #[must_use]
    pub fn cc(mut self, recipient: Recipient) -> Self {
        self.cc.push(recipient);
        self
    }

    /// Adds somebody who gets a copy without the others knowing.
    #[must_use]
    pub fn bcc(mut self, recipient: Recipient) -> Self {
        self.bcc.push(recipient);
        self
    }

    /// Attaches a file.
    #[must_use]
    pub fn attachment(mut self, attachment: NewAttachment) -> Self {
        self.attachments.push(attachment);
        self
    }

    /// Checks what every server refuses, so that it is found before anything is sent.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), which says what is wrong.
    pub fn validate(&self, operation: &'static str) -> Result<()> {
        check_recipients(operation, &self.to, &self.cc, &self.bcc)?;
        self.attachments
            .iter()
            .try_for_each(|attachment| attachment.validate(operation))
    }
}

/// How a draft is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct DraftOptions {
    /// In which folder; `None`: with the other drafts.
    pub folder: Option<FolderRef>,
    /// What makes repeated creates one: with a key that a draft of this mailbox has already, that draft is given
    /// back. At most 127 characters.
    pub idempotency_key: Option<String>,
}

impl DraftOptions {
    /// With the other drafts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the folder.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<FolderRef>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Sets the key that makes repeated creates one.
    #[must_use]
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// Checks the key.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for one that is empty or too long.
    pub fn validate(&self, operation: &'static str) -> Result<()> {
        check_key(operation, self.idempotency_key.as_deref())
    }
}

/// How a message is sent.
///
/// ```
/// use exchange_connector::model::{SaveSent, SendOptions};
///
/// let once = SendOptions::new().idempotency_key("invoice-2026-1031");
/// assert!(once.validate("send").is_ok());
/// assert!(once.save(SaveSent::Nowhere).validate("send").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SendOptions {
    /// Where the own copy goes.
    pub save: SaveSent,
    /// Say in the receipt which `Message-ID` the message has. It is made as a draft first, which takes the right to
    /// read and write.
    pub track: bool,
    /// What makes repeated sends one: a call with the key of a message that was sent already sends nothing, and one
    /// that was interrupted goes on where it stopped, also in another process, for as long as the own copy is kept.
    /// The message is made as a draft first, which takes the right to read and write. At most 127 characters; not
    /// together with [`SaveSent::Nowhere`], because it is found by its copy.
    pub idempotency_key: Option<String>,
}

impl SendOptions {
    /// With a copy among the sent items.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets where the own copy goes.
    #[must_use]
    pub fn save(mut self, save: SaveSent) -> Self {
        self.save = save;
        self
    }

    /// Asks for the `Message-ID`.
    #[must_use]
    pub fn track(mut self) -> Self {
        self.track = true;
        self
    }

    /// Sets the key that makes repeated sends one.
    #[must_use]
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// Checks that the options go together.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument).
    pub fn validate(&self, operation: &'static str) -> Result<()> {
        if self.idempotency_key.is_some() && self.save == SaveSent::Nowhere {
            let problem = "an idempotency key needs the own copy, by which it is found";
            return Err(Error::invalid_argument(operation, problem)
                .with_hint("Keep the copy in a folder of your own, or leave the key out."));
        }
        check_key(operation, self.idempotency_key.as_deref())
    }
}

/// Where the own copy of a sent message goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SaveSent {
    /// To the sent items.
    #[default]
    SentItems,
    /// Nowhere: none is kept.
    Nowhere,
    /// To this folder. See [`Feature::ChooseSentFolder`](crate::Feature::ChooseSentFolder).
    Folder(FolderRef),
}

/// What is known of a message that the server has taken. It is accepted, not delivered: what becomes of it comes as a
/// message, if at all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SendReceipt {
    /// Its `Message-ID` header, if it was [asked for](SendOptions::track).
    pub internet_message_id: Option<String>,
    /// The own copy, where it is known: with an [idempotency key](SendOptions::idempotency_key) that was used before.
    pub message_id: Option<MessageId>,
}

impl SendReceipt {
    /// Nothing is known but that it was taken.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the `Message-ID`.
    #[must_use]
    pub fn internet_message_id(mut self, id: impl Into<String>) -> Self {
        self.internet_message_id = Some(id.into());
        self
    }

    /// Sets the own copy.
    #[must_use]
    pub fn message_id(mut self, id: MessageId) -> Self {
        self.message_id = Some(id);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_refuse() {
        let mail = || NewMessage::new("Hello", Body::text("Hi"));
        assert!(mail().validate("send").is_ok());
        let mut unlike = mail();
        unlike.references = Some("<a@b>\r\nBcc: eve@example.com".into());
        for wrong in [
            mail().to(Recipient::smtp("Ada")),
            mail().from(Recipient::smtp("@")),
            mail().reply_to(Recipient::smtp("a b@example.com")),
            mail().header("Ticket", "1"),
            mail().header("X-", "1"),
            mail().header("X-A:", "1"),
            mail().header("X-A", "1\r\nBcc: eve@example.com"),
            mail().text_alternative("Hi"),
            mail().category(""),
            mail().attachment(NewAttachment::new("", "")),
            NewMessage::new("a\nb", Body::text("")),
            unlike,
        ] {
            assert!(wrong.validate("send").is_err(), "{wrong:?}");
        }
        assert!(mail().header("x-ä", "1").validate("send").is_err());
        assert!(mail().header("x-a", "ä\t1").validate("send").is_ok());
    }

    #[test]
    fn options_go_together() {
        assert!(
            SendOptions::new()
                .idempotency_key(" ")
                .validate("send")
                .is_err()
        );
        assert!(
            DraftOptions::new()
                .idempotency_key("ä".repeat(128))
                .validate("t")
                .is_err()
        );
        let message = serde_json::from_str::<NewMessage>("{}").unwrap();
        assert_eq!(message, NewMessage::default());
    }
}

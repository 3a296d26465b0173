//! [`Connector`] on EWS, and what it is built from.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use chrono_tz::Tz;

use super::addresses::Addresses;
use super::client::Client;
use super::directory::EwsDirectory;
use super::home::Home;
use super::mailbox::EwsMailbox;
use super::operation::GetFolder;
use super::settings::PublicFolders;
use super::types::{BaseShape, FolderShape};
use super::{DistinguishedFolderId, ServerVersion, diagnosis, endpoint};
use crate::calendar::Batch;
use crate::connector::{
    Backend, Capabilities, Connector, Feature, Limits, Mailbox, MailboxTarget, Support,
};
use crate::diagnosis::{Diagnosis, DiagnosisScope};
use crate::directory::Directory;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{self, AuthPolicy, Credentials, HttpOptions};
use crate::model::{EventId, ForeignId, MessageId};
use crate::observe::{Observer, Watchers};
use crate::retry::{Pacing, RetryPolicy};

/// A connection to an Exchange server on-premises.
///
/// ```no_run
/// use exchange_connector::ews::{EwsConnector, ServerVersion};
/// use exchange_connector::http::Credentials;
/// use exchange_connector::{CalendarRead, Connector, MailboxTarget};
///
/// # async fn run() -> exchange_connector::Result<()> {
/// let connector = EwsConnector::builder("https://mail.contoso.com/EWS/Exchange.asmx")
///     .credentials(Credentials::password(r"CONTOSO\alice", "secret"))
///     .version(ServerVersion::Exchange2016)
///     .build()?;
/// let mailbox = connector.mailbox(&MailboxTarget::Own)?;
/// for calendar in mailbox.list_calendars().collect().await? {
///     println!("{}", calendar.name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct EwsConnector {
    client: Client,
    home: Option<Tz>,
    /// The name by which the account signs in; often its address.
    account: Option<Arc<str>>,
    addresses: Addresses,
    leaves_html: bool,
    /// As the program said.
    version: Option<ServerVersion>,
}

impl EwsConnector {
    /// A connector to the server at `url`: its host name, its address of Outlook on the web, or
    /// the full `https://…/EWS/Exchange.asmx`.
    pub fn builder(url: impl Into<String>) -> EwsConnectorBuilder {
        EwsConnectorBuilder {
            url: url.into(),
            credentials: None,
            auth: AuthPolicy::Automatic,
            version: None,
            home: None,
            resolves_addresses: true,
            leaves_html: false,
            http: HttpOptions::default(),
            watchers: Watchers::default(),
            retry: RetryPolicy::default(),
            concurrency: None,
        }
    }

    /// The public folders of the organisation.
    pub fn public_folders(&self) -> PublicFolders {
        PublicFolders::new(self.client.clone())
    }

    /// The way down to single operations, as the signed-in account.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The same connector, whose calls are sent once each.
    pub(super) fn once(&self) -> Self {
        Self {
            client: self.client.clone().once(),
            ..self.clone()
        }
    }

    pub(super) fn ews_mailbox(&self, target: &MailboxTarget) -> Result<EwsMailbox> {
        EwsMailbox::new(
            self.client.clone(),
            Home::new(self.home, self.account.clone()),
            self.addresses.clone(),
            self.leaves_html,
            target,
        )
    }

    /// The version that the program set for requests.
    pub(super) fn version_set(&self) -> Option<ServerVersion> {
        self.version
    }

    /// The name by which the account signs in.
    pub(super) fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }
}

#[async_trait]
impl Connector for EwsConnector {
    fn backend(&self) -> Backend {
        Backend::Ews
    }

    fn capabilities(&self) -> Capabilities {
        capabilities(&self.client, self.leaves_html)
    }

    async fn probe(&self) -> Result<Capabilities> {
        let shape = FolderShape::new(BaseShape::IdOnly);
        let inbox = GetFolder::new(shape, [DistinguishedFolderId::Inbox]);
        let sent = self.client.send(&inbox).await;
        for answer in sent.map_err(|error| error.with_operation("probe"))? {
            answer.ok().map_err(|refusal| refusal.into_error("probe"))?;
        }
        Ok(self.capabilities())
    }

    async fn diagnose(&self, scope: &DiagnosisScope) -> Diagnosis {
        diagnosis::diagnose(self, scope).await
    }

    fn mailbox(&self, target: &MailboxTarget) -> Result<Arc<dyn Mailbox>> {
        Ok(Arc::new(self.ews_mailbox(target)?))
    }

    fn directory(&self) -> Arc<dyn Directory> {
        Arc::new(EwsDirectory::new(
            self.client.clone(),
            self.addresses.clone(),
        ))
    }

    async fn translate_event_ids(
        &self,
        mailbox: &MailboxTarget,
        foreign: &[ForeignId],
    ) -> Result<Batch<EventId>> {
        let mailbox = self.ews_mailbox(mailbox)?;
        let ids = mailbox.translate(foreign, "translate_event_ids").await?;
        let id = |id: String| EventId::from_raw(Backend::Ews, id);
        Ok(ids.into_iter().map(|one| one.map(id)).collect())
    }

    async fn translate_message_ids(
        &self,
        mailbox: &MailboxTarget,
        foreign: &[ForeignId],
    ) -> Result<Batch<MessageId>> {
        let mailbox = self.ews_mailbox(mailbox)?;
        let ids = mailbox.translate(foreign, "translate_message_ids").await?;
        let id = |id: String| MessageId::from_raw(Backend::Ews, id);
        Ok(ids.into_iter().map(|one| one.map(id)).collect())
    }
}

/// What a server of the version requests are made for can do.
pub(super) fn capabilities(client: &Client, leaves_html: bool) -> Capabilities {
    let version = client.version();
    let server = match (client.server_version_info(), version) {
        (Some(info), _) => format!("Exchange {}", info.build()),
        (None, Some(version)) => version.to_string(),
        (None, None) => "Exchange".to_owned(),
    };
    let since = |first: ServerVersion| match version {
        Some(version) if version < first => Support::No,
        _ => Support::Native,
    };
    let limits = Limits::default()
        .batch_items(super::items::ITEMS_PER_REQUEST)
        .free_busy_mailboxes(super::availability::MAILBOXES_PER_REQUEST)
        .free_busy_days(super::availability::DAYS_PER_REQUEST);
    Capabilities::new(Backend::Ews, server)
        .with(Feature::SilentMeetingChange, Support::Native)
        .with(Feature::SetUid, Support::Native)
        .with(Feature::CreateOnlineMeeting, Support::No)
        .with(
            Feature::ProposeNewTime,
            since(ServerVersion::Exchange2013Sp1),
        )
        .with(Feature::RoomLists, since(ServerVersion::Exchange2010))
        .with(Feature::ImmutableIds, Support::No)
        .with(Feature::ZonePerEnd, since(ServerVersion::Exchange2010))
        .with(
            Feature::WorkingElsewhere,
            since(ServerVersion::Exchange2013),
        )
        .with(Feature::PermanentDelete, Support::Native)
        .with(Feature::MailTips, since(ServerVersion::Exchange2010))
        .with(Feature::InboxRules, since(ServerVersion::Exchange2010Sp1))
        .with(Feature::ClientRules, since(ServerVersion::Exchange2010Sp1))
        .with(
            Feature::HtmlSanitised,
            match leaves_html {
                true => Support::No,
                false => since(super::items::SANITISES_SINCE),
            },
        )
        .with(Feature::ContentSearch, since(ServerVersion::Exchange2010))
        .with(Feature::Conversations, since(ServerVersion::Exchange2010))
        .with(Feature::ChooseSentFolder, Support::Native)
        .with(
            Feature::FirstDayOfWeek,
            since(ServerVersion::Exchange2010Sp1),
        )
        .with(Feature::CustomZones, Support::Native)
        .with(Feature::WeekdaySets, Support::No)
        .with(Feature::RepeatedHour, Support::Native)
        .with(Feature::DatesInSummaries, Support::Native)
        .with(Feature::PagedViews, Support::No)
        .with(Feature::NativeBodies, Support::Native)
        .with(Feature::FoldersOfAllKinds, Support::Native)
        .with(
            Feature::RecoverableItems,
            since(ServerVersion::Exchange2010Sp1),
        )
        .with(
            Feature::InlineAttachments,
            since(ServerVersion::Exchange2010),
        )
        .with_limits(limits)
}

/// What is needed to connect.
#[must_use]
pub struct EwsConnectorBuilder {
    url: String,
    credentials: Option<Credentials>,
    auth: AuthPolicy,
    version: Option<ServerVersion>,
    home: Option<Tz>,
    resolves_addresses: bool,
    leaves_html: bool,
    http: HttpOptions,
    watchers: Watchers,
    retry: RetryPolicy,
    concurrency: Option<usize>,
}

impl EwsConnectorBuilder {
    /// Who is signing in.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// How to sign in; what the server offers, strongest first, if not said.
    pub fn auth(mut self, policy: AuthPolicy) -> Self {
        self.auth = policy;
        self
    }

    /// The version to make requests for; if not said, the newest the server speaks, which takes
    /// one more call at the beginning.
    pub fn version(mut self, version: ServerVersion) -> Self {
        self.version = Some(version);
        self
    }

    /// The zone in which whole days begin and end, where an event names none: that of the
    /// mailboxes. If it is not said, each mailbox is asked when such an event is written: for the
    /// options of Outlook on the web (Exchange 2010 and later), else for its working hours, which
    /// takes a mailbox whose address is known, by the target or the name to sign in.
    pub fn time_zone(mut self, zone: Tz) -> Self {
        self.home = Some(zone);
        self
    }

    /// Whether to look up the mail addresses of people whom the server names by a distinguished
    /// name of the directory; yes if not said. It takes one request for each name, the first time
    /// it is seen; without it such people have an
    /// [`Address::ExchangeDn`](crate::model::Address::ExchangeDn).
    pub fn resolve_addresses(mut self, resolve: bool) -> Self {
        self.resolves_addresses = resolve;
        self
    }

    /// Leaves HTML bodies as they are stored, with scripts, forms and pictures that call home.
    ///
    /// Whoever shows such a body lets its author run programs where it is shown, so this is only
    /// for what never shows them, as archives. [`Feature::HtmlSanitised`] is not there then.
    /// Without it they come without what could do harm, from Exchange 2013 on.
    pub fn danger_leave_active_content_in_html(mut self) -> Self {
        self.leaves_html = true;
        self
    }

    /// Time limits, certificates, proxy and the like.
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Who is told of each call, for metrics and the like. Several observers are told one after the other.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.watchers.add(observer);
        self
    }

    /// Records each request and the answer to it in this folder, without what is in them, so that a problem with a
    /// server can be shown to others.
    ///
    /// The files are `ews/<operation>/request_0001.xml` and `response_0001.xml`, as in this crate's `fixtures/`, with
    /// status and headers in `call_0001.txt`; a web page ends in `.html`, what has no markup in `.text`. The numbers
    /// are in the order in which the attempts began, and go on where the folder ends; nothing is written over.
    /// `cargo run --example inspect -- response_0001.xml` reads an answer.
    ///
    /// What is known to be harmless stays: the names of the protocol, its enumerations, numbers where the schema wants
    /// a number, `true` and `false`, all dates and times, names of time zones, languages and of classes of items, and of a
    /// server's sentence about a failure the words that such sentences are made of. Every other text is replaced: by `text-1`, `person1@example.com`, an id of the same length and the like, the same
    /// text always by the same. Of a text its length remains (as a power of two) and which kinds of characters it has;
    /// of contents and MIME their length. Comments go. Of an answer that is not well-formed less stays, of a web page
    /// its tags and the addresses that give away a logon page. Headers are left out, but for a short list; there is no
    /// password, token or cookie among them. Still, read a recording before you hand it on: when somebody met how many
    /// people is in it.
    ///
    /// On Unix only the owner can read the files. Recording stops after 10,000 attempts or 1 GiB, and a document is cut
    /// after 4 MiB. What cannot be written is missing, with one warning in the log; no call fails for it. The files
    /// are written while the call waits, so this is for finding faults, not for every day.
    pub fn record_to(mut self, folder: impl Into<PathBuf>) -> Self {
        self.watchers.record_to(folder.into());
        self
    }

    /// Whether and how long calls are sent again that fail for a passing reason. Default:
    /// [`RetryPolicy::default`], within 5 minutes.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How many calls go to the server at a time, at least 1; the others wait for their turn.
    /// Default: 27, and 10 for Exchange 2010, which is what servers allow a user by default
    /// (`EwsMaxConcurrency`).
    ///
    /// NTLM takes a connection for each: there it is no more than [`HttpOptions::lanes`].
    /// A content that is being read counts until its end.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.concurrency = Some(calls.max(1));
        self
    }

    /// The connector. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if the address is none, credentials are missing, or what was
    /// set does not go together.
    pub fn build(self) -> Result<EwsConnector> {
        let url = endpoint::normalize(&self.url)?;
        let credentials = self.credentials.ok_or_else(|| {
            Error::new(
                ErrorKind::Configuration,
                "connect",
                "no credentials are set",
            )
            .with_hint("Give a user name and a password, or a token.")
            .with_backend(Backend::Ews)
        })?;
        let account: Option<Arc<str>> = match &credentials {
            Credentials::Password { user, .. } => Some(user.as_str().into()),
            _ => None,
        };
        let transport = http::connect(&self.http, credentials, self.auth)?;
        let pacing = Pacing::new(self.retry, self.http.silence());
        Ok(EwsConnector {
            client: Client::new(url, transport, self.version, pacing, self.concurrency)
                .watched(self.watchers, account.clone()),
            home: self.home,
            account,
            addresses: Addresses::new(self.resolves_addresses),
            leaves_html: self.leaves_html,
            version: self.version,
        })
    }
}

impl fmt::Debug for EwsConnectorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EwsConnectorBuilder")
            .field("url", &http::without_user(&self.url))
            .field("credentials", &self.credentials)
            .field("auth", &self.auth)
            .field("version", &self.version)
            .field("time_zone", &self.home)
            .field("resolve_addresses", &self.resolves_addresses)
            .field("leaves_html", &self.leaves_html)
            .field("http", &self.http)
            .field("retry", &self.retry)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

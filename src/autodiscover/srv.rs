//! SRV records of the DNS (RFC 2782).

use std::fmt;

use async_trait::async_trait;
use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::{RData, RecordType};

use crate::error::BoxError;

/// One SRV record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SrvRecord {
    /// The lowest is tried first.
    pub priority: u16,
    /// Among the same priority the highest is tried first.
    pub weight: u16,
    /// The port; only 443 is used.
    pub port: u16,
    /// The host.
    pub target: String,
}

impl SrvRecord {
    /// A record for port 443 with priority and weight 0.
    pub fn new(target: impl Into<String>) -> Self {
        Self {
            priority: 0,
            weight: 0,
            port: 443,
            target: target.into(),
        }
    }

    /// Sets the priority.
    #[must_use]
    pub fn priority(mut self, priority: u16) -> Self {
        self.priority = priority;
        self
    }

    /// Sets the weight.
    #[must_use]
    pub fn weight(mut self, weight: u16) -> Self {
        self.weight = weight;
        self
    }

    /// Sets the port.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }
}

/// Looks up SRV records. [`SystemSrvResolver`] is used if the caller brings none.
#[async_trait]
pub trait SrvResolver: fmt::Debug + Send + Sync {
    /// The records of a name, such as `_autodiscover._tcp.contoso.com`, in any order. None is an
    /// empty list and no error.
    ///
    /// # Errors
    /// Whatever prevented the look-up; the search goes on without it.
    async fn srv(&self, name: &str) -> Result<Vec<SrvRecord>, BoxError>;
}

/// Asks the name servers that this machine is set up with.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemSrvResolver;

#[async_trait]
impl SrvResolver for SystemSrvResolver {
    async fn srv(&self, name: &str) -> Result<Vec<SrvRecord>, BoxError> {
        let resolver = TokioResolver::builder_tokio()?.build()?;
        // the dot at the end keeps search domains out
        let found = match resolver.lookup(format!("{name}."), RecordType::SRV).await {
            Ok(found) => found,
            Err(error) if error.is_no_records_found() || error.is_nx_domain() => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(error.into()),
        };
        let records = found.answers().iter().filter_map(|record| {
            let RData::SRV(srv) = &record.data else {
                return None;
            };
            Some(SrvRecord {
                priority: srv.priority,
                weight: srv.weight,
                port: srv.port,
                target: srv.target.to_utf8(),
            })
        });
        Ok(records.collect())
    }
}

/// The hosts to ask, best first: those on port 443. RFC 2782 wants chance among equal priorities;
/// here the heaviest comes first, so that the same search gives the same answer.
pub(super) fn hosts(mut records: Vec<SrvRecord>) -> Vec<String> {
    records.sort_by_key(|record| (record.priority, u16::MAX - record.weight));
    let mut hosts: Vec<String> = Vec::new();
    for record in records {
        let host = record.target.trim_end_matches('.').to_ascii_lowercase();
        // a target of "." says that there is no such service
        if record.port == 443 && !host.is_empty() && !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_what_is_passed_over() {
        let records = vec![
            SrvRecord::new("backup.contoso.com.").priority(20),
            SrvRecord::new("light.contoso.com").priority(10).weight(1),
            SrvRecord::new("Heavy.contoso.com.").priority(10).weight(9),
            SrvRecord::new("plain.contoso.com").port(80),
            SrvRecord::new("."),
            SrvRecord::new("heavy.contoso.com").priority(30),
        ];
        assert_eq!(
            hosts(records),
            [
                "heavy.contoso.com",
                "light.contoso.com",
                "backup.contoso.com"
            ]
        );
    }
}

//! Who is free and who is busy: `getSchedule`.

use async_trait::async_trait;

use super::mailbox::{GraphMailbox, unbuilt};
use crate::calendar::{Availability, Batch};
use crate::error::Result;
use crate::model::*;

#[async_trait]
impl Availability for GraphMailbox {
    async fn free_busy(&self, query: FreeBusyQuery) -> Result<Batch<Schedule>> {
        let _ = query;
        Err(unbuilt("free_busy"))
    }
}

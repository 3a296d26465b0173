//! What is attached to events and messages.

mod session;

use async_trait::async_trait;
use serde::Deserialize;

use super::call::Call;
use super::convert;
use super::mail::{ATTACHMENT, lacks};
use super::mailbox::GraphMailbox;
use super::permission::Permission;
use super::wire;
use crate::connector::Backend;
use crate::error::{Effect, Error, ErrorKind, Result};
use crate::mail::{AttachmentRead, AttachmentWrite};
use crate::model::{
    Attachment, AttachmentId, AttachmentKind, AttachmentUpload, ItemRef, NewAttachment,
};
use crate::stream::ByteStream;

/// Up to how many bytes a file goes in one request.
///
/// Source: <https://learn.microsoft.com/graph/outlook-large-attachments>
pub(super) const INLINE_AT_MOST: u64 = 3 * 1024 * 1024 - 64 * 1024;

/// How many bytes a file can have at most.
const LARGEST: u64 = 150 * 1024 * 1024;

#[async_trait]
impl AttachmentRead for GraphMailbox {
    async fn list_attachments(&self, of: &ItemRef) -> Result<Vec<Attachment>> {
        const OPERATION: &str = "list_attachments";
        let item = Item::of(of, OPERATION)?;
        let call = Call::get(OPERATION, &item.path(&["attachments"]), item.read)
            .query("$select", ATTACHMENT)
            .query("$top", "100");
        let mut list = Vec::new();
        let mut page = self.client.page::<wire::Attachment>(&call).await?;
        loop {
            let next = page.next.take();
            let read = page.readable(OPERATION);
            list.extend(read.iter().filter_map(convert::attachment));
            match next {
                Some(link) => page = self.client.follow(&call, &link).await?,
                None => break,
            }
        }
        self.tell_items_apart(&item, &mut list, OPERATION).await?;
        Ok(list)
    }

    async fn open_attachment(&self, of: &ItemRef, id: &AttachmentId) -> Result<ByteStream> {
        const OPERATION: &str = "open_attachment";
        let item = Item::of(of, OPERATION)?;
        let raw = id.require(Backend::Graph, OPERATION)?;
        let path = item.path(&["attachments", raw, "$value"]);
        let opened = self
            .client
            .open(&Call::get(OPERATION, &path, item.read))
            .await;
        match opened {
            Err(error) if may_be_no_file(&error) => {
                Err(self.without_content(&item, raw, error, OPERATION).await)
            }
            opened => opened,
        }
    }
}

#[async_trait]
impl AttachmentWrite for GraphMailbox {
    async fn add_attachment(&self, to: &ItemRef, file: AttachmentUpload) -> Result<Attachment> {
        const OPERATION: &str = "add_attachment";
        Item::of(to, OPERATION)?;
        file.validate()?;
        self.attach_file(to, file, OPERATION).await
    }

    async fn delete_attachment(&self, of: &ItemRef, id: &AttachmentId) -> Result<()> {
        const OPERATION: &str = "delete_attachment";
        let item = Item::of(of, OPERATION)?;
        let raw = id.require(Backend::Graph, OPERATION)?;
        let call = Call::delete(OPERATION, &item.path(&["attachments", raw]), item.write);
        self.client.done(&call).await
    }
}

/// Whose attachments are meant.
pub(super) struct Item<'i> {
    family: &'static str,
    id: &'i str,
    read: Permission,
    write: Permission,
}

impl<'i> Item<'i> {
    fn of(item: &'i ItemRef, operation: &'static str) -> Result<Self> {
        let id = item.require(Backend::Graph, operation)?;
        Ok(match item {
            ItemRef::Event(_) => Self {
                family: "events",
                id,
                read: Permission::CalendarsRead,
                write: Permission::CalendarsReadWrite,
            },
            ItemRef::Message(_) => Self {
                family: "messages",
                id,
                read: Permission::MailRead,
                write: Permission::MailReadWrite,
            },
        })
    }

    fn path<'p>(&'p self, rest: &[&'p str]) -> Vec<&'p str> {
        let mut path = vec![self.family, self.id];
        path.extend_from_slice(rest);
        path
    }
}

impl GraphMailbox {
    /// Attaches a file that was checked: in one request, or by an upload session if it is large.
    pub(super) async fn attach_file(
        &self,
        to: &ItemRef,
        file: AttachmentUpload,
        operation: &'static str,
    ) -> Result<Attachment> {
        let item = Item::of(to, operation)?;
        let length = file.content.len();
        if length > LARGEST {
            let problem =
                format!("the file has {length} bytes, and Graph attaches {LARGEST} at most");
            return Err(Error::new(ErrorKind::TooLarge, operation, problem)
                .with_backend(Backend::Graph)
                .with_hint("Share it as a link instead."));
        }
        if length > INLINE_AT_MOST {
            return self.upload(&item, to, file, operation).await;
        }
        let limit = usize::try_from(INLINE_AT_MOST).unwrap_or(usize::MAX);
        let content = file.content.into_stream().collect(limit).await;
        let mut small = NewAttachment::new(
            file.name,
            content.map_err(|error| error.with_operation(operation))?,
        );
        small.content_type = file.content_type;
        small.is_inline = file.is_inline;
        small.content_id = file.content_id;
        let call = Call::post(operation, &item.path(&["attachments"]), item.write);
        let call = call.json(&convert::new_attachment(&small))?;
        let made: wire::Attachment = self.client.json(&call).await?;
        convert::attachment(&made)
            .ok_or_else(|| lacks(operation, "attachment id").with_effect(Effect::Partial))
    }

    /// A list says which are items, but not of what kind: these are read for that, if there are any.
    async fn tell_items_apart(
        &self,
        item: &Item<'_>,
        list: &mut [Attachment],
        operation: &'static str,
    ) -> Result<()> {
        let items = list.iter_mut();
        for attachment in items.filter(|one| matches!(one.kind, AttachmentKind::Item { .. })) {
            let path = item.path(&["attachments", attachment.id.as_raw()]);
            let call = Call::get(operation, &path, item.read)
                .query("$expand", "microsoft.graph.itemAttachment/item");
            let read: wire::Attachment = match self.client.json(&call).await {
                // One that cannot be read is of a kind nobody knows.
                Err(error) if may_be_no_file(&error) || error.kind() == ErrorKind::Protocol => {
                    continue;
                }
                read => read?,
            };
            if let Some(read) = convert::attachment(&read) {
                attachment.kind = read.kind;
            }
        }
        Ok(())
    }

    /// Why there is nothing to read.
    async fn without_content(
        &self,
        item: &Item<'_>,
        raw: &str,
        error: Error,
        operation: &'static str,
    ) -> Error {
        #[derive(Deserialize)]
        struct Kind {
            #[serde(rename = "@odata.type")]
            odata_type: Option<String>,
            name: Option<String>,
        }
        let path = item.path(&["attachments", raw]);
        let call = Call::get(operation, &path, item.read).query("$select", "id,name");
        let Ok(found) = self.client.json::<Kind>(&call).await else {
            return error;
        };
        let name = found.name.unwrap_or_default();
        let kind = found.odata_type.unwrap_or_default();
        let (problem, hint) = if kind.ends_with("referenceAttachment") {
            (
                format!("{name:?} is no file but a link, whose target Graph does not show"),
                "Open the item in Outlook and follow the link.",
            )
        } else if kind.ends_with("itemAttachment") {
            (
                format!("the server has no MIME form of {name:?}"),
                "Read its properties with $expand=microsoft.graph.itemAttachment/item.",
            )
        } else {
            return error;
        };
        Error::unsupported(operation, problem)
            .with_backend(Backend::Graph)
            .with_hint(hint)
            .with_source(error)
    }
}

/// Whether the refusal may mean that there is no such form of it.
fn may_be_no_file(error: &Error) -> bool {
    error.http_status().is_some()
        && matches!(
            error.kind(),
            ErrorKind::InvalidArgument
                | ErrorKind::Unsupported
                | ErrorKind::Protocol
                | ErrorKind::Configuration
                | ErrorKind::Internal
                | ErrorKind::DataCorrupt
        )
}

//! GetFolder and FindFolder.

use roxmltree::Node;

use super::{Call, children};
use crate::simulator::ids;
use crate::simulator::path::Path;
use crate::simulator::property::{Property, Value};
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::restriction::{Subject, holds};
use crate::simulator::shape::write_rights;
use crate::simulator::soap::responses;
use crate::simulator::store::{CalendarRights, Folder, Mailbox};
use crate::simulator::version::SimulatedVersion;
use crate::simulator::xml::Writer;
use crate::simulator::zone::Zone;

/// `FolderShape` of a request.
#[derive(Debug)]
pub(super) struct FolderShape {
    base: String,
    fields: Vec<String>,
    extended: Vec<crate::simulator::path::Extended>,
}

impl FolderShape {
    pub(super) fn read(node: Option<Node<'_, '_>>) -> Result<Self, Refusal> {
        let mut shape = Self {
            base: node
                .and_then(|node| node.text_of("BaseShape"))
                .unwrap_or("IdOnly")
                .to_owned(),
            fields: Vec::new(),
            extended: Vec::new(),
        };
        for path in node
            .iter()
            .flat_map(|node| children(*node, "AdditionalProperties"))
        {
            match Path::read(path)? {
                Path::Field(uri) | Path::Indexed(uri, _) => shape.fields.push(uri),
                Path::Extended(extended) => shape.extended.push(extended),
            }
        }
        Ok(shape)
    }

    fn has(&self, uri: &str, default: bool) -> bool {
        self.base == "AllProperties"
            || (default && self.base == "Default")
            || self.fields.iter().any(|field| field == uri)
    }
}

/// A folder with what its values are made from.
#[derive(Clone, Copy)]
struct Subfolder<'a> {
    mailbox: &'a Mailbox,
    folder: &'a Folder,
}

impl Subfolder<'_> {
    fn total(self) -> usize {
        self.mailbox.items.count(self.folder.number)
    }

    fn unread(self) -> usize {
        self.mailbox.items.unread(self.folder.number)
    }

    fn children(self) -> usize {
        self.mailbox.children_of(self.folder.number).count()
    }

    fn extended(self, property: &Property) -> Option<Value> {
        let count = |number: usize| i64::try_from(number).ok().map(Value::Integer);
        match property {
            Property::Tag(0x3001) => Some(Value::Text(self.folder.name.clone())),
            Property::Tag(0x3613) => Some(Value::Text(self.folder.class.clone())),
            Property::Tag(0x3602) => count(self.total()),
            Property::Tag(0x3603) => count(self.unread()),
            Property::Tag(0x10f4) => Some(Value::Boolean(self.folder.is_hidden())),
            _ => None,
        }
    }
}

impl Subject for Subfolder<'_> {
    fn value(&self, path: &Path) -> Result<Option<Value>, Refusal> {
        let count = |number: usize| i64::try_from(number).ok().map(Value::Integer);
        Ok(match path {
            Path::Extended(extended) => self.extended(&extended.property),
            Path::Field(uri) | Path::Indexed(uri, _) => match uri.as_str() {
                "folder:DisplayName" => Some(Value::Text(self.folder.name.clone())),
                "folder:FolderClass" => Some(Value::Text(self.folder.class.clone())),
                "folder:TotalCount" => count(self.total()),
                "folder:UnreadCount" => count(self.unread()),
                "folder:ChildFolderCount" => count(self.children()),
                _ => None,
            },
        })
    }

    fn constant(&self, path: &Path, text: &str, _: &Zone) -> Result<Value, Refusal> {
        match path {
            Path::Extended(extended) => extended.parse(text),
            Path::Field(uri) | Path::Indexed(uri, _) => Ok(if uri.ends_with("Count") {
                let number = text.trim().parse().map_err(|_| Refusal::bad_date(text))?;
                Value::Integer(number)
            } else {
                Value::Text(text.to_owned())
            }),
        }
    }
}

/// Writes a folder under the element of its class.
pub(super) fn write_folder(
    writer: &mut Writer,
    mailbox: &Mailbox,
    folder: &Folder,
    shape: &FolderShape,
    access: (CalendarRights, bool),
    version: SimulatedVersion,
) {
    let subject = Subfolder { mailbox, folder };
    let element = match folder.class.as_str() {
        "IPF.Appointment" => "t:CalendarFolder",
        "IPF.Contact" => "t:ContactsFolder",
        "IPF.Task" => "t:TasksFolder",
        _ => "t:Folder",
    };
    writer.element(element, &[], |writer| {
        let key = ids::change_key(1, folder.changed);
        let id = mailbox.folder_id(folder.number);
        writer.empty(
            "t:FolderId",
            &[("Id", id.as_str()), ("ChangeKey", key.as_str())],
        );
        if shape.has("folder:ParentFolderId", false) {
            let parent = folder.parent.unwrap_or(folder.number);
            let id = mailbox.folder_id(parent);
            writer.empty(
                "t:ParentFolderId",
                &[("Id", id.as_str()), ("ChangeKey", "AQAAAA==")],
            );
        }
        if shape.has("folder:FolderClass", false) && folder.class != "IPF" {
            writer.leaf("t:FolderClass", &folder.class);
        }
        if shape.has("folder:DisplayName", true) {
            writer.leaf("t:DisplayName", &folder.name);
        }
        if shape.has("folder:TotalCount", true) {
            writer.leaf("t:TotalCount", &subject.total().to_string());
        }
        if shape.has("folder:ChildFolderCount", true) {
            writer.leaf("t:ChildFolderCount", &subject.children().to_string());
        }
        for extended in &shape.extended {
            if let Some(value) = subject.extended(&extended.property) {
                extended.write(writer, &value, None);
            }
        }
        if shape.has("folder:EffectiveRights", false) {
            write_rights(writer, access, true, version);
        }
        if version >= SimulatedVersion::Exchange2013
            && shape.has("folder:DistinguishedFolderId", false)
            && let Some(name) = folder.distinguished
        {
            writer.leaf("t:DistinguishedFolderId", name);
        }
        let unread = !matches!(folder.class.as_str(), "IPF.Appointment" | "IPF.Contact");
        if unread && shape.has("folder:UnreadCount", true) {
            writer.leaf("t:UnreadCount", &subject.unread().to_string());
        }
    });
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/getfolder-operation>
pub(super) fn get(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let shape = FolderShape::read(operation.child("FolderShape"));
    let results: Vec<Result<(usize, u64), Refusal>> = children(operation, "FolderIds")
        .map(|node| {
            shape.as_ref().map_err(Clone::clone)?;
            call.folder(node)
        })
        .collect();
    Ok(responses(
        "GetFolder",
        &results,
        "<m:Folders/>",
        |writer, (owner, number)| {
            writer.element("m:Folders", &[], |writer| {
                if let (Ok(mailbox), Ok(shape)) = (call.mailbox(*owner), &shape)
                    && let Some(folder) = mailbox.folders.get(number)
                {
                    let access = call.access(*owner, *number);
                    write_folder(writer, mailbox, folder, shape, access, call.version);
                }
            });
        },
    ))
}

/// What FindFolder found under one parent.
struct Listing {
    owner: usize,
    folders: Vec<u64>,
    offset: usize,
    total: usize,
    complete: bool,
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/findfolder-operation>
pub(super) fn find(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let shape = FolderShape::read(operation.child("FolderShape"));
    let results: Vec<Result<Listing, Refusal>> = children(operation, "ParentFolderIds")
        .map(|node| {
            shape.as_ref().map_err(Clone::clone)?;
            listing(call, operation, node)
        })
        .collect();
    Ok(responses("FindFolder", &results, "", |writer, listing| {
        let (offset, total) = (listing.offset.to_string(), listing.total.to_string());
        let complete = listing.complete.to_string();
        let mut attributes = Vec::new();
        if operation.child("IndexedPageFolderView").is_some() {
            attributes.push(("IndexedPagingOffset", offset.as_str()));
        }
        attributes.push(("TotalItemsInView", total.as_str()));
        attributes.push(("IncludesLastItemInRange", complete.as_str()));
        writer.element("m:RootFolder", &attributes, |writer| {
            writer.element("t:Folders", &[], |writer| {
                let (Ok(mailbox), Ok(shape)) = (call.mailbox(listing.owner), &shape) else {
                    return;
                };
                for folder in listing
                    .folders
                    .iter()
                    .filter_map(|number| mailbox.folders.get(number))
                {
                    let access = call.access(listing.owner, folder.number);
                    write_folder(writer, mailbox, folder, shape, access, call.version);
                }
            });
        });
    }))
}

fn listing(
    call: &Call<'_>,
    operation: Node<'_, '_>,
    parent: Node<'_, '_>,
) -> Result<Listing, Refusal> {
    let (owner, parent) = call.folder(parent)?;
    let mailbox = call.mailbox(owner)?;
    let deep = operation.attribute("Traversal") == Some("Deep");
    if deep && call.store.public == Some(owner) {
        return Err(Refusal::new(
            "ErrorInvalidOperation",
            "Public folders are listed level by level.",
        ));
    }
    let restriction = operation
        .child("Restriction")
        .and_then(|restriction| restriction.first());
    let mut found = Vec::new();
    for folder in mailbox.folders.values() {
        let inside = if deep {
            folder.number != parent && mailbox.is_under(folder.number, parent)
        } else {
            folder.parent == Some(parent)
        };
        let matches = match restriction {
            Some(node) => holds(&Subfolder { mailbox, folder }, node, &Zone::utc())?,
            None => true,
        };
        if inside && matches {
            found.push(folder.number);
        }
    }
    let total = found.len();
    let number = |name: &str| {
        operation
            .child("IndexedPageFolderView")
            .and_then(|view| view.attribute(name))
            .and_then(|text| text.parse::<usize>().ok())
    };
    let skip = number("Offset").unwrap_or_default().min(total);
    let count = number("MaxEntriesReturned").unwrap_or(usize::MAX);
    let folders: Vec<u64> = found.into_iter().skip(skip).take(count).collect();
    Ok(Listing {
        owner,
        offset: skip + folders.len(),
        complete: skip + folders.len() >= total,
        folders,
        total,
    })
}

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::ews::DistinguishedFolderId;
use crate::ews::operation::Needs;
use crate::xml::{Children, Element, Problem, ReadElement};

use super::{ExtendedProperties, FolderId, Gate, RawXml, record};

record! {
    /// What the caller may do with an item or a folder.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/effectiverights>
    pub struct EffectiveRights {
        /// May create hidden items.
        create_associated: bool = "CreateAssociated",
        /// May create items.
        create_contents: bool = "CreateContents",
        /// May create folders.
        create_hierarchy: bool = "CreateHierarchy",
        /// May delete it.
        delete: bool = "Delete",
        /// May change it.
        modify: bool = "Modify",
        /// May read it.
        read: bool = "Read",
        /// May see private items. Exchange 2010 and later.
        view_private_items: bool = "ViewPrivateItems" since Exchange2010,
    }
}

record! {
    /// The properties of a folder.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/folder>
    pub struct FolderProperties {
        /// Identifies the folder.
        folder_id: FolderId = "FolderId" @ FolderFolderId,
        /// Identifies the folder it is in.
        parent_folder_id: FolderId = "ParentFolderId" @ FolderParentFolderId,
        /// What it is for, as `IPF.Appointment`.
        folder_class: String = "FolderClass" @ FolderFolderClass,
        /// The name shown.
        display_name: String = "DisplayName" @ FolderDisplayName,
        /// How many items are in it.
        total_count: i32 = "TotalCount" @ FolderTotalCount,
        /// How many folders are directly in it.
        child_folder_count: i32 = "ChildFolderCount" @ FolderChildFolderCount,
        /// MAPI properties that were asked for.
        extended_properties: ExtendedProperties = "ExtendedProperty",
        /// For folders an administrator manages, as the server wrote it.
        managed_folder_information: RawXml = "ManagedFolderInformation" @ FolderManagedFolderInformation,
        /// What the caller may do with it.
        effective_rights: EffectiveRights = "EffectiveRights" @ FolderEffectiveRights,
        /// What every mailbox has this folder for. Exchange 2013 and later.
        distinguished_folder_id: DistinguishedFolderId = "DistinguishedFolderId" @ FolderDistinguishedFolderId,
        /// The policy by which its items are deleted, as the server wrote it. Exchange 2013 and later.
        policy_tag: RawXml = "PolicyTag" @ FolderPolicyTag,
        /// The policy by which its items are archived, as the server wrote it. Exchange 2013 and later.
        archive_tag: RawXml = "ArchiveTag" @ FolderArchiveTag,
        /// Where a public folder is kept. Exchange 2016 and later.
        replica_list: Vec<String> = "ReplicaList" @ FolderReplicaList,
        /// Who may do what, as the server wrote it.
        permission_set: RawXml = "PermissionSet" @ FolderPermissionSet,
        /// How many messages in it are unread.
        unread_count: i32 = "UnreadCount" @ FolderUnreadCount,
        /// What the caller may see of a shared calendar or contacts folder. Exchange 2010 and later.
        sharing_effective_rights: String = "SharingEffectiveRights" @ FolderSharingEffectiveRights,
        /// What a search folder looks for, as the server wrote it.
        search_parameters: RawXml = "SearchParameters" @ FolderSearchParameters,
    }
}

/// A folder of any kind.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Folder {
    /// The element it came as: `Folder`, `CalendarFolder`, `ContactsFolder`, `SearchFolder`,
    /// `TasksFolder` or what a newer server calls it.
    pub kind: String,
    /// What is known of it.
    pub properties: FolderProperties,
}

impl Folder {
    /// A calendar with that name.
    pub fn calendar(display_name: impl Into<String>) -> Self {
        Self::of_class("IPF.Appointment", display_name)
    }

    /// A folder with that name for what the class says: `IPF.Appointment`, `IPF.Contact`,
    /// `IPF.Task`, `IPF.Note` or one of their kinds, as `IPF.Note.Archive`.
    ///
    /// Calendars, contacts and tasks have elements of their own, and the server knows the class by
    /// them; of a narrower class and of any other the class is said too.
    ///
    /// The classes are those of [MS-OXOSFLD].
    ///
    /// [MS-OXOSFLD]: https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxosfld/
    pub fn of_class(folder_class: &str, display_name: impl Into<String>) -> Self {
        let mut parts = folder_class.splitn(3, '.');
        let kind = match (parts.next(), parts.next()) {
            (Some("IPF"), Some("Appointment")) => "CalendarFolder",
            (Some("IPF"), Some("Contact")) => "ContactsFolder",
            (Some("IPF"), Some("Task")) => "TasksFolder",
            _ => "Folder",
        };
        let is_told_by_kind = kind != "Folder" && parts.next().is_none();
        Self {
            kind: kind.to_owned(),
            properties: FolderProperties {
                folder_class: (!is_told_by_kind).then(|| folder_class.to_owned()),
                display_name: Some(display_name.into()),
                ..FolderProperties::default()
            },
        }
    }

    pub(crate) fn write(&self, out: &mut Children<'_>) {
        out.value(&format!("t:{}", self.kind), &self.properties);
    }

    /// Names what is newer than the first version, and what folders of this kind cannot be given.
    pub(crate) fn needs(&self, needs: &mut Needs) {
        const KINDS: [&str; 5] = [
            "Folder",
            "CalendarFolder",
            "ContactsFolder",
            "SearchFolder",
            "TasksFolder",
        ];
        if !KINDS.contains(&self.kind.as_str()) {
            needs.refuse(&format!("{} is no kind of folder", self.kind));
        }
        self.properties.for_each_set(&mut |_, element, _| {
            let is_for_reading = matches!(
                element,
                "t:ManagedFolderInformation"
                    | "t:EffectiveRights"
                    | "t:PolicyTag"
                    | "t:ArchiveTag"
                    | "t:PermissionSet"
                    | "t:UnreadCount"
                    | "t:SharingEffectiveRights"
                    | "t:SearchParameters"
            );
            if is_for_reading {
                needs.refuse(&format!("{element} can be read only"));
            }
        });
        self.properties.gate(needs);
    }
}

impl ReadElement for Folder {
    fn read_element(node: &mut Element<'_, '_>) -> Result<Option<Self>, Problem> {
        let kind = node.name().to_owned();
        Ok(FolderProperties::read_element(node)?.map(|properties| Self { kind, properties }))
    }
}

impl Serialize for Folder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(&self.kind, &self.properties)?;
        map.end()
    }
}

use crate::ews::operation::Needs;
use crate::xml::{Children, WriteElement};

use super::{ExtendedProperty, FieldPath, Folder, FolderIdRef, Item, ItemIdRef};

/// What to change about one item.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/itemchange>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ItemChange {
    /// Which item.
    pub item: ItemIdRef,
    /// Its new properties: each that is set here is set there (`SetItemField`).
    pub set: Option<Item>,
    /// What is to be added to properties it has: each that is set here (`AppendToItemField`), of
    /// which servers take the body and people in lists.
    pub append: Option<Item>,
    /// Properties it is to lose (`DeleteItemField`).
    pub delete: Vec<FieldPath>,
}

impl ItemChange {
    /// Changes nothing yet.
    pub fn new(item: impl Into<ItemIdRef>) -> Self {
        Self {
            item: item.into(),
            set: None,
            append: None,
            delete: Vec::new(),
        }
    }

    /// Sets each property that is set in `item`.
    #[must_use]
    pub fn set(mut self, item: Item) -> Self {
        self.set = Some(item);
        self
    }

    /// Adds to each property that is set in `item`.
    #[must_use]
    pub fn append(mut self, item: Item) -> Self {
        self.append = Some(item);
        self
    }

    /// Takes a property away.
    #[must_use]
    pub fn delete(mut self, path: impl Into<FieldPath>) -> Self {
        self.delete.push(path.into());
        self
    }

    pub(crate) fn write(&self, out: &mut Children<'_>) {
        out.tag("t:ItemChange").children(|out| {
            self.item.write(out);
            out.tag("t:Updates").children(|out| {
                if let Some(item) = &self.append {
                    let kind = format!("t:{}", item.kind());
                    item.for_each_set(&mut |uri, element, value| {
                        if let Some(uri) = uri {
                            let action = "t:AppendToItemField";
                            write_field(action, uri.into(), &kind, element, value, out);
                        }
                    });
                }
                if let Some(item) = &self.set {
                    write_set(item, out);
                }
                for path in &self.delete {
                    out.tag("t:DeleteItemField").children(|out| path.write(out));
                }
            });
        });
    }

    pub(crate) fn needs(&self, needs: &mut Needs) {
        let mut is_empty = self.delete.is_empty();
        if let Some(item) = &self.append {
            item.for_each_set(&mut |uri, element, _| {
                is_empty = false;
                if uri.is_none() {
                    needs.refuse(&format!(
                        "{element} has no path, so nothing can be added to it"
                    ));
                }
            });
            item.needs(needs);
        }
        if let Some(item) = &self.set {
            item.for_each_set(&mut |uri, element, _| {
                is_empty = false;
                if uri.is_none() && element != "t:ExtendedProperty" {
                    needs.refuse(&format!("{element} has no path, so it cannot be changed"));
                }
            });
            item.needs(needs);
        }
        for path in &self.delete {
            path.needs(needs);
        }
        if is_empty {
            needs.refuse("an item is to be changed, but no property is given");
        }
    }
}

/// What to change about one folder.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/folderchange>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FolderChange {
    /// Which folder.
    pub folder: FolderIdRef,
    /// Its new properties: each that is set here is set there (`SetFolderField`).
    pub set: Option<Folder>,
    /// Properties it is to lose (`DeleteFolderField`).
    pub delete: Vec<FieldPath>,
}

impl FolderChange {
    /// Changes nothing yet.
    pub fn new(folder: impl Into<FolderIdRef>) -> Self {
        Self {
            folder: folder.into(),
            set: None,
            delete: Vec::new(),
        }
    }

    /// Sets each property that is set in `folder`.
    #[must_use]
    pub fn set(mut self, folder: Folder) -> Self {
        self.set = Some(folder);
        self
    }

    /// Takes a property away.
    #[must_use]
    pub fn delete(mut self, path: impl Into<FieldPath>) -> Self {
        self.delete.push(path.into());
        self
    }

    pub(crate) fn write(&self, out: &mut Children<'_>) {
        out.tag("t:FolderChange").children(|out| {
            self.folder.write(out);
            out.tag("t:Updates").children(|out| {
                if let Some(folder) = &self.set {
                    let kind = format!("t:{}", folder.kind);
                    folder.properties.for_each_set(&mut |uri, element, value| {
                        if let Some(uri) = uri {
                            write_field("t:SetFolderField", uri.into(), &kind, element, value, out);
                        }
                    });
                    let extended = folder.properties.extended_properties.as_ref();
                    for property in extended.into_iter().flat_map(|properties| &properties.0) {
                        write_extended("t:SetFolderField", &kind, property, out);
                    }
                }
                for path in &self.delete {
                    out.tag("t:DeleteFolderField")
                        .children(|out| path.write(out));
                }
            });
        });
    }

    pub(crate) fn needs(&self, needs: &mut Needs) {
        let mut is_empty = self.delete.is_empty();
        needs.folders(std::slice::from_ref(&self.folder));
        if let Some(folder) = &self.set {
            folder.properties.for_each_set(&mut |uri, element, _| {
                is_empty = false;
                if uri.is_none() && element != "t:ExtendedProperty" {
                    needs.refuse(&format!("{element} has no path, so it cannot be changed"));
                }
            });
            folder.needs(needs);
        }
        for path in &self.delete {
            path.needs(needs);
        }
        if is_empty {
            needs.refuse("a folder is to be changed, but no property is given");
        }
    }
}

/// One `SetItemField` for each property: its path, then an item with just that property.
fn write_set(item: &Item, out: &mut Children<'_>) {
    let kind = format!("t:{}", item.kind());
    item.for_each_set(&mut |uri, element, value| {
        if let Some(uri) = uri {
            write_field("t:SetItemField", uri.into(), &kind, element, value, out);
        }
    });
    let extended = item
        .properties()
        .and_then(|p| p.extended_properties.as_ref());
    for property in extended.into_iter().flat_map(|properties| &properties.0) {
        write_extended("t:SetItemField", &kind, property, out);
    }
}

fn write_extended(change: &str, kind: &str, property: &ExtendedProperty, out: &mut Children<'_>) {
    let path = FieldPath::Extended(property.uri.clone());
    write_field(change, path, kind, "t:ExtendedProperty", property, out);
}

fn write_field(
    change: &str,
    path: FieldPath,
    kind: &str,
    element: &str,
    value: &dyn WriteElement,
    out: &mut Children<'_>,
) {
    out.tag(change).children(|out| {
        path.write(out);
        out.tag(kind).children(|out| value.write_in(out, element));
    });
}

//! Folders in the order of their tree.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Folder, FolderId};

/// Each folder after the one it is in, else in the order of the server. Hidden ones, and what is in
/// them, are left out unless wanted.
pub(crate) fn in_order(folders: Vec<Folder>, with_hidden: bool) -> Vec<Folder> {
    let own: BTreeSet<FolderId> = folders.iter().map(|folder| folder.id.clone()).collect();
    let mut below: BTreeMap<Option<FolderId>, Vec<Folder>> = BTreeMap::new();
    for folder in folders {
        let parent = folder.parent.clone();
        let parent = parent.filter(|parent| own.contains(parent) && *parent != folder.id);
        below.entry(parent).or_default().push(folder);
    }
    let mut ordered = Vec::with_capacity(own.len());
    let mut waiting = below.remove(&None).unwrap_or_default();
    waiting.reverse();
    while let Some(folder) = waiting.pop() {
        if folder.is_hidden && !with_hidden {
            continue;
        }
        let children = below.remove(&Some(folder.id.clone()));
        waiting.extend(children.unwrap_or_default().into_iter().rev());
        ordered.push(folder);
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::Backend;

    fn folder(id: &str, parent: &str, is_hidden: bool) -> Folder {
        let raw = |id: &str| FolderId::from_raw(Backend::Ews, id);
        let mut folder = Folder::new(raw(id), id);
        folder.parent = Some(raw(parent));
        folder.is_hidden = is_hidden;
        folder
    }

    #[test]
    fn parents_come_first() {
        let folders = || {
            vec![
                folder("deep", "b", false),
                folder("a", "root", false),
                folder("in hidden", "hidden", false),
                folder("b", "a", false),
                folder("hidden", "root", true),
                folder("c", "root", false),
                folder("in itself", "in itself", false),
            ]
        };
        let names = |with_hidden| -> Vec<String> {
            let ordered = in_order(folders(), with_hidden).into_iter();
            ordered.map(|folder| folder.name).collect()
        };
        assert_eq!(names(false), ["a", "b", "deep", "c", "in itself"]);
        let all = names(true);
        assert_eq!(all.len(), 7);
        let place = |name: &str| all.iter().position(|one| one == name).unwrap();
        assert!(place("hidden") < place("in hidden") && place("b") < place("deep"));
    }
}

//! Which contender does what with which document.

use super::ours::OURS;
use super::{documents, peers};

/// One way to do the work; returns how many items it has read, or bytes it has written.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) run: Box<dyn Fn() -> usize>,
    /// Whether `run` must return [`Case::items`].
    pub(crate) counts_items: bool,
}

/// One piece of work that several contenders do.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Items in the document or ids in the request.
    pub(crate) items: usize,
    /// Length of the document, or of the request that `ews` writes.
    pub(crate) bytes: usize,
    pub(crate) contenders: Vec<Contender>,
    /// What a reader of the table has to know.
    pub(crate) remark: &'static str,
}

type Read = fn(&str) -> usize;

/// The three documents.
pub(crate) fn reading() -> Vec<Case> {
    vec![
        read_case(
            "finditem_calendar",
            documents::CALENDAR_ITEMS,
            documents::find_item_calendar(),
            OURS.map(|ours| ours.read_find_item),
            [
                peers::ews_find_item,
                peers::serde_find_item,
                peers::tree_find_item,
            ],
            "`ews` has no calendar properties: it reads each CalendarItem as a message, keeps 25 of the 55 \
             values and skips Start, End, Location, Organizer and the like, so it does less work here",
        ),
        read_case(
            "getitem_messages",
            documents::MESSAGES,
            documents::get_item_messages(),
            OURS.map(|ours| ours.read_get_item),
            [
                peers::ews_get_item,
                peers::serde_get_item,
                peers::tree_get_item,
            ],
            "the bare loop is slow for its size: each reference in a body is an event of its own",
        ),
        read_case(
            "syncfolderitems",
            documents::CHANGES,
            documents::sync_folder_items(),
            OURS.map(|ours| ours.read_sync),
            [peers::ews_sync, peers::serde_sync, peers::tree_sync],
            "",
        ),
    ]
}

fn read_case(
    name: &'static str,
    items: usize,
    xml: String,
    ours: Option<Read>,
    [ews, serde, tree]: [Read; 3],
    remark: &'static str,
) -> Case {
    let bytes = xml.len();
    let xml: &'static str = xml.leak();
    let contender = |name, counts_items, read: Read| Contender {
        name,
        run: Box::new(move || read(xml)),
        counts_items,
    };
    let mut contenders = vec![contender("bare", false, peers::bare_events)];
    contenders.extend(ours.map(|read| contender("ours", true, read)));
    contenders.push(contender("ews", true, ews));
    contenders.push(contender("serde", true, serde));
    contenders.push(contender("roxmltree", true, tree));
    Case {
        name,
        items,
        bytes,
        contenders,
        remark,
    }
}

/// The GetItem request of 100 ids.
pub(crate) fn writing() -> Case {
    let ids: &'static [(String, String)] = documents::item_ids().leak();
    let contender = |name, run: Box<dyn Fn() -> usize>| Contender {
        name,
        run,
        counts_items: false,
    };
    let mut contenders = Vec::new();
    if let Some(ours) = OURS {
        contenders.push(contender(
            "ours",
            Box::new(move || (ours.write_get_item)(ids).len()),
        ));
    }
    contenders.push(contender(
        "ews",
        Box::new(move || peers::ews_write_get_item(ids).len()),
    ));
    let request = peers::ews_request(ids);
    contenders.push(contender(
        "ews_prepared",
        Box::new(move || peers::ews_write_request(&request).len()),
    ));
    Case {
        name: "write_getitem",
        items: ids.len(),
        bytes: peers::ews_write_get_item(ids).len(),
        contenders,
        remark: "`ews` starts from the ids, as ours does; `ews_prepared` starts from a request that owns them already",
    }
}

/// Every case, checked: a reader that does not see all items must not be measured.
pub(crate) fn checked() -> Vec<Case> {
    let mut cases = reading();
    cases.push(writing());
    for case in &cases {
        for contender in &case.contenders {
            let count = (contender.run)();
            let complete = if contender.counts_items {
                count == case.items
            } else {
                count > case.items
            };
            assert!(
                complete,
                "{} on {}: {count} of {}",
                contender.name, case.name, case.items
            );
        }
    }
    cases
}

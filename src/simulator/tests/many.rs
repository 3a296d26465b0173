//! A folder with 100,000 messages.

use std::time::{Duration, Instant};

use super::*;

const COUNT: usize = 100_000;

fn seeds() -> impl Iterator<Item = SimulatedMessage> {
    let first: chrono::DateTime<chrono::Utc> = "2020-01-01T00:00:00Z".parse().unwrap();
    (0..COUNT).map(move |number| {
        let from = ["Bob Berger", "Carol Conrad", "Dora Duck"][number % 3];
        SimulatedMessage::new(format!("Report {number}"))
            .from(from, "sender@elsewhere.test")
            .text(format!("The numbers of day {number}"))
            .received(first + Duration::from_secs(number as u64 * 600))
            .read(number % 10 != 0)
    })
}

fn find(offset: usize, more: &str) -> String {
    format!(
        "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>Default</t:BaseShape></m:ItemShape><m:IndexedPageItemView MaxEntriesReturned=\"100\" Offset=\"{offset}\" BasePoint=\"Beginning\"/>{more}<m:ParentFolderIds><t:DistinguishedFolderId Id=\"inbox\"/></m:ParentFolderIds></m:FindItem>"
    )
}

/// Runs something and says how long it took.
async fn timed(simulator: &Simulator, body: &str) -> (Reply, Duration) {
    let begun = Instant::now();
    let reply = call(simulator, body).await;
    assert_eq!(reply.code(), "NoError", "{}", reply.body);
    (reply, begun.elapsed())
}

#[tokio::test]
async fn a_hundred_thousand_messages_are_listed_and_synchronised_quickly() {
    let simulator = Simulator::builder()
        .check_schema(false)
        .start()
        .await
        .unwrap();
    let begun = Instant::now();
    simulator.plant_messages(ALICE, "inbox", seeds()).unwrap();
    let planted = begun.elapsed();
    let unread = "<m:Restriction><t:IsEqualTo><t:FieldURI FieldURI=\"message:IsRead\"/><t:FieldURIOrConstant><t:Constant Value=\"false\"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction>";
    let since = "<m:Restriction><t:IsGreaterThanOrEqualTo><t:FieldURI FieldURI=\"item:DateTimeReceived\"/><t:FieldURIOrConstant><t:Constant Value=\"2021-06-01T00:00:00Z\"/></t:FieldURIOrConstant></t:IsGreaterThanOrEqualTo></m:Restriction>";
    let words = "<m:Restriction><t:Contains ContainmentMode=\"Substring\" ContainmentComparison=\"IgnoreCase\"><t:FieldURI FieldURI=\"item:Subject\"/><t:Constant Value=\"report 77\"/></t:Contains></m:Restriction>";
    let by = |uri: &str, order: &str| {
        format!(
            "<m:SortOrder><t:FieldOrder Order=\"{order}\"><t:FieldURI FieldURI=\"{uri}\"/></t:FieldOrder></m:SortOrder>"
        )
    };
    let oldest = by("item:DateTimeReceived", "Ascending");
    let subject = by("item:Subject", "Ascending");
    let mut slow = Vec::new();
    for (name, more, total) in [
        ("all", String::new(), COUNT),
        ("oldest", oldest, COUNT),
        ("subject", subject, COUNT),
        ("unread", unread.to_owned(), COUNT / 10),
        ("since", since.to_owned(), 25_552),
        ("words", words.to_owned(), 1111),
    ] {
        let (first, took) = timed(&simulator, &find(0, &more)).await;
        assert_eq!(
            first.attributes("RootFolder", "TotalItemsInView"),
            [total.to_string()],
            "{name}"
        );
        let (second, again) = timed(&simulator, &find(total / 2, &more)).await;
        assert_eq!(second.texts("Message").len(), 100);
        slow.push((name, took, again));
    }
    let sync = |state: &str| {
        format!(
            "<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id=\"inbox\"/></m:SyncFolderId><m:SyncState>{state}</m:SyncState><m:MaxChangesReturned>512</m:MaxChangesReturned></m:SyncFolderItems>"
        )
    };
    let (mut state, mut told, mut longest) = (String::new(), 0, Duration::ZERO);
    loop {
        let (page, took) = timed(&simulator, &sync(&state)).await;
        longest = longest.max(took);
        told += page.texts("Create").len();
        state = page.texts("SyncState").concat();
        if page.texts("IncludesLastItemInRange") == ["true"] {
            break;
        }
    }
    assert_eq!(told, COUNT);
    slow.push(("sync", longest, longest));
    eprintln!("planted in {planted:?}: {slow:?}");
    let limit = Duration::from_secs(1);
    assert!(slow.iter().all(|(_, _, again)| *again < limit), "{slow:?}");
}

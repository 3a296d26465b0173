//! Reading messages: lists while things come and go, conditions, search, what there is to know of one.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use exchange_connector::ews::types::ResponseObjectKind;
use exchange_connector::model::{
    Address, AttachmentUpload, Attendee, Body, BodyFormat, BodyWanted, CalendarRef, ConversationId,
    DraftOptions, EventQuery, FolderRef, FollowUpFlag, Importance, ItemKind, MeetingMessageKind,
    Message, MessageFilter, MessageId, MessageLoad, MessagePatch, MessageQuery, NewEvent,
    NewMessage, Notify, PropertyKind, PropertyName, PropertySet, PropertyValue, Recipient,
    Response, WellKnownFolder,
};
use exchange_connector::simulator::{CalendarRights, SimulatedMessage, Trouble};
use exchange_connector::{ErrorKind, Feature, Mailbox, MailboxTarget, Result, Support};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::backend::{Backend, address, all_times, at, lasting};

fn inbox() -> MessageQuery {
    MessageQuery::new(WellKnownFolder::Inbox)
}

fn subjects(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|one| one.subject.as_str()).collect()
}

fn smtp(person: &str) -> Recipient {
    Recipient::smtp(address(person))
}

/// A message of another program, as EWS writes it; parts in the order of the schema.
#[derive(Default)]
struct Mail {
    body: &'static str,
    categories: &'static [&'static str],
    importance: &'static str,
    ticket: &'static str,
    to: &'static [&'static str],
    cc: &'static [&'static str],
    from: String,
    id: &'static str,
    read: bool,
}

impl Mail {
    fn xml(&self, subject: &str) -> String {
        let list = |tag: &str, people: &[&str]| match people {
            [] => String::new(),
            people => {
                let people: String = people
                    .iter()
                    .map(|who| {
                        format!(
                            "<t:Mailbox><t:EmailAddress>{}</t:EmailAddress></t:Mailbox>",
                            address(who)
                        )
                    })
                    .collect();
                format!("<t:{tag}>{people}</t:{tag}>")
            }
        };
        let mut xml = format!(
            "<t:Message><t:ItemClass>IPM.Note</t:ItemClass><t:Subject>{subject}</t:Subject>"
        );
        xml += &format!("<t:Body BodyType=\"Text\">{}</t:Body>", self.body);
        if !self.categories.is_empty() {
            let names = self.categories.iter();
            let names: String = names
                .map(|name| format!("<t:String>{name}</t:String>"))
                .collect();
            xml += &format!("<t:Categories>{names}</t:Categories>");
        }
        if !self.importance.is_empty() {
            xml += &format!("<t:Importance>{}</t:Importance>", self.importance);
        }
        if !self.ticket.is_empty() {
            xml += &format!(
                "<t:ExtendedProperty><t:ExtendedFieldURI DistinguishedPropertySetId=\"PublicStrings\" \
                 PropertyName=\"Ticket\" PropertyType=\"String\"/><t:Value>{}</t:Value></t:ExtendedProperty>",
                self.ticket
            );
        }
        xml += &list("ToRecipients", self.to);
        xml += &list("CcRecipients", self.cc);
        if !self.from.is_empty() {
            let email = &self.from;
            xml += &format!(
                "<t:From><t:Mailbox><t:Name>Somebody</t:Name><t:EmailAddress>{email}</t:EmailAddress></t:Mailbox></t:From>"
            );
        }
        if !self.id.is_empty() {
            xml += &format!(
                "<t:InternetMessageId>&lt;{}&gt;</t:InternetMessageId>",
                self.id
            );
        }
        xml + &format!("<t:IsRead>{}</t:IsRead></t:Message>", self.read)
    }
}

fn ticket() -> PropertyName {
    PropertyName::named(PropertySet::PublicStrings, "Ticket", PropertyKind::String)
}

/// What some people in an organisation are still called in old messages.
fn distinguished(person: &str) -> String {
    format!("/o=Example/ou=Exchange Administrative Group/cn=Recipients/cn={person}")
}

/// Messages that differ in all that there are conditions for.
async fn planted(b: &Backend) -> Result<()> {
    let mails = [
        (
            "Invoice 17",
            "10:00:00Z",
            Mail {
                from: address("bob"),
                body: "Please pay soon",
                to: &["alice"],
                id: "a@x",
                ..Mail::default()
            },
        ),
        (
            "RE: invoice 17",
            "10:00:30Z",
            Mail {
                from: address("carol"),
                to: &["bob"],
                cc: &["alice"],
                read: true,
                categories: &["Money", "Red"],
                id: "A@x",
                ..Mail::default()
            },
        ),
        (
            "Lunch",
            "11:30:00Z",
            Mail {
                from: distinguished("bob"),
                importance: "Low",
                body: "At noon? PAY day",
                to: &["alice", "carol"],
                ..Mail::default()
            },
        ),
        (
            "",
            "11:30:00Z",
            Mail {
                from: address("user4"),
                importance: "High",
                ticket: "T-1",
                to: &["alice"],
                ..Mail::default()
            },
        ),
        (
            "Größe",
            "12:00:00Z",
            Mail {
                from: distinguished("gone"),
                ticket: "t-1",
                categories: &["red"],
                read: true,
                to: &["carol"],
                ..Mail::default()
            },
        ),
        (
            "lunch",
            "12:00:01Z",
            Mail {
                from: "bob@elsewhere.example".into(),
                ticket: "T-2",
                body: "long text ",
                cc: &["bob"],
                ..Mail::default()
            },
        ),
    ];
    for (subject, time, mail) in mails {
        let id = b.plant_item("alice", "inbox", &mail.xml(subject));
        let time = format!("2026-03-02T{time}");
        b.alter_message(&id, "item:DateTimeReceived", &time);
        b.alter_message(&id, "item:DateTimeSent", &time);
    }
    let mailbox = b.mailbox("alice");
    let listed = mailbox.list_messages(inbox()).collect().await?;
    let named = |subject: &str| listed.iter().find(|one| one.subject == subject).unwrap();
    let flag = |flag| MessagePatch::new().flag(flag);
    mailbox
        .update_message(&named("Lunch").id, flag(FollowUpFlag::flagged()), None)
        .await?;
    mailbox
        .update_message(&named("Größe").id, flag(FollowUpFlag::complete()), None)
        .await?;
    let file = AttachmentUpload::new("a.txt", "x".repeat(30_000));
    mailbox
        .add_attachment(&named("Invoice 17").id.clone().into(), file)
        .await?;
    Ok(())
}

pub(super) async fn each_condition(b: &Backend) -> Result<()> {
    use MessageFilter::{
        BodyContains, Category, Extended, From, HasAttachments, Importance as IsOf,
        InternetMessageId, IsDraft, IsFlagged, IsRead, ModifiedFrom, ReceivedBefore, ReceivedFrom,
        SentBefore, SentFrom, SizeBelow, SizeFrom, SubjectContains, SubjectIs, To,
    };
    planted(b).await?;
    let text = |text: &str| PropertyValue::One(text.to_owned());
    let all = [
        "lunch",
        "Größe",
        "",
        "Lunch",
        "RE: invoice 17",
        "Invoice 17",
    ];
    for (filter, found) in [
        (From("BOB@example.test".into()), vec!["Lunch", "Invoice 17"]),
        (From("bob@elsewhere.example".into()), vec!["lunch"]),
        (From("gone@example.test".into()), vec![]),
        (
            From(address("bob")).not(),
            vec!["lunch", "Größe", "", "RE: invoice 17"],
        ),
        (
            To(address("alice")),
            vec!["", "Lunch", "RE: invoice 17", "Invoice 17"],
        ),
        (To(address("bob")), vec!["lunch", "RE: invoice 17"]),
        (
            To(address("bob")).not(),
            vec!["Größe", "", "Lunch", "Invoice 17"],
        ),
        (
            SubjectContains("INVOICE".into()),
            vec!["RE: invoice 17", "Invoice 17"],
        ),
        (SubjectContains("ÖSS".into()), vec![]),
        (SubjectIs("LUNCH".into()), vec!["lunch", "Lunch"]),
        (SubjectIs("invoice".into()), vec![]),
        (SubjectIs(String::new()), vec![""]),
        (BodyContains("pay".into()), vec!["Lunch", "Invoice 17"]),
        (
            ReceivedFrom(at("2026-03-02T12:00:00Z")),
            vec!["lunch", "Größe"],
        ),
        (
            ReceivedBefore(at("2026-03-02T11:30:00Z")),
            vec!["RE: invoice 17", "Invoice 17"],
        ),
        (SentFrom(at("2026-03-02T12:00:01Z")), vec!["lunch"]),
        (SentBefore(at("2026-03-02T10:00:30Z")), vec!["Invoice 17"]),
        (ModifiedFrom(at("2025-01-01T00:00:00Z")), all.to_vec()),
        (ModifiedFrom(at("2099-01-01T00:00:00Z")), vec![]),
        (IsRead(true), vec!["Größe", "RE: invoice 17"]),
        (IsRead(false), vec!["lunch", "", "Lunch", "Invoice 17"]),
        (IsDraft(true), vec![]),
        (IsDraft(false), all.to_vec()),
        (IsFlagged(true), vec!["Lunch"]),
        (
            IsFlagged(false),
            vec!["lunch", "Größe", "", "RE: invoice 17", "Invoice 17"],
        ),
        (HasAttachments(true), vec!["Invoice 17"]),
        (
            HasAttachments(true).not().and(IsRead(false)),
            vec!["lunch", "", "Lunch"],
        ),
        (IsOf(Importance::Low), vec!["Lunch"]),
        (IsOf(Importance::High), vec![""]),
        (Category("RED".into()), vec!["Größe", "RE: invoice 17"]),
        (Category("Re".into()), vec![]),
        (InternetMessageId("<a@x>".into()), vec!["Invoice 17"]),
        (
            InternetMessageId("<A@x>".into()).not(),
            vec!["lunch", "Größe", "", "Lunch", "Invoice 17"],
        ),
        (SizeFrom(20_000), vec!["Invoice 17"]),
        (
            SizeBelow(20_000),
            vec!["lunch", "Größe", "", "Lunch", "RE: invoice 17"],
        ),
        (SizeFrom(u64::MAX), vec![]),
        (SizeBelow(u64::MAX), all.to_vec()),
        (Extended(ticket(), text("t-1")), vec!["Größe", ""]),
        (
            Extended(ticket(), text("t-1"))
                .not()
                .and(From(address("bob")).not()),
            vec!["lunch", "RE: invoice 17"],
        ),
        (To(address("carol")).and(IsRead(true)), vec!["Größe"]),
        (
            To(address("carol")).or(IsOf(Importance::High)),
            vec!["Größe", "", "Lunch"],
        ),
        (
            To(address("carol"))
                .or(BodyContains("SOON".into()))
                .not()
                .and(SubjectContains("l".into())),
            vec!["lunch"],
        ),
    ] {
        let listed = b
            .mailbox("alice")
            .list_messages(inbox().filter(filter.clone()))
            .collect()
            .await?;
        // Two arrived in the same second, in whatever order.
        let mut read = subjects(&listed);
        if let Some(place) = read.windows(2).position(|pair| pair == ["Lunch", ""]) {
            read.swap(place, place + 1);
        }
        assert_eq!(read, found, "{filter:?}");
    }
    Ok(())
}

/// Conditions of every kind, in and within each other, about what [`planted`] plants.
fn any_filter() -> impl Strategy<Value = MessageFilter> {
    use MessageFilter as F;
    let people = prop::sample::select(vec!["alice", "bob", "carol", "user4", "gone"]);
    let people = people.prop_map(address).boxed();
    let words = prop::sample::select(vec!["invoice", "LUNCH", "e", "17", "größe"]);
    let words = words.prop_map(str::to_owned).boxed();
    let times =
        (0..150_i64).prop_map(|minutes| at("2026-03-02T09:45:00Z") + TimeDelta::minutes(minutes));
    let times = times.boxed();
    let leaf = prop_oneof![
        people.clone().prop_map(F::From),
        people.prop_map(F::To),
        words.clone().prop_map(F::SubjectContains),
        words.prop_map(F::SubjectIs),
        prop::sample::select(vec!["pay", "noon", "z"])
            .prop_map(|word| F::BodyContains(word.to_owned())),
        times.clone().prop_map(F::ReceivedFrom),
        times.clone().prop_map(F::ReceivedBefore),
        times.clone().prop_map(F::SentFrom),
        times.prop_map(F::SentBefore),
        any::<bool>().prop_map(F::IsRead),
        any::<bool>().prop_map(F::IsFlagged),
        any::<bool>().prop_map(F::IsDraft),
        any::<bool>().prop_map(F::HasAttachments),
        prop::sample::select(vec![Importance::Low, Importance::Normal, Importance::High])
            .prop_map(F::Importance),
        prop::sample::select(vec!["red", "MONEY", "blue"])
            .prop_map(|name| F::Category(name.to_owned())),
        prop::sample::select(vec!["<a@x>", "<A@x>"])
            .prop_map(|id| F::InternetMessageId(id.to_owned())),
        (0..40_000_u64).prop_map(F::SizeFrom),
        (0..40_000_u64).prop_map(F::SizeBelow),
        prop::sample::select(vec!["T-1", "t-2", "?"])
            .prop_map(|value| F::Extended(ticket(), PropertyValue::One(value.to_owned()))),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(F::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(F::Any),
            inner.prop_map(F::not),
        ]
    })
}

/// How many conditions are made up, if `PROPTEST_CASES` does not say it.
const CONDITIONS: usize = 120;

pub(super) async fn any_condition_is_exact(b: &Backend) -> Result<()> {
    planted(b).await?;
    let mailbox = b.mailbox("alice");
    let load = MessageLoad::full()
        .body(BodyWanted::Text)
        .extended(ticket());
    let mut all = mailbox.list_messages(inbox().load(load)).collect().await?;
    assert_eq!(all.len(), 6);
    // Whom the directory does not know has no address.
    for who in all.iter_mut().flat_map(|one| &mut one.from) {
        if let Address::ExchangeDn(name) = &who.address {
            who.address = Address::Other {
                routing: "EX".to_owned(),
                address: name.clone(),
            };
        }
    }
    let count = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok());
    let filters: Vec<MessageFilter> = {
        let (mut runner, strategy) = (TestRunner::default(), any_filter());
        let mut one = || strategy.new_tree(&mut runner).unwrap().current();
        (0..count.unwrap_or(CONDITIONS)).map(|_| one()).collect()
    };
    for filter in filters {
        let listed = mailbox
            .list_messages(inbox().filter(filter.clone()))
            .collect()
            .await?;
        let listed: Vec<_> = listed.iter().map(|one| &one.id).collect();
        let met = all.iter().filter(|one| filter.is_met_by(one).unwrap());
        let met: Vec<_> = met.map(|one| &one.id).collect();
        assert_eq!(listed, met, "{}", serde_json::to_string(&filter).unwrap());
    }
    Ok(())
}

pub(super) async fn wrong_conditions_make_no_request(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let foreign = ConversationId::from_raw(b.other_protocol(), "AAQk");
    for (query, kind) in [
        (
            inbox().filter(MessageFilter::From("Bob".into())),
            ErrorKind::InvalidArgument,
        ),
        (
            inbox().filter(MessageFilter::All(Vec::new())),
            ErrorKind::InvalidArgument,
        ),
        (inbox().search(""), ErrorKind::InvalidArgument),
        (inbox().page_size(0), ErrorKind::InvalidArgument),
        (
            inbox().filter(MessageFilter::Conversation(foreign).not()),
            ErrorKind::InvalidId,
        ),
    ] {
        let refused = mailbox
            .list_messages(query.clone())
            .collect()
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), kind, "{query:?}");
    }
    assert_eq!(b.requests(), 0);
    Ok(())
}

/// Drafts are found by being ones, where they are.
pub(super) async fn drafts_are_told_from_mail(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let draft = NewMessage::new("Not yet", Body::text("soon")).to(smtp("bob"));
    let draft = mailbox.create_draft(draft, DraftOptions::default()).await?;
    b.plant_item(
        "alice",
        "drafts",
        "<t:Message><t:Subject>Older</t:Subject></t:Message>",
    );
    let moved = b.plant_item("alice", "inbox", &Mail::default().xml("Sent"));
    let drafts = FolderRef::from(WellKnownFolder::Drafts);
    mailbox.move_messages(&[moved], &drafts).await?.remove(0)?;
    let list = async |filter| {
        let query = MessageQuery::new(WellKnownFolder::Drafts).filter(filter);
        let listed = mailbox.list_messages(query).collect().await?;
        let found: BTreeSet<String> = listed.into_iter().map(|one| one.subject).collect();
        Result::Ok(found)
    };
    let both = BTreeSet::from(["Not yet".to_owned(), "Older".to_owned()]);
    assert_eq!(list(MessageFilter::IsDraft(true)).await?, both);
    assert_eq!(
        list(MessageFilter::IsDraft(false)).await?,
        BTreeSet::from(["Sent".to_owned()])
    );
    let read = mailbox.get_message(&draft.id, &MessageLoad::full()).await?;
    assert!(read.is_draft && read.kind == ItemKind::Message);
    let to = read.detail.unwrap().to;
    assert_eq!(to.len(), 1);
    assert_eq!(to[0].smtp_address(), Some("bob@example.test"));
    Ok(())
}

pub(super) async fn messages_of_a_conversation(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let nothing = ConversationId::from_raw(b.protocol(), "AAQk");
    let query = inbox().filter(MessageFilter::Conversation(nothing));
    assert_eq!(mailbox.list_messages(query).collect().await?, []);
    for (subject, id, before) in [
        ("Plan", "p", "none"),
        ("Other", "o", "none"),
        ("RE: Plan", "r", "p"),
    ] {
        let mime = format!(
            "From: bob@example.test\r\nTo: alice@example.test\r\nSubject: {subject}\r\n\
             Date: Mon, 02 Mar 2026 10:00:00 +0000\r\nMessage-ID: <{id}@x>\r\n\
             In-Reply-To: <{before}@x>\r\nReferences: <{before}@x>\r\n\r\nHello\r\n"
        );
        b.plant_mime("alice", "inbox", &mime);
    }
    let all = mailbox
        .list_messages(inbox().oldest_first())
        .collect()
        .await?;
    let of = |subject: &str| all.iter().find(|one| one.subject == subject).unwrap();
    let plan = of("Plan").conversation_id.clone().unwrap();
    assert_eq!(of("RE: Plan").conversation_id.as_ref(), Some(&plan));
    let filter = MessageFilter::Conversation(plan.clone());
    let listed = mailbox
        .list_messages(inbox().filter(filter.clone()))
        .collect()
        .await?;
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|one| one.subject.ends_with("Plan")));
    let others = mailbox
        .list_messages(inbox().filter(filter.not()))
        .collect()
        .await?;
    assert_eq!(subjects(&others), ["Other"]);
    Ok(())
}

pub(super) async fn words_are_searched_for(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    assert_eq!(
        mailbox
            .list_messages(inbox().search("word"))
            .collect()
            .await?,
        []
    );
    for (subject, body) in [
        ("Budget", "numbers"),
        ("Lunch", "about the budget"),
        ("Dinner", "none"),
    ] {
        let message = SimulatedMessage::new(subject)
            .from("Bob Berger", &address("bob"))
            .text(body);
        b.plant_messages("alice", "inbox", vec![message]);
    }
    let search = async |words: &str| {
        let listed = mailbox
            .list_messages(inbox().search(words))
            .collect()
            .await?;
        let found: BTreeSet<String> = listed.into_iter().map(|one| one.subject).collect();
        Result::Ok(found)
    };
    let set =
        |list: &[&str]| -> BTreeSet<String> { list.iter().map(|one| (*one).to_owned()).collect() };
    assert_eq!(search("budget").await?, set(&["Budget", "Lunch"]));
    assert_eq!(search("subject:budget").await?, set(&["Budget"]));
    assert_eq!(search("nothing").await?, set(&[]));
    // Found page by page, each once.
    let many = (0..25).map(|number| SimulatedMessage::new(format!("Minutes {number}")));
    b.plant_messages("alice", "inbox", many.collect());
    let paged = mailbox
        .list_messages(inbox().search("minutes").page_size(7))
        .collect()
        .await?;
    let found: BTreeSet<_> = paged.iter().map(|one| &one.id).collect();
    assert_eq!((found.len(), paged.len()), (25, 25));
    Ok(())
}

/// Messages at these thousandths of a second, `name` and a number.
fn at_times(name: &str, times: impl IntoIterator<Item = i64>) -> Vec<SimulatedMessage> {
    let begin = at("2026-03-02T08:00:00Z");
    let times = times.into_iter().enumerate();
    times
        .map(|(number, thousandths)| {
            let time = begin + TimeDelta::milliseconds(thousandths);
            SimulatedMessage::new(format!("{name} {number:04}")).received(time)
        })
        .collect()
}

/// Reads a listing, and between its pages lets something happen.
async fn read_while(
    mailbox: &dyn Mailbox,
    query: MessageQuery,
    mut meanwhile: impl FnMut(usize, &[Message]),
) -> Result<Vec<Message>> {
    let mut listing = mailbox.list_messages(query);
    let (mut read, mut pages) = (Vec::new(), 0);
    while let Some(page) = listing.next_page().await? {
        meanwhile(pages, &page.items);
        read.extend(page.items);
        pages += 1;
    }
    Ok(read)
}

fn assert_each_once(read: &[Message]) {
    let ids: BTreeSet<_> = read.iter().map(|one| &one.id).collect();
    assert_eq!(ids.len(), read.len(), "something came twice");
}

pub(super) async fn nothing_is_lost_while_mail_arrives(b: &Backend) -> Result<()> {
    b.plant_messages(
        "alice",
        "inbox",
        at_times("old", (0..60).map(|number| number * 700)),
    );
    let mailbox = b.mailbox("alice");
    for query in [inbox(), inbox().oldest_first(), inbox().full()] {
        let before = mailbox.list_messages(inbox()).collect().await?;
        let read = read_while(&*mailbox, query.clone().page_size(7), |page, read| {
            // A list of the oldest first has no end while mail arrives with each page.
            if page > 12 {
                return;
            }
            // New mail, an older one that is moved here, and what was just read goes.
            let times = [100_000 + page as i64, 13_350 + page as i64, -1000];
            b.plant_messages("alice", "inbox", at_times("new", times));
            for message in read.iter().step_by(2) {
                b.remove_message(&message.id);
            }
        })
        .await?;
        assert_each_once(&read);
        for one in &before {
            let (subject, received) = (&one.subject, one.received);
            let is_read = read.iter().any(|other| other.id == one.id);
            assert!(is_read, "{subject} of {received:?} is missing: {query:?}");
        }
    }
    Ok(())
}

pub(super) async fn more_at_once_than_fit_a_page(b: &Backend) -> Result<()> {
    // Forty within one second, some beside, two without a time, where a server has such.
    let times = (0..40)
        .map(|number| 5000 + number * 20)
        .chain([0, 999, 4999, 6000, 9000]);
    b.plant_messages("alice", "drafts", at_times("many", times));
    let undated = [(); 2].map(|()| {
        b.plant_item(
            "alice",
            "drafts",
            "<t:Message><t:Subject>undated</t:Subject></t:Message>",
        )
    });
    let drafts = || MessageQuery::new(WellKnownFolder::Drafts);
    let mailbox = b.mailbox("alice");
    let mut dated = 45;
    for read in mailbox
        .get_messages(&undated, &MessageLoad::summary())
        .await?
    {
        dated += usize::from(read?.received.is_some());
    }
    for size in [1, 3, 10, 44, 45, 46, 47, 48, 100] {
        for query in [drafts(), drafts().oldest_first()] {
            let is_newest_first = query == drafts();
            let read = mailbox
                .list_messages(query.page_size(size))
                .collect()
                .await?;
            assert_eq!(read.len(), 47, "{size}");
            assert_each_once(&read);
            let times: Vec<_> = read.iter().map_while(|one| one.received).collect();
            assert_eq!(times.len(), dated, "those without a time come last");
            let in_order = match is_newest_first {
                true => times.is_sorted_by(|a, b| a >= b),
                false => times.is_sorted(),
            };
            assert!(in_order, "{size}: {times:?}");
        }
    }
    // The server gives fewer than it is asked for.
    b.limit_find(Some(4));
    assert_eq!(mailbox.list_messages(drafts()).collect().await?.len(), 47);
    b.limit_find(None);
    // A page that is deleted in the middle of the second.
    let mut left = 3;
    let read = read_while(&*mailbox, drafts().page_size(5), |_, read| {
        if left > 0 {
            left -= 1;
            read.iter().for_each(|one| b.remove_message(&one.id));
        }
    })
    .await?;
    assert_eq!(read.len(), 47);
    assert_each_once(&read);
    Ok(())
}

pub(super) async fn pages_come_on_demand(b: &Backend) -> Result<()> {
    b.plant_messages(
        "alice",
        "inbox",
        at_times("m", (0..30).map(|number| number * 60_000)),
    );
    let mailbox = b.mailbox("alice");
    let mut listing = mailbox.list_messages(inbox().page_size(10));
    assert_eq!(b.requests(), 0);
    let first = listing.try_next().await?.unwrap();
    assert_eq!(first.subject, "m 0029");
    assert_eq!((listing.total(), b.requests()), (Some(30), 1));
    for _ in 0..9 {
        listing.try_next().await?.unwrap();
    }
    assert_eq!(b.requests(), 1);
    listing.try_next().await?.unwrap();
    assert_eq!(b.requests(), 2);
    drop(listing);
    assert_eq!(mailbox.list_messages(inbox()).collect().await?.len(), 30);
    assert_eq!(b.requests(), 3);
    Ok(())
}

pub(super) async fn by_id_in_order(b: &Backend) -> Result<()> {
    let ids: Vec<_> = (0..3)
        .map(|number| {
            b.plant_item(
                "alice",
                "inbox",
                &Mail::default().xml(&format!("m{number}")),
            )
        })
        .collect();
    b.remove_message(&ids[1]);
    let mailbox = b.mailbox("alice");
    let event = b.plant(
        "alice",
        &super::backend::Planted::new("Lunch", "2026-03-02T11:00:00Z", "2026-03-02T12:00:00Z", ""),
    );
    let foreign = MessageId::from_raw(b.other_protocol(), "AAMk");
    let event = MessageId::from_raw(b.protocol(), event.as_raw());
    let asked = [
        foreign.clone(),
        ids[2].clone(),
        ids[1].clone(),
        event,
        ids[0].clone(),
    ];
    let read = mailbox
        .get_messages(&asked, &MessageLoad::summary())
        .await?;
    let mut read: Vec<_> = read
        .into_iter()
        .map(|one| one.map(|one| one.subject).map_err(|error| error.kind()))
        .collect();
    let no_message = read.remove(3).unwrap_err();
    assert!(
        matches!(no_message, ErrorKind::NotFound | ErrorKind::InvalidId),
        "{no_message:?}"
    );
    let expected = [
        Err(ErrorKind::InvalidId),
        Ok("m2".to_owned()),
        Err(ErrorKind::NotFound),
        Ok("m0".to_owned()),
    ];
    assert_eq!(read, expected);
    let before = b.requests();
    assert!(
        mailbox
            .get_messages(&[], &MessageLoad::full())
            .await?
            .is_empty()
    );
    assert!(
        mailbox
            .get_messages(&[foreign], &MessageLoad::full())
            .await?[0]
            .is_err()
    );
    assert_eq!(b.requests(), before);
    Ok(())
}

const MIME: &str = "From: Bob Berger <bob@example.test>\r\n\
    To: Alice Adler <alice@example.test>\r\nCc: carol@example.test\r\nReply-To: desk@example.test\r\n\
    Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nDate: Mon, 02 Mar 2026 10:00:00 +0000\r\n\
    Message-ID: <m2@example.test>\r\nIn-Reply-To: <m1@example.test>\r\n\
    References: <m0@example.test>\r\n <m1@example.test>\r\nX-Ticket: 17\r\n\
    Disposition-Notification-To: bob@example.test\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n\
    --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
    <html><body><p>Hello</p><script>alert(1)</script></body></html>\r\n\
    --b\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n\
    hi\r\n--b--\r\n";

pub(super) async fn all_there_is_to_know(b: &Backend) -> Result<()> {
    let id = b.plant_mime("alice", "inbox", MIME);
    let mailbox = b.mailbox("alice");
    let name = PropertyName::tag(0x0e1d, PropertyKind::String);
    let read = mailbox
        .get_message(&id, &MessageLoad::full().extended(name.clone()))
        .await?;
    assert_eq!(read.subject, "Grüße");
    assert_eq!(
        read.from.as_ref().unwrap().smtp_address(),
        Some("bob@example.test")
    );
    assert_eq!(read.received, Some(at("2026-03-02T10:00:00Z")));
    assert_eq!(
        read.internet_message_id.as_deref(),
        Some("<m2@example.test>")
    );
    assert!(read.has_attachments && !read.is_draft && !read.is_read);
    assert!(read.size.unwrap() > 0 && read.folder_id.is_some());
    let detail = read.detail.as_deref().unwrap();
    let emails = |list: &[Recipient]| -> Vec<String> {
        list.iter()
            .filter_map(|who| who.smtp_address())
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(emails(&detail.to), ["alice@example.test"]);
    assert_eq!(emails(&detail.cc), ["carol@example.test"]);
    assert_eq!(emails(&detail.reply_to), ["desk@example.test"]);
    assert_eq!(detail.in_reply_to.as_deref(), Some("<m1@example.test>"));
    assert!(
        detail
            .references
            .as_deref()
            .unwrap()
            .contains("<m0@example.test>")
    );
    assert!(
        detail
            .headers
            .iter()
            .any(|(name, value)| name == "X-Ticket" && value == "17"),
        "{:?}",
        detail.headers
    );
    assert!(detail.read_receipt_requested);
    assert_eq!(detail.attachments.len(), 1);
    assert_eq!(detail.attachments[0].name, "a.txt");
    assert_eq!(detail.extended.len(), 1);
    assert_eq!(detail.extended[0].name, name);
    assert!(detail.meeting.is_none());

    let bodies = async |wanted| {
        let read = mailbox
            .get_message(&id, &MessageLoad::full().body(wanted))
            .await?;
        Result::Ok(read.detail.unwrap().body.unwrap())
    };
    let text = bodies(BodyWanted::Text).await?;
    assert!(
        text.format == BodyFormat::Text
            && text.content.contains("Hello")
            && !text.content.contains('<'),
        "{text:?}"
    );
    let html = bodies(BodyWanted::Html).await?;
    assert!(
        html.format == BodyFormat::Html && html.content.contains("<p>Hello</p>"),
        "{html:?}"
    );
    let sanitised = mailbox.capabilities().support(Feature::HtmlSanitised) != Support::No;
    assert_eq!(html.content.contains("alert"), !sanitised, "{html:?}");
    let open = b.trusting("alice").mailbox(&MailboxTarget::Own)?;
    assert_eq!(
        open.capabilities().support(Feature::HtmlSanitised),
        Support::No
    );
    let raw = open.get_message(&id, &MessageLoad::full()).await?;
    assert!(raw.detail.unwrap().body.unwrap().content.contains("alert"));

    // A list says the same in summary, and everything if asked.
    let summary = mailbox.get_message(&id, &MessageLoad::summary()).await?;
    assert!(summary.detail.is_none());
    assert_eq!(mailbox.list_messages(inbox()).collect().await?, [summary]);
    let load = MessageLoad::full().extended(name);
    assert_eq!(
        mailbox.list_messages(inbox().load(load)).collect().await?,
        [read]
    );
    Ok(())
}

pub(super) async fn a_text_without_what_it_quotes(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let load = MessageLoad::full().body(BodyWanted::Text).unique_body();
    assert_eq!(
        mailbox
            .list_messages(inbox().load(load.clone()))
            .collect()
            .await?,
        []
    );
    let id = b.plant_item(
        "alice",
        "inbox",
        &Mail {
            body: "Just this",
            ..Mail::default()
        }
        .xml("Text"),
    );
    let read = mailbox.get_message(&id, &load).await?;
    let unique = read.detail.unwrap().unique_body.unwrap();
    assert!(unique.content.contains("Just this"), "{unique:?}");
    Ok(())
}

pub(super) async fn flags_are_read(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let id = b.plant_item("alice", "inbox", &Mail::default().xml("Do"));
    let day = super::backend::day;
    for flag in [
        FollowUpFlag::flagged(),
        FollowUpFlag::Flagged {
            start: Some(day("2026-03-02")),
            due: Some(day("2026-03-05")),
        },
        FollowUpFlag::Complete {
            on: Some(day("2026-03-04")),
        },
        FollowUpFlag::NotFlagged,
    ] {
        mailbox
            .update_message(&id, MessagePatch::new().flag(flag), None)
            .await?;
        let listed = mailbox.list_messages(inbox()).collect().await?;
        assert_eq!(listed[0].flag, flag);
        let read = mailbox.get_message(&id, &MessageLoad::full()).await?;
        assert_eq!(read.flag, flag);
    }
    Ok(())
}

fn look_ups(b: &Backend) -> u32 {
    let operations = b.simulator().operations();
    operations.get("ResolveNames").copied().unwrap_or_default()
}

pub(super) async fn authors_by_their_addresses(b: &Backend) -> Result<()> {
    for person in ["bob", "gone"] {
        let mail = Mail {
            from: distinguished(person),
            ..Mail::default()
        };
        b.plant_item("alice", "inbox", &mail.xml(person));
    }
    let listed = b.mailbox("alice").list_messages(inbox()).collect().await?;
    for message in &listed {
        let expected = match message.subject.as_str() {
            "bob" => Address::Smtp(address("bob")),
            _ => Address::ExchangeDn(distinguished("gone")),
        };
        assert_eq!(message.from.as_ref().unwrap().address, expected);
    }
    let mailbox = b.incurious("alice").mailbox(&MailboxTarget::Own)?;
    let looked_up = look_ups(b);
    let listed = mailbox.list_messages(inbox()).collect().await?;
    assert!(
        listed
            .iter()
            .all(|one| matches!(one.from.as_ref().unwrap().address, Address::ExchangeDn(_)))
    );
    assert_eq!(look_ups(b), looked_up);
    Ok(())
}

pub(super) async fn messages_about_meetings(b: &Backend) -> Result<()> {
    let event = NewEvent::new("Review", lasting("2026-03-02T10:00", 60))
        .attendee(Attendee::required(address("bob")));
    b.mailbox("alice")
        .create_event(&CalendarRef::Default, event, Notify::Auto)
        .await?;
    b.answer("bob", "Review", ResponseObjectKind::AcceptItem)
        .await;
    for (person, kind, what) in [
        ("bob", ItemKind::MeetingRequest, MeetingMessageKind::Request),
        (
            "alice",
            ItemKind::MeetingResponse,
            MeetingMessageKind::Response(Response::Accepted),
        ),
    ] {
        let mailbox = b.mailbox(person);
        let folders = [WellKnownFolder::Inbox, WellKnownFolder::DeletedItems];
        let mut found = Vec::new();
        for folder in folders {
            let query = MessageQuery::new(folder).full();
            found.extend(mailbox.list_messages(query).collect().await?);
        }
        let message = found.iter().find(|one| one.kind == kind).expect(person);
        let meeting = message.detail.as_ref().unwrap().meeting.as_ref().unwrap();
        assert_eq!((meeting.kind, &meeting.id), (what, &message.id));
        let events = mailbox
            .list_events(EventQuery::between(all_times()))
            .collect()
            .await?;
        if let Some(event) = &meeting.event_id {
            assert_eq!(*event, events[0].id, "{person}");
        }
        assert_eq!(meeting.uid, events[0].uid);
        let listed = mailbox
            .get_message(&message.id, &MessageLoad::summary())
            .await?;
        assert_eq!((listed.kind, listed.detail), (kind, None));
    }
    Ok(())
}

/// Folders hold other things too.
pub(super) async fn what_is_no_message_is_passed_over(b: &Backend) -> Result<()> {
    let id = b.plant_item("alice", "inbox", &Mail::default().xml("Mail"));
    b.plant_item(
        "alice",
        "inbox",
        "<t:CalendarItem><t:Subject>Stray</t:Subject><t:Start>2026-03-02T10:00:00Z</t:Start>\
         <t:End>2026-03-02T11:00:00Z</t:End></t:CalendarItem>",
    );
    let mailbox = b.mailbox("alice");
    for query in [
        inbox(),
        inbox().full(),
        inbox().filter(MessageFilter::IsDraft(false)),
    ] {
        let listed = mailbox.list_messages(query).collect().await?;
        assert_eq!(listed.iter().map(|one| &one.id).collect::<Vec<_>>(), [&id]);
    }
    Ok(())
}

pub(super) async fn mail_of_others(b: &Backend) -> Result<()> {
    b.plant_item("bob", "inbox", &Mail::default().xml("For Bob"));
    b.plant_item("alice", "inbox", &Mail::default().xml("For Alice"));
    let shared = b
        .connector("alice")
        .mailbox(&MailboxTarget::shared(address("bob")))?;
    let denied = shared.list_messages(inbox()).collect().await.unwrap_err();
    assert!(
        matches!(
            denied.kind(),
            ErrorKind::PermissionDenied | ErrorKind::NotFound
        ),
        "{denied:?}"
    );
    b.grant_folder("bob", "inbox", "alice", CalendarRights::Reviewer);
    assert_eq!(
        subjects(&shared.list_messages(inbox()).collect().await?),
        ["For Bob"]
    );
    let folder = shared.get_folder(&WellKnownFolder::Inbox.into()).await?;
    assert_eq!(folder.total_items, Some(1));

    let acting = b
        .service("alice")
        .mailbox(&MailboxTarget::act_as(address("bob")))?;
    assert!(acting.list_messages(inbox()).collect().await.is_err());
    b.allow_impersonation("alice");
    assert_eq!(
        subjects(&acting.list_messages(inbox()).collect().await?),
        ["For Bob"]
    );
    let unknown = b
        .service("alice")
        .mailbox(&MailboxTarget::act_as("nobody@example.test"))?;
    let error = unknown.list_messages(inbox()).collect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MailboxNotFound);
    Ok(())
}

/// What the server fails to give of one message costs the others nothing.
pub(super) async fn a_damaged_message_ends_no_list(b: &Backend) -> Result<()> {
    let ids: Vec<_> = (0..3)
        .map(|number| {
            b.plant_item(
                "alice",
                "inbox",
                &Mail::default().xml(&format!("m{number}")),
            )
        })
        .collect();
    let mailbox = b.mailbox("alice");
    // The list as a whole is refused, and each message is read by itself.
    b.fail(Trouble::Message {
        code: "ErrorItemCorrupt",
        back_off: None,
    });
    let listed = mailbox.list_messages(inbox()).collect().await?;
    assert_eq!(listed.len(), 3);
    assert_eq!(
        listed
            .iter()
            .filter(|one| one.subject.starts_with('m'))
            .count(),
        3
    );
    // Every item of one answer is refused: they come in summary.
    b.fail_after(
        1,
        Trouble::Message {
            code: "ErrorItemCorrupt",
            back_off: None,
        },
    );
    let listed = mailbox.list_messages(inbox().full()).collect().await?;
    assert_eq!(listed.len(), 3);
    assert!(
        listed
            .iter()
            .all(|one| one.detail.is_none() && ids.contains(&one.id))
    );
    // What went meanwhile is left out; all else is an error.
    b.fail_after(
        1,
        Trouble::Message {
            code: "ErrorServerBusy",
            back_off: Some(1000),
        },
    );
    let error = mailbox
        .list_messages(inbox().full())
        .collect()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    Ok(())
}

/// EWS finds any item by its id, and says what kind it is of.
pub(super) async fn an_event_is_no_message(b: &Backend) -> Result<()> {
    let event =
        super::backend::Planted::new("Lunch", "2026-03-02T11:00:00Z", "2026-03-02T12:00:00Z", "");
    let event = b.plant("alice", &event);
    let event = MessageId::from_raw(b.protocol(), event.as_raw());
    let read = b.mailbox("alice");
    let read = read.get_message(&event, &MessageLoad::summary()).await;
    assert_eq!(read.unwrap_err().kind(), ErrorKind::InvalidId);
    Ok(())
}

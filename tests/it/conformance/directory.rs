use std::sync::Arc;

use exchange_connector::model::{Address, Person, PersonKind, Recipient};
use exchange_connector::{Directory, Effect, ErrorKind, Result};

use super::backend::Backend;

fn directory(b: &Backend) -> Arc<dyn Directory> {
    b.connector("alice").directory()
}

/// The addresses before the `@`, and what they are.
fn seen(people: &[Person]) -> Vec<(&str, PersonKind)> {
    let local = |person: &Person| person.who.smtp_address().unwrap().find('@').unwrap();
    let seen = people.iter().map(|person| {
        let address = person.who.smtp_address().unwrap();
        (&address[..local(person)], person.kind)
    });
    seen.collect()
}

pub(super) async fn names_are_resolved(b: &Backend) -> Result<()> {
    let directory = directory(b);
    let bob = directory.resolve(" bob ").await?;
    assert_eq!(seen(&bob), [("bob", PersonKind::Mailbox)]);
    assert_eq!(bob[0].who.name.as_deref(), Some("Bob Berger"));
    let by_address = directory.resolve("bob@example.test").await?;
    assert_eq!(by_address, bob);
    let several = directory.resolve("C").await?;
    assert_eq!(seen(&several), [("carol", PersonKind::Mailbox)]);
    let several = directory.resolve("be").await?;
    assert_eq!(seen(&several).len(), 2, "{several:?}");
    assert!(seen(&several).contains(&("rooms-berlin", PersonKind::Group)));
    assert_eq!(directory.resolve("nobody").await?, []);
    // Of a hundred and more only so many are given.
    assert_eq!(directory.resolve("user").await?.len(), 100);

    let before = b.requests();
    for nothing in ["", " "] {
        let refused = directory.resolve(nothing).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
        assert_eq!(refused.effect(), Effect::None);
    }
    assert_eq!(b.requests(), before);
    Ok(())
}

pub(super) async fn groups_are_expanded(b: &Backend) -> Result<()> {
    let directory = directory(b);
    let found = directory.resolve("team").await?;
    let [team] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(team.kind, PersonKind::Group);
    let members = directory.expand_group(&team.who).await?;
    let expected = [
        ("alice", PersonKind::Mailbox),
        ("bob", PersonKind::Mailbox),
        ("carol", PersonKind::Mailbox),
        // A group in a group is one member.
        ("everyone", PersonKind::Group),
        ("desk", PersonKind::Contact),
    ];
    assert_eq!(seen(&members), expected);
    assert_eq!(members[1].who.name.as_deref(), Some("Bob Berger"));
    let unknown = Recipient::smtp("nobody@example.test");
    let refused = directory.expand_group(&unknown).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotFound);

    let before = b.requests();
    for wrong in [
        Recipient::new(Address::ExchangeDn("/o=Example/cn=team".to_owned())),
        Recipient::new(Address::Missing).named("Team"),
        Recipient::smtp("team"),
    ] {
        let refused = directory.expand_group(&wrong).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    }
    assert_eq!(b.requests(), before);
    Ok(())
}

pub(super) async fn lists_of_rooms(b: &Backend) -> Result<()> {
    let lists = directory(b).room_lists().await?;
    let list = PersonKind::RoomList;
    assert_eq!(
        seen(&lists),
        [("rooms-berlin", list), ("rooms-vienna", list)]
    );
    assert_eq!(lists[0].who.name.as_deref(), Some("Rooms in Berlin"));
    Ok(())
}

pub(super) async fn rooms_of_one_list_and_of_all(b: &Backend) -> Result<()> {
    let directory = directory(b);
    let room = PersonKind::Room;
    let all = directory.rooms(None).await?;
    assert_eq!(
        seen(&all),
        [("room1", room), ("room2", room), ("room3", room)]
    );
    let vienna = Recipient::smtp("rooms-vienna@example.test");
    let rooms = directory.rooms(Some(&vienna)).await?;
    assert_eq!(seen(&rooms), [("room2", room), ("room3", room)]);
    assert_eq!(rooms[0].who.name.as_deref(), Some("Room 2"));
    for unknown in ["rooms-nowhere@example.test", "team@example.test"] {
        let unknown = Recipient::smtp(unknown);
        let refused = directory.rooms(Some(&unknown)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::NotFound);
    }
    let before = b.requests();
    let wrong = Recipient::new(Address::Missing);
    let refused = directory.rooms(Some(&wrong)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    assert_eq!(b.requests(), before);
    Ok(())
}

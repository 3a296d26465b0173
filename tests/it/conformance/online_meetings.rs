use exchange_connector::Result;
use exchange_connector::model::{JoinUrlSource, Projection};

use super::backend::{Backend, Planted};

const PROPERTY: &str = "https://video.example.test/room/7";
const EXTENDED: &str =
    "https://teams.microsoft.com/l/meetup-join/19%3ameeting_a%40thread.v2/0?context=%7b%7d";
const LOCATION: &str = "https://acme.zoom.us/j/99912345678";
const BODY: &str = "https://meet.google.com/abc-defg-hij";

pub(super) async fn join_address_by_place(b: &Backend) -> Result<()> {
    let body = format!("<t:Body BodyType=\"Text\">Join at {BODY} please</t:Body>");
    let location = format!("<t:Location>Room 5; {LOCATION}</t:Location>");
    let extended = format!(
        "<t:ExtendedProperty><t:ExtendedFieldURI DistinguishedPropertySetId=\"PublicStrings\" \
         PropertyName=\"SkypeTeamsMeetingUrl\" PropertyType=\"String\"/>\
         <t:Value>{EXTENDED}</t:Value></t:ExtendedProperty>"
    );
    let property = format!("<t:MeetingWorkspaceUrl>{PROPERTY}</t:MeetingWorkspaceUrl>");
    let mut more = String::new();
    let mut found = Vec::new();
    for place in ["", &body, &location, &extended, &property] {
        more += place;
        let event = Planted::new(
            "Call",
            "2026-03-02T08:00:00Z",
            "2026-03-02T09:00:00Z",
            &more,
        );
        let id = b.plant("alice", &event);
        let event = b.mailbox("alice").get_event(&id, Projection::Full).await?;
        let meeting = event.detail.unwrap().online_meeting;
        found.push(meeting.map(|meeting| (meeting.join_url, meeting.source)));
    }
    let expected = [
        None,
        Some((BODY.to_owned(), JoinUrlSource::Body)),
        Some((LOCATION.to_owned(), JoinUrlSource::Location)),
        Some((EXTENDED.to_owned(), JoinUrlSource::ExtendedProperty)),
        Some((PROPERTY.to_owned(), JoinUrlSource::Property)),
    ];
    assert_eq!(found, expected);
    Ok(())
}

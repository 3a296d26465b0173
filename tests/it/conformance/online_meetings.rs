use exchange_connector::Result;
use exchange_connector::model::{JoinUrlSource, OnlineMeeting, Projection};

use super::backend::{Backend, Planted};

const PROPERTY: &str = "https://fabrikam.webex.com/fabrikam/j.php?MTID=m0123456789abcdef";
const EXTENDED: &str =
    "https://teams.microsoft.com/l/meetup-join/19%3ameeting_a%40thread.v2/0?context=%7b%7d";
const LOCATION: &str = "https://acme.zoom.us/j/99912345678";
const BODY: &str = "https://meet.google.com/abc-defg-hij";

async fn found_in(b: &Backend, more: &str) -> Result<Option<OnlineMeeting>> {
    let (start, end) = ("2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z");
    let id = b.plant("alice", &Planted::new("Call", start, end, more));
    let event = b.mailbox("alice").get_event(&id, Projection::Full).await?;
    Ok(event.detail.unwrap().online_meeting)
}

fn text(body: &str) -> String {
    format!("<t:Body BodyType=\"Text\">{body}</t:Body>")
}

pub(super) async fn join_address_by_place(b: &Backend) -> Result<()> {
    let body = text(&format!("Join at {BODY} please"));
    let location = format!("<t:Location>Room 5; {LOCATION}</t:Location>");
    let (extended, shown) = b.join_address_of_add_in(EXTENDED);
    let property = b.join_address_of_server(PROPERTY);
    let mut more = String::new();
    let mut found = Vec::new();
    for place in ["", &body, &location, &extended, &property] {
        more += place;
        let meeting = found_in(b, &more).await?;
        found.push(meeting.map(|meeting| (meeting.join_url, meeting.source)));
    }
    let expected = [
        None,
        Some((BODY.to_owned(), JoinUrlSource::Body)),
        Some((LOCATION.to_owned(), JoinUrlSource::Location)),
        Some((EXTENDED.to_owned(), shown)),
        Some((PROPERTY.to_owned(), JoinUrlSource::Property)),
    ];
    assert_eq!(found, expected);
    Ok(())
}

pub(super) async fn join_address_with_what_belongs_to_it(b: &Backend) -> Result<()> {
    let wrapped = "https://eur01.safelinks.protection.outlook.com/?url=\
                   https%3A%2F%2Facme.zoom.us%2Fj%2F99912345678&amp;data=05";
    let body = text(&format!(
        "Join Zoom Meeting\n{wrapped}\n\nMeeting ID: 999 1234 5678\nPasscode: 4711\n\n\
         Dial by your location\n+49 69 5550 1234 Germany\n"
    ));
    let meeting = found_in(b, &body).await?.expect("a meeting");
    assert_eq!(meeting.join_url, LOCATION);
    assert_eq!(meeting.provider.as_deref(), Some("Zoom"));
    assert_eq!(meeting.conference_id.as_deref(), Some("99912345678"));
    assert_eq!(meeting.passcode.as_deref(), Some("4711"));
    let [number] = meeting.dial_in.as_slice() else {
        panic!("{:?}", meeting.dial_in);
    };
    assert_eq!(number.number, "+49 69 5550 1234");
    assert_eq!(number.label.as_deref(), Some("Germany"));
    assert_eq!(number.conference_id.as_deref(), Some("99912345678"));
    Ok(())
}

pub(super) async fn no_join_address_where_nobody_meets(b: &Backend) -> Result<()> {
    let quoted = format!("Lunch?\n\n-----Original Message-----\nFrom: Bob\nJoin at {BODY}");
    let signature = "Lunch?\n\nBest regards\nAda\nTel: +49 30 555010\nhttps://zoom.us/my/ada";
    let workspace =
        "<t:MeetingWorkspaceUrl>https://team.example.test/review</t:MeetingWorkspaceUrl>";
    for more in [&text(&quoted), &text(signature), workspace] {
        assert_eq!(found_in(b, more).await?, None, "{more}");
    }
    Ok(())
}

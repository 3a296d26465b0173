//! Invitations, answers, cancellations.

use super::*;

/// The event in somebody's calendar in March.
async fn only(client: &Client<'_>) -> Value {
    let view = client
        .get(&format!("/me/calendarView?{MARCH}"))
        .await
        .of(200);
    assert_eq!(view["value"].as_array().unwrap().len(), 1, "{view}");
    view["value"][0].clone()
}

#[tokio::test(flavor = "current_thread")]
async fn people_are_invited_told_and_uninvited() {
    let simulator = start().await;
    let client = alice(&simulator);
    let made = client
        .post("/me/events", invited(lunch("Plan"), &[BOB]))
        .await
        .of(201);
    let to_bob = vec![BOB.to_owned()];
    let carol = "carol@example.test";
    assert_eq!(
        sent(&simulator),
        [(
            "MeetingRequest".to_owned(),
            "Plan".to_owned(),
            to_bob.clone()
        )]
    );
    let theirs = only(&bob(&simulator)).await;
    assert_eq!(theirs["isOrganizer"], false);
    assert_eq!(theirs["responseStatus"]["response"], "notResponded");
    // What only Alice has is nobody's business.
    client
        .patch(&path(&made), json!({"showAs": "free", "categories": ["x"]}))
        .await
        .of(200);
    assert_eq!(sent(&simulator).len(), 1);
    let both = invited(json!({}), &[BOB, carol]);
    client.patch(&path(&made), both).await.of(200);
    assert_eq!(sent(&simulator)[1].2, [carol.to_owned()]);
    client
        .patch(&path(&made), json!({"subject": "Plan B"}))
        .await
        .of(200);
    assert_eq!(sent(&simulator)[2].2.len(), 2);
    client
        .patch(&path(&made), invited(json!({}), &[carol]))
        .await
        .of(200);
    let last = sent(&simulator).pop().unwrap();
    assert_eq!(
        last,
        (
            "MeetingCancellation".to_owned(),
            "Canceled: Plan B".to_owned(),
            to_bob
        )
    );
    client.delete(&path(&made)).await;
    assert_eq!(sent(&simulator).last().unwrap().2, [carol.to_owned()]);
}

#[tokio::test(flavor = "current_thread")]
async fn answers_reach_the_organizer() {
    let simulator = start().await;
    let made = alice(&simulator)
        .post("/me/events", invited(lunch("Plan"), &[BOB]))
        .await
        .of(201);
    let theirs = only(&bob(&simulator)).await;
    let answer = json!({"comment": "Later?", "proposedNewTime": {
        "start": clock("2026-03-04T14:00:00"), "end": clock("2026-03-04T15:00:00"),
    }});
    let client = bob(&simulator);
    let refused = client
        .post(&format!("{}/accept", path(&theirs)), answer.clone())
        .await;
    assert_eq!(refused.refused(400), "RequestBodyRead");
    let tentatively = format!("{}/tentativelyAccept", path(&theirs));
    assert_eq!(client.post(&tentatively, answer.clone()).await.status, 202);
    let own = alice(&simulator).get(&path(&made)).await.of(200);
    let attendee = &own["attendees"][0];
    assert_eq!(attendee["status"]["response"], "tentativelyAccepted");
    assert_eq!(
        attendee["proposedNewTime"]["start"]["dateTime"],
        "2026-03-04T13:00:00.0000000"
    );
    let mut silent = answer;
    silent["sendResponse"] = false.into();
    assert_eq!(
        client.post(&tentatively, silent).await.refused(400),
        "ErrorInvalidRequest"
    );
    assert_eq!(
        sent(&simulator).last().unwrap().1,
        "New Time Proposed: Plan"
    );
    let accept = format!("{}/accept", path(&theirs));
    assert_eq!(
        client
            .post(&accept, json!({"SendResponse": false}))
            .await
            .status,
        202
    );
    assert_eq!(
        only(&client).await["responseStatus"]["response"],
        "accepted"
    );
    assert_eq!(sent(&simulator).len(), 2);
    let code = alice(&simulator)
        .post(&format!("{}/accept", path(&made)), json!({}))
        .await
        .refused(400);
    assert_eq!(code, "ErrorInvalidRequest");
    assert_eq!(
        client
            .post(&format!("{}/decline", path(&theirs)), json!({}))
            .await
            .status,
        202
    );
    client.get(&path(&theirs)).await.refused(404);
    let own = alice(&simulator).get(&path(&made)).await.of(200);
    assert_eq!(own["attendees"][0]["status"]["response"], "declined");
}

#[tokio::test(flavor = "current_thread")]
async fn meetings_are_passed_on_and_cancelled() {
    let simulator = start().await;
    let made = alice(&simulator)
        .post("/me/events", invited(lunch("Plan"), &[BOB]))
        .await
        .of(201);
    let theirs = only(&bob(&simulator)).await;
    let forward = format!("{}/forward", path(&theirs));
    let to = json!({"comment": "You too", "toRecipients": [{"emailAddress": {"address": "carol@example.test"}}]});
    assert_eq!(bob(&simulator).post(&forward, to).await.status, 202);
    let carol = Client::of(&simulator, "carol@example.test", &["Calendars.Read"]);
    only(&carol).await;
    assert_eq!(
        bob(&simulator).post(&forward, json!({})).await.refused(400),
        "ErrorInvalidRecipients"
    );
    let cancel = |event: &Value| format!("{}/cancel", path(event));
    let code = bob(&simulator)
        .post(&cancel(&theirs), json!({}))
        .await
        .refused(400);
    assert_eq!(code, "ErrorInvalidRequest");
    let said = json!({"Comment": "Ill"});
    assert_eq!(
        alice(&simulator).post(&cancel(&made), said).await.status,
        202
    );
    alice(&simulator).get(&path(&made)).await.refused(404);
    assert_eq!(only(&bob(&simulator)).await["isCancelled"], true);
    let last = simulator.outbox().pop().unwrap();
    assert_eq!(
        (last.kind.as_str(), last.body.as_str()),
        ("MeetingCancellation", "Ill")
    );
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_deleted_for_good_is_in_no_bin() {
    let simulator = start().await;
    let client = alice(&simulator);
    let made = client.post("/me/events", lunch("x")).await.of(201);
    let reply = client
        .send("POST", &format!("{}/permanentDelete", path(&made)), None)
        .await;
    assert_eq!(reply.status, 204);
    let ews = id(&made).replace('-', "/").replace('_', "+");
    assert_eq!(simulator.item_xml(&ews), None);
}

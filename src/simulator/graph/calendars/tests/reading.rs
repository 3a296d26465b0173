//! Events and calendars as they are read.

use super::*;
use crate::simulator::CalendarRights;

#[tokio::test(flavor = "current_thread")]
async fn what_is_planted_for_ews_is_read_in_the_zone_that_is_asked_for() {
    let simulator = start().await;
    let planted = simulator
        .plant(
            ALICE,
            "calendar",
            "<t:CalendarItem><t:Subject>Lunch</t:Subject><t:Body BodyType=\"Text\">Soup &amp; bread</t:Body>\
             <t:Start>2026-03-02T11:00:00Z</t:Start><t:End>2026-03-02T12:00:00Z</t:End>\
             <t:LegacyFreeBusyStatus>OOF</t:LegacyFreeBusyStatus><t:Location>Harbour</t:Location>\
             <t:StartTimeZone Id=\"W. Europe Standard Time\"/></t:CalendarItem>",
        )
        .unwrap();
    let events = alice(&simulator).get("/me/events").await.of(200);
    let event = &events["value"][0];
    assert_eq!(event["subject"], "Lunch");
    assert_eq!(event["id"], planted.replace('/', "-").replace('+', "_"));
    assert_eq!(event["start"]["dateTime"], "2026-03-02T11:00:00.0000000");
    assert_eq!(event["start"]["timeZone"], "UTC");
    assert_eq!(event["originalStartTimeZone"], BERLIN);
    assert_eq!(
        (&event["showAs"], &event["type"]),
        (&json!("oof"), &json!("singleInstance"))
    );
    assert_eq!(event["location"]["displayName"], "Harbour");
    assert_eq!(event["organizer"]["emailAddress"]["address"], ALICE);
    assert_eq!(event["responseStatus"]["response"], "organizer");
    assert_eq!(event["recurrence"], Value::Null);
    assert_eq!(event["body"]["contentType"], "html");
    assert_eq!(event["bodyPreview"], "Soup & bread");
    let there = alice(&simulator).with(
        "prefer",
        "outlook.timezone=\"Tokyo Standard Time\", outlook.body-content-type=\"text\"",
    );
    let event = there.get(&path(event)).await.of(200);
    assert_eq!(event["start"]["dateTime"], "2026-03-02T20:00:00.0000000");
    assert_eq!(event["start"]["timeZone"], "Tokyo Standard Time");
    assert_eq!(
        event["body"],
        json!({"contentType": "text", "content": "Soup & bread"})
    );
    let nowhere = alice(&simulator).with("prefer", "outlook.timezone=\"Atlantis\"");
    assert_eq!(
        nowhere.get("/me/events").await.refused(400),
        "TimeZoneNotSupportedException"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn days_are_the_same_days_on_every_clock() {
    let simulator = start().await;
    let day = json!({
        "subject": "Outing", "isAllDay": true,
        "start": clock("2026-03-05T00:00:00"), "end": clock("2026-03-07T00:00:00"),
    });
    let event = alice(&simulator)
        .post("/me/events", day.clone())
        .await
        .of(201);
    for zone in ["UTC", "Tokyo Standard Time", "Pacific Standard Time"] {
        let there = alice(&simulator).with("prefer", &format!("outlook.timezone=\"{zone}\""));
        let event = there.get(&path(&event)).await.of(200);
        assert_eq!(
            event["start"],
            json!({"dateTime": "2026-03-05T00:00:00.0000000", "timeZone": zone})
        );
        assert_eq!(event["end"]["dateTime"], "2026-03-07T00:00:00.0000000");
    }
    let mut wrong = day;
    wrong["end"] = clock("2026-03-06T12:00:00");
    let code = alice(&simulator)
        .post("/me/events", wrong)
        .await
        .refused(400);
    assert_eq!(code, "ErrorPropertyValidationFailure");
}

#[tokio::test(flavor = "current_thread")]
async fn views_have_occurrences_in_order_and_pages() {
    let simulator = start().await;
    let client = alice(&simulator);
    let series = client.post("/me/events", weekly()).await.of(201);
    client.post("/me/events", lunch("Lunch")).await.of(201);
    assert_eq!(series["type"], "seriesMaster");
    let view = client
        .get(&format!("/me/calendarView?{MARCH}"))
        .await
        .of(200);
    assert_eq!(
        subjects(&view),
        ["Team", "Lunch", "Team", "Team", "Team", "Team"]
    );
    let starts: Vec<&str> = view["value"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["type"] == "occurrence")
        .map(|one| one["start"]["dateTime"].as_str().unwrap())
        .collect();
    assert_eq!(
        starts[3..],
        ["2026-03-23T08:00:00.0000000", "2026-03-30T07:00:00.0000000"]
    );
    let occurrence = &view["value"][2];
    assert_eq!(occurrence["seriesMasterId"], series["id"]);
    assert_eq!(occurrence["originalStart"], "2026-03-09T08:00:00.0000000Z");
    let master = series["iCalUId"].as_str().unwrap();
    let own = occurrence["iCalUId"].as_str().unwrap();
    assert_eq!(
        (&own[..32], &own[32..40], &own[40..]),
        (&master[..32], "07EA0309", &master[40..])
    );
    // All of them, two by two.
    let mut found = 0;
    let mut next = format!("/me/calendarView?{MARCH}&$top=2&$select=subject");
    loop {
        let page = client.get(&next).await.of(200);
        let events = page["value"].as_array().unwrap();
        assert!(
            events
                .iter()
                .all(|one| one.get("start").is_none() && one.get("id").is_some())
        );
        found += events.len();
        match page["@odata.nextLink"].as_str() {
            Some(link) => link.clone_into(&mut next),
            None => break,
        }
    }
    assert_eq!(found, 6);
    let instances = client
        .get(&format!("{}/instances?{MARCH}", path(&series)))
        .await
        .of(200);
    assert_eq!(instances["value"].as_array().unwrap().len(), 5);
    let single = path(&view["value"][1]);
    assert_eq!(
        client
            .get(&format!("{single}/instances?{MARCH}"))
            .await
            .refused(400),
        "ErrorInvalidRequest"
    );
    assert_eq!(
        client.get("/me/calendarView").await.refused(400),
        "ErrorInvalidParameter"
    );
    let wide = "/me/calendarView?startDateTime=2020-01-01&endDateTime=2026-01-01";
    assert_eq!(
        client.get(wide).await.refused(400),
        "ErrorCalendarViewRangeTooBig"
    );
    let stamps = format!("/me/calendarView?{MARCH}&$select=createdDateTime");
    assert_eq!(
        client.get(&stamps).await.refused(400),
        "ErrorInvalidProperty"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn events_are_found_sorted_and_expanded() {
    let simulator = start().await;
    let client = alice(&simulator);
    let name = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Ticket";
    let mut event = lunch("B");
    event["singleValueExtendedProperties"] = json!([{"id": name, "value": "4711"}]);
    event["categories"] = json!(["Red"]);
    let event = client.post("/me/events", event).await.of(201);
    client.post("/me/events", lunch("A")).await.of(201);
    let uid = event["iCalUId"].as_str().unwrap();
    let found = client
        .get(&format!("/me/events?$filter=iCalUId eq '{uid}'"))
        .await
        .of(200);
    assert_eq!(subjects(&found), ["B"]);
    let found = client
        .get("/me/events?$filter=categories/any(c:c eq 'Red')")
        .await
        .of(200);
    assert_eq!(subjects(&found), ["B"]);
    let found = client
        .get("/me/events?$orderby=subject&$count=true")
        .await
        .of(200);
    assert_eq!(
        (subjects(&found), &found["@odata.count"]),
        (vec!["A", "B"], &json!(2))
    );
    let by = format!(
        "/me/events?$filter=singleValueExtendedProperties/any(e:e/id eq '{name}' and e/value eq '4711')\
         &$expand=singleValueExtendedProperties($filter=id eq '{name}')"
    );
    let found = client.get(&by).await.of(200);
    assert_eq!(
        found["value"][0]["singleValueExtendedProperties"],
        json!([{"id": name, "value": "4711"}])
    );
    assert_eq!(subjects(&found), ["B"]);
    assert_eq!(
        client.get("/me/events?$select=colour").await.refused(400),
        "BadRequest"
    );
    client
        .get("/me/events?$filter=webLink eq 'x'")
        .await
        .refused(400);
}

#[tokio::test(flavor = "current_thread")]
async fn permissions_and_rights_decide_what_is_seen() {
    let simulator = start().await;
    let client = alice(&simulator);
    let mut secret = lunch("Doctor");
    secret["sensitivity"] = "private".into();
    secret["body"] = json!({"contentType": "text", "content": "Knee"});
    let event = client.post("/me/events", secret).await.of(201);
    let none = Client::of(&simulator, ALICE, &["Mail.Send"]);
    assert_eq!(
        none.get("/me/events").await.refused(403),
        "ErrorAccessDenied"
    );
    let basic = Client::of(&simulator, ALICE, &["Calendars.ReadBasic"]);
    let seen = basic.get(&path(&event)).await.of(200);
    assert_eq!(seen["subject"], "Doctor");
    assert!(seen.get("body").is_none() && seen.get("bodyPreview").is_none());
    let expanded = format!("{}?$expand=attachments", path(&event));
    assert_eq!(basic.get(&expanded).await.refused(403), "ErrorAccessDenied");
    assert_eq!(
        basic
            .get(&format!("/me/calendarView/delta?{MARCH}"))
            .await
            .refused(403),
        "ErrorAccessDenied"
    );
    let reader = Client::of(&simulator, ALICE, &["Calendars.Read"]);
    assert_eq!(
        reader.post("/me/events", lunch("x")).await.refused(403),
        "ErrorAccessDenied"
    );
    // Bob sees that there is something, once he may see anything, and then no more than that.
    let view = format!("/users/{ALICE}/calendarView?{MARCH}");
    let shared = Client::of(&simulator, BOB, &["Calendars.ReadWrite.Shared"]);
    shared.get(&view).await.refused(404);
    assert_eq!(
        bob(&simulator).get(&view).await.refused(403),
        "ErrorAccessDenied"
    );
    simulator.grant(ALICE, BOB, CalendarRights::Editor).unwrap();
    let seen = shared.get(&view).await.of(200);
    assert_eq!(subjects(&seen), ["Private Appointment"]);
    assert_eq!(seen["value"][0]["bodyPreview"], "");
    let there = format!("/users/{ALICE}/events/{}", id(&event));
    assert_eq!(
        shared
            .patch(&there, json!({"subject": "x"}))
            .await
            .refused(403),
        "ErrorAccessDenied"
    );
    let made = shared
        .post(&format!("/users/{ALICE}/events"), lunch("For Alice"))
        .await
        .of(201);
    assert_eq!(made["organizer"]["emailAddress"]["address"], ALICE);
}

#[tokio::test(flavor = "current_thread")]
async fn calendars_come_and_go() {
    let simulator = start().await;
    let client = alice(&simulator);
    let made = client
        .post(
            "/me/calendars",
            json!({"name": "Rowing", "color": "lightTeal"}),
        )
        .await
        .of(201);
    assert_eq!(
        (&made["color"], &made["isDefaultCalendar"]),
        (&json!("lightTeal"), &json!(false))
    );
    let code = client
        .post("/me/calendars", json!({"name": "rowing"}))
        .await
        .refused(409);
    assert_eq!(code, "ErrorFolderExists");
    client
        .post("/me/calendars", json!({"name": "x", "colour": "red"}))
        .await
        .refused(400);
    let all = client.get("/me/calendars").await.of(200);
    let names: Vec<&Value> = all["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, ["Calendar", "Rowing"]);
    let own = format!("/me/calendars/{}", id(&made));
    let renamed = client
        .patch(&own, json!({"name": "Rowing club"}))
        .await
        .of(200);
    assert_eq!(renamed["name"], "Rowing club");
    let event = client
        .post(&format!("{own}/events"), lunch("Regatta"))
        .await
        .of(201);
    assert_eq!(subjects(&client.get("/me/events").await.of(200)), [""; 0]);
    assert_eq!(
        subjects(
            &client
                .get(&format!("{own}/calendarView?{MARCH}"))
                .await
                .of(200)
        ),
        ["Regatta"]
    );
    client
        .get(&format!("/me/calendar/events/{}", id(&event)))
        .await
        .refused(404);
    let groups = client.get("/me/calendarGroups").await.of(200);
    let group = id(&groups["value"][0]);
    let inside = client
        .get(&format!("/me/calendarGroups/{group}/calendars"))
        .await
        .of(200);
    assert_eq!(inside["value"].as_array().unwrap().len(), 2);
    assert_eq!(client.delete(&own).await.status, 204);
    client.get(&own).await.refused(404);
    client.get(&path(&event)).await.refused(404);
    let default = client.get("/me/calendar").await.of(200);
    assert_eq!(default["isDefaultCalendar"], true);
    let code = client.delete("/me/calendar").await.refused(400);
    assert_eq!(code, "ErrorDeleteDistinguishedFolder");
}

#[tokio::test(flavor = "current_thread")]
async fn free_and_busy_times_are_told_to_everybody() {
    let simulator = start().await;
    alice(&simulator)
        .post("/me/events", lunch("Lunch"))
        .await
        .of(201);
    let question = json!({
        "schedules": [ALICE, "nobody@example.test"],
        "startTime": clock("2026-03-04T11:00:00"), "endTime": clock("2026-03-04T14:00:00"),
        "availabilityViewInterval": 60,
    });
    let asked = Client::of(&simulator, BOB, &["Calendars.ReadBasic"]);
    let answer = asked
        .post("/me/calendar/getSchedule", question.clone())
        .await
        .of(200);
    let known = &answer["value"][0];
    assert_eq!(
        (&known["scheduleId"], &known["availabilityView"]),
        (&json!(ALICE), &json!("020"))
    );
    assert_eq!(known["scheduleItems"][0]["status"], "busy");
    assert!(known["scheduleItems"][0].get("subject").is_none());
    assert_eq!(
        answer["value"][1]["error"]["responseCode"],
        "ErrorMailRecipientNotFound"
    );
    simulator
        .grant(ALICE, BOB, CalendarRights::Reviewer)
        .unwrap();
    let answer = asked
        .post("/me/calendar/getSchedule", question.clone())
        .await
        .of(200);
    assert_eq!(answer["value"][0]["scheduleItems"][0]["subject"], "Lunch");
    let mut long = question;
    long["endTime"] = clock("2026-06-04T14:00:00");
    let code = asked
        .post("/me/calendar/getSchedule", long)
        .await
        .refused(400);
    assert_eq!(code, "ErrorTimeIntervalTooBig");
}

//! Meetings: who hears what, and what stands in whose calendar.

use super::*;

const CAROL: &str = "carol@example.test";

fn answer(element: &str, id: &str, more: &str) -> String {
    format!(
        "<m:CreateItem MessageDisposition=\"SendAndSaveCopy\"><m:Items><t:{element}><t:ReferenceItemId Id=\"{id}\"/>{more}</t:{element}></m:Items></m:CreateItem>"
    )
}

fn forward(id: &str, to: &str) -> String {
    format!(
        "<m:CreateItem MessageDisposition=\"SendAndSaveCopy\"><m:Items><t:ForwardItem><t:ToRecipients><t:Mailbox><t:EmailAddress>{to}</t:EmailAddress></t:Mailbox></t:ToRecipients><t:ReferenceItemId Id=\"{id}\"/><t:NewBodyContent BodyType=\"Text\">You too?</t:NewBodyContent></t:ForwardItem></m:Items></m:CreateItem>"
    )
}

fn change(id: &str, uri: &str, property: &str) -> String {
    format!(
        "<m:UpdateItem ConflictResolution=\"AlwaysOverwrite\" SendMeetingInvitationsOrCancellations=\"SendToAllAndSaveCopy\"><m:ItemChanges><t:ItemChange><t:ItemId Id=\"{id}\"/><t:Updates><t:SetItemField><t:FieldURI FieldURI=\"{uri}\"/><t:CalendarItem>{property}</t:CalendarItem></t:SetItemField></t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>"
    )
}

fn remove(id: &str) -> String {
    format!(
        "<m:DeleteItem DeleteType=\"MoveToDeletedItems\" SendMeetingCancellations=\"SendToAllAndSaveCopy\"><m:ItemIds><t:ItemId Id=\"{id}\"/></m:ItemIds></m:DeleteItem>"
    )
}

const DAILY: &str = "<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2026-03-09</t:StartDate><t:NumberOfOccurrences>4</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>";

/// A meeting of alice with bob; its id.
async fn lunch(simulator: &Simulator, more: &str) -> String {
    let more = format!("{BOB_INVITED}{more}");
    let item = event(
        "Lunch",
        "2026-03-09T11:00:00Z",
        "2026-03-09T12:00:00Z",
        &more,
    );
    let created = call(simulator, &create("SendToAllAndSaveCopy", &item)).await;
    created.attributes("ItemId", "Id").concat()
}

fn only(simulator: &Simulator, who: &str, folder: &str) -> String {
    let [id] = simulator.item_ids(who, folder).unwrap().try_into().unwrap();
    id
}

async fn read(simulator: &Simulator, who: &str, id: &str) -> Reply {
    let item = get(&format!("<t:ItemId Id=\"{id}\"/>"));
    call_as(simulator, who, "", &item).await
}

async fn days(simulator: &Simulator, who: &str) -> Reply {
    call_as(simulator, who, "", &march(CALENDAR)).await
}

#[tokio::test]
async fn a_forwarded_meeting_invites_and_the_organizer_hears_of_it() {
    let simulator = start().await;
    let own = lunch(&simulator, "").await;
    let bobs = only(&simulator, BOB, "calendar");
    let reply = call_as(&simulator, BOB, "", &forward(&bobs, CAROL)).await;
    assert_eq!(reply.code(), "NoError");
    let request = read(&simulator, CAROL, &only(&simulator, CAROL, "inbox")).await;
    assert_eq!(request.texts("MeetingRequest").len(), 1);
    assert_eq!(request.texts("Subject"), ["FW: Lunch"]);
    let names = request.texts("EmailAddress");
    assert!(names.contains(&ALICE.to_owned()) && names.contains(&BOB.to_owned()));
    assert!(request.texts("Body").concat().starts_with("You too?"));
    let carols = only(&simulator, CAROL, "calendar");
    assert_eq!(
        request.attributes("AssociatedCalendarItemId", "Id"),
        [carols.clone()]
    );
    let notification = read(&simulator, ALICE, &only(&simulator, ALICE, "inbox")).await;
    assert_eq!(notification.texts("MeetingMessage").len(), 1);
    assert_eq!(
        notification.texts("Subject"),
        ["Meeting Forward Notification: Lunch"]
    );
    let meeting = read(&simulator, ALICE, &own).await;
    assert_eq!(meeting.texts("OptionalAttendees").len(), 1);
    // The new one answers the organizer.
    call_as(&simulator, CAROL, "", &answer("AcceptItem", &carols, "")).await;
    let meeting = read(&simulator, ALICE, &own).await;
    assert_eq!(meeting.texts("ResponseType"), ["Unknown", "Accept"]);
    assert_eq!(meeting.texts("LastResponseTime"), ["2026-03-04T12:00:00Z"]);
    let senders: Vec<String> = simulator.outbox().into_iter().map(|one| one.from).collect();
    assert_eq!(senders, [ALICE, BOB, BOB, CAROL]);
}

#[tokio::test]
async fn an_appointment_is_forwarded_as_an_attachment() {
    let simulator = start().await;
    let item = event("Swim", "2026-03-09T11:00:00Z", "2026-03-09T12:00:00Z", "");
    let id = simulator.plant(ALICE, "calendar", &item).unwrap();
    call(&simulator, &forward(&id, CAROL)).await;
    let mail = read(&simulator, CAROL, &only(&simulator, CAROL, "inbox")).await;
    assert_eq!(mail.texts("ItemAttachment").len(), 1);
    assert_eq!(mail.texts("Subject"), ["FW: Swim"]);
    assert_eq!(simulator.item_ids(CAROL, "calendar").unwrap().len(), 0);
}

#[tokio::test]
async fn another_time_is_proposed_unless_it_may_not() {
    let simulator = start().await;
    let own = lunch(&simulator, "").await;
    let bobs = only(&simulator, BOB, "calendar");
    let other = "<t:ProposedStart>2026-03-09T13:00:00Z</t:ProposedStart><t:ProposedEnd>2026-03-09T14:00:00Z</t:ProposedEnd>";
    let accept = answer("AcceptItem", &bobs, other);
    assert_eq!(
        call_as(&simulator, BOB, "", &accept).await.code(),
        "ErrorCalendarInvalidPropertyState"
    );
    let tentative = answer("TentativelyAcceptItem", &bobs, other);
    assert_eq!(
        call_as(&simulator, BOB, "", &tentative).await.code(),
        "NoError"
    );
    let meeting = read(&simulator, ALICE, &own).await;
    assert_eq!(meeting.texts("ResponseType"), ["Tentative"]);
    assert_eq!(meeting.texts("ProposedStart"), ["2026-03-09T13:00:00Z"]);
    let response = read(&simulator, ALICE, &only(&simulator, ALICE, "inbox")).await;
    assert_eq!(response.texts("Subject"), ["New Time Proposed: Lunch"]);
    assert_eq!(response.texts("ProposedEnd"), ["2026-03-09T14:00:00Z"]);
    assert_eq!(response.texts("Start"), ["2026-03-09T11:00:00Z"]);
    // Who takes the proposal up asks again.
    let moved = change(&own, "calendar:End", "<t:End>2026-03-09T14:00:00Z</t:End>");
    call(&simulator, &moved).await;
    let meeting = read(&simulator, ALICE, &own).await;
    assert_eq!(meeting.texts("ProposedStart").len(), 0);
    assert_eq!(meeting.texts("ResponseType"), ["Unknown"]);

    let simulator = start().await;
    lunch(
        &simulator,
        "<t:AllowNewTimeProposal>false</t:AllowNewTimeProposal>",
    )
    .await;
    let decline = answer("DeclineItem", &only(&simulator, BOB, "calendar"), other);
    assert_eq!(
        call_as(&simulator, BOB, "", &decline).await.code(),
        "ErrorCalendarInvalidPropertyState"
    );
    assert_eq!(simulator.item_ids(ALICE, "inbox").unwrap().len(), 0);
}

#[tokio::test]
async fn new_times_want_new_answers_and_other_news_do_not() {
    let simulator = start().await;
    let own = lunch(&simulator, "").await;
    let bobs = only(&simulator, BOB, "calendar");
    call_as(&simulator, BOB, "", &answer("AcceptItem", &bobs, "")).await;
    let remind = change(
        &bobs,
        "item:Categories",
        "<t:Categories><t:String>Mine</t:String></t:Categories>",
    );
    assert_eq!(
        call_as(&simulator, BOB, "", &remind).await.code(),
        "NoError"
    );
    let place = change(
        &own,
        "calendar:Location",
        "<t:Location>Canteen</t:Location>",
    );
    call(&simulator, &place).await;
    let seen = read(&simulator, BOB, &bobs).await;
    assert_eq!(seen.texts("Location"), ["Canteen"]);
    assert_eq!(seen.texts("MyResponseType"), ["Accept"]);
    assert_eq!(seen.texts("LegacyFreeBusyStatus"), ["Busy"]);
    assert_eq!(seen.texts("String"), ["Mine"]);
    let requests = simulator.item_ids(BOB, "inbox").unwrap();
    let kinds = async |at: usize| {
        let seen = read(&simulator, BOB, &requests[at]).await;
        let kind = seen.texts("MeetingRequestType").concat();
        (kind, seen.texts("IsOutOfDate").concat())
    };
    assert_eq!(
        kinds(0).await,
        ("Outdated".to_owned(), "true".to_owned()),
        "the first one"
    );
    assert_eq!(
        kinds(1).await,
        ("InformationalUpdate".to_owned(), "false".to_owned())
    );
    let late = answer("AcceptItem", &requests[0], "");
    assert_eq!(
        call_as(&simulator, BOB, "", &late).await.code(),
        "ErrorCalendarMeetingRequestIsOutOfDate"
    );
    assert_eq!(
        read(&simulator, ALICE, &own).await.texts("ResponseType"),
        ["Accept"]
    );
    let longer = change(&own, "calendar:End", "<t:End>2026-03-09T13:00:00Z</t:End>");
    call(&simulator, &longer).await;
    let seen = read(&simulator, BOB, &bobs).await;
    assert_eq!(seen.texts("MyResponseType"), ["NoResponseReceived"]);
    assert_eq!(seen.texts("LegacyFreeBusyStatus"), ["Tentative"]);
    assert_eq!(seen.texts("String"), ["Mine"]);
    assert_eq!(seen.texts("AppointmentSequenceNumber"), ["2"]);
    let organizer = read(&simulator, ALICE, &own).await;
    assert_eq!(organizer.texts("ResponseType"), ["Unknown"]);
    assert_eq!(organizer.texts("LastResponseTime").len(), 0);
}

#[tokio::test]
async fn one_occurrence_is_answered_moved_and_cancelled() {
    let simulator = start().await;
    let master = lunch(&simulator, DAILY).await;
    let own = days(&simulator, ALICE).await.attributes("ItemId", "Id");
    let bobs = days(&simulator, BOB).await.attributes("ItemId", "Id");
    // Bob declines the second one: the organizer sees it there and nowhere else.
    call_as(&simulator, BOB, "", &answer("DeclineItem", &bobs[1], "")).await;
    assert_eq!(days(&simulator, BOB).await.texts("Start").len(), 3);
    let second = read(&simulator, ALICE, &own[1]).await;
    assert_eq!(second.texts("ResponseType"), ["Decline"]);
    assert_eq!(
        read(&simulator, ALICE, &own[0]).await.texts("ResponseType"),
        ["Unknown"]
    );
    let response = read(&simulator, ALICE, &only(&simulator, ALICE, "inbox")).await;
    assert_eq!(response.texts("RecurrenceId"), ["2026-03-10T11:00:00Z"]);
    assert_eq!(
        response.attributes("AssociatedCalendarItemId", "Id"),
        [own[1].clone()]
    );
    // Alice moves the third one.
    let later = change(
        &own[2],
        "calendar:End",
        "<t:End>2026-03-11T15:00:00Z</t:End>",
    );
    assert_eq!(call(&simulator, &later).await.code(), "NoError");
    let request = simulator.item_ids(BOB, "inbox").unwrap().pop().unwrap();
    let request = read(&simulator, BOB, &request).await;
    assert_eq!(request.texts("OriginalStart"), ["2026-03-11T11:00:00Z"]);
    assert_eq!(request.texts("Recurrence").len(), 0);
    assert_eq!(
        request.attributes("AssociatedCalendarItemId", "Id"),
        [bobs[2].clone()]
    );
    let seen = days(&simulator, BOB).await;
    assert_eq!(seen.texts("End")[1], "2026-03-11T15:00:00Z");
    assert_eq!(seen.texts("Start").len(), 3);
    // And cancels the last one.
    assert_eq!(
        call(&simulator, &answer("CancelCalendarItem", &own[3], ""))
            .await
            .code(),
        "NoError"
    );
    let seen = days(&simulator, BOB).await;
    assert_eq!(seen.texts("Subject"), ["Lunch", "Lunch", "Canceled: Lunch"]);
    let whole = read(&simulator, ALICE, &master).await;
    assert_eq!(whole.texts("DeletedOccurrence").len(), 1);
    assert_eq!(whole.texts("Occurrence").len(), 2);
    // What the cancellation is about can be removed.
    let cancellation = simulator.item_ids(BOB, "inbox").unwrap().pop().unwrap();
    let removed = answer("RemoveItem", &cancellation, "");
    assert_eq!(
        call_as(&simulator, BOB, "", &removed).await.code(),
        "NoError"
    );
    assert_eq!(days(&simulator, BOB).await.texts("Start").len(), 2);
    let accepted = read(&simulator, BOB, &bobs[0]).await;
    assert_eq!(accepted.texts("MyResponseType"), ["NoResponseReceived"]);
}

#[tokio::test]
async fn some_are_invited_to_one_occurrence_only() {
    let simulator = start().await;
    lunch(&simulator, DAILY).await;
    let own = days(&simulator, ALICE).await.attributes("ItemId", "Id");
    let carol = format!(
        "<t:OptionalAttendees><t:Attendee><t:Mailbox><t:EmailAddress>{CAROL}</t:EmailAddress></t:Mailbox></t:Attendee></t:OptionalAttendees>"
    );
    let too = change(&own[1], "calendar:OptionalAttendees", &carol);
    assert_eq!(call(&simulator, &too).await.code(), "NoError");
    let seen = days(&simulator, CAROL).await;
    assert_eq!(seen.texts("Start"), ["2026-03-10T11:00:00Z"]);
    assert_eq!(seen.texts("CalendarItemType"), ["Single"]);
    let alone = read(&simulator, CAROL, &only(&simulator, CAROL, "calendar")).await;
    assert_eq!(alone.texts("RecurrenceId"), ["2026-03-10T11:00:00Z"]);
    let series = read(&simulator, ALICE, &own[0]).await;
    assert_eq!(series.texts("OptionalAttendees").len(), 0);
    assert_eq!(series.texts("UID"), alone.texts("UID"));
    let carols = only(&simulator, CAROL, "calendar");
    call_as(&simulator, CAROL, "", &answer("AcceptItem", &carols, "")).await;
    let second = read(&simulator, ALICE, &own[1]).await;
    assert_eq!(second.texts("ResponseType"), ["Unknown", "Accept"]);
    // Without the occurrence nothing is left for carol.
    assert_eq!(call(&simulator, &remove(&own[1])).await.code(), "NoError");
    let seen = days(&simulator, CAROL).await;
    assert_eq!(seen.texts("Subject"), ["Canceled: Lunch"]);
    assert_eq!(days(&simulator, BOB).await.texts("Subject").len(), 4);
}

#[tokio::test]
async fn a_series_that_moves_loses_its_exceptions_everywhere() {
    let simulator = start().await;
    let master = lunch(&simulator, DAILY).await;
    let own = days(&simulator, ALICE).await.attributes("ItemId", "Id");
    let renamed = change(&own[1], "item:Subject", "<t:Subject>Brunch</t:Subject>");
    call(&simulator, &renamed).await;
    call(&simulator, &remove(&own[3])).await;
    let body = change(
        &master,
        "calendar:Location",
        "<t:Location>Roof</t:Location>",
    );
    call(&simulator, &body).await;
    let seen = days(&simulator, BOB).await;
    assert_eq!(
        seen.texts("Subject")[1],
        "Brunch",
        "{:?}",
        seen.texts("Subject")
    );
    assert_eq!(seen.texts("Location"), ["Roof"; 3].map(str::to_owned));
    let longer = change(
        &master,
        "calendar:End",
        "<t:End>2026-03-09T12:30:00Z</t:End>",
    );
    assert_eq!(call(&simulator, &longer).await.code(), "NoError");
    for who in [ALICE, BOB] {
        let seen = days(&simulator, who).await;
        assert_eq!(
            seen.texts("Subject"),
            ["Lunch"; 4].map(str::to_owned),
            "{who}"
        );
    }
}

#[tokio::test]
async fn delegates_get_copies_and_answer_in_the_owners_calendar() {
    let simulator = start().await;
    simulator.delegate(BOB, CAROL).unwrap();
    let own = lunch(&simulator, "").await;
    let copy = only(&simulator, CAROL, "inbox");
    let request = read(&simulator, CAROL, &copy).await;
    assert_eq!(request.texts("IsDelegated"), ["true"]);
    assert_eq!(request.texts("ReceivedRepresenting").len(), 1);
    let bobs = only(&simulator, BOB, "calendar");
    assert_eq!(
        request.attributes("AssociatedCalendarItemId", "Id"),
        [bobs.clone()]
    );
    let kept = read(&simulator, BOB, &only(&simulator, BOB, "inbox")).await;
    assert_eq!(kept.texts("IsDelegated"), ["false"]);
    assert_eq!(kept.texts("MeetingRequestType"), ["PrincipalWantsCopy"]);
    let wrong = answer("AcceptItem", &copy, "");
    assert_eq!(
        call_as(&simulator, CAROL, "", &wrong).await.code(),
        "ErrorCalendarIsDelegatedForAccept"
    );
    let right = answer("AcceptItem", &bobs, "");
    assert_eq!(
        call_as(&simulator, CAROL, "", &right).await.code(),
        "NoError"
    );
    let meeting = read(&simulator, ALICE, &own).await;
    assert_eq!(meeting.texts("ResponseType"), ["Accept"]);
}

//! Views, changes, meetings, availability.

use super::*;

#[tokio::test]
async fn calendar_views_have_limits() {
    let simulator = start().await;
    for day in 1..=9 {
        let start = format!("2026-03-0{day}T10:00:00Z");
        let end = format!("2026-03-0{day}T11:00:00Z");
        let item = event(&format!("day {day}"), &start, &end, "");
        simulator.plant(ALICE, "calendar", &item).unwrap();
    }
    let all = call(&simulator, &march(CALENDAR)).await;
    assert_eq!(all.texts("Subject").len(), 9);
    assert_eq!(all.texts("Subject").first().unwrap(), "day 1");
    let some = view(
        CALENDAR,
        "2026-03-02T11:00:00Z",
        "2026-03-31T00:00:00",
        "MaxEntriesReturned=\"3\"",
    );
    let some = call(&simulator, &some).await;
    assert_eq!(some.texts("Subject"), ["day 3", "day 4", "day 5"]);
    assert_eq!(
        some.attributes("RootFolder", "IncludesLastItemInRange"),
        ["false"]
    );
    let long = view(CALENDAR, "2026-03-01T00:00:00Z", "2028-03-01T00:00:01Z", "");
    assert_eq!(
        call(&simulator, &long).await.code(),
        "ErrorCalendarViewRangeTooBig"
    );
    let backwards = view(CALENDAR, "2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z", "");
    assert_eq!(
        call(&simulator, &backwards).await.code(),
        "ErrorCalendarEndDateIsEarlierThanStartDate"
    );
    let inbox = march("<t:DistinguishedFolderId Id=\"inbox\"/>");
    assert_eq!(
        call(&simulator, &inbox).await.code(),
        "ErrorCalendarFolderIsInvalidForCalendarView"
    );
    simulator.limit_find(Some(5));
    assert_eq!(
        call(&simulator, &march(CALENDAR)).await.code(),
        "ErrorExceededFindCountLimit"
    );
    let page = "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:IndexedPageItemView Offset=\"6\" BasePoint=\"Beginning\"/><m:ParentFolderIds><t:DistinguishedFolderId Id=\"calendar\"/></m:ParentFolderIds></m:FindItem>";
    let page = call(&simulator, page).await;
    assert_eq!(page.attributes("RootFolder", "IndexedPagingOffset"), ["9"]);
    assert_eq!(page.attributes("ItemId", "Id").len(), 3);
    let everything = "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:ParentFolderIds><t:DistinguishedFolderId Id=\"calendar\"/></m:ParentFolderIds></m:FindItem>";
    assert_eq!(
        call(&simulator, everything).await.code(),
        "ErrorExceededFindCountLimit"
    );
    let first = "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:IndexedPageItemView Offset=\"0\" BasePoint=\"Beginning\"/><m:ParentFolderIds><t:DistinguishedFolderId Id=\"calendar\"/></m:ParentFolderIds></m:FindItem>";
    let first = call(&simulator, first).await;
    assert_eq!(first.attributes("ItemId", "Id").len(), 5);
    assert_eq!(
        first.attributes("RootFolder", "IncludesLastItemInRange"),
        ["false"]
    );
}

#[tokio::test]
async fn stale_writes_conflict_only_where_the_policy_says_so() {
    let simulator = start().await;
    let item = event("One", "2026-03-05T10:00:00Z", "2026-03-05T11:00:00Z", "");
    let created = call(&simulator, &create("SendToNone", &item)).await;
    let id = created.attributes("ItemId", "Id").concat();
    let key = created.attributes("ItemId", "ChangeKey").concat();
    let write = async |how: &str, uri: &str, property: &str| {
        let reply = call(&simulator, &update(&id, &key, how, uri, property)).await;
        reply.code()
    };
    assert_eq!(
        write(
            "NeverOverwrite",
            "item:Subject",
            "<t:Subject>Two</t:Subject>"
        )
        .await,
        "NoError"
    );
    assert_eq!(
        write(
            "NeverOverwrite",
            "calendar:Location",
            "<t:Location>Here</t:Location>"
        )
        .await,
        "ErrorIrresolvableConflict"
    );
    assert_eq!(
        write(
            "AutoResolve",
            "calendar:Location",
            "<t:Location>Here</t:Location>"
        )
        .await,
        "NoError"
    );
    assert_eq!(
        write(
            "AutoResolve",
            "item:Subject",
            "<t:Subject>Three</t:Subject>"
        )
        .await,
        "ErrorIrresolvableConflict"
    );
    assert_eq!(
        write(
            "AlwaysOverwrite",
            "item:Subject",
            "<t:Subject>Four</t:Subject>"
        )
        .await,
        "NoError"
    );
    assert_eq!(
        write(
            "AlwaysOverwrite",
            "item:Subject",
            "<t:Location>x</t:Location>"
        )
        .await,
        "ErrorUpdatePropertyMismatch"
    );
    assert_eq!(
        write(
            "AlwaysOverwrite",
            "calendar:End",
            "<t:End>2026-03-05T09:00:00Z</t:End>"
        )
        .await,
        "ErrorCalendarEndDateIsEarlierThanStartDate"
    );
    let read = call(&simulator, &get(&format!("<t:ItemId Id=\"{id}\"/>"))).await;
    assert_eq!(read.texts("Subject"), ["Four"]);
    assert_eq!(read.texts("Location"), ["Here"]);
}

#[tokio::test]
async fn meetings_reach_attendees_and_so_do_their_changes() {
    let simulator = start().await;
    let series = format!(
        "{BOB_INVITED}<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2026-03-09</t:StartDate><t:NumberOfOccurrences>3</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>"
    );
    let item = event(
        "Stand-up",
        "2026-03-09T09:00:00Z",
        "2026-03-09T09:15:00Z",
        &series,
    );
    let created = call(&simulator, &create("SendToAllAndSaveCopy", &item)).await;
    let master = created.attributes("ItemId", "Id").concat();
    let bobs = async || call_as(&simulator, BOB, "", &march(CALENDAR)).await;
    assert_eq!(bobs().await.texts("Start").len(), 3);
    assert_eq!(bobs().await.texts("LegacyFreeBusyStatus"), ["Tentative"; 3]);

    // Move the second one: the attendee's moves too.
    let second =
        format!("<t:OccurrenceItemId RecurringMasterId=\"{master}\" InstanceIndex=\"2\"/>");
    let read = call(&simulator, &get(&second)).await;
    assert_eq!(read.texts("OriginalStart"), ["2026-03-10T09:00:00Z"]);
    let id = read.attributes("ItemId", "Id").concat();
    let key = read.attributes("ItemId", "ChangeKey").concat();
    let later = update(
        &id,
        &key,
        "AutoResolve",
        "calendar:End",
        "<t:End>2026-03-10T12:00:00Z</t:End>",
    );
    assert_eq!(call(&simulator, &later).await.code(), "NoError");
    assert_eq!(bobs().await.texts("End")[1], "2026-03-10T12:00:00Z");
    let across = update(
        &id,
        &key,
        "AlwaysOverwrite",
        "calendar:Start",
        "<t:Start>2026-03-09T08:00:00Z</t:Start>",
    );
    assert_eq!(
        call(&simulator, &across).await.code(),
        "ErrorOccurrenceCrossingBoundary"
    );

    // Delete the third one: it is called off for the attendee, and gone for the organizer.
    let third = format!("<t:OccurrenceItemId RecurringMasterId=\"{master}\" InstanceIndex=\"3\"/>");
    let delete = |ids: &str| {
        format!(
            "<m:DeleteItem DeleteType=\"HardDelete\" SendMeetingCancellations=\"SendOnlyToAll\"><m:ItemIds>{ids}</m:ItemIds></m:DeleteItem>"
        )
    };
    assert_eq!(call(&simulator, &delete(&third)).await.code(), "NoError");
    assert_eq!(
        call(&simulator, &get(&third)).await.code(),
        "ErrorCalendarOccurrenceIsDeletedFromRecurrence"
    );
    let fourth = third.replace("\"3\"", "\"4\"");
    assert_eq!(
        call(&simulator, &get(&fourth)).await.code(),
        "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange"
    );
    let after = bobs().await;
    assert_eq!(after.texts("Subject")[2], "Canceled: Stand-up");
    assert_eq!(after.texts("LegacyFreeBusyStatus")[2], "Free");
    assert_eq!(
        call(&simulator, &march(CALENDAR))
            .await
            .texts("Start")
            .len(),
        2
    );
    let whole = call(
        &simulator,
        &get(&format!("<t:RecurringMasterItemId OccurrenceId=\"{id}\"/>")),
    )
    .await;
    assert_eq!(whole.texts("CalendarItemType"), ["RecurringMaster"]);
    assert_eq!(whole.texts("DeletedOccurrence").len(), 1);

    let kinds: Vec<String> = simulator
        .outbox()
        .into_iter()
        .map(|sent| sent.kind)
        .collect();
    assert_eq!(
        kinds,
        ["MeetingRequest", "MeetingRequest", "MeetingCancellation"]
    );
}

#[tokio::test]
async fn availability_is_told_in_the_zone_of_the_request() {
    let simulator = start().await;
    let busy = "<t:LegacyFreeBusyStatus>OOF</t:LegacyFreeBusyStatus><t:Location>Café</t:Location>";
    let item = event("Away", "2026-07-01T08:00:00Z", "2026-07-01T09:00:00Z", busy);
    simulator.plant(BOB, "calendar", &item).unwrap();
    let ask = "<m:GetUserAvailabilityRequest><t:TimeZone><t:Bias>-60</t:Bias><t:StandardTime><t:Bias>0</t:Bias><t:Time>03:00:00</t:Time><t:DayOrder>5</t:DayOrder><t:Month>10</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime><t:DaylightTime><t:Bias>-60</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>5</t:DayOrder><t:Month>3</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime></t:TimeZone><m:MailboxDataArray><t:MailboxData><t:Email><t:Address>bob@example.test</t:Address></t:Email><t:AttendeeType>Required</t:AttendeeType></t:MailboxData><t:MailboxData><t:Email><t:Address>nobody@example.test</t:Address></t:Email><t:AttendeeType>Required</t:AttendeeType></t:MailboxData></m:MailboxDataArray><t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>2026-07-01T09:00:00</t:StartTime><t:EndTime>2026-07-01T12:00:00</t:EndTime></t:TimeWindow><t:MergedFreeBusyIntervalInMinutes>60</t:MergedFreeBusyIntervalInMinutes><t:RequestedView>DetailedMerged</t:RequestedView></t:FreeBusyViewOptions></m:GetUserAvailabilityRequest>";
    let hidden = call(&simulator, ask).await;
    assert_eq!(hidden.texts("StartTime"), ["2026-07-01T10:00:00"]);
    assert_eq!(hidden.texts("MergedFreeBusy"), ["030"]);
    assert_eq!(hidden.texts("FreeBusyViewType"), ["FreeBusyMerged"]);
    assert_eq!(
        hidden.texts("ResponseCode"),
        ["NoError", "ErrorMailRecipientNotFound"]
    );
    simulator
        .grant(BOB, ALICE, CalendarRights::Reviewer)
        .unwrap();
    let open = call(&simulator, ask).await;
    assert_eq!(open.texts("Location"), ["Café"]);
    let long = ask.replace("2026-07-01T12", "2026-09-30T12");
    assert_eq!(
        call(&simulator, &long).await.code(),
        "ErrorTimeIntervalTooBig"
    );
}

#[tokio::test]
async fn the_seeded_week_has_its_exceptions() {
    let simulator = Simulator::builder()
        .now("2026-03-04T12:00:00Z".parse().unwrap())
        .seed_agenda(true)
        .record(true)
        .start()
        .await
        .unwrap();
    let week = view(CALENDAR, "2026-03-02T00:00:00Z", "2026-03-16T00:00:00Z", "");
    let week = call(&simulator, &week).await;
    assert_eq!(
        week.texts("Subject"),
        [
            "Team meeting (moved)",
            "Design review",
            "Company outing",
            "Call with New York"
        ]
    );
    assert_eq!(week.texts("Start")[3], "2026-03-05T14:00:00Z");
    let occurrence = week.attributes("ItemId", "Id").swap_remove(0);
    simulator.remove(&occurrence).unwrap();
    assert_eq!(
        call(
            &simulator,
            &get(&format!("<t:ItemId Id=\"{occurrence}\"/>"))
        )
        .await
        .code(),
        "ErrorCalendarOccurrenceIsDeletedFromRecurrence"
    );
    let exchange = simulator.exchanges().swap_remove(0);
    assert_eq!(exchange.operation, "FindItem");
    assert_eq!(exchange.identity, ALICE);
    assert!(
        exchange
            .headers
            .iter()
            .all(|(name, _)| name != "authorization")
    );
}

#[tokio::test]
async fn attendees_answer_and_organizers_cannot() {
    let simulator = start().await;
    let item = event(
        "Lunch",
        "2026-03-05T11:00:00Z",
        "2026-03-05T12:00:00Z",
        BOB_INVITED,
    );
    let created = call(&simulator, &create("SendOnlyToAll", &item)).await;
    let own = created.attributes("ItemId", "Id").concat();
    let answer = |element: &str, id: &str| {
        format!(
            "<m:CreateItem MessageDisposition=\"SendAndSaveCopy\"><m:Items><t:{element}><t:ReferenceItemId Id=\"{id}\"/></t:{element}></m:Items></m:CreateItem>"
        )
    };
    let refused = call(&simulator, &answer("DeclineItem", &own)).await;
    assert_eq!(refused.code(), "ErrorCalendarIsOrganizerForDecline");
    let [request] = simulator
        .item_ids(BOB, "inbox")
        .unwrap()
        .try_into()
        .unwrap();
    let reply = call_as(
        &simulator,
        BOB,
        "",
        &answer("TentativelyAcceptItem", &request),
    )
    .await;
    assert_eq!(reply.code(), "NoError");
    assert_eq!(simulator.item_ids(BOB, "inbox").unwrap().len(), 0);
    let read = call(&simulator, &get(&format!("<t:ItemId Id=\"{own}\"/>"))).await;
    assert_eq!(read.texts("ResponseType"), ["Tentative"]);
    let [bobs] = simulator
        .item_ids(BOB, "calendar")
        .unwrap()
        .try_into()
        .unwrap();
    assert!(
        simulator
            .item_xml(&bobs)
            .unwrap()
            .contains("<t:MyResponseType>Tentative<")
    );
    let reply = call_as(&simulator, BOB, "", &answer("DeclineItem", &bobs)).await;
    assert_eq!(reply.code(), "NoError");
    assert_eq!(simulator.item_ids(BOB, "calendar").unwrap().len(), 0);
    let read = call(&simulator, &get(&format!("<t:ItemId Id=\"{own}\"/>"))).await;
    assert_eq!(read.texts("ResponseType"), ["Decline"]);
    let subjects: Vec<String> = simulator
        .outbox()
        .into_iter()
        .map(|sent| sent.subject)
        .collect();
    assert_eq!(subjects, ["Lunch", "Tentative: Lunch", "Declined: Lunch"]);
}

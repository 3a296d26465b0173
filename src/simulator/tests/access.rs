//! Whose calendar may be read and written.

use super::*;

#[tokio::test]
async fn calendars_are_shared_by_right() {
    let simulator = start().await;
    let id = simulator
        .plant(
            BOB,
            "calendar",
            &event("Secret", "2026-03-05T10:00:00Z", "2026-03-05T11:00:00Z", ""),
        )
        .unwrap();
    let folder = format!(
        "<t:DistinguishedFolderId Id=\"calendar\"><t:Mailbox><t:EmailAddress>{BOB}</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>"
    );
    let item = format!("<t:ItemId Id=\"{id}\"/>");
    assert_eq!(
        call(&simulator, &march(&folder)).await.code(),
        "ErrorAccessDenied"
    );
    assert_eq!(
        call(&simulator, &get(&item)).await.code(),
        "ErrorAccessDenied"
    );
    let nobody = folder.replace(BOB, "nobody@example.test");
    assert_eq!(
        call(&simulator, &march(&nobody)).await.code(),
        "ErrorNonExistentMailbox"
    );

    simulator
        .grant(BOB, ALICE, CalendarRights::Reviewer)
        .unwrap();
    assert_eq!(
        call(&simulator, &march(&folder)).await.texts("Subject"),
        ["Secret"]
    );
    let read = call(&simulator, &get(&item)).await;
    assert_eq!(read.texts("Modify"), ["false"]);
    let key = read.attributes("ItemId", "ChangeKey").concat();
    let change = update(
        &id,
        &key,
        "AutoResolve",
        "item:Subject",
        "<t:Subject>Mine</t:Subject>",
    );
    assert_eq!(call(&simulator, &change).await.code(), "ErrorAccessDenied");
    simulator.grant(BOB, ALICE, CalendarRights::Editor).unwrap();
    assert_eq!(call(&simulator, &change).await.code(), "NoError");
    assert!(
        simulator
            .item_xml(&id)
            .unwrap()
            .contains("<t:Subject>Mine</t:Subject>")
    );
}

#[tokio::test]
async fn impersonation_needs_the_role() {
    let simulator = start().await;
    simulator
        .plant(
            BOB,
            "calendar",
            &event("Bob's", "2026-03-05T10:00:00Z", "2026-03-05T11:00:00Z", ""),
        )
        .unwrap();
    let header = |address: &str| {
        format!(
            "<t:ExchangeImpersonation><t:ConnectingSID><t:SmtpAddress>{address}</t:SmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>"
        )
    };
    let as_bob = async || call_as(&simulator, ALICE, &header(BOB), &march(CALENDAR)).await;
    let denied = as_bob().await;
    assert_eq!(
        (denied.status, denied.code().as_str()),
        (500, "ErrorImpersonateUserDenied")
    );
    simulator.allow_impersonation(ALICE).unwrap();
    assert_eq!(as_bob().await.texts("Subject"), ["Bob's"]);
    let nobody = call_as(
        &simulator,
        ALICE,
        &header("nobody@example.test"),
        &march(CALENDAR),
    )
    .await;
    assert_eq!(nobody.code(), "ErrorNonExistentMailbox");
}

#[tokio::test]
async fn private_items_show_their_time_and_nothing_else() {
    let simulator = start().await;
    let private = format!(
        "<t:CalendarItem><t:Subject>Doctor</t:Subject><t:Sensitivity>Private</t:Sensitivity><t:Body BodyType=\"Text\">knee</t:Body><t:Start>2026-03-05T10:00:00Z</t:Start><t:End>2026-03-05T11:00:00Z</t:End><t:Location>Clinic</t:Location>{}</t:CalendarItem>",
        BOB_INVITED.replace(BOB, "carol@example.test")
    );
    let id = simulator.plant(BOB, "calendar", &private).unwrap();
    let item = get(&format!("<t:ItemId Id=\"{id}\"/>"));
    let folder = format!(
        "<t:DistinguishedFolderId Id=\"calendar\"><t:Mailbox><t:EmailAddress>{BOB}</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>"
    );
    simulator.grant(BOB, ALICE, CalendarRights::Editor).unwrap();
    for request in [march(&folder), item.clone()] {
        let seen = call(&simulator, &request).await;
        assert_eq!(seen.texts("Subject"), ["Private Appointment"]);
        assert_eq!(seen.texts("Start"), ["2026-03-05T10:00:00Z"]);
        assert_eq!(seen.texts("LegacyFreeBusyStatus"), ["Busy"]);
        for secret in ["knee", "Clinic", "Doctor", "carol", "Bob"] {
            assert!(!seen.body.contains(secret), "{secret}: {}", seen.body);
        }
    }
    let seen = call(&simulator, &item).await;
    assert_eq!(seen.texts("ViewPrivateItems"), ["false"]);
    assert_eq!(seen.texts("Sensitivity"), ["Private"]);
    let search = format!(
        "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:Restriction><t:IsEqualTo><t:FieldURI FieldURI=\"item:Subject\"/><t:FieldURIOrConstant><t:Constant Value=\"Doctor\"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction><m:ParentFolderIds>{folder}</m:ParentFolderIds></m:FindItem>"
    );
    let found = async || call(&simulator, &search).await.attributes("ItemId", "Id");
    assert_eq!(found().await.len(), 0);
    let key = seen.attributes("ItemId", "ChangeKey").concat();
    let change = update(
        &id,
        &key,
        "AlwaysOverwrite",
        "item:Subject",
        "<t:Subject>Mine</t:Subject>",
    );
    assert_eq!(call(&simulator, &change).await.code(), "ErrorAccessDenied");

    simulator
        .grant_private(BOB, ALICE, CalendarRights::Editor)
        .unwrap();
    let seen = call(&simulator, &item).await;
    assert_eq!(seen.texts("Subject"), ["Doctor"]);
    assert_eq!(seen.texts("ViewPrivateItems"), ["true"]);
    assert_eq!(found().await.len(), 1);
    assert_eq!(call(&simulator, &change).await.code(), "NoError");
}

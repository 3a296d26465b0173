//! Drafts, sending, delivery, and what comes back.

use super::*;

const CAROL: &str = "carol@example.test";

fn mailbox(address: &str) -> String {
    format!("<t:Mailbox><t:EmailAddress>{address}</t:EmailAddress></t:Mailbox>")
}

fn to(addresses: &[&str]) -> String {
    let list: String = addresses.iter().copied().map(mailbox).collect();
    format!("<t:ToRecipients>{list}</t:ToRecipients>")
}

fn message(subject: &str, more: &str) -> String {
    format!(
        "<t:Message><t:Subject>{subject}</t:Subject><t:Body BodyType=\"Text\">Hi</t:Body>{more}</t:Message>"
    )
}

fn create_mail(disposition: &str, item: &str) -> String {
    format!(
        "<m:CreateItem MessageDisposition=\"{disposition}\"><m:Items>{item}</m:Items></m:CreateItem>"
    )
}

fn send_item(reply: &Reply, more: &str) -> String {
    let id = reply.attributes("ItemId", "Id").concat();
    let key = reply.attributes("ItemId", "ChangeKey").concat();
    format!(
        "<m:SendItem SaveItemToFolder=\"true\"><m:ItemIds><t:ItemId Id=\"{id}\" ChangeKey=\"{key}\"/></m:ItemIds>{more}</m:SendItem>"
    )
}

/// The XML of all items of a folder.
fn items(simulator: &Simulator, who: &str, folder: &str) -> Vec<String> {
    let ids = simulator.item_ids(who, folder).unwrap();
    ids.iter()
        .map(|id| simulator.item_xml(id).unwrap())
        .collect()
}

fn only(simulator: &Simulator, who: &str, folder: &str) -> String {
    let mut all = items(simulator, who, folder);
    assert_eq!(all.len(), 1, "{folder} of {who}: {all:#?}");
    all.remove(0)
}

#[tokio::test]
async fn a_message_goes_to_everybody_and_a_copy_is_kept() {
    let simulator = start().await;
    let more = format!(
        "{}<t:CcRecipients>{}{}</t:CcRecipients><t:BccRecipients>{}</t:BccRecipients><t:ReplyTo>{}</t:ReplyTo>",
        to(&[BOB]),
        mailbox("team@example.test"),
        mailbox("x@elsewhere.test"),
        mailbox(CAROL),
        mailbox("answers@example.test"),
    );
    let header = "<t:ExtendedProperty><t:ExtendedFieldURI DistinguishedPropertySetId=\"InternetHeaders\" PropertyName=\"X-Campaign\" PropertyType=\"String\"/><t:Value>spring</t:Value></t:ExtendedProperty>";
    let mail = message(
        "Hello",
        &format!("<t:Importance>High</t:Importance>{header}{more}"),
    );
    let sent = call(&simulator, &create_mail("SendAndSaveCopy", &mail)).await;
    assert_eq!(
        (sent.code(), sent.texts("ItemId").len()),
        ("NoError".to_owned(), 0)
    );
    let copy = only(&simulator, ALICE, "sentitems");
    assert!(copy.contains("<t:BccRecipients>") && copy.contains("<t:IsDraft>false"));
    assert!(copy.contains("<t:IsRead>true") && copy.contains("<t:IsFromMe>true"));
    for who in [BOB, CAROL] {
        let got = only(&simulator, who, "inbox");
        assert!(!got.contains("BccRecipients"), "{got}");
        assert!(got.contains("<t:IsRead>false") && got.contains("<t:Importance>High"));
        assert!(got.contains("HeaderName=\"X-Campaign\">spring</"), "{got}");
        assert!(got.contains("<t:ReplyTo>") && got.contains("Alice Adler"));
        assert!(got.contains("<t:Name>Bob Berger</t:Name>"));
    }
    let [out] = simulator.outbox().try_into().unwrap();
    assert_eq!(out.external, ["desk@elsewhere.test", "x@elsewhere.test"]);
    let id = out.message_id.unwrap();
    assert!(copy.contains(&id.replace('<', "&lt;").replace('>', "&gt;")));
    let mime = String::from_utf8(out.mime.unwrap()).unwrap();
    assert!(mime.contains("X-Campaign: spring\r\n") && !mime.to_lowercase().contains("bcc"));
    let mut got = simulator.deliveries(&id);
    got.sort();
    let all = [ALICE, BOB, CAROL, "desk@elsewhere.test", "x@elsewhere.test"];
    assert_eq!(got, all);
}

#[tokio::test]
async fn without_receivers_nothing_leaves_and_the_draft_stays() {
    let simulator = start().await;
    let draft = call(&simulator, &create_mail("SaveOnly", &message("Draft", ""))).await;
    let refused = call(&simulator, &send_item(&draft, "")).await;
    assert_eq!(refused.code(), "ErrorInvalidRecipients");
    let direct = create_mail("SendOnly", &message("Direct", ""));
    assert_eq!(
        call(&simulator, &direct).await.code(),
        "ErrorInvalidRecipients"
    );
    let kept = only(&simulator, ALICE, "drafts");
    assert!(kept.contains("<t:IsDraft>true</t:IsDraft>"));
    assert_eq!(
        (
            simulator.outbox(),
            items(&simulator, ALICE, "sentitems").len()
        ),
        (vec![], 0)
    );
}

#[tokio::test]
async fn the_copy_goes_where_it_is_wanted() {
    let simulator = start().await;
    let mail = message("Mail", &to(&[BOB]));
    let draft = call(&simulator, &create_mail("SaveOnly", &mail)).await;
    let folder =
        "<m:SavedItemFolderId><t:DistinguishedFolderId Id=\"journal\"/></m:SavedItemFolderId>";
    let sent = call(&simulator, &send_item(&draft, folder)).await;
    assert_eq!(sent.code(), "NoError");
    only(&simulator, ALICE, "journal");
    let again = call(&simulator, &send_item(&draft, "")).await;
    assert_eq!(again.code(), "ErrorItemNotFound");
    let direct = create_mail("SendOnly", &mail);
    assert_eq!(call(&simulator, &direct).await.code(), "NoError");
    assert_eq!(items(&simulator, ALICE, "sentitems").len(), 0);
    assert_eq!(items(&simulator, BOB, "inbox").len(), 2);
}

#[tokio::test]
async fn a_changed_draft_needs_its_new_key() {
    let simulator = start().await;
    let draft = call(
        &simulator,
        &create_mail("SaveOnly", &message("One", &to(&[BOB]))),
    )
    .await;
    let id = draft.attributes("ItemId", "Id").concat();
    simulator.alter(&id, "item:Subject", "Two").unwrap();
    let stale = call(&simulator, &send_item(&draft, "")).await;
    assert_eq!(stale.code(), "ErrorStaleObject");
    only(&simulator, ALICE, "drafts");
}

#[tokio::test]
async fn nobody_sends_in_another_name_without_the_right() {
    let simulator = start().await;
    let mail = message(
        "For Bob",
        &format!("{}<t:From>{}</t:From>", to(&[CAROL]), mailbox(BOB)),
    );
    let send = create_mail("SendAndSaveCopy", &mail);
    assert_eq!(call(&simulator, &send).await.code(), "ErrorSendAsDenied");
    simulator.allow_send_on_behalf(BOB, ALICE).unwrap();
    assert_eq!(call(&simulator, &send).await.code(), "NoError");
    simulator.allow_send_as(BOB, ALICE).unwrap();
    assert_eq!(call(&simulator, &send).await.code(), "NoError");
    let [behalf, send_as] = items(&simulator, CAROL, "inbox").try_into().unwrap();
    let part = |xml: &str, name: &str| {
        let xml = xml.split(&format!("<t:{name}>")).nth(1).unwrap().to_owned();
        xml.split("</t:EmailAddress>").next().unwrap().to_owned()
    };
    assert!(part(&behalf, "Sender").ends_with(ALICE) && part(&behalf, "From").ends_with(BOB));
    assert!(part(&send_as, "Sender").ends_with(BOB) && part(&send_as, "From").ends_with(BOB));
}

#[tokio::test]
async fn what_cannot_be_delivered_comes_back() {
    let simulator = start().await;
    let mail = message("Lost", &to(&["nobody@example.test", BOB]));
    let sent = call(&simulator, &create_mail("SendOnly", &mail)).await;
    assert_eq!(sent.code(), "NoError");
    only(&simulator, BOB, "inbox");
    let back = only(&simulator, ALICE, "inbox");
    assert!(back.contains("<t:ItemClass>REPORT.IPM.Note.NDR</t:ItemClass>"));
    assert!(back.contains("Undeliverable: Lost") && back.contains("nobody@example.test"));
}

#[tokio::test]
async fn deferred_mail_waits_in_the_outbox() {
    let simulator = start().await;
    let later = "<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag=\"0x3fef\" PropertyType=\"SystemTime\"/><t:Value>2026-03-04T13:00:00Z</t:Value></t:ExtendedProperty>";
    let mail = message("Later", &format!("{later}{}", to(&[BOB])));
    let sent = call(&simulator, &create_mail("SendAndSaveCopy", &mail)).await;
    assert_eq!(sent.code(), "NoError");
    let waiting = only(&simulator, ALICE, "outbox");
    assert!(waiting.contains("<t:IsSubmitted>true"));
    simulator.advance(std::time::Duration::from_secs(3599));
    assert_eq!(items(&simulator, BOB, "inbox").len(), 0);
    simulator.advance(std::time::Duration::from_secs(1));
    let got = only(&simulator, BOB, "inbox");
    assert!(
        got.contains("<t:DateTimeSent>2026-03-04T13:00:00Z"),
        "{got}"
    );
    only(&simulator, ALICE, "sentitems");
    assert_eq!(items(&simulator, ALICE, "outbox").len(), 0);
}

#[tokio::test]
async fn receipts_come_back_once() {
    let simulator = start().await;
    let wants = "<t:IsReadReceiptRequested>true</t:IsReadReceiptRequested><t:IsDeliveryReceiptRequested>true</t:IsDeliveryReceiptRequested>";
    for subject in ["One", "Two"] {
        let mail = message(subject, &format!("{}{wants}", to(&[BOB])));
        call(&simulator, &create_mail("SendOnly", &mail)).await;
    }
    assert_eq!(items(&simulator, ALICE, "inbox").len(), 2);
    let ids = simulator.item_ids(BOB, "inbox").unwrap();
    let read = |id: &str, read: bool, more: &str| {
        format!(
            "<m:UpdateItem ConflictResolution=\"AlwaysOverwrite\" MessageDisposition=\"SaveOnly\"{more}><m:ItemChanges><t:ItemChange><t:ItemId Id=\"{id}\"/><t:Updates><t:SetItemField><t:FieldURI FieldURI=\"message:IsRead\"/><t:Message><t:IsRead>{read}</t:IsRead></t:Message></t:SetItemField></t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>"
        )
    };
    for flag in [true, false, true] {
        let done = call_as(&simulator, BOB, "", &read(&ids[0], flag, "")).await;
        assert_eq!(done.code(), "NoError");
    }
    let quiet = read(&ids[1], true, " SuppressReadReceipts=\"true\"");
    assert_eq!(call_as(&simulator, BOB, "", &quiet).await.code(), "NoError");
    let inbox = items(&simulator, ALICE, "inbox");
    let classes = |class: &str| inbox.iter().filter(|one| one.contains(class)).count();
    assert_eq!(classes("REPORT.IPM.Note.DR<"), 2);
    assert_eq!(classes("REPORT.IPM.Note.IPNRN<"), 1);
}

#[tokio::test]
async fn sizes_quotas_and_numbers_are_limited() {
    let simulator = start().await;
    let send = |text: &str, people: &[&str]| {
        let mail = message("Mail", &to(people)).replace(">Hi<", &format!(">{text}<"));
        create_mail("SendOnly", &mail)
    };
    simulator.set_limits(Limits::default().message_size(5000));
    let large = send(&"x".repeat(5000), &[BOB]);
    assert_eq!(
        call(&simulator, &large).await.code(),
        "ErrorMessageSizeExceeded"
    );
    simulator.set_limits(Limits::default().mailbox(20_000));
    assert_eq!(
        call(&simulator, &send(&"x".repeat(10_000), &[BOB]))
            .await
            .code(),
        "NoError"
    );
    assert_eq!(
        call(&simulator, &send(&"x".repeat(10_000), &[BOB]))
            .await
            .code(),
        "NoError"
    );
    only(&simulator, BOB, "inbox");
    let full = only(&simulator, ALICE, "inbox");
    assert!(full.contains("5.2.2"), "{full}");
    simulator.set_limits(Limits::default().sending(100));
    assert_eq!(
        call(&simulator, &send("x", &[BOB])).await.code(),
        "ErrorQuotaExceeded"
    );
    simulator.set_limits(Limits::default().recipients(1));
    assert_eq!(
        call(&simulator, &send("x", &[BOB, CAROL])).await.code(),
        "NoError"
    );
    assert_eq!(items(&simulator, CAROL, "inbox").len(), 0);
    simulator.set_limits(Limits::default().request(2000));
    let reply = post(&simulator, ALICE, &"x".repeat(2001)).await.unwrap();
    assert_eq!(reply.status, 413);
}

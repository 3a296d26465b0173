//! Replies and forwarded messages.

use super::*;

const CAROL: &str = "carol@example.test";

async fn respond(simulator: &Simulator, who: &str, how: &str, id: &str, more: &str) -> Reply {
    let (disposition, element) = how.split_once(' ').unwrap();
    let body = format!(
        "<m:CreateItem MessageDisposition=\"{disposition}\"><m:Items><t:{element}>{more}<t:ReferenceItemId Id=\"{id}\"/><t:NewBodyContent BodyType=\"HTML\">&lt;p&gt;My words&lt;/p&gt;</t:NewBodyContent></t:{element}></m:Items></m:CreateItem>"
    );
    call_as(simulator, who, "", &body).await
}

/// A message from alice to bob and carol with a file and a picture, as bob has it.
async fn received(simulator: &Simulator) -> String {
    let mail = "<m:CreateItem MessageDisposition=\"SendOnly\"><m:Items><t:Message><t:Subject>Lunch</t:Subject><t:Body BodyType=\"HTML\">&lt;p&gt;Original&lt;/p&gt;</t:Body><t:Attachments><t:FileAttachment><t:Name>menu.pdf</t:Name><t:Content>AAEC</t:Content></t:FileAttachment><t:FileAttachment><t:Name>logo.png</t:Name><t:ContentId>logo</t:ContentId><t:IsInline>true</t:IsInline><t:Content>AAEC</t:Content></t:FileAttachment></t:Attachments><t:ToRecipients><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:ToRecipients><t:CcRecipients><t:Mailbox><t:EmailAddress>carol@example.test</t:EmailAddress></t:Mailbox></t:CcRecipients></t:Message></m:Items></m:CreateItem>";
    assert_eq!(call(simulator, mail).await.code(), "NoError");
    simulator.item_ids(BOB, "inbox").unwrap().remove(0)
}

fn newest(simulator: &Simulator, who: &str, folder: &str) -> String {
    let id = simulator.item_ids(who, folder).unwrap().pop().unwrap();
    simulator.item_xml(&id).unwrap()
}

fn element(xml: &str, name: &str) -> String {
    let start = format!("<t:{name}");
    let part = xml.split_once(&start).map_or("", |(_, rest)| rest);
    part.split(&format!("</t:{name}>"))
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_reply_goes_to_the_sender_within_the_conversation() {
    let simulator = start().await;
    let id = received(&simulator).await;
    let original = simulator.item_xml(&id).unwrap();
    let done = respond(&simulator, BOB, "SendAndSaveCopy ReplyToItem", &id, "").await;
    assert_eq!(done.code(), "NoError");
    let reply = newest(&simulator, ALICE, "inbox");
    assert!(reply.contains("<t:Subject>RE: Lunch</t:Subject>"));
    let body = element(&reply, "Body");
    assert!(body.find("My words") < body.find("Alice Adler"));
    assert!(body.find("Alice Adler") < body.find("Original"));
    assert!(!reply.contains("<t:CcRecipients>") && !reply.contains("menu.pdf"));
    assert!(reply.contains("logo.png"));
    let message_id = element(&original, "InternetMessageId");
    assert_eq!(element(&reply, "InReplyTo"), message_id);
    assert_eq!(element(&reply, "References"), message_id);
    assert_eq!(element(&reply, "ConversationTopic"), ">Lunch");
    assert!(
        newest(&simulator, BOB, "sentitems")
            .matches("RE: Lunch")
            .count()
            > 0
    );
    let conversation = |xml: &str| {
        let id = xml.split("<t:ConversationId Id=\"").nth(1).unwrap();
        ids::conversation_of(id.split('"').next().unwrap()).unwrap()
    };
    assert_eq!(conversation(&reply), conversation(&original));
    // A second answer does not pile up prefixes, and knows the whole thread.
    let id = simulator.item_ids(ALICE, "inbox").unwrap().remove(0);
    respond(&simulator, ALICE, "SendOnly ReplyToItem", &id, "").await;
    let third = newest(&simulator, BOB, "inbox");
    assert!(third.contains("<t:Subject>RE: Lunch</t:Subject>"));
    assert_eq!(element(&third, "References").matches("&lt;").count(), 2);
}

#[tokio::test]
async fn a_reply_to_all_leaves_out_the_one_who_answers() {
    let simulator = start().await;
    let id = received(&simulator).await;
    let draft = respond(&simulator, BOB, "SaveOnly ReplyAllToItem", &id, "").await;
    assert_eq!(draft.code(), "NoError");
    let id = draft.attributes("ItemId", "Id").concat();
    let draft = simulator.item_xml(&id).unwrap();
    assert!(draft.contains("<t:IsDraft>true"));
    assert!(element(&draft, "ToRecipients").contains(ALICE));
    assert!(element(&draft, "CcRecipients").contains(CAROL));
    assert!(!draft.contains("<t:ToRecipients><t:Mailbox><t:Name>Bob"));
    assert_eq!(simulator.item_ids(BOB, "drafts").unwrap(), [id]);
    // Where the sender wants the answers elsewhere, they go there.
    let planted = simulator
        .plant(
            BOB,
            "inbox",
            "<t:Message><t:Subject>News</t:Subject><t:From><t:Mailbox><t:EmailAddress>alice@example.test</t:EmailAddress></t:Mailbox></t:From><t:ReplyTo><t:Mailbox><t:EmailAddress>list@elsewhere.test</t:EmailAddress></t:Mailbox></t:ReplyTo></t:Message>",
        )
        .unwrap();
    respond(&simulator, BOB, "SendOnly ReplyToItem", &planted, "").await;
    let sent = simulator.outbox().pop().unwrap();
    assert_eq!(sent.to, ["list@elsewhere.test"]);
}

#[tokio::test]
async fn a_forward_takes_the_files_along() {
    let simulator = start().await;
    let id = received(&simulator).await;
    let to = "<t:Subject>Look</t:Subject><t:ToRecipients><t:Mailbox><t:EmailAddress>carol@example.test</t:EmailAddress></t:Mailbox></t:ToRecipients>";
    let refused = respond(&simulator, BOB, "SendOnly ForwardItem", &id, "").await;
    assert_eq!(refused.code(), "ErrorInvalidRecipients");
    let done = respond(&simulator, BOB, "SendOnly ForwardItem", &id, to).await;
    assert_eq!(done.code(), "NoError");
    let got = newest(&simulator, CAROL, "inbox");
    assert!(got.contains("menu.pdf") && got.contains("logo.png"));
    assert!(got.contains("<t:Subject>Look</t:Subject>") && got.contains("Original"));
    let draft = respond(&simulator, BOB, "SaveOnly ForwardItem", &id, "").await;
    let id = draft.attributes("ItemId", "Id").concat();
    assert!(
        simulator
            .item_xml(&id)
            .unwrap()
            .contains("<t:Subject>FW: Lunch</t:Subject>")
    );
}

//! MIME in and out, filters, searches and flags on messages.

use super::*;

fn create_mime(disposition: &str, mime: &[u8], more: &str) -> String {
    let content = STANDARD.encode(mime);
    format!(
        "<m:CreateItem MessageDisposition=\"{disposition}\"><m:Items><t:Message><t:MimeContent CharacterSet=\"UTF-8\">{content}</t:MimeContent>{more}</t:Message></m:Items></m:CreateItem>"
    )
}

fn get_mime(id: &str) -> String {
    format!(
        "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:IncludeMimeContent>true</t:IncludeMimeContent></m:ItemShape><m:ItemIds><t:ItemId Id=\"{id}\"/></m:ItemIds></m:GetItem>"
    )
}

async fn mime_of(simulator: &Simulator, who: &str, id: &str) -> Vec<u8> {
    let answer = call_as(simulator, who, "", &get_mime(id)).await;
    STANDARD
        .decode(answer.texts("MimeContent").concat())
        .unwrap()
}

fn update_message(id: &str, updates: &str) -> String {
    format!(
        "<m:UpdateItem ConflictResolution=\"AlwaysOverwrite\" MessageDisposition=\"SaveOnly\"><m:ItemChanges><t:ItemChange><t:ItemId Id=\"{id}\"/><t:Updates>{updates}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>"
    )
}

fn set(uri: &str, property: &str) -> String {
    format!(
        "<t:SetItemField><t:FieldURI FieldURI=\"{uri}\"/><t:Message>{property}</t:Message></t:SetItemField>"
    )
}

/// Awkward messages: 8-bit, odd character sets, signed, nested, long headers, bare line feeds.
fn awkward() -> Vec<Vec<u8>> {
    let head = "From: alice@example.test\r\nTo: bob@example.test\r\nMessage-ID: <x@y.test>\r\nDate: Wed, 4 Mar 2026 12:00:00 +0000\r\n";
    let long = "word ".repeat(300);
    let mut eight_bit = format!("{head}Subject: caf").into_bytes();
    eight_bit.extend(b"\xe9\r\nContent-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\x80 100\r\n");
    vec![
        eight_bit,
        format!("{head}Subject: =?koi8-r?B?8NLJ18XU?=\r\nContent-Type: text/html; charset=koi8-r\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>=F0=D2=C9=D7=C5=D4</p>=\r\n\r\n").into_bytes(),
        format!("{head}Subject: signed\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nBody  \r\n--b\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB\r\n--b--\r\nepilogue").into_bytes(),
        format!("{head}Subject: nested\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner\r\n").into_bytes(),
        format!("{head}Subject: long\r\nX-Long: {long}\r\n\r\ntext\r\n").into_bytes(),
        format!("{head}Subject: bare\n\nline\nfeeds\r\nmixed").into_bytes(),
    ]
}

#[tokio::test]
async fn mime_that_is_not_changed_comes_back_as_it_was() {
    let simulator = start().await;
    for mime in awkward() {
        let created = call(&simulator, &create_mime("SaveOnly", &mime, "")).await;
        let id = created.attributes("ItemId", "Id").concat();
        assert_eq!(mime_of(&simulator, ALICE, &id).await, mime);
        // What is about the copy and not about the message leaves it alone.
        let outside = [
            set("message:IsRead", "<t:IsRead>false</t:IsRead>"),
            set(
                "item:Categories",
                "<t:Categories><t:String>Red</t:String></t:Categories>",
            ),
        ];
        let done = call(&simulator, &update_message(&id, &outside.concat())).await;
        assert_eq!(done.code(), "NoError");
        assert_eq!(mime_of(&simulator, ALICE, &id).await, mime);
        let changed = set("item:Subject", "<t:Subject>Other</t:Subject>");
        call(&simulator, &update_message(&id, &changed)).await;
        let other = mime_of(&simulator, ALICE, &id).await;
        assert!(String::from_utf8_lossy(&other).contains("Subject: Other\r\n"));
    }
    let bad = call(
        &simulator,
        &create_mime("SaveOnly", b"x", "").replace("eA==", "e!"),
    )
    .await;
    assert_eq!(bad.code(), "ErrorMimeContentInvalidBase64String");
}

#[tokio::test]
async fn mime_is_sent_without_blind_copies_and_seen_as_properties() {
    let simulator = start().await;
    let mime = b"To: Bob <bob@example.test>\r\nBcc: carol@example.test\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHi\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--b--\r\n";
    let sent = call(&simulator, &create_mime("SendAndSaveCopy", mime, "")).await;
    assert_eq!(sent.code(), "NoError");
    for who in [BOB, "carol@example.test"] {
        let [id] = simulator
            .item_ids(who, "inbox")
            .unwrap()
            .try_into()
            .unwrap();
        let xml = simulator.item_xml(&id).unwrap();
        assert!(xml.contains("<t:Subject>Grüße</t:Subject>") && xml.contains("a.pdf"));
        assert!(xml.contains("<t:HasAttachments>true") && xml.contains("Alice Adler"));
        let mime = String::from_utf8(mime_of(&simulator, who, &id).await).unwrap();
        assert!(!mime.contains("Bcc") && !mime.contains("carol"), "{mime}");
        assert!(mime.contains("Message-ID: <") && mime.contains("AAEC"));
    }
    let [copy] = simulator
        .item_ids(ALICE, "sentitems")
        .unwrap()
        .try_into()
        .unwrap();
    assert!(
        simulator
            .item_xml(&copy)
            .unwrap()
            .contains("carol@example.test")
    );
    // In another name it is refused, as any message is.
    let foreign = create_mime(
        "SendOnly",
        b"From: bob@example.test\r\nTo: x@y.test\r\n\r\nHi",
        "",
    );
    assert_eq!(call(&simulator, &foreign).await.code(), "ErrorSendAsDenied");
}

#[tokio::test]
async fn attached_messages_have_mime_both_ways() {
    let simulator = start().await;
    let draft = call(
        &simulator,
        &create_mime("SaveOnly", b"Subject: Outer\r\n\r\nHi", ""),
    )
    .await;
    let id = draft.attributes("ItemId", "Id").concat();
    let inner = b"Subject: Inner\r\nX-Odd:   spaces  \r\n\r\nText";
    let attach = format!(
        "<m:CreateAttachment><m:ParentItemId Id=\"{id}\"/><m:Attachments><t:ItemAttachment><t:Name>Inner</t:Name><t:Message><t:MimeContent>{}</t:MimeContent></t:Message></t:ItemAttachment></m:Attachments></m:CreateAttachment>",
        STANDARD.encode(inner)
    );
    let attached = call(&simulator, &attach).await;
    let attachment = attached.attributes("AttachmentId", "Id").concat();
    let get = format!(
        "<m:GetAttachment><m:AttachmentShape><t:IncludeMimeContent>true</t:IncludeMimeContent></m:AttachmentShape><m:AttachmentIds><t:AttachmentId Id=\"{attachment}\"/></m:AttachmentIds></m:GetAttachment>"
    );
    let got = call(&simulator, &get).await;
    assert_eq!(got.texts("MimeContent"), [STANDARD.encode(inner)]);
    assert_eq!(got.texts("Subject"), ["Inner"]);
    let whole = mime_of(&simulator, ALICE, &id).await;
    let whole = String::from_utf8(whole).unwrap();
    assert!(whole.contains("message/rfc822") && whole.contains("X-Odd:   spaces  \r\n"));
}

/// The subjects that FindItem finds in alice's Inbox.
async fn find(simulator: &Simulator, more: &str, query: &str) -> Reply {
    let body = format!(
        "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties><t:FieldURI FieldURI=\"item:Subject\"/></t:AdditionalProperties></m:ItemShape>{more}<m:ParentFolderIds><t:DistinguishedFolderId Id=\"inbox\"/></m:ParentFolderIds>{query}</m:FindItem>"
    );
    call(simulator, &body).await
}

fn relation(operator: &str, path: &str, constant: &str) -> String {
    format!(
        "<t:{operator}>{path}<t:FieldURIOrConstant><t:Constant Value=\"{constant}\"/></t:FieldURIOrConstant></t:{operator}>"
    )
}

fn field(uri: &str) -> String {
    format!("<t:FieldURI FieldURI=\"{uri}\"/>")
}

#[tokio::test]
async fn messages_are_filtered_by_what_they_are() {
    let simulator = start().await;
    let mail = |subject: &str, more: &str| {
        let xml = format!("<t:Message><t:Subject>{subject}</t:Subject>{more}</t:Message>");
        simulator.plant(ALICE, "inbox", &xml).unwrap()
    };
    let person = |tag: &str, name: &str, email: &str| {
        format!(
            "<t:{tag}><t:Mailbox><t:Name>{name}</t:Name><t:EmailAddress>{email}</t:EmailAddress></t:Mailbox></t:{tag}>"
        )
    };
    mail("Plain", "");
    let flagged = mail(
        "Flagged",
        "<t:Categories><t:String>Red</t:String></t:Categories><t:Importance>High</t:Importance>",
    );
    mail(
        "From Bob",
        &format!(
            "{}{}",
            person("ToRecipients", "Carol Conrad", "carol@example.test"),
            person("From", "Bob Berger", BOB)
        ),
    );
    let answer = mail(
        "RE: Plain",
        "<t:Body BodyType=\"HTML\">&lt;p&gt;a needle in hay&lt;/p&gt;</t:Body><t:Attachments><t:FileAttachment><t:Name>a.txt</t:Name><t:Content>AAAA</t:Content></t:FileAttachment></t:Attachments><t:InternetMessageId>&lt;1@x.test&gt;</t:InternetMessageId>",
    );
    let flag = set(
        "item:Flag",
        "<t:Flag><t:FlagStatus>Flagged</t:FlagStatus><t:StartDate>2026-03-05T00:00:00Z</t:StartDate><t:DueDate>2026-03-06T00:00:00Z</t:DueDate></t:Flag>",
    );
    assert_eq!(
        call(&simulator, &update_message(&flagged, &flag))
            .await
            .code(),
        "NoError"
    );
    let half = flag.replace("<t:StartDate>2026-03-05T00:00:00Z</t:StartDate>", "");
    let half = call(&simulator, &update_message(&flagged, &half)).await;
    assert_eq!(half.code(), "ErrorInvalidArgument");
    let conversation = {
        let xml = simulator.item_xml(&answer).unwrap();
        let id = xml.split("<t:ConversationId Id=\"").nth(1).unwrap();
        id.split('"').next().unwrap().to_owned()
    };
    let status = "<t:ExtendedFieldURI PropertyTag=\"0x1090\" PropertyType=\"Integer\"/>";
    let contains = |uri: &str, text: &str| {
        format!(
            "<t:Contains ContainmentMode=\"Substring\" ContainmentComparison=\"IgnoreCase\">{}<t:Constant Value=\"{text}\"/></t:Contains>",
            field(uri)
        )
    };
    for (restriction, expected) in [
        (relation("IsEqualTo", status, "2"), "Flagged"),
        (
            relation("IsEqualTo", &field("item:Importance"), "High"),
            "Flagged",
        ),
        (
            relation("IsEqualTo", &field("item:Categories"), "Red"),
            "Flagged",
        ),
        (
            relation("IsEqualTo", &field("message:From"), BOB),
            "From Bob",
        ),
        (contains("message:From", "berger"), "From Bob"),
        (contains("item:DisplayTo", "carol"), "From Bob"),
        (contains("item:Body", "needle"), "RE: Plain"),
        (
            relation("IsEqualTo", &field("item:HasAttachments"), "true"),
            "RE: Plain",
        ),
        (
            relation(
                "IsEqualTo",
                &field("message:InternetMessageId"),
                "&lt;1@x.test&gt;",
            ),
            "RE: Plain",
        ),
        (
            relation("IsEqualTo", &field("item:ConversationId"), &conversation),
            "RE: Plain",
        ),
        (
            format!("<t:Exists>{}</t:Exists>", field("item:Categories")),
            "Flagged",
        ),
        (
            relation("IsGreaterThan", &field("item:Size"), "1000000"),
            "",
        ),
        // The store is finer than the wire.
        (
            relation(
                "IsLessThanOrEqualTo",
                &field("item:DateTimeReceived"),
                "2026-03-04T12:00:00Z",
            ),
            "",
        ),
    ] {
        let found = find(
            &simulator,
            &format!("<m:Restriction>{restriction}</m:Restriction>"),
            "",
        )
        .await;
        assert_eq!(found.texts("Subject").concat(), expected, "{restriction}");
    }
    for uri in ["message:ToRecipients", "item:Flag", "item:Attachments"] {
        let refused = format!(
            "<m:Restriction><t:Exists>{}</t:Exists></m:Restriction>",
            field(uri)
        );
        let refused = find(&simulator, &refused, "").await;
        assert_eq!(refused.code(), "ErrorUnsupportedPathForQuery", "{uri}");
    }
    let found = find(
        &simulator,
        "",
        "<m:QueryString>subject:plain NOT needle</m:QueryString>",
    )
    .await;
    assert_eq!(found.texts("Subject"), ["Plain"]);
    let bad = find(&simulator, "", "<m:QueryString>(</m:QueryString>").await;
    assert_eq!(bad.code(), "ErrorInvalidArgument");
}

#[tokio::test]
async fn what_was_sent_is_not_rewritten() {
    let simulator = start().await;
    let mail = "<t:Message><t:Subject>Old</t:Subject></t:Message>";
    let received = simulator.plant(ALICE, "inbox", mail).unwrap();
    let draft = simulator.plant(ALICE, "drafts", mail).unwrap();
    let subject = set("item:Subject", "<t:Subject>New</t:Subject>");
    let importance = set("item:Importance", "<t:Importance>High</t:Importance>");
    for (id, change, code) in [
        (&received, &subject, "ErrorInvalidPropertyUpdateSentMessage"),
        (&received, &importance, "NoError"),
        (&draft, &subject, "NoError"),
    ] {
        let done = call(&simulator, &update_message(id, change)).await;
        assert_eq!(done.code(), code);
    }
    // A draft can be changed and sent at once.
    let to = set(
        "message:ToRecipients",
        "<t:ToRecipients><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:ToRecipients>",
    );
    let send = update_message(&draft, &to).replace("SaveOnly", "SendAndSaveCopy");
    assert_eq!(call(&simulator, &send).await.code(), "NoError");
    assert_eq!(simulator.item_ids(BOB, "inbox").unwrap().len(), 1);
    assert_eq!(simulator.item_ids(ALICE, "sentitems").unwrap().len(), 1);
    assert_eq!(simulator.item_ids(ALICE, "drafts").unwrap().len(), 0);
}

#[tokio::test]
async fn deleted_messages_can_be_recovered() {
    let simulator = start().await;
    let plant = |subject: &str| {
        let xml = format!("<t:Message><t:Subject>{subject}</t:Subject></t:Message>");
        simulator.plant(ALICE, "inbox", &xml).unwrap()
    };
    for (how, bin) in [
        ("MoveToDeletedItems", "deleteditems"),
        ("SoftDelete", "recoverableitemsdeletions"),
    ] {
        let id = plant(how);
        let delete = format!(
            "<m:DeleteItem DeleteType=\"{how}\"><m:ItemIds><t:ItemId Id=\"{id}\"/></m:ItemIds></m:DeleteItem>"
        );
        assert_eq!(call(&simulator, &delete).await.code(), "NoError");
        assert_eq!(call(&simulator, &delete).await.code(), "ErrorItemNotFound");
        assert_eq!(simulator.item_ids(ALICE, bin).unwrap().len(), 1);
    }
    let dumpster = "<m:FindItem Traversal=\"SoftDeleted\"><m:ItemShape><t:BaseShape>Default</t:BaseShape></m:ItemShape><m:ParentFolderIds><t:DistinguishedFolderId Id=\"inbox\"/></m:ParentFolderIds></m:FindItem>";
    let found = call(&simulator, dumpster).await;
    assert_eq!(found.texts("Subject"), ["SoftDelete"]);
    let id = found.attributes("ItemId", "Id").concat();
    let back = format!(
        "<m:MoveItem><m:ToFolderId><t:DistinguishedFolderId Id=\"inbox\"/></m:ToFolderId><m:ItemIds><t:ItemId Id=\"{id}\"/></m:ItemIds></m:MoveItem>"
    );
    assert_eq!(call(&simulator, &back).await.code(), "NoError");
    assert_eq!(call(&simulator, dumpster).await.texts("Subject").len(), 0);
    assert_eq!(simulator.item_ids(ALICE, "inbox").unwrap().len(), 1);
}

//! What messages and attachments hold: as it went in, so it comes out.

use bytes::Bytes;
use exchange_connector::model::{
    Attachment, AttachmentId, AttachmentKind, AttachmentUpload, Body, DraftOptions, EventId,
    ItemKind, ItemRef, MessageId, MessageQuery, NewAttachment, NewMessage, SaveSent, SendOptions,
    WellKnownFolder,
};
use exchange_connector::simulator::Trouble;
use exchange_connector::{ByteStream, Effect, ErrorKind, Mailbox, Result, Upload};

use super::backend::{Backend, Planted};

const MOST: usize = 64 * 1024 * 1024;

/// A message with headers, and a body that is taken as it is.
fn mail(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "From: Alice <alice@example.test>\nTo: Bob <bob@example.test>\nDate: Mon, 2 Mar 2026 10:00:00 +0100\n\
         Message-ID: <awkward@example.test>\nMIME-Version: 1.0\n{headers}\n\n"
    );
    [head.replace('\n', "\r\n").as_bytes(), body].concat()
}

/// Messages that programs get wrong.
fn awkward() -> Vec<(&'static str, Vec<u8>)> {
    let signature = "MIAGCSqGSIb3DQEHAqCAMIACAQExDzANBglghkgBZQMEAgEFADCABgkqhkiG9w0BBwEAAA==";
    let long: String = (0..40)
        .map(|number| format!("\n <{number:032}@example.test>"))
        .collect();
    vec![
        (
            "8-bit",
            mail(
                "Subject: Umlaute\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit",
                b"Gr\xfc\xdfe \xa4 ohne Kodierung\r\n\x80\xff\r\n",
            ),
        ),
        (
            "quoted-printable HTML",
            mail(
                "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\nContent-Type: text/html; charset=utf-8\n\
                 Content-Transfer-Encoding: quoted-printable",
                b"<p style=3D\"color:red\">Gr=C3=BC=C3=9Fe =E2=82=AC =\r\nund =3D mehr</p>=20\r\n",
            ),
        ),
        (
            "S/MIME, opaque",
            mail(
                "Subject: sealed\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n\
                 Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=smime.p7m",
                format!("{signature}\r\n").as_bytes(),
            ),
        ),
        (
            "S/MIME, multipart",
            mail(
                "Subject: signed\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\n\
                 \tmicalg=sha-256; boundary=\"=_b\"",
                format!(
                    "not shown\r\n--=_b\r\nContent-Type: text/plain\r\n\r\nEvery  space \tcounts. \r\n\r\n--=_b\r\n\
                     Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\
                     Content-Transfer-Encoding: base64\r\n\r\n{signature}\r\n--=_b--\r\nnor this\r\n"
                )
                .as_bytes(),
            ),
        ),
        (
            "nested messages",
            mail(
                "Subject: Fwd: Fwd: a\nContent-Type: multipart/mixed; boundary=outer",
                b"--outer\r\nContent-Type: message/rfc822\r\n\r\nSubject: Fwd: a\r\n\
                  Content-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\nContent-Type: message/rfc822\r\n\r\n\
                  Subject: a\r\n\r\nThe first.\r\n--inner--\r\n--outer--\r\n",
            ),
        ),
        (
            "iso-2022-jp",
            mail(
                "Subject: =?ISO-2022-JP?B?GyRCJDMkcyRLJEEkTxsoQg==?=\n\
                 Content-Type: text/plain; charset=ISO-2022-JP\nContent-Transfer-Encoding: 7bit",
                b"\x1b$B$3$s$K$A$O\x1b(B\r\n",
            ),
        ),
        (
            "windows-1251",
            mail(
                "Subject: =?windows-1251?B?z/Do4uXy?=\nContent-Type: text/plain; charset=windows-1251\n\
                 Content-Transfer-Encoding: 8bit",
                b"\xcf\xf0\xe8\xe2\xe5\xf2\r\n",
            ),
        ),
        (
            "long folded headers",
            mail(
                &format!("Subject: folded\n over two\n\tlines\nReferences:{long}\nX-Long: {}", "x".repeat(990)),
                b"a\r\n",
            ),
        ),
        ("empty body", mail("Subject: empty", b"")),
        ("no headers", b"\r\nJust a body, without any header.\r\n".to_vec()),
        (
            "bare line feeds",
            b"From: a@example.test\nSubject: bare\n\nfirst\nsecond\r\nthird\n".to_vec(),
        ),
        (
            "lone carriage returns",
            mail("Subject: returns", b"a\rb\r\n.\r\n"),
        ),
    ]
}

/// In pieces that end anywhere.
fn stream(bytes: &[u8], size: usize) -> Upload {
    let rest = Bytes::copy_from_slice(bytes);
    let pieces = ByteStream::unfold(rest, move |mut rest| async move {
        let piece = rest.split_to(rest.len().min(size));
        Ok((!piece.is_empty()).then_some((piece, rest)))
    });
    Upload::stream(bytes.len() as u64, pieces)
}

pub(super) async fn mime_comes_out_as_it_went_in(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    for (name, mime) in awkward() {
        let planted = b.plant_mime("alice", "inbox", &mime);
        let read = mailbox.open_mime(&planted).await?.collect(MOST).await?;
        assert!(read == mime, "{name}");
        for upload in [Upload::from(mime.clone()), stream(&mime, 11)] {
            let draft = mailbox
                .create_draft_mime(upload, DraftOptions::new())
                .await?;
            assert!(draft.is_draft, "{name}");
            let read = mailbox.open_mime(&draft.id).await?.collect(MOST).await?;
            assert!(read == mime, "{name}: {}", String::from_utf8_lossy(&read));
        }
    }
    let subjects: Vec<String> = drafts(&*mailbox).await?;
    for subject in [
        "Umlaute",
        "Gr\u{fc}\u{df}e",
        "\u{3053}\u{3093}\u{306b}\u{3061}\u{306f}",
    ] {
        assert!(subjects.iter().any(|one| one == subject), "{subjects:?}");
    }
    Ok(())
}

async fn drafts(mailbox: &dyn Mailbox) -> Result<Vec<String>> {
    let query = MessageQuery::new(WellKnownFolder::Drafts);
    let drafts = mailbox.list_messages(query).collect().await?;
    Ok(drafts.into_iter().map(|draft| draft.subject).collect())
}

pub(super) async fn mime_is_sent_as_it_is(b: &Backend) -> Result<()> {
    let (alice, bob) = (b.mailbox("alice"), b.mailbox("bob"));
    for (name, mime) in awkward() {
        let is_sent = mime.starts_with(b"From: Alice");
        let sent = alice
            .send_mime(stream(&mime, 100), SendOptions::new())
            .await;
        if !is_sent {
            // It names nobody.
            let error = sent.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::RecipientRejected, "{name}");
            continue;
        }
        sent?;
        let query = MessageQuery::new(WellKnownFolder::Inbox);
        let arrived = bob.list_messages(query).take(1).await?.remove(0);
        let read = bob.open_mime(&arrived.id).await?.collect(MOST).await?;
        assert_eq!(body(&read), body(&mime), "{name}");
        bob.delete_messages(
            &[arrived.id],
            exchange_connector::model::DeleteMode::Permanent,
        )
        .await?;
    }
    Ok(())
}

/// What stands behind the headers.
fn body(mime: &[u8]) -> &[u8] {
    let at = mime
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    &mime[at..]
}

pub(super) async fn mime_with_blind_copies(b: &Backend) -> Result<()> {
    let mime = mail("Subject: blind\nBcc: Carol <carol@example.test>", b"a\r\n");
    let options = SendOptions::new().track().save(SaveSent::SentItems);
    let receipt = b.mailbox("alice").send_mime(mime.into(), options).await?;
    let id = receipt.internet_message_id.as_deref();
    assert_eq!(id, Some("<awkward@example.test>"));
    for person in ["bob", "carol"] {
        let mailbox = b.mailbox(person);
        let query = MessageQuery::new(WellKnownFolder::Inbox);
        let arrived = mailbox.list_messages(query).collect().await?;
        assert_eq!(arrived.len(), 1, "{person}");
        assert_eq!(arrived[0].internet_message_id.as_deref(), id);
        let read = mailbox.open_mime(&arrived[0].id).await?;
        let read = String::from_utf8(read.collect(MOST).await?.to_vec()).unwrap();
        assert!(!read.to_lowercase().contains("carol"), "{read}");
    }
    assert_eq!(b.count("alice", "drafts"), 0);
    assert_eq!(b.count("alice", "sentitems"), 1);
    Ok(())
}

/// Whatever breaks, one key sends one message.
pub(super) async fn mime_is_sent_once(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    for step in 0..4 {
        let key = format!("mime-{step}");
        let send = || {
            let mime = mail(&format!("Subject: once {step}"), b"a\r\n");
            let options = SendOptions::new().idempotency_key(key.clone());
            mailbox.send_mime(stream(&mime, 50), options)
        };
        b.fail_after(step, Trouble::DropAfter);
        let _ = send().await;
        send().await?;
        send().await?;
        assert_eq!(b.count("bob", "inbox"), step + 1, "{step}");
    }
    let draft = || {
        let options = DraftOptions::new().idempotency_key("draft");
        mailbox.create_draft_mime(mail("Subject: d", b"a\r\n").into(), options)
    };
    let (one, other) = (draft().await?, draft().await?);
    assert_eq!(one.id, other.id);
    Ok(())
}

pub(super) async fn mime_that_is_wrong(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let missing = MessageId::from_raw(b.protocol(), "AAMkAG1pc3Npbmc=");
    let error = mailbox.open_mime(&missing).await.unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::InvalidId
    ));
    let before = b.requests();
    let foreign = MessageId::from_raw(b.other_protocol(), "AAMk");
    let error = mailbox.open_mime(&foreign).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidId);
    let alone = mail("Subject: a", b"a\r\n");
    let alone = String::from_utf8(alone)
        .unwrap()
        .replace("To: Bob", "X-To: Bob");
    let error = mailbox
        .send_mime(alone.into(), SendOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RecipientRejected);
    assert_eq!(b.requests(), before);
    let error = mailbox
        .create_draft_mime(
            Upload::stream(
                9_999_999,
                ByteStream::from(Bytes::from_static(b"To: a@b\r\n\r\n")),
            ),
            DraftOptions::new(),
        )
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::InvalidArgument, Effect::None),
        "{error}"
    );
    assert_eq!(b.count("alice", "drafts"), 0);
    Ok(())
}

async fn draft(mailbox: &dyn Mailbox) -> Result<ItemRef> {
    let message = NewMessage::new("Files", Body::text("See below."));
    let draft = mailbox.create_draft(message, DraftOptions::new()).await?;
    Ok(draft.id.into())
}

/// Bytes that no two places have in the same order.
fn bytes(length: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

pub(super) async fn attachments_of_every_size(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let item = draft(&*mailbox).await?;
    for length in [0, 1, 2_900_000, 3_100_000, 30_000_000] {
        let content = bytes(length);
        let name = format!("{length}.bin");
        let file = AttachmentUpload::new(name, stream(&content, 70_001));
        let made = mailbox.add_attachment(&item, file).await?;
        let read = mailbox.open_attachment(&item, &made.id).await?;
        assert!(read.collect(MOST).await? == content, "{length}");
    }
    let mut names: Vec<String> = mailbox
        .list_attachments(&item)
        .await?
        .into_iter()
        .map(|one| one.name)
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "0.bin",
            "1.bin",
            "2900000.bin",
            "30000000.bin",
            "3100000.bin"
        ]
    );
    Ok(())
}

/// Attaches an item, as another program would.
async fn attach_item(b: &Backend, to: &ItemRef, name: &str, item: &str) -> Result<()> {
    let ItemRef::Message(id) = to else {
        panic!("{to:?}");
    };
    let body = format!(
        "<m:CreateAttachment><m:ParentItemId Id=\"{}\"/><m:Attachments><t:ItemAttachment><t:Name>{name}</t:Name>{item}\
         </t:ItemAttachment></m:Attachments></m:CreateAttachment>",
        b.stored_id(id.as_raw())
    );
    let answer = b.send_raw("CreateAttachment", &body).await?;
    assert!(answer.contains("NoError"), "{answer}");
    Ok(())
}

fn named<'a>(list: &'a [Attachment], name: &str) -> &'a Attachment {
    list.iter().find(|one| one.name == name).unwrap()
}

async fn text(mailbox: &dyn Mailbox, item: &ItemRef, id: &AttachmentId) -> Result<String> {
    let content = mailbox.open_attachment(item, id).await?;
    Ok(String::from_utf8(content.collect(MOST).await?.to_vec()).unwrap())
}

pub(super) async fn attached_items_are_told_apart(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let item = draft(&*mailbox).await?;
    let note = "<t:Message><t:Subject>Minutes</t:Subject><t:Body BodyType=\"Text\">All agreed.</t:Body></t:Message>";
    let event = "<t:CalendarItem><t:Subject>Review</t:Subject><t:Start>2026-03-02T09:00:00Z</t:Start>\
        <t:End>2026-03-02T10:00:00Z</t:End></t:CalendarItem>";
    attach_item(b, &item, "Minutes", note).await?;
    attach_item(b, &item, "Review", event).await?;
    let file = AttachmentUpload::new("plan.txt", "1. Welcome\n").content_type("text/plain");
    mailbox.add_attachment(&item, file).await?;

    let list = mailbox.list_attachments(&item).await?;
    assert_eq!(list.len(), 3);
    for (name, kind, begin, extension) in [
        ("Minutes", ItemKind::Message, "", "Minutes.eml"),
        ("Review", ItemKind::Event, "BEGIN:VCALENDAR", "Review.ics"),
    ] {
        let attachment = named(&list, name);
        let AttachmentKind::Item { item: found } = attachment.kind else {
            panic!("{attachment:?}");
        };
        assert_eq!(found, kind);
        assert_eq!(attachment.file_name(), extension);
        let content = text(&*mailbox, &item, &attachment.id).await?;
        assert!(content.starts_with(begin), "{content}");
        assert!(content.contains(name), "{content}");
    }
    let plan = named(&list, "plan.txt");
    assert!(matches!(plan.kind, AttachmentKind::File { .. }), "{plan:?}");
    assert_eq!(plan.content_type.as_deref(), Some("text/plain"));
    assert_eq!(text(&*mailbox, &item, &plan.id).await?, "1. Welcome\n");
    Ok(())
}

pub(super) async fn attachments_within_the_body(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let planted = b.plant_mime("alice", "drafts", mail("Subject: a", b"a\r\n"));
    let item = ItemRef::from(planted);
    let logo = AttachmentUpload::from(NewAttachment::new("logo.png", vec![1_u8, 2, 3]))
        .content_type("image/png")
        .inline("logo@example.test");
    let made = mailbox.add_attachment(&item, logo).await?;
    assert!(made.is_inline);
    let list = mailbox.list_attachments(&item).await?;
    let logo = named(&list, "logo.png");
    assert!(logo.is_inline);
    let AttachmentKind::File { content_id, .. } = &logo.kind else {
        panic!("{logo:?}");
    };
    assert_eq!(content_id.as_deref(), Some("logo@example.test"));
    Ok(())
}

/// No server here has links, so their answers are made up.
pub(super) async fn links_are_not_opened(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let item = ItemRef::from(b.plant_mime("alice", "drafts", mail("Subject: a", b"a\r\n")));
    let link = "<t:Attachments><t:ReferenceAttachment><t:AttachmentId Id=\"bGluaw==\"/><t:Name>plan.docx</t:Name>\
        <t:AttachLongPathName>https://files.example.test/plan.docx</t:AttachLongPathName></t:ReferenceAttachment>\
        </t:Attachments>";
    b.answer_next(answer(
        "GetItem",
        &format!("<m:Items><t:Message><t:ItemId Id=\"aQ==\"/>{link}</t:Message></m:Items>"),
    ));
    let list = mailbox.list_attachments(&item).await?;
    let AttachmentKind::Reference { url } = &list[0].kind else {
        panic!("{list:?}");
    };
    assert_eq!(url.as_deref(), Some("https://files.example.test/plan.docx"));
    let opened = link.replace("t:Attachments>", "m:Attachments>");
    b.answer_next(answer("GetAttachment", &opened));
    let error = mailbox
        .open_attachment(&item, &list[0].id)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let message = error.message();
    assert!(
        message.contains("https://files.example.test/plan.docx"),
        "{message}"
    );
    Ok(())
}

fn answer(operation: &str, content: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:m=\"http://schemas.microsoft.com/exchange/services/2006/messages\" \
         xmlns:t=\"http://schemas.microsoft.com/exchange/services/2006/types\"><s:Body><m:{operation}Response>\
         <m:ResponseMessages><m:{operation}ResponseMessage ResponseClass=\"Success\"><m:ResponseCode>NoError\
         </m:ResponseCode>{content}</m:{operation}ResponseMessage></m:ResponseMessages></m:{operation}Response>\
         </s:Body></s:Envelope>"
    )
}

pub(super) async fn attachments_come_and_go(b: &Backend) -> Result<()> {
    let mailbox = b.mailbox("alice");
    let event: EventId = b.plant(
        "alice",
        &Planted::new("Review", "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", ""),
    );
    for item in [draft(&*mailbox).await?, event.into()] {
        let file = || AttachmentUpload::new("\u{e4} & <b>.txt", "content");
        let made = mailbox.add_attachment(&item, file()).await?;
        let list = mailbox.list_attachments(&item).await?;
        assert_eq!(list[0].id, made.id);
        assert_eq!(list[0].name, "\u{e4} & <b>.txt");
        assert_eq!(text(&*mailbox, &item, &made.id).await?, "content");
        mailbox.delete_attachment(&item, &made.id).await?;
        assert_eq!(mailbox.list_attachments(&item).await?, []);
        let gone = mailbox.delete_attachment(&item, &made.id).await;
        assert_eq!(gone.unwrap_err().kind(), ErrorKind::NotFound);
        let gone = mailbox.open_attachment(&item, &made.id).await;
        assert_eq!(gone.unwrap_err().kind(), ErrorKind::NotFound);

        let before = b.requests();
        let wrong = AttachmentUpload::new("a\nb", "");
        let refused = mailbox.add_attachment(&item, wrong).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
        let foreign = AttachmentId::from_raw(b.other_protocol(), "a");
        let refused = mailbox.open_attachment(&item, &foreign).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidId);
        assert_eq!(b.requests(), before);

        b.fail(Trouble::DropAfter);
        let lost = mailbox.add_attachment(&item, file()).await.unwrap_err();
        assert_eq!(lost.effect(), Effect::Unknown, "{lost}");
        b.fail(Trouble::fault("ErrorServerBusy"));
        let busy = mailbox.open_attachment(&item, &made.id).await.unwrap_err();
        assert_eq!(busy.kind(), ErrorKind::Throttled, "{busy}");
    }
    let bobs = b
        .mailbox("bob")
        .list_attachments(&draft(&*mailbox).await?)
        .await;
    assert!(matches!(
        bobs.unwrap_err().kind(),
        ErrorKind::NotFound | ErrorKind::PermissionDenied
    ));
    Ok(())
}

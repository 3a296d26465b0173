use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

async fn inbox(simulator: &Simulator, mailbox: &str) -> Value {
    let list = of(simulator, mailbox);
    list.get("/me/mailFolders/inbox/messages").await.of(200)
}

#[tokio::test]
async fn what_is_sent_arrives_and_is_kept() {
    let simulator = start().await;
    let client = alice(&simulator);
    let body = json!({"Message": mail("Now"), "SaveToSentItems": "true"});
    assert_eq!(client.post("/me/sendMail", body).await.status, 202);
    let came = inbox(&simulator, BOB).await;
    assert_eq!(subjects(&came), ["Now"]);
    assert_eq!(came["value"][0]["from"]["emailAddress"]["address"], ALICE);
    assert_eq!(came["value"][0]["isDraft"], false);
    let kept = client
        .get("/me/mailFolders/sentitems/messages")
        .await
        .of(200);
    assert_eq!(subjects(&kept), ["Now"]);
    let nobody = json!({"message": {"subject": "x"}});
    let refused = client.post("/me/sendMail", nobody).await.refused(400);
    assert_eq!(refused, "ErrorInvalidRecipients");
    let odd = json!({"message": mail("x"), "copy": true});
    assert_eq!(
        client.post("/me/sendMail", odd).await.refused(400),
        "BadRequest"
    );
    assert_eq!(simulator.outbox().len(), 1);
}

#[tokio::test]
async fn a_draft_keeps_its_lasting_id_when_it_is_sent() {
    let simulator = start().await;
    let client = alice(&simulator).with("Prefer", "IdType=\"ImmutableId\"");
    let made = client.post("/me/messages", mail("Draft")).await.of(201);
    let send = format!("{}/send", path(&made));
    assert_eq!(client.post(&send, json!({})).await.status, 202);
    let sent = client.get(&path(&made)).await.of(200);
    let folder = client.get("/me/mailFolders/sentitems").await.of(200);
    assert_eq!(
        (&sent["parentFolderId"], &sent["isDraft"]),
        (&folder["id"], &json!(false))
    );
    let again = client.post(&send, json!({})).await.refused(400);
    assert_eq!(again, "ErrorInvalidItemForOperationSendItem");
    let headers = format!("{}?$select=internetMessageHeaders", path(&sent));
    let headers = client.get(&headers).await.of(200);
    let headers = headers["internetMessageHeaders"].as_array().unwrap();
    assert!(
        headers
            .iter()
            .any(|one| one["name"] == "Subject" && one["value"] == "Draft")
    );
}

#[tokio::test]
async fn mime_goes_in_and_out_as_it_is() {
    let simulator = start().await;
    let client = alice(&simulator);
    let mime = "From: alice@example.test\r\nTo: bob@example.test\r\nSubject: Raw\r\n\r\nText\r\n";
    let packed = STANDARD.encode(mime);
    let kind = ("Content-Type", "text/plain");
    let post = |path: &'static str| {
        client.raw("POST", path, std::slice::from_ref(&kind), packed.as_bytes())
    };
    let (head, _) = post("/v1.0/me/sendMail").await;
    assert!(head.starts_with("HTTP/1.1 202"), "{head}");
    let came = inbox(&simulator, BOB).await;
    assert_eq!(subjects(&came), ["Raw"]);
    let (head, body) = post("/v1.0/me/messages").await;
    assert!(head.starts_with("HTTP/1.1 201"), "{head}");
    let made: Value = serde_json::from_slice(&body).unwrap();
    let value = format!("/v1.0{}/$value", path(&made));
    let (_, out) = client.raw("GET", &value, &[], b"").await;
    assert_eq!(out, mime.as_bytes());
    let (head, _) = client
        .raw("POST", "/v1.0/me/sendMail", &[kind], b"no base64!")
        .await;
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
}

#[tokio::test]
async fn answers_quote_what_they_answer() {
    let simulator = start().await;
    let mut first = mail("Plans");
    first["ccRecipients"] = json!([person("carol@example.test")]);
    let body = json!({"message": first});
    assert_eq!(
        alice(&simulator).post("/me/sendMail", body).await.status,
        202
    );
    let client = bob(&simulator);
    let came = inbox(&simulator, BOB).await["value"][0].clone();
    let place = path(&came);
    let comment = json!({"comment": "Fine"});
    let reply = client
        .post(&format!("{place}/reply"), comment.clone())
        .await;
    assert_eq!(reply.status, 202);
    let back = inbox(&simulator, ALICE).await;
    let answer = &back["value"][0];
    assert_eq!(answer["subject"], "RE: Plans");
    assert!(answer["conversationId"].is_string());
    let content = answer["body"]["content"].as_str().unwrap();
    assert!(
        content.contains("Fine") && content.contains("Hello"),
        "{content}"
    );
    let all = client
        .post(&format!("{place}/createReplyAll"), comment)
        .await
        .of(201);
    assert_eq!(all["toRecipients"][0]["emailAddress"]["address"], ALICE);
    assert_eq!(
        all["ccRecipients"][0]["emailAddress"]["address"],
        "carol@example.test"
    );
    assert_eq!(all["isDraft"], true);
    let forward = json!({"comment": "See", "toRecipients": [person("carol@example.test")]});
    let forwarded = client.post(&format!("{place}/forward"), forward).await;
    assert_eq!(forwarded.status, 202);
    let last = simulator.outbox().pop().unwrap();
    assert_eq!((last.subject.as_str(), last.to.len()), ("FW: Plans", 1));
    let both = json!({"comment": "a", "message": {"body": {"content": "b"}}});
    let refused = client.post(&format!("{place}/reply"), both).await;
    assert_eq!(refused.refused(400), "ErrorInvalidRequest");
    let nobody = client.post(&format!("{place}/forward"), json!({})).await;
    assert_eq!(nobody.refused(400), "ErrorInvalidRecipients");
}

#[tokio::test]
async fn batches_answer_each_part() {
    let simulator = start().await;
    let client = alice(&simulator);
    let made = client.post("/me/messages", mail("A")).await.of(201);
    let kind = json!({"Content-Type": "application/json"});
    let batch = json!({"requests": [
        {"id": "1", "method": "PATCH", "url": path(&made), "headers": kind, "body": {"isRead": true}},
        {"id": "2", "method": "GET", "url": "/me/messages/AAMkDUMMY"},
        {"id": "3", "method": "DELETE", "url": path(&made), "dependsOn": ["2"]},
        {"id": "4", "method": "GET", "url": format!("{}?$select=isRead", path(&made)), "dependsOn": ["1"]},
    ]});
    let answer = client.post("/$batch", batch).await.of(200);
    let of = |id: &str| {
        let mut parts = answer["responses"].as_array().unwrap().iter();
        parts.find(|part| part["id"] == id).unwrap()
    };
    assert_eq!(of("1")["status"], 200);
    assert_eq!(of("2")["body"]["error"]["code"], "ErrorInvalidIdMalformed");
    assert_eq!(of("3")["status"], 424);
    assert_eq!(of("4")["body"]["isRead"], true);
    let part = |number: usize| json!({"id": number.to_string(), "method": "GET", "url": "/me"});
    let many: Vec<Value> = (0..21).map(part).collect();
    let refused = client.post("/$batch", json!({"requests": many})).await;
    assert_eq!(refused.refused(400), "MaximumValueExceeded");
    let twice = json!({"requests": [part(1), part(1)]});
    assert_eq!(client.post("/$batch", twice).await.status, 400);
}

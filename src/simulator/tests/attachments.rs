//! What is attached to items, and who gets it.

use super::*;

fn attach(parent: &str, attachment: &str) -> String {
    format!(
        "<m:CreateAttachment><m:ParentItemId Id=\"{parent}\"/><m:Attachments>{attachment}</m:Attachments></m:CreateAttachment>"
    )
}

fn file(name: &str, content: &str, more: &str) -> String {
    let content = STANDARD.encode(content);
    format!(
        "<t:FileAttachment><t:Name>{name}</t:Name>{more}<t:Content>{content}</t:Content></t:FileAttachment>"
    )
}

fn open(id: &str) -> String {
    format!(
        "<m:GetAttachment><m:AttachmentIds><t:AttachmentId Id=\"{id}\"/></m:AttachmentIds></m:GetAttachment>"
    )
}

fn detach(id: &str) -> String {
    format!(
        "<m:DeleteAttachment><m:AttachmentIds><t:AttachmentId Id=\"{id}\"/></m:AttachmentIds></m:DeleteAttachment>"
    )
}

fn item(id: &str) -> String {
    get(&format!("<t:ItemId Id=\"{id}\"/>"))
}

const INLINE: &str = "<t:ContentId>logo@x</t:ContentId><t:IsInline>true</t:IsInline>";

#[tokio::test]
async fn files_come_and_go_and_the_item_changes() {
    let simulator = start().await;
    let planted = event("Review", "2026-03-05T10:00:00Z", "2026-03-05T11:00:00Z", "");
    let id = simulator.plant(ALICE, "calendar", &planted).unwrap();
    let first = call(&simulator, &item(&id)).await;
    let logo = call(&simulator, &attach(&id, &file("logo.png", "png", INLINE))).await;
    assert_eq!(logo.code(), "NoError");
    assert_eq!(logo.attributes("AttachmentId", "RootItemId"), [id.clone()]);
    let key = logo.attributes("AttachmentId", "RootItemChangeKey");
    assert_ne!(key, first.attributes("ItemId", "ChangeKey"));
    let with_logo = call(&simulator, &item(&id)).await;
    assert_eq!(with_logo.attributes("ItemId", "ChangeKey"), key);
    assert_eq!(with_logo.texts("HasAttachments"), ["false"]);
    assert_eq!(with_logo.texts("IsInline"), ["true"]);

    let notes = call(&simulator, &attach(&id, &file("notes.txt", "Grüße", ""))).await;
    let notes = notes.attributes("AttachmentId", "Id").concat();
    let with_both = call(&simulator, &item(&id)).await;
    assert_eq!(with_both.texts("HasAttachments"), ["true"]);
    assert_eq!(with_both.texts("ContentType"), ["image/png", "text/plain"]);
    assert_eq!(with_both.texts("Content").len(), 0);
    let opened = call(&simulator, &open(&notes)).await;
    assert_eq!(opened.texts("Content"), [STANDARD.encode("Grüße")]);

    let gone = call(&simulator, &detach(&notes)).await;
    assert_eq!(gone.attributes("RootItemId", "RootItemId"), [id.clone()]);
    assert_eq!(
        call(&simulator, &open(&notes)).await.code(),
        "ErrorItemNotFound"
    );
    assert_eq!(
        call(&simulator, &open(&id)).await.code(),
        "ErrorInvalidAttachmentId"
    );
    assert_eq!(
        call(&simulator, &open("AAMk")).await.code(),
        "ErrorInvalidIdMalformed"
    );
    let nameless = "<t:FileAttachment><t:Content>YQ==</t:Content></t:FileAttachment>";
    assert_eq!(
        call(&simulator, &attach(&id, nameless)).await.code(),
        "ErrorRequiredPropertyMissing"
    );
    let denied = call_as(&simulator, BOB, "", &attach(&id, &file("x", "", ""))).await;
    assert_eq!(denied.code(), "ErrorAccessDenied");
}

#[tokio::test]
async fn items_are_attached_to_items() {
    let simulator = start().await;
    let planted = event("Review", "2026-03-05T10:00:00Z", "2026-03-05T11:00:00Z", "");
    let id = simulator.plant(ALICE, "calendar", &planted).unwrap();
    let mail = "<t:ItemAttachment><t:Name>Minutes</t:Name><t:Message><t:Subject>What we said</t:Subject></t:Message></t:ItemAttachment>";
    let made = call(&simulator, &attach(&id, mail)).await;
    let made = made.attributes("AttachmentId", "Id").concat();
    let opened = call(&simulator, &open(&made)).await;
    assert_eq!(opened.texts("Subject"), ["What we said"]);
    assert_eq!(opened.attributes("ItemId", "Id").len(), 0);
}

#[tokio::test]
async fn invitations_carry_what_the_organizer_attached() {
    let simulator = start().await;
    let files = format!(
        "<t:Attachments>{}</t:Attachments>",
        file("agenda.txt", "1. Us", "")
    );
    let meeting = format!(
        "<t:CalendarItem><t:Subject>Us</t:Subject>{files}<t:Start>2026-03-05T10:00:00Z</t:Start><t:End>2026-03-05T11:00:00Z</t:End>{BOB_INVITED}</t:CalendarItem>"
    );
    let created = call(&simulator, &create("SendToAllAndSaveCopy", &meeting)).await;
    assert_eq!(created.attributes("AttachmentId", "Id").len(), 1);
    for folder in ["inbox", "calendar"] {
        let [copy] = simulator.item_ids(BOB, folder).unwrap().try_into().unwrap();
        let read = call_as(&simulator, BOB, "", &item(&copy)).await;
        assert_eq!(read.texts("HasAttachments"), ["true"], "{folder}");
        let attached = read.attributes("AttachmentId", "Id").concat();
        let opened = call_as(&simulator, BOB, "", &open(&attached)).await;
        assert_eq!(opened.texts("Content"), [STANDARD.encode("1. Us")]);
    }
    // Before Exchange 2010 SP2 new items come without attachments.
    let old = envelope("Exchange2010_SP1", "", &create("SendToNone", &meeting));
    let old = post(&simulator, ALICE, &old).await.unwrap();
    assert_eq!(old.code(), "ErrorInvalidPropertySet");
}

#[tokio::test]
async fn one_occurrence_may_have_its_own() {
    let simulator = start().await;
    let series = "<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2026-03-09</t:StartDate><t:NumberOfOccurrences>3</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>";
    let planted = event(
        "Daily",
        "2026-03-09T09:00:00Z",
        "2026-03-09T09:15:00Z",
        series,
    );
    let master = simulator.plant(ALICE, "calendar", &planted).unwrap();
    let listed = call(&simulator, &march(CALENDAR)).await;
    let second = listed.attributes("ItemId", "Id").swap_remove(1);
    let made = call(&simulator, &attach(&second, &file("a.txt", "a", ""))).await;
    assert_eq!(made.code(), "NoError");
    let listed = call(&simulator, &march(CALENDAR)).await;
    assert_eq!(listed.texts("HasAttachments"), ["false", "true", "false"]);
    assert_eq!(
        listed.texts("CalendarItemType"),
        ["Occurrence", "Exception", "Occurrence"]
    );
    let whole = call(&simulator, &item(&master)).await;
    assert_eq!(whole.texts("HasAttachments"), ["false"]);
    let made = made.attributes("AttachmentId", "Id").concat();
    assert_eq!(call(&simulator, &detach(&made)).await.code(), "NoError");
}

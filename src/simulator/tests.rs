//! The simulator as a client sees it, over plain HTTP.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::request::{MESSAGES, SOAP, TYPES};
use super::*;

const ALICE: &str = "alice@example.test";
const BOB: &str = "bob@example.test";
const CALENDAR: &str = "<t:DistinguishedFolderId Id=\"calendar\"/>";

async fn start() -> Simulator {
    Simulator::builder()
        .now("2026-03-04T12:00:00Z".parse().unwrap())
        .start()
        .await
        .unwrap()
}

/// An answer: the HTTP status and the body.
#[derive(Debug)]
struct Reply {
    status: u16,
    body: String,
}

impl Reply {
    /// The texts of all elements of that name.
    fn texts(&self, name: &str) -> Vec<String> {
        let document = roxmltree::Document::parse(&self.body).unwrap();
        document
            .descendants()
            .filter(|node| node.is_element() && node.tag_name().name() == name)
            .map(|node| node.text().unwrap_or_default().to_owned())
            .collect()
    }

    /// The values of an attribute of all elements of that name.
    fn attributes(&self, name: &str, attribute: &str) -> Vec<String> {
        let document = roxmltree::Document::parse(&self.body).unwrap();
        document
            .descendants()
            .filter(|node| node.is_element() && node.tag_name().name() == name)
            .filter_map(|node| node.attribute(attribute).map(str::to_owned))
            .collect()
    }

    fn code(&self) -> String {
        self.texts("ResponseCode").concat()
    }
}

fn envelope(version: &str, headers: &str, body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"{SOAP}\" xmlns:m=\"{MESSAGES}\" xmlns:t=\"{TYPES}\"><s:Header><t:RequestServerVersion Version=\"{version}\"/>{headers}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
}

/// Posts a body; `None` where the connection broke before a whole answer came.
async fn post(simulator: &Simulator, user: &str, body: &str) -> Option<Reply> {
    let account = simulator
        .accounts()
        .into_iter()
        .find(|one| one.address == user);
    let password = account.map_or_else(|| "wrong".to_owned(), |account| account.password);
    let logon = STANDARD.encode(format!("{user}:{password}"));
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    let head = format!(
        "POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {logon}\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(body.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length: usize = head
        .lines()
        .find_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length: ")?
                .parse()
                .ok()
        })
        .unwrap();
    (body.len() == length).then(|| Reply {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        body: body.to_owned(),
    })
}

async fn call_as(simulator: &Simulator, user: &str, headers: &str, body: &str) -> Reply {
    let reply = post(
        simulator,
        user,
        &envelope("Exchange2013_SP1", headers, body),
    )
    .await;
    let reply = reply.expect("a whole answer");
    assert_eq!(simulator.violations(), [], "{}", reply.body);
    reply
}

async fn call(simulator: &Simulator, body: &str) -> Reply {
    call_as(simulator, ALICE, "", body).await
}

fn view(folder: &str, from: &str, to: &str, more: &str) -> String {
    format!(
        "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>Default</t:BaseShape></m:ItemShape><m:CalendarView {more} StartDate=\"{from}\" EndDate=\"{to}\"/><m:ParentFolderIds>{folder}</m:ParentFolderIds></m:FindItem>"
    )
}

fn march(folder: &str) -> String {
    view(folder, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", "")
}

fn get(ids: &str) -> String {
    format!(
        "<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ItemIds>{ids}</m:ItemIds></m:GetItem>"
    )
}

fn event(subject: &str, start: &str, end: &str, more: &str) -> String {
    format!(
        "<t:CalendarItem><t:Subject>{subject}</t:Subject><t:Start>{start}</t:Start><t:End>{end}</t:End>{more}</t:CalendarItem>"
    )
}

fn create(sending: &str, item: &str) -> String {
    format!(
        "<m:CreateItem SendMeetingInvitations=\"{sending}\"><m:Items>{item}</m:Items></m:CreateItem>"
    )
}

fn update(id: &str, key: &str, how: &str, uri: &str, property: &str) -> String {
    format!(
        "<m:UpdateItem ConflictResolution=\"{how}\" SendMeetingInvitationsOrCancellations=\"SendToAllAndSaveCopy\"><m:ItemChanges><t:ItemChange><t:ItemId Id=\"{id}\" ChangeKey=\"{key}\"/><t:Updates><t:SetItemField><t:FieldURI FieldURI=\"{uri}\"/><t:CalendarItem>{property}</t:CalendarItem></t:SetItemField></t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>"
    )
}

const BOB_INVITED: &str = "<t:RequiredAttendees><t:Attendee><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:Attendee></t:RequiredAttendees>";

#[tokio::test]
async fn what_is_no_good_request_is_refused_as_exchange_does() {
    let simulator = start().await;
    let unknown = call(&simulator, "<m:Dance/>").await;
    assert_eq!(
        (unknown.status, unknown.code().as_str()),
        (500, "ErrorInvalidRequest")
    );
    let newer = post(
        &simulator,
        ALICE,
        &envelope("Exchange2030", "", "<m:GetItem/>"),
    )
    .await;
    assert_eq!(newer.unwrap().code(), "ErrorInvalidServerVersion");
    let foreign = envelope("Exchange2013", "", "<m:GetItem/>")
        .replace("http://schemas.m", "https://schemas.m");
    assert_eq!(post(&simulator, ALICE, &foreign).await.unwrap().status, 501);
    assert_eq!(
        post(&simulator, ALICE, "<s:Envelope").await.unwrap().status,
        400
    );
    assert_eq!(
        post(&simulator, "eve@example.test", "<a/>")
            .await
            .unwrap()
            .status,
        401
    );
    assert_eq!(simulator.log().wrong_credentials, 1);
    assert_eq!(simulator.log().connections.len(), 5);

    let old = Simulator::builder().version(SimulatedVersion::Exchange2007Sp1);
    let old = old.start().await.unwrap();
    let refused = post(&old, ALICE, &envelope("Exchange2010", "", "<m:GetItem/>"))
        .await
        .unwrap();
    assert_eq!(refused.texts("faultcode"), ["soap11:Client"]);
    assert_eq!(
        refused.attributes("ServerVersionInfo", "Version"),
        ["Exchange2007_SP1"]
    );
}

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
    simulator.limit_find(Some(5));
    assert_eq!(
        call(&simulator, &march(CALENDAR)).await.code(),
        "ErrorExceededFindCountLimit"
    );
    let page = "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:IndexedPageItemView Offset=\"6\" BasePoint=\"Beginning\"/><m:ParentFolderIds><t:DistinguishedFolderId Id=\"calendar\"/></m:ParentFolderIds></m:FindItem>";
    let page = call(&simulator, page).await;
    assert_eq!(page.attributes("RootFolder", "IndexedPagingOffset"), ["9"]);
    assert_eq!(page.attributes("ItemId", "Id").len(), 3);
}

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
async fn synchronisation_tells_each_change_once() {
    let simulator = start().await;
    let planted: Vec<String> = (0..5)
        .map(|number| {
            let item = event(
                &number.to_string(),
                "2026-03-05T10:00:00Z",
                "2026-03-05T11:00:00Z",
                "",
            );
            simulator.plant(ALICE, "calendar", &item).unwrap()
        })
        .collect();
    let sync = async |state: &str, ignore: &str| {
        let body = format!(
            "<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId>{CALENDAR}</m:SyncFolderId>{state}{ignore}<m:MaxChangesReturned>2</m:MaxChangesReturned></m:SyncFolderItems>"
        );
        call(&simulator, &body).await
    };
    let state_of = |reply: &Reply| {
        format!(
            "<m:SyncState>{}</m:SyncState>",
            reply.texts("SyncState").concat()
        )
    };
    let mut seen = Vec::new();
    let mut state = String::new();
    for last in ["false", "false", "true"] {
        let page = sync(&state, "").await;
        assert_eq!(page.texts("IncludesLastItemInRange"), [last]);
        seen.extend(page.attributes("ItemId", "Id"));
        state = state_of(&page);
    }
    assert_eq!(seen, planted);
    assert_eq!(sync(&state, "").await.attributes("ItemId", "Id").len(), 0);

    simulator
        .alter(&planted[1], "item:Subject", "changed \u{2}")
        .unwrap();
    simulator.remove(&planted[0]).unwrap();
    let changed = sync(&state, "").await;
    assert_eq!(changed.texts("Update").len(), 1);
    assert_eq!(changed.texts("Delete").len(), 1);
    let ignore = format!("<m:Ignore><t:ItemId Id=\"{}\"/></m:Ignore>", planted[1]);
    assert_eq!(sync(&state, &ignore).await.texts("Update").len(), 0);
    let invalid = sync("<m:SyncState>H4sIAAA=</m:SyncState>", "").await;
    assert_eq!(invalid.code(), "ErrorInvalidSyncStateData");
    assert_eq!(invalid.texts("SyncState"), [""]);
    // What XML forbids goes out as a reference, as from real servers.
    assert!(
        simulator
            .item_xml(&planted[1])
            .unwrap()
            .contains("changed &#x2;")
    );
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
async fn troubles_come_in_order_and_pass() {
    let simulator = start().await;
    let item = event("Once", "2026-03-05T10:00:00Z", "2026-03-05T11:00:00Z", "");
    let create = envelope("Exchange2013", "", &create("SendToNone", &item));
    let find = envelope("Exchange2013", "", &march(CALENDAR));
    let mut headers = Trouble::status(503);
    if let Trouble::Status { headers, .. } = &mut headers {
        headers.push(("Retry-After".to_owned(), "7".to_owned()));
    }
    for trouble in [
        Trouble::DropBefore,
        Trouble::DropAfter,
        Trouble::Truncate,
        headers,
        Trouble::busy(1500),
        Trouble::Message {
            code: "ErrorServerBusy",
            back_off: Some(250),
        },
        Trouble::HtmlPage,
        Trouble::ForgetLogon,
    ] {
        simulator.fail_next(trouble);
    }
    assert!(post(&simulator, ALICE, &create).await.is_none());
    assert!(post(&simulator, ALICE, &create).await.is_none());
    assert!(post(&simulator, ALICE, &find).await.is_none());
    assert_eq!(post(&simulator, ALICE, &find).await.unwrap().status, 503);
    let busy = post(&simulator, ALICE, &find).await.unwrap();
    assert_eq!(busy.code(), "ErrorServerBusy");
    assert_eq!(busy.texts("Value"), ["1500"]);
    let busy = post(&simulator, ALICE, &find).await.unwrap();
    assert_eq!(
        (busy.status, busy.code().as_str()),
        (200, "ErrorServerBusy")
    );
    assert_eq!(busy.texts("Value"), ["250"]);
    assert!(
        post(&simulator, ALICE, &find)
            .await
            .unwrap()
            .body
            .contains("Sign in")
    );
    assert_eq!(post(&simulator, ALICE, &find).await.unwrap().status, 401);
    // The dropped requests: the first never ran, the second did.
    let after = post(&simulator, ALICE, &find).await.unwrap();
    assert_eq!(after.texts("Subject"), ["Once"]);
    assert_eq!(simulator.log().operations.get("CreateItem"), Some(&1));
}

#[tokio::test]
async fn drafts_are_sent_and_items_move() {
    let simulator = start().await;
    let draft = "<m:CreateItem MessageDisposition=\"SaveOnly\"><m:Items><t:Message><t:Subject>Draft</t:Subject><t:Body BodyType=\"Text\">Hi</t:Body><t:ToRecipients><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:ToRecipients></t:Message></m:Items></m:CreateItem>";
    let created = call(&simulator, draft).await;
    let id = created.attributes("ItemId", "Id").concat();
    let key = created.attributes("ItemId", "ChangeKey").concat();
    let send = |key: &str| {
        format!(
            "<m:SendItem SaveItemToFolder=\"true\"><m:ItemIds><t:ItemId Id=\"{id}\"{key}/></m:ItemIds></m:SendItem>"
        )
    };
    assert_eq!(
        call(&simulator, &send("")).await.code(),
        "ErrorChangeKeyRequired"
    );
    let key = format!(" ChangeKey=\"{key}\"");
    assert_eq!(call(&simulator, &send(&key)).await.code(), "NoError");
    assert_eq!(simulator.item_ids(ALICE, "drafts").unwrap().len(), 0);
    assert_eq!(simulator.item_ids(ALICE, "sentitems").unwrap().len(), 1);
    let [received] = simulator
        .item_ids(BOB, "inbox")
        .unwrap()
        .try_into()
        .unwrap();
    assert!(
        simulator
            .item_xml(&received)
            .unwrap()
            .contains("<t:IsRead>false</t:IsRead>")
    );
    let relocate = |name: &str| {
        format!(
            "<m:{name}><m:ToFolderId><t:DistinguishedFolderId Id=\"junkemail\"/></m:ToFolderId><m:ItemIds><t:ItemId Id=\"{received}\"/></m:ItemIds></m:{name}>"
        )
    };
    for (name, left, moved) in [("CopyItem", 1, 1), ("MoveItem", 0, 2)] {
        assert_eq!(
            call_as(&simulator, BOB, "", &relocate(name)).await.code(),
            "NoError"
        );
        assert_eq!(simulator.item_ids(BOB, "inbox").unwrap().len(), left);
        assert_eq!(simulator.item_ids(BOB, "junkemail").unwrap().len(), moved);
    }
    let gone = call_as(&simulator, BOB, "", &relocate("MoveItem")).await;
    assert_eq!(gone.code(), "ErrorItemNotFound");
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
async fn old_versions_speak_their_own_words() {
    let simulator = Simulator::builder().version(SimulatedVersion::Exchange2007Sp1);
    let simulator = simulator.start().await.unwrap();
    let zone = "<t:MeetingTimeZone TimeZoneName=\"W. Europe Standard Time\"/>";
    let item = event(
        "Old",
        "2026-03-05T10:00:00+01:00",
        "2026-03-05T11:00:00+01:00",
        zone,
    );
    let id = simulator.plant(ALICE, "calendar", &item).unwrap();
    let request = envelope(
        "Exchange2007_SP1",
        "",
        &get(&format!("<t:ItemId Id=\"{id}\"/>")),
    );
    let reply = post(&simulator, ALICE, &request).await.unwrap();
    assert_eq!(
        reply.attributes("MeetingTimeZone", "TimeZoneName"),
        ["W. Europe Standard Time"]
    );
    assert_eq!(reply.texts("BaseOffset"), ["-PT1H"]);
    assert_eq!(reply.texts("StartTimeZone").len(), 0);
    assert_eq!(reply.texts("Start"), ["2026-03-05T09:00:00Z"]);
}

/// What an answer shows must be known to the version that the request named.
#[tokio::test]
async fn answers_use_nothing_newer_than_the_request() {
    let day = "<m:GetUserAvailabilityRequest><t:TimeZone><t:Bias>0</t:Bias><t:StandardTime><t:Bias>0</t:Bias><t:Time>00:00:00</t:Time><t:DayOrder>0</t:DayOrder><t:Month>0</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime><t:DaylightTime><t:Bias>0</t:Bias><t:Time>00:00:00</t:Time><t:DayOrder>0</t:DayOrder><t:Month>0</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime></t:TimeZone><m:MailboxDataArray><t:MailboxData><t:Email><t:Address>bob@example.test</t:Address></t:Email><t:AttendeeType>Required</t:AttendeeType></t:MailboxData></m:MailboxDataArray><t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>2026-03-02T00:00:00</t:StartTime><t:EndTime>2026-03-06T00:00:00</t:EndTime></t:TimeWindow><t:MergedFreeBusyIntervalInMinutes>60</t:MergedFreeBusyIntervalInMinutes><t:RequestedView>FreeBusyMerged</t:RequestedView></t:FreeBusyViewOptions></m:GetUserAvailabilityRequest>";
    let folders = "<m:GetFolder><m:FolderShape><t:BaseShape>AllProperties</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id=\"calendar\"/><t:DistinguishedFolderId Id=\"inbox\"/></m:FolderIds></m:GetFolder>";
    let names = "<m:ResolveNames ReturnFullContactData=\"true\"><m:UnresolvedEntry>bob</m:UnresolvedEntry></m:ResolveNames>";
    let sync = format!(
        "<m:SyncFolderItems><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:SyncFolderId>{CALENDAR}</m:SyncFolderId><m:MaxChangesReturned>512</m:MaxChangesReturned></m:SyncFolderItems>"
    );
    for version in [
        SimulatedVersion::Exchange2007Sp1,
        SimulatedVersion::Exchange2010,
        SimulatedVersion::Exchange2010Sp2,
        SimulatedVersion::Exchange2013,
        SimulatedVersion::Exchange2016,
    ] {
        let simulator = Simulator::builder()
            .now("2026-03-04T12:00:00Z".parse().unwrap())
            .version(version)
            .seed_agenda(true)
            .start()
            .await
            .unwrap();
        let elsewhere = "<t:LegacyFreeBusyStatus>WorkingElsewhere</t:LegacyFreeBusyStatus>";
        let item = event(
            "Home",
            "2026-03-02T20:00:00Z",
            "2026-03-02T21:00:00Z",
            elsewhere,
        );
        for mailbox in [ALICE, BOB] {
            simulator.plant(mailbox, "calendar", &item).unwrap();
        }
        let ids: String = simulator
            .item_ids(ALICE, "calendar")
            .unwrap()
            .iter()
            .map(|id| format!("<t:ItemId Id=\"{id}\"/>"))
            .collect();
        let view = march(CALENDAR).replace("Default", "AllProperties");
        for body in [&get(&ids), &view, day, folders, names, &sync] {
            let request = envelope(version.name(), "", body);
            let reply = post(&simulator, ALICE, &request).await.unwrap();
            assert_eq!(reply.status, 200, "{version} {}", reply.body);
            assert_eq!(
                reply.texts("ResponseCode")[0],
                "NoError",
                "{version} {body}"
            );
            // The check of a request's version works on any envelope that names one.
            let mark = format!(
                "Header><t:RequestServerVersion xmlns:t=\"{TYPES}\" Version=\"{version}\"/>"
            );
            let marked = reply.body.replacen("Header>", &mark, 1);
            assert_eq!(check_envelope(&marked), Ok(()), "{version} {}", reply.body);
        }
        assert_eq!(simulator.violations(), []);
    }
}

//! Answers of real servers, documented ones, and hostile ones, read as a program reads them.
//!
//! The documents are not part of this repository: these tests say that they are skipped unless
//! `EXCHANGE_CORPUS` names the folder.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use exchange_connector::ews::{Arrival, inspect, operation};
use http::{HeaderName, HeaderValue};
use serde_json::Value;

/// No document may take longer, however hostile, in a debug build.
const PATIENCE: Duration = Duration::from_secs(10);

/// Disagreements with what a manifest expects: the file, the outcome here, and why.
const DISAGREEMENTS: &[(&str, &str, &str)] = &[];

/// What must come out of hostile documents beyond the words in their manifest: the file, where in
/// the JSON, and the value; `null` also stands for what must be absent.
#[rustfmt::skip]
const VALUES: &[(&str, &str, &str)] = &[
    ("001-charref-nul-in-subject", ITEM_SUBJECT, r#""A\ufffdB""#),
    ("001-charref-nul-in-subject", "/replaced_characters", "1"),
    ("003-charref-02-in-subject", ITEM_SUBJECT, r#""A\ufffdB""#),
    ("004-charref-0b-in-subject", ITEM_SUBJECT, r#""A\ufffdB""#),
    ("006-charref-10-in-subject", ITEM_SUBJECT, r#""A\ufffdB""#),
    ("007-charref-19-in-subject", ITEM_SUBJECT, r#""A\ufffdB""#),
    ("010-charref-fffe-ffff", ITEM_SUBJECT, r#""A\ufffdB\ufffdC""#),
    ("010-charref-fffe-ffff", "/replaced_characters", "2"),
    ("011-charref-all-c0-in-body", "/replaced_characters", "29"),
    ("012-charref-illegal-in-attribute", "/messages/0/content/Items/0/Contact/EmailAddresses/Entry/Name", r#""x\ufffdy""#),
    ("012-charref-illegal-in-attribute", "/replaced_characters", "1"),
    ("019-raw-nul-byte", ITEM_SUBJECT, r#""A\ufffdB""#),
    ("020-raw-control-bytes", ITEM_SUBJECT, r#""A\ufffd\ufffd\u007fB""#),
    ("022-raw-c1-and-line-separators", ITEM_SUBJECT, r#""A\u0085B\u2028C\u00a0D\ufeffE\u200bF""#),
    ("023-cr-reference-versus-raw-crlf", "/messages/0/content/Items/0/Message/Body/Value", r#""one\r\ntwo\nthree\nfour""#),
    ("024-astral-and-combining", ITEM_SUBJECT, r#""e\u0301 \ud83d\ude00 \udbff\udffd \u00c5""#),
    ("028-cdata-value", ITEM_SUBJECT, r#""a <b> & &#x41; ]]> c""#),
    ("032-attribute-newline-in-id", "/messages/0/content/Items/0/Message/ItemId/Id", r#""AAMk ADQ""#),
    ("032-attribute-newline-in-id", "/messages/0/content/Items/0/Message/ItemId/ChangeKey", r#""x\ny""#),
    ("037-declaration-1.0-no-encoding", ITEM_SUBJECT, r#""Grüße €""#),
    ("038-declaration-single-quotes", ITEM_SUBJECT, r#""Grüße €""#),
    ("041-utf16be-bom", ITEM_SUBJECT, r#""Grüße €""#),
    ("042-utf16le-no-bom", ITEM_SUBJECT, r#""Grüße €""#),
    ("045-latin1-bytes-declared-latin1", ITEM_SUBJECT, r#""Grüße ""#),
    ("052-utf7", ITEM_SUBJECT, r#""Grüße €""#),
    ("074-trailing-white-space", "/messages/0/content/RootFolder/Items/2/CalendarItem/Start", r#""2024-05-03T10:00:00Z""#),
    ("074-trailing-white-space", "/messages/0/content/RootFolder/Items/3", "null"),
    ("126-soap11-prefix-redeclared", "/server/MajorBuildNumber", "847"),
    ("126-soap11-prefix-redeclared", "/server/MinorBuildNumber", "31"),
    ("140-unknown-item-type", "/messages/0/content/RootFolder/Items/0/HologramItem/ItemId/Id", "\"AAMkADQwYjI2NmQzLWRjOGItNDcyMC1iMWE2LWZiMWQxZTk0NDA5YwBGAAAAAAD7THPLlZw5QIg6OXUk7V98BwBW56ZK5wEvSplui1kQQWjKAAAAAAENAABW56ZK5wEvSplui1kQQWjKAAAXHr1nAAA=\""),
    ("140-unknown-item-type", "/messages/0/content/RootFolder/Items/1/Message/Subject", r#""plain""#),
    ("145-inboxreminders-2016-position", "/messages/0/content/Items/0/CalendarItem/IsOrganizer", "true"),
    ("146-response-code-before-message-text", "/messages/0/text", r#""gone""#),
    ("149-missing-changekey", "/messages/0/content/Items/0/Message/ItemId/ChangeKey", "null"),
    ("154-integer-overflow", "/messages/0/content/Items/0/Message/Size", "null"),
    ("157-pretty-printed-values", "/messages/0/content/Items/0/Message/Importance", r#""High""#),
    ("157-pretty-printed-values", ITEM_SUBJECT, r#""\n keep me \n""#),
    ("158-empty-dayofweek", "/messages/0/content/FreeBusyView/WorkingHours/WorkingPeriodArray/0/DayOfWeek", "[]"),
    ("158-empty-dayofweek", "/messages/0/content/FreeBusyView/WorkingHours/WorkingPeriodArray/0/EndTimeInMinutes", "1020"),
    ("160-starttimezone-empty-id", "/messages/0/content/Items/0/CalendarItem/StartTimeZone/Id", r#""""#),
    ("160-starttimezone-empty-id", "/messages/0/content/Items/0/CalendarItem/StartTimeZone/Name", r#""Pacific Standard Time""#),
    ("161-timezone-custom-and-iana-ids", "/messages/0/content/Items/0/CalendarItem/StartTimeZone/Id", r#""tzone://Microsoft/Custom""#),
    ("161-timezone-custom-and-iana-ids", "/messages/0/content/Items/0/CalendarItem/EndTimeZone/Id", r#""Europe/Copenhagen""#),
    ("161-timezone-custom-and-iana-ids", "/messages/0/content/Items/0/CalendarItem/StartTimeZoneId", r#""tzone://Microsoft/Utc""#),
    ("163-bias-forms", "/messages/0/content/Items/0/CalendarItem/StartTimeZone/Periods/0/Bias", "0"),
    ("163-bias-forms", "/messages/0/content/Items/0/CalendarItem/StartTimeZone/Periods/1/Bias", "-330"),
    ("163-bias-forms", "/messages/0/content/Items/0/CalendarItem/StartTimeZone/Periods/2/Bias", "0"),
    ("172-base64-empty", "/messages/0/content/Attachments/0/FileAttachment/Content", r#""""#),
    ("174-page-past-the-end", "/messages/0/content/RootFolder/Items", "[]"),
    ("174-page-past-the-end", "/messages/0/content/RootFolder/IncludesLastItemInRange", "true"),
    ("175-page-without-progress", "/messages/0/content/RootFolder/IndexedPagingOffset", "0"),
    ("176-total-does-not-match", "/messages/0/content/ResolutionSet/Resolution/1", "null"),
    ("176-total-does-not-match", "/messages/0/content/ResolutionSet/Resolution/0/Mailbox/EmailAddress", r#""lev@example.com""#),
    ("180-sync-empty-changes", "/messages/0/content/Changes", "[]"),
    ("182-sync-bookings-item", "/messages/0/content/Changes/0/Create/Booking/Subject", r#""Haircut""#),
    ("182-sync-bookings-item", "/messages/0/content/Changes/1/Create/Message/Subject", r#""plain""#),
    ("182-sync-bookings-item", "/messages/0/content/SyncState", r#""H4sI""#),
    ("183-mailbox-without-address", "/messages/0/content/Items/0/Message/From/Mailbox/Name", r#""Deleted user""#),
    ("183-mailbox-without-address", "/messages/0/content/Items/0/Message/Sender/Mailbox", "null"),
    ("184-mailbox-ex-address", "/messages/0/content/Items/0/Message/From/Mailbox/RoutingType", r#""EX""#),
    ("186-version-header-missing", "/server", "null"),
    ("187-version-header-garbage", "/server", "null"),
    ("191-extendedproperty-forms", "/messages/0/content/Items/0/Message/ExtendedProperty/0/ExtendedFieldURI/PropertyTag", r#""0x7d""#),
    ("191-extendedproperty-forms", "/messages/0/content/Items/0/Message/ExtendedProperty/1/ExtendedFieldURI/PropertyTag", r#""0X0039""#),
    ("191-extendedproperty-forms", "/messages/0/content/Items/0/Message/ExtendedProperty/3/Values", r#"["x", ""]"#),
    ("191-extendedproperty-forms", "/messages/0/content/Items/0/Message/ExtendedProperty/4/ExtendedFieldURI/PropertyType", r#""Error""#),
    ("195-year-4501", RECEIVED, r#""4501-01-01T00:00:00Z""#),
    ("199-year-10000", RECEIVED, "null"),
    ("200-year-negative", RECEIVED, "null"),
    ("202-offset", RECEIVED, r#""2013-05-19T15:16:37Z""#),
    ("203-offset-odd", RECEIVED, r#""2024-05-13T20:45:00Z""#),
    ("205-offset-beyond", RECEIVED, "null"),
    ("205-offset-beyond", "/unreadable_values", "1"),
    ("207-fraction-7", RECEIVED, r#""2024-05-14T09:30:00.123456700Z""#),
    ("208-fraction-30", RECEIVED, r#""2024-05-14T09:30:00.111111111Z""#),
    ("209-hour-24", RECEIVED, r#""2024-05-15T00:00:00Z""#),
    ("211-feb-30", RECEIVED, "null"),
    ("212-date-only", RECEIVED, r#""2024-05-14T00:00:00Z""#),
    ("213-date-only-zone", RECEIVED, r#""2013-05-18T22:00:00Z""#),
    ("215-white-space", RECEIVED, r#""2024-05-14T09:30:00Z""#),
    ("216-us-format", RECEIVED, "null"),
    ("218-recurrence-dates", "/messages/0/content/Items/0/CalendarItem/Recurrence/EndDateRecurrence/StartDate", r#""2016-03-15""#),
    ("218-recurrence-dates", "/messages/0/content/Items/0/CalendarItem/Recurrence/EndDateRecurrence/EndDate", r#""2016-03-25""#),
    ("220-end-before-start", "/messages/0/content/Items/0/CalendarItem/End", r#""2024-05-01T10:00:00Z""#),
    ("222-mixed-success-error", "/messages/0/code", r#""NoError""#),
    ("222-mixed-success-error", "/messages/1/code", r#""ErrorItemNotFound""#),
    ("222-mixed-success-error", "/messages/2/code", r#""NoError""#),
    ("223-mixed-with-warnings", "/messages/1/code", r#""ErrorAccessDenied""#),
    ("223-mixed-with-warnings", "/messages/3/code", r#""ErrorBatchProcessingStopped""#),
    ("224-single-error-for-whole-batch", "/messages/4/code", r#""ErrorFolderNotFound""#),
    ("230-error-with-noerror", "/messages/0/code", "null"),
    ("233-warning-with-payload", "/messages/0/class", r#""Warning""#),
    ("233-warning-with-payload", "/messages/0/content/ResolutionSet/Resolution/1/Mailbox/Name", r#""B""#),
    ("235-createitem-success-no-items", "/messages/1/class", r#""Success""#),
    ("237-inner-error", "/messages/0/details/1/value", r#""ErrorQuotaExceededOnDelete""#),
    ("238-invalid-property-request", "/messages/0/details/0/value", r#""message:IsRead""#),
    ("263-server-busy-backoff", "/fault/back_off_milliseconds", "297749"),
    ("264-server-busy-no-backoff", "/fault/back_off_milliseconds", "null"),
    ("265-server-busy-backoff-200", "/fault/back_off_milliseconds", "1000"),
    ("267-server-busy-backoff-negative", "/fault/back_off_milliseconds", "null"),
    ("270-server-busy-backoff-huge", "/fault/back_off_milliseconds", "86400000"),
    ("271-server-busy-backoff-empty", "/fault/back_off_milliseconds", "null"),
    ("272-server-busy-backoff-white-space", "/fault/back_off_milliseconds", "3000"),
    ("273-server-busy-second-value", "/fault/back_off_milliseconds", "4000"),
    ("274-server-busy-messagexml-errors-namespace", "/fault/back_off_milliseconds", "5000"),
    ("277-schema-validation-2007", "/fault/line", "2"),
    ("277-schema-validation-2007", "/fault/position", "630"),
    ("288-codes-disagree", "/fault/code", r#""ErrorAccessDenied""#),
    ("289-no-detail", "/fault/faultcode", r#""s:Server""#),
    ("304-fault-status-503", "/fault/back_off_milliseconds", "60000"),
    ("337-normal", "/messages/4/content/ConnectionStatus", r#""Closed""#),
    ("346-invalid-subscription-t-namespace", "/messages/0/code", r#""ErrorInvalidSubscription""#),
    ("351-two-subscriptions-in-one", "/messages/1/content/Notifications/Notification/1/SubscriptionId", r#""sub2""#),
];

const ITEM_SUBJECT: &str = "/messages/0/content/Items/0/Message/Subject";
const RECEIVED: &str = "/messages/0/content/Items/0/Message/DateTimeReceived";

#[test]
fn answers_of_real_servers() {
    let Some(corpus) = corpus() else { return };
    let rows = answers(&corpus, "real");
    let mut read = 0;
    for row in &rows {
        // Cut short, without an envelope, or of Autodiscover, which has a test of its own.
        let is_whole = row["well_formed"] == "y" || row["well_formed"].contains("xmlChar");
        let is_ours = !row["operation"].starts_with("Autodiscover");
        if !is_whole || !is_ours || row["file"].contains(".body-only.") {
            continue;
        }
        let json = inspected(&corpus, &row["file"], &Arrival::default()).unwrap();
        assert_typed(&row["file"], &row["operation"], &json);
        read += 1;
    }
    assert!(read * 10 > rows.len() * 8, "{read} of {}", rows.len());
    eprintln!("{read} answers of {}", rows.len());
}

#[test]
fn documented_answers() {
    let Some(corpus) = corpus() else { return };
    let mut read = 0;
    for row in answers(&corpus, "examples") {
        if row["schema_valid"] == "y" {
            let json = inspected(&corpus, &row["file"], &Arrival::default()).unwrap();
            assert_typed(&row["file"], &row["operation"], &json);
            read += 1;
        }
    }
    assert!(read > 20, "only {read} answers");
    eprintln!("{read} answers");
}

#[cfg(feature = "autodiscover")]
#[test]
fn answers_of_autodiscover() {
    use exchange_connector::autodiscover::{Answer, read_answer};

    let Some(corpus) = corpus() else { return };
    let text = |row: &Row| {
        let bytes = fs::read(corpus.join(&row["file"])).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let rows = ["real", "examples"].map(|folder| answers(&corpus, folder));
    let rows = rows.iter().flatten();
    let rows = rows.filter(|row| row["operation"].starts_with("Autodiscover"));
    let (mut settings, mut redirects, mut others) = (0, 0, 0);
    for row in rows {
        let file = &row["file"];
        let answer = read_answer(&text(row));
        if row["operation"] != "Autodiscover-GetUserSettings" {
            // an answer to something else is none
            let error = answer.unwrap_err().to_string();
            assert!(
                error.contains("GetUserSettings was expected"),
                "{file}: {error}"
            );
            others += 1;
            continue;
        }
        match answer.unwrap() {
            Answer::Settings(found) => {
                assert!(
                    found.display_name.is_some() && found.cas_version.is_some(),
                    "{file}"
                );
                settings += 1;
            }
            Answer::RedirectAddress(address) => {
                assert!(address.contains('@'), "{file}: {address}");
                redirects += 1;
            }
            other => panic!("{file}: {other:?}"),
        }
    }
    assert!(
        settings >= 3 && redirects >= 2,
        "{settings} and {redirects}"
    );
    eprintln!("{settings} settings, {redirects} redirects, {others} of other operations");

    // what is meant for EWS is no settings, however hostile, and one is an answer of POX
    let mut refused = Vec::new();
    for row in rows_of_text(&corpus) {
        match read_answer(&text(&row)) {
            Err(_) => {}
            Ok(Answer::Refused { code, .. }) => refused.push(code),
            Ok(other) => panic!("{}: {other:?}", row["file"]),
        }
    }
    assert!(refused.iter().any(|code| code == "600"), "{refused:?}");
}

/// Hostile documents that begin as XML.
#[cfg(feature = "autodiscover")]
fn rows_of_text(corpus: &Path) -> Vec<Row> {
    let mut rows = rows(corpus, "hostile");
    rows.retain(|row| row["file"].ends_with(".xml"));
    assert!(rows.len() > 100, "only {} documents", rows.len());
    rows
}

#[test]
fn hostile_answers() {
    let Some(corpus) = corpus() else { return };
    let mut failures = Vec::new();
    let mut slowest = (Duration::ZERO, String::new());
    let rows = rows(&corpus, "hostile");
    for row in &rows {
        let begin = Instant::now();
        let result = inspected(&corpus, &row["file"], &arrival(row));
        let took = begin.elapsed();
        if took > slowest.0 {
            slowest = (took, row["file"].clone());
        }
        if took > PATIENCE {
            failures.push(format!("{}: took {took:?}", row["file"]));
        }
        for problem in disagreements(row, &result) {
            let got = match &result {
                Ok(json) => json.to_string().chars().take(1000).collect(),
                Err(problem) => problem.clone(),
            };
            failures.push(format!("{}: {problem}\n  {got}", row["file"]));
        }
    }
    assert!(rows.len() > 100, "only {} documents", rows.len());
    for (name, ..) in VALUES {
        let is_there = rows.iter().any(|row| stem(&row["file"]) == *name);
        assert!(is_there, "there is no {name}");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    eprintln!("{} documents, slowest {slowest:?}", rows.len());
}

/// A check that cannot fail is no check.
#[test]
fn disagreements_are_seen() {
    let row = |expect: &str, detail: &str| {
        let mut row = Row::default();
        row.0
            .push(("file".to_owned(), "hostile/x/0-x.xml".to_owned()));
        row.0.push(("expect".to_owned(), expect.to_owned()));
        row.0.push(("detail".to_owned(), detail.to_owned()));
        row
    };
    let good = Ok(serde_json::json!({"messages": [
        {"class": "Success", "code": "NoError", "content": {"Items": [{"Message": {"Subject": "a", "Size": 7}}]}},
    ]}));
    let count = |expect: &str, detail: &str, result: &Result<Value, String>| {
        disagreements(&row(expect, detail), result).len()
    };
    assert_eq!(count("ok", "Subject \"a\", Size 7", &good), 0);
    assert_eq!(count("ok|xml", "", &good), 0);
    assert_eq!(count("ok", "Subject \"b\", Size 8", &good), 2);
    assert_eq!(count("message", "ErrorItemNotFound", &good), 2);
    assert_eq!(count("xml", "", &good), 1);
    assert_eq!(count("xml", "", &Err("protocol: x".to_owned())), 1);
    assert_eq!(count("xml", "", &Err("xml: x".to_owned())), 0);
}

/// In what the result is not what the manifest and the table above say.
fn disagreements(row: &Row, result: &Result<Value, String>) -> Vec<String> {
    let mut found = Vec::new();
    let outcome = outcome(result);
    let excused = DISAGREEMENTS
        .iter()
        .any(|(file, ours, _)| row["file"].contains(file) && *ours == outcome);
    let expected = &row["expect"];
    let agrees = expected == "limit"
        || expected.split('|').any(|word| {
            // A document that is cut inside a character may be either.
            word == outcome || (word, outcome) == ("encoding", "xml")
        });
    if !agrees && !excused {
        found.push(format!("{outcome} instead of {expected}"));
    }
    if let Ok(json) = result {
        found.extend(missing_words(row, json));
        found.extend(wrong_values(&row["file"], json));
    }
    found
}

/// One word for what came of a document, as `hostile/README.md` has them.
fn outcome(result: &Result<Value, String>) -> &str {
    let json = match result {
        Ok(json) => json,
        Err(problem) => return problem.split(':').next().unwrap_or_default(),
    };
    if json.get("fault").is_some() {
        return "fault";
    }
    let messages = json["messages"].as_array().unwrap();
    let is_refusal =
        |m: &Value| m["class"] == "Error" || m["code"] == "ErrorBatchProcessingStopped";
    match messages.iter().any(is_refusal) {
        true => "message",
        false => "ok",
    }
}

/// What the detail names in so many words: subjects, sizes, codes.
fn missing_words(row: &Row, json: &Value) -> Vec<String> {
    let detail = &row["detail"];
    let text = json.to_string();
    let mut wanted = Vec::new();
    if let Some((_, rest)) = detail.split_once("Subject \"")
        && let Some((subject, _)) = rest.split_once('"')
    {
        wanted.push(format!("\"Subject\":{}", Value::from(subject)));
    }
    if let Some((_, rest)) = detail.split_once("Size ") {
        let end = rest.find(|c: char| !c.is_ascii_digit());
        let digits = rest.split_at(end.unwrap_or(rest.len())).0;
        if !digits.is_empty() {
            wanted.push(format!("\"Size\":{digits}"));
        }
    }
    if matches!(row["expect"].as_str(), "message" | "fault") {
        let words = detail.split(|c: char| !c.is_ascii_alphanumeric());
        let codes = words.filter(|word| word.starts_with("Error") && word.len() > 5);
        wanted.extend(codes.map(|code| format!("\"{code}\"")));
    }
    wanted.retain(|words| !text.contains(words.as_str()));
    wanted.iter().map(|words| format!("no {words}")).collect()
}

fn wrong_values(file: &str, json: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for (of, pointer, value) in VALUES {
        let expected: Value = serde_json::from_str(value).unwrap();
        let found = json.pointer(pointer).unwrap_or(&Value::Null);
        if stem(file) == *of && *found != expected {
            wrong.push(format!("{pointer} is {found} instead of {expected}"));
        }
    }
    wrong
}

/// The name of a document, without folder and ending.
fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// An answer of one of our operations is read as that, so all its values are.
#[track_caller]
fn assert_typed(file: &str, operation: &str, json: &Value) {
    if operation != "Fault" && json.get("fault").is_none() {
        assert_eq!(json["operation"], *operation, "{file}");
    }
    if operation::NAMES.contains(&operation) {
        let unreadable = json.get("unreadable_values");
        assert_eq!(unreadable, None, "{file}: {json}");
    }
}

fn inspected(corpus: &Path, file: &str, arrival: &Arrival) -> Result<Value, String> {
    let bytes = fs::read(corpus.join(file)).unwrap();
    match inspect(&bytes, arrival) {
        Ok(inspection) => Ok(serde_json::to_value(&inspection).unwrap()),
        Err(error) => {
            let cause = format!("{:?}", error.unreadable().unwrap()).to_lowercase();
            Err(format!("{cause}: {error}"))
        }
    }
}

fn arrival(row: &Row) -> Arrival {
    let mut arrival = Arrival::default();
    arrival.operation = Some(row["call"].clone());
    arrival.requested = row["requested"].parse().ok();
    arrival.status = row["http"].parse().ok();
    arrival.content_type = Some(row["ctype"].clone()).filter(|text| !text.is_empty());
    for header in row["headers"].split(" | ").filter(|text| !text.is_empty()) {
        let (name, value) = header.split_once(':').unwrap();
        let name: HeaderName = name.trim().parse().unwrap();
        let value: HeaderValue = value.trim().parse().unwrap();
        arrival.headers.append(name, value);
    }
    arrival
}

/// The rows of a manifest that are answers and whose documents are there.
fn answers(corpus: &Path, folder: &str) -> Vec<Row> {
    let mut rows = rows(corpus, folder);
    rows.retain(|row| row["kind"] == "response");
    rows
}

fn rows(corpus: &Path, folder: &str) -> Vec<Row> {
    let manifest = fs::read_to_string(corpus.join(folder).join("MANIFEST.tsv")).unwrap();
    let mut lines = manifest.lines();
    let head: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let row = |line: &str| {
        let cells = line.split('\t').chain(std::iter::repeat(""));
        let cells = head.iter().zip(cells);
        Row(cells
            .map(|(k, v)| ((*k).to_owned(), v.to_owned()))
            .collect())
    };
    lines
        .map(row)
        .filter(|row| corpus.join(&row["file"]).exists())
        .collect()
}

/// A line of a manifest by the names of its columns.
#[derive(Default)]
struct Row(Vec<(String, String)>);

impl std::ops::Index<&str> for Row {
    type Output = String;

    fn index(&self, column: &str) -> &String {
        let found = self.0.iter().find(|(name, _)| name == column);
        &found.unwrap_or_else(|| panic!("no column {column}")).1
    }
}

fn corpus() -> Option<PathBuf> {
    let corpus = env::var_os("EXCHANGE_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        eprintln!("skipped: EXCHANGE_CORPUS is not set");
    }
    corpus
}

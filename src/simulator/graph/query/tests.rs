use serde_json::json;

use super::*;

const RESOURCE: Resource = Resource {
    name: "microsoft.graph.message",
    properties: &[
        "subject",
        "isRead",
        "receivedDateTime",
        "importance",
        "body",
        "from",
        "categories",
        "singleValueExtendedProperties",
    ],
    filterable: &[
        "subject",
        "isRead",
        "receivedDateTime",
        "importance",
        "from/emailAddress/address",
        "categories",
        "singleValueExtendedProperties",
    ],
    sortable: &["subject", "receivedDateTime"],
    expandable: &["attachments", "singleValueExtendedProperties"],
    is_order_bound: true,
    page: (10, 1000),
};

fn query(parameters: &[(&str, &str)]) -> Result<Query, GraphRefusal> {
    let find = |name: &str| {
        let found = parameters.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value)
    };
    let query = Query::of(&RESOURCE, find)?;
    query.check_orders(&RESOURCE)?;
    Ok(query)
}

fn holds(filter: &str) -> bool {
    let resource = json!({
        "subject": "It's Lunch",
        "isRead": false,
        "receivedDateTime": "2026-03-04T12:00:00Z",
        "importance": "high",
        "from": {"emailAddress": {"address": "Bob@example.test"}},
        "categories": ["Red", "Blue"],
        "singleValueExtendedProperties": [{"id": "Integer 0x1", "value": "12"}],
    });
    query(&[("$filter", filter)]).unwrap().holds(&resource)
}

#[test]
fn filters_are_read_and_asked() {
    for filter in [
        "subject eq 'it''s lunch'",
        "contains(subject,'lunch') and not isRead",
        "isRead eq false and (importance eq 'low' or importance eq 'high')",
        "receivedDateTime ge 2026-03-04T13:00:00+01:00 and receivedDateTime lt 2026-03-05",
        "2026-03-01T00:00:00Z lt receivedDateTime",
        "startswith(tolower(subject), 'it')",
        "from/emailAddress/address eq 'bob@example.test'",
        "categories/any(c:c eq 'red')",
        "categories/all(c: c ne 'Green')",
        "singleValueExtendedProperties/Any(ep: ep/id eq 'Integer 0x1' and cast(ep/value, Edm.Int32) gt 9)",
        "not (subject eq null)",
        "subject ne 'x' or isRead",
    ] {
        assert!(holds(filter), "{filter}");
        assert!(!holds(&format!("not ({filter})")), "{filter}");
    }
    let ids = query(&[(
        "$filter",
        "singleValueExtendedProperties/any(p:p/id eq 'A' and p/value eq 'b')",
    )]);
    let ids = ids.unwrap();
    assert_eq!(ids.extended_ids(), ["A"]);
    assert!(ids.filters_by("singleValueExtendedProperties"));
}

#[test]
fn what_cannot_be_asked_is_refused() {
    for (filter, code) in [
        ("nothing eq 'x'", "BadRequest"),
        ("body eq 'x'", "ErrorInvalidProperty"),
        ("isRead eq 'false'", "BadRequest"),
        ("receivedDateTime gt 'x'", "BadRequest"),
        ("subject eq 'x", "BadRequest"),
        ("subject eq", "BadRequest"),
        ("(subject eq 'x'", "BadRequest"),
        ("subject eq 'x' isRead", "BadRequest"),
        ("length(subject) eq 1", "BadRequest"),
        ("subject", "BadRequest"),
        ("", "BadRequest"),
    ] {
        let refusal = query(&[("$filter", filter)]).unwrap_err();
        assert_eq!(refusal.code, code, "{filter}: {}", refusal.message);
    }
    for (name, value) in [
        ("$select", "subject,nothing"),
        ("$orderby", "nothing"),
        ("$orderby", "subject up"),
        ("$expand", "body"),
        ("$expand", "attachments("),
    ] {
        let refusal = query(&[(name, value)]).unwrap_err();
        assert_eq!(refusal.code, "BadRequest", "{name}={value}");
    }
    let refusal = query(&[("$orderby", "importance")]).unwrap_err();
    assert_eq!(refusal.code, "ErrorInvalidProperty");
}

#[test]
fn what_is_sorted_by_comes_first_in_the_filter() {
    let both = |filter: &str, order: &str| query(&[("$filter", filter), ("$orderby", order)]);
    let since = "receivedDateTime ge 2026-01-01T00:00:00Z";
    assert!(both(since, "receivedDateTime desc").is_ok());
    assert!(both(&format!("{since} and isRead eq true"), "receivedDateTime").is_ok());
    for (filter, order) in [
        ("isRead eq true", "receivedDateTime"),
        (&format!("isRead eq true and {since}"), "receivedDateTime"),
        (since, "receivedDateTime,subject"),
    ] {
        let refusal = both(filter, order).unwrap_err();
        assert_eq!(refusal.code, "InefficientFilter", "{filter}");
    }
    let query = query(&[("$orderby", "receivedDateTime desc, subject")]).unwrap();
    let [a, b] = ["B", "a"].map(|text| json!({"receivedDateTime": "2026", "subject": text}));
    assert_eq!(query.compare(&a, &b), Ordering::Greater);
}

#[test]
fn expansions_have_options_of_their_own() {
    let text = "attachments($select=id,subject;$top=1),singleValueExtendedProperties($filter=id eq 'String {1} Name a, b' or (id eq 'x'))";
    let query = query(&[("$expand", text)]).unwrap();
    let attachments = query.expansion("attachments").unwrap();
    assert_eq!(attachments.option("$select"), Some("id,subject"));
    assert_eq!(attachments.option("$top"), Some("1"));
    let extended = query.expansion("singleValueExtendedProperties").unwrap();
    assert_eq!(
        extended.extended_ids().unwrap(),
        ["String {1} Name a, b", "x"]
    );
    assert!(attachments.extended_ids().is_err());
    let mut value = json!({"id": "1", "subject": "x", "@odata.etag": "y", "attachments": []});
    Query {
        select: Some(vec!["isRead".to_owned()]),
        ..query
    }
    .choose(&mut value);
    assert_eq!(
        value,
        json!({"id": "1", "@odata.etag": "y", "attachments": []})
    );
    assert_eq!(read_token(&token(300)), Some(300));
    assert_eq!(read_token("x"), None);
}

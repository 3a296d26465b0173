//! The judge of requests to Graph and of the answers of the simulator: the OpenAPI document of Graph, as far as it
//! reaches.
//!
//! The document is not part of this repository: `GRAPH_OPENAPI` names it, else it is looked for beside the repository.
//! Without it nothing is judged, and a word says so.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use exchange_connector::simulator::Exchange;
use jsonschema::Validator;
use serde_json::{Value, json};

/// The document, if there is one.
pub(crate) struct Judge {
    document: Value,
    /// By where in the document they are.
    validators: Mutex<BTreeMap<String, std::sync::Arc<Validator>>>,
    reach: Mutex<Reach>,
}

/// How far the document reaches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    /// How many requests and answers were judged by its schemas.
    pub(crate) bodies: usize,
    /// How often an operation was asked for that it does not have.
    pub(crate) beyond: BTreeMap<String, usize>,
}

/// What is against the document.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) operation: String,
    pub(crate) is_answer: bool,
    pub(crate) problem: String,
    pub(crate) text: String,
}

/// What Graph has and the document leaves out, because it leads back to where it came from.
fn complete(document: &mut Value) {
    let event = &mut document["components"]["schemas"]["event"]["properties"];
    event["calendar"] = json!({"$ref": "#/components/schemas/calendar"});
}

impl Judge {
    /// The document, read once. `None` where there is none.
    pub(crate) fn find() -> Option<&'static Self> {
        static JUDGE: OnceLock<Option<Judge>> = OnceLock::new();
        let judge = JUDGE.get_or_init(|| {
            let beside = concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../shared/graph-openapi/graph-mail-calendar.openapi.json"
            );
            let named = std::env::var("GRAPH_OPENAPI").ok();
            if named.is_none() && !Path::new(beside).is_file() {
                println!("skipped: GRAPH_OPENAPI names no document to judge Graph by");
                return None;
            }
            let file = named.as_deref().unwrap_or(beside);
            let text = std::fs::read_to_string(file).expect(file);
            let mut document: Value = serde_json::from_str(&text).expect(file);
            complete(&mut document);
            Some(Self {
                document,
                validators: Mutex::default(),
                reach: Mutex::default(),
            })
        });
        judge.as_ref()
    }

    /// How far it reached until now.
    pub(crate) fn reach(&self) -> Reach {
        self.reach.lock().unwrap().clone()
    }

    /// What of a request and its answer is against the document; of a batch, of its parts too.
    pub(crate) fn judge(&self, exchange: &Exchange) -> Vec<Finding> {
        let Some((method, _)) = exchange.operation.split_once(' ') else {
            return Vec::new();
        };
        let Some(path) = exchange.target.strip_prefix("/v1.0") else {
            return Vec::new();
        };
        let mut findings = Vec::new();
        let request = serde_json::from_str(&exchange.request).ok();
        let answer = serde_json::from_str(&exchange.answer).ok();
        let kind = exchange
            .headers
            .iter()
            .find(|(name, _)| name == "content-type")
            .map_or("application/json", |(_, value)| value.as_str());
        let one = Message {
            method,
            path,
            kind,
            request,
            status: exchange.status,
            answer,
        };
        self.judge_one(&one, &mut findings);
        if path == "/$batch" {
            self.judge_parts(&one, &mut findings);
        }
        findings
    }

    fn judge_parts(&self, batch: &Message<'_>, findings: &mut Vec<Finding>) {
        let list = |value: &Option<Value>, name: &str| {
            let list = value.as_ref().and_then(|value| value.get(name)?.as_array());
            list.cloned().unwrap_or_default()
        };
        let answers = list(&batch.answer, "responses");
        for part in list(&batch.request, "requests") {
            let text = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default();
            let answer = answers.iter().find(|one| one.get("id") == part.get("id"));
            let headers = part.get("headers").and_then(Value::as_object);
            let kind = headers.and_then(|headers| {
                let mut all = headers.iter();
                let (_, kind) = all.find(|(name, _)| name.eq_ignore_ascii_case("content-type"))?;
                kind.as_str()
            });
            let status = answer.and_then(|answer| answer.get("status")?.as_u64());
            let url = text("url");
            let path = match url.starts_with('/') {
                true => url.to_owned(),
                false => format!("/{url}"),
            };
            let one = Message {
                method: text("method"),
                path: &path,
                kind: kind.unwrap_or("application/json"),
                request: part.get("body").cloned(),
                status: status
                    .and_then(|status| status.try_into().ok())
                    .unwrap_or(0),
                answer: answer.and_then(|answer| answer.get("body").cloned()),
            };
            self.judge_one(&one, findings);
        }
    }

    fn judge_one(&self, one: &Message<'_>, findings: &mut Vec<Finding>) {
        let path = one.path.split('?').next().unwrap_or_default();
        let method = one.method.to_lowercase();
        let Some((template, operation)) = self.operation(path, &method) else {
            let beyond = format!("{} {}", one.method, shape(path));
            *self.reach.lock().unwrap().beyond.entry(beyond).or_default() += 1;
            return;
        };
        let mut find = |is_answer, problem: String, value: &Option<Value>| {
            findings.push(Finding {
                operation: format!("{} {template}", one.method),
                is_answer,
                problem,
                text: value.as_ref().map_or_else(String::new, Value::to_string),
            });
        };
        let at = |rest: &str| format!("#/paths/{}/{method}/{rest}", escaped(&template));
        // A refused request may be wrong on purpose; an accepted one may not.
        let is_success = (200..300).contains(&one.status);
        let is_json = one.kind.starts_with("application/json");
        if is_success
            && is_json
            && let Some(request) = &one.request
        {
            let schema = "/requestBody/content/application~1json/schema";
            if operation.pointer(schema).is_some() {
                for problem in self.check(&at(&schema[1..]), request) {
                    find(false, problem, &one.request);
                }
            }
        }
        let responses = operation.get("responses").and_then(Value::as_object);
        let status = one.status.to_string();
        let named = responses.is_some_and(|responses| responses.contains_key(&status));
        // `Prefer: return=minimal` asks for no content.
        let is_minimal = one.method == "PATCH" && one.status == 204;
        if is_success && !named && !is_minimal {
            find(
                true,
                format!("the status {status} is none of this operation"),
                &one.answer,
            );
        }
        let entry = if named { status.as_str() } else { "default" };
        let schema = format!("/responses/{entry}/content/application~1json/schema");
        if let Some(answer) = &one.answer
            && !answer.is_null()
            && operation.pointer(&schema).is_some()
        {
            for problem in self.check(&at(&schema[1..]), answer) {
                find(true, problem, &one.answer);
            }
        }
    }

    /// The operation of a path, with what the path looks like in the document. Names win over placeholders.
    fn operation(&self, path: &str, method: &str) -> Option<(String, &Value)> {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let paths = self.document.get("paths")?.as_object()?;
        let fits = |template: &str| {
            let parts: Vec<&str> = template.trim_matches('/').split('/').collect();
            let same = parts.len() == segments.len()
                && parts
                    .iter()
                    .zip(&segments)
                    .all(|(part, segment)| part.starts_with('{') || part == segment);
            same.then(|| parts.iter().filter(|part| part.starts_with('{')).count())
        };
        let fitting = paths
            .iter()
            .filter_map(|(template, entry)| Some((fits(template)?, template, entry)));
        let (_, template, entry) = fitting.min_by_key(|(places, ..)| *places)?;
        Some((template.clone(), entry.get(method)?))
    }

    /// What is wrong with a value by the schema at a place of the document.
    fn check(&self, place: &str, value: &Value) -> Vec<String> {
        let validator = {
            let mut all = self.validators.lock().unwrap();
            let known = all.entry(place.to_owned()).or_insert_with(|| {
                let mut schema = json!({
                    "$schema": "https://json-schema.org/draft/2020-12/schema",
                    "$ref": place,
                });
                for part in ["paths", "components"] {
                    schema[part] = self.document[part].clone();
                }
                let options = jsonschema::options().should_validate_formats(true);
                std::sync::Arc::new(options.build(&schema).expect(place))
            });
            std::sync::Arc::clone(known)
        };
        self.reach.lock().unwrap().bodies += 1;
        validator
            .iter_errors(value)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect()
    }
}

/// A request with its answer.
struct Message<'a> {
    method: &'a str,
    /// Behind the version, with the query.
    path: &'a str,
    /// What the request was sent as.
    kind: &'a str,
    request: Option<Value>,
    status: u16,
    answer: Option<Value>,
}

/// A path without ids: what is no word in small letters, or several joined.
fn shape(path: &str) -> String {
    let is_word = |one: &&str| {
        !one.starts_with(|c: char| c.is_ascii_uppercase())
            && one.chars().all(|c| c.is_ascii_alphabetic() || c == '$')
    };
    let parts = path.split('/').map(|one| match is_word(&one) {
        true => one,
        false => "{id}",
    });
    parts.collect::<Vec<_>>().join("/")
}

fn escaped(name: &str) -> String {
    let pointer = name.replace('~', "~0").replace('/', "~1");
    percent_encoding::utf8_percent_encode(&pointer, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn exchange<'a>(
    method: &'a str,
    path: &'a str,
    request: Value,
    status: u16,
    answer: Value,
) -> Message<'a> {
    Message {
        method,
        path,
        kind: "application/json",
        request: Some(request),
        status,
        answer: Some(answer),
    }
}

#[test]
fn what_the_judge_notices() {
    let Some(judge) = Judge::find() else { return };
    let noticed = |method: &str, path: &str, request: Value, status, answer: Value| {
        let mut findings = Vec::new();
        judge.judge_one(
            &exchange(method, path, request, status, answer),
            &mut findings,
        );
        findings
            .into_iter()
            .map(|finding| finding.is_answer)
            .collect::<Vec<_>>()
    };
    let event = || json!({"id": "AAMk", "subject": "Talk"});
    let new = json!({"subject": "Talk"});
    assert_eq!(
        noticed("POST", "/me/calendar/events", new, 201, event()),
        [false; 0]
    );
    // A name misspelt, a value of another type, one that is none of an enumeration.
    for wrong in [
        json!({"subjekt": "Talk"}),
        json!({"subject": 1}),
        json!({"showAs": "dancing"}),
    ] {
        assert_eq!(
            noticed("POST", "/me/calendar/events", wrong.clone(), 201, event()),
            [false]
        );
        // What Graph refuses need not be right.
        let refusal = json!({"error": {"code": "BadRequest", "message": "No."}});
        assert_eq!(
            noticed("POST", "/me/calendar/events", wrong, 400, refusal),
            [false; 0]
        );
    }
    let wrong = json!({"id": "AAMk", "subjekt": "Talk"});
    assert_eq!(
        noticed("GET", "/me/events/AAMk?$select=id", json!(null), 200, wrong),
        [true]
    );
    let list = json!({"value": [{"id": 1}]});
    assert_eq!(
        noticed(
            "GET",
            "/users/bob@example.test/events",
            json!(null),
            200,
            list
        ),
        [true]
    );
    let refusal = json!({"error": {"kode": "BadRequest"}});
    assert!(noticed("GET", "/me/events", json!(null), 400, refusal).contains(&true));
    let status = noticed("DELETE", "/me/events/AAMk", json!(null), 200, json!(null));
    assert_eq!(status, [true]);
}

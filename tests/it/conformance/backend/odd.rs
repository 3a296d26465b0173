//! Answers of servers that are odder than the simulator.

use exchange_connector::simulator::Trouble;
use serde_json::{Value, json};

use super::{Backend, Front, HOME_ON_WINDOWS};

/// What is odd about an answer with one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::conformance) enum Odd {
    /// It has properties nobody knows.
    UnknownProperties,
    /// The event's availability is none that is known.
    UnknownStatus,
    /// The event's kind is none that is known.
    UnknownKind,
    /// What need not be there is not there.
    NoLocation,
    /// What must be there is not there.
    NoStart,
    /// The subject is hidden.
    NoSubject,
    /// Its zone is one that Outlook let somebody make.
    OwnZone,
}

impl Backend {
    /// The answer that the last request got.
    pub(in crate::conformance) fn last_answer(&self) -> String {
        self.simulator.exchanges().pop().unwrap().answer
    }

    /// The next request is answered with this.
    pub(in crate::conformance) fn answer_next(&self, answer: String) {
        self.fail(Trouble::Status {
            status: 200,
            headers: Vec::new(),
            body: answer,
        });
    }

    /// The next request gets an answer as `answer`, but an odd one.
    pub(in crate::conformance) fn answer_oddly(&self, answer: &str, odd: Odd) {
        let changed = match self.front {
            Front::Ews(_) => on_ews(answer, odd),
            Front::Graph => on_graph(answer, odd),
        };
        assert_ne!(changed, answer, "{odd:?}");
        self.answer_next(changed);
    }
}

fn on_ews(answer: &str, odd: Odd) -> String {
    match odd {
        Odd::UnknownProperties => answer.replace(
            "<t:Location>",
            "<t:Novelty Since=\"2030\"><t:Deep>1</t:Deep></t:Novelty><x:Y xmlns:x=\"urn:y\"/><t:Location>",
        ),
        Odd::UnknownStatus => answer.replace(">Busy<", ">Dancing<"),
        Odd::UnknownKind => answer.replace(">Single<", ">Quantum<"),
        Odd::NoLocation => without(answer, "Location"),
        Odd::NoStart => without(answer, "Start"),
        Odd::NoSubject => without(answer, "Subject"),
        Odd::OwnZone => {
            let mut answer = answer.replace(HOME_ON_WINDOWS, "Customized Time Zone");
            for end in ["StartTimeZone", "EndTimeZone"] {
                // Where the server names zones, their rules come with them.
                if let Some(from) = answer.find(&format!("<t:{end} ")) {
                    let to = from + answer[from..].find("/>").expect("an empty element") + 2;
                    let rules = format!(
                        "<t:{end} Id=\"Customized Time Zone\" Name=\"Ours\">{RULES}</t:{end}>"
                    );
                    answer.replace_range(from..to, &rules);
                }
            }
            answer
        }
    }
}

/// Without the first element of that name.
fn without(answer: &str, name: &str) -> String {
    let (begin, end) = (format!("<t:{name}>"), format!("</t:{name}>"));
    let (before, rest) = answer.split_once(&begin).expect(name);
    let (_, after) = rest.split_once(&end).expect(name);
    format!("{before}{after}")
}

fn on_graph(answer: &str, odd: Odd) -> String {
    let mut event: Value = serde_json::from_str(answer).expect("JSON");
    let custom = "tzone://Microsoft/Custom";
    match odd {
        Odd::UnknownProperties => {
            event["novelty"] = json!({"since": 2030, "deep": [1, null]});
            event["@microsoft.graph.tips"] = json!("Use $select");
        }
        Odd::UnknownStatus => event["showAs"] = json!("dancing"),
        Odd::UnknownKind => event["type"] = json!("quantum"),
        Odd::NoLocation => {
            remove(&mut event, "location");
            remove(&mut event, "locations");
        }
        Odd::NoStart => remove(&mut event, "start"),
        Odd::NoSubject => remove(&mut event, "subject"),
        Odd::OwnZone => {
            event["originalStartTimeZone"] = json!(custom);
            event["originalEndTimeZone"] = json!(custom);
        }
    }
    event.to_string()
}

fn remove(event: &mut Value, name: &str) {
    event.as_object_mut().expect("an event").remove(name);
}

/// An hour before UTC, two from the last Sunday of March to that of October.
const RULES: &str = "<t:Periods>\
    <t:Period Bias=\"-PT1H\" Name=\"Standard\" Id=\"Winter\"/>\
    <t:Period Bias=\"-PT2H\" Name=\"Daylight\" Id=\"Summer\"/></t:Periods>\
    <t:TransitionsGroups><t:TransitionsGroup Id=\"0\">\
    <t:RecurringDayTransition><t:To Kind=\"Period\">Summer</t:To><t:TimeOffset>PT2H</t:TimeOffset>\
    <t:Month>3</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek><t:Occurrence>-1</t:Occurrence></t:RecurringDayTransition>\
    <t:RecurringDayTransition><t:To Kind=\"Period\">Winter</t:To><t:TimeOffset>PT3H</t:TimeOffset>\
    <t:Month>10</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek><t:Occurrence>-1</t:Occurrence></t:RecurringDayTransition>\
    </t:TransitionsGroup></t:TransitionsGroups>\
    <t:Transitions><t:Transition><t:To Kind=\"Group\">0</t:To></t:Transition></t:Transitions>";

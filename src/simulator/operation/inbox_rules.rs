//! GetInboxRules and UpdateInboxRules.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;

use super::rooms::answer;
use super::{Call, children};
use crate::simulator::ids::change_key;
use crate::simulator::markup::Markup;
use crate::simulator::refusal::Refusal;
use crate::simulator::request::{Element as _, MESSAGES, TYPES};
use crate::simulator::rule::Rule;
use crate::simulator::store::Mailbox;
use crate::simulator::xml::Writer;

/// What is wrong with a part of a rule: the part, a code, and the value.
struct Flaw {
    part: String,
    code: &'static str,
    value: String,
}

impl Flaw {
    fn new(part: impl Into<String>, code: &'static str, value: impl Into<String>) -> Self {
        Self {
            part: part.into(),
            code,
            value: value.into(),
        }
    }
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/getinboxrules-operation>
pub(super) fn get(call: &Call<'_>, operation: Node<'_, '_>) -> String {
    let found = owner(call, operation).and_then(|owner| call.mailbox(owner));
    answer("GetInboxRules", found, |writer, mailbox: &Mailbox| {
        let preferences = &mailbox.preferences;
        let exists = preferences.outlook_rules.to_string();
        writer.leaf("m:OutlookRuleBlobExists", &exists);
        writer.element("m:InboxRules", &[], |writer| {
            for (place, rule) in preferences.rules.iter().enumerate() {
                write(writer, rule, place + 1);
            }
        });
    })
}

fn write(writer: &mut Writer, rule: &Rule, priority: usize) {
    writer.element("t:Rule", &[], |writer| {
        writer.leaf("t:RuleId", &rule.id);
        writer.leaf("t:DisplayName", &rule.name);
        writer.leaf("t:Priority", &priority.to_string());
        writer.leaf("t:IsEnabled", &rule.enabled.to_string());
        if rule.unsupported {
            writer.leaf("t:IsNotSupported", "true");
        }
        for (name, parts) in [
            ("t:Conditions", &rule.conditions),
            ("t:Exceptions", &rule.exceptions),
            ("t:Actions", &rule.actions),
        ] {
            if !parts.is_empty() {
                writer.element(name, &[], |writer| {
                    parts.iter().for_each(|part| part.write(writer));
                });
            }
        }
    });
}

/// The mailbox that a request names, if it is the caller's own.
fn owner(call: &Call<'_>, operation: Node<'_, '_>) -> Result<usize, Refusal> {
    let Some(address) = operation.text_of("MailboxSmtpAddress") else {
        return Ok(call.caller);
    };
    let owner = call.store.position(address);
    let owner = owner.ok_or_else(Refusal::unknown_mailbox)?;
    if owner != call.caller {
        return Err(Refusal::access_denied());
    }
    Ok(owner)
}

/// What is wrong with operations, by their place.
type Flaws = Vec<(usize, Vec<Flaw>)>;

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/updateinboxrules-operation>
pub(super) fn update(call: &mut Call<'_>, operation: Node<'_, '_>) -> String {
    match change(call, operation) {
        Err(refusal) => answer("UpdateInboxRules", Err::<(), _>(refusal), |_, ()| ()),
        Ok(flaws) if flaws.is_empty() => answer("UpdateInboxRules", Ok(()), |_, ()| ()),
        Ok(flaws) => flawed(&flaws),
    }
}

fn flawed(flaws: &Flaws) -> String {
    let refusal = Refusal::new(
        "ErrorInboxRulesValidationError",
        "One or more of the rules are not valid.",
    );
    let mut writer = Writer::default();
    let attributes = [
        ("ResponseClass", "Error"),
        ("xmlns:m", MESSAGES),
        ("xmlns:t", TYPES),
    ];
    writer.element("m:UpdateInboxRulesResponse", &attributes, |writer| {
        refusal.write(writer, "m:");
        writer.element("m:RuleOperationErrors", &[], |writer| {
            for (place, flaws) in flaws {
                writer.element("t:RuleOperationError", &[], |writer| {
                    writer.leaf("t:OperationIndex", &place.to_string());
                    writer.element("t:ValidationErrors", &[], |writer| {
                        flaws.iter().for_each(|flaw| write_flaw(writer, flaw));
                    });
                });
            }
        });
    });
    writer.into_string()
}

fn write_flaw(writer: &mut Writer, flaw: &Flaw) {
    writer.element("t:Error", &[], |writer| {
        writer.leaf("t:FieldURI", &flaw.part);
        writer.leaf("t:ErrorCode", flaw.code);
        let message = format!("{} is refused: {}.", flaw.part, flaw.code);
        writer.leaf("t:ErrorMessage", &message);
        writer.leaf("t:FieldValue", &flaw.value);
    });
}

/// One change that was found good.
enum Step {
    Put(Rule, usize),
    Delete(String),
}

fn change(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<Flaws, Refusal> {
    let owner = owner(call, operation)?;
    let removes = matches!(
        operation.text_of("RemoveOutlookRuleBlob"),
        Some("true" | "1")
    );
    if call.mailbox(owner)?.preferences.outlook_rules && !removes {
        return Err(Refusal::new(
            "ErrorOutlookRuleBlobExists",
            "The mailbox holds rules of Outlook that a change would take away.",
        ));
    }
    let mut flaws: Flaws = Vec::new();
    let mut steps = Vec::new();
    let mut named: Vec<String> = Vec::new();
    for (place, step) in children(operation, "Operations").enumerate() {
        match read_step(call, owner, step, &mut named) {
            Ok(step) => steps.push(step),
            Err(found) => flaws.push((place, found)),
        }
    }
    if !flaws.is_empty() {
        return Ok(flaws);
    }
    let mailbox = call.store.mailboxes.get_mut(owner);
    let mailbox = mailbox.ok_or_else(Refusal::unknown_mailbox)?;
    let preferences = &mut mailbox.preferences;
    preferences.outlook_rules = false;
    let rules = &mut preferences.rules;
    for step in steps {
        match step {
            Step::Delete(id) => rules.retain(|rule| rule.id != id),
            Step::Put(rule, priority) => {
                rules.retain(|one| one.id != rule.id);
                rules.insert((priority - 1).min(rules.len()), rule);
            }
        }
    }
    Ok(flaws)
}

fn read_step(
    call: &mut Call<'_>,
    owner: usize,
    step: Node<'_, '_>,
    named: &mut Vec<String>,
) -> Result<Step, Vec<Flaw>> {
    let rule = step.child("Rule");
    let id = rule.map_or(step.text_of("RuleId"), |rule| rule.text_of("RuleId"));
    let id = id.map(str::to_owned);
    let mut flaws = Vec::new();
    match (step.name(), &id) {
        ("CreateRuleOperation", Some(id)) => {
            flaws.push(Flaw::new("RuleId", "CreateWithRuleId", id));
        }
        ("CreateRuleOperation", None) => {}
        (_, id) => {
            let id = id.clone().unwrap_or_default();
            let mailbox = call.store.mailboxes.get(owner);
            let mut rules = mailbox.iter().flat_map(|one| &one.preferences.rules);
            if !rules.any(|rule| rule.id == id) {
                flaws.push(Flaw::new("RuleId", "RuleNotFound", &id));
            }
            if named.contains(&id) {
                flaws.push(Flaw::new("RuleId", "DuplicatedOperationOnTheSameRule", &id));
            }
            named.push(id);
        }
    }
    let Some(rule) = rule else {
        return match (flaws.is_empty(), id) {
            (true, Some(id)) => Ok(Step::Delete(id)),
            _ => Err(flaws),
        };
    };
    let name = rule.text_of("DisplayName").unwrap_or_default();
    if name.trim().is_empty() {
        flaws.push(Flaw::new("DisplayName", "EmptyValueFound", name));
    }
    let priority = rule.text_of("Priority").unwrap_or_default();
    let place = priority.trim().parse::<usize>().unwrap_or(0);
    if place == 0 {
        flaws.push(Flaw::new("Priority", "InvalidValue", priority));
    }
    for name in ["IsNotSupported", "IsInError"] {
        if let Some(value) = rule.text_of(name) {
            flaws.push(Flaw::new(name, "NotSettable", value));
        }
    }
    let mut parts = |list: &str, prefix: &str| -> Vec<Markup> {
        children(rule, list)
            .map(|node| read_part(call, node, prefix, &mut flaws))
            .collect()
    };
    let conditions = parts("Conditions", "Condition");
    let exceptions = parts("Exceptions", "Exception");
    let actions = parts("Actions", "Action");
    if actions.is_empty() {
        flaws.push(Flaw::new("Actions", "MissingAction", ""));
    }
    if !flaws.is_empty() {
        return Err(flaws);
    }
    let id = id.unwrap_or_else(|| STANDARD.encode(call.store.next().to_be_bytes()));
    let rule = Rule {
        id,
        name: name.to_owned(),
        enabled: matches!(rule.text_of("IsEnabled"), Some("true" | "1")),
        unsupported: false,
        conditions,
        exceptions,
        actions,
    };
    Ok(Step::Put(rule, place))
}

/// A condition, an exception or an action, and what is wrong with it.
fn read_part(call: &Call<'_>, node: Node<'_, '_>, prefix: &str, flaws: &mut Vec<Flaw>) -> Markup {
    let mut part = Markup::read(node);
    let field = format!("{prefix}:{}", part.name);
    let mut flaw = |code, value: &str| flaws.push(Flaw::new(field.clone(), code, value));
    let number = |name: &str| part.child(name).and_then(Markup::number);
    match part.name.as_str() {
        "WithinSizeRange" => match (number("MinimumSize"), number("MaximumSize")) {
            (None, None) => flaw("MissingRangeValue", ""),
            (least, most) if least.or(most) < Some(0) || most.is_some_and(|most| most < 0) => {
                flaw("SizeLessThanZero", "");
            }
            (Some(least), Some(most)) if least > most => flaw("InvalidSizeRange", ""),
            _ => {}
        },
        "WithinDateRange" => {
            let time = |name: &str| part.child(name).map(|child| child.text.as_str());
            match (time("StartDateTime"), time("EndDateTime")) {
                (None, None) => flaw("MissingRangeValue", ""),
                (Some(from), Some(until)) if from > until => flaw("InvalidDateRange", from),
                _ => {}
            }
        }
        "MoveToFolder" | "CopyToFolder" => match node.first().map(|id| call.folder(id)) {
            Some(Ok((owner, number))) => part.children = folder_id(call, owner, number),
            Some(Err(refusal)) if refusal.code == "ErrorInvalidIdMalformed" => {
                flaw("InvalidFolderId", "");
            }
            _ => {
                let id = node.first().and_then(|id| id.attribute("Id"));
                flaw("FolderDoesNotExist", id.unwrap_or_default());
            }
        },
        _ if !node.elements().any(|_| true) => {
            if part.text.is_empty() && part.attributes.is_empty() {
                flaw("EmptyValueFound", "");
            }
        }
        _ => {
            let is_address = |child: &&Markup| child.name == "Address";
            for child in part.children.iter().filter(is_address) {
                let email = child.child("EmailAddress");
                let email = email.map_or("", |email| email.text.as_str());
                if !email.contains('@') {
                    flaw("InvalidAddress", email);
                }
            }
            let mut strings = part.children.iter().filter(|one| one.name == "String");
            if strings.any(|one| one.text.is_empty()) {
                flaw("EmptyValueFound", "");
            }
        }
    }
    part
}

/// Folders are given back by their identifiers, whatever name they were given by.
fn folder_id(call: &Call<'_>, owner: usize, number: u64) -> Vec<Markup> {
    let Ok(mailbox) = call.mailbox(owner) else {
        return Vec::new();
    };
    vec![Markup {
        name: "FolderId".to_owned(),
        attributes: vec![
            ("Id".to_owned(), mailbox.folder_id(number)),
            ("ChangeKey".to_owned(), change_key(1, 0)),
        ],
        text: String::new(),
        children: Vec::new(),
    }]
}

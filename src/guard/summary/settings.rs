//! Writes to settings, in words.

use super::{Summary, folder_words, person, visible, word};
use crate::model::{
    Categories, ClientRules, InboxRule, OutOfOffice, OutOfOfficeStatus, Recipient, RuleActions,
    RulePredicates,
};

impl Summary {
    pub(super) fn out_of_office(&mut self, settings: &OutOfOffice) {
        let OutOfOffice {
            status,
            schedule,
            internal_reply,
            external_audience,
            external_reply,
        } = settings;
        self.head(format_args!(
            "{}",
            match status {
                OutOfOfficeStatus::Disabled => "Switch automatic replies off",
                OutOfOfficeStatus::AlwaysEnabled => "Switch automatic replies on",
                OutOfOfficeStatus::Scheduled => "Switch automatic replies on for some time",
            }
        ));
        if let Some((start, end)) = schedule {
            let time = |time: &chrono::DateTime<chrono::Utc>| time.format("%a %F %T").to_string();
            self.line(
                "From",
                format_args!("{} UTC to {} UTC", time(start), time(end)),
            );
        }
        self.text("To people of the organisation (HTML)", internal_reply);
        self.line("Others who get a reply", word(external_audience));
        self.text("To others (HTML)", external_reply);
    }

    pub(super) fn rule(&mut self, rule: &InboxRule) {
        // The name is in the headline; the rest is what the server says, not what it is told.
        let InboxRule {
            id,
            name: _,
            sequence,
            is_enabled,
            has_error: _,
            is_read_only: _,
            conditions,
            exceptions,
            actions,
        } = rule;
        if let Some(id) = id {
            self.target("Rule", id);
        }
        self.line("Place in the order", sequence);
        if !is_enabled {
            self.line("Applied", "no");
        }
        self.predicates("When", conditions);
        if *exceptions != RulePredicates::default() {
            self.predicates("Except when", exceptions);
        }
        self.actions(actions);
    }

    fn predicates(&mut self, name: &str, predicates: &RulePredicates) {
        let RulePredicates {
            from,
            sent_to,
            sender_contains,
            recipient_contains,
            subject_contains,
            body_contains,
            subject_or_body_contains,
            header_contains,
            categories,
            importance,
            sensitivity,
            has_attachments,
            sent_to_me,
            sent_only_to_me,
            sent_cc_me,
            sent_to_or_cc_me,
            not_sent_to_me,
            is_meeting_request,
            is_automatic_reply,
            size,
        } = predicates;
        let mut all = Vec::new();
        for (what, people) in [("is from", from), ("is to", sent_to)] {
            if !people.is_empty() {
                all.push(format!("it {what} {}", any(people.iter().map(person))));
            }
        }
        for (what, texts) in [
            ("author's address", sender_contains),
            ("recipients' addresses", recipient_contains),
            ("subject", subject_contains),
            ("body", body_contains),
            ("subject or body", subject_or_body_contains),
            ("headers", header_contains),
        ] {
            if !texts.is_empty() {
                let texts = any(texts.iter().map(|text| super::quoted(text)));
                all.push(format!("{what}: {texts}"));
            }
        }
        if !categories.is_empty() {
            all.push(format!("it has the category {}", names(categories)));
        }
        all.extend(importance.map(|value| format!("its importance is {}", word(&value))));
        all.extend(sensitivity.map(|value| format!("its sensitivity is {}", word(&value))));
        for (what, value) in [
            ("something is attached", has_attachments),
            ("it is to the owner", sent_to_me),
            ("it is to the owner alone", sent_only_to_me),
            ("the owner gets a copy", sent_cc_me),
            ("it is to the owner, or as a copy", sent_to_or_cc_me),
            ("it is not to the owner", not_sent_to_me),
            ("it is an invitation", is_meeting_request),
            ("it is an automatic reply", is_automatic_reply),
        ] {
            all.extend(value.map(|value| format!("{what}: {}", if value { "yes" } else { "no" })));
        }
        all.extend(size.map(|(from, to)| format!("it has {from} to {to} bytes")));
        if all.is_empty() {
            self.line(name, "always");
        } else {
            self.list(name, all.into_iter());
        }
    }

    fn actions(&mut self, actions: &RuleActions) {
        let RuleActions {
            move_to,
            copy_to,
            delete,
            permanent_delete,
            mark_as_read,
            mark_importance,
            assign_categories,
            forward_to,
            forward_as_attachment_to,
            redirect_to,
            stop_processing_rules,
        } = actions;
        let mut all = Vec::new();
        for (what, folder) in [("move it to", move_to), ("copy it to", copy_to)] {
            all.extend(
                folder
                    .iter()
                    .map(|folder| format!("{what} {}", folder_words(folder))),
            );
        }
        for (what, people) in [
            ("forward it to", forward_to),
            ("forward it as an attachment to", forward_as_attachment_to),
            ("redirect it to", redirect_to),
        ] {
            if !people.is_empty() {
                all.push(format!("{what} {}", everyone(people)));
            }
        }
        all.extend(mark_importance.map(|value| format!("make its importance {}", word(&value))));
        if !assign_categories.is_empty() {
            all.push(format!("give it the category {}", names(assign_categories)));
        }
        for (what, done) in [
            ("mark it as read", mark_as_read),
            ("delete it", delete),
            ("delete it for good", permanent_delete),
            ("apply no further rule", stop_processing_rules),
        ] {
            all.extend(done.then(|| what.to_owned()));
        }
        self.list("Then", all.into_iter());
    }

    pub(super) fn client_rules(&mut self, rules: ClientRules) {
        let what = match rules {
            ClientRules::Keep => "nothing is done where there are some",
            ClientRules::Discard => "are lost where there are some",
        };
        self.line("Rules that only Outlook knows", what);
    }
}

fn any(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join(" or ")
}

fn everyone(people: &[Recipient]) -> String {
    people.iter().map(person).collect::<Vec<_>>().join(", ")
}

fn names(categories: &Categories) -> String {
    let names: Vec<_> = categories.iter().map(|name| visible(name)).collect();
    names.join(", ")
}

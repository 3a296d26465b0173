//! What owners of mailboxes set.

use super::*;

fn mailbox(address: &str) -> String {
    format!("<t:Mailbox><t:Address>{address}</t:Address></t:Mailbox>")
}

fn away(address: &str, state: &str, from: &str, until: &str, text: &str) -> String {
    let mailbox = mailbox(address);
    format!(
        "<m:SetUserOofSettingsRequest>{mailbox}<t:UserOofSettings><t:OofState>{state}</t:OofState><t:ExternalAudience>Known</t:ExternalAudience><t:Duration><t:StartTime>{from}</t:StartTime><t:EndTime>{until}</t:EndTime></t:Duration><t:InternalReply xml:lang=\"de-DE\"><t:Message>{text}</t:Message></t:InternalReply></t:UserOofSettings></m:SetUserOofSettingsRequest>"
    )
}

/// Writes to somebody, and says what is in somebody's Inbox by then.
async fn write(
    simulator: &Simulator,
    from: &str,
    to: &str,
    subject: &str,
    look: &str,
) -> Vec<String> {
    let body = format!(
        "<m:CreateItem MessageDisposition=\"SendOnly\"><m:Items><t:Message><t:Subject>{subject}</t:Subject><t:Body BodyType=\"Text\">Words</t:Body><t:ToRecipients><t:Mailbox><t:EmailAddress>{to}</t:EmailAddress></t:Mailbox></t:ToRecipients></t:Message></m:Items></m:CreateItem>"
    );
    assert_eq!(call_as(simulator, from, "", &body).await.code(), "NoError");
    subjects(simulator, look, "inbox")
}

fn subjects(simulator: &Simulator, who: &str, folder: &str) -> Vec<String> {
    let ids = simulator.item_ids(who, folder).unwrap();
    let xml = ids.iter().map(|id| simulator.item_xml(id).unwrap());
    let subject = |xml: String| {
        let (_, after) = xml.split_once("<t:Subject>")?;
        Some(after.split_once('<')?.0.to_owned())
    };
    xml.filter_map(subject).collect()
}

#[tokio::test]
async fn somebody_who_is_away_answers_once() {
    let simulator = start().await;
    let get = format!(
        "<m:GetUserOofSettingsRequest>{}</m:GetUserOofSettingsRequest>",
        mailbox(BOB)
    );
    let before = call_as(&simulator, BOB, "", &get).await;
    assert_eq!(before.texts("OofState"), ["Disabled"]);
    assert_eq!(before.texts("EndTime"), ["2026-03-05T12:00:00Z"]);
    assert_eq!(call(&simulator, &get).await.code(), "ErrorAccessDenied");

    let set = |state, from, until| {
        away(
            BOB,
            state,
            from,
            until,
            "&lt;p&gt;Gone &amp;amp; happy&lt;/p&gt;",
        )
    };
    for (from, until) in [
        ("2026-03-05T00:00:00Z", "2026-03-04T00:00:00Z"),
        ("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"),
    ] {
        let refused = call_as(&simulator, BOB, "", &set("Scheduled", from, until)).await;
        assert_eq!(refused.code(), "ErrorInvalidScheduledOofDuration");
    }
    let later = set("Scheduled", "2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z");
    assert_eq!(call_as(&simulator, BOB, "", &later).await.code(), "NoError");
    assert_eq!(write(&simulator, ALICE, BOB, "Hello", ALICE).await, [""; 0]);
    let now = set("Scheduled", "2026-03-04T00:00:00Z", "2026-03-06T00:00:00Z");
    call_as(&simulator, BOB, "", &now).await;
    let after = call_as(&simulator, BOB, "", &get).await;
    assert_eq!(after.texts("OofState"), ["Scheduled"]);
    assert_eq!(after.texts("ExternalAudience"), ["Known"]);
    assert_eq!(after.attributes("InternalReply", "lang").len(), 1);
    let tips = format!(
        "<m:GetMailTips><m:SendingAs><t:EmailAddress>{ALICE}</t:EmailAddress></m:SendingAs><m:Recipients><t:Mailbox><t:EmailAddress>{BOB}</t:EmailAddress></t:Mailbox></m:Recipients><m:MailTipsRequested>OutOfOfficeMessage</m:MailTipsRequested></m:GetMailTips>"
    );
    assert_eq!(
        call(&simulator, &tips).await.texts("Message"),
        ["Gone & happy"]
    );
    for _ in 0..2 {
        let got = write(&simulator, ALICE, BOB, "Hello", ALICE).await;
        assert_eq!(got, ["Automatic reply: Hello"]);
    }
    assert_eq!(subjects(&simulator, BOB, "inbox").len(), 3);
}

#[tokio::test]
async fn two_who_are_away_do_not_answer_each_other_for_ever() {
    let simulator = start().await;
    for who in [ALICE, BOB] {
        let set = away(
            who,
            "Enabled",
            "2026-03-04T00:00:00Z",
            "2026-03-06T00:00:00Z",
            "Gone",
        );
        call_as(&simulator, who, "", &set).await;
    }
    let got = write(&simulator, ALICE, BOB, "Hello", ALICE).await;
    assert_eq!(got, ["Automatic reply: Hello"]);
    assert_eq!(subjects(&simulator, BOB, "inbox"), ["Hello"]);
}

#[tokio::test]
async fn tips_about_people_groups_and_strangers() {
    let simulator = start().await;
    let tips = SimulatedMailTips::new()
        .custom_tip("Think twice.")
        .mailbox_full(true)
        .max_message_size(1000)
        .restricted(true)
        .moderated(true);
    simulator.set_mail_tips(BOB, tips);
    let ask = async |addresses: &[&str]| {
        let one = |address: &&str| {
            format!("<t:Mailbox><t:EmailAddress>{address}</t:EmailAddress></t:Mailbox>")
        };
        let recipients: String = addresses.iter().map(one).collect();
        let body = format!(
            "<m:GetMailTips><m:SendingAs><t:EmailAddress>{ALICE}</t:EmailAddress></m:SendingAs><m:Recipients>{recipients}</m:Recipients><m:MailTipsRequested>All</m:MailTipsRequested></m:GetMailTips>"
        );
        call(&simulator, &body).await
    };
    let all = [
        BOB,
        "team@example.test",
        "nobody@example.test",
        "a@elsewhere.test",
    ];
    let told = ask(&all).await;
    assert_eq!(told.texts("MailboxFull"), ["true"]);
    assert!(told.texts("CustomMailTip")[0].contains("Think twice."));
    assert_eq!(told.texts("TotalMemberCount"), ["1", "5", "1", "1"]);
    assert_eq!(told.texts("ExternalMemberCount"), ["0", "1", "0", "1"]);
    assert_eq!(told.texts("MaxMessageSize"), ["1000"]);
    assert_eq!(
        told.texts("DeliveryRestricted"),
        ["true", "false", "false", "false"]
    );
    assert_eq!(
        told.texts("IsModerated"),
        ["true", "false", "false", "false"]
    );
    assert_eq!(
        told.texts("InvalidRecipient"),
        ["false", "false", "true", "false"]
    );
    simulator.limit_mail_tips(3);
    assert_eq!(ask(&all).await.code(), "ErrorInvalidArgument");
    let body = "<m:GetServiceConfiguration><m:RequestedConfiguration><m:ConfigurationName>MailTips</m:ConfigurationName></m:RequestedConfiguration></m:GetServiceConfiguration>";
    let limits = call(&simulator, body).await;
    assert_eq!(limits.texts("MaxRecipientsPerGetMailTipsRequest"), ["3"]);
}

fn rule(id: &str, name: &str, priority: u32, conditions: &str, actions: &str) -> String {
    format!(
        "<t:Rule>{id}<t:DisplayName>{name}</t:DisplayName><t:Priority>{priority}</t:Priority><t:IsEnabled>true</t:IsEnabled><t:Conditions>{conditions}</t:Conditions><t:Exceptions><t:ContainsSubjectStrings><t:String>urgent</t:String></t:ContainsSubjectStrings></t:Exceptions><t:Actions>{actions}</t:Actions></t:Rule>"
    )
}

fn change(more: &str, operations: &str) -> String {
    format!(
        "<m:UpdateInboxRules>{more}<m:Operations>{operations}</m:Operations></m:UpdateInboxRules>"
    )
}

const SUBJECT: &str =
    "<t:ContainsSubjectStrings><t:String>invoice</t:String></t:ContainsSubjectStrings>";
const JUNK: &str = "<t:MoveToFolder><t:DistinguishedFolderId Id=\"junkemail\"/></t:MoveToFolder>";

#[tokio::test]
async fn rules_are_kept_in_order_and_carried_out() {
    let simulator = start().await;
    let get = "<m:GetInboxRules/>";
    let create = |name: &str, priority, actions: &str| {
        let rule = rule("", name, priority, SUBJECT, actions);
        format!("<t:CreateRuleOperation>{rule}</t:CreateRuleOperation>")
    };
    let to_carol = "<t:ForwardToRecipients><t:Address><t:EmailAddress>carol@example.test</t:EmailAddress></t:Address></t:ForwardToRecipients><t:MarkAsRead>true</t:MarkAsRead>";
    let both = create("Sort", 1, JUNK) + &create("Tell", 1, to_carol);
    assert_eq!(call(&simulator, &change("", &both)).await.code(), "NoError");
    let kept = call(&simulator, get).await;
    assert_eq!(kept.texts("DisplayName"), ["Tell", "Sort"]);
    assert_eq!(kept.texts("Priority"), ["1", "2"]);
    assert_eq!(kept.texts("OutlookRuleBlobExists"), ["false"]);
    // Folders come back by their identifiers.
    assert_eq!(kept.attributes("FolderId", "Id").len(), 1);

    assert_eq!(
        write(&simulator, BOB, ALICE, "Your Invoice", ALICE).await,
        [""; 0]
    );
    assert_eq!(subjects(&simulator, ALICE, "junkemail"), ["Your Invoice"]);
    let passed = subjects(&simulator, "carol@example.test", "inbox");
    assert_eq!(passed, ["FW: Your Invoice"]);
    let urgent = write(&simulator, BOB, ALICE, "Urgent invoice", ALICE).await;
    assert_eq!(urgent, ["Urgent invoice"]);

    let ids = kept.texts("RuleId");
    let stop = "<t:StopProcessingRules>true</t:StopProcessingRules>";
    let id = format!("<t:RuleId>{}</t:RuleId>", ids[0]);
    let set = rule(&id, "Stop", 1, SUBJECT, stop);
    let set = format!("<t:SetRuleOperation>{set}</t:SetRuleOperation>");
    assert_eq!(call(&simulator, &change("", &set)).await.code(), "NoError");
    let second = write(&simulator, BOB, ALICE, "Invoice 2", ALICE).await;
    assert_eq!(second, ["Urgent invoice", "Invoice 2"]);
    let delete = format!(
        "<t:DeleteRuleOperation><t:RuleId>{}</t:RuleId></t:DeleteRuleOperation>",
        ids[0]
    );
    assert_eq!(
        call(&simulator, &change("", &delete)).await.code(),
        "NoError"
    );
    assert_eq!(call(&simulator, get).await.texts("DisplayName"), ["Sort"]);
    simulator.spoil_rule(ALICE, "Sort").unwrap();
    assert_eq!(
        call(&simulator, get).await.texts("IsNotSupported"),
        ["true"]
    );
}

#[tokio::test]
async fn rules_that_make_no_sense_change_nothing() {
    let simulator = start().await;
    let create = |rule: String| format!("<t:CreateRuleOperation>{rule}</t:CreateRuleOperation>");
    let good = create(rule("", "Good", 1, SUBJECT, JUNK));
    let gone = "<t:CopyToFolder><t:FolderId Id=\"AAMk\"/></t:CopyToFolder>";
    let nobody = "<t:RedirectToRecipients><t:Address><t:Name>x</t:Name></t:Address></t:RedirectToRecipients>";
    let range = "<t:WithinSizeRange><t:MinimumSize>9</t:MinimumSize><t:MaximumSize>1</t:MaximumSize></t:WithinSizeRange>";
    for (wrong, field, code) in [
        (
            rule("<t:RuleId>x</t:RuleId>", "A", 1, SUBJECT, JUNK),
            "RuleId",
            "CreateWithRuleId",
        ),
        (rule("", "A", 1, SUBJECT, ""), "Actions", "MissingAction"),
        (
            rule("", "A", 1, SUBJECT, gone),
            "Action:CopyToFolder",
            "InvalidFolderId",
        ),
        (
            rule("", "A", 1, SUBJECT, nobody),
            "Action:RedirectToRecipients",
            "InvalidAddress",
        ),
        (
            rule("", "A", 1, range, JUNK),
            "Condition:WithinSizeRange",
            "InvalidSizeRange",
        ),
        (rule("", "A", 0, SUBJECT, JUNK), "Priority", "InvalidValue"),
    ] {
        let both = good.clone() + &create(wrong);
        let refused = call(&simulator, &change("", &both)).await;
        assert_eq!(refused.code(), "ErrorInboxRulesValidationError");
        assert_eq!(refused.texts("OperationIndex"), ["1"]);
        assert_eq!(refused.texts("FieldURI"), [field]);
        assert_eq!(refused.texts("ErrorCode"), [code]);
    }
    let unknown = "<t:DeleteRuleOperation><t:RuleId>x</t:RuleId></t:DeleteRuleOperation>";
    let refused = call(&simulator, &change("", unknown)).await;
    assert_eq!(refused.texts("ErrorCode"), ["RuleNotFound"]);
    let none = call(&simulator, "<m:GetInboxRules/>").await;
    assert_eq!(none.texts("DisplayName"), [""; 0]);
    let others = format!(
        "<m:GetInboxRules><m:MailboxSmtpAddress>{BOB}</m:MailboxSmtpAddress></m:GetInboxRules>"
    );
    assert_eq!(call(&simulator, &others).await.code(), "ErrorAccessDenied");
}

#[tokio::test]
async fn rules_of_outlook_stand_in_the_way() {
    let simulator = start().await;
    simulator.keep_outlook_rules(ALICE).unwrap();
    let rule = rule("", "Sort", 1, SUBJECT, JUNK);
    let create = format!("<t:CreateRuleOperation>{rule}</t:CreateRuleOperation>");
    let refused = call(&simulator, &change("", &create)).await;
    assert_eq!(refused.code(), "ErrorOutlookRuleBlobExists");
    let remove = "<m:RemoveOutlookRuleBlob>true</m:RemoveOutlookRuleBlob>";
    assert_eq!(
        call(&simulator, &change(remove, &create)).await.code(),
        "NoError"
    );
    let kept = call(&simulator, "<m:GetInboxRules/>").await;
    assert_eq!(kept.texts("OutlookRuleBlobExists"), ["false"]);
}

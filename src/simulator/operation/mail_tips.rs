//! GetMailTips, and GetServiceConfiguration about them.

use roxmltree::Node;

use super::rooms::answer;
use super::{Call, children};
use crate::simulator::item::Address;
use crate::simulator::refusal::Refusal;
use crate::simulator::request::Element as _;
use crate::simulator::xml::Writer;

/// Recipients that one request may ask about, if nothing is said.
const MOST: usize = 50;

/// The domain of the organisation.
const DOMAIN: &str = "example.test";

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/getmailtips-operation>
pub(super) fn tips(call: &Call<'_>, operation: Node<'_, '_>) -> String {
    let recipients: Vec<Address> = children(operation, "Recipients").map(recipient).collect();
    let result = if recipients.len() > most(call) {
        Err(Refusal::new(
            "ErrorInvalidArgument",
            "There are more recipients than one request may ask about.",
        ))
    } else {
        Ok(recipients)
    };
    let requested = operation.text_of("MailTipsRequested").unwrap_or("All");
    let requested: Vec<&str> = requested.split_ascii_whitespace().collect();
    answer("GetMailTips", result, |writer, recipients| {
        writer.element("m:ResponseMessages", &[], |writer| {
            for recipient in &recipients {
                let success = [("ResponseClass", "Success")];
                writer.element("m:MailTipsResponseMessageType", &success, |writer| {
                    writer.leaf("m:ResponseCode", "NoError");
                    writer.element("m:MailTips", &[], |writer| {
                        write(call, writer, recipient, &requested);
                    });
                });
            }
        });
    })
}

fn most(call: &Call<'_>) -> usize {
    call.store.mail_tips_limit.unwrap_or(MOST)
}

fn recipient(mailbox: Node<'_, '_>) -> Address {
    let text = |name: &str| mailbox.text_of(name).unwrap_or_default().trim().to_owned();
    Address {
        name: text("Name"),
        email: text("EmailAddress"),
    }
}

fn write(call: &Call<'_>, writer: &mut Writer, recipient: &Address, requested: &[&str]) {
    let store = &call.store;
    let email = recipient.email.as_str();
    let wants = |tip: &str| requested.contains(&"All") || requested.contains(&tip);
    let owner = store.position(email).and_then(|at| store.mailboxes.get(at));
    let group = store.directory.group(email);
    let known = owner.map(|mailbox| &mailbox.address);
    let known = known.or_else(|| group.map(|group| &group.address));
    let address = known.unwrap_or(recipient);
    let own = store.mail_tips.get(&email.to_lowercase());
    let own = own.cloned().unwrap_or_default();
    writer.element("t:RecipientAddress", &[], |writer| {
        writer.leaf("t:Name", &address.name);
        writer.leaf("t:EmailAddress", &address.email);
        writer.leaf("t:RoutingType", address.routing());
    });
    let pending = if own.pending { "MailboxFullStatus" } else { "" };
    writer.leaf("t:PendingMailTips", pending);
    if let Some(mailbox) = owner.filter(|_| wants("OutOfOfficeMessage")) {
        let away = &mailbox.preferences.away;
        let text = if away.is_active(call.now) {
            text_of(&away.internal.0)
        } else {
            String::new()
        };
        writer.element("t:OutOfOffice", &[], |writer| {
            writer.element("t:ReplyBody", &[], |writer| writer.leaf("t:Message", &text));
        });
    }
    if let Some(mailbox) = owner.filter(|_| wants("MailboxFullStatus") && !own.pending) {
        let quota = store.limits.mailbox;
        let is_full = own.mailbox_full || quota.is_some_and(|quota| mailbox.items.size() >= quota);
        writer.leaf("t:MailboxFull", &is_full.to_string());
    }
    if let Some(tip) = own.custom_tip.filter(|_| wants("CustomMailTip")) {
        let tip = format!("<html>\n<body>\n{tip}\n</body>\n</html>\n");
        writer.leaf("t:CustomMailTip", &tip);
    }
    let is_outside = |email: &str| {
        let domain = email.rsplit('@').next().unwrap_or_default();
        !domain.eq_ignore_ascii_case(DOMAIN)
    };
    if wants("TotalMemberCount") {
        let total = group.map_or(1, |group| group.members.len());
        writer.leaf("t:TotalMemberCount", &total.to_string());
    }
    if wants("ExternalMemberCount") {
        let outside = match group {
            Some(group) => {
                let members = group.members.iter();
                members.filter(|one| is_outside(&one.address.email)).count()
            }
            None => usize::from(is_outside(email)),
        };
        writer.leaf("t:ExternalMemberCount", &outside.to_string());
    }
    let limit = store.limits.message_size;
    let limit = limit.and_then(|bytes| i32::try_from(bytes).ok());
    let limit = own.max_message_size.or(limit);
    if let Some(bytes) = limit.filter(|_| wants("MaxMessageSize")) {
        writer.leaf("t:MaxMessageSize", &bytes.to_string());
    }
    if wants("DeliveryRestriction") {
        writer.leaf("t:DeliveryRestricted", &own.restricted.to_string());
    }
    if wants("ModerationStatus") {
        writer.leaf("t:IsModerated", &own.moderated.to_string());
    }
    if wants("InvalidRecipient") {
        let is_invalid = !email.contains('@') || known.is_none() && !is_outside(email);
        writer.leaf("t:InvalidRecipient", &is_invalid.to_string());
    }
}

/// The words of an HTML text: tips have no markup.
fn text_of(html: &str) -> String {
    let mut text = String::new();
    let mut is_markup = false;
    for character in html.chars() {
        match character {
            '<' => is_markup = true,
            '>' => is_markup = false,
            other if !is_markup => text.push(other),
            _ => {}
        }
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .trim()
        .to_owned()
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/getserviceconfiguration-operation>
pub(super) fn configuration(call: &Call<'_>) -> String {
    let limit = most(call).to_string();
    answer("GetServiceConfiguration", Ok(()), |writer, ()| {
        writer.element("m:ResponseMessages", &[], |writer| {
            let name = "m:ServiceConfigurationResponseMessageType";
            writer.element(name, &[("ResponseClass", "Success")], |writer| {
                writer.leaf("m:ResponseCode", "NoError");
                writer.element("m:MailTipsConfiguration", &[], |writer| {
                    writer.leaf("t:MailTipsEnabled", "true");
                    writer.leaf("t:MaxRecipientsPerGetMailTipsRequest", &limit);
                    writer.leaf("t:MaxMessageSize", "37748736");
                    writer.leaf("t:LargeAudienceThreshold", "25");
                    writer.leaf("t:ShowExternalRecipientCount", "true");
                    writer.element("t:InternalDomains", &[], |writer| {
                        let domain = [("Name", DOMAIN), ("IncludeSubdomains", "false")];
                        writer.empty("t:Domain", &domain);
                    });
                    writer.leaf("t:PolicyTipsEnabled", "false");
                    writer.leaf("t:LargeAudienceCap", "1000");
                });
            });
        });
    })
}

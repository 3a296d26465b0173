//! GetMailTips, and GetServiceConfiguration about them.

use roxmltree::Node;

use super::rooms::answer;
use super::{Call, children};
use crate::simulator::item::Address;
use crate::simulator::mail_tips::{DOMAIN, Tips};
use crate::simulator::refusal::Refusal;
use crate::simulator::request::Element as _;
use crate::simulator::xml::Writer;

/// Recipients that one request may ask about, if nothing is said.
const MOST: usize = 50;

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
    let wants = |tip: &str| requested.contains(&"All") || requested.contains(&tip);
    let tips = Tips::about(call.store, recipient, call.now);
    writer.element("t:RecipientAddress", &[], |writer| {
        writer.leaf("t:Name", &tips.address.name);
        writer.leaf("t:EmailAddress", &tips.address.email);
        writer.leaf("t:RoutingType", tips.address.routing());
    });
    let pending = match tips.is_pending {
        true => "MailboxFullStatus",
        false => "",
    };
    writer.leaf("t:PendingMailTips", pending);
    if let Some(text) = tips.reply.filter(|_| wants("OutOfOfficeMessage")) {
        writer.element("t:OutOfOffice", &[], |writer| {
            writer.element("t:ReplyBody", &[], |writer| writer.leaf("t:Message", &text));
        });
    }
    let mut tell = |tip: &str, element: &str, value: Option<String>| {
        if let Some(value) = value.filter(|_| wants(tip)) {
            writer.leaf(element, &value);
        }
    };
    let text = |value: &dyn ToString| Some(value.to_string());
    tell(
        "MailboxFullStatus",
        "t:MailboxFull",
        tips.is_full.map(|full| full.to_string()),
    );
    tell("CustomMailTip", "t:CustomMailTip", tips.custom);
    tell(
        "TotalMemberCount",
        "t:TotalMemberCount",
        text(&tips.members),
    );
    tell(
        "ExternalMemberCount",
        "t:ExternalMemberCount",
        text(&tips.strangers),
    );
    tell(
        "MaxMessageSize",
        "t:MaxMessageSize",
        tips.largest.map(|bytes| bytes.to_string()),
    );
    tell(
        "DeliveryRestriction",
        "t:DeliveryRestricted",
        text(&tips.is_restricted),
    );
    tell(
        "ModerationStatus",
        "t:IsModerated",
        text(&tips.is_moderated),
    );
    tell(
        "InvalidRecipient",
        "t:InvalidRecipient",
        text(&tips.is_invalid),
    );
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

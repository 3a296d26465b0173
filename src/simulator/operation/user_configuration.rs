//! GetUserConfiguration: the settings of Outlook on the web.

use roxmltree::Node;

use super::Call;
use crate::simulator::refusal::{Fault, Refusal};
use crate::simulator::request::Element as _;
use crate::simulator::soap::responses;
use crate::simulator::xml::Writer;
use crate::simulator::zone::Zone;

/// Settings are kept in the root of the mailbox by Outlook on the web, once its owner used it.
const NAME: &str = "OWA.UserOptions";

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/getuserconfiguration-operation>
pub(super) fn run(call: &mut Call<'_>, operation: Node<'_, '_>) -> Result<String, Fault> {
    let results = [options(call, operation)];
    Ok(responses("GetUserConfiguration", &results, "", write))
}

/// The zone in the options.
fn options(call: &Call<'_>, operation: Node<'_, '_>) -> Result<Zone, Refusal> {
    let not_found = || {
        Refusal::new(
            "ErrorItemNotFound",
            "The specified object was not found in the store.",
        )
    };
    let name = operation
        .child("UserConfigurationName")
        .ok_or_else(not_found)?;
    let folder = name.first().ok_or_else(not_found)?;
    let (owner, number) = call.folder(folder)?;
    // Nobody but the owner sees what is in the root.
    if owner != call.caller {
        return Err(Refusal::access_denied());
    }
    let mailbox = call.mailbox(owner)?;
    let is_root = mailbox.folder_number("root") == number;
    if name.attribute("Name") != Some(NAME) || !is_root || !mailbox.has_web_options {
        return Err(not_found());
    }
    Ok(mailbox.zone.clone())
}

fn write(writer: &mut Writer, zone: &Zone) {
    writer.element("m:UserConfiguration", &[], |writer| {
        writer.element("t:UserConfigurationName", &[("Name", NAME)], |writer| {
            writer.empty("t:DistinguishedFolderId", &[("Id", "root")]);
        });
        writer.element("t:Dictionary", &[], |writer| {
            entry(writer, "timezone", "String", &zone.id);
            entry(writer, "weekstartday", "Integer32", "1");
            entry(writer, "dateformat", "String", "dd.MM.yyyy");
            entry(writer, "timeformat", "String", "HH:mm");
        });
    });
}

fn entry(writer: &mut Writer, key: &str, kind: &str, value: &str) {
    writer.element("t:DictionaryEntry", &[], |writer| {
        for (name, kind, value) in [
            ("t:DictionaryKey", "String", key),
            ("t:DictionaryValue", kind, value),
        ] {
            writer.element(name, &[], |writer| {
                writer.leaf("t:Type", kind);
                writer.leaf("t:Value", value);
            });
        }
    });
}

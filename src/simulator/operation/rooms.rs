//! ExpandDL, GetRoomLists and GetRooms over the simulator's directory.

use roxmltree::Node;

use super::Call;
use crate::simulator::directory::{Group, Member};
use crate::simulator::item::Address;
use crate::simulator::refusal::Refusal;
use crate::simulator::request::{Element as _, MESSAGES, TYPES};
use crate::simulator::shape::write_mailbox;
use crate::simulator::soap::responses;
use crate::simulator::xml::Writer;

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/expanddl-operation>
pub(super) fn expand(call: &Call<'_>, operation: Node<'_, '_>) -> String {
    let members = named(call, operation, "Mailbox").map(|group| group.members.clone());
    responses("ExpandDL", &[members], "", |writer, members| {
        let total = members.len().to_string();
        let paging = [
            ("TotalItemsInView", total.as_str()),
            ("IncludesLastItemInRange", "true"),
        ];
        writer.element("m:DLExpansion", &paging, |writer| {
            for Member { address, kind } in members {
                write_mailbox(writer, address, Some(kind));
            }
        });
    })
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/getroomlists-operation>
pub(super) fn lists(call: &Call<'_>) -> String {
    let groups = call.store.directory.groups.iter();
    let lists: Vec<&Group> = groups.filter(|group| group.is_room_list).collect();
    answer("GetRoomLists", Ok(lists), |writer, lists| {
        writer.element("m:RoomLists", &[], |writer| {
            for list in lists {
                write_entry(writer, "t:Address", &list.address, "PublicDL");
            }
        });
    })
}

/// <https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/getrooms-operation>
pub(super) fn rooms(call: &Call<'_>, operation: Node<'_, '_>) -> String {
    let list = named(call, operation, "RoomList");
    let list = list.and_then(|list| list.is_room_list.then_some(list).ok_or_else(unknown));
    answer("GetRooms", list, |writer, list| {
        writer.element("m:Rooms", &[], |writer| {
            for Member { address, kind } in &list.members {
                writer.element("t:Room", &[], |writer| {
                    write_entry(writer, "t:Id", address, kind);
                });
            }
        });
    })
}

fn named<'a>(
    call: &'a Call<'_>,
    operation: Node<'_, '_>,
    element: &str,
) -> Result<&'a Group, Refusal> {
    let node = operation.child(element);
    let email = node.and_then(|node| node.text_of("EmailAddress"));
    let group = call.store.directory.group(email.unwrap_or_default());
    group.ok_or_else(unknown)
}

fn unknown() -> Refusal {
    Refusal::new("ErrorNameResolutionNoResults", "No results were found.")
}

fn write_entry(writer: &mut Writer, element: &str, address: &Address, kind: &str) {
    writer.element(element, &[], |writer| {
        writer.leaf("t:Name", &address.name);
        writer.leaf("t:EmailAddress", &address.email);
        writer.leaf("t:RoutingType", address.routing());
        writer.leaf("t:MailboxType", kind);
    });
}

/// The answer of an operation whose answer is itself the response message, refused.
pub(in crate::simulator) fn refused(operation: &str, refusal: Refusal) -> String {
    answer(operation, Err::<(), _>(refusal), |_, ()| ())
}

/// An answer that is itself the response message.
pub(super) fn answer<T>(
    operation: &str,
    result: Result<T, Refusal>,
    content: impl FnOnce(&mut Writer, T),
) -> String {
    let class = result.as_ref().map_or_else(Refusal::class, |_| "Success");
    let attributes = [
        ("ResponseClass", class),
        ("xmlns:m", MESSAGES),
        ("xmlns:t", TYPES),
    ];
    let mut writer = Writer::default();
    let element = format!("m:{operation}Response");
    writer.element(&element, &attributes, |writer| match result {
        Ok(value) => {
            writer.leaf("m:ResponseCode", "NoError");
            content(writer, value);
        }
        Err(refusal) => refusal.write(writer, "m:"),
    });
    writer.into_string()
}

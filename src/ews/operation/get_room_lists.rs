use serde::Serialize;

use super::{Operation, ResponseMessage};
use crate::ews::ServerVersion;
use crate::ews::types::Mailbox;
use crate::xml::{Element, Problem, ReadElement, Tag};

/// Reads the lists of rooms that administrators keep, usually one for each building.
///
/// Exchange 2010 and later.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/getroomlists-operation>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetRoomLists;

impl GetRoomLists {
    /// All lists.
    pub fn new() -> Self {
        Self
    }
}

impl Operation for GetRoomLists {
    type Response = Vec<ResponseMessage<RoomLists>>;

    const NAME: &'static str = "GetRoomLists";
    const SINCE: ServerVersion = ServerVersion::Exchange2010;
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(1)
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|_| ());
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        let mut lists = Vec::new();
        // The lists stand in it as `Address`, which are called `Mailbox` elsewhere.
        let mut message = ResponseMessage::read_with(response, &mut |child| {
            if child.name() != "RoomLists" {
                return child.skip();
            }
            child.for_each(|list| match list.name() {
                "Address" => {
                    lists.extend(Mailbox::read_element(list)?);
                    Ok(())
                }
                _ => list.skip(),
            })
        })?;
        message.body = RoomLists { room_lists: lists };
        Ok(vec![message])
    }
}

/// Lists of rooms.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RoomLists {
    /// The lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub room_lists: Vec<Mailbox>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ews::testing::{assert_request, assert_since, messages};
    use crate::ews::types::MailboxType;

    #[test]
    fn request() {
        let version = ServerVersion::Exchange2010;
        assert_request("get_room_lists/request", version, &GetRoomLists::new());
        assert_since(version, "GetRoomLists", &GetRoomLists::new());
    }

    #[test]
    fn answer() {
        let [message] = messages::<GetRoomLists>("get_room_lists/response").try_into().unwrap();
        let message: ResponseMessage<RoomLists> = message;
        let lists = message.ok().unwrap().room_lists;
        let seen: Vec<_> = lists.iter().map(|list| list.email_address.as_deref()).collect();
        let expected = ["rooms-north@contoso.example", "rooms-south@contoso.example"];
        assert_eq!(seen, expected.map(Some));
        assert_eq!(lists[0].name.as_deref(), Some("Rooms North"));
        assert_eq!(lists[0].mailbox_type, Some(MailboxType::PublicDL));
    }

    #[test]
    fn there_may_be_none() {
        let answer = messages::<GetRoomLists>("get_room_lists/response_none");
        let lists = answer.into_iter().next().unwrap().ok().unwrap();
        assert_eq!(lists, RoomLists::default());
    }
}

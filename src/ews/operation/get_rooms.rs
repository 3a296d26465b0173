use serde::Serialize;

use super::{Needs, Operation, ResponseMessage};
use crate::ews::ServerVersion;
use crate::ews::types::{Mailbox, record};
use crate::xml::{Element, ListItem, Problem, ReadElement, Tag};

/// Reads the rooms in a list of rooms.
///
/// Exchange 2010 and later.
///
/// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/getrooms-operation>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GetRooms {
    /// The list.
    pub room_list: Mailbox,
}

impl GetRooms {
    /// The rooms in this list.
    pub fn new(room_list: Mailbox) -> Self {
        Self { room_list }
    }
}

impl Operation for GetRooms {
    type Response = Vec<ResponseMessage<Rooms>>;

    const NAME: &'static str = "GetRooms";
    const SINCE: ServerVersion = ServerVersion::Exchange2010;
    const REPEATABLE: bool = true;

    fn requested(&self) -> Option<usize> {
        Some(1)
    }

    fn needs(&self, needs: &mut Needs) {
        if self.room_list.email_address.is_none() {
            needs.refuse("no address says which list of rooms");
        }
    }

    fn write(&self, request: Tag<'_>) {
        request.children(|body| body.value("m:RoomList", &self.room_list));
    }

    fn read(response: &mut Element<'_, '_>) -> Result<Self::Response, Problem> {
        let read = |rooms: &mut Rooms, child: &mut Element<'_, '_>| {
            match child.name() {
                "Rooms" => rooms.rooms = Vec::read_element(child)?.unwrap_or_default(),
                _ => child.skip()?,
            }
            Ok(())
        };
        Ok(vec![ResponseMessage::read(response, read)?])
    }
}

/// Rooms of a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Rooms {
    /// The rooms.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<Room>,
}

record! {
    /// A room.
    ///
    /// Reference: <https://learn.microsoft.com/exchange/client-developer/web-service-reference/room>
    pub struct Room {
        /// Its name and address.
        id: Mailbox = "Id",
    }
}

impl ListItem for Room {
    const TAG: &'static str = "t:Room";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::ews::testing::{assert_request, assert_since, messages, refusal};

    #[test]
    fn request() {
        let operation = GetRooms::new(Mailbox::smtp("rooms-north@contoso.example"));
        let version = ServerVersion::Exchange2010;
        assert_request("get_rooms/request", version, &operation);
        assert_since(version, "GetRooms", &operation);
        let said = refusal(version, &GetRooms::new(Mailbox::default()));
        assert_eq!(said, "no address says which list of rooms");
    }

    #[test]
    fn answer() {
        let [message] = messages::<GetRooms>("get_rooms/response").try_into().unwrap();
        let message: ResponseMessage<Rooms> = message;
        let rooms = message.ok().unwrap().rooms;
        let seen: Vec<_> = rooms
            .iter()
            .filter_map(|room| room.id.as_ref())
            .map(|id| (id.name.as_deref(), id.email_address.as_deref()))
            .collect();
        let expected = [
            (Some("North 1 (8 seats)"), Some("north1@contoso.example")),
            (Some("North 2"), Some("north2@contoso.example")),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn no_such_list_is_a_refusal() {
        let answer = messages::<GetRooms>("get_rooms/response_error");
        let refusal = answer.into_iter().next().unwrap().ok().unwrap_err();
        assert_eq!(refusal.into_error("GetRooms").kind(), ErrorKind::NotFound);
    }
}

use super::recipient;
use crate::connector::Backend;
use crate::graph::wire::Calendar;
use crate::model::{CalendarId, CalendarInfo};

/// A calendar; `None` for what has no identifier.
pub(in crate::graph) fn calendar(wire: &Calendar) -> Option<CalendarInfo> {
    let id = CalendarId::from_raw(Backend::Graph, wire.id.as_deref()?);
    let mut info = CalendarInfo::new(id, wire.name.clone().unwrap_or_default());
    info.owner = wire.owner.as_ref().and_then(recipient::email_address);
    info.is_default = wire.is_default_calendar.unwrap_or_default();
    info.can_edit = wire.can_edit.unwrap_or_default();
    info.can_share = wire.can_share;
    info.can_view_private = wire.can_view_private_items.unwrap_or_default();
    info.color = wire.hex_color.as_deref().and_then(color);
    Some(info)
}

/// `#rrggbb`; `None` where no colour was chosen, which is an empty text.
fn color(text: &str) -> Option<String> {
    let digits = text.trim().trim_start_matches('#');
    let is_color = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_color.then(|| format!("#{}", digits.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(json: Value) -> Option<CalendarInfo> {
        calendar(&serde_json::from_value(json).unwrap())
    }

    #[test]
    fn what_is_said_and_what_not() {
        let whole = read(json!({
            "id": "c1", "name": "Team", "isDefaultCalendar": true, "canEdit": true, "canShare": false,
            "canViewPrivateItems": true, "hexColor": "#A6D1F5",
            "owner": { "name": "Ada", "address": "ada@example.com" }
        }))
        .unwrap();
        assert_eq!(whole.color.as_deref(), Some("#a6d1f5"));
        assert_eq!(whole.owner.unwrap().smtp_address(), Some("ada@example.com"));
        assert!(whole.is_default && whole.can_edit && whole.can_share == Some(false));
        let bare =
            read(json!({ "id": "c2", "hexColor": "", "owner": null, "name": null })).unwrap();
        assert_eq!(bare, CalendarInfo::new(bare.id.clone(), ""));
        assert_eq!(read(json!({ "name": "nowhere" })), None);
    }
}

//! Where events are: one text in the store, with what Graph knows besides kept next to it.

use serde_json::{Value, json};

use super::super::refusal::GraphRefusal;
use crate::simulator::item::{Item, LOCATION};
use crate::simulator::property::{GRAPH, Property, Value as Kept};

/// The locations as JSON.
fn details() -> Property {
    Property::Name(GRAPH, "Locations".to_owned())
}

/// The properties of `location` that can be written.
const KNOWN: [&str; 8] = [
    "displayName",
    "locationType",
    "uniqueId",
    "uniqueIdType",
    "address",
    "coordinates",
    "locationUri",
    "locationEmailAddress",
];

fn name(place: &Value) -> &str {
    place
        .get("displayName")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Sets the places of an event.
pub(super) fn set(item: &mut Item, places: Vec<Value>) -> Result<(), GraphRefusal> {
    for place in &places {
        let place = place
            .as_object()
            .ok_or_else(|| GraphRefusal::new(400, "RequestBodyRead", "A location is an object."))?;
        let unknown = place
            .keys()
            .find(|key| !key.contains('@') && !KNOWN.contains(&key.as_str()));
        if let Some(unknown) = unknown {
            return Err(super::changes::unknown(unknown, "location"));
        }
    }
    let names: Vec<&str> = places
        .iter()
        .map(name)
        .filter(|name| !name.is_empty())
        .collect();
    item.set(LOCATION, Kept::Text(names.join("; ")));
    let plain = places.iter().all(|place| {
        place
            .as_object()
            .is_none_or(|place| place.keys().all(|key| key == "displayName"))
    });
    if plain && places.len() < 2 {
        item.bag.remove(&details());
    } else {
        item.set(details(), Kept::Text(Value::from(places).to_string()));
    }
    Ok(())
}

/// `location` and `locations`.
pub(in crate::simulator::graph) fn written(item: &Item) -> (Value, Value) {
    let text = item.text(&LOCATION);
    let kept: Vec<Value> = serde_json::from_str(item.text(&details())).unwrap_or_default();
    let names: Vec<&str> = kept
        .iter()
        .map(name)
        .filter(|name| !name.is_empty())
        .collect();
    // What was written elsewhere since counts.
    let places = match names.join("; ") == text {
        true => kept,
        false => Vec::new(),
    };
    if text.is_empty() && places.is_empty() {
        let nowhere = json!({
            "displayName": "",
            "locationType": "default",
            "uniqueIdType": "unknown",
            "address": {},
            "coordinates": {},
        });
        return (nowhere, json!([]));
    }
    let places: Vec<Value> = match places.is_empty() {
        true => vec![completed(&json!({"displayName": text}))],
        false => places.iter().map(completed).collect(),
    };
    let first = match places.as_slice() {
        [one] => one.clone(),
        _ => completed(&json!({"displayName": text})),
    };
    (first, places.into())
}

/// A place with what the service adds.
fn completed(place: &Value) -> Value {
    let mut whole = json!({
        "locationType": "default",
        "uniqueId": name(place),
        "uniqueIdType": "private",
    });
    if let (Some(whole), Some(place)) = (whole.as_object_mut(), place.as_object()) {
        for (key, value) in place.iter().filter(|(key, _)| !key.contains('@')) {
            whole.insert(key.clone(), value.clone());
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::item::ItemKind;

    #[test]
    fn places_come_back_until_somebody_else_writes() {
        let mut item = Item::new(ItemKind::CalendarItem);
        let places = vec![
            json!({"displayName": "Harbour", "locationUri": "https://harbour.example"}),
            json!({"displayName": "Room 2"}),
        ];
        set(&mut item, places).unwrap();
        let (one, all) = written(&item);
        assert_eq!(one["displayName"], "Harbour; Room 2");
        assert_eq!(all[0]["locationUri"], "https://harbour.example");
        assert_eq!(all.as_array().unwrap().len(), 2);
        item.set(LOCATION, Kept::Text("Beach".to_owned()));
        let (one, all) = written(&item);
        assert_eq!(
            (&one, one["displayName"].as_str()),
            (&all[0], Some("Beach"))
        );
        let wrong = set(&mut item, vec![json!({"name": "x"})]).unwrap_err();
        assert_eq!(
            (wrong.status, wrong.code.as_str()),
            (400, "RequestBodyRead")
        );
    }
}

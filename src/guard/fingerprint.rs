//! A digest of a request that is the same wherever and whenever it is made.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The digest of a value's stored form.
///
/// What is digested is JSON in the manner of RFC 8785: keys sorted, nothing between. Members that are `null` are left
/// out, so that a request without a field that a later version adds stays what it was.
pub(super) fn of(value: &impl Serialize) -> serde_json::Result<String> {
    let mut text = String::new();
    canonical(&serde_json::to_value(value)?, &mut text);
    Ok(format!("sha256:{}", sha256(text.as_bytes())))
}

/// The SHA-256 digest in hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing into a String does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Array(values) => {
            out.push('[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                canonical(value, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            // Sorted here, because whether serde_json's own map is depends on its features.
            let mut members: Vec<_> = members
                .iter()
                .filter(|(_, value)| !value.is_null())
                .collect();
            members.sort_unstable_by_key(|(name, _)| name.as_str());
            out.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                canonical(&Value::from(name.as_str()), out);
                out.push(':');
                canonical(value, out);
            }
            out.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let _ = write!(out, "{value}");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn known_digests() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(of(&json!({})).unwrap(), format!("sha256:{}", sha256(b"{}")));
    }

    #[test]
    fn one_form() {
        let mut text = String::new();
        let value = json!({"b": [1, null, {"z": "\n\"ä", "a": true}], "a": null, "C": -5});
        canonical(&value, &mut text);
        assert_eq!(text, r#"{"C":-5,"b":[1,null,{"a":true,"z":"\n\"ä"}]}"#);
    }
}

//! Autodiscover V2: what comes back.

use serde_json::Value;

use super::answer::{Answer, UserSettings};

/// Reads the document. The protocol `AutodiscoverV1` names where to ask further.
pub(super) fn read(text: &str) -> Result<Answer, String> {
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| format!("the answer is not valid JSON ({error})"))?;
    let said = |name: &str| {
        let (_, value) = value
            .as_object()?
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        value
            .as_str()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    };
    if let Some(code) = said("ErrorCode") {
        return Ok(Answer::Refused {
            code: code.to_owned(),
            message: said("ErrorMessage").unwrap_or_default().to_owned(),
        });
    }
    match (said("Protocol"), said("Url")) {
        (Some(protocol), Some(url)) if protocol.eq_ignore_ascii_case("EWS") => {
            Ok(Answer::Settings(Box::new(UserSettings {
                external_ews_url: Some(url.to_owned()),
                ..UserSettings::default()
            })))
        }
        (Some(protocol), Some(url)) if protocol.eq_ignore_ascii_case("AutodiscoverV1") => {
            Ok(Answer::RedirectUrl(url.to_owned()))
        }
        _ => Err("the answer names no URL".to_owned()),
    }
}

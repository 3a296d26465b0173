//! What is said when a draft that was made on the way is of no use to anybody.

use crate::error::{Effect, Error, Result};

/// The server did not send a draft that was made for it. Whether it was there when it was to be removed: if it is gone,
/// nobody knows whether it was sent after all.
pub(crate) fn unsent(error: Error, removed: Result<bool>, id: &str) -> Error {
    if let Ok(false) = removed {
        let hint = "The server refused to send the message, but its draft is gone: look whether it was sent before sending it again.";
        return error.with_effect(Effect::Unknown).with_hint(hint);
    }
    retracted(error, removed, id, "The message could not be sent")
}

/// A draft was, or should have been, taken away again.
pub(crate) fn retracted(error: Error, removed: Result<bool>, id: &str, what: &str) -> Error {
    let advice = error.advice_text().unwrap_or_default();
    let (effect, outcome) = match removed {
        Ok(_) => (Effect::None, "so the draft was removed again".to_owned()),
        Err(_) => (
            Effect::Partial,
            format!("and the draft could not be removed again: it is there as {id}"),
        ),
    };
    let hint = format!("{what}, {outcome}. Nothing was sent. {advice}");
    error
        .with_effect(effect)
        .with_hint(hint.trim_end().to_owned())
}

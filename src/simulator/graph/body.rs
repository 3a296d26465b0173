//! Texts of items as Graph writes them: `itemBody`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::body::{hypertext, plain, without_scripts};
use super::super::item::Body;
use super::refusal::GraphRefusal;
use super::request::GraphRequest;

/// `itemBody`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::simulator) struct ItemBody {
    #[serde(default, rename = "@odata.type")]
    _kind: Option<String>,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    content: Option<String>,
}

impl ItemBody {
    pub(in crate::simulator) fn read(self) -> Result<Body, GraphRefusal> {
        let kind = self.content_type.unwrap_or_else(|| "text".to_owned());
        let html = match kind.to_ascii_lowercase().as_str() {
            "html" => true,
            "text" => false,
            _ => {
                return Err(GraphRefusal::new(
                    400,
                    "RequestBodyRead",
                    format!("Requested value '{kind}' was not found."),
                ));
            }
        };
        let text = self.content.unwrap_or_default();
        Ok(Body { html, text })
    }
}

/// The text as the request prefers it: HTML unless it says otherwise, without what is not safe unless it says so.
pub(in crate::simulator) fn written(request: &GraphRequest, body: &Body) -> Value {
    let wanted = request.preference("outlook.body-content-type");
    if wanted.is_some_and(|wanted| wanted.eq_ignore_ascii_case("text")) {
        let text = match body.html {
            true => plain(&body.text),
            false => body.text.clone(),
        };
        return json!({"contentType": "text", "content": text});
    }
    let html = match body.html {
        true => body.text.clone(),
        false => hypertext(&body.text),
    };
    let as_it_is = request
        .preferences()
        .any(|one| one.eq_ignore_ascii_case("outlook.allow-unsafe-html"));
    let html = match as_it_is {
        true => html,
        false => without_scripts(&html),
    };
    json!({"contentType": "html", "content": html})
}

/// `bodyPreview`: the beginning of the text.
pub(in crate::simulator) fn preview(body: &Body) -> String {
    let text = match body.html {
        true => plain(&body.text),
        false => body.text.clone(),
    };
    text.chars().take(255).collect()
}

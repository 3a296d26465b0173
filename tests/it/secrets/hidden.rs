//! What must not be seen, in whatever form it could be seen in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One such thing.
pub(super) struct Hidden {
    pub(super) core: String,
    forms: Vec<String>,
}

impl Hidden {
    pub(super) fn new(core: &str) -> Self {
        let wide: Vec<u8> = core.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut forms = vec![
            core.to_owned(),
            core.to_ascii_uppercase(),
            core.chars().rev().collect(),
            String::from_utf8(wide.clone()).unwrap(),
        ];
        for bytes in [core.as_bytes(), &wide] {
            forms.extend((0..3).flat_map(|before| base64_within(bytes, before)));
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            forms.push(hex.to_uppercase());
            forms.push(hex);
            // as Debug shows bytes, and as a URL may have letters
            let list = |separator: &str| {
                let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
                numbers.join(separator)
            };
            forms.extend([list(", "), list(",")]);
            forms.push(bytes.iter().map(|byte| format!("%{byte:02X}")).collect());
            forms.push(bytes.iter().map(|byte| format!("\\u{byte:04x}")).collect());
            forms.push(bytes.iter().map(|byte| format!("&#{byte};")).collect());
            forms.push(bytes.iter().map(|byte| format!("&#x{byte:x};")).collect());
        }
        Self {
            core: core.to_owned(),
            forms,
        }
    }

    /// The first form that is in a text.
    pub(super) fn find<'a>(&'a self, text: &str) -> Option<&'a str> {
        let mut forms = self.forms.iter();
        forms.find(|form| text.contains(*form)).map(String::as_str)
    }
}

/// The letters of base64 that a value has wherever it stands after so many other bytes.
fn base64_within(value: &[u8], before: usize) -> Vec<String> {
    let mut all = vec![b'x'; before];
    all.extend_from_slice(value);
    let text = STANDARD.encode(&all);
    let begin = [0, 2, 3][before];
    let end = all.len() * 8 / 6;
    let inner = text[begin..end].to_owned();
    let safe = inner.replace('+', "-").replace('/', "_");
    vec![inner, safe]
}

#[test]
fn hidden_things_are_found() {
    let secret = "p&<\"Q/ é%bcdfghjk+=";
    let hidden = Hidden::new("bcdfghjk");
    let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let percent = |text: &str| {
        let bytes = text.bytes().map(|byte| match byte.is_ascii_alphanumeric() {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        });
        bytes.collect::<String>()
    };
    for shown in [
        secret.to_owned(),
        format!("{secret:?}"),
        format!("{:?}", secret.as_bytes()),
        serde_json::to_string(secret).unwrap(),
        percent(secret),
        secret.replace('&', "&amp;").replace('<', "&lt;"),
        STANDARD.encode(secret),
        STANDARD.encode(format!("user:{secret}")),
        STANDARD.encode(format!("DOMAIN\\user:{secret}")),
        STANDARD.encode(&wide),
        STANDARD.encode([&b"x"[..], &wide].concat()),
        secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
        wide.iter().map(|byte| format!("{byte:02X}")).collect(),
    ] {
        assert!(hidden.find(&shown).is_some(), "{shown}");
    }
    assert_eq!(hidden.find("a text about bcdfghj k"), None);
}

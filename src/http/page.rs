//! Web pages where an answer should be.

use std::borrow::Cow;

use super::charset::excerpt;

/// The beginning of a body as UTF-8 without a byte order mark, long enough to judge it.
pub(crate) fn beginning(body: &[u8]) -> Cow<'_, [u8]> {
    const MOST: usize = 128 * 1024;
    type Unit = fn([u8; 2]) -> u16;
    let (unit, rest): (Unit, &[u8]) = match body {
        [0xff, 0xfe, rest @ ..] => (u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => (u16::from_be_bytes, rest),
        [b'<', 0, ..] => (u16::from_le_bytes, body),
        [0, b'<', ..] => (u16::from_be_bytes, body),
        _ => return Cow::Borrowed(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)),
    };
    let (pairs, _) = rest.as_chunks::<2>();
    let units: Vec<u16> = pairs
        .iter()
        .take(MOST / 2)
        .map(|pair| unit(*pair))
        .collect();
    Cow::Owned(String::from_utf16_lossy(&units).into_bytes())
}

/// Signs of the logon pages of Exchange, AD FS, Entra and of common gateways.
pub(crate) fn is_logon(text: &[u8]) -> bool {
    const MOST: usize = 64 * 1024;
    let text = text.get(..text.len().min(MOST)).unwrap_or_default();
    let lower_case = String::from_utf8_lossy(text).to_ascii_lowercase();
    let is_field = |sign: &&str| lower_case.contains(*sign);
    LOGON_SIGNS.iter().any(is_field)
        || ["type=password", "type=\"password\"", "type='password'"]
            .iter()
            .any(is_field)
}

/// Addresses that logon pages lead to.
pub(crate) const LOGON_SIGNS: [&str; 6] = [
    "/owa/auth",
    "auth.owa",
    "logon.aspx",
    "/adfs/ls",
    "login.microsoftonline.com",
    "/my.policy",
];

/// What a page says, for a message: its title, or the beginning of its text; nothing where there is none.
pub(crate) fn quote(body: &[u8]) -> String {
    let said = title(body).unwrap_or_else(|| words(body, 120));
    match said.is_empty() {
        true => said,
        false => format!(" (\"{said}\")"),
    }
}

/// The page's title.
fn title(body: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(body.get(..body.len().min(4096))?).into_owned();
    let lower = head.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower.get(start..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</title")?;
    Some(excerpt(head.get(start..end)?.as_bytes(), 120)).filter(|title| !title.is_empty())
}

/// What a person would read of a body: its words without its tags, styles and scripts.
fn words(body: &[u8], limit: usize) -> String {
    let text = String::from_utf8_lossy(body.get(..body.len().min(4096)).unwrap_or_default());
    let mut words = String::new();
    let mut rest = text.as_ref();
    while let Some((before, after)) = rest.split_once('<') {
        words.push_str(before);
        words.push(' ');
        let skipped = ["style", "script", "!--"].into_iter().find(|name| {
            let head = after.get(..name.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(name))
        });
        let end = match skipped {
            Some("!--") => after.find("-->").map(|at| at + "-->".len()),
            Some(name) => {
                let end = format!("</{name}>");
                let at = after.to_ascii_lowercase().find(&end);
                at.map(|at| at + end.len())
            }
            None => after.find('>').map(|at| at + 1),
        };
        rest = end.and_then(|end| after.get(end..)).unwrap_or_default();
    }
    words.push_str(rest);
    excerpt(words.as_bytes(), limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_reads() {
        for (body, read) in [
            ("<b>Access denied</b><br>", "Access denied"),
            ("<Error><Code>SlowDown</Code><Message>Less", "SlowDown Less"),
            (
                "<STYLE>b { x }</Style><!-- <i>no</i> --><h1>Bad\ngateway",
                "Bad gateway",
            ),
            ("<script>var é = 1;", ""),
            ("plain", "plain"),
            ("é<", "é"),
        ] {
            assert_eq!(words(body.as_bytes(), 100), read, "{body}");
        }
        assert_eq!(words(b"<a>12345", 3), "123");
    }
}

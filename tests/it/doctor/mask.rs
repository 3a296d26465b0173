//! What differs from run to run and from machine to machine.

/// The text with all that masked.
pub(super) fn mask(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(line).collect();
    lines.join("\n")
}

fn line(text: &str) -> String {
    let mut masked = after(text, "127.0.0.1:", digits, "PORT");
    masked = after(&masked, "localhost:", digits, "PORT");
    masked = after(
        &masked,
        "port ",
        |rest| {
            if digits(rest) == 3 && rest.starts_with("443") {
                0
            } else {
                digits(rest)
            }
        },
        "PORT",
    );
    masked = after(&masked, "request ", identifier, "ID");
    masked = after(
        &masked,
        "cannot be resolved: ",
        |rest| rest.len(),
        "(as the system says it)",
    );
    masked = after(&masked, "it ends in ", digits, "N");
    masked = after(&masked, "until ", day, "DATE");
    masked = after(&masked, "Services, ", moment, "TIME");
    masked = before(&masked, " ms");
    masked = after(&masked, "SHA-256 ", hexadecimal, "HASH");
    masked = after(&masked, "SHA-256 is ", hexadecimal, "HASH");
    masked
}

/// Replaces what stands after some words, so far as the measure says.
fn after(text: &str, words: &str, measure: impl Fn(&str) -> usize, mask: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(words) {
        masked += before;
        masked += words;
        let length = measure(behind);
        if length > 0 {
            masked += mask;
        }
        rest = &behind[length..];
    }
    masked + rest
}

/// Replaces the number that stands before some words at the end of a line.
fn before(text: &str, words: &str) -> String {
    let Some(rest) = text.strip_suffix(words) else {
        return text.to_owned();
    };
    let kept = rest.trim_end_matches(|c: char| c.is_ascii_digit());
    format!("{kept}N{words}")
}

/// As 2026-11-22 07:00:00 UTC.
fn moment(text: &str) -> usize {
    text.find(" UTC").map_or(0, |end| end + " UTC".len())
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn hexadecimal(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_hexdigit).count()
}

/// A UUID.
fn identifier(text: &str) -> usize {
    let is_part = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'-';
    let length = text.bytes().take_while(is_part).count();
    if length == 36 { length } else { 0 }
}

/// As 2026-11-22.
fn day(text: &str) -> usize {
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'-';
    let length = text.bytes().take_while(is_part).count();
    if length == 10 { length } else { 0 }
}

#[test]
fn what_differs_is_masked() {
    assert_eq!(
        mask(
            "to 127.0.0.1, port 4711, and 127.0.0.1:4711 [request 0d6f5a64-1b1c-4a43-9f0e-0a4b8a3f9f11]"
        ),
        "to 127.0.0.1, port PORT, and 127.0.0.1:PORT [request ID]"
    );
    assert_eq!(
        mask("the request is good until 2026-11-22"),
        "the request is good until DATE"
    );
}

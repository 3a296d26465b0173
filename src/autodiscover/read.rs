//! From the text of an answer to what it says.

use super::address::{OPERATION, shown};
use super::answer::Answer;
use super::{json, pox, soap};
use crate::error::{Error, ErrorKind, Unreadable};
use crate::xml::{self, Problem};

/// Reads a captured answer of an Autodiscover service: GetUserSettings (SOAP), POX, or V2 (JSON).
///
/// ```
/// use exchange_connector::autodiscover::{Answer, read_answer};
///
/// let answer = read_answer(r#"{"Protocol": "EWS", "Url": "https://mail.contoso.com/EWS/Exchange.asmx"}"#)?;
/// let Answer::Settings(settings) = answer else { panic!("{answer:?}") };
/// assert!(settings.external_ews_url.is_some_and(|url| url.contains("mail.contoso.com")));
/// # Ok::<(), exchange_connector::Error>(())
/// ```
///
/// # Errors
/// `Protocol` for what is none of them, is cut, malformed, or declares a document type.
pub fn read_answer(text: &str) -> Result<Answer, Error> {
    if text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('{')
    {
        let unreadable = |problem: String| {
            Error::new(ErrorKind::Protocol, OPERATION, problem)
                .with_unreadable(Unreadable::Protocol)
        };
        return json::read(text).map_err(unreadable);
    }
    let read = xml::read_document(text, |root| match root.name() {
        "Autodiscover" => pox::read(root),
        "Envelope" => soap::read(root),
        other => Err(Problem::Unexpected(
            shown(other),
            "an answer of Autodiscover",
        )),
    });
    match read {
        Ok((answer, _)) => Ok(answer),
        Err(problem) => {
            let message = format!("the answer cannot be read: {problem}");
            Err(Error::new(ErrorKind::Protocol, OPERATION, message)
                .with_unreadable(Unreadable::Xml))
        }
    }
}

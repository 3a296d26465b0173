//! Reads a captured SOAP answer and prints what was read as one JSON object.
//!
//! ```text
//! cargo run --example inspect -- answer.xml
//! cargo run --example inspect -- --call GetItem --requested 1 --status 500 - < answer.xml
//! ```

use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use exchange_connector::Error;
use exchange_connector::ews::{Arrival, inspect};
use http::{HeaderName, HeaderValue, StatusCode};

const USAGE: &str = "\
usage: inspect [OPTION]... FILE
Reads the answer of an Exchange server from FILE (- for standard input) and
prints what is in it as one JSON object.

  --call OPERATION      what was called, as GetItem; found out if not given
  --requested N         how many answers there must be, at most 100000
  --status STATUS       the HTTP status, 100 to 999; 200 if not given
  --content-type TYPE   the header Content-Type
  --header 'NAME: VALUE'  another header of the answer
  -h, --help            prints this text

Exit status: 0 if the answer could be read, also if it is a refusal; 2 if it
could not, with the cause first on standard error (xml, encoding, protocol,
http or limit); 64 for wrong usage; 66 if the file cannot be read; 74 if
standard output cannot be written.
";

fn main() -> ExitCode {
    let (file, arrival) = match arguments(env::args_os().skip(1).map(|a| a.into_string())) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => return print(USAGE.trim_end()),
        Err(problem) => return fail(64, &format!("{problem}\n{USAGE}")),
    };
    let bytes = match read(&file) {
        Ok(bytes) => bytes,
        Err(error) => return fail(66, &format!("{file}: {error}\n")),
    };
    match inspect(&bytes, &arrival) {
        Ok(inspection) => print_json(&inspection),
        Err(error) => refuse(&error),
    }
}

/// The file and how its content arrived; `None` if help is asked for.
fn arguments<T>(
    mut arguments: impl Iterator<Item = Result<String, T>>,
) -> Result<Option<(String, Arrival)>, String> {
    let mut arrival = Arrival::default();
    let mut file = None;
    while let Some(argument) = arguments.next() {
        let argument = argument.map_err(|_| "an argument is not text")?;
        if matches!(argument.as_str(), "-h" | "--help") {
            return Ok(None);
        }
        if !argument.starts_with("--") {
            match file.replace(argument) {
                None => continue,
                Some(_) => return Err("more than one file is given".to_owned()),
            }
        }
        let Some(Ok(value)) = arguments.next() else {
            return Err(format!("{argument} is unknown or lacks its value"));
        };
        let wrong = |_| format!("{argument}: {value:?} is not a number");
        match argument.as_str() {
            "--call" => arrival.operation = Some(value),
            "--requested" => arrival.requested = Some(value.parse().map_err(wrong)?),
            "--status" => arrival.status = Some(status(&value)?),
            "--content-type" => arrival.content_type = Some(value),
            "--header" => {
                let (name, value) = header(&value)?;
                arrival.headers.append(name, value);
            }
            _ => return Err(format!("{argument} is unknown")),
        }
    }
    match file {
        Some(file) => Ok(Some((file, arrival))),
        None => Err("no file is given".to_owned()),
    }
}

fn status(text: &str) -> Result<u16, String> {
    let status = StatusCode::from_bytes(text.as_bytes());
    let status = status.map_err(|_| format!("--status: {text:?} is not a number of 100 to 999"))?;
    Ok(status.as_u16())
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let wrong = || format!("{text:?} is not a header: give 'Name: value'");
    let (name, value) = text.split_once(':').ok_or_else(wrong)?;
    let name = name.trim().parse().map_err(|_| wrong())?;
    let value = value.trim().parse().map_err(|_| wrong())?;
    Ok((name, value))
}

fn read(file: &str) -> io::Result<Vec<u8>> {
    if file != "-" {
        return fs::read(file);
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn print_json(inspection: &impl serde::Serialize) -> ExitCode {
    match serde_json::to_string(inspection) {
        Ok(json) => print(&json),
        Err(error) => fail(74, &format!("standard output: {error}\n")),
    }
}

fn print(text: &str) -> ExitCode {
    match writeln!(io::stdout().lock(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(74, &format!("standard output: {error}\n")),
    }
}

/// The cause in one word, then the whole error.
fn refuse(error: &Error) -> ExitCode {
    let text = error.to_string();
    let text = text.strip_prefix("inspect: ").unwrap_or(&text);
    match error.unreadable() {
        Some(cause) => {
            let cause = format!("{cause:?}").to_lowercase();
            fail(2, &format!("{cause}: {text}\n"))
        }
        None => fail(64, &format!("{text}\n{USAGE}")),
    }
}

fn fail(status: u8, text: &str) -> ExitCode {
    // If not even this can be written, the status must do.
    let _ = io::stderr().lock().write_all(text.as_bytes());
    ExitCode::from(status)
}

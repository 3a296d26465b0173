//! The client against logon servers that somebody else wrote: pyspnego, gss-ntlmssp, Samba and MIT
//! krb5. Prints a table of who took what, and fails if anything is not as expected.
//!
//! `tests/acceptors/run.sh` installs the Python packages and runs it. What is absent is skipped with
//! a reason; with `EXCHANGE_REQUIRE_ACCEPTORS=1` that is a failure. Arguments are words of which a
//! line of the table must contain one to be tried. `EXCHANGE_ACCEPTORS_PYTHON` is the interpreter.
//!
//! Each line is one process of its own (`attempt.rs`), because Kerberos takes its settings from the
//! environment.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "it is a test"
)]

mod attempt;
mod kerberos;
mod ntlm;
mod process;
mod table;

use std::process::ExitCode;

use process::Workshop;
use table::Table;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, attempt] = arguments.as_slice()
        && word == attempt::WORD
    {
        return attempt::run(attempt);
    }
    if arguments.iter().any(|argument| argument == "--list") {
        println!("acceptors: test");
        return ExitCode::SUCCESS;
    }
    let mut table = Table::new(&arguments);
    match Workshop::open() {
        Ok(workshop) => {
            ntlm::run(&workshop, &mut table);
            kerberos::run(&workshop, &mut table);
        }
        Err(reason) => table.skip("everything", &reason),
    }
    table.finish()
}

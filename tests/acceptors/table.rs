//! What was tried, and what came of it.

use std::process::ExitCode;
use std::time::Instant;

/// The lines of the table. Those none of the words is in are left out.
pub(crate) struct Table {
    words: Vec<String>,
    lines: Vec<Line>,
    skipped: Vec<String>,
    began: Instant,
}

struct Line {
    acceptor: &'static str,
    way: String,
    what: String,
    seen: String,
    problem: Option<String>,
}

impl Table {
    pub(crate) fn new(arguments: &[String]) -> Self {
        let words = arguments.iter().filter(|word| !word.starts_with('-'));
        Self {
            words: words.cloned().collect(),
            lines: Vec::new(),
            skipped: Vec::new(),
            began: Instant::now(),
        }
    }

    /// Tries something: `Ok` is what was seen and expected, `Err` what was not.
    pub(crate) fn line(
        &mut self,
        acceptor: &'static str,
        way: &str,
        what: &str,
        attempt: impl FnOnce() -> Result<String, String>,
    ) {
        let text = format!("{acceptor} {way} {what}");
        if !self.words.is_empty() && !self.words.iter().any(|word| text.contains(word.as_str())) {
            return;
        }
        let (seen, problem) = match attempt() {
            Ok(seen) => (seen, None),
            Err(problem) => ("NOT AS EXPECTED".to_owned(), Some(problem)),
        };
        self.lines.push(Line {
            acceptor,
            way: way.to_owned(),
            what: what.to_owned(),
            seen,
            problem,
        });
    }

    pub(crate) fn skip(&mut self, what: &str, reason: &str) {
        println!("skipped: {what}: {reason}");
        self.skipped.push(what.to_owned());
    }

    /// Prints the table.
    pub(crate) fn finish(self) -> ExitCode {
        let head = ["acceptor", "client", "what", "result"].map(str::to_owned);
        let mut rows = vec![head];
        for line in &self.lines {
            let acceptor = line.acceptor.to_owned();
            rows.push([
                acceptor,
                line.way.clone(),
                line.what.clone(),
                line.seen.clone(),
            ]);
        }
        let width = |column: usize| {
            let widths = rows.iter().map(|row| row[column].chars().count());
            widths.max().unwrap_or(0)
        };
        let widths = [width(0), width(1), width(2)];
        for [acceptor, way, what, seen] in &rows {
            let [a, w, t] = widths;
            println!("{acceptor:a$}  {way:w$}  {what:t$}  {seen}");
        }
        let mut failed = false;
        for line in &self.lines {
            if let Some(problem) = &line.problem {
                failed = true;
                println!(
                    "\nnot as expected: {} {} {}: {problem}",
                    line.acceptor, line.way, line.what
                );
            }
        }
        println!(
            "\n{} logons tried in {:.1} s",
            self.lines.len(),
            self.began.elapsed().as_secs_f32()
        );
        if !self.skipped.is_empty() && std::env::var_os("EXCHANGE_REQUIRE_ACCEPTORS").is_some() {
            println!("required, but skipped: {}", self.skipped.join(", "));
            failed = true;
        }
        match failed {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        }
    }
}

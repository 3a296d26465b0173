//! The other processes: acceptors, relays, the KDC and the attempts.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

use super::attempt::{self, Attempt, Outcome};

pub(crate) const PASSWORD: &str = "P@ssw0rd-é";

/// A folder with certificates, and the interpreter.
pub(crate) struct Workshop {
    python: String,
    folder: PathBuf,
}

impl Workshop {
    /// `Err` says what is absent.
    pub(crate) fn open() -> Result<Self, String> {
        let python = std::env::var("EXCHANGE_ACCEPTORS_PYTHON");
        let python = python.unwrap_or_else(|_| "python3".to_owned());
        let folder = std::env::temp_dir().join(format!("acceptors-{}", std::process::id()));
        let workshop = Self { python, folder };
        workshop.imports("cryptography")?;
        std::fs::create_dir_all(&workshop.folder).map_err(|error| error.to_string())?;
        let made = workshop
            .script("certificates.py")
            .arg(&workshop.folder)
            .status();
        match made {
            Ok(status) if status.success() => Ok(workshop),
            other => Err(format!("certificates cannot be made: {other:?}")),
        }
    }

    /// Whether Python has this module.
    pub(crate) fn imports(&self, module: &str) -> Result<(), String> {
        self.succeeds(Command::new(&self.python).args(["-c", &format!("import {module}")]))
            .map_err(|why| format!("{} has no {module}: {why}", self.python))
    }

    /// Whether this machine has a program.
    pub(crate) fn has(&self, program: &str) -> Result<(), String> {
        let mut command = Command::new("sh");
        let script = format!("PATH=$PATH:/usr/sbin:/sbin; command -v {program}");
        self.succeeds(command.args(["-c", &script]))
            .map_err(|_| format!("{program} is not installed"))
    }

    fn succeeds(&self, command: &mut Command) -> Result<(), String> {
        let output = command.output().map_err(|error| error.to_string())?;
        match output.status.success() {
            true => Ok(()),
            false => {
                let said = String::from_utf8_lossy(&output.stderr);
                Err(said.lines().last().unwrap_or_default().to_owned())
            }
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn certificate(&self, name: &str) -> String {
        self.path(&format!("{name}.pem")).display().to_string()
    }

    pub(crate) fn script(&self, name: &str) -> Command {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/acceptors");
        let mut command = Command::new(&self.python);
        command.arg(script.join(name));
        command
    }

    pub(crate) fn acceptor(&self, arguments: &[&str]) -> Server {
        self.acceptor_with(arguments, &[])
    }

    pub(crate) fn acceptor_with(
        &self,
        arguments: &[&str],
        environment: &[(&str, String)],
    ) -> Server {
        let mut command = self.script("acceptor.py");
        command.args(arguments).args(["--password", PASSWORD]);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        Server::start(command)
    }

    pub(crate) fn relay(&self, arguments: &[&str]) -> Server {
        let mut command = self.script("relay.py");
        command.args(arguments);
        Server::start(command)
    }

    /// What a client of ours makes of it, in a process of its own.
    pub(crate) fn attempt(&self, attempt: &Attempt, environment: &[(&str, String)]) -> Outcome {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .arg(attempt::WORD)
            .arg(serde_json::to_string(attempt).unwrap())
            .env_remove("KRB5CCNAME")
            .env_remove("KRB5_CLIENT_KTNAME")
            .env_remove("HTTPS_PROXY")
            .env_remove("https_proxy")
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            // one that is not there, so that the user's own is not found
            .env("KRB5_CONFIG", self.path("no-krb5.conf"))
            .envs(environment.iter().map(|(name, value)| (name, value)));
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        serde_json::from_str(&text).unwrap_or_else(|_| {
            let said = String::from_utf8_lossy(&output.stderr);
            panic!("an attempt broke: {} {text} {said}", output.status)
        })
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A script that serves until this ends.
pub(crate) struct Server {
    process: Child,
    pub(crate) port: u16,
    lines: mpsc::Receiver<String>,
}

impl Server {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut server = Self {
            process,
            port: 0,
            lines,
        };
        let ready = server.line();
        let port = ready.strip_prefix("READY ").map(str::parse);
        let Some(Ok(port)) = port else {
            panic!("it does not start: {command:?}: {ready}");
        };
        server.port = port;
        server
    }

    fn line(&self) -> String {
        let line = self.lines.recv_timeout(Duration::from_secs(60));
        line.expect("a script says nothing")
    }

    /// What the script has told since this was asked last.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut input = self.process.stdin.as_ref().unwrap();
        input.write_all(b"\n").unwrap();
        input.flush().unwrap();
        std::iter::repeat_with(|| self.line())
            .take_while(|line| line != "MARK")
            .collect()
    }

    /// The same of an acceptor.
    pub(crate) fn events(&self) -> Events {
        let lines = self.lines();
        let events = lines.iter().map(|line| serde_json::from_str(line).unwrap());
        Events(events.collect())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What an acceptor told.
#[derive(Debug)]
pub(crate) struct Events(Vec<Value>);

impl Events {
    /// How many of a kind there were.
    pub(crate) fn count(&self, event: &str) -> usize {
        self.of(event).count()
    }

    /// A field of all events of a kind.
    pub(crate) fn texts(&self, event: &str, field: &str) -> Vec<String> {
        let text = |value: &Value| value[field].as_str().unwrap_or_default().to_owned();
        self.of(event).map(text).collect()
    }

    fn of(&self, event: &str) -> impl Iterator<Item = &Value> {
        self.0.iter().filter(move |one| one["event"] == event)
    }
}

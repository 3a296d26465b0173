//! NTLM with required channel binding: pyspnego, gss-ntlmssp, Samba.

use super::attempt::Attempt;
use super::process::{PASSWORD, Server, Workshop};
use super::table::Table;

pub(crate) const CERTIFICATES: [&str; 5] = [
    "rsa-sha256",
    "rsa-sha384",
    "rsa-sha512",
    "ecdsa-p256",
    "ecdsa-p384",
];

/// Who judges, and what they make of other bindings than the right one.
struct Acceptor {
    name: &'static str,
    provider: &'static str,
    takes_wrong: bool,
    takes_missing: bool,
}

const ACCEPTORS: [Acceptor; 3] = [
    Acceptor {
        name: "pyspnego",
        provider: "pyspnego",
        takes_wrong: false,
        takes_missing: false,
    },
    // It compares what a client says, and lets it say nothing.
    Acceptor {
        name: "gss-ntlmssp",
        provider: "gssapi",
        takes_wrong: false,
        takes_missing: true,
    },
    // It knows nothing of channel bindings.
    Acceptor {
        name: "Samba",
        provider: "samba",
        takes_wrong: true,
        takes_missing: true,
    },
];

pub(crate) fn run(workshop: &Workshop, table: &mut Table) {
    for acceptor in &ACCEPTORS {
        match is_there(workshop, acceptor.provider) {
            Ok(()) => acceptor.run(workshop, table),
            Err(reason) => table.skip(acceptor.name, &reason),
        }
    }
}

fn is_there(workshop: &Workshop, provider: &str) -> Result<(), String> {
    match provider {
        "pyspnego" => workshop.imports("spnego"),
        "samba" => workshop.has("ntlm_auth"),
        _ => workshop.imports(
            "gssapi; assert gssapi.OID.from_int_seq('1.3.6.1.4.1.311.2.2.10') in gssapi.raw.indicate_mechs(), 'no gss-ntlmssp'",
        ),
    }
}

impl Acceptor {
    fn run(&self, workshop: &Workshop, table: &mut Table) {
        let servers =
            CERTIFICATES.map(|certificate| (certificate, self.start(workshop, certificate)));
        for backend in BACKENDS {
            let way = |certificate: &str| format!("NTLM, {backend}, {certificate}");
            for (certificate, server) in &servers {
                let attempt = attempt(workshop, backend, server.port);
                table.line(self.name, &way(certificate), "right binding", || {
                    is_taken(workshop, server, &attempt)
                });
                let missing = Attempt {
                    sends_binding: false,
                    ..attempt.clone()
                };
                table.line(self.name, &way(certificate), "no binding", || {
                    is_judged(workshop, server, &missing, self.takes_missing)
                });
                let port = server.port.to_string();
                let between = workshop.relay(&["open", &workshop.certificate("other"), &port]);
                let wrong = Attempt {
                    url: url("localhost", between.port),
                    ..attempt
                };
                table.line(
                    self.name,
                    &way(certificate),
                    "TLS opened on the way",
                    || is_judged(workshop, server, &wrong, self.takes_wrong),
                );
            }
            let [(certificate, server), ..] = &servers;
            self.passwords(workshop, table, backend, &way(certificate), server);
        }
        let [(certificate, server), ..] = &servers;
        let way = format!("NTLM, rustls, {certificate}");
        self.on_the_way(workshop, table, &way, certificate, server);
    }

    fn start(&self, workshop: &Workshop, certificate: &str) -> Server {
        let certificate = workshop.certificate(certificate);
        let provider = ["--provider", self.provider, "--certificate", &certificate];
        workshop.acceptor(&provider)
    }

    fn passwords(
        &self,
        workshop: &Workshop,
        table: &mut Table,
        backend: &str,
        way: &str,
        server: &Server,
    ) {
        let attempt = attempt(workshop, backend, server.port);
        let again = Attempt {
            calls: 3,
            ..attempt.clone()
        };
        table.line(self.name, way, "three calls, one logon", || {
            let outcome = workshop.attempt(&again, &[]);
            let events = server.events();
            let seen = (events.count("accepted"), events.count("served"));
            match outcome.is_good() && seen == (1, 3) {
                true => Ok("accepted".to_owned()),
                false => Err(format!("{} {events:?}", outcome.text())),
            }
        });
        let crowd = Attempt {
            calls: 16,
            at_once: true,
            ..attempt
        };
        table.line(self.name, way, "16 calls at once, four connections", || {
            let outcome = workshop.attempt(&crowd, &[]);
            let events = server.events();
            let (accepted, served) = (events.count("accepted"), events.count("served"));
            match outcome.is_good() && (1..=4).contains(&accepted) && served == 16 {
                true => Ok("accepted".to_owned()),
                false => Err(format!("{} {events:?}", outcome.text())),
            }
        });
        let wrong = Attempt {
            password: "wrong".to_owned(),
            ..crowd
        };
        table.line(self.name, way, "wrong password, 16 calls at once", || {
            let outcome = workshop.attempt(&wrong, &[]);
            let events = server.events();
            let all_refused = outcome.errors.iter().all(|error| {
                let refused = "refused the user name or the password";
                error.as_ref().is_some_and(|error| error.contains(refused))
            });
            match all_refused && events.count("refused") == 1 && events.count("accepted") == 0 {
                true => Ok("refused, sent once".to_owned()),
                false => Err(format!("{} {events:?}", outcome.text())),
            }
        });
    }

    /// A proxy that passes TLS on, and somebody who changes a message.
    fn on_the_way(
        &self,
        workshop: &Workshop,
        table: &mut Table,
        way: &str,
        certificate: &str,
        server: &Server,
    ) {
        let proxy = workshop.relay(&["connect"]);
        let proxied = Attempt {
            url: url("exch.contoso.test", server.port),
            proxy: Some(proxy.port),
            ..attempt(workshop, "rustls", server.port)
        };
        table.line(
            self.name,
            way,
            "right binding, through a CONNECT proxy",
            || {
                let seen = is_taken(workshop, server, &proxied)?;
                match proxy.lines().is_empty() {
                    true => Err("it did not go through the proxy".to_owned()),
                    false => Ok(seen),
                }
            },
        );
        let port = server.port.to_string();
        for (mode, what, is_taken) in [
            ("open", "passed on with the same certificate", true),
            ("tamper", "the first message changed (MIC)", false),
        ] {
            let between = workshop.relay(&[mode, &workshop.certificate(certificate), &port]);
            let attempt = Attempt {
                url: url("localhost", between.port),
                ..attempt(workshop, "rustls", server.port)
            };
            table.line(self.name, way, what, || {
                let seen = is_judged(workshop, server, &attempt, is_taken)?;
                match between.lines().is_empty() == is_taken {
                    true => Ok(seen),
                    false => Err("nothing was changed".to_owned()),
                }
            });
        }
    }
}

fn is_taken(workshop: &Workshop, server: &Server, attempt: &Attempt) -> Result<String, String> {
    is_judged(workshop, server, attempt, true)
}

/// The acceptor and the client must agree on what came of it.
fn is_judged(
    workshop: &Workshop,
    server: &Server,
    attempt: &Attempt,
    is_taken: bool,
) -> Result<String, String> {
    let outcome = workshop.attempt(attempt, &[]);
    let events = server.events();
    let counts = (events.count("accepted"), events.count("refused"));
    match (outcome.is_good(), counts) {
        (true, (1, 0)) if is_taken => Ok("accepted".to_owned()),
        (false, (0, 1)) if !is_taken => Ok(format!(
            "refused: {}",
            beginning(&events.texts("refused", "why").join(""))
        )),
        _ => Err(format!("{} {events:?}", outcome.text())),
    }
}

fn attempt(workshop: &Workshop, backend: &str, port: u16) -> Attempt {
    Attempt {
        url: url("localhost", port),
        authorities: workshop.certificate("ca"),
        user: Some(r"CONTOSO\jdoe".to_owned()),
        password: PASSWORD.to_owned(),
        policy: "ntlm".to_owned(),
        calls: 1,
        at_once: false,
        proxy: None,
        sends_binding: true,
        native_tls: backend != "rustls",
    }
}

pub(crate) fn url(host: &str, port: u16) -> String {
    format!("https://{host}:{port}/EWS/Exchange.asmx")
}

/// For a line of the table.
pub(crate) fn beginning(text: &str) -> String {
    text.chars().take(70).collect()
}

pub(crate) const BACKENDS: &[&str] = &[
    "rustls",
    #[cfg(feature = "native-tls")]
    "native-tls",
];

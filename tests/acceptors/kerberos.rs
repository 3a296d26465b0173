//! Kerberos: an MIT KDC on this machine, and MIT krb5's GSSAPI as the acceptor.

use std::fs;
use std::process::Command;
use std::time::Duration;

use super::attempt::Attempt;
use super::ntlm::{BACKENDS, CERTIFICATES, beginning, url};
use super::process::{Events, PASSWORD, Server, Workshop};
use super::table::Table;

const ACCEPTOR: &str = "MIT krb5";
const USER: &str = "jdoe@contoso.test";

pub(crate) fn run(workshop: &Workshop, table: &mut Table) {
    let there = ["krb5kdc", "kadmin.local", "kdb5_util", "kinit"];
    let there = there.iter().try_for_each(|program| workshop.has(program));
    match there.and_then(|()| workshop.imports("gssapi")) {
        Ok(()) => Realm::start(workshop).run(table),
        Err(reason) => table.skip(ACCEPTOR, &reason),
    }
}

/// A KDC, and a server for each way to serve.
struct Realm<'a> {
    workshop: &'a Workshop,
    kdc: Server,
    proxy: Server,
    /// Wants a logon with each request.
    server: Server,
    port: String,
}

/// Where a client looks for tickets.
#[derive(Clone, Copy)]
enum Tickets {
    None,
    Cache,
    Keytab,
    /// A cache with an old one.
    Expired,
    /// A cache with one that was not used yet.
    Fresh,
}

type Environment = Vec<(&'static str, String)>;

impl<'a> Realm<'a> {
    fn start(workshop: &'a Workshop) -> Self {
        let folder = workshop.path("kdc");
        fs::create_dir_all(&folder).unwrap();
        let mut command = workshop.script("kdc.py");
        command.arg(&folder).arg(PASSWORD);
        let kdc = Server::start(command);
        let server = acceptor(workshop, &[]);
        let realm = Self {
            workshop,
            kdc,
            proxy: workshop.relay(&["connect"]),
            port: server.port.to_string(),
            server,
        };
        realm.kinit(Tickets::Cache, "1h");
        realm.kinit(Tickets::Fresh, "1h");
        realm.kinit(Tickets::Expired, "1s");
        realm
    }

    fn run(&self, table: &mut Table) {
        self.logons(table);
        self.crowds(table);
        self.bindings(table);
        self.mutual(table);
        self.without_a_ticket(table);
        self.passwords(table);
        self.no_downgrade(table);
    }

    fn logons(&self, table: &mut Table) {
        let way = "Kerberos, rustls, rsa-sha256";
        for (tickets, what) in [
            (Tickets::Cache, "ticket of kinit"),
            (Tickets::Keytab, "ticket by a client keytab"),
        ] {
            let attempt = self.attempt(None);
            table.line(ACCEPTOR, way, what, || {
                self.is_taken(&self.server, &attempt, tickets)
            });
        }
        let password = self.attempt(Some(USER));
        table.line(ACCEPTOR, way, "user@realm and password", || {
            self.is_taken(&self.server, &password, Tickets::None)
        });
        let automatic = Attempt {
            policy: "auto".to_owned(),
            ..password
        };
        table.line(ACCEPTOR, way, "the same, scheme left open", || {
            self.is_taken(&self.server, &automatic, Tickets::None)
        });
        let proxied = Attempt {
            url: url("exch.contoso.test", self.server.port),
            proxy: Some(self.proxy.port),
            ..self.attempt(None)
        };
        table.line(ACCEPTOR, way, "through a CONNECT proxy", || {
            let seen = self.is_taken(&self.server, &proxied, Tickets::Cache)?;
            match self.proxy.lines().is_empty() {
                true => Err("it did not go through the proxy".to_owned()),
                false => Ok(seen),
            }
        });
        for (options, what, tokens) in [
            (&[][..], "three calls, a logon each", 3),
            (&["--persistent"], "three calls, Persistent-Auth", 1),
            (
                &["--persistent", "--forgets"],
                "three calls, logged off in between",
                2,
            ),
        ] {
            let attempt = Attempt {
                calls: 3,
                ..self.attempt(None)
            };
            table.line(ACCEPTOR, way, what, || {
                let server = acceptor(self.workshop, options);
                let attempt = to(&server, &attempt);
                let (outcome, events) = self.try_at(&server, &attempt, Tickets::Cache);
                let seen = (events.count("accepted"), events.count("served"));
                match outcome.is_empty() && seen == (tokens, 3) {
                    true => Ok("accepted".to_owned()),
                    false => Err(format!("{outcome} {events:?}")),
                }
            });
        }
    }

    fn crowds(&self, table: &mut Table) {
        let way = "Kerberos, rustls, rsa-sha256";
        for (user, what) in [
            (None, "16 calls at once"),
            (Some(USER), "16 calls at once, password"),
        ] {
            let crowd = Attempt {
                calls: 16,
                at_once: true,
                ..self.attempt(user)
            };
            table.line(ACCEPTOR, way, what, || {
                let before = self.tickets_for_passwords();
                let (said, events) = self.try_at(&self.server, &crowd, Tickets::Cache);
                let asked = self.tickets_for_passwords() - before;
                let seen = (events.count("accepted"), events.count("served"), asked);
                match said.is_empty() && seen == (16, 16, usize::from(user.is_some())) {
                    true => Ok("accepted".to_owned()),
                    false => Err(format!("{asked} tickets: {said} {events:?}")),
                }
            });
        }
    }

    fn bindings(&self, table: &mut Table) {
        for backend in BACKENDS {
            for certificate in CERTIFICATES {
                let way = format!("Kerberos, {backend}, {certificate}");
                let path = self.workshop.certificate(certificate);
                let server = acceptor(self.workshop, &["--certificate", &path]);
                let attempt = Attempt {
                    native_tls: *backend != "rustls",
                    ..to(&server, &self.attempt(None))
                };
                table.line(ACCEPTOR, &way, "right binding", || {
                    self.is_taken(&server, &attempt, Tickets::Cache)
                });
                let missing = Attempt {
                    sends_binding: false,
                    ..attempt.clone()
                };
                table.line(ACCEPTOR, &way, "no binding", || {
                    self.is_refused(&server, &missing, Tickets::Cache)
                });
                let port = server.port.to_string();
                let other = self.workshop.certificate("other");
                let between = self.workshop.relay(&["open", &other, &port]);
                let wrong = to(&between, &attempt);
                table.line(ACCEPTOR, &way, "TLS opened on the way", || {
                    self.is_refused(&server, &wrong, Tickets::Cache)
                });
            }
        }
    }

    /// The client wants a proof of the server.
    fn mutual(&self, table: &mut Table) {
        let way = "Kerberos, rustls, rsa-sha256";
        for proof in ["none", "garbled"] {
            table.line(
                ACCEPTOR,
                way,
                &format!("the server's proof is {proof}"),
                || {
                    let server = acceptor(self.workshop, &["--proof", proof]);
                    let attempt = to(&server, &self.attempt(None));
                    let (said, events) = self.try_at(&server, &attempt, Tickets::Cache);
                    is_error(&said, &["Unauthenticated", "did not prove"], &events)
                },
            );
        }
        let stale = Attempt {
            url: url("stale.contoso.test", self.server.port),
            proxy: Some(self.proxy.port),
            ..self.attempt(None)
        };
        table.line(ACCEPTOR, way, "the server's key has changed", || {
            self.is_refused(&self.server, &stale, Tickets::Cache)
        });
    }

    fn without_a_ticket(&self, table: &mut Table) {
        let way = "Kerberos, rustls, rsa-sha256";
        let attempt = self.attempt(None);
        table.line(ACCEPTOR, way, "no ticket", || {
            let (said, events) = self.try_at(&self.server, &attempt, Tickets::None);
            is_error(&said, &["Unauthenticated", "kinit"], &events)
        });
        let unknown = Attempt {
            url: url("unknown.contoso.test", self.server.port),
            proxy: Some(self.proxy.port),
            ..attempt
        };
        table.line(ACCEPTOR, way, "a server the KDC does not know", || {
            let (said, events) = self.try_at(&self.server, &unknown, Tickets::Cache);
            let words = ["Configuration", "setspn -S HTTP/unknown.contoso.test"];
            is_error(&said, &words, &events)
        });
        table.line(ACCEPTOR, way, "an expired ticket", || {
            std::thread::sleep(Duration::from_secs(2));
            let (said, events) = self.try_at(&self.server, &self.attempt(None), Tickets::Expired);
            is_error(&said, &["Unauthenticated", "kinit"], &events)
        });
        table.line(ACCEPTOR, way, "a KDC that cannot be reached", || {
            let mut environment = self.environment(Tickets::Fresh);
            environment.push(("KRB5_CONFIG", self.dead_realm()));
            let outcome = self.workshop.attempt(&self.attempt(None), &environment);
            let words = ["Connection", "krb5.conf"];
            is_error(&outcome.text(), &words, &self.server.events())
        });
        let elsewhere = self.attempt(Some("jdoe@nowhere.test"));
        table.line(ACCEPTOR, way, "a realm without KDC", || {
            let (said, events) = self.try_at(&self.server, &elsewhere, Tickets::None);
            is_error(&said, &["Connection", "krb5.conf"], &events)
        });
    }

    fn passwords(&self, table: &mut Table) {
        let way = "Kerberos, rustls, rsa-sha256";
        for policy in ["negotiate", "auto"] {
            let wrong = Attempt {
                password: "wrong".to_owned(),
                calls: 16,
                at_once: true,
                policy: policy.to_owned(),
                ..self.attempt(Some(USER))
            };
            table.line(
                ACCEPTOR,
                way,
                &format!("wrong password, 16 calls at once, policy {policy}"),
                || {
                    let before = self.failed_logons();
                    let (said, events) = self.try_at(&self.server, &wrong, Tickets::None);
                    let sent = self.failed_logons() - before;
                    match (sent, events.count("token")) {
                        (1, 0) => {
                            is_error(&said, &["Unauthenticated", "refused the password"], &events)
                        }
                        _ => Err(format!("sent {sent} times: {said} {events:?}")),
                    }
                },
            );
        }
        for (user, words) in [
            ("expired@contoso.test", "the password has expired"),
            ("locked@contoso.test", "the account is locked"),
        ] {
            let attempt = Attempt {
                policy: "auto".to_owned(),
                calls: 2,
                ..self.attempt(Some(user))
            };
            table.line(ACCEPTOR, way, words, || {
                let (said, events) = self.try_at(&self.server, &attempt, Tickets::None);
                match events.count("token") {
                    0 => is_error(&said, &["Unauthenticated", words], &events),
                    _ => Err(format!("{said} {events:?}")),
                }
            });
        }
        let unknown = self.attempt(Some("nobody@contoso.test"));
        table.line(ACCEPTOR, way, "a user the KDC does not know", || {
            let (said, events) = self.try_at(&self.server, &unknown, Tickets::None);
            is_error(&said, &["Unauthenticated", "user@REALM"], &events)
        });
    }

    /// When Kerberos is not to be had, the password goes with NTLM; when it is refused, it does not.
    fn no_downgrade(&self, table: &mut Table) {
        let way = "automatic, rustls, rsa-sha256";
        let certificate = self.workshop.certificate("rsa-sha256");
        if let Err(reason) = self.workshop.imports("spnego") {
            table.skip("NTLM after Kerberos", &reason);
            return;
        }
        let schemes = "Negotiate,NTLM";
        let provider = ["--provider", "pyspnego", "--certificate", &certificate];
        let names = ["--domain", "", "--user", USER, "--schemes", schemes];
        let ntlm = self.workshop.acceptor(&[&provider[..], &names].concat());
        let automatic = Attempt {
            policy: "auto".to_owned(),
            calls: 3,
            ..to(&ntlm, &self.attempt(Some(USER)))
        };
        let unknown = Attempt {
            url: url("unknown.contoso.test", ntlm.port),
            proxy: Some(self.proxy.port),
            ..automatic.clone()
        };
        let here = self.environment(Tickets::None);
        let no_realm = (
            "KRB5_CONFIG",
            self.workshop.path("none").display().to_string(),
        );
        let dead = ("KRB5_CONFIG", self.dead_realm());
        for (attempt, environment, what) in [
            (
                &automatic,
                [&here[..], &[no_realm]].concat(),
                "no such realm: NTLM",
            ),
            (&automatic, [&here[..], &[dead]].concat(), "no KDC: NTLM"),
            (
                &unknown,
                here.clone(),
                "the KDC does not know the server: NTLM",
            ),
        ] {
            table.line("pyspnego", way, what, || {
                let outcome = self.workshop.attempt(attempt, &environment);
                let events = ntlm.events();
                let tokens = events.texts("token", "scheme");
                let served = events.count("served");
                match outcome.is_good() && tokens == ["NTLM", "NTLM"] && served == 3 {
                    true => Ok("accepted with NTLM".to_owned()),
                    false => Err(format!("{} {events:?}", outcome.text())),
                }
            });
        }
        let server = acceptor(self.workshop, &["--schemes", schemes]);
        let stale = Attempt {
            url: url("stale.contoso.test", server.port),
            proxy: Some(self.proxy.port),
            policy: "auto".to_owned(),
            ..self.attempt(Some(USER))
        };
        table.line(ACCEPTOR, way, "a refused ticket: no NTLM", || {
            let (said, events) = self.try_at(&server, &stale, Tickets::None);
            match events.texts("token", "scheme") == ["Negotiate"] {
                true => is_error(
                    &said,
                    &["Unauthenticated", "refused the Kerberos ticket"],
                    &events,
                ),
                false => Err(format!("{said} {events:?}")),
            }
        });
    }

    fn kinit(&self, cache: Tickets, life: &str) {
        let mut kinit = Command::new("kinit");
        kinit
            .args(["-k", "-l", life, "-t"])
            .arg(self.workshop.path("kdc/jdoe.keytab"))
            .arg("jdoe")
            .envs(self.environment(cache));
        assert!(kinit.status().unwrap().success());
    }

    /// Settings with a KDC at a port where nobody listens.
    fn dead_realm(&self) -> String {
        let text = fs::read_to_string(self.workshop.path("kdc/krb5.conf")).unwrap();
        let path = self.workshop.path("dead.conf");
        let port = format!("127.0.0.1:{}", self.kdc.port);
        fs::write(&path, text.replace(&port, "127.0.0.1:1")).unwrap();
        path.display().to_string()
    }

    fn attempt(&self, user: Option<&str>) -> Attempt {
        Attempt {
            url: format!("https://localhost:{}/EWS/Exchange.asmx", self.port),
            authorities: self.workshop.certificate("ca"),
            user: user.map(str::to_owned),
            password: PASSWORD.to_owned(),
            policy: "negotiate".to_owned(),
            calls: 1,
            at_once: false,
            proxy: None,
            sends_binding: true,
            native_tls: false,
        }
    }

    fn environment(&self, tickets: Tickets) -> Environment {
        let path = |name: &str| self.workshop.path("kdc").join(name).display().to_string();
        let cache = match tickets {
            Tickets::Cache => "cache",
            // of a client keytab tickets are made, and kept in the cache
            Tickets::Keytab => "cache-of-keytab",
            Tickets::Expired => "cache-expired",
            Tickets::Fresh => "cache-fresh",
            Tickets::None => "no-cache",
        };
        let mut environment = vec![
            ("KRB5_CONFIG", path("krb5.conf")),
            ("KRB5CCNAME", format!("FILE:{}", path(cache))),
        ];
        if matches!(tickets, Tickets::Keytab) {
            environment.push(("KRB5_CLIENT_KTNAME", path("jdoe.keytab")));
        }
        environment
    }

    /// What the client said, empty when all went well, and what the acceptor saw.
    fn try_at(&self, server: &Server, attempt: &Attempt, tickets: Tickets) -> (String, Events) {
        let outcome = self.workshop.attempt(attempt, &self.environment(tickets));
        (outcome.text(), server.events())
    }

    fn is_taken(
        &self,
        server: &Server,
        attempt: &Attempt,
        tickets: Tickets,
    ) -> Result<String, String> {
        let (said, events) = self.try_at(server, attempt, tickets);
        let users = events.texts("accepted", "user");
        match said.is_empty() && users == ["jdoe@CONTOSO.TEST"] && events.count("served") == 1 {
            true => Ok("accepted".to_owned()),
            false => Err(format!("{said} {events:?}")),
        }
    }

    fn is_refused(
        &self,
        server: &Server,
        attempt: &Attempt,
        tickets: Tickets,
    ) -> Result<String, String> {
        let (said, events) = self.try_at(server, attempt, tickets);
        let words = ["Unauthenticated", "refused the Kerberos ticket"];
        is_error(&said, &words, &events)?;
        match (events.count("accepted"), events.count("refused")) {
            (0, 1) => Ok(format!(
                "refused: {}",
                beginning(&events.texts("refused", "why").join(""))
            )),
            _ => Err(format!("{said} {events:?}")),
        }
    }

    /// How often the KDC was given a wrong password.
    fn failed_logons(&self) -> usize {
        self.logged("PREAUTH_FAILED")
    }

    /// How often the KDC gave a ticket for a password or a key.
    fn tickets_for_passwords(&self) -> usize {
        self.logged("AS_REQ") - self.logged("NEEDED_PREAUTH") - self.failed_logons()
    }

    fn logged(&self, word: &str) -> usize {
        let log = fs::read_to_string(self.workshop.path("kdc/kdc.log")).unwrap();
        log.lines().filter(|line| line.contains(word)).count()
    }
}

fn is_error(said: &str, words: &[&str], events: &Events) -> Result<String, String> {
    match words.iter().all(|word| said.contains(word)) {
        true => Ok(format!("error: {}", beginning(said))),
        false => Err(format!("{words:?} not in: {said} {events:?}")),
    }
}

fn acceptor(workshop: &Workshop, options: &[&str]) -> Server {
    let certificate = workshop.certificate("rsa-sha256");
    let mut arguments = vec!["--provider", "gssapi", "--certificate", &certificate];
    if !options.contains(&"--schemes") {
        arguments.extend(["--schemes", "Negotiate"]);
    }
    arguments.extend(options);
    let path = |name: &str| workshop.path("kdc").join(name).display().to_string();
    let environment = [
        ("KRB5_CONFIG", path("krb5.conf")),
        ("KRB5_KTNAME", path("http.keytab")),
    ];
    workshop.acceptor_with(&arguments, &environment)
}

/// The same at another server on this machine.
fn to(server: &Server, attempt: &Attempt) -> Attempt {
    Attempt {
        url: url("localhost", server.port),
        ..attempt.clone()
    }
}

//! What goes over connections beside right answers, and what their headers say.

use std::time::Duration;

use super::*;

/// A connection that is kept open.
struct Line {
    stream: TcpStream,
    read: Vec<u8>,
    pieces: usize,
}

impl Line {
    async fn open(simulator: &Simulator) -> Self {
        let stream = TcpStream::connect(simulator.address()).await.unwrap();
        Self {
            stream,
            read: Vec::new(),
            pieces: 0,
        }
    }

    async fn ask(&mut self, operation: &str, headers: &str, body: &str) {
        let body = envelope("Exchange2007_SP1", "", body);
        let logon = STANDARD.encode(format!("{ALICE}:alice-Passw0rd"));
        let request = format!(
            "POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {logon}\r\nSOAPAction: \"messages/{operation}\"\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        // What is written to a connection that closes early may be lost.
        let _ = self.stream.write_all(request.as_bytes()).await;
    }

    /// Reads until a text has come so often; `false` where the connection ends before.
    async fn until(&mut self, text: &str, times: usize) -> bool {
        let read = async {
            loop {
                if String::from_utf8_lossy(&self.read).matches(text).count() >= times {
                    return true;
                }
                let mut piece = [0; 4096];
                match self.stream.read(&mut piece).await {
                    Ok(0) | Err(_) => return false,
                    Ok(length) => {
                        self.pieces += 1;
                        self.read.extend_from_slice(&piece[..length]);
                    }
                }
            }
        };
        let long = Duration::from_secs(60);
        tokio::time::timeout(long, read).await.expect("an end")
    }

    /// All that comes until the connection ends.
    async fn rest(&mut self) -> String {
        assert!(!self.until("nothing has this text", 1).await);
        String::from_utf8_lossy(&self.read).into_owned()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.read).into_owned()
    }
}

const END: &str = ":Envelope>";
const FOLDER: &str = "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id=\"inbox\"/></m:FolderIds></m:GetFolder>";
const NAMES: &str = "<m:ResolveNames ReturnFullContactData=\"false\"><m:UnresolvedEntry>alice</m:UnresolvedEntry></m:ResolveNames>";

async fn answer(simulator: &Simulator, operation: &str, headers: &str, body: &str) -> String {
    let mut line = Line::open(simulator).await;
    line.ask(operation, headers, body).await;
    assert!(line.until(END, 1).await, "{}", line.text());
    line.text()
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = answer.split_once("\r\n\r\n")?;
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let (_, value) = lines.find(|(one, _)| one.eq_ignore_ascii_case(name))?;
    Some(value)
}

#[tokio::test]
async fn answers_come_byte_by_byte_or_later() {
    let simulator = start().await;
    let plain = answer(&simulator, "GetFolder", "", FOLDER).await;
    for pause in [Duration::ZERO, Duration::from_millis(1)] {
        simulator.fail_next(Trouble::Trickle { pause });
        let mut line = Line::open(&simulator).await;
        line.ask("GetFolder", "", FOLDER).await;
        assert!(line.until(END, 1).await);
        let body = |text: &str| text.split_once("\r\n\r\n").unwrap().1.to_owned();
        assert_eq!(body(&line.text()), body(&plain));
        assert!(line.pieces > 2, "{} pieces", line.pieces);
    }
    let begun = std::time::Instant::now();
    for trouble in [Trouble::Delay, Trouble::DelayBefore] {
        simulator.fail_next(trouble(Duration::from_millis(50)));
        answer(&simulator, "GetFolder", "", FOLDER).await;
    }
    assert!(begun.elapsed() >= Duration::from_millis(100));
    assert_eq!(simulator.operations()["GetFolder"], 5);
}

#[tokio::test]
async fn who_goes_away_in_time_has_asked_for_nothing() {
    let simulator = start().await;
    simulator.fail_next(Trouble::DelayBefore(Duration::from_millis(300)));
    let mut line = Line::open(&simulator).await;
    line.ask("GetFolder", "", FOLDER).await;
    while simulator.log().requests == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(line);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(simulator.operations().get("GetFolder"), None);
}

#[tokio::test]
async fn answers_are_mixed_up() {
    let simulator = start().await;
    let ids = |id: &str| format!("client-request-id: {id}\r\nreturn-client-request-id: true\r\n");
    // Nobody has asked for anything else before.
    simulator.fail_next(Trouble::OtherOperation);
    let other = answer(&simulator, "GetFolder", &ids("1"), FOLDER).await;
    assert!(!other.contains("GetFolderResponse"), "{other}");
    simulator.fail_next(Trouble::OtherRequest);
    let other = answer(&simulator, "GetFolder", &ids("1"), FOLDER).await;
    assert!(other.contains("GetFolderResponse"), "{other}");
    assert_ne!(header(&other, "client-request-id"), Some("1"));

    answer(&simulator, "ResolveNames", &ids("names"), NAMES).await;
    simulator.fail_next(Trouble::OtherOperation);
    let other = answer(&simulator, "GetFolder", &ids("2"), FOLDER).await;
    assert!(other.contains("ResolveNamesResponse"), "{other}");
    assert_eq!(header(&other, "client-request-id"), Some("2"));
    simulator.fail_next(Trouble::OtherRequest);
    let other = answer(&simulator, "GetFolder", &ids("3"), FOLDER).await;
    assert!(other.contains("GetFolderResponse"), "{other}");
    let id = header(&other, "client-request-id").unwrap();
    assert!(["1", "2"].contains(&id), "{id}");
    // Each of them ran.
    assert_eq!(simulator.operations()["GetFolder"], 4);
}

#[tokio::test]
async fn more_follows_an_answer_or_the_end() {
    let simulator = start().await;
    let mut line = Line::open(&simulator).await;
    simulator.fail_next(Trouble::StrayAnswer);
    line.ask("GetFolder", "", FOLDER).await;
    assert!(line.until(END, 2).await, "{}", line.text());
    assert_eq!(line.text().matches("HTTP/1.1 200").count(), 2);
    // The connection goes on, as the server sees it.
    line.ask("GetFolder", "", FOLDER).await;
    assert!(line.until(END, 3).await);

    let mut line = Line::open(&simulator).await;
    simulator.fail_next(Trouble::garbage());
    line.ask("GetFolder", "", FOLDER).await;
    assert!(line.until("garbage", 1).await);
    assert!(line.text().contains(END));

    let mut line = Line::open(&simulator).await;
    simulator.fail_next(Trouble::CloseAfter);
    line.ask("GetFolder", "", FOLDER).await;
    let text = line.rest().await;
    assert!(text.ends_with(END), "{text}");
    assert_ne!(header(&text, "connection"), Some("close"));
    assert_eq!(simulator.operations()["GetFolder"], 4);
}

#[tokio::test]
async fn connections_are_refused_silent_or_cut() {
    let simulator = start().await;
    simulator.fail_next(Trouble::Refuse);
    let mut line = Line::open(&simulator).await;
    line.ask("GetFolder", "", FOLDER).await;
    assert_eq!(line.rest().await, "");
    simulator.fail_next(Trouble::Silence(Duration::from_millis(50)));
    let begun = std::time::Instant::now();
    answer(&simulator, "GetFolder", "", FOLDER).await;
    assert!(begun.elapsed() >= Duration::from_millis(50));

    let mut idle = Line::open(&simulator).await;
    idle.ask("GetFolder", "", FOLDER).await;
    assert!(idle.until(END, 1).await);
    simulator.fail_next(Trouble::Restart);
    let mut line = Line::open(&simulator).await;
    line.ask("GetFolder", "", FOLDER).await;
    assert_eq!(line.rest().await, "");
    assert!(!idle.until(END, 2).await);
    answer(&simulator, "GetFolder", "", FOLDER).await;

    let mut idle = Line::open(&simulator).await;
    idle.ask("GetFolder", "", FOLDER).await;
    assert!(idle.until(END, 1).await);
    simulator.stop_listening().await;
    assert!(!idle.until(END, 2).await);
    assert!(TcpStream::connect(simulator.address()).await.is_err());
    simulator.listen_again().await.unwrap();
    answer(&simulator, "GetFolder", "", FOLDER).await;
    let log = simulator.log();
    let counts = ["refuse", "silence", "restart"].map(|name| log.troubles()[name]);
    assert_eq!(counts, [1, 1, 1]);
}

#[tokio::test]
async fn headers_are_those_of_the_version() {
    for (version, server, parted, cookies) in [
        (SimulatedVersion::Exchange2007Sp1, "6.0", false, 0),
        (SimulatedVersion::Exchange2010Sp2, "7.5", false, 1),
        (SimulatedVersion::Exchange2013Sp1, "8.5", true, 2),
        (SimulatedVersion::Exchange2016, "10.0", true, 2),
    ] {
        let builder = Simulator::builder().version(version);
        let simulator = builder.start().await.unwrap();
        let text = answer(&simulator, "GetFolder", "", FOLDER).await;
        let iis = format!("Microsoft-IIS/{server}");
        assert_eq!(header(&text, "server"), Some(iis.as_str()));
        let sent = text.to_lowercase().matches("\r\nset-cookie: ").count();
        assert_eq!(sent, cookies, "{text}");
        for name in [
            "request-id",
            "x-feserver",
            "x-beserver",
            "x-calculatedbetarget",
            "x-diaginfo",
        ] {
            assert_eq!(header(&text, name).is_some(), parted, "{name}: {text}");
        }
        assert_eq!(header(&text, "persistent-auth"), None);
        let kept = "Cookie: exchangecookie=1; X-BackEndCookie=2\r\n";
        let text = answer(&simulator, "GetFolder", kept, FOLDER).await;
        assert!(!text.to_lowercase().contains("set-cookie"), "{text}");

        // Who is not logged on has not come to the back end.
        let mut line = Line::open(&simulator).await;
        let asked = b"POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
        line.stream.write_all(asked).await.unwrap();
        assert!(line.until("</html>", 1).await);
        let text = line.text();
        assert_eq!(header(&text, "request-id").is_some(), parted, "{text}");
        assert_eq!(header(&text, "x-calculatedbetarget"), None);
    }
}

//! Messages and attachments as files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use exchange_connector::simulator::{SimulatedAccount, Simulator, Trouble};

use super::run_with;

/// A directory that is removed in the end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let name = format!("{name}_test_{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::remove_dir_all(&path).ok();
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(&self.0).unwrap().map(Result::unwrap);
        entries
            .map(|entry| {
                let name = entry.file_name().into_string().unwrap();
                (name, fs::read(entry.path()).unwrap())
            })
            .collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

async fn server() -> Simulator {
    Simulator::builder().start().await.unwrap()
}

fn as_person(
    simulator: &Simulator,
    account: &SimulatedAccount,
    more: &[(&'static str, &str)],
) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("EWS_URL", simulator.ews_url().to_owned()),
        ("EWS_USERNAME", account.address.clone()),
        ("EWS_PASSWORD", account.password.clone()),
        ("EWS_TIME_ZONE", "Europe/Berlin".to_owned()),
        ("EWS_VERSION", "2016".to_owned()),
        // What one trouble does is to be seen.
        ("EWS_ATTEMPTS", "1".to_owned()),
    ];
    variables.extend(
        more.iter()
            .map(|(name, value)| (*name, (*value).to_owned())),
    );
    variables
}

/// What it printed, or what it said when it failed.
fn call(
    example: &str,
    arguments: &[&str],
    variables: &[(&str, String)],
) -> Option<Result<String, String>> {
    let output = run_with(example, arguments, variables)?;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains("Error {"), "{said}");
    Some(match output.status.success() {
        true => Ok(String::from_utf8(output.stdout).unwrap()),
        false => Err(said),
    })
}

fn mail(number: usize) -> Vec<u8> {
    let head = format!(
        "From: Bob <bob@example.test>\r\nTo: Alice <alice@example.test>\r\nSubject: Report: {number}/3\r\n\
         Date: Mon, 2 Mar 2026 {:02}:{:02}:00 +0000\r\nMessage-ID: <{number}@example.test>\r\n\
         Content-Type: text/plain; charset=iso-8859-1\r\n\r\n",
        number / 60,
        number % 60
    );
    [head.as_bytes(), b"Gr\xfc\xdfe\r\n"].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn save_attachments_of_strangers() {
    let simulator = server().await;
    let alice = simulator.accounts().remove(0);
    let part = |headers: &str, content: &str| format!("--b\r\n{headers}\r\n\r\n{content}\r\n");
    let file = |name: &str| {
        format!(
            "Content-Type: application/octet-stream; name=\"{name}\"\r\nContent-Disposition: attachment"
        )
    };
    let mail = [
        "From: Eve <eve@elsewhere.test>\r\nSubject: Files\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n",
        &part("Content-Type: text/plain", "See below."),
        &part(&file("../../escaped.txt"), "one"),
        &part(&file("NUL.txt"), "two"),
        &part(&file("same.txt"), "three"),
        &part(&file("Same.TXT"), "four"),
        &part(
            "Content-Type: message/rfc822",
            "Subject: Inner\r\n\r\nHello.",
        ),
        "--b--\r\n",
    ]
    .concat();
    simulator
        .plant_mime(&alice.address, "inbox", mail.as_bytes())
        .unwrap();
    let directory = Directory::new("save_attachments");
    fs::write(directory.0.join("same (2).txt"), "was there").unwrap();
    let variables = as_person(&simulator, &alice, &[]);
    let arguments = [directory.path(), "5"];
    let Some(printed) = call("save_attachments", &arguments, &variables) else {
        return;
    };
    let printed = printed.unwrap();
    assert!(printed.starts_with("Files\n"), "{printed}");
    let files = directory.files();
    let content = |name: &str| {
        let found = files.get(name).map(|content| content.trim_ascii());
        found.unwrap_or_else(|| panic!("{name} is not in {:?}", files.keys()))
    };
    assert_eq!(content("_._.._escaped.txt"), b"one");
    assert_eq!(content("_NUL.txt"), b"two");
    assert_eq!(content("same.txt"), b"three");
    assert_eq!(content("same (2).txt"), b"was there");
    assert_eq!(content("Same (3).TXT"), b"four");
    let inner = files
        .iter()
        .find(|(name, _)| name.ends_with(".eml"))
        .unwrap();
    let inner = String::from_utf8_lossy(inner.1);
    assert!(
        inner.contains("Inner") && inner.contains("Hello."),
        "{inner}"
    );
    assert_eq!(files.len(), 6, "{:?}", files.keys());

    let nowhere = call("save_attachments", &[], &variables).unwrap();
    assert!(nowhere.unwrap_err().contains("in which directory"));
}

#[test]
fn files_in_the_simulator() {
    let directory = Directory::new("files");
    let here = [directory.path()];
    for (example, arguments, expected) in [
        ("save_attachments", &here[..], "_._.._plan.pdf, "),
        ("export_eml", &here, "12 messages written to "),
        (
            "import_eml",
            &[],
            "3 messages imported, 0 were there already",
        ),
    ] {
        let Some(printed) = call(example, arguments, &[]) else {
            return;
        };
        let printed = printed.unwrap();
        assert!(printed.contains(expected), "{printed}");
    }
}

/// Interrupted at any place, it ends with each message once.
#[tokio::test(flavor = "multi_thread")]
async fn export_eml_goes_on_where_it_stopped() {
    const MESSAGES: usize = 40;
    let simulator = server().await;
    let alice = simulator.accounts().remove(0);
    let mut expected = BTreeSet::new();
    for number in 0..MESSAGES {
        simulator
            .plant_mime(&alice.address, "inbox", &mail(number))
            .unwrap();
        expected.insert(mail(number));
    }
    let directory = Directory::new("export_eml");
    let variables = as_person(&simulator, &alice, &[]);
    let export = || call("export_eml", &[directory.path()], &variables);
    let mut whole = 0;
    for (requests, trouble) in [
        (9, Trouble::DropAfter),
        (7, Trouble::Truncate),
        (12, Trouble::fault("ErrorServerBusy")),
    ] {
        for _ in 0..requests {
            simulator.fail_next(Trouble::Delay(Duration::ZERO));
        }
        simulator.fail_next(trouble);
        let Some(stopped) = export() else {
            return;
        };
        let said = stopped.unwrap_err();
        assert!(said.contains("Run it again to go on."), "{said}");
        let files = directory.files();
        let files = files.iter().filter(|(name, _)| name.ends_with(".eml"));
        let before = std::mem::replace(&mut whole, 0);
        for (_, content) in files {
            assert!(expected.contains(content));
            whole += 1;
        }
        assert!(before < whole && whole < MESSAGES, "{before} {whole}");
    }
    let rest = export().unwrap().unwrap();
    let says = format!("{} messages written to", MESSAGES - whole);
    assert!(rest.starts_with(&says), "{rest}");
    let files = directory.files();
    assert!(files.keys().all(|name| name.ends_with(".eml")), "{files:?}");
    assert!(
        files
            .keys()
            .all(|name| name.starts_with("2026-03-02_Report_ "))
    );
    assert_eq!(files.len(), MESSAGES);
    let contents: BTreeSet<_> = files.into_values().collect();
    assert_eq!(contents, expected);

    let again = export().unwrap().unwrap();
    assert!(again.starts_with("0 messages written"), "{again}");
    simulator
        .plant_mime(&alice.address, "inbox", &mail(99))
        .unwrap();
    let again = export().unwrap().unwrap();
    assert!(again.starts_with("1 messages written"), "{again}");
    let wrong = call("export_eml", &[directory.path(), "Nowhere"], &variables);
    let said = wrong.unwrap().unwrap_err();
    assert!(said.contains("there is no folder \"Nowhere\""), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn import_eml_imports_once() {
    const MESSAGES: usize = 12;
    let simulator = server().await;
    let bob = simulator.accounts().remove(1);
    let directory = Directory::new("import_eml");
    for number in 0..MESSAGES {
        fs::write(directory.0.join(format!("{number:02}.eml")), mail(number)).unwrap();
    }
    fs::write(directory.0.join("99.eml.part"), "half").unwrap();
    for (how, folder) in [("received", "inbox"), ("drafts", "drafts")] {
        let variables = as_person(&simulator, &bob, &[("IMPORT_AS", how)]);
        let import = || call("import_eml", &[directory.path()], &variables);
        // The answer to one of the creations is lost.
        for _ in 0..8 {
            simulator.fail_next(Trouble::Delay(Duration::ZERO));
        }
        simulator.fail_next(Trouble::DropAfter);
        let Some(stopped) = import() else {
            return;
        };
        stopped.unwrap_err();
        let there = simulator.item_ids(&bob.address, folder).unwrap().len();
        assert!(there > 0 && there < MESSAGES, "{how} {there}");

        let rest = import().unwrap().unwrap();
        let says = format!(
            "{} messages imported, {there} were there already",
            MESSAGES - there
        );
        assert_eq!(rest.trim(), says, "{how}");
        let again = import().unwrap().unwrap();
        assert!(again.starts_with("0 messages imported, 12 were"), "{again}");

        let mut mimes = BTreeSet::new();
        for id in simulator.item_ids(&bob.address, folder).unwrap() {
            let xml = simulator.item_xml(&id).unwrap();
            let is_draft = xml.contains("<t:IsDraft>true</t:IsDraft>");
            assert_eq!(is_draft, how == "drafts", "{xml}");
            if how == "received" {
                assert!(xml.contains("<t:DateTimeReceived>2026-03-02T00:"), "{xml}");
            }
            mimes.insert(simulator.item_mime(&id).unwrap());
        }
        assert_eq!(mimes, (0..MESSAGES).map(mail).collect());
    }
    let variables = as_person(&simulator, &bob, &[("IMPORT_AS", "spam")]);
    let wrong = call("import_eml", &[directory.path()], &variables);
    let said = wrong.unwrap().unwrap_err();
    assert!(said.contains("IMPORT_AS=spam is none of"), "{said}");
}

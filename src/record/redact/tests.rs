use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::ews::{Arrival, inspect};

fn shown(document: &str) -> Redacted {
    redact(document, true, &mut Placeholders::default())
}

#[test]
fn an_answer_keeps_what_the_protocol_says() {
    let answer = r#"<?xml version="1.0" encoding="utf-16"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">
<s:Header><t:ServerVersionInfo MajorVersion="15" Version="V2017_07_11"/></s:Header>
<s:Body><!-- by hunter2 --><m:GetItemResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">
<m:ResponseCode>ErrorItemNotFound</m:ResponseCode>
<t:ItemId Id="AAMkAGI2" ChangeKey="CQAAABYA"/>
<t:Subject>Fire Alice &amp; Bob &#x1F;</t:Subject><t:ItemClass>IPM.Note</t:ItemClass>
<t:Body BodyType="HTML">&lt;p&gt;hunter2&lt;/p&gt;</t:Body><t:Size>4711</t:Size>
<t:DateTimeSent>2026-01-05T08:00:00Z</t:DateTimeSent>
<t:Content>aHVudGVyMg==</t:Content>
<t:EmailAddress>alice@contoso.com</t:EmailAddress><t:EmailAddress>alice@contoso.com</t:EmailAddress>
<t:Brandnew Mood="hunter2">hunter2</t:Brandnew><x:hunter2 xmlns:x="urn:hunter2">1</x:hunter2><hunter2/>
<t:Value Name="BackOffMilliseconds">3000</t:Value><t:TimeZoneDefinition Id="Romance Standard Time" Name="hunter2"/>
</m:GetItemResponse></s:Body></s:Envelope>"#;
    let expected = r#"<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">
<s:Header><t:ServerVersionInfo MajorVersion="15" Version="V2017_07_11"/></s:Header>
<s:Body><!-- a comment --><m:GetItemResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">
<m:ResponseCode>ErrorItemNotFound</m:ResponseCode>
<t:ItemId Id="Id000001" ChangeKey="Id000002"/>
<t:Subject>text-1&amp;&#x1F;</t:Subject><t:ItemClass>IPM.Note</t:ItemClass>
<t:Body BodyType="HTML">text-2&lt;&gt;</t:Body><t:Size>4711</t:Size>
<t:DateTimeSent>2026-01-05T08:00:00Z</t:DateTimeSent>
<t:Content>Data0001AA==</t:Content>
<t:EmailAddress>person1@example.com</t:EmailAddress><t:EmailAddress>person1@example.com</t:EmailAddress>
<t:Brandnew Mood="text-3">text-3</t:Brandnew><ns1:unknown1 xmlns:ns1="urn:example:1">1</ns1:unknown1><unknown1/>
<t:Value Name="BackOffMilliseconds">3000</t:Value><t:TimeZoneDefinition Id="Romance Standard Time" Name="text-3"/>
</m:GetItemResponse></s:Body></s:Envelope>"#;
    let redacted = shown(answer);
    assert_eq!(redacted.form, Form::Envelope);
    assert_eq!(redacted.text, expected);
}

#[test]
fn what_a_server_says_of_a_failure_is_kept_as_far_as_it_is_the_servers() {
    let fault = |text: &str| {
        format!(
            "<s:Envelope><s:Body><s:Fault><faultstring xml:lang='en-US'>{text}</faultstring><detail>\
             <e:Message>{text}</e:Message></detail></s:Fault></s:Body></s:Envelope>"
        )
    };
    let said = "The mailbox 'alice@contoso.com' of Hunter2 was not found: element 'ItemShape', ErrorItemNotFound.";
    let shown_text =
        "The mailbox '_@_._' of _ was not found: element 'ItemShape', ErrorItemNotFound.";
    assert_eq!(shown(&fault(said)).text, fault(shown_text));
    // What somebody wrote is not the server's.
    let reply =
        "<t:InternalReply><t:Message>The folder was not found</t:Message></t:InternalReply>";
    let hidden = "<t:InternalReply><t:Message>text-1</t:Message></t:InternalReply>";
    assert_eq!(shown(reply).text, hidden);
}

#[test]
fn broken_answers_stay_broken() {
    for (document, expected) in [
        (
            "<s:Envelope><m:ResponseCode>NoError</m:ResponseCode><t:Subject>a <b> hunter2</t:Subject>",
            "<s:Envelope><m:ResponseCode>NoError</m:ResponseCode><t:Subject>text-1 <b> text-2</t:Subject>",
        ),
        (
            "<s:Envelope a=hunter2 hunter2><t:Size>4711</t:Body></hunter2>x < y<",
            "<s:Envelope unknown1=text-1 unknown2><t:Size>1</t:Body></unknown2>text-2 text-3&lt;<",
        ),
    ] {
        let redacted = shown(document);
        assert_eq!(redacted.form, Form::Broken);
        assert_eq!(redacted.text, expected);
    }
    let cut = shown("<s:Envelope><s:Body><t:Subject>hunter2</t:Subject><t:Siz");
    assert_eq!(cut.form, Form::Envelope);
    assert_eq!(
        cut.text,
        "<s:Envelope><s:Body><t:Subject>text-1</t:Subject><"
    );
}

#[test]
fn a_logon_page_is_still_one() {
    let page = shown(
        "<!DOCTYPE html><html><head><title>Contoso Mail</title><script>var a = '<p>hunter2';</script></head>\
         <body onload=hunter2><form action=\"/owa/auth.owa?user=alice\" data-x=\"hunter2\">\
         <input type=\"password\" value='hunter2'>Alice</form></body></html>",
    );
    assert_eq!(page.form, Form::Page);
    assert_eq!(
        page.text,
        "<!DOCTYPE html><html><head><title>text-1</title><script>text-2'&lt;&gt;</script></head>\
         <body onload=text-3><form action=\"/owa/auth\" unknown1=\"text-3\">\
         <input type=\"password\" value='text-3'>text-4</form></body></html>"
    );
}

/// The fixtures stay valid, and are read as before but for the values.
#[test]
fn what_is_valid_stays_valid() {
    let mut answers = 0;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ews");
    for operation in fs::read_dir(folder).unwrap() {
        for file in fs::read_dir(operation.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|it| it != "xml") {
                continue;
            }
            let original = fs::read_to_string(&path).unwrap();
            let redacted = shown(&original);
            assert_eq!(redacted.form, Form::Envelope, "{path:?}");
            #[cfg(feature = "simulator")]
            if let Err(violation) = crate::simulator::check_envelope(&redacted.text) {
                panic!("{path:?}: {violation}\n{}", redacted.text);
            }
            if !path
                .file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("request")
            {
                let read = |text: &str| inspect(text.as_bytes(), &Arrival::default()).unwrap();
                let (before, after) = (read(&original), read(&redacted.text));
                assert_eq!(after.operation, before.operation);
                assert_eq!(after.messages.len(), before.messages.len());
                let values = (before.unreadable_values, after.unreadable_values);
                assert_eq!(values.0, values.1, "{path:?}\n{}", redacted.text);
                answers += 1;
            }
        }
    }
    assert!(answers > 50, "{answers}");
}

proptest! {
    /// Whatever a document is made of, a word in it that is none of the protocol does not come out.
    #[test]
    fn no_word_comes_out(document in pieces(), secret in "[b-df-hj-np-tv-z]{8}") {
        let document = document.replace('§', &secret);
        let shown = shown(&document).text.to_ascii_lowercase();
        prop_assert!(!shown.contains(&secret), "{document}\n{shown}");
    }
}

fn pieces() -> impl Strategy<Value = String> {
    const PIECES: [&str; 40] = [
        "<",
        ">",
        "</",
        "/>",
        "=",
        "\"",
        "'",
        "&",
        ";",
        "&amp;",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "?>",
        "<?xml ",
        "<!DOCTYPE ",
        "<!DOCTYPE html>",
        " ",
        "\n",
        "§",
        "§",
        "§",
        "§:§",
        "s:Envelope",
        "t:Subject",
        "m:ResponseCode",
        "t:Size",
        "xmlns:t",
        "xmlns:§",
        " Id",
        " Name",
        "http://schemas.microsoft.com/exchange/services/2006/types",
        "html",
        "script",
        "<t:Body>",
        "</t:Body>",
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">",
        "é\u{1f}",
    ];
    proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..40)
        .prop_map(|pieces| pieces.concat())
}

#[test]
fn references_end_soon_or_not_at_all() {
    for (raw, expected) in [
        ("a&amp;b&lt;&#x41;&#65;", "a&b<AA"),
        ("&", "&"),
        ("&amp", "&amp"),
        ("&;&unknown;", "&;&unknown;"),
        ("&#x00000041;", "A"),
        ("&#x000000041;", "&#x000000041;"),
        ("&ääää;&äääääääää;&amp;", "&ääää;&äääääääää;&"),
    ] {
        assert_eq!(decode(raw), expected, "{raw}");
    }
    // in a time that grows with the length, not with its square
    let many = "&".repeat(4 * 1024 * 1024);
    assert_eq!(decode(&many).len(), many.len());
}

//! Attachments and messages of any size pass through in little memory.
//!
//! The simulator keeps items in memory, so a few lines of HTTP stand in for the server here: they
//! make up what is read and count what is sent.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Instant;

use allocation_counter::AllocationInfo;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use exchange_connector::ews::{EwsConnector, ServerVersion};
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use exchange_connector::model::{AttachmentId, AttachmentUpload, ItemRef, MessageId};
use exchange_connector::{Backend, ByteStream, Connector, Mailbox, MailboxTarget, Result, Upload};
use std::sync::Arc;
use tokio::runtime::Builder;

const MIB: u64 = 1024 * 1024;

/// What contents are made of, again and again; its base64 needs no padding.
fn block() -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..3 * 16 * 1024).map(|_| next()).collect()
}

fn envelope(content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:m=\"http://schemas.microsoft.com/exchange/services/2006/messages\" \
         xmlns:t=\"http://schemas.microsoft.com/exchange/services/2006/types\"><s:Body>{content}</s:Body></s:Envelope>"
    )
}

fn answer(operation: &str, content: &str) -> String {
    envelope(&format!(
        "<m:{operation}Response><m:ResponseMessages><m:{operation}ResponseMessage ResponseClass=\"Success\">\
         <m:ResponseCode>NoError</m:ResponseCode>{content}</m:{operation}ResponseMessage></m:ResponseMessages>\
         </m:{operation}Response>"
    ))
}

/// A server that has contents of so many blocks; what is sent to it must be of them too.
fn serve(blocks: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://{}/EWS/Exchange.asmx",
        listener.local_addr().unwrap()
    );
    thread::spawn(move || {
        let text = STANDARD.encode(block());
        while let Ok((stream, _)) = listener.accept() {
            let mut stream = BufReader::new(stream);
            while let Some((operation, length)) = head(&mut stream) {
                respond(&mut stream, &operation, length, &text, blocks);
            }
        }
    });
    url
}

/// The operation of a request and the length of its body.
fn head(stream: &mut BufReader<TcpStream>) -> Option<(String, u64)> {
    let (mut operation, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                return Some((operation, length));
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "soapaction" => {
                operation = value.trim_matches('"').rsplit('/').next()?.to_owned();
            }
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
}

fn respond(
    stream: &mut BufReader<TcpStream>,
    operation: &str,
    length: u64,
    text: &str,
    blocks: u64,
) {
    if length == 0 {
        let out = stream.get_mut();
        out.write_all(b"HTTP/1.1 400 X\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
        return;
    }
    if operation == "CreateAttachment" {
        take(stream, length, text, blocks);
        let made = "<m:Attachments><t:FileAttachment><t:AttachmentId Id=\"new\"/></t:FileAttachment></m:Attachments>";
        let body = answer(operation, made);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        stream
            .get_mut()
            .write_all((head + &body).as_bytes())
            .unwrap();
        return;
    }
    std::io::copy(&mut stream.take(length), &mut std::io::sink()).unwrap();
    let element = match operation {
        "GetAttachment" => {
            "<m:Attachments><t:FileAttachment><t:AttachmentId Id=\"a\"/><t:Name>a.bin</t:Name>\
             <t:Content>|</t:Content></t:FileAttachment></m:Attachments>"
        }
        _ => {
            "<m:Items><t:Message><t:MimeContent CharacterSet=\"UTF-8\">|</t:MimeContent>\
             <t:ItemId Id=\"i\"/></t:Message></m:Items>"
        }
    };
    let whole = answer(operation, element);
    let (before, after) = whole.split_once('|').unwrap();
    let length = before.len() as u64 + after.len() as u64 + blocks * text.len() as u64;
    let out = stream.get_mut();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{before}");
    out.write_all(head.as_bytes()).unwrap();
    for _ in 0..blocks {
        if out.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
    out.write_all(after.as_bytes()).unwrap();
}

/// Reads a request with a content, and checks the content.
fn take(stream: &mut BufReader<TcpStream>, length: u64, text: &str, blocks: u64) {
    let mut stream = stream.take(length);
    let mut before = Vec::new();
    while !before.ends_with(b"<t:Content>") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        before.push(byte[0]);
    }
    let mut piece = vec![0; text.len()];
    for _ in 0..blocks {
        stream.read_exact(&mut piece).unwrap();
        assert!(piece == text.as_bytes());
    }
    let mut after = String::new();
    stream.read_to_string(&mut after).unwrap();
    assert!(
        after.starts_with("</t:Content>") && after.ends_with("</s:Envelope>"),
        "{after}"
    );
}

fn mailbox(url: &str) -> Arc<dyn Mailbox> {
    let options = HttpOptions::default()
        .proxy(Proxy::Off)
        // Contents are not bound by it.
        .max_response_bytes(64 * 1024);
    let connector = EwsConnector::builder(url)
        .credentials(Credentials::password("alice@example.test", "secret"))
        .auth(AuthPolicy::Only(AuthScheme::Basic))
        .version(ServerVersion::Exchange2016)
        .http(options)
        .build()
        .unwrap();
    connector.mailbox(&MailboxTarget::Own).unwrap()
}

/// Reads all of it, comparing it with what it should be.
async fn read(mut content: ByteStream) -> Result<u64> {
    let block = block();
    let mut total = 0_u64;
    while let Some(mut piece) = content.try_next().await? {
        while !piece.is_empty() {
            let at = usize::try_from(total % block.len() as u64).unwrap();
            let length = piece.len().min(block.len() - at);
            assert!(
                piece.split_to(length) == block[at..at + length],
                "at {total}"
            );
            total += length as u64;
        }
    }
    Ok(total)
}

fn upload(blocks: u64) -> Upload {
    let block = Bytes::from(block());
    let length = blocks * block.len() as u64;
    let stream = ByteStream::unfold(0, move |number| {
        let piece = (number < blocks).then(|| (block.clone(), number + 1));
        async move { Ok(piece) }
    });
    Upload::stream(length, stream)
}

fn measured(what: &str, total: u64, work: impl Future<Output = ()>) -> AllocationInfo {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let began = Instant::now();
    let took = allocation_counter::measure(|| runtime.block_on(work));
    println!(
        "{what} of {} MiB: at most {} KiB, {} ms",
        total / MIB,
        took.bytes_max / 1024,
        began.elapsed().as_millis()
    );
    assert!(took.bytes_max < 4 * MIB, "{what}: {took:?}");
    took
}

#[test]
fn half_a_gibibyte_passes_through() {
    let blocks = (500 * MIB).div_ceil(block().len() as u64);
    let total = blocks * block().len() as u64;
    let url = serve(blocks);
    let message = MessageId::from_raw(Backend::Ews, "i");
    let item = ItemRef::from(message.clone());

    let down = measured("an attachment down", total, async {
        let id = AttachmentId::from_raw(Backend::Ews, "a");
        let content = mailbox(&url).open_attachment(&item, &id).await.unwrap();
        assert_eq!(read(content).await.unwrap(), total);
    });
    // So that it is seen to be measured at all.
    assert!(down.bytes_total > total, "{down:?}");
    measured("a message down", total, async {
        let content = mailbox(&url).open_mime(&message).await.unwrap();
        assert_eq!(read(content).await.unwrap(), total);
    });
    measured("an attachment up", total, async {
        let file = AttachmentUpload::new("a.bin", upload(blocks));
        let made = mailbox(&url).add_attachment(&item, file).await.unwrap();
        assert_eq!(made.id.as_raw(), "new");
    });
}

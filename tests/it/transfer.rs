//! Content in pieces, over every way to log on: the whole client against the simulator.

use std::sync::Arc;

use bytes::Bytes;
use exchange_connector::ews::EwsConnector;
use exchange_connector::http::{Credentials, HttpOptions, Proxy};
use exchange_connector::model::{AttachmentUpload, ItemRef, MessageId};
use exchange_connector::simulator::{AuthScheme, Simulator, Trouble};
use exchange_connector::{
    Backend, ByteStream, Connector, Effect, ErrorKind, Mailbox, MailboxTarget, RetryPolicy, Upload,
};

const LENGTH: usize = 3_100_000;

async fn server(offers: &[AuthScheme], tls: bool) -> (Simulator, Arc<dyn Mailbox>, ItemRef) {
    let builder = Simulator::builder().auth(offers).tls(tls);
    let simulator = builder.start().await.unwrap();
    let options = HttpOptions::default().proxy(Proxy::Off);
    let options = match simulator.certificate_pem() {
        Some(pem) => options.platform_roots(false).root_certificates(pem),
        None => options,
    };
    let account = &simulator.accounts()[0];
    let connector = EwsConnector::builder(simulator.ews_url())
        .credentials(Credentials::password(
            &account.address,
            account.password.as_str(),
        ))
        .version("2016".parse().unwrap())
        .http(options)
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let mailbox = connector.mailbox(&MailboxTarget::Own).unwrap();
    let message = "<t:Message><t:Subject>Files</t:Subject></t:Message>";
    let id = simulator.plant(&account.address, "drafts", message);
    let id = MessageId::from_raw(Backend::Ews, id.unwrap());
    (simulator, mailbox, id.into())
}

fn content() -> Vec<u8> {
    (0..LENGTH).map(|at| (at % 251) as u8).collect()
}

fn upload() -> Upload {
    let stream = ByteStream::unfold(Bytes::from(content()), |mut rest| async move {
        let piece = rest.split_to(rest.len().min(10_007));
        Ok((!piece.is_empty()).then_some((piece, rest)))
    });
    Upload::stream(LENGTH as u64, stream)
}

#[tokio::test(flavor = "multi_thread")]
async fn there_and_back() {
    for (offers, tls) in [
        (&[AuthScheme::Basic][..], false),
        (&[AuthScheme::Basic], true),
        (&[AuthScheme::Ntlm], false),
        (&[AuthScheme::Negotiate, AuthScheme::Ntlm], true),
    ] {
        let (simulator, mailbox, item) = server(offers, tls).await;
        for name in ["one.bin", "two.bin"] {
            let file = AttachmentUpload::new(name, upload());
            let made = mailbox.add_attachment(&item, file).await.unwrap();
            let stream = mailbox.open_attachment(&item, &made.id).await.unwrap();
            assert!(stream.collect(LENGTH).await.unwrap() == content());
        }
        let log = simulator.log();
        let handshakes: u32 = log.connections.iter().map(|one| one.handshakes).sum();
        let expected = u32::from(!offers.contains(&AuthScheme::Basic));
        assert_eq!(handshakes, expected, "one connection is enough");
        assert!(simulator.violations().is_empty());
    }
}

#[tokio::test]
async fn a_stream_given_up_closes_its_connection_only() {
    let (_simulator, mailbox, item) = server(&[AuthScheme::Ntlm], false).await;
    let file = AttachmentUpload::new("one.bin", upload());
    let made = mailbox.add_attachment(&item, file).await.unwrap();
    for _ in 0..8 {
        let mut stream = mailbox.open_attachment(&item, &made.id).await.unwrap();
        assert!(stream.try_next().await.unwrap().is_some());
    }
    assert_eq!(mailbox.list_attachments(&item).await.unwrap().len(), 1);
}

#[tokio::test]
async fn failures_on_the_way() {
    let (simulator, mailbox, item) = server(&[AuthScheme::Ntlm, AuthScheme::Basic], false).await;
    let file = || AttachmentUpload::new("one.bin", upload());
    let made = mailbox.add_attachment(&item, file()).await.unwrap();

    simulator.fail_next(Trouble::Truncate);
    // The head of a compressed answer may not even come.
    let error = match mailbox.open_attachment(&item, &made.id).await {
        Ok(stream) => stream.collect(LENGTH).await.unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    assert_eq!(error.operation(), "open_attachment");

    simulator.fail_next(Trouble::DropAfter);
    let error = mailbox.add_attachment(&item, file()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.effect()),
        (ErrorKind::Connection, Effect::Unknown),
        "{error}"
    );
    assert_eq!(mailbox.list_attachments(&item).await.unwrap().len(), 2);

    simulator.fail_next(Trouble::ForgetLogon);
    let error = mailbox.add_attachment(&item, file()).await.unwrap_err();
    assert_eq!(error.effect(), Effect::None, "{error}");
    let advice = error.advice_text().unwrap();
    assert!(advice.ends_with("call again with a new one."), "{advice}");
    mailbox.add_attachment(&item, file()).await.unwrap();
    assert_eq!(mailbox.list_attachments(&item).await.unwrap().len(), 3);

    simulator.fail_next(Trouble::Message {
        code: "ErrorMessageSizeExceeded",
        back_off: None,
    });
    let error = mailbox.add_attachment(&item, file()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
}

//! What it costs to watch calls.

use std::sync::Arc;

use exchange_connector::Observer;
use exchange_connector::ews::{EwsConnector, EwsConnectorBuilder, ServerVersion};
use exchange_connector::http::{AuthPolicy, AuthScheme, Credentials, HttpOptions, Proxy};
use tokio::runtime::Builder;
use tracing_subscriber::fmt::format::FmtSpan;

struct Deaf;

impl Observer for Deaf {}

/// How many allocations a call takes, and how many bytes, on the average of some.
fn cost(url: &str, watched: impl Fn(EwsConnectorBuilder) -> EwsConnectorBuilder) -> (u64, u64) {
    const CALLS: u64 = 50;
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let builder = EwsConnector::builder(url)
        .credentials(Credentials::password(
            "alice@example.test",
            "alice-Passw0rd",
        ))
        .auth(AuthPolicy::Only(AuthScheme::Basic))
        .version(ServerVersion::Exchange2016)
        .http(HttpOptions::default().proxy(Proxy::Off));
    let client = watched(builder).build().unwrap().client();
    let call = || {
        runtime.block_on(async {
            for _ in 0..CALLS {
                let body = "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>\
                    <m:FolderIds><t:DistinguishedFolderId Id=\"inbox\"/></m:FolderIds></m:GetFolder>";
                client.send_raw("GetFolder", body).await.unwrap();
            }
        });
    };
    call();
    let took = allocation_counter::measure(call);
    (took.count_total / CALLS, took.bytes_total / CALLS)
}

#[test]
fn watching_is_cheap() {
    let (url, stop) = super::serve();
    let plain = cost(&url, |builder| builder);
    let observed = cost(&url, |builder| builder.observer(Arc::new(Deaf)));
    let subscriber = || {
        tracing_subscriber::fmt()
            .with_span_events(FmtSpan::CLOSE)
            .with_writer(std::io::sink)
    };
    let quiet = tracing::subscriber::with_default(subscriber().finish(), || cost(&url, |it| it));
    let debug = subscriber().with_max_level(tracing::Level::DEBUG).finish();
    let logged = tracing::subscriber::with_default(debug, || cost(&url, |it| it));
    let folder =
        std::env::temp_dir().join(format!("exchange-connector-cost-{}", std::process::id()));
    let recorded = cost(&url, |builder| builder.record_to(&folder));
    std::fs::remove_dir_all(&folder).unwrap();
    drop(stop);
    let said = format!(
        "allocations and bytes for a call: {plain:?}; observed {observed:?}; with a log at info {quiet:?}, at debug \
         {logged:?}; recorded {recorded:?}"
    );
    println!("{said}");
    assert!(observed.0 < plain.0 + 20, "{said}");
    assert!(quiet.0 <= plain.0 + 2, "{said}");
    assert!(recorded.0 > observed.0, "{said}");
}

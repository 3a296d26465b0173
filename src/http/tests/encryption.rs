//! What is said when encryption fails, or is missing.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;

use super::server::{Running, Said, start_tls};
use super::*;
use crate::error::{ErrorKind, RetryAdvice};

/// An authority of this name: its certificate, and what it signs with.
pub(super) fn authority(name: &str) -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (pem, Issuer::new(params, key))
}

async fn server(issuer: &Issuer<'static, KeyPair>) -> Running {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = rustls::crypto::ring::default_provider();
    let config = rustls::ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    start_tls(Arc::new(config), |_: &mut (), _| Said::new(200, &[], b"ok")).await
}

async fn refusal_of(root: &str, url: &Url, policy: &str) -> Error {
    let options = HttpOptions::default()
        .platform_roots(false)
        .root_certificates(root);
    let transport = connect(&options, jdoe(), policy.parse().unwrap()).unwrap();
    let error = transport.send(request(url, "t", "body")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    assert_eq!(error.advice(), RetryAdvice::Never, "{error}");
    assert_sentence(error.advice_text());
    error
}

#[tokio::test]
async fn an_outdated_root() {
    let (pem, issuer) = authority("Contoso Root");
    let (outdated, _) = authority("Contoso Root");
    let (stranger, _) = authority("Fabrikam Root");
    let server = server(&issuer).await;
    let options = HttpOptions::default().platform_roots(false);
    let transport = connect(
        &options.root_certificates(pem),
        jdoe(),
        AuthPolicy::Automatic,
    )
    .unwrap();
    text(transport.send(request(&server.url, "t", "body")).await).await;

    let error = refusal_of(&outdated, &server.url, "auto").await;
    assert!(error.to_string().contains("outdated root"), "{error}");
    let error = refusal_of(&stranger, &server.url, "auto").await;
    assert!(error.to_string().contains("not trusted"), "{error}");
}

#[tokio::test]
async fn plain_http_to_a_port_for_tls() {
    let (pem, issuer) = authority("Contoso Root");
    let server = server(&issuer).await;
    let mut url = server.url.clone();
    url.set_scheme("http").unwrap();
    for policy in ["auto", "basic", "ntlm"] {
        let error = refusal_of(&pem, &url, policy).await;
        let text = error.to_string();
        assert!(text.contains("something else than HTTP"), "{text}");
        assert!(text.contains("use https://"), "{text}");
    }
}

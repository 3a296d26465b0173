//! What stands in a certificate, for a person.

use std::fmt::Write;
use std::net::IpAddr;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use x509_cert::certificate::{Certificate, TbsCertificate};
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::time::Time;

use super::facts::CertificateFacts;

/// What the certificate says of itself. Of bytes that are none, only the hash is told.
pub(super) fn facts(der: &[u8]) -> CertificateFacts {
    let mut facts = CertificateFacts {
        subject: String::new(),
        issuer: String::new(),
        names: Vec::new(),
        not_before: None,
        not_after: None,
        signature_algorithm: String::new(),
        sha256: hex(&fingerprint(der)),
    };
    let Ok(certificate) = Certificate::from_der(der) else {
        return facts;
    };
    let inner = certificate.tbs_certificate();
    facts.subject = shown(&inner.subject().to_string());
    facts.issuer = shown(&inner.issuer().to_string());
    facts.names = names(inner);
    facts.not_before = moment(inner.validity().not_before);
    facts.not_after = moment(inner.validity().not_after);
    facts.signature_algorithm = algorithm(&certificate.signature_algorithm().oid.to_string());
    facts
}

/// SHA-256 of the whole certificate: what is pinned.
pub(super) fn fingerprint(der: &[u8]) -> [u8; 32] {
    Sha256::digest(der).into()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // a string takes everything
        text
    })
}

fn names(certificate: &TbsCertificate) -> Vec<String> {
    let Ok(Some((_, SubjectAltName(names)))) = certificate.get_extension::<SubjectAltName>() else {
        return Vec::new();
    };
    let name = |name: &GeneralName| match name {
        GeneralName::DnsName(name) => Some(shown(name.as_str())),
        GeneralName::IpAddress(address) => address_of(address.as_bytes()).map(|ip| ip.to_string()),
        _ => None,
    };
    names.iter().filter_map(name).take(MOST_NAMES).collect()
}

fn address_of(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}

fn moment(time: Time) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::try_from(time.to_unix_duration().as_secs()).ok()?, 0)
}

/// Without anything that could disturb a terminal or a log, and not without an end.
fn shown(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(MOST_CHARACTERS)
        .collect()
}

fn algorithm(oid: &str) -> String {
    let name = match oid {
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
        "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
        "1.3.101.112" => "Ed25519",
        other => other,
    };
    name.to_owned()
}

const MOST_NAMES: usize = 100;
const MOST_CHARACTERS: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "simulator")]
    #[test]
    fn a_certificate_in_words() {
        use chrono::TimeZone;
        use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

        let names = ["mail.contoso.com", "10.0.0.7", "fe80::1"];
        let mut params = CertificateParams::new(names.map(String::from)).unwrap();
        params.distinguished_name.push(DnType::CommonName, "mail");
        params.not_before = date_time_ymd(2020, 2, 1);
        params.not_after = date_time_ymd(2060, 3, 1);
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();

        let facts = facts(certificate.der());
        assert!(facts.subject.contains("CN=mail"), "{facts:?}");
        assert_eq!(facts.subject, facts.issuer);
        assert_eq!(facts.names, names);
        let day = |year, month| Utc.with_ymd_and_hms(year, month, 1, 0, 0, 0).single();
        assert_eq!(
            (facts.not_before, facts.not_after),
            (day(2020, 2), day(2060, 3))
        );
        assert_eq!(facts.signature_algorithm, "ecdsa-with-SHA256");
        assert_eq!(facts.sha256, hex(&fingerprint(certificate.der())));
        assert_eq!(facts.sha256.len(), 64);
    }

    #[test]
    fn bytes_that_are_no_certificate() {
        let facts = facts(b"abc");
        assert_eq!(facts.subject, "");
        // FIPS 180-4, the example of one block
        assert_eq!(
            facts.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}

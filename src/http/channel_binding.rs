//! Channel bindings: the proof that the NTLM logon belongs to this TLS connection
//! ("Extended Protection").

use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};

/// The value of `MsvAvChannelBindings` (MS-NLMP 2.2.2.1) for an [`end_point`]: the MD5 of a
/// `gss_channel_bindings_struct` (RFC 2744 3.11) with no addresses and it as application data.
pub(super) fn channel_binding(end_point: &[u8]) -> Option<[u8; 16]> {
    let length = u32::try_from(end_point.len()).ok()?;
    let mut hash = Md5::new();
    hash.update([0; 16]); // type and length of the initiator's and of the acceptor's address
    hash.update(length.to_le_bytes());
    hash.update(end_point);
    Some(hash.finalize().into())
}

/// The `tls-server-end-point` (RFC 5929) of a server certificate. `None` when the bytes are no
/// certificate.
pub(super) fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let mut end_point = b"tls-server-end-point:".to_vec();
    match signature_hash(certificate)? {
        Hash::Sha256 => end_point.extend(Sha256::digest(certificate)),
        Hash::Sha384 => end_point.extend(Sha384::digest(certificate)),
        Hash::Sha512 => end_point.extend(Sha512::digest(certificate)),
    }
    Some(end_point)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// The hash of the certificate's own signature algorithm. RFC 5929 4.1 replaces MD5 and SHA-1 by
/// SHA-256; where it leaves the hash open (Ed25519) SHA-256 is what OpenSSL-based peers use.
fn signature_hash(certificate: &[u8]) -> Option<Hash> {
    const SEQUENCE: u8 = 0x30;
    let (certificate, _) = value(certificate, SEQUENCE)?;
    let (_to_be_signed, rest) = value(certificate, SEQUENCE)?;
    let (algorithm, _) = value(rest, SEQUENCE)?;
    let (oid, parameters) = value(algorithm, OBJECT_IDENTIFIER)?;
    Some(match oid {
        [rsa @ .., 10] if *rsa == RSA => pss_hash(parameters).unwrap_or(Hash::Sha256),
        [rsa @ .., 12] if *rsa == RSA => Hash::Sha384,
        [rsa @ .., 13] if *rsa == RSA => Hash::Sha512,
        [ecdsa @ .., 3] if *ecdsa == ECDSA_SHA2 => Hash::Sha384,
        [ecdsa @ .., 4] if *ecdsa == ECDSA_SHA2 => Hash::Sha512,
        _ => Hash::Sha256,
    })
}

/// RSASSA-PSS names its hash in the parameters (RFC 4055); without one it is SHA-1.
fn pss_hash(parameters: &[u8]) -> Option<Hash> {
    let (parameters, _) = value(parameters, 0x30)?;
    let (hash_algorithm, _) = value(parameters, 0xa0)?;
    let (hash_algorithm, _) = value(hash_algorithm, 0x30)?;
    let (oid, _) = value(hash_algorithm, OBJECT_IDENTIFIER)?;
    match oid {
        [sha2 @ .., 2] if *sha2 == SHA2 => Some(Hash::Sha384),
        [sha2 @ .., 3] if *sha2 == SHA2 => Some(Hash::Sha512),
        _ => None,
    }
}

/// The content of a DER element with this tag, and what follows the element.
pub(super) fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, der) = der.split_first()?;
    let (&first, der) = der.split_first()?;
    let (length, der) = if first < 0x80 {
        (usize::from(first), der)
    } else {
        let (bytes, der) = der.split_at_checked(usize::from(first & 0x7f))?;
        if bytes.is_empty() || bytes.len() > 4 {
            return None;
        }
        let length = bytes
            .iter()
            .fold(0usize, |length, byte| (length << 8) | usize::from(*byte));
        (length, der)
    };
    (found == tag).then(|| der.split_at_checked(length))?
}

const OBJECT_IDENTIFIER: u8 = 6;
/// 1.2.840.113549.1.1
const RSA: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
/// 1.2.840.10045.4.3
const ECDSA_SHA2: [u8; 7] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3];
/// 2.16.840.1.101.3.4.2
const SHA2: [u8; 8] = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2];

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, content: &[&[u8]]) -> Vec<u8> {
        let content = content.concat();
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82], &length[..], &content].concat()
    }

    fn certificate(oid: &[u8], parameters: &[u8]) -> Vec<u8> {
        let algorithm = der(0x30, &[&der(6, &[oid]), parameters]);
        der(
            0x30,
            &[
                &der(0x30, &[&[2, 1, 1]]),
                &algorithm,
                &der(3, &[&[0, 1, 2]]),
            ],
        )
    }

    #[test]
    fn hash_by_signature_algorithm() {
        let pss = |last: u8| {
            let oid = der(6, &[&SHA2, &[last]]);
            der(0x30, &[&der(0xa0, &[&der(0x30, &[&oid])])])
        };
        type Case = (&'static [u8], &'static [u8], Vec<u8>, Hash);
        let cases: [Case; 15] = [
            (&RSA, &[4], vec![5, 0], Hash::Sha256), // MD5
            (&RSA, &[5], vec![5, 0], Hash::Sha256), // SHA-1
            (&RSA, &[11], vec![5, 0], Hash::Sha256),
            (&RSA, &[12], vec![5, 0], Hash::Sha384),
            (&RSA, &[13], vec![5, 0], Hash::Sha512),
            (&RSA, &[10], vec![], Hash::Sha256),
            (&RSA, &[10], der(0x30, &[]), Hash::Sha256),
            (&RSA, &[10], pss(1), Hash::Sha256),
            (&RSA, &[10], pss(2), Hash::Sha384),
            (&RSA, &[10], pss(3), Hash::Sha512),
            (&ECDSA_SHA2, &[2], vec![], Hash::Sha256),
            (&ECDSA_SHA2, &[3], vec![], Hash::Sha384),
            (&ECDSA_SHA2, &[4], vec![], Hash::Sha512),
            (&ECDSA_SHA2[..6], &[1], vec![], Hash::Sha256), // ECDSA with SHA-1
            (&[0x2b, 0x65], &[0x70], vec![], Hash::Sha256), // Ed25519
        ];
        for (base, last, parameters, expected) in cases {
            let oid = [base, last].concat();
            assert_eq!(
                signature_hash(&certificate(&oid, &parameters)),
                Some(expected),
                "{oid:?}"
            );
        }
    }

    #[test]
    fn bytes_of_anybody() {
        let good = certificate(&[&RSA[..], &[10]].concat(), &[0x30, 0]);
        assert!(
            end_point(&good)
                .and_then(|end| channel_binding(&end))
                .is_some()
        );
        for end in 0..good.len() - 5 {
            assert_eq!(signature_hash(&good[..end]), None, "cut at {end}");
        }
        let mut state = 1u32;
        for _ in 0..30_000 {
            let mut bad = good.clone();
            for _ in 0..3 {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                let place = state as usize % bad.len();
                bad[place] = (state >> 11) as u8;
            }
            let _ = end_point(&bad); // any answer, but an answer
        }
    }
}

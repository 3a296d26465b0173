#!/usr/bin/env python3
"""Certificates of each kind into a folder: NAME.pem with certificate and key, ca.pem of who signed them.

    certificates.py FOLDER

The hash of a channel binding is that of the signature, so the authority's key decides it.
"""
import datetime
import ipaddress
import os
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOSTS = [
    x509.DNSName("localhost"),
    x509.DNSName("*.contoso.test"),
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
]
NOW = datetime.datetime.now(datetime.timezone.utc)


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def begun(subject, issuer, key):
    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - datetime.timedelta(hours=1))
        .not_valid_after(NOW + datetime.timedelta(days=2))
    )


def authority(title, key):
    certificate = (
        begun(title, title, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return title, key, certificate


def leaf(authority, key, digest):
    title, signer, _ = authority
    return (
        begun("exch.contoso.test", title, key)
        .add_extension(x509.SubjectAlternativeName(HOSTS), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(signer, digest)
    )


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def main(folder):
    def write(title, content):
        with open(os.path.join(folder, title + ".pem"), "wb") as file:
            file.write(content)

    rsa_key = rsa.generate_private_key(65537, 2048)
    rsa_authority = authority("Contoso RSA", rsa.generate_private_key(65537, 2048))
    p256, p384 = ec.SECP256R1(), ec.SECP384R1()
    p256_authority = authority("Contoso P-256", ec.generate_private_key(p256))
    p384_authority = authority("Contoso P-384", ec.generate_private_key(p384))
    for title, signed_by, key, digest in [
        ("rsa-sha256", rsa_authority, rsa_key, hashes.SHA256()),
        ("rsa-sha384", rsa_authority, rsa_key, hashes.SHA384()),
        ("rsa-sha512", rsa_authority, rsa_key, hashes.SHA512()),
        ("ecdsa-p256", p256_authority, ec.generate_private_key(p256), hashes.SHA256()),
        ("ecdsa-p384", p384_authority, ec.generate_private_key(p384), hashes.SHA384()),
        # Of somebody else on the way, whom the client trusts as well.
        ("other", rsa_authority, rsa_key, hashes.SHA256()),
    ]:
        key_pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        write(title, pem(leaf(signed_by, key, digest)) + key_pem)
    authorities = (rsa_authority, p256_authority, p384_authority)
    write("ca", b"".join(pem(certificate) for _, _, certificate in authorities))


main(sys.argv[1])

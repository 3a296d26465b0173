#!/usr/bin/env python3
"""A server that knows no more of EWS than one answer, and leaves every logon to somebody else's code.

    acceptor.py --provider pyspnego|gssapi|samba --schemes NTLM[,Negotiate] [options]

Prints "READY port", then one JSON object for each thing that happens, before the client knows, and
"MARK" for each line it reads itself; ends at the end of that.

    {"event": "token", "scheme": ...}   a client sent a message of a logon
    {"event": "accepted", "user": ...}  a logon is complete
    {"event": "refused", "why": ...}    a logon failed
    {"event": "served", "logged_on_before": ...}  a request was answered with 200

NTLM authenticates the connection, as in IIS. So does Negotiate with --persistent; without it each
request needs its own logon.
"""
import argparse
import base64
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

ANSWER = b"""<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>\
<h:ServerVersionInfo MajorVersion="15" MinorVersion="1" MajorBuildNumber="2507" MinorBuildNumber="6" \
Version="V2017_07_11" xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types"/></s:Header>\
<s:Body><m:GetFolderResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" \
xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><m:ResponseMessages>\
<m:GetFolderResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Folders>\
<t:Folder><t:FolderId Id="AAMk" ChangeKey="AQAA"/></t:Folder></m:Folders></m:GetFolderResponseMessage>\
</m:ResponseMessages></m:GetFolderResponse></s:Body></s:Envelope>"""

NTLMSSP = "1.3.6.1.4.1.311.2.2.10"
CHANNEL_BOUND = 0x800

printing = threading.Lock()


def tell(event, **details):
    with printing:
        print(json.dumps({"event": event, **details}), flush=True)


def mark():
    for _ in sys.stdin:
        with printing:
            print("MARK", flush=True)
    os._exit(0)


class Refused(Exception):
    pass


class Pyspnego:
    """The NTLM acceptor of pyspnego, in Python."""

    def __init__(self, setting, scheme):
        import spnego
        from spnego.channel_bindings import GssChannelBindings

        if scheme != "NTLM":
            raise Refused("this acceptor speaks NTLM only")
        bindings = setting.end_point and GssChannelBindings(application_data=setting.end_point)
        self.context = spnego.server(
            protocol="ntlm",
            options=spnego.NegotiateOptions.use_ntlm,
            channel_bindings=bindings or None,
        )

    def step(self, token):
        answer = self.context.step(token)
        return answer, self.context.client_principal if self.context.complete else None


class Gssapi:
    """MIT krb5's GSSAPI: Kerberos, or NTLM by the plug-in gss-ntlmssp."""

    def __init__(self, setting, scheme):
        import gssapi
        from gssapi.raw import ChannelBindings

        mechanism = NTLMSSP if scheme == "NTLM" else "1.2.840.113554.1.2.2"
        mechanisms = [gssapi.OID.from_int_seq(mechanism)]
        if scheme != "NTLM":
            mechanisms.append(gssapi.OID.from_int_seq("1.3.6.1.5.5.2"))
        bindings = setting.end_point and ChannelBindings(application_data=setting.end_point)
        self.wants_bound = bool(bindings) and scheme != "NTLM"
        self.context = gssapi.SecurityContext(
            usage="accept",
            creds=gssapi.Credentials(usage="accept", mechs=mechanisms),
            channel_bindings=bindings or None,
        )

    def step(self, token):
        answer = self.context.step(token)
        if not self.context.complete:
            return answer, None
        # MIT krb5 lets clients in that say nothing of the channel, and leaves judging to its caller
        if self.wants_bound and not int(self.context.actual_flags) & CHANNEL_BOUND:
            raise Refused("the client did not bind the channel")
        return answer, str(self.context.initiator_name)


class Samba:
    """Samba's NTLM acceptor, by the protocol it has for squid. Knows nothing of channel bindings."""

    def __init__(self, setting, scheme):
        if scheme != "NTLM":
            raise Refused("this acceptor speaks NTLM only")
        self.process = subprocess.Popen(
            [
                "ntlm_auth",
                "--configfile=" + setting.samba_configuration,
                "--helper-protocol=squid-2.5-ntlmssp",
                "--password=" + setting.password,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def step(self, token):
        is_first = token[8:12] == b"\x01\0\0\0"
        line = (b"YR " if is_first else b"KK ") + base64.b64encode(token) + b"\n"
        self.process.stdin.write(line)
        self.process.stdin.flush()
        word, _, rest = self.process.stdout.readline().decode("utf-8", "replace").strip().partition(" ")
        if word == "TT":
            return base64.b64decode(rest), None
        self.process.stdin.close()
        self.process.wait()
        if word == "AF":
            return None, rest
        raise Refused(f"{word} {rest}")


PROVIDERS = {"pyspnego": Pyspnego, "gssapi": Gssapi, "samba": Samba}

SAMBA = """[global]
workgroup = CONTOSO
netbios name = EXCH
server role = standalone
private dir = {0}
state directory = {0}
cache directory = {0}
lock directory = {0}
pid directory = {0}
ncalrpc dir = {0}
passdb backend = tdbsam:{0}/passdb.tdb
interfaces = lo
bind interfaces only = yes
ntlm auth = ntlmv2-only
"""


def end_point(certificate):
    """RFC 5929 4.1, by a library that is not ours."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    with open(certificate, "rb") as file:
        certificate = x509.load_pem_x509_certificate(file.read())
    algorithm = certificate.signature_hash_algorithm
    if algorithm is None or algorithm.name in ("md5", "sha1"):
        algorithm = hashes.SHA256()
    digest = hashes.Hash(algorithm)
    digest.update(certificate.public_bytes(serialization.Encoding.DER))
    return b"tls-server-end-point:" + digest.finalize()


class Connection:
    def __init__(self, stream, setting):
        self.stream = stream
        self.setting = setting
        self.buffer = b""
        self.context = None
        self.user = None
        self.served = 0

    def more(self):
        piece = self.stream.recv(65536)
        if not piece:
            raise ConnectionError("closed")
        self.buffer += piece

    def read(self):
        """The headers of the next request; its content is read and forgotten."""
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        headers = {}
        for line in head.decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        while len(self.buffer) < length:
            self.more()
        self.buffer = self.buffer[length:]
        return headers

    def write(self, status, headers, content):
        reason = {200: "OK", 401: "Unauthorized"}[status]
        lines = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {len(content)}", *headers, "", ""]
        self.stream.sendall("\r\n".join(lines).encode("latin-1") + content)

    def unauthorized(self, *challenges):
        offers = challenges or self.setting.schemes
        self.write(401, [f"WWW-Authenticate: {offer}" for offer in offers], b"Unauthorized")

    def serve(self):
        while True:
            headers = self.read()
            logged_on_before = self.user is not None
            proof = []
            authorization = headers.get("authorization")
            if authorization:
                logged_on_before = False
                proof = self.log_on(*authorization.split(" ", 1))
                if proof is None:
                    continue
            if self.user is None:
                self.unauthorized()
                continue
            tell("served", logged_on_before=logged_on_before)
            self.write(200, ["Content-Type: text/xml; charset=utf-8", *proof], ANSWER)
            self.served += 1
            if self.setting.forgets and self.served == 2:
                self.user = None
            if authorization and authorization.startswith("Negotiate") and not self.setting.persistent:
                self.user = None

    def log_on(self, scheme, text):
        """The headers of the answer; None when a 401 has been sent."""
        tell("token", scheme=scheme)
        self.user = None
        try:
            if self.context is None:
                self.context = PROVIDERS[self.setting.provider](self.setting, scheme)
            answer, self.user = self.context.step(base64.b64decode(text))
        except Exception as problem:  # each provider has its own
            self.context = None
            tell("refused", why=f"{type(problem).__name__}: {problem}".replace("\n", " "))
            self.unauthorized()
            return None
        if self.user is None:
            self.unauthorized(f"{scheme} {base64.b64encode(answer).decode()}")
            return None
        self.context = None
        tell("accepted", user=self.user)
        if scheme != "Negotiate":
            return []
        headers = ["Persistent-Auth: true"] if self.setting.persistent else []
        if self.setting.proof == "garbled":
            # the last bytes are of the encrypted part
            answer = answer[:-4] + bytes(byte ^ 0x55 for byte in answer[-4:])
        if self.setting.proof != "none":
            headers.append(f"WWW-Authenticate: Negotiate {base64.b64encode(answer or b'').decode()}")
        return headers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--provider", choices=PROVIDERS, required=True)
    parser.add_argument("--schemes", type=lambda text: text.split(","), default=["NTLM"])
    parser.add_argument("--certificate", help="PEM of certificate and key; without it there is no TLS")
    parser.add_argument("--binding", choices=["required", "ignored"], default="required")
    parser.add_argument("--domain", default="CONTOSO")
    parser.add_argument("--user", default="jdoe")
    parser.add_argument("--password", default="")
    parser.add_argument("--persistent", action="store_true")
    parser.add_argument("--forgets", action="store_true", help="who logged on, after the second request")
    parser.add_argument("--proof", choices=["true", "none", "garbled"], default="true")
    setting = parser.parse_args()
    state = tempfile.TemporaryDirectory()

    users = os.path.join(state.name, "users")
    with open(users, "w", encoding="utf-8") as file:
        file.write(f"{setting.domain}:{setting.user}:{setting.password}\n")
    os.environ["NTLM_USER_FILE"] = users
    setting.samba_configuration = os.path.join(state.name, "smb.conf")
    with open(setting.samba_configuration, "w", encoding="utf-8") as file:
        file.write(SAMBA.format(state.name))
    is_bound = setting.certificate and setting.binding == "required"
    setting.end_point = end_point(setting.certificate) if is_bound else None

    tls = None
    if setting.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(setting.certificate)

    def serve(stream):
        try:
            if tls:
                stream = tls.wrap_socket(stream, server_side=True)
            Connection(stream, setting).serve()
        except OSError:
            pass
        finally:
            stream.close()

    listener = socket.create_server(("127.0.0.1", 0))
    print("READY", listener.getsockname()[1], flush=True)
    threading.Thread(target=mark, daemon=True).start()
    while True:
        stream, _ = listener.accept()
        threading.Thread(target=serve, args=(stream,), daemon=True).start()


main()

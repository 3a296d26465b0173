#!/usr/bin/env python3
"""Something between client and server.

    relay.py connect                          a proxy for CONNECT; every host is this machine
    relay.py open CERTIFICATE PORT            opens TLS with its own certificate and encrypts anew
    relay.py tamper CERTIFICATE PORT          the same, and changes the first NTLM message on its way

Prints "READY port", "MARK" for each line it reads, and ends at the end of that. CERTIFICATE is a PEM file with certificate and key. The client's resolver is not
asked for the hosts of CONNECT, so names may be invented.
"""
import base64
import os
import re
import socket
import ssl
import sys
import threading


def mark():
    for _ in sys.stdin:
        print("MARK", flush=True)
    os._exit(0)


def pump(source, sink, change=lambda piece: piece):
    try:
        while piece := source.recv(65536):
            sink.sendall(change(piece))
    except OSError:
        pass
    for stream in (source, sink):
        try:
            stream.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def both_ways(client, server, change=lambda piece: piece):
    threading.Thread(target=pump, args=(client, server, change), daemon=True).start()
    pump(server, client)


def connect(client):
    head = b""
    while b"\r\n\r\n" not in head:
        piece = client.recv(65536)
        if not piece:
            return
        head += piece
    method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    if method != "CONNECT":
        client.sendall(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
        return
    server = socket.create_connection(("127.0.0.1", int(target.rsplit(":", 1)[1])))
    print("CONNECT", target, flush=True)
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    both_ways(client, server)


def changed(piece):
    """Another version of Windows in the NEGOTIATE message: nobody minds but the MIC."""

    def other(match):
        message = bytearray(base64.b64decode(match[2]))
        message[32] ^= 1
        print("TAMPERED", flush=True)
        return match[1] + base64.b64encode(message)

    return re.sub(rb"(?i)(authorization: NTLM )(TlRMTVNTUAAB[A-Za-z0-9+/=]+)", other, piece)


def reencrypt(certificate, port, change):
    incoming = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    incoming.load_cert_chain(certificate)
    outgoing = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    outgoing.check_hostname = False
    outgoing.verify_mode = ssl.CERT_NONE

    def serve(client):
        client = incoming.wrap_socket(client, server_side=True)
        server = outgoing.wrap_socket(socket.create_connection(("127.0.0.1", port)))
        both_ways(client, server, change)

    return serve


def main():
    if sys.argv[1] == "connect":
        serve = connect
    else:
        change = changed if sys.argv[1] == "tamper" else (lambda piece: piece)
        serve = reencrypt(sys.argv[2], int(sys.argv[3]), change)

    def guarded(client):
        try:
            serve(client)
        except OSError:
            pass
        finally:
            client.close()

    listener = socket.create_server(("127.0.0.1", 0))
    print("READY", listener.getsockname()[1], flush=True)
    threading.Thread(target=mark, daemon=True).start()
    while True:
        client, _ = listener.accept()
        threading.Thread(target=guarded, args=(client,), daemon=True).start()


main()

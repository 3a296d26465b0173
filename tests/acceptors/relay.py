#!/usr/bin/env python3
"""Something between client and server.

    relay.py connect                          a proxy for CONNECT; every host is this machine
    relay.py open CERTIFICATE PORT            opens TLS with its own certificate and encrypts anew
    relay.py tamper CERTIFICATE PORT          the same, and changes the first NTLM message on its way

Prints "READY port", "MARK" for each line it reads, and ends at the end of that. CERTIFICATE is a PEM file with certificate and key. The client's resolver is not
asked for the hosts of CONNECT, so names may be invented.
"""
import asyncio
import base64
import os
import re
import ssl
import sys
import threading


def mark():
    for _ in sys.stdin:
        print("MARK", flush=True)
    os._exit(0)


async def pump(source, sink, change=lambda piece: piece):
    try:
        while piece := await source.read(65536):
            sink.write(change(piece))
            await sink.drain()
    except OSError:
        pass


async def both_ways(client, server, change=lambda piece: piece):
    """Until one of them has nothing more to say."""
    pumps = [pump(client[0], server[1], change), pump(server[0], client[1])]
    pumps = [asyncio.ensure_future(one) for one in pumps]
    await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    for one in pumps:
        one.cancel()


async def connect(client):
    head = await client[0].readuntil(b"\r\n\r\n")
    method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    if method != "CONNECT":
        client[1].write(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
        return
    server = await asyncio.open_connection("127.0.0.1", int(target.rsplit(":", 1)[1]))
    print("CONNECT", target, flush=True)
    client[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    try:
        await both_ways(client, server)
    finally:
        server[1].close()


def changed(piece):
    """Another version of Windows in the NEGOTIATE message: nobody minds but the MIC."""

    def other(match):
        message = bytearray(base64.b64decode(match[2]))
        message[32] ^= 1
        print("TAMPERED", flush=True)
        return match[1] + base64.b64encode(message)

    return re.sub(rb"(?i)(authorization: NTLM )(TlRMTVNTUAAB[A-Za-z0-9+/=]+)", other, piece)


def encrypt_anew(port, change):
    outgoing = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    outgoing.check_hostname = False
    outgoing.verify_mode = ssl.CERT_NONE

    async def serve(client):
        server = await asyncio.open_connection("127.0.0.1", port, ssl=outgoing)
        try:
            await both_ways(client, server, change)
        finally:
            server[1].close()

    return serve


async def main():
    incoming = None
    if sys.argv[1] == "connect":
        serve = connect
    else:
        change = changed if sys.argv[1] == "tamper" else (lambda piece: piece)
        serve = encrypt_anew(int(sys.argv[3]), change)
        incoming = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        incoming.load_cert_chain(sys.argv[2])

    async def guarded(*client):
        try:
            await serve(client)
        except (OSError, EOFError):
            pass
        finally:
            client[1].close()

    # One thread for all: OpenSSL's connections may not be read and written by two at a time.
    server = await asyncio.start_server(guarded, "127.0.0.1", 0, ssl=incoming)
    print("READY", server.sockets[0].getsockname()[1], flush=True)
    threading.Thread(target=mark, daemon=True).start()
    await server.serve_forever()


asyncio.run(main())

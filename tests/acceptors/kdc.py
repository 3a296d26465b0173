#!/usr/bin/env python3
"""An MIT KDC on this machine, with all it has in one folder; needs no privileges.

    kdc.py FOLDER PASSWORD

Prints "READY port". Then FOLDER holds krb5.conf, jdoe.keytab (of the user jdoe), http.keytab
(HTTP/localhost and HTTP/exch.contoso.test; of HTTP/stale.contoso.test an old key) and kdc.log. The
password of jdoe, expired and locked is PASSWORD; that of expired has, and locked may not log on.
"""
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

REALM = "CONTOSO.TEST"

# Names are canonicalised by DNS unless it is switched off, which it is not: the client under test
# must not depend on it.
CLIENT = """[libdefaults]
default_realm = {realm}
dns_lookup_kdc = false
dns_lookup_realm = false
udp_preference_limit = 1
[realms]
{realm} = {{
kdc = 127.0.0.1:{port}
}}
"""

SERVER = """[kdcdefaults]
kdc_listen = 127.0.0.1:{port}
kdc_tcp_listen = 127.0.0.1:{port}
[realms]
{realm} = {{
database_name = {folder}/principal
key_stash_file = {folder}/stash
acl_file = {folder}/kadm5.acl
max_life = 10h
supported_enctypes = aes256-cts-hmac-sha1-96:normal
default_principal_flags = +preauth
}}
[logging]
kdc = FILE:{folder}/kdc.log
"""


def tool(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") or name


def run(*command, text=None):
    done = subprocess.run(command, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        sys.exit(f"{command[0]}: {done.stdout}")


def main(folder, password):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    values = {"folder": folder, "realm": REALM, "port": port}
    for title, text in (("krb5.conf", CLIENT), ("kdc.conf", SERVER)):
        with open(os.path.join(folder, title), "w", encoding="utf-8") as file:
            file.write(text.format(**values))
    os.environ["KRB5_CONFIG"] = os.path.join(folder, "krb5.conf")
    os.environ["KRB5_KDC_PROFILE"] = os.path.join(folder, "kdc.conf")
    run(tool("kdb5_util"), "create", "-s", "-r", REALM, "-P", "master")
    services = [f"HTTP/{host}" for host in ("localhost", "exch.contoso.test", "stale.contoso.test")]
    run(
        tool("kadmin.local"),
        "-r",
        REALM,
        text="\n".join(
            [
                f'addprinc -pw "{password}" jdoe',
                f'addprinc -pw "{password}" -pwexpire 2020-01-01 expired',
                f'addprinc -pw "{password}" -allow_tix locked',
                f"ktadd -norandkey -k {folder}/jdoe.keytab jdoe",
                *(f"addprinc -randkey {service}" for service in services),
                f"ktadd -k {folder}/http.keytab {' '.join(services)}",
                "cpw -randkey HTTP/stale.contoso.test",
                "",
            ]
        ),
    )
    kdc = subprocess.Popen([tool("krb5kdc"), "-n"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        if kdc.poll() is not None:
            sys.exit("krb5kdc ended")
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.05)
    else:
        sys.exit("krb5kdc does not listen")
    print("READY", port, flush=True)
    # ends with the test that started it
    threading.Thread(target=lambda: (sys.stdin.read(), kdc.terminate()), daemon=True).start()
    kdc.wait()


main(*sys.argv[1:])

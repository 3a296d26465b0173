#!/bin/sh
# Lets logon servers that nobody here wrote judge this library: pyspnego, gss-ntlmssp, Samba and MIT
# krb5. Needs cargo, python3 and PyPI (or PIP_INDEX_URL); what else is absent is skipped, or an error
# with EXCHANGE_REQUIRE_ACCEPTORS=1. On Debian:
#
#   apt-get install gss-ntlmssp krb5-admin-server krb5-kdc krb5-user libssl-dev pkg-config \
#       python3-gssapi python3-venv winbind
#
# Arguments choose lines of the table, as in: run.sh Samba "wrong password"
#
# ACCEPTORS_CACHE  folder for the virtual environment (default: a folder in the user's cache)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${ACCEPTORS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/exchange-connector-acceptors}

# The system's own Python, for which python3-gssapi is made.
system=/usr/bin/python3
[ -x "$system" ] || system=python3
if ! "$cache/bin/python" -c 'import spnego, cryptography' 2>/dev/null; then
    "$system" -m venv --system-site-packages "$cache"
    "$cache/bin/pip" install --quiet 'pyspnego>=0.12,<1' 'cryptography>=42'
fi

EXCHANGE_ACCEPTORS_PYTHON=$cache/bin/python \
    exec cargo test --quiet --locked --manifest-path "$here/../../Cargo.toml" --all-features \
    --test acceptors -- "$@"

#!/bin/sh
# Starts the simulator and lets exchangelib check it: over Basic, over NTLM, with the scheme left
# to exchangelib, over TLS, found by Autodiscover, and as Exchange 2010. Then exchangelib and this library write events and
# messages into one mailbox and read each other's. Microsoft's SDK for Graph reads what this library writes over Graph,
# writes the same and more for itself, and this library reads that. Lets icalendar and recurring-ical-events check our iCalendar
# texts. Needs cargo, python3 and PyPI (or PIP_INDEX_URL).
#
# INTEROP_CACHE  folder for the virtual environment (default: a folder in the user's cache)
# INTEROP_XSD    an XSD of SOAP envelopes; where it is given, xmllint checks every answer with it
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${INTEROP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/exchange-connector-interop}
work=$(mktemp -d)
server=

stop() {
    if [ -n "$server" ]; then
        kill -INT "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
        server=
    fi
}
trap 'stop; rm -rf "$work"' EXIT

# What is installed once stays, until the list changes.
if ! cmp -s "$here/requirements.txt" "$cache/requirements.txt"; then
    python3 -m venv --clear "$cache"
    "$cache/bin/pip" install --quiet --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$cache/requirements.txt"
fi

manifest=$here/../../Cargo.toml
cargo build --quiet --manifest-path "$manifest" --features simulator --example simulator
target=$(cargo metadata --quiet --no-deps --format-version 1 --manifest-path "$manifest" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
cp "$target/debug/examples/simulator" "$work/simulator"

# The tests of this library, of which tests/it/interop/ is the other half of *_both_ways.py.
cargo test --quiet --manifest-path "$manifest" --all-features --test it --no-run \
    --message-format json >"$work/built"
python3 -c 'import json, sys
for line in open(sys.argv[1]):
    built = json.loads(line)
    if built.get("executable") and built["target"]["name"] == "it":
        print(built["executable"])' "$work/built" >"$work/path"
cp "$(tail -n 1 "$work/path")" "$work/it"

# start NAME SERVER-OPTION...
start() {
    name=$1
    shift
    mkdir "$work/$name" "$work/$name/answers"
    "$work/simulator" "$@" >"$work/$name/out" 2>"$work/$name/err" &
    server=$!
    tries=0
    until grep -q '^user carol' "$work/$name/out" 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -gt 100 ]; then
            echo "the simulator did not start:" >&2
            cat "$work/$name/err" >&2
            exit 1
        fi
        sleep 0.1
    done
    url=$(sed -n 's/^ews //p' "$work/$name/out")
    echo "== $name"
}

# The first line of the simulator for somebody, as ADDRESS:PASSWORD.
account() { sed -n "s/^user \($1@[^ ]*\) \(.*\)/\1:\2/p" "$work/$name/out"; }

# The first line of a person on Graph, as ADDRESS:TOKEN.
token() { sed -n "s/^token \($1@[^ ]*\) \(.*\)/\1:\2/p" "$work/$name/out"; }

# exchangelib SCRIPT SCHEME ARGUMENT...
exchangelib() {
    script=$1 scheme=$2
    shift 2
    "$cache/bin/python" "$here/$script" "$@" --url "$url" --auth "$scheme" \
        --user "$(account alice)" --other "$(account bob)" --dump "$work/$name/answers"
}

# Stops the server, and fails if anything was against a schema.
finish() {
    stop
    if grep -q '^violation' "$work/$name/err"; then
        cat "$work/$name/err" >&2
        exit 1
    fi
    if [ -n "${INTEROP_XSD:-}" ] && [ -n "$(ls "$work/$name/answers")" ]; then
        xmllint --noout --nonet --schema "$INTEROP_XSD" "$work/$name/answers"/*.xml 2>"$work/$name/xmllint" ||
            { grep -v ' validates$' "$work/$name/xmllint" >&2; exit 1; }
        echo "ok $(find "$work/$name/answers" -name '*.xml' | wc -l) answers are valid"
    fi
}

# check NAME SCHEME SERVER-OPTION...
check() {
    name=$1 scheme=$2
    shift 2
    case " $* " in
    *" --tls "*)
        start "$name" "$@" --ca-file "$work/$name.pem"
        exchangelib exchangelib_calendar.py "$scheme" --ca-file "$work/$name.pem"
        ;;
    *)
        start "$name" "$@"
        exchangelib exchangelib_calendar.py "$scheme"
        ;;
    esac
    finish
}

# discovered NAME SERVER-OPTION...
discovered() {
    start "$@" --tls --ca-file "$work/$1.pem"
    exchangelib exchangelib_autodiscover.py unset --ca-file "$work/$name.pem"
    finish
}

# A test of tests/it/interop/ against the server.
ours() {
    INTEROP_URL=$url INTEROP_USER=${INTEROP_USER:-$(account alice)} \
        INTEROP_OTHER=${INTEROP_OTHER:-$(account bob)} INTEROP_GRAPH=${INTEROP_GRAPH:-} \
        INTEROP_CA_FILE=${INTEROP_CA_FILE:-} \
        "$work/it" --quiet --ignored --exact "interop::$1" >"$work/$name/ours" 2>&1 ||
        { cat "$work/$name/ours" >&2; exit 1; }
    if ! grep -q '^test result: ok. 1 passed' "$work/$name/ours"; then
        echo "there is no test interop::$1" >&2
        exit 1
    fi
    echo "ok $1"
}

# both_ways NAME SERVER-OPTION...
both_ways() {
    start "$@" --auth basic
    for of in calendar mail; do
        ours $of::we_write
        exchangelib ${of}_both_ways.py basic reply
        ours $of::we_read
        exchangelib ${of}_both_ways.py basic answers
    done
    finish
}

# microsoft SCRIPT [STEP]: a script with Microsoft's SDK.
microsoft() {
    "$cache/bin/python" "$here/$1" ${2:+"$2"} --url "$url" --ca-file "$work/$name.pem" \
        --user "$(token alice)" --other "$(token bob)"
}

# A test of tests/it/interop/ over Graph.
ours_on_graph() {
    INTEROP_GRAPH=$url INTEROP_CA_FILE=$work/$name.pem INTEROP_USER=$(token alice) \
        INTEROP_OTHER=$(token bob) ours "$1"
}

# This library and Microsoft's SDK, which speaks to nobody without TLS.
graph() {
    start "$@" --auth basic --tls --ca-file "$work/$1.pem"
    url=$(sed -n 's/^graph //p' "$work/$name/out")
    microsoft msgraph_work.py
    for of in calendar mail; do
        ours_on_graph $of::we_write
        microsoft msgraph_$of.py reply
        ours_on_graph $of::we_read
        microsoft msgraph_$of.py answers
    done
    finish
}

# Our iCalendar text, read and expanded by others.
ical() {
    mkdir "$work/ical"
    echo "== ical"
    ICAL_INTEROP="$work/ical" cargo test --quiet --manifest-path "$manifest" --test it \
        ical::interop >"$work/ical/out" || { cat "$work/ical/out" >&2; exit 1; }
    "$cache/bin/python" "$here/ical_check.py" "$work/ical"
}

ical
check basic basic --auth basic
check ntlm ntlm --auth ntlm
check unset unset --auth negotiate,ntlm,basic
check tls ntlm --tls --auth ntlm
discovered autodiscover --auth ntlm,basic
discovered autodiscover-2010 --auth basic --version Exchange2010_SP2
check exchange2010 basic --auth basic --version Exchange2010_SP2
both_ways both-ways
both_ways both-ways-2010 --version Exchange2010_SP2
graph graph
echo "all checks passed"

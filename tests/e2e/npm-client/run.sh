#!/bin/sh
# run.sh MWS_SANDBOX WORK_DIR - installs the npm client, starts the sandbox, runs flow.js against it.
#
# The packages are installed in WORK_DIR (of the build) and reused while the lock file stays the same.
# npm is part of the test: without it the test fails and says so.
set -eu

sandbox=$1
work=$2
here=$(cd "$(dirname "$0")" && pwd)
process=

fail() {
    echo "npm-client: $1" >&2
    exit 1
}

stop() {
    if [ -n "$process" ]; then
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    fi
}

# Waits for the port file without sleeping blindly: the sandbox renames it into place.
wait_for_ports() {
    tries=0
    while [ ! -s "$work/ports" ]; do
        kill -0 "$process" 2>/dev/null || fail "the sandbox stopped: $(cat "$work/sandbox.log")"
        tries=$((tries + 1))
        [ "$tries" -le 200 ] || fail "the sandbox did not listen within 20 seconds"
        sleep 0.1
    done
}

command -v node >/dev/null || fail "node is not in PATH; install nodejs"
command -v npm >/dev/null || fail "npm is not in PATH; install npm"
mkdir -p "$work"
cp "$here/package.json" "$here/flow.js" "$work/"
if ! cmp -s "$here/package-lock.json" "$work/package-lock.json" || [ ! -d "$work/node_modules" ]; then
    cp "$here/package-lock.json" "$work/"
    if ! (cd "$work" && npm ci --no-audit --no-fund) >"$work/npm.log" 2>&1; then
        rm -f "$work/package-lock.json"
        fail "npm ci failed: $(tail -n 5 "$work/npm.log")"
    fi
fi

rm -f "$work/ports"
trap stop EXIT
"$sandbox" --tls-dir "$work/tls" --port-file "$work/ports" --quota off \
    --seller A1NPMSELLER:AKNPM:npm/secret+key 2>"$work/sandbox.log" &
process=$!
wait_for_ports
port=$(sed -n 's/^port=//p' "$work/ports")
control_port=$(sed -n 's/^control_port=//p' "$work/ports")

cd "$work"
SANDBOX_PORT=$port SANDBOX_CONTROL_PORT=$control_port SANDBOX_SELLER=A1NPMSELLER \
    SANDBOX_ACCESS_KEY=AKNPM SANDBOX_SECRET=npm/secret+key \
    NODE_EXTRA_CA_CERTS=$work/tls/ca.pem NODE_NO_WARNINGS=1 node flow.js

kill "$process"
wait "$process" || fail "the sandbox did not stop cleanly: $(cat "$work/sandbox.log")"
process=

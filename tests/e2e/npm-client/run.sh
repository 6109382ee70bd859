#!/bin/sh
# run.sh MWS_SANDBOX WORK_DIR - installs the npm packages, starts the sandbox, runs flow.js and
# notifications.js against it.
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

# Waits until the sandbox says in its log that it listens, and prints that line. tail ends when the
# sandbox does, or when nobody reads on.
listening() {
    timeout 20 tail --pid="$process" -n +1 -f "$work/sandbox.log" | sed -n '/event=listening/{p;q}'
}

command -v node >/dev/null || fail "node is not in PATH; install nodejs"
command -v npm >/dev/null || fail "npm is not in PATH; install npm"
mkdir -p "$work"
cp "$here/package.json" "$here/flow.js" "$here/notifications.js" "$work/"
if ! cmp -s "$here/package-lock.json" "$work/package-lock.json" || [ ! -d "$work/node_modules" ]; then
    cp "$here/package-lock.json" "$work/"
    if ! (cd "$work" && npm ci --no-audit --no-fund) >"$work/npm.log" 2>&1; then
        rm -f "$work/package-lock.json"
        fail "npm ci failed: $(tail -n 5 "$work/npm.log")"
    fi
fi

trap stop EXIT
: >"$work/sandbox.log"
"$sandbox" --tls-dir "$work/tls" --quota off \
    --seller A1NPMSELLER:AKNPM:npm/secret+key 2>"$work/sandbox.log" &
process=$!
line=$(listening)
[ -n "$line" ] || fail "the sandbox does not listen: $(cat "$work/sandbox.log")"
port=${line##* port=}
port=${port%% *}
control_port=${line##* control_port=}

cd "$work"
export SANDBOX_PORT="$port" SANDBOX_CONTROL_PORT="$control_port" SANDBOX_SELLER=A1NPMSELLER \
    SANDBOX_ACCESS_KEY=AKNPM SANDBOX_SECRET=npm/secret+key \
    NODE_EXTRA_CA_CERTS="$work/tls/ca.pem" NODE_NO_WARNINGS=1
node flow.js
node notifications.js

kill "$process"
wait "$process" || fail "the sandbox did not stop cleanly: $(cat "$work/sandbox.log")"
process=

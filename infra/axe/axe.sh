#!/usr/bin/env bash
# Row 18 of the scorecard: axe on every page, light and dark, 320 and 1280 pixels
# wide, in English and in Arabic. Needs node, npm and Chromium (Debian: chromium).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=$root/.cache/axe
port=${PORT:-8097}

fail() {
  echo "axe: $*" >&2
  exit 1
}

command -v npm >/dev/null || fail "npm is not installed (https://nodejs.org)"
CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || fail "Chromium is not installed (Debian: apt-get install chromium)"
export CHROMIUM
mkdir -p "$cache"
npm install --silent --ignore-scripts --no-save --no-audit --no-fund --prefix "$cache" axe-core@4.14.1 playwright-core@1.65.1 ||
  fail "npm could not install axe-core and playwright-core"

cd "$root"
data=$(mktemp -d)
go build -o "$cache/convoke" ./functions/local
"$cache/convoke" serve --data "$data" --listen "127.0.0.1:$port" --seed >"$cache/serve.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$data"' EXIT
for _ in $(seq 100); do
  curl -sf "http://127.0.0.1:$port/healthz" >/dev/null && break
  kill -0 "$server" 2>/dev/null || fail "convoke did not start; see $cache/serve.log"
  sleep 0.2
done
cp infra/axe/axe.mjs "$cache/"
node "$cache/axe.mjs" "http://127.0.0.1:$port"

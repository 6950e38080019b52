# A broker and two members on this computer, to try things with. Sourced by ./dev.

up_folder=""
up_broker=""

up() {
  local once=""
  case "${1:-}" in
    "") ;;
    --once) once=1 ;;
    *) die "up knows only --once, not '$1'" ;;
  esac
  need_sdk
  timed "restore" restore
  publish_binaries

  # Paths of unix sockets are short, so this cannot be below a clone that lies deep.
  up_folder=$(mktemp -d "${TMPDIR:-/tmp}/claudemesh-up.XXXXXX")
  trap stop_up EXIT
  trap 'exit 0' INT TERM
  local url
  url=http://127.0.0.1:$(free_port)
  start_broker "$url"
  exchange "$url"
  next_steps "$url"
  [[ -z $once ]] || return 0
  echo "Ctrl-C stops all of it and removes $up_folder."
  wait "$up_broker"
}

start_broker() {
  local log=$up_folder/broker.log left=300
  "$artifacts/claudemesh-broker" --listen "$1" --data "$up_folder/broker" >"$log" 2>&1 </dev/null &
  up_broker=$!
  until is_ready "${1##*:}"; do
    kill -0 "$up_broker" 2>/dev/null || { cat "$log" >&2; die "the broker did not start"; }
    left=$((left - 1))
    [[ $left -gt 0 ]] || { cat "$log" >&2; die "the broker was not ready within 30 s"; }
    sleep 0.1
  done
}

# Both ways; each message must be in the other's inbox, or this fails.
exchange() {
  local link
  show alice new demo --broker "$1" --as alice
  link=$(as alice invite --json=url | sed 's/.*"url":"\([^"]*\)".*/\1/')
  echo "alice\$ claudemesh invite"
  echo "  ${link:0:72}..."
  show bob join "$link" --as bob
  show alice send bob "Hello Bob, only you can read this." --wait delivered
  show bob inbox
  show bob send alice "Hello Alice, nor can the broker read this." --wait delivered
  show alice inbox
  as bob inbox | grep -q "Hello Bob" || die "bob did not get the message of alice"
  as alice inbox | grep -q "Hello Alice" || die "alice did not get the message of bob"
}

next_steps() {
  cat <<TEXT

The broker is at $1. Its first account, and the page with it:

  $(sed -n 's/^Set up: //p' "$up_folder/broker.log")

In another terminal:

  PATH="$artifacts:\$PATH"
  CLAUDEMESH_HOME=$up_folder/alice claudemesh peers
  CLAUDEMESH_HOME=$up_folder/alice claudemesh send bob "your words"
  CLAUDEMESH_HOME=$up_folder/bob claudemesh inbox --unread

TEXT
}

# as WHO VERB...
as() {
  local who=$1
  shift
  CLAUDEMESH_HOME=$up_folder/$who "$artifacts/claudemesh" "$@" </dev/null
}

# show WHO VERB...: as it looks in that person's terminal.
show() {
  local who=$1 word line="" status=0 printed
  shift
  for word in "$@"; do
    [[ ${#word} -le 72 ]] || word="${word:0:69}..."
    [[ $word != *" "* ]] || word="\"$word\""
    line+=" $word"
  done
  echo "$who\$ claudemesh$line"
  printed=$(as "$who" "$@" 2>&1) || status=$?
  sed 's/^/  /' <<<"$printed"
  [[ $status -eq 0 ]] || die "that failed with exit code $status; see $up_folder"
}

free_port() {
  local port
  for port in {7900..7999}; do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  die "no port between 7900 and 7999 is free"
}

is_ready() {
  local status=""
  { exec 3<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
  printf 'GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
  read -r status <&3 || true
  exec 3>&-
  [[ $status == *" 200 "* ]]
}

stop_up() {
  local status=$? who
  trap - EXIT INT TERM
  for who in alice bob; do
    [[ ! -e $up_folder/$who ]] || as "$who" daemon down >/dev/null 2>&1 || true
  done
  if [[ -n $up_broker ]]; then
    kill "$up_broker" 2>/dev/null || true
    wait "$up_broker" 2>/dev/null || true
  fi
  if [[ $status -eq 0 ]]; then
    rm -rf "$up_folder"
  else
    echo "dev: what happened is in $up_folder" >&2
  fi
  exit "$status"
}

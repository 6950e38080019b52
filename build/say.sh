# What the commands print. Sourced by ./dev.

die() {
  echo "dev: $*" >&2
  exit 1
}

# say_part SECONDS WORDS...: one line for a part that is done.
say_part() {
  local seconds=$1
  shift
  printf '  %5ss  %s\n' "$seconds" "$*"
}

# timed NAME COMMAND...: runs the command quietly; shows its output only when it fails, and then fails.
timed() {
  local name=$1 started=$SECONDS log status=0
  shift
  mkdir -p "$cache/logs"
  log=$cache/logs/${name//[^A-Za-z0-9]/-}.log
  # In the background, because there errexit still holds inside a function whose status is asked for.
  (set -e; "$@") >"$log" 2>&1 </dev/null &
  wait $! || status=$?
  if [[ $status -eq 0 ]]; then
    say_part $((SECONDS - started)) "$name"
    return 0
  fi
  say_part $((SECONDS - started)) "$name FAILED"
  # A compiler repeats each diagnostic in its summary: once is enough.
  { grep -E '(error|warning) [A-Z]+[0-9]+|error:' "$log" | sort -u | head -100; tail -15 "$log"; } >&2
  return 1
}

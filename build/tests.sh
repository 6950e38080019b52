# The tests: unit tests while the programs are published, then the tests of the published programs. Sourced by ./dev.

run_tests() {
  passed=0 failed=0 broken=0 flaky=()
  need_sdk
  local begun=$SECONDS
  need_watchers
  [[ ! $(test_projects "$@") =~ Broker\.Tests|EndToEnd ]] || start_postgres
  [[ ! $(test_projects "$@") =~ EndToEnd\.Page ]] || need_browser
  timed "restore" restore
  timed "build" dotnet build Claudemesh.slnx --no-restore -v q --nologo

  publish_binaries >"$cache/logs/publishing.txt" 2>&1 &
  local publishing=$! project
  for project in $(test_projects "$@" | grep -v EndToEnd || true); do
    run_project "$project"
  done
  if [[ $# -eq 0 ]] || is_named dashboard "$@"; then
    run_page_tests
  fi
  wait "$publishing" || broken=1
  cat "$cache/logs/publishing.txt"

  for project in $(test_projects "$@" | grep EndToEnd || true); do
    CLAUDEMESH_BINARIES=$artifacts run_project "$project"
  done
  [[ $passed -gt 0 ]] || { echo "dev: no test was run" >&2; broken=1; }
  say_part $((SECONDS - begun)) "all"
  [[ ${#flaky[@]} -eq 0 ]] || printf 'flaky, a bug to mend: %s failed, and passed when run again alone\n' "${flaky[@]}"
  echo "$passed passed, $failed failed"
  [[ $failed -eq 0 && $broken -eq 0 ]]
}

# test_projects [NAME ...]: those with a test in them, and with one of the names in their name.
test_projects() {
  local folder project
  for folder in tests/*.Tests; do
    project=$(basename "$folder")
    grep -rqsE --include='*.cs' '^\s*\[(Fact|Theory)' "$folder" || continue
    if [[ $# -eq 0 ]] || is_named "$project" "$@"; then
      echo "$project"
    fi
  done
}

# is_named PROJECT NAME ...: whether one of the names is in the project's, in any case.
is_named() {
  local project=${1,,} name
  shift
  for name in "$@"; do
    [[ $project != *"${name,,}"* ]] || return 0
  done
  return 1
}

# Each test project is a program; its last lines count what it ran.
run_project() {
  local project=$1 started=$SECONDS log status=0 line total bad skipped
  log=$cache/logs/$project.log
  bounded "tests/$project/bin/Debug/net10.0/$project" -noLogo -noColor >"$log" 2>&1 </dev/null || status=$?
  line=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+' "$log" | tail -1) || line=""
  total=$(count Total "$line")
  bad=$(($(count Failed "$line") + $(count Errors "$line")))
  skipped=$(($(count Skipped "$line") + $(count 'Not Run' "$line")))
  # A program that died before it could count has failed once.
  [[ $status -eq 0 || $bad -gt 0 ]] || bad=1
  [[ $bad -eq 0 ]] || { again "$project" "$log" && bad=0; }
  [[ $total -gt 0 ]] || { echo "dev: $project ran no test" >&2; broken=1; }
  local good=$((total - skipped - bad))
  [[ $good -ge 0 ]] || good=0
  passed=$((passed + good))
  failed=$((failed + bad))
  say_part $((SECONDS - started)) "$project: $good passed, $bad failed$([[ $skipped -eq 0 ]] || echo ", $skipped skipped")"
  # Read to the end: who is cut off by the reader of his pipe would end this script.
  [[ $bad -eq 0 ]] || { grep -A 40 -E '\[FAIL\]' "$log" || tail -40 "$log"; } | sed -n 1,200p
}

# The page's tests are run by node; its types and its style are looked at first.
run_page_tests() {
  local started=$SECONDS log=$cache/logs/dashboard.log status=0 good bad
  need_page_packages
  timed "page: types and style" npm run --prefix dashboard --silent check || broken=1
  bounded npm run --prefix dashboard --silent test >"$log" 2>&1 </dev/null || status=$?
  good=$(page_count pass "$log")
  bad=$(page_count fail "$log")
  [[ $status -eq 0 || $bad -gt 0 ]] || bad=1
  [[ $good -gt 0 || $bad -gt 0 ]] || { echo "dev: dashboard ran no test" >&2; broken=1; }
  passed=$((passed + good))
  failed=$((failed + bad))
  say_part $((SECONDS - started)) "dashboard: $good passed, $bad failed"
  [[ $bad -eq 0 ]] || { grep -A 30 -E '^ *✖ ' "$log" || tail -40 "$log"; } | sed -n 1,200p
}

page_count() {
  local number
  number=$(sed -n "s/^ℹ $1 \([0-9][0-9]*\)$/\1/p" "$2" | tail -1)
  echo "${number:-0}"
}

# again PROJECT LOG: runs the few tests that failed once more, alone. One that passes then depends on how busy the machine is:
# it is named at the end of the run, and does not hold up what has nothing to do with it. What is broken fails again.
again() {
  local names name filter=()
  names=$(sed -n 's/^ *\([A-Za-z_][A-Za-z0-9_.+]*\).* \[FAIL\]$/\1/p' "$2" | sort -u)
  [[ -n $names && $(wc -l <<<"$names") -le 3 ]] || return 1
  for name in $names; do filter+=(-method "$name"); done
  bounded "tests/$1/bin/Debug/net10.0/$1" -noLogo -noColor "${filter[@]}" >"$cache/logs/$1-again.log" 2>&1 </dev/null || return 1
  for name in $names; do flaky+=("$name"); done
  grep -A 20 -E '\[FAIL\]' "$2" | sed -n 1,60p
}

# bounded PROGRAM ...: ended when it takes much longer than the slowest machine needs: a hang must not hold up CI, and leaves its log to read.
bounded() {
  if command -v timeout >/dev/null; then
    timeout --kill-after=10 "${CLAUDEMESH_TEST_SECONDS:-900}" "$@"
  else
    "$@"
  fi
}

count() {
  local number
  number=$(sed -n "s/.*$1: \([0-9][0-9]*\).*/\1/p" <<<"$2")
  echo "${number:-0}"
}

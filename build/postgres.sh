# A PostgreSQL server of this clone's own, for tests and measurements. Sourced by ./dev.

postgres_folder=""

# start_postgres: sets CLAUDEMESH_TEST_POSTGRES to where it is; stopped when this script ends.
start_postgres() {
  [[ -z ${CLAUDEMESH_TEST_POSTGRES:-} ]] || return 0
  need_postgres
  # Paths of unix sockets are short, so this cannot be below a clone that lies deep.
  postgres_folder=$(mktemp -d "${TMPDIR:-/tmp}/claudemesh-pg.XXXXXX")
  trap stop_postgres EXIT
  trap 'exit 130' INT TERM
  timed "start postgresql" run_postgres
  CLAUDEMESH_TEST_POSTGRES=$(<"$postgres_folder/url")
  export CLAUDEMESH_TEST_POSTGRES
}

need_postgres() {
  [[ -n $(postgres_programs) ]] || install_packages postgresql
  [[ -n $(postgres_programs) ]] || die "PostgreSQL 14 or later is needed, and what was installed is not in /usr/lib/postgresql"
}

# The folder of the newest version there is.
postgres_programs() {
  local folder
  for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
    [[ -x $folder/initdb ]] && { echo "$folder"; return; }
  done
  command -v initdb >/dev/null && dirname "$(command -v initdb)" || true
}

# The server refuses to run as root.
as_postgres() {
  if [[ $(id -u) -eq 0 ]]; then
    (cd / && setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@")
  else
    "$@"
  fi
}

run_postgres() {
  local programs version port password
  programs=$(postgres_programs)
  version=$("$programs/postgres" --version)
  local data=$postgres_folder/data
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  echo "$password" >"$postgres_folder/password"
  [[ $(id -u) -ne 0 ]] || chown -R postgres:postgres "$postgres_folder"
  as_postgres "$programs/initdb" -D "$data" -U claudemesh --pwfile="$postgres_folder/password" \
    --auth-local=trust --auth-host=scram-sha-256 -E UTF8 --no-locale --no-instructions
  port=$(free_postgres_port)
  # fsync stays on: that what is acknowledged is on the disk is what is tested and measured.
  as_postgres "$programs/pg_ctl" -D "$data" -l "$postgres_folder/log" -w -t 60 \
    -o "-c port=$port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$postgres_folder -c max_connections=200" start
  echo "postgres://claudemesh:$password@127.0.0.1:$port/postgres?sslmode=disable" >"$postgres_folder/url"
  echo "$version on port $port"
}

free_postgres_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 10000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  die "no port of fifty tried is free"
}

stop_postgres() {
  local status=$?
  trap - EXIT INT TERM
  as_postgres "$(postgres_programs)/pg_ctl" -D "$postgres_folder/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$postgres_folder"
  exit "$status"
}

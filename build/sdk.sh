# The tools that a build needs. Sourced by ./dev.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# Build servers left behind would keep the machine's memory and this script's pipes.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0

need_sdk() {
  command -v dotnet >/dev/null || die "the .NET SDK is missing: install version $(wanted_sdk) from https://dot.net"
  dotnet --version >/dev/null 2>&1 || die "the .NET SDK does not fit global.json: install version $(wanted_sdk) from https://dot.net"
}

wanted_sdk() {
  sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' global.json
}

restore() {
  dotnet restore Claudemesh.slnx --locked-mode -v q
}

# Native AOT links with clang or gcc, and with zlib.
need_linker() {
  [[ $(uname -s)-$(uname -m) == Linux-x86_64 ]] || die "the programs are published on linux-x64; this is $(uname -s)-$(uname -m)"
  local missing=()
  command -v clang >/dev/null || command -v gcc >/dev/null || missing+=(gcc)
  [[ -e /usr/include/zlib.h ]] || missing+=(zlib1g-dev)
  [[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}"
}

# The tests watch the broker's system calls, run the examples of docs/rest.md, and under soak look into its memory.
need_watchers() {
  local missing=()
  command -v strace >/dev/null || missing+=(strace)
  command -v curl >/dev/null || missing+=(curl)
  [[ ${CLAUDEMESH_SOAK:-} != 1 ]] || command -v gcore >/dev/null || missing+=(gdb)
  [[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}"
}

# The tests of the page run in Chromium.
need_browser() {
  [[ -n ${CLAUDEMESH_TEST_CHROMIUM:-} || -x /usr/lib/chromium/chromium ]] || command -v chromium google-chrome >/dev/null || install_packages chromium
}

install_packages() {
  command -v apt-get >/dev/null || die "install these first: $*"
  local sudo=()
  [[ $(id -u) -eq 0 ]] || sudo=(sudo)
  timed "install $*" "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update && apt-get install -y --no-install-recommends $*" </dev/null
}

linker() {
  command -v clang >/dev/null && echo clang || echo gcc
}

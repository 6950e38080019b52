# The native programs: published by one build, kept by the hash of what they are made of. Sourced by ./dev.

# name and project of each program
programs() {
  cat <<'TEXT'
claudemesh        Claudemesh.Cli
claudemeshd       Claudemesh.Daemon
claudemesh-mcp    Claudemesh.Mcp
claudemesh-broker Claudemesh.Broker.Host
TEXT
}

project_of() {
  programs | awk -v name="$1" '$1 == name { print $2 }'
}

build() {
  local only=""
  if [[ ${1:-} == --only ]]; then
    only=${2:-}
    [[ -n $(project_of "$only") ]] || die "there is no program '$only'; there are: $(programs | awk '{ printf "%s ", $1 }')"
  elif [[ $# -gt 0 ]]; then
    die "build knows only --only NAME, not '$1'"
  fi
  need_sdk
  timed "restore" restore
  publish_binaries "$only"
  [[ -n $only && $only != claudemesh ]] || timed "manual pages" "$artifacts/claudemesh" man --all "$artifacts/man"
  ls -l "$artifacts" | awk '/^-/ { printf "  %8.1f MB  %s\n", $5 / 1048576, $9 }'
}

# publish_binaries [NAME]: brings artifacts/ up to date; what has not changed is left alone.
publish_binaries() {
  local only=${1:-} stale=() name project
  while read -r name project; do
    [[ -z $only || $only == "$name" ]] || continue
    is_current "$name" "$project" || stale+=("$name")
  done < <(programs)

  if [[ ${#stale[@]} -gt 0 ]]; then
    need_linker
    timed "publish ${stale[*]}" publish "${stale[@]}"
  else
    say_part 0 "publish: nothing changed"
  fi
  while read -r name project; do
    [[ -z $only || $only == "$name" ]] || continue
    gather "$name"
  done < <(programs)
}

is_current() {
  local kept=$cache/binaries/$1
  [[ -x $kept/$1 && -e $kept.inputs && $(<"$kept.inputs") == "$(inputs_hash "$2")" ]]
}

# One MSBuild run for all of them, so that the libraries they share are compiled once.
publish() {
  local name project projects="" hashes=()
  for name in "$@"; do
    project=$(project_of "$name")
    projects+="src/$project/$project.csproj;"
    hashes+=("$(inputs_hash "$project")")
    # What an earlier publish left would be gathered as if it belonged to this one.
    rm -rf "src/$project/bin/Release/net10.0/linux-x64/publish"
  done
  dotnet msbuild build/Programs.proj -nologo -v:m -m:2 "-p:Programs=\"${projects%;}\"" "-p:Linker=$(linker)" </dev/null
  local at=0
  for name in "$@"; do
    keep "$name" "src/$(project_of "$name")/bin/Release/net10.0/linux-x64/publish"
    echo "${hashes[at]}" >"$cache/binaries/$name.inputs"
    at=$((at + 1))
  done
}

# keep NAME PUBLISHED: the program and its libraries go to the cache, its symbols beside it.
keep() {
  local kept=$cache/binaries/$1
  rm -rf "$kept" "$kept.inputs"
  mkdir -p "$kept" "$cache/symbols"
  cp "$2/$1" "$kept/"
  find "$2" -maxdepth 1 -name '*.so' -exec cp -t "$kept" {} +
  find "$2" -maxdepth 1 -name '*.dbg' -exec mv -t "$cache/symbols" {} +
}

# A running program keeps its old file: each is replaced by rename, never written over.
gather() {
  local file target
  mkdir -p "$artifacts"
  for file in "$cache/binaries/$1"/*; do
    target=$artifacts/$(basename "$file")
    cmp -s "$file" "$target" && continue
    cp "$file" "$target.new"
    mv -f "$target.new" "$target"
  done
}

# inputs_hash PROJECT: of every file that the program is made of, and of what they are built with.
inputs_hash() {
  {
    dotnet_version
    linker
    local folder
    for folder in $(closure "$1"); do
      find "src/$folder" -type f -not -path '*/bin/*' -not -path '*/obj/*'
    done | LC_ALL=C sort | xargs -d '\n' sha256sum
    # The broker carries the page and the document of its routes.
    [[ $1 != Claudemesh.Broker.Host ]] || { page_inputs; sha256sum docs/openapi.json; }
    sha256sum Directory.Build.props Directory.Packages.props src/Directory.Build.props global.json build/Programs.proj
  } | sha256sum | cut -d' ' -f1
}

dotnet_version() {
  # Asking dotnet takes a quarter of a second, and this is asked for each program.
  sdk_version=${sdk_version:-$(dotnet --version)}
  echo "$sdk_version"
}

# closure PROJECT: it and every project it refers to, each once.
closure() {
  local -a open=("$1")
  local -A seen=()
  local project reference
  while [[ ${#open[@]} -gt 0 ]]; do
    project=${open[0]}
    open=("${open[@]:1}")
    [[ -z ${seen[$project]:-} ]] || continue
    seen[$project]=1
    while read -r reference; do
      open+=("$(basename "$reference" .csproj)")
    done < <(sed -n 's/.*<ProjectReference Include="\([^"]*\)".*/\1/p' "src/$project/$project.csproj")
  done
  printf '%s\n' "${!seen[@]}" | LC_ALL=C sort
}

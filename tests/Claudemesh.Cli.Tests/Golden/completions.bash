# claudemesh completion for bash: source <(claudemesh completions bash)
_claudemesh() {
  local line=${COMP_LINE:0:COMP_POINT} word="" part=${COMP_WORDS[COMP_CWORD]} before="" answer candidate
  local -a words=()
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] || { word=${words[${#words[@]}-1]}; unset "words[${#words[@]}-1]"; }
  [[ $part == [:=@] ]] && part=""
  before=${word%"$part"}
  COMPREPLY=()
  while IFS=$'\t' read -r candidate answer; do
    [[ $candidate == "$word"* ]] || continue
    candidate=${candidate#"$before"}
    COMPREPLY+=("$(printf '%q' "$candidate")")
  done < <("${words[0]}" __complete -- "${words[@]:1}" "$word" 2>/dev/null)
}
complete -F _claudemesh claudemesh

#compdef claudemesh
# claudemesh completion for zsh: source <(claudemesh completions zsh), after compinit
_claudemesh() {
  local line
  local -a names lines
  for line in "${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
    [[ -n $line ]] || continue
    names+=("${line%%$'\t'*}")
    lines+=("${line/$'\t'/  }")
  done
  (( $#names )) && compadd -l -d lines -a names
}
compdef _claudemesh claudemesh

namespace Claudemesh.Cli.Completions;

/// <summary>
/// What a shell must be told once. The scripts know nothing of the verbs: at each key they ask the program itself, so they never age.
/// </summary>
internal static class ShellScripts
{
    // Bash breaks words at ':', '=' and '@' too, and replaces only what stands after the last of them.
    private const string Bash = """
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

        """;

    private const string Zsh = """
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

        """;

    private const string Fish = """
        # claudemesh completion for fish: claudemesh completions fish | source
        function __claudemesh_complete
            set -l words (commandline -opc)
            $words[1] __complete -- $words[2..-1] (commandline -ct) 2>/dev/null
        end
        complete -c claudemesh -f -a '(__claudemesh_complete)'

        """;

    public static readonly IReadOnlyList<string> Shells = ["bash", "zsh", "fish"];

    public static string Of(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        _ => throw new ArgumentOutOfRangeException(nameof(shell), shell, "There is no such shell here."),
    };
}

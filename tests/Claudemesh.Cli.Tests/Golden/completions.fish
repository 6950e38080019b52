# claudemesh completion for fish: claudemesh completions fish | source
function __claudemesh_complete
    set -l words (commandline -opc)
    $words[1] __complete -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c claudemesh -f -a '(__claudemesh_complete)'

# Completion of switchboard for fish:
# switchboard complete fish > ~/.config/fish/completions/switchboard.fish

function __switchboard_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l current (commandline --current-token --cut-at-cursor)
    $words[1] complete --words $words[2..-1] "$current" 2>/dev/null
end

complete --command switchboard --keep-order --arguments '(__switchboard_complete)'

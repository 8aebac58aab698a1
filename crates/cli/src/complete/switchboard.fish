# Completion of switchboard for fish:
# switchboard complete fish > ~/.config/fish/completions/switchboard.fish

function __switchboard_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l current (commandline --current-token --cut-at-cursor)
    set -l found ($words[1] complete --words $words[2..-1] "$current" 2>/dev/null)
    # Files are offered where nothing else is known.
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path "$current"
    end
end

complete --command switchboard --no-files --keep-order --arguments '(__switchboard_complete)'

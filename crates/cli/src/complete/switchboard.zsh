#compdef switchboard
# Completion of switchboard for zsh: source <(switchboard complete zsh), behind compinit.

_switchboard() {
    local -a values shown
    local value text
    while IFS=$'\t' read -r value text; do
        values+=("$value")
        shown+=("$value${text:+  -- $text}")
    done < <("${words[1]}" complete --words "${(@Q)words[2,CURRENT]}" 2>/dev/null)
    if (( $#values )); then
        compadd -l -d shown -a values
    else
        _files
    fi
}
compdef _switchboard switchboard

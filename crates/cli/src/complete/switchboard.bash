# Completion of switchboard for bash: source <(switchboard complete bash)

_switchboard() {
    local line=${COMP_LINE:0:COMP_POINT} IFS=$'\n' words before i
    words=($("$1" complete --line "$line" 2>/dev/null))
    # bash parts words at : and = too and completes only the last part, so what stands before it is cut off.
    before=${line##*[[:space:]]}
    before=${before%"$2"}
    COMPREPLY=()
    for i in "${!words[@]}"; do
        COMPREPLY[i]=${words[i]#"$before"}
    done
}
complete -o default -F _switchboard switchboard

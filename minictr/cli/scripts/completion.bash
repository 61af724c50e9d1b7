# bash completion for minictr: asks the program itself. Source it, or install it as
# /usr/share/bash-completion/completions/minictr (make install does).
_minictr() {
	local IFS=$'\n'
	COMPREPLY=($("${COMP_WORDS[0]}" internal complete "${COMP_WORDS[@]:1:COMP_CWORD-1}" "${COMP_WORDS[COMP_CWORD]}" 2>/dev/null))
	[ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _minictr minictr

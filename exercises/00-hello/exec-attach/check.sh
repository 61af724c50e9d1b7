. "$(dirname "$0")/../../lib.sh"
running clerk
same "the program is still the same process" "$(kept pid)" "$(look clerk '{{.State.Pid}}')" "it was started anew"
same "the program has read its line and gone on" "sleep 77777" "$(tr '\0' ' ' <"/proc/$(kept pid)/cmdline" | sed 's/ $//')" \
	"exec starts another process; its keyboard is not the program's. attach connects you with the program"
same "/got" "$(word line)" "$(file_in clerk /got)"
same "/beside" "$(word beside)" "$(file_in clerk /beside)"

#!/bin/sh
# man.sh BIN_DIR OUT_DIR - manual pages, one for each command and program, made of what --help prints: what is not
# in a command's table cannot be promised here either. Sections 1 (minictr ...) and 8 (minictr-oci, minictrd).
set -eu
bin=$1 out=$2
version=$("$bin/minictr" --version | awk '{print $3}')
date=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%d)
mkdir -p "$out/man1" "$out/man8"
MINICTR_ROOT=/nonexistent; HOME=/nonexistent; export MINICTR_ROOT HOME
unset MINICTR_HOST DOCKER_HOST MINICTR_CONTEXT || :

# Help on stdin becomes roff: page NAME SECTION SUMMARY SEE_ALSO
page() {
	awk -v name="$1" -v section="$2" -v summary="$3" -v also="$4" -v date="$date" -v version="$version" '
	function esc(s) { gsub(/\\/, "\\e", s); gsub(/-/, "\\-", s); gsub(/'"'"'/, "\\(aq", s); sub(/^\./, "\\\\\\&.", s); return s }
	function end_block() { if (block) print ".fi\n.RE"; block = 0 }
	function start_block() { if (!block) print ".PP\n.RS 4\n.nf"; block = 1 }
	function heading(t) { end_block(); print ".SH " toupper(t); mode = tolower(t) }
	BEGIN {
		upper = toupper(name); title = name
		gsub(/ /, "-", upper); gsub(/ /, "-", title)
		print ".TH \"" esc(upper) "\" " section " \"" date "\" \"minictr " version "\" \"minictr\""
		print ".SH NAME\n" esc(title) " \\- " esc(summary)
	}
	/^[Uu]sage: / && !seen { seen = 1; heading("Synopsis"); sub(/^[Uu]sage: */, ""); print ".nf\n" esc($0); mode = "usage"; next }
	mode == "usage" && /^ +[a-z]/ { sub(/^ +/, ""); print esc($0); next }
	mode == "usage" { print ".fi"; heading("Description") ; mode = "text" }
	!seen { next }
	/^Aliases: / { end_block(); print ".PP"; print esc($0); next }
	/^Options:$/ { heading("Options"); next }
	/^Examples?:$/ { heading("Examples"); next }
	/^[A-Z][A-Za-z, ]*:$/ { t = $0; sub(/:$/, "", t); heading(t); mode = "block"; next }
	/^[a-z]+:$/ { t = $0; sub(/:$/, "", t); heading(t); mode = "block"; next }
	/^$/ { if (mode == "text") print ".PP"; else if (block) print ""; next }
	mode == "options" && /^ +-/ {
		sub(/^ +/, ""); at = match($0, /  +/); flag = at ? substr($0, 1, at - 1) : $0; text = at ? substr($0, at + RLENGTH) : ""
		print ".TP\n.B " esc(flag) "\n" esc(text); next
	}
	mode == "options" { sub(/^ +/, ""); print esc($0); next }
	mode == "text" { print esc($0); next }
	{ start_block(); sub(/^  /, ""); print esc($0) }
	END { end_block(); if (!seen) print ".SH SYNOPSIS\n.B minictr " esc(name) "\n.SH DESCRIPTION\n" esc(summary) "."; print ".SH SEE ALSO\n" also }' |
		gzip -9n >"$out/man$2/$(echo "$1" | tr ' ' -).$2.gz"
}

"$bin/minictr" --help >"$out/list"
# "  network create   Make a network": two blanks, one or two words, two blanks or more, the summary.
sed -n '/^Global flags/q; s/^  \([a-z][a-z -]*[a-z]\)  *\([A-Z].*\)$/\1|\2/p' "$out/list" | sed 's/ *|/|/' >"$out/commands"
others=$(cut -d'|' -f1 "$out/commands" | tr ' ' - | sed 's/.*/.BR minictr\\-& (1),/' | sed 's/\(minictr.*-\)/\1/')
also=".BR minictr (1)"
while IFS='|' read -r name summary; do
	case $name in
	lab|progress|tutorial|exercise|doctor) echo ;; # they answer --help by doing their work
	*) timeout 20 "$bin/minictr" $name --help </dev/null 2>/dev/null || : ;;
	esac | page "minictr $name" 1 "$summary" "$also"
done <"$out/commands"
sed 's/^Global flags, before the command:$/Options:/' "$out/list" | page minictr 1 "a container engine whose source is the textbook" "$others
.BR minictr\\-oci (8), minictrd (8)"
"$bin/minictr-oci" --help </dev/null | page minictr-oci 8 "run one container from a config.json (OCI runtime)" "$also"
[ ! -x "$bin/minictrd" ] || "$bin/minictrd" --help </dev/null | page minictrd 8 "serve the Docker Engine API on a socket" "$also"
rm -f "$out/list" "$out/commands"

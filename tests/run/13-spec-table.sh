#!/bin/sh
# 13-spec-table.sh - each test that tests/oci-spec.md names exists: a table that names nothing shows nothing.
. "$(dirname "$0")/lib.sh"
plan 2
table=$HERE/tests/oci-spec.md
# Rows name tests as: NN `name`; or: unit FILE `name`
grep -oE '(unit test_[a-z]+|\b[12][0-9]) `[^`]+`' "$table" >"$T/named"
missing=""
while read -r where rest; do
	name=${rest#*\`}; name=${name%\`}
	case $where in
	unit) file=$HERE/tests/unit/${rest%% *}.c ;;
	*) file=$(ls "$HERE"/tests/run/"$where"-*.sh 2>/dev/null | head -1) ;;
	esac
	grep -qF -- "$name" $(ls "$HERE"/tests/run/"$where"-*.sh 2>/dev/null) "$file" 2>/dev/null || missing="$missing; $where $name"
done <"$T/named"
check "every test that the table names exists" "$missing" = ""
check "the table names many" "$(wc -l <"$T/named")" -gt 70

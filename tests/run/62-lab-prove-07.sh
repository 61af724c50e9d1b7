#!/bin/sh
# 62-lab-prove-07.sh - labs 07, 08 prove themselves (prove.sh).
mine="07 08"
. "$(dirname "$0")/prove.sh"

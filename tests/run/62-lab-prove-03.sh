#!/bin/sh
# 62-lab-prove-03.sh - labs 03, 04, 05 prove themselves (prove.sh).
mine="03 04 05"
. "$(dirname "$0")/prove.sh"

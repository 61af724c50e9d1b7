#!/bin/sh
# 62-lab-prove-13.sh - labs 13, 06 prove themselves (prove.sh).
mine="13 06"
. "$(dirname "$0")/prove.sh"

#!/bin/sh
# 62-lab-prove-09.sh - labs 09, 10 prove themselves (prove.sh).
mine="09 10"
. "$(dirname "$0")/prove.sh"

#!/bin/sh
# 62-lab-prove-00.sh - labs 00, 01 prove themselves (prove.sh).
mine="00 01"
. "$(dirname "$0")/prove.sh"

#!/bin/sh
# 62-lab-prove-long.sh - the labs that take longest prove themselves (prove.sh).
mine="07 09 13"
. "$(dirname "$0")/prove.sh"

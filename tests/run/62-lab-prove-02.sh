#!/bin/sh
# 62-lab-prove-02.sh - lab 02 proves itself (prove.sh).
mine="02"
. "$(dirname "$0")/prove.sh"

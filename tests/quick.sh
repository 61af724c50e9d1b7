#!/bin/sh
# quick.sh - the fast part of the tests, for use before every commit: unit tests only, a few seconds.
cd "$(dirname "$0")/.." && make -s -j2 unit && exec sh tests/runner.sh test_

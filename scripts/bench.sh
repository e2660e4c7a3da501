#!/bin/sh
# bench.sh walk|recall [PART…]: measures the program as it is installed.
set -eu
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || { echo "usage: scripts/bench.sh walk|recall [PART...]" >&2; exit 2; }
name=$1
shift
GIT_ORCH=$(scripts/release.sh)
export GIT_ORCH
exec cargo bench --locked --bench "$name" -- "$@"

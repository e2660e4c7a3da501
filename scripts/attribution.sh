#!/bin/sh
# Measures on a real history how the gate recognises the work of an issue that lands under other
# commit ids, and how often it takes other work for it. Prints the table of docs/gate.md.
#
#   scripts/attribution.sh REPOSITORY [PAIRS]
set -eu
ORCH_HISTORY=$(cd "$1" && pwd)
ORCH_PAIRS=${2:-3000}
export ORCH_HISTORY ORCH_PAIRS
cd "$(dirname "$0")/.."
exec cargo test --locked --test attribution -- --ignored --nocapture on_a_history

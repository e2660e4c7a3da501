#!/usr/bin/env bash
# mutants.sh - take one safety step out of git-orch at a time, and show that the crash rig sees it.
# A safety test that no mistake can fail is worth nothing.
#
#   scripts/mutants.sh [NAME…]      those of tests/faults/mutants/, or all
#
# Each is a patch whose head says which command and mode catch it. All are applied to one copy,
# never here, and built once; GIT_ORCH_MUTANT then says which step is left out. The first row is
# the control: the same program with every step, in which nothing may fail.
# MUTANT_SECONDS bounds the search for a failing point (120; 0: every point), MUTANT_TARGET names a
# target folder to build in, MUTANT_WORK a folder on a real disk. Exit: 0 every one was caught.
set -u
cd "$(dirname "$0")/.."
top=$PWD
work=$(mktemp -d "${MUTANT_WORK:-${TMPDIR:-/tmp}}/mutants.XXXXXX") || exit 3
copy=$work/copy
trap 'git -C "$top" worktree remove --force "$copy" 2> /dev/null; rm -rf "$work"' EXIT
git worktree add -q --detach "$copy" HEAD || exit 3
export CARGO_TARGET_DIR=${MUTANT_TARGET:-$work/target}

for patch in tests/faults/mutants/*.patch; do
    git -C "$copy" apply "$top/$patch" || { echo "mutants.sh: $patch does not apply" >&2; exit 3; }
done
cat >> "$copy/src/lib.rs" << 'RUST'

/// Whether the safety step of this name is left out.
pub fn mutant(name: &str) -> bool {
    std::env::var("GIT_ORCH_MUTANT").is_ok_and(|out| out == name)
}
RUST
(cd "$copy" && cargo build --locked --quiet) || { echo "mutants.sh: the mutants do not build" >&2; exit 3; }

[ $# -gt 0 ] || set -- $(cd tests/faults/mutants && ls | sed -n 's/\.patch$//p')
missed=0
printf '%-16s %-10s %-10s %s\n' 'left out' command mode verdict
try() { # name case mode
    GIT_ORCH_MUTANT=$1 scripts/faults.sh --full --first --program "$CARGO_TARGET_DIR/debug/git-orch" \
        --case "$2" --mode "$3" --seconds "${MUTANT_SECONDS:-120}" --work "$work/$1" > "$work/said" 2>&1
    local code=$? row
    row=$(awk -v c="$2" '$1 == c && NF == 7 {print $6 " of " $4 " points tried failed (there are " $3 ")"}' "$work/said")
    case $1:$code:$(grep -c skipped "$work/said") in
    nothing:0:0) echo "holds: $row" ;;
    nothing:*) echo "FAILS: $(tail -1 "$work/said")" ;;
    *:1:*) echo "caught: ${row:-it does not work at all}" ;;
    *:0:0) echo "MISSED: $row" ;;
    *) echo "skipped: $(grep -m1 skipped "$work/said")" ;;
    esac
}
for name in nothing "$@"; do
    patch=$top/tests/faults/mutants/$name.patch
    case=next mode=kill
    if [ "$name" != nothing ]; then
        case=$(sed -n 's/^case: //p' "$patch") mode=$(sed -n 's/^mode: //p' "$patch")
    fi
    verdict=$(try "$name" "$case" "$mode")
    case $verdict in caught* | skipped* | holds*) ;; *) missed=$((missed + 1)) ;; esac
    printf '%-16s %-10s %-10s %s\n' "$name" "$case" "$mode" "$verdict"
done
[ "$missed" = 0 ]

#!/usr/bin/env bash
# mutants.sh - take one safety step out of git-orch at a time, and show that the crash rig sees it.
# A safety test that no mistake can fail is worth nothing.
#
#   scripts/mutants.sh [NAME…]      those of tests/faults/mutants/, or all
#
# Each is a patch whose head says which command and mode catch it. It is applied to a copy, never
# here. MUTANT_SECONDS bounds the search for a failing point (0: every point). Exit: 0 every one was caught.
set -u
cd "$(dirname "$0")/.."
top=$PWD
work=$(mktemp -d "${TMPDIR:-/tmp}/mutants.XXXXXX") || exit 3
copy=$work/copy
trap 'git -C "$top" worktree remove --force "$copy" 2> /dev/null; rm -rf "$work"' EXIT
git worktree add -q --detach "$copy" HEAD || exit 3
export CARGO_TARGET_DIR=${MUTANT_TARGET:-$work/target}

[ $# -gt 0 ] || set -- $(cd tests/faults/mutants && ls | sed -n 's/\.patch$//p')
missed=0
printf '%-22s %-14s %-10s %s\n' mutant command mode verdict
for name; do
    patch=$top/tests/faults/mutants/$name.patch
    case=$(sed -n 's/^case: //p' "$patch") mode=$(sed -n 's/^mode: //p' "$patch")
    git -C "$copy" checkout -q -- .
    verdict=
    if ! git -C "$copy" apply "$patch" 2> "$work/said"; then
        verdict="DOES NOT APPLY: $(head -1 "$work/said")"
    elif ! (cd "$copy" && cargo build --locked --quiet 2> "$work/said"); then
        verdict="DOES NOT BUILD: $(grep -m1 '^error' "$work/said")"
    else
        said=$(scripts/faults.sh --full --program "$CARGO_TARGET_DIR/debug/git-orch" --case "$case" \
            --mode "$mode" --seconds "${MUTANT_SECONDS:-0}" 2>&1)
        case $?:$said in
        1:*) verdict="caught: $(printf '%s\n' "$said" | awk -v c="$case" '$1 == c && NF == 7 {print $6 " of " $4 " points failed"; f = 1} END {if (!f) print "it does not work at all"}')" ;;
        0:*skipped*) verdict="skipped: $(printf '%s\n' "$said" | grep -m1 skipped)" ;;
        *) verdict="MISSED: $(printf '%s\n' "$said" | tail -1)" ;;
        esac
    fi
    case $verdict in caught* | skipped*) ;; *) missed=$((missed + 1)) ;; esac
    printf '%-22s %-14s %-10s %s\n' "$name" "$case" "$mode" "$verdict"
done
[ "$missed" = 0 ]

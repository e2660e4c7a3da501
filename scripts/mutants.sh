#!/usr/bin/env bash
# mutants.sh - take one safety step out of git-orch at a time, and show that the crash rig, or a test
# of tests/faults, sees it. A safety test that no mistake can fail is worth nothing.
#
#   scripts/mutants.sh [NAME…]      those of tests/faults/mutants/, or all
#   scripts/mutants.sh --check      only: does each patch apply to the source as it is, and does it
#                                   name a command, mode or test that there is? Seconds.
#
# Each is a patch whose head says what catches it: `case:` and `mode:` of scripts/faults.sh, or
# `test:`, one of `cargo test --test faults`. All are applied to one copy, never here, and built
# once; a file beside the program then says which step is left out. First comes the control: every
# row and every test that a mutant is tried with, with every step in place. Nothing may fail there.
#
# caught   points were tried and did not recover, or the test failed
# MISSED   it was tried and everything held
# ERROR    nothing was shown: the world could not be set up, nothing ran, no such test
# skipped  what it needs is not here (root, loop devices)
#
# MUTANT_SECONDS bounds the search for a failing point (120; 0: every point), MUTANT_TARGET names a
# target folder to build in, MUTANT_WORK a folder on a real disk.
# Exit: 0 every one was caught or skipped and the control holds, 1 one was missed or the control
# fails, 3 something was in error.
set -u
cd "$(dirname "$0")/.."
top=$PWD
mutants=$top/tests/faults/mutants
work=$(mktemp -d "${MUTANT_WORK:-${TMPDIR:-/tmp}}/mutants.XXXXXX") || exit 3
copy=$work/copy
trap 'git -C "$top" worktree remove --force "$copy" 2> /dev/null; rm -rf "$work"' EXIT

field() { sed -n "1,/^\$/s/^$2: //p" "$mutants/$1.patch"; } # mutant name
all() { (cd "$mutants" && ls | sed -n 's/\.patch$//p'); }
wrong=0
complain() { printf 'ERROR    %-16s %s\n' "$1" "$2" >&2; wrong=$((wrong + 1)); }

# Applies every patch to the source in a folder and says what is wrong with one.
apply() { # folder
    local name case mode test cases
    cases=" $(tests/faults/case.sh list | tr '\n' ' ') "
    for name in $(all); do
        (cd "$1" && GIT_CEILING_DIRECTORIES=$(dirname "$1") git apply "$mutants/$name.patch") ||
            complain "$name" "does not apply"
        grep -q "crate::mutant(\"$name\")" "$mutants/$name.patch" || complain "$name" "takes nothing out"
        case=$(field "$name" case) mode=$(field "$name" mode) test=$(field "$name" test)
        case $case:$mode:$test in
        ::*::*)
            grep -qs "fn ${test#*::}()" "tests/faults/${test%%::*}.rs" || complain "$name" "there is no test $test" ;;
        ?*:?*:)
            case $cases in *" $case "*) ;; *) complain "$name" "there is no command $case" ;; esac
            grep -q "^ *$mode)\|^ *$mode |\|| $mode)\|| $mode |" scripts/faults.sh || complain "$name" "there is no mode $mode" ;;
        *) complain "$name" "does not say what catches it" ;;
        esac
    done
}

if [ "${1:-}" = --check ]; then
    mkdir "$copy" && cp -R src "$copy/src" || exit 3
    apply "$copy"
    [ "$wrong" = 0 ] || exit 3
    echo "$(all | wc -l) mutants apply, and each names what catches it"
    exit 0
fi
[ $# -gt 0 ] || set -- $(all)
for name; do
    [ -e "$mutants/$name.patch" ] || { echo "mutants.sh: no mutant $name" >&2; exit 3; }
done
export CARGO_TARGET_DIR=${MUTANT_TARGET:-$work/target}
git worktree add -q --detach "$copy" HEAD || exit 3
apply "$copy"
[ "$wrong" = 0 ] || exit 3
cat >> "$copy/src/lib.rs" << 'RUST'

/// Whether the safety step of this name is left out.
pub fn mutant(name: &str) -> bool {
    static OUT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let read = || {
        let program = std::env::current_exe().unwrap_or_default();
        // Tests lie in a folder below that of the program.
        let read = |folder: &std::path::Path| std::fs::read_to_string(folder.join("mutant")).ok();
        program.ancestors().skip(1).take(2).find_map(read).unwrap_or_default()
    };
    OUT.get_or_init(read) == name
}
RUST
out=$CARGO_TARGET_DIR/debug/mutant
rm -f "$out"
(cd "$copy" && cargo build --locked --quiet && cargo test --locked --quiet --test faults --no-run) > "$work/built" 2>&1 ||
    { tail -30 "$work/built" >&2; echo "mutants.sh: the mutants do not build" >&2; exit 3; }

# Tries what is to catch a mutant: "verdict: what was seen".
row() { # case mode work
    scripts/faults.sh --full --first --program "$CARGO_TARGET_DIR/debug/git-orch" \
        --case "$1" --mode "$2" --seconds "${MUTANT_SECONDS:-120}" --work "$3" > "$work/said" 2>&1
    local code=$? tried bad points
    read -r points tried bad < <(awk -v c="$1" '$1 == c && NF == 7 {print $3, $4, $6}' "$work/said")
    if grep -q '^skipped' "$work/said"; then
        echo "skipped: $(grep -m1 '^skipped' "$work/said" | sed 's/^skipped: //')"
    elif [ -z "${tried:-}" ] || [ "$tried" = 0 ]; then
        echo "ERROR: $(grep -m1 'could not run' "$work/said" || tail -1 "$work/said")"
    elif [ "$bad" != 0 ]; then
        echo "failed: $bad of $tried points tried did not recover (there are $points)"
    elif [ "$code" = 0 ]; then
        echo "held: $tried points tried (there are $points), all recovered"
    else
        echo "ERROR: $(tail -1 "$work/said")"
    fi
}
one_test() { # test
    (cd "$copy" && cargo test --locked --quiet --test faults -- --exact "$1") > "$work/said" 2>&1
    local passed failed
    read -r passed failed < <(sed -n 's/^test result: .* \([0-9]*\) passed; \([0-9]*\) failed.*/\1 \2/p' "$work/said")
    case ${passed:-0}:${failed:-0} in
    0:1) echo "failed: $(grep -A1 -m1 'panicked at' "$work/said" | tail -1 | cut -c1-90)" ;;
    1:0) echo "held: it passes" ;;
    *) echo "ERROR: $(tail -1 "$work/said")" ;;
    esac
}
try() { # the mutant that is tried, and the one whose row or test it is
    local test
    test=$(field "$2" test)
    printf '%s' "$1" > "$out"
    if [ -n "$test" ]; then one_test "$test"; else row "$(field "$2" case)" "$(field "$2" mode)" "$work/rows/$1-$2"; fi
    rm -f "$out"
}
missed=0
say() { printf '%-16s %-26s %s\n' "$1" "$2" "$3"; }
by() { test=$(field "$1" test); [ -z "$test" ] && echo "$(field "$1" case) $(field "$1" mode)" || echo "${test%%::*} (test)"; }
say 'left out' 'tried with' verdict
tried=' '
for name; do
    what=$(field "$name" test)$(field "$name" case):$(field "$name" mode)
    case $tried in *" $what "*) continue ;; esac
    tried="$tried$what "
    said=$(try nothing "$name")
    case $said in
    held*) said="holds: ${said#held: }" ;;
    failed*) said="FAILS: ${said#failed: }" missed=$((missed + 1)) ;;
    ERROR*) wrong=$((wrong + 1)) ;;
    esac
    say nothing "$(by "$name")" "$said"
done
for name; do
    said=$(try "$name" "$name")
    case $said in
    held*) said="MISSED: ${said#held: }" missed=$((missed + 1)) ;;
    failed*) said="caught: ${said#failed: }" ;;
    ERROR*) wrong=$((wrong + 1)) ;;
    esac
    say "$name" "$(by "$name")" "$said"
done
[ "$wrong" = 0 ] || exit 3
[ "$missed" = 0 ]

#!/usr/bin/env bash
# long.sh - what takes too long for every change: before a release, or over night.
#
#   scripts/long.sh [tests] [fuzz] [mutants] [matrix]     these parts, or all
#
#   tests     the tests of tests/faults with their large counts: 24 processes with 60 completions
#             each, 16 whole lives side by side, 60 random walks
#   fuzz      every target of fuzz/ for 60 seconds, or FUZZ_SECONDS (needs cargo-fuzz)
#   mutants   every safety step taken out once (scripts/mutants.sh)
#   matrix    every point of every command in every mode (scripts/faults.sh --full); hours.
#             MATRIX holds further options, such as MATRIX='--every 10'
#
# A part that cannot run here says so. Exit: 0 everything that ran was well.
set -u
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- tests fuzz mutants matrix
bad=0
part() { # name command
    local name=$1 from=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    if "$@"; then printf '   %s: well, %d s\n' "$name" $((SECONDS - from)); else
        printf '   %s: NOT WELL, %d s\n' "$name" $((SECONDS - from))
        bad=1
    fi
}
fuzz() {
    if ! cargo fuzz --version > /dev/null 2>&1; then
        echo 'skipped: cargo-fuzz is not here (cargo install cargo-fuzz)'
        return
    fi
    local target code=0
    # The stable toolchain takes the flags that the fuzzer needs with this. No sanitizer: the program
    # has no unsafe code, and the build would take half an hour instead of minutes.
    export RUSTC_BOOTSTRAP=1
    for target in $(cd fuzz/fuzz_targets && ls | sed 's/\.rs$//'); do
        # Finds are written beside the corpus that is kept, never into it.
        mkdir -p "fuzz/found/$target"
        if said=$(cd fuzz && cargo fuzz run --dev --sanitizer none "$target" "found/$target" "corpus/$target" -- \
            -max_total_time="${FUZZ_SECONDS:-60}" 2>&1); then
            printf '%-12s %s\n' "$target" "$(printf '%s\n' "$said" | grep '^Done' | tail -1)"
        else
            printf '%-12s %s\n' "$target" "$(printf '%s\n' "$said" | tail -15)"
            code=1
        fi
    done
    return $code
}
for name; do
    case $name in
    tests) part tests env GIT_ORCH_TESTS=full cargo test --locked --test faults ;;
    fuzz) part fuzz fuzz ;;
    mutants) part mutants scripts/mutants.sh ;;
    # shellcheck disable=SC2086
    matrix) part matrix scripts/faults.sh --full ${MATRIX:-} ;;
    *) sed -n '2,/^set -u/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 2 ;;
    esac
done
exit $bad

#!/bin/sh
# Sets up what the tests need and runs all of them: the README's second command.
set -eu
cd "$(dirname "$0")/.."

need() {
    command -v "$1" >/dev/null 2>&1 && return
    echo "error: $1 is not on PATH" >&2
    echo "  fix: $2" >&2
    exit 3
}
need cargo "install a Rust toolchain, 1.89 or newer"
need git "install git 2.34 or newer"
command -v cc >/dev/null 2>&1 || need gcc "install a C compiler (libgit2 is built from source)"

exec cargo test --locked --no-fail-fast "$@"

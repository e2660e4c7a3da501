#!/bin/sh
# Builds the program as it is installed, and prints where it is.
#
# git waits while a hook starts the program, and loading shared libraries and moving addresses is
# most of that start. So where the C library can be linked in, as on Debian, Ubuntu and Arch, the
# program is one file that needs nothing else and stands at a fixed address, as Go's programs do;
# elsewhere it is what cargo makes by itself.
set -eu
cd "$(dirname "$0")/.."

built=${CARGO_TARGET_DIR:-target}
host=$(rustc -vV | sed -n 's/^host: //p')
probe=$(mktemp -d)
trap 'rm -rf "$probe"' EXIT
echo 'int main(void) { return 0; }' >"$probe/main.c"

case $host in
*-linux-gnu) cc -static -no-pie -o "$probe/main" "$probe/main.c" 2>"$probe/said" && whole=1 || whole='' ;;
*) whole='' ;;
esac
case $built in
/*) ;;
*) built=$PWD/$built ;;
esac
if [ -n "$whole" ]; then
    # By the command line: what the user's own configuration sets besides still holds.
    flags='["-C", "target-feature=+crt-static", "-C", "relocation-model=static"]'
    LIBZ_SYS_STATIC=1 cargo build --release --locked --target "$host" \
        --config "target.$host.rustflags = $flags" >&2
    program=$built/$host/release/git-orch
    # Some linkers make programs of this kind that do not start (mold 1.10 does).
    if "$program" --version >"$probe/said" 2>&1; then
        echo "$program"
        exit
    fi
    echo "note: the linker cannot make the program in one piece; building it again with shared libraries" >&2
fi
cargo build --release --locked >&2
echo "$built/release/git-orch"

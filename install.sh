#!/bin/sh
# Installs git-orch: the program, its manual page and its completions, under a prefix.
# Takes a binary that lies beside this script, or builds one. Run again, it changes nothing.
set -eu

usage() {
    cat <<'TXT'
usage: ./install.sh [--prefix DIR] [--demo | --uninstall]

  --prefix DIR   where to install (default: ~/.local)
  --demo         install, then watch one issue walk from opening to archive
  --uninstall    take out what was installed under the prefix
TXT
}

fail() {
    echo "error: $1" >&2
    echo "  fix: $2" >&2
    exit 3
}

prefix=${HOME:-}/.local demo='' uninstall=''
while [ $# -gt 0 ]; do
    case $1 in
    --prefix)
        [ $# -gt 1 ] || { usage >&2; exit 2; }
        prefix=$2
        shift
        ;;
    --prefix=*) prefix=${1#--prefix=} ;;
    --demo) demo=1 ;;
    --uninstall) uninstall=1 ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
    esac
    shift
done
case $prefix in
/*) ;;
/.local) fail "HOME is not set" "./install.sh --prefix DIR" ;;
*) prefix=$PWD/$prefix ;;
esac

source=$(cd "$(dirname "$0")" && pwd)
program=$prefix/bin/git-orch
manual=$prefix/share/man/man1/git-orch.1
bash_file=$prefix/share/bash-completion/completions/git-orch
zsh_file=$prefix/share/zsh/site-functions/_git-orch
fish_file=$prefix/share/fish/vendor_completions.d/git-orch.fish

if [ -n "$uninstall" ]; then
    for file in "$program" "$manual" "$bash_file" "$zsh_file" "$fish_file"; do
        if [ -e "$file" ]; then
            rm -f "$file"
            echo "removed $file"
        fi
        # Folders that are empty now were made for these files, or are missed by nobody.
        folder=$(dirname "$file")
        while [ "$folder" != "$prefix" ] && rmdir "$folder" 2>/dev/null; do
            folder=$(dirname "$folder")
        done
    done
    exit 0
fi

command -v git >/dev/null 2>&1 || fail "git is not on PATH" "install git 2.34 or newer"
version=$(git version | sed 's/git version //')
major=${version%%.*} rest=${version#*.}
minor=${rest%%.*}
if [ "$major" -lt 2 ] || { [ "$major" -eq 2 ] && [ "$minor" -lt 34 ]; }; then
    fail "git $version is too old" "install git 2.34 or newer"
fi

if [ -x "$source/git-orch" ]; then
    built=$source/git-orch
    echo "taking the program beside this script"
else
    command -v cargo >/dev/null 2>&1 || fail "cargo is not on PATH" "install a Rust toolchain, 1.89 or newer"
    command -v cc >/dev/null 2>&1 || fail "there is no C compiler (cc)" "install one: libgit2 is built from source"
    echo "building (a few minutes the first time)"
    built=$("$source/scripts/release.sh")
fi

# put FROM TO MODE: whole or not at all, and only when something differs.
put() {
    if [ -e "$2" ] && cmp -s "$1" "$2"; then
        echo "up to date: $2"
        return
    fi
    mkdir -p "$(dirname "$2")"
    cp "$1" "$2.new"
    chmod "$3" "$2.new"
    mv -f "$2.new" "$2"
    echo "installed $2"
}

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$built" man >"$made/man"
"$built" completions bash >"$made/bash"
"$built" completions zsh >"$made/zsh"
"$built" completions fish >"$made/fish"
put "$built" "$program" 755
put "$made/man" "$manual" 644
put "$made/bash" "$bash_file" 644
put "$made/zsh" "$zsh_file" 644
put "$made/fish" "$fish_file" 644

case :${PATH}: in
*:"$prefix/bin":*) ;;
*)
    echo "note: $prefix/bin is not on PATH; add this line to your shell's start-up file:"
    echo "  export PATH=\"$prefix/bin:\$PATH\""
    ;;
esac

if [ -n "$demo" ]; then
    echo
    "$program" demo
fi

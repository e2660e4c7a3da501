#!/bin/bash
# What the gate costs, beside no hooks, a trivial hook and other managers whose hooks do nothing,
# all in one run: processor time (user and system) of git and everything that it starts, the least
# of some rounds, and as a multiple of git without hooks. Processor time, because a loaded machine
# stretches the clock but hardly this.
#
#   benches/gate.sh [ROUNDS]        uses the program as it is installed, or $GIT_ORCH
#
# lefthook, prek and pre-commit take part where PATH has them (npm: lefthook; PyPI: prek, pre-commit).
set -eu
rounds=${1:-3}
here=$(cd "$(dirname "$0")/.." && pwd)
program=${GIT_ORCH:-$("$here/scripts/release.sh")}
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
mkdir "$top/bin" "$top/home"
ln -s "$program" "$top/bin/git-orch"
export PATH="$top/bin:$PATH" HOME="$top/home" GIT_CONFIG_NOSYSTEM=1 LC_ALL=C
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org
export GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE
hooks="reference-transaction pre-push pre-merge-commit pre-rebase prepare-commit-msg"

# A remote with 5,000 branches, and one with 1,000 more.
git init -q --bare -b main "$top/many.git"
git init -q -b main "$top/seed"
cd "$top/seed"
for n in $(seq 1 200); do echo "value_$n = compute($n)" >"file_$n.py"; done
git add . && git commit -qm Begin
git push -q "$top/many.git" main
git clone -q --bare "$top/many.git" "$top/more.git"
tip=$(git rev-parse main)
for n in $(seq 1 5000); do echo "create refs/heads/topic/$n $tip"; done | git -C "$top/many.git" update-ref --stdin
for n in $(seq 1 1000); do echo "create refs/heads/other/$n $tip"; done | git -C "$top/more.git" update-ref --stdin
git -C "$top/many.git" pack-refs --all
git -C "$top/more.git" pack-refs --all

# Prints milliseconds of processor time that "$@" takes.
TIMEFORMAT='%3U %3S'
cost() {
    { time "$@" >/dev/null 2>&1; } 2>&1 | awk '{ printf "%d\n", ($1 + $2) * 1000 }'
}

manager() {
    case $1 in
    none) ;;
    sh) for hook in $hooks; do printf '#!/bin/sh\nexit 0\n' >".git/hooks/$hook" && chmod +x ".git/hooks/$hook"; done ;;
    native) for hook in $hooks; do cp /bin/true ".git/hooks/$hook"; done ;;
    lefthook)
        printf 'output: false\n' >lefthook.yml
        for hook in pre-push pre-merge-commit pre-rebase prepare-commit-msg pre-commit; do
            printf '%s:\n  commands:\n    nothing:\n      run: "true"\n' "$hook" >>lefthook.yml
        done
        lefthook install ;;
    prek | pre-commit)
        cat >.pre-commit-config.yaml <<'YAML'
repos:
- repo: local
  hooks:
  - {id: nothing, name: nothing, entry: "true", language: system, always_run: true, pass_filenames: false,
     stages: [pre-commit, pre-push, pre-merge-commit, pre-rebase, prepare-commit-msg]}
YAML
        for hook in pre-commit pre-push pre-merge-commit pre-rebase prepare-commit-msg; do
            "$1" install -t "$hook"
        done ;;
    git-orch | standard)
        if [ "$1" = standard ]; then git-orch init --yes --level standard; else git-orch init --yes; fi
        git-orch new-issue 81 --title Work --yes ;;
    esac
    # An issue with 200 commits of ten lines, which everything on main is compared with.
    # Only git-orch is to see them being made.
    quiet=''
    [ -d ../work.worktrees/81 ] || quiet='-c core.hooksPath=/dev/null'
    [ -d ../work.worktrees/81 ] || git worktree add -q -b issue/81 ../work.worktrees/81
    cd ../work.worktrees/81
    for n in $(seq 1 200); do
        for line in 1 2 3 4 5 6 7 8 9 10; do
            echo "def made_for_the_issue_${n}_$line(): return $n"
        done >"issue_$n.py"
        git add "issue_$n.py" && git $quiet commit -qnm "Work $n"
    done
    cd "$top/work"
}

prepare() {
    rm -rf "$top/work" "$top/work.worktrees" "$top/remote.git"
    git clone -q "$top/seed" "$top/work"
    cd "$top/work"
    git init -q --bare -b main "$top/remote.git"
    git remote set-url origin "$top/remote.git"
    git push -q origin main
    git config gc.auto 0
    manager "$1" >/dev/null 2>&1
    git config core.hooksPath >"$top/hooks-path" 2>/dev/null || :
    off="-c core.hooksPath=/dev/null"
    # Fifty commits to rebase, and one on main to rebase them onto.
    git $off checkout -q -b human
    for n in $(seq 1 50); do echo "own $n" >"own_$n.txt"; git add "own_$n.txt"; git $off commit -qnm "Own $n"; done
    git $off checkout -q main
    echo more >more.txt && git add more.txt && git $off commit -qnm More
    git $off branch -q topic main
    git $off checkout -q topic
    echo t >t.txt && git add t.txt && git $off commit -qnm Topic
    git $off checkout -q main
}

files() { for n in 1 2 3 4 5; do sed "s/value/own_$n/" file_1.py >"c$n.py"; git add "c$n.py"; git commit -qm "F $n"; done; }

one() {
    prepare "$1"
    echo "commit-on-main $(($(cost files) / 5))"
    cd "$top/work.worktrees/81"
    echo "commit-on-the-issue $(($(cost files) / 5))"
    cd "$top/work"
    echo "merge $(cost git merge --no-ff -m Merge topic)"
    echo "rebase $(cost git rebase main human)"
    git -c core.hooksPath=/dev/null checkout -q main
    echo "push $(cost git push origin main)"
    git remote add more "$top/more.git"
    echo "fetch-1000 $(cost git fetch more)"
    git remote add atomic "$top/more.git"
    echo "fetch-1000-atomic $(cost git fetch --atomic atomic)"
    git remote add many "$top/many.git"
    echo "fetch-5000 $(cost git fetch many)"
}

levels="none sh native git-orch"
git-orch init --help 2>&1 | grep -q -- --level && levels="$levels standard"
for tool in lefthook prek pre-commit; do
    ! command -v "$tool" >/dev/null || levels="$levels $tool"
done
for round in $(seq 1 "$rounds"); do
    for level in $levels; do
        echo "round $round: $level" >&2
        one "$level" | sed "s/^/$level /" >>"$top/figures"
    done
done
git --version
awk -v levels="$levels" '
    { key = $1 " " $2; if (!(key in least) || $3 < least[key]) least[key] = $3
      if (!($2 in seen)) { seen[$2] = 1; order[++count] = $2 } }
    END {
        n = split(levels, level, " ")
        printf "| processor time |"; for (i = 1; i <= n; i++) printf " %s |", level[i]; printf "\n|---|"
        for (i = 1; i <= n; i++) printf "---:|"; printf "\n"
        for (o = 1; o <= count; o++) {
            printf "| %s |", order[o]
            base = least["none " order[o]]
            for (i = 1; i <= n; i++) {
                value = least[level[i] " " order[o]]
                if (level[i] == "none") printf " %d ms |", value
                else printf " %d ms (%.1f×) |", value, value / (base ? base : 1)
            }
            printf "\n"
        }
    }' "$top/figures"

#!/usr/bin/env bash
# What a durable change of an issue's state costs, beside `git commit --allow-empty` in the same run,
# and what reading the state of 100 issues costs. Times are of whole processes, all in turns.
#
# The commits that are the measure are made in a copy of the repository, refs and objects and all, in
# which no hook of git-orch's runs; those in the repository itself, with its hooks, stand beside.
#
#   benches/state.sh [TIMES]           uses the program as it is installed, or $GIT_ORCH
set -eu
times=${1:-200}
here=$(cd "$(dirname "$0")/.." && pwd)
program=${GIT_ORCH:-$("$here/scripts/release.sh")}
top=$(mktemp -d "${TMPDIR:-/tmp}/state.XXXXXX")
trap 'rm -rf "$top"' EXIT
export HOME=$top GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.org \
    GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.org
cd "$top"
git init -q -b main repo
cd repo
git commit -q --allow-empty -m Begin
"$program" init --yes -q
"$program" new-issue 1 --yes -q > /dev/null
printf '# W\n\n## Goal\n\nDone.\n\n## Acceptance criteria\n\n- [ ] It holds\n  verify: true\n' > ../repo.worktrees/1/.context/spec.md
"$program" spec finalise 1 -q
"$program" next 1 -q

"$program" new-issue 2 --yes -q > /dev/null
# The same content, without us.
cp -a "$top/repo" "$top/plain"
rm -rf "$top/plain/.git/worktrees" "$top/plain/.git/git-orch"
git -C "$top/plain" config --unset-all core.hooksPath || :
find "$top/plain/.git/hooks" -type f -delete
[ -z "$(git -C "$top/plain" config --get-regexp '^hook\.' || :)" ] || { echo 'state.sh: hooks are left in the copy' >&2; exit 1; }

now() { date +%s%N; }
at() { # file p: that percentile, in milliseconds
    sort -n "$1" | awk -v p="$2" '{v[NR] = $1} END {n = int((NR + 1) * p); if (n > NR) n = NR; printf "%.1f", v[n < 1 ? 1 : n] / 1e6}'
}
spread() { # words file [measure]: p50 and p95, and both as a multiple of the measure's
    local p50 p95
    p50=$(at "$2" 0.5) p95=$(at "$2" 0.95)
    printf '%-46s p50 %7.1f ms   p95 %7.1f ms' "$1" "$p50" "$p95"
    if [ $# = 3 ]; then
        awk -v a="$p50" -v b="$p95" -v c="$(at "$3" 0.5)" -v d="$(at "$3" 0.95)" 'BEGIN {printf "   ratio %.2f and %.2f", a / c, b / d}'
    fi
    echo
}
timed() { # file command…
    local file=$1 from
    shift
    from=$(now)
    "$@" > /dev/null
    echo $(($(now) - from)) >> "$top/$file"
}
# In turns, so that whatever else the machine does meets all of them.
for n in $(seq "$times"); do
    timed git git -C "$top/plain" commit -q --allow-empty -m "Commit $n"
    timed git-all git -C "$top/plain" -c core.fsync=all commit -q --allow-empty -m "Sync $n"
    timed hooks git commit -q --allow-empty -m "Commit $n"
    timed add "$program" task add --issue 1 "step $n" -q
    timed done "$program" task done --issue 1 "$n" -q
done
echo "$times times each, in turns; ratios to a git commit without our hooks"
spread 'git commit --allow-empty, no hooks of ours' "$top/git"
spread 'the same with core.fsync=all' "$top/git-all" "$top/git"
spread 'git commit --allow-empty, with our hooks' "$top/hooks" "$top/git"
spread 'git orch task add' "$top/add" "$top/git"
spread 'git orch task done (with a checkpoint)' "$top/done" "$top/git"
echo 'ratios to a git commit without our hooks that syncs everything, as a state is written'
spread 'git orch task add' "$top/add" "$top/git-all"
spread 'git orch task done (with a checkpoint)' "$top/done" "$top/git-all"
for n in $(seq 3 100); do "$program" new-issue "$n" --yes -q > /dev/null; done
for n in $(seq 20); do
    timed status "$program" status --json
    timed refs git for-each-ref
done
spread 'git for-each-ref of 100 issues' "$top/refs"
spread 'git orch status of the same' "$top/status" "$top/refs"

#!/usr/bin/env bash
# What a durable change of an issue's state costs, beside `git commit --allow-empty` in the same run
# and repository, and what reading the state of 100 issues costs. Times are of whole processes.
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

now() { date +%s%N; }
spread() { # name file: p50 and p95 in milliseconds
    sort -n "$2" | awk -v name="$1" '{v[NR] = $1} END {
        printf "%-44s p50 %7.1f ms   p95 %7.1f ms\n", name, v[int((NR + 1) * 0.5)] / 1e6, v[int(NR * 0.95)] / 1e6 }'
}
# In turns, so that whatever else the machine does meets both.
for n in $(seq "$times"); do
    from=$(now); git commit -q --allow-empty -m "Commit $n"; echo $(($(now) - from)) >> "$top/git"
    from=$(now); git -c core.fsync=all commit -q --allow-empty -m "Sync $n"; echo $(($(now) - from)) >> "$top/git-all"
    from=$(now); "$program" task add --issue 1 "step $n" -q > /dev/null; echo $(($(now) - from)) >> "$top/add"
    from=$(now); "$program" task done --issue 1 "$n" -q; echo $(($(now) - from)) >> "$top/done"
done
spread 'git commit --allow-empty' "$top/git"
spread 'git -c core.fsync=all commit --allow-empty' "$top/git-all"
spread 'git orch task add' "$top/add"
spread 'git orch task done (with a checkpoint)' "$top/done"
for n in $(seq 2 100); do "$program" new-issue "$n" --yes -q > /dev/null; done
for n in $(seq 20); do
    from=$(now); "$program" status --json > /dev/null; echo $(($(now) - from)) >> "$top/status"
    from=$(now); git for-each-ref > /dev/null; echo $(($(now) - from)) >> "$top/refs"
done
spread 'git orch status of 100 issues' "$top/status"
spread 'git for-each-ref of the same' "$top/refs"

#!/bin/sh
# Lanes at work: every issue lands exactly once; memory, open files, CPU of the orchestrator, how
# soon the end of a lane is noticed, and what one look costs to read.
#
#     benches/lanes.sh [LANES [ISSUES [JOBS]]]      default: 22 lanes of 2 issues, 8 at once
#     STOP_AFTER=60 benches/lanes.sh 1000 5 8       look after a minute, then stop: reading cost only
#
# Uses the `git-orch` on PATH. `script` of util-linux is the person who reads the commands. Figures
# depend on the machine; what must hold everywhere is printed as PASS or FAIL.
set -eu
lanes=${1:-22} issues=${2:-2} jobs=${3:-8} stop_after=${STOP_AFTER:-}
command -v git-orch >/dev/null || { echo "git-orch is not on PATH" >&2; exit 2; }
command -v script >/dev/null || { echo "script (util-linux) is not on PATH" >&2; exit 2; }
top=$(mktemp -d "${TMPDIR:-/tmp}/lanes-bench.XXXXXX")
trap 'rm -rf "$top"' EXIT
export HOME="$top/home" XDG_STATE_HOME="$top/state"
mkdir -p "$HOME" "$top/repo/.orchestration/issues" "$top/repo/work"
git config --global user.name Ada
git config --global user.email ada@example.org
git config --global gc.auto 0
cd "$top/repo"
git init -q -b main

page=.orchestration/catalog.md
{
    printf '# Issues\n\n'
    for n in $(seq 1 "$lanes"); do
        lane=$(printf 'L%04d' "$n")
        printf '## Lane %s - Files\n\n| ID | Title | Severity | Tags | Status |\n|---|---|---|---|---|\n' "$lane"
        for k in $(seq 1 "$issues"); do
            printf '| %s-%02d | Line %d is missing | 3/10 LOW | docs | OPEN |\n' "$lane" "$k" "$k"
        done
        printf '\n'
    done
} >"$page"
for n in $(seq 1 "$lanes"); do
    lane=$(printf 'L%04d' "$n")
    mkdir "$top/repo/.orchestration/issues/$lane"
    echo "$lane" >"work/$lane.txt"
    for k in $(seq 1 "$issues"); do
        id=$(printf '%s-%02d' "$lane" "$k")
        cat >".orchestration/issues/$lane/$id.md" <<ISSUE
---
issue_id: "$id"
lane: "$lane"
severity: 3
severity_level: "LOW"
status: "OPEN"
affected_paths: ["work/$lane.txt"]
---

# Issue $id: Line $k of $lane is missing

## Verification Commands

\`\`\`sh
grep -qx $id work/$lane.txt
\`\`\`
ISSUE
    done
done
cat >"$top/agent.toml" <<'AGENT'
version = 1
[[step]]
role = "implement"
run = "echo $ORCH_ISSUE >>work/$ORCH_LANE.txt && git commit -qam \"Fix $ORCH_ISSUE\""
[[step]]
role = "compact-agent"
run = "echo 'a line that its file asked for' >.context/none-learned.txt"
AGENT
git add -A
git commit -qm 'Begin'
git-orch init --yes >/dev/null 2>&1
printf '[agent.retry]\ncrash_wait = 0.01\n' >>.orchestration/config.toml
git add -A
git commit -qm 'Configure'
echo y | script -qec 'git-orch trust --catalog .orchestration/catalog.md' /dev/null >/dev/null

git-orch --quiet lanes run --script "$top/agent.toml" --jobs "$jobs" >"$top/out" 2>&1 &
pid=$!
begin=$(date +%s.%N)
peak=0 files=0 ticks=0 count=0 look=0 since=0 cursor=0
while kill -0 "$pid" 2>/dev/null; do
    now=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status" 2>/dev/null || echo 0)
    open=$(ls "/proc/$pid/fd" 2>/dev/null | wc -l)
    [ "${now:-0}" = 0 ] || echo "${now:-0} $open" >>"$top/samples"
    [ "${now:-0}" -le "$peak" ] || peak=$now
    [ "$open" -le "$files" ] || files=$open
    ticks=$(awk '{ print $14 + $15 }' "/proc/$pid/stat" 2>/dev/null || echo "$ticks")
    # What somebody who steers the run reads every ten seconds.
    if [ "$((count % 20))" = 19 ]; then
        now=$(git-orch lanes status --since "$cursor" 2>/dev/null | wc -c)
        [ "$now" -le "$since" ] || since=$now
        now=$(git-orch lanes status 2>/dev/null | wc -c)
        [ "$now" -le "$look" ] || look=$now
        cursor=$(git-orch --json lanes status | awk -F': ' '/"cursor"/ { print $2 + 0 }')
    fi
    count=$((count + 1))
    if [ -n "$stop_after" ] && [ "$(echo "$(date +%s.%N) - $begin > $stop_after" | bc)" = 1 ]; then
        break
    fi
    sleep 0.5
done
seconds=$(echo "$(date +%s.%N) - $begin" | bc)
[ -z "$stop_after" ] || git-orch lanes stop >/dev/null 2>&1
wait "$pid" || true

run=$(sed -n 's/.*"run": "\(.*\)",/\1/p' .git/git-orch/lanes/run.json)
events=.git/git-orch/lanes/$run/events.jsonl
echo "lanes $lanes, issues $issues each, jobs $jobs: ${seconds} s"
echo "orchestrator: peak $peak KiB, $files open files, CPU $(echo "scale=2; $ticks / $(getconf CLK_TCK) * 100 / $seconds" | bc) %"
awk '{ m[NR] = $1; f[NR] = $2 } END { n = int(NR / 5); if (n < 1) n = 1
    for (k = 1; k <= n; k++) { a += m[k]; b += m[NR - n + k]; c += f[k]; d += f[NR - n + k] }
    printf "first fifth of the run to the last: %d to %d KiB, %.1f to %.1f open files\n",
        a / n, b / n, c / n, d / n }' "$top/samples"
echo "largest look while it ran: $look bytes; largest since the look before: $since bytes"
[ -z "$stop_after" ] || exit 0

for done in .orchestration/signals/"$run"/*.done; do
    lane=$(basename "$done" .done)
    at=$(grep "\"lane\":\"$lane\",\"kind\":\"complete\"" "$events" | sed 's/.*"at":\([0-9]*\).*/\1/' | tail -1)
    echo "$at - $(stat -c %.3Y "$done") * 1000 / 1" | bc | cut -d. -f1 | sed 's/^$/0/'
done | sort -n >"$top/noticed"
awk '{ ms[NR] = $1; late += $1 > 100 } END {
    printf "end of a lane noticed after %d ms (median), %d ms at most; after more than 100 ms: %d of %d\n",
        ms[int((NR + 1) / 2)], ms[NR], late, NR }' "$top/noticed"
sed -n 's/^Signals: /read in the whole run: signals /p' .orchestration/reports/lanes-"$run".md
landed=$(git log --merges --format=%s main | grep -c '^Merge issue ')
once=$(git log --merges --format=%s main | sort -u | grep -c '^Merge issue ')
want=$((lanes * issues))
[ "$landed" = "$want" ] && [ "$once" = "$want" ] && echo "PASS every issue landed exactly once ($landed)" ||
    { echo "FAIL $landed landings of $once issues, $want planned"; exit 1; }

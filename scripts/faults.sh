#!/usr/bin/env bash
# faults.sh - kill every command that changes something at its system calls, run it again, and
# look whether everything is as it should be. Prints a table.
#
#   scripts/faults.sh --sample           a spread sample of every command (about 12 minutes)
#   scripts/faults.sh --full             every point of every command in every mode (hours)
#   scripts/faults.sh --table FILE...    what earlier runs printed, as one table in Markdown
#   scripts/faults.sh [options]
#       --case NAME     only this command; repeatable (tests/faults/case.sh list)
#       --mode NAME     only this mode; repeatable: kill proc root race torn enospc eio full short
#                       power-ext4 power-xfs ack
#       --every N       only every N-th point of each row: a stated part of a long run
#       --jobs N        worlds at a time (number of CPUs)
#       --seconds S     at most S seconds for each row (0: every point)
#       --program FILE  the git-orch to try (built when not given)
#       --work DIR      where to build the worlds; power cuts need room on a real disk for images
#       --first         stop each row at the first point that fails
#       --keep          keep the worlds of points that failed
#
# A row is one command in one mode: how many system calls change files, at how many of them the
# command was stopped, and after how many of these the same command, run again, came to a whole
# result with `git fsck` clean and everybody else in the repository able to work meanwhile.
# Exit: 0 every point that was tried recovered, 1 some did not, 2 bad use, 3 it cannot run here.
set -u
cd "$(dirname "$0")/.."
top=$PWD
rig=$top/scripts/crash_every_syscall.sh

# One line a command and one column a mode: points tried of how many, and how many of them failed.
table() {
    cat "$@" | awk '
        NF == 7 && $3 ~ /^[0-9]+$/ && $7 ~ /^[0-9]+$/ {
            if (!($1 in seen)) { order[++n] = $1; seen[$1] = 1 }
            points[$1, $2] = $3; tried[$1, $2] = $4; bad[$1, $2] = $6; has[$2] = 1
        }
        END {
            split("kill proc root race torn enospc eio full short power-ext4 power-xfs ack", all, " ")
            for (m = 1; m in all; m++) if (all[m] in has) mode[++k] = all[m]
            line = "| command |"; rule = "|---|"
            for (m = 1; m <= k; m++) { line = line " " mode[m] " |"; rule = rule "---|" }
            print line; print rule
            for (i = 1; i <= n; i++) {
                line = "| `" order[i] "` |"
                for (m = 1; m <= k; m++) {
                    key = order[i] SUBSEP mode[m]; cell = " "
                    if (key in tried) {
                        cell = tried[key] < points[key] ? tried[key] " of " points[key] : tried[key]
                        if (bad[key]) cell = cell ", " bad[key] " failed"
                        sum[m] += tried[key]; of[m] += points[key]; wrong[m] += bad[key]
                    }
                    line = line " " cell " |"
                }
                print line
            }
            line = "| all |"
            for (m = 1; m <= k; m++)
                line = line " " sum[m] " of " of[m] (wrong[m] ? ", " wrong[m] " failed" : "") " |"
            print line
        }'
}
if [ "${1:-}" = --table ]; then
    shift
    table "$@"
    exit
fi

cases=() modes=() seconds='' program='' work='' keep='' kind=sample every_nth=1 jobs='' first=''
while [ $# -gt 0 ]; do
    case $1 in
    --sample) kind=sample ;;
    --full) kind=full ;;
    --case) cases+=("$2"); shift ;;
    --mode) modes+=("$2"); shift ;;
    --every) every_nth=$2; shift ;;
    --jobs) jobs=$2; shift ;;
    --seconds) seconds=$2; shift ;;
    --program) program=$2; shift ;;
    --work) work=$2; shift ;;
    --keep) keep=1 ;;
    --first) first=--first ;;
    -h | --help) sed -n '2,/^set -u/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
    *) echo "faults.sh: unknown option $1 (try --help)" >&2; exit 2 ;;
    esac
    shift
done

case $(uname -sm) in
'Linux x86_64') ;;
*) echo "skipped: the crash rig traces system calls of Linux x86_64 only"; exit 0 ;;
esac
command -v cc > /dev/null || { echo "skipped: the crash rig needs a C compiler for its tracer"; exit 0; }

if [ -z "$program" ]; then
    cargo build --locked --quiet || exit 3
    program=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug/git-orch
fi
program=$(readlink -f "$program")
[ -x "$program" ] || { echo "faults.sh: no program at $program" >&2; exit 3; }

if [ -z "$work" ]; then
    work=$(mktemp -d "${TMPDIR:-/tmp}/faults.XXXXXX") || exit 3
    made=1
else
    mkdir -p "$work" && work=$(cd "$work" && pwd -P) || exit 3
    made=
fi
trap '[ -n "$made" ] && [ -z "$keep" ] && rm -rf "$work"' EXIT
export GIT_ORCH=$program

every=$(tests/faults/case.sh list) || exit 2
all=''
[ ${#cases[@]} -gt 0 ] || { mapfile -t cases < <(printf '%s\n' $every); all=yes; }
if [ "$kind" = full ]; then
    [ ${#modes[@]} -gt 0 ] || modes=(kill proc root race torn enospc eio full short power-ext4 power-xfs ack)
    : "${seconds:=0}"
else
    # Killing for each command, the other modes in turn: all of them at every fifth command.
    : "${seconds:=7}"
fi

# What a mode needs that is not here; nothing when it can run.
lacking() {
    case $1 in
    power-* | ack)
        [ "$(id -u)" = 0 ] || { echo "root"; return; }
        [ -e /dev/loop-control ] || { echo "loop devices"; return; }
        case $1 in
        *xfs) command -v mkfs.xfs > /dev/null || echo "mkfs.xfs" ;;
        *) command -v mkfs.ext4 > /dev/null || echo "mkfs.ext4" ;;
        esac
        ;;
    esac
}

# What the rig wants of xfs_io: cutting a file system off, without writing out what it has not yet.
shutter() {
    command -v xfs_io > /dev/null && return
    mkdir -p "$work/bin"
    cat > "$work/bin/xfs_io.c" << 'C'
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
int main(int n, char **a) {
    uint32_t no_log_flush = 2;
    int fd = open(a[n - 1], O_RDONLY);
    if (fd < 0 || ioctl(fd, _IOR('X', 125, uint32_t), &no_log_flush) < 0) { perror(a[n - 1]); return 1; }
    return 0;
}
C
    cc -O1 -o "$work/bin/xfs_io" "$work/bin/xfs_io.c" || exit 3
    PATH=$work/bin:$PATH
}
shutter

options() {
    case $1 in
    kill) echo --mode kill ;;
    proc | root | race) echo --mode kill --scope "$1" ;;
    torn | full | short) echo --mode "$1" ;;
    enospc) echo --mode errno --errno ENOSPC ;;
    eio) echo --mode errno --errno EIO ;;
    power-ext4) echo --mode power --fs ext4-nda ;;
    power-xfs) echo --mode power --fs xfs ;;
    ack) echo --mode ack --cut all ;;
    *) return 1 ;;
    esac
}

# What is not promised of a command when the power goes, in words; nothing when all is.
unpromised() { # case mode
    case $1:$2 in
    signal:ack | signal:power-*) echo "a signal is a hint, and not synced (docs/lanes.md)" ;;
    pr:ack | pr:power-*) echo "what was pushed is the other machine's to keep" ;;
    esac
}

failed=0 tried_all=0 good_all=0 skipped=()
printf '%-14s %-10s %7s %7s %10s %7s %5s\n' command mode points tried recovered failed s

row() { # case mode
    local name=$1 mode=$2 args=() said line dir from=$SECONDS
    read -r -a args <<< "$(options "$mode")" || { echo "faults.sh: no mode $mode" >&2; exit 2; }
    dir=$work/$name-$mode
    mkdir -p "$dir"
    export FAULTS_MODE=$mode
    case $mode in power-* | ack) export CRASH_IMG_MB=320 ;; *) export FAULTS_TEMPLATES=$dir/templates ;; esac
    local here="'$top/tests/faults/case.sh'"
    args+=(--setup "$here setup $name" --run "$here run $name" --check "$here check $name"
        --invariant "$here invariant $name" --max-time "$seconds" --every "$every_nth"
        --dir "$dir/work")
    [ -z "$first" ] || args+=("$first")
    [ -z "$jobs" ] || args+=(--jobs "$jobs")
    # What means another step when it is said again is not said again after it ended well.
    case $name:$mode in
    next:power-* | fall-back:power-* | undo*:power-*) args+=(--rerun "$here again $name") ;;
    next:enospc | next:eio | next:full | next:short | fall-back:* | undo*:enospc | undo*:eio | undo*:full | undo*:short)
        case $mode in enospc | eio | full | short) args+=(--rerun "$here again $name") ;; esac ;;
    esac
    [ -z "$keep" ] || args+=(--keep)
    said=$("$rig" "${args[@]}" 2>&1)
    line=$(printf '%s\n' "$said" | grep '^crash points:')
    unset FAULTS_TEMPLATES
    if [ -z "$line" ]; then
        printf '%-14s %-10s %s\n' "$name" "$mode" "could not run: $(printf '%s\n' "$said" | tail -1)"
        failed=$((failed + 1))
        return
    fi
    local points tried good bad
    points=$(sed 's/^crash points: \([0-9]*\).*/\1/' <<< "$line")
    tried=$(sed 's/.*tried: \([0-9]*\).*/\1/' <<< "$line")
    good=$(sed 's/.*manual repair: \([0-9]*\).*/\1/' <<< "$line")
    bad=$(sed 's/.*FAILED: \([0-9]*\).*/\1/' <<< "$line")
    # A world that could not be set up, or mounted again, says nothing of the command.
    local unset
    unset=$(printf '%s\n' "$said" | awk '/^failures by kind/ {f = 1} f && ($2 == "setup-failed" || $2 == "remount-failed") {s += $1} END {print s + 0}')
    tried=$((tried - unset)) bad=$((bad - unset))
    # A run that took another way and ended before its n-th call shows nothing either.
    tried=$((tried - $(grep -o 'not reached: [0-9]*' <<< "$line" | grep -o '[0-9]*$' || echo 0)))
    printf '%-14s %-10s %7d %7d %10d %7d %5d\n' "$name" "$mode" "$points" "$tried" "$good" "$bad" $((SECONDS - from))
    tried_all=$((tried_all + tried)) good_all=$((good_all + good)) failed=$((failed + bad))
    if [ "$bad" != 0 ]; then
        printf '%s\n' "$said" | grep -v '^note:\|^crash points:\|^mode:' | sed 's/^/    /'
    fi
    # `next` and `undo` mean another step when they are said again after they have ended.
    case $name:$said in next:* | fall-back:* | undo*:*) ;; *'crash works: NO'*)
        printf '    run twice without a crash it fails: %s\n' "$(printf '%s\n' "$said" | grep 'crash works')"
        failed=$((failed + 1)) ;;
    esac
    [ -n "$keep" ] || rm -rf "$dir"
}

# A walk of a whole lane: some 1,900 points of several seconds each. --full and --case run it.
apart="lanes-run"
if [ "$kind" = sample ] && [ "$all" = yes ]; then
    echo "not in the sample: $apart (scripts/faults.sh --full)"
    kept=()
    for name in "${cases[@]}"; do
        case " $apart " in *" $name "*) ;; *) kept+=("$name") ;; esac
    done
    cases=("${kept[@]}")
fi

others=(torn proc enospc race eio root full short)
turn=0
for name in "${cases[@]}"; do
    case " $every " in *[[:space:]]"$name"[[:space:]]*) ;; *) echo "faults.sh: no command $name" >&2; exit 2 ;; esac
    if [ ${#modes[@]} -gt 0 ]; then
        list=("${modes[@]}")
    else
        list=(kill "${others[$((turn % ${#others[@]}))]}")
        turn=$((turn + 1))
    fi
    for mode in "${list[@]}"; do
        lack=$(lacking "$mode")
        if [ -n "$lack" ]; then
            case " ${skipped[*]:-} " in *" $mode "*) ;; *)
                skipped+=("$mode")
                echo "skipped: mode $mode needs $lack, which is not here" ;;
            esac
            continue
        fi
        why=$(unpromised "$name" "$mode")
        if [ -n "$why" ]; then
            printf '%-14s %-10s left out: %s\n' "$name" "$mode" "$why"
            continue
        fi
        row "$name" "$mode"
    done
done
if [ "$kind" = sample ] && [ ${#modes[@]} = 0 ]; then
    echo "not in the sample: power cuts (scripts/faults.sh --full, as root with loop devices)"
fi
printf '%d points tried, %d recovered by running the command again, %d failed, %d s\n' \
    "$tried_all" "$good_all" "$failed" "$SECONDS"
[ "$failed" = 0 ]

#!/usr/bin/env bash
# case.sh VERB CASE - the world of one case of the fault matrix.
#
#   setup CASE      build the world in $CRASH_DIR
#   run CASE        the command under test
#   again CASE      the same, unless it has come to its end
#   check CASE      exit 0: the command has happened, whole, and the repository is sound
#   invariant CASE  exit 0: whatever happened, everybody else in the repository can work
#   list            the names of the cases
#
# Used by scripts/faults.sh through scripts/crash_every_syscall.sh. GIT_ORCH names the program,
# FAULTS_MODE the mode.
# A world is built once for each place ($CRASH_DIR) and case, and then copied: $FAULTS_TEMPLATES
# names the folder for that (without it, it is built anew each time).
set -eu

CASES="init init-husky uninit uninit-husky new-issue new-filtered adopt restore spec-finalise task-add task-done task-saved next validate learn-add
compact fall-back archive archive-force abandon salvage-restore salvage-drop
undo undo-open undo-end
land waive reopen purge archive-all adopt-commit adopt-folder task-drop task-reopen spec-new
learn-none learn-edit learn-drop learn-confirm recall-rebuild export catalog-add catalog-sync
catalog-verify signal trust-revoke pr doctor-fix doctor-stray run lanes-run lanes-hunt"

fail() { echo "wrong: $*" >&2; exit 1; }
orch() { "$GIT_ORCH" "$@"; }
repo=${CRASH_DIR:-}/repo
about=
wt=$repo.worktrees/7

. "$(dirname "$0")/worlds.sh"

setup() {
    cd "$CRASH_DIR"
    if [ -z "${FAULTS_TEMPLATES:-}" ]; then
        world "$1"
        return
    fi
    local store
    store=$FAULTS_TEMPLATES/$(printf '%s %s' "$CRASH_DIR" "$1" | cksum | tr ' ' -)
    if [ ! -e "$store/whole" ]; then
        rm -rf "$store"
        mkdir -p "$store"
        (world "$1")
        cp -a "$CRASH_DIR/." "$store/world"
        : > "$store/whole"
    else
        cp -a "$store/world/." "$CRASH_DIR/"
    fi
}

run() {
    cd "$repo"
    case $1 in
    init | init-husky) exec "$GIT_ORCH" init --yes ;;
    uninit | uninit-husky) exec "$GIT_ORCH" uninit ;;
    new-issue | new-filtered) exec "$GIT_ORCH" new-issue 7 --title 'The seventh' --yes ;;
    adopt | restore) exec "$GIT_ORCH" new-issue 7 --yes ;;
    spec-finalise) exec "$GIT_ORCH" spec finalise 7 ;;
    task-add) exec "$GIT_ORCH" task add --issue 7 'The second step' ;;
    task-done | task-saved) exec "$GIT_ORCH" task done --issue 7 1 ;;
    next | fall-back) exec "$GIT_ORCH" next 7 ;;
    validate) exec "$GIT_ORCH" validate 7 ;;
    learn-add) exec "$GIT_ORCH" learn add 7 --kind pitfall --when src/file1.txt \
        --lesson 'The first line must name the file, the parser looks for it.' --evidence src/file1.txt ;;
    compact) exec "$GIT_ORCH" compact 7 ;;
    archive) exec "$GIT_ORCH" archive 7 ;;
    archive-force) exec "$GIT_ORCH" archive 7 --force ;;
    salvage-restore) exec "$GIT_ORCH" salvage restore 7 ;;
    undo*) exec "$GIT_ORCH" undo 7 ;;
    salvage-drop) exec "$GIT_ORCH" salvage drop checkpoints/7/0 ;;
    land) exec "$GIT_ORCH" land 7 ;;
    waive) exec "$GIT_ORCH" waive 7 --reason 'the shop is down and people wait' ;;
    reopen) exec "$GIT_ORCH" archive restore 7 ;;
    purge) exec "$GIT_ORCH" archive purge 7 --yes ;;
    archive-all) exec "$GIT_ORCH" archive --all-finished ;;
    adopt-commit) exec "$GIT_ORCH" adopt "$(cat ../stray)" --issue 7 ;;
    adopt-folder) exec "$GIT_ORCH" adopt ../by-hand --issue 7 ;;
    task-drop) exec "$GIT_ORCH" task drop --issue 7 1 --reason 'it is not needed' ;;
    task-reopen) exec "$GIT_ORCH" task reopen --issue 7 1 ;;
    spec-new) exec "$GIT_ORCH" spec new 7 ;;
    learn-none) exec "$GIT_ORCH" learn none 7 --reason 'the change was mechanical and met no surprise' ;;
    learn-edit) exec "$GIT_ORCH" learn edit 7.1 7 --lesson 'The second line must name the file, the reader looks for it.' ;;
    learn-drop) exec "$GIT_ORCH" learn drop 7.1 7 ;;
    learn-confirm) exec "$GIT_ORCH" learn confirm 7.1 --issue 8 ;;
    recall-rebuild) exec "$GIT_ORCH" recall --rebuild parser ;;
    export) exec "$GIT_ORCH" export --into AGENTS.md ;;
    catalog-add) exec "$GIT_ORCH" catalog add --lane E --title 'The first file has no end' --severity 5 \
        --verify 'grep -q "the end" src/file1.txt && echo PASS' ;;
    catalog-sync) exec "$GIT_ORCH" catalog sync ;;
    catalog-verify) "$GIT_ORCH" catalog verify E-01 || [ $? = 5 ] ;;
    signal) exec "$GIT_ORCH" signal done --lane E --signals "$CRASH_DIR/signals" ;;
    trust-revoke) exec "$GIT_ORCH" trust --revoke ;;
    pr) exec "$GIT_ORCH" pr 7 ;;
    doctor-fix | doctor-stray) exec "$GIT_ORCH" doctor --fix ;;
    run) exec "$GIT_ORCH" run 7 --script ../script.toml --until compact ;;
    lanes-run) exec "$GIT_ORCH" lanes run --catalog $page --script ../script.toml ;;
    lanes-hunt) exec "$GIT_ORCH" lanes hunt --catalog $page --lanes E -- "$CRASH_DIR/hunter.sh" ;;
    abandon) exec "$GIT_ORCH" abandon 7 --reason 'the plan changed' ;;
    esac
}

again() {
    if [ -n "$(ls -A "$repo/.git/git-orch/intents" 2> /dev/null)" ] || ! (check "$1") 2> /dev/null; then
        run "$1"
    fi
}

# ---- what must hold --------------------------------------------------------------------------

# Nothing half-made lies about: no lock, no temporary file, no intent, no trash. (A half-written
# loose object, `tmp_obj_*`, hinders nobody and is taken away by `git gc` itself.)
tidy() {
    local left
    left=$(find "$repo/.git" \( -name '*.lock' -o -name '.*.tmp' \) \
        -not -path '*/git-orch/locks/*' 2> /dev/null || :)
    [ -z "$left" ] || fail "left over: $left"
    for folder in intents trash staging; do
        # The last steps are not synced: an intent that comes back is seen to be carried out, and
        # what comes back into the trash goes with the next run.
        # What cannot be removed waits in the trash for the next run; what is purged does not.
        case $folder:${FAULTS_MODE:-} in intents:ack | trash:ack) continue ;; esac
        case $folder:${FAULTS_MODE:-}:$about in trash:*:purge) ;; trash:enospc:* | trash:eio:* | trash:full:*) continue ;; esac
        [ -z "$(ls -A "$repo/.git/git-orch/$folder" 2> /dev/null)" ] || fail "$folder is not empty"
    done
    left=$(find "$repo" "$repo.worktrees" -path "$repo/.git" -prune -o -name '.*.tmp' -print 2> /dev/null || :)
    [ -z "$left" ] || fail "left over: $left"
}

sound() {
    local said
    said=$(git fsck --strict --no-dangling 2>&1) || fail "fsck: $said"
    [ -z "$(printf %s "$said" | grep -v '^notice:' || :)" ] || fail "fsck: $said"
    git worktree list --porcelain > /dev/null
    ! git worktree list --porcelain | grep -q '^prunable' || fail "a worktree is prunable"
    ! git worktree list --porcelain | grep -q '^locked' || fail "a worktree is locked"
    git pack-refs --all
    git gc -q
    tidy
    others
}

# Everybody else can work.
others() {
    git -C "$repo" status --porcelain > /dev/null
    git -C "$repo" branch > /dev/null
    git -C "$repo" worktree list > /dev/null
    git -C "$repo" fsck --no-dangling > /dev/null 2> "$CRASH_DIR/.tmp/fsck" ||
        fail "fsck: $(cat "$CRASH_DIR/.tmp/fsck")"
    cd "$CRASH_DIR/side"
    date +%N >> README.md
    git commit -qam "Work on the side"
    git branch "aside-$$-$RANDOM"
    git fetch -q "$repo" main
}

# The record of the issue, `show` of it, and the copy in the worktree agree.
recorded() { # phase
    local phase
    phase=$(orch show 7 --json | sed -n 's/^ *"phase": "\([a-z]*\)".*/\1/p' | head -1)
    [ "$phase" = "$1" ] || fail "phase is '$phase', not '$1'"
    git cat-file -p refs/git-orch/issues/7:session-log.xml | cmp -s - "$wt/.context/session-log.xml" ||
        fail "the copy is not what the record says"
    local edited
    edited=$(ls "$wt/.context" | grep edited || :)
    [ -z "$edited" ] || fail "set aside: $edited"
}

log_has() { # times subject
    local n
    n=$(git log --first-parent --format=%s "${3:-refs/git-orch/issues/7}" | grep -c "^$2" || :)
    [ "$n" = "$1" ] || fail "'$2' is recorded $n times, not $1"
}

worktree_whole() {
    [ -z "$(git -C "$wt" status --porcelain)" ] || fail "not clean: $(git -C "$wt" status --porcelain)"
    [ "$(git -C "$wt" symbolic-ref HEAD)" = refs/heads/issue/7 ] || fail "on the wrong branch"
    [ -s "$wt/.context/spec.md" ] || fail "no specification"
    git -C "$wt" commit -q --allow-empty --dry-run 2> /dev/null || :
}

check() {
    about=$1
    cd "$repo"
    case $1 in
    init | init-husky)
        local more
        more=$(orch init --yes --dry-run 2>&1)
        case $more in *'nothing to change'*) ;; *) fail "missing: $more" ;; esac
        ;;
    uninit-husky)
        cmp -s .git/config ../config-before || fail "the config differs"
        [ "$(ls .husky/_)" = pre-push ] || fail "hooks: $(ls .husky/_)"
        [ -z "$(ls .git | grep git-orch || :)" ] || fail "left over: $(ls .git | grep git-orch)"
        ;;
    uninit)
        cmp -s .git/config ../config-before || fail "the config differs"
        if [ -e ../exclude-before ]; then cmp -s .git/info/exclude ../exclude-before || fail "exclude differs"; fi
        [ ! -e .git/git-orch ] || fail "git-orch is left"
        [ -z "$(ls .git | grep git-orch || :)" ] || fail "left over: $(ls .git | grep git-orch)"
        [ ! -e .orchestration ] || fail ".orchestration is left"
        [ "$(ls .git/hooks | grep -v sample)" = pre-push ] || fail "hooks: $(ls .git/hooks | grep -v sample)"
        [ "$(cat .git/hooks/pre-push)" = "$(printf '#!/bin/sh\nexit 0\n')" ] || fail "the user's hook differs"
        ;;
    new-issue | new-filtered | adopt) recorded discussion; worktree_whole; log_has 1 'Open issue 7' ;;
    restore) recorded execute; worktree_whole; [ -s "$wt/work.txt" ] || fail "no work" ;;
    spec-finalise) recorded discussion; log_has 1 'Freeze the specification' ;;
    task-add) recorded execute; log_has 1 'Add task 2' ;;
    task-done) recorded execute; log_has 1 'Finish task 1' ;;
    task-saved)
        recorded execute
        log_has 1 'Finish task 1'
        [ "$(git show refs/git-orch/checkpoints/7/0:notes.txt)" = 'typed and never committed' ] || fail "nothing was saved"
        [ "$(git for-each-ref refs/git-orch/checkpoints/ | wc -l)" = 1 ] || fail "saved more than once"
        ;;
    next) recorded execute; log_has 1 'Move on to EXECUTE' ;;
    validate)
        recorded validate
        [ -n "$(orch show 7 --json | grep '"green": true')" ] || fail "there is no evidence"
        ;;
    learn-add) recorded compact; log_has 1 'Learn' ;;
    compact) recorded complete; [ -s "$wt/.context/compaction-complete.flag" ] || fail "no flag"; log_has 1 'Seal' ;;
    fall-back) fell_back ;;
    archive | archive-force | abandon) archived "$1" ;;
    salvage-restore)
        recorded execute
        as_it_was
        ;;
    undo) recorded execute; log_has 1 'Undo: Add task 1' ;;
    undo-end) recorded execute; log_has 1 'Undo: Archive'; as_it_was ;;
    undo-open)
        [ ! -e "$wt" ] || fail "the worktree is left"
        [ -z "$(git for-each-ref refs/git-orch/issues/ refs/heads/issue/)" ] || fail "record or branch is left"
        [ "$(git for-each-ref refs/git-orch/undone/7/ | wc -l)" = 1 ] || fail "not one record is kept"
        git cat-file -e "$(git for-each-ref --format='%(refname)' refs/git-orch/undone/7/):spec.md" || fail "the draft is lost"
        ;;
    land)
        git merge-base --is-ancestor issue/7 main || fail "it has not landed"
        [ "$(git log --merges --format=%s main | grep -c '^Merge issue 7 ')" = 1 ] || fail "it did not land once"
        [ -s work.txt ] || fail "the work tree was left behind"
        [ -z "$(git status --porcelain --untracked-files=no)" ] || fail "not clean: $(git status --porcelain)"
        [ "$(git worktree list | wc -l)" = 3 ] || fail "a bench is left: $(git worktree list)"
        recorded complete
        ;;
    waive) recorded complete; log_has 1 Waive; [ -s "$wt/.context/compaction-complete.flag" ] || fail "no flag" ;;
    reopen)
        recorded complete
        worktree_whole
        [ -s "$wt/work.txt" ] || fail "no work"
        log_has 1 'Open again'
        ! git rev-parse -q --verify refs/git-orch/archive/7 > /dev/null || fail "it is archived as well"
        ;;
    purge)
        [ ! -e .orchestration/archived-sessions/7 ] || fail "the archive is left"
        [ -z "$(git for-each-ref refs/git-orch/archive refs/git-orch/issues)" ] || fail "the record is left"
        ;;
    archive-all) archived archive ;;
    adopt-commit) recorded discussion; log_has 1 'Adopt'; log_has 1 'Open issue 7'; worktree_whole ;;
    adopt-folder)
        wt=$CRASH_DIR/by-hand
        recorded discussion
        log_has 1 'Open issue 7'
        [ "$(cat "$wt/typed.txt")" = typed ] || fail "work was lost"
        ;;
    task-drop) recorded execute; log_has 1 'Drop task 1' ;;
    task-reopen) recorded execute; log_has 1 'Reopen task 1' ;;
    spec-new) recorded discussion; tail -1 "$wt/.context/spec.md" | grep -q . || fail "no specification" ;;
    learn-none) recorded compact; log_has 1 'Learn nothing' ;;
    learn-edit) recorded compact; orch show 7 --json | grep -q 'The second line must' || fail "it is as it was" ;;
    learn-drop) recorded compact; log_has 1 'Take back' ;;
    learn-confirm)
        [ "$(git rev-list --count refs/git-orch/learnings)" = 1 ] || fail "said more than once, or never"
        orch recall parser | grep -q 'confirmed 1' || fail "it is not confirmed"
        ;;
    recall-rebuild) orch recall parser | grep -q 'must name the file' || fail "nothing is found" ;;
    export) [ "$(grep -c 'The first line must' AGENTS.md)" = 1 ] || fail "the section is not whole"; tail -1 AGENTS.md | grep -q end ;;
    catalog-add)
        [ "$(grep -c '^| E-01 ' $page)" = 1 ] && [ "$(ls .orchestration/issues/E)" = E-01.md ] || fail "not added once"
        orch catalog check > /dev/null || fail "the catalogue is not whole"
        ;;
    catalog-sync)
        orch catalog check > /dev/null || fail "the catalogue is not whole"
        case $(orch catalog sync 2>&1) in *'says what the files say'*) ;; *) fail "it is not up to date" ;; esac
        ;;
    catalog-verify)
        for evidence in .orchestration/reports/evidence/E/*.json; do
            python3 -m json.tool "$evidence" > /dev/null || fail "evidence is torn"
        done
        ;;
    signal) grep -q '"run"\|complete' "$CRASH_DIR/signals/E.done" || fail "no signal" ;;
    trust-revoke) orch catalog verify E-01 > /dev/null 2>&1 && fail "it is still trusted" || [ $? != 0 ] ;;
    pr)
        [ "$(git -C ../hub.git rev-parse refs/heads/issue/7)" = "$(git rev-parse issue/7)" ] || fail "the branch is not there"
        [ "$(git -C ../hub.git rev-parse refs/git-orch/issues/7)" = "$(git rev-parse refs/git-orch/issues/7)" ] || fail "the record is not there"
        ;;
    doctor-fix)
        ! git config core.bare | grep -q true || fail "it is still bare"
        recorded execute
        [ -s "$repo.worktrees/8/README.md" ] || fail "the worktree is not back"
        ;;
    doctor-stray)
        [ -z "$(git config core.worktree)" ] || fail "core.worktree is still set"
        recorded execute
        ;;
    run) recorded compact; worktree_whole; log_has 1 'Move on to COMPACT' ;;
    lanes-run)
        orch catalog list --all | grep -q RESOLVED || fail "it is not resolved"
        [ "$(git log --merges --format=%s main | grep -c '^Merge issue E-01 ')" = 1 ] || fail "it did not land once"
        [ -z "$(git for-each-ref refs/git-orch/issues/ refs/heads/issue/)" ] || fail "an issue is left open"
        [ "$(git worktree list | wc -l)" = 2 ] || fail "a worktree is left: $(git worktree list)"
        [ -z "$(git status --porcelain)" ] || fail "not clean: $(git status --porcelain)"
        ;;
    lanes-hunt)
        [ "$(ls .orchestration/issues/E | tr '\n' ' ')" = 'E-01.md E-02.md ' ] || fail "not added once: $(ls .orchestration/issues/E)"
        [ "$(grep -c '^| E-02 ' $page)" = 1 ] || fail "no row, or several"
        [ "$(git worktree list | wc -l)" = 2 ] || fail "a worktree is left: $(git worktree list)"
        ;;
    salvage-drop) ! git rev-parse -q --verify refs/git-orch/checkpoints/7/0 > /dev/null || fail "it is still there" ;;
    esac
    sound
}

# Work that moved on after it was sealed fell back, and was sealed again.
fell_back() {
    recorded complete
    [ -s "$wt/.context/compaction-complete.flag" ] || fail "no flag"
    log_has 1 'Fall back'
    log_has 2 'Seal'
}

# What was uncommitted lies in the worktree again.
as_it_was() {
    [ "$(git -C "$wt" status --porcelain)" = "$(printf ' M README.md\nA  staged.txt\n?? notes.txt')" ] ||
        fail "not as it was: $(git -C "$wt" status --porcelain)"
    grep -q changed "$wt/README.md" || fail "an edit was lost"
    [ "$(cat "$wt/.context/ideas.md")" = 'an idea' ] || fail "an ignored file did not come back"
}

archived() {
    local folder=.orchestration/archived-sessions/7
    [ ! -e "$wt" ] || fail "the worktree is left"
    (cd "$folder" && sha256sum --quiet -c SHA256SUMS) || fail "the archive is not whole"
    git rev-parse -q --verify refs/git-orch/archive/7 > /dev/null || fail "no archived chain"
    ! git rev-parse -q --verify refs/git-orch/issues/7 > /dev/null || fail "the chain is still open"
    ! git rev-parse -q --verify refs/heads/issue/7 > /dev/null || fail "the branch is left"
    [ ! -e .git/worktrees/7 ] || fail "git's entry is left"
    log_has 1 Archive refs/git-orch/archive/7
    if [ "$1" != archive ]; then
        local kept
        kept=$(git for-each-ref --format='%(refname)' refs/git-orch/salvage/7/)
        [ "$(printf '%s\n' "$kept" | wc -l)" = 1 ] || fail "salvaged more than once: $kept"
        [ "$(git show "$kept:notes.txt")" = 'typed and never committed' ] || fail "work was lost"
        [ "$(git show "$kept^2:staged.txt")" = staged ] || fail "staged work was lost"
        git show "$kept:README.md" | grep -q changed || fail "an edit was lost"
        [ "$(git show "$kept^3:.context/ideas.md")" = 'an idea' ] || fail "an ignored file was lost"
    fi
}

# What nobody may lose at any moment: the work of the issue is in the worktree or in a ref.
invariant() {
    # What doctor is to mend hinders others until then.
    case $1 in doctor-*) ;; *) others ;; esac
    cd "$repo"
    case $1 in
    abandon | archive-force | undo-end)
        [ -s "$wt/notes.txt" ] || git grep -q 'typed and never' "$(git for-each-ref --format='%(refname)' refs/git-orch/salvage/7/ | head -1)" ||
            fail "uncommitted work is nowhere"
        [ -s "$wt/.context/ideas.md" ] || git grep -q 'an idea' "$(git for-each-ref --format='%(refname)' refs/git-orch/salvage/7/ | head -1)^3" ||
            fail "an ignored file is nowhere"
        ;;
    esac
    case $1 in
    archive* | abandon | salvage-* | undo | undo-end | compact | next | validate | learn-none | learn-add | learn-edit | learn-drop | task-* | spec-finalise | fall-back | \
        land | waive | reopen | run | pr)
        local ref
        ref=$(git for-each-ref --format='%(refname)' refs/git-orch/issues/7 refs/git-orch/archive/7 | head -1)
        [ -n "$ref" ] || fail "the record is gone"
        git cat-file -p "$ref:session-log.xml" | grep -q '</session-log>' || fail "the record is torn"
        ;;
    esac
    # A reader sees the copy whole or not at all. A worktree whose entry is not in its place yet has
    # no reader: all of it becomes durable at once, or is put aside.
    if [ -e "$wt/.context/session-log.xml" ] && [ -d "$(sed -n 's/^gitdir: //p' "$wt/.git" 2>/dev/null)" ]; then
        tail -c 20 "$wt/.context/session-log.xml" | grep -q '</session-log>' || fail "the copy is torn"
    fi
}

case ${1:-} in
setup | run | again | check | invariant) "$1" "$2" ;;
list) printf '%s\n' $CASES ;;
*) sed -n '2,/^set -eu/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 2 ;;
esac

# worlds.sh - the repositories that the cases of the fault matrix begin in; read by case.sh.

begin() {
    git init -q -b main repo
    cd repo
    mkdir src
    for n in 1 2 3; do printf 'line one of %s\nline two of %s\n' $n $n > "src/file$n.txt"; done
    echo '# A project' > README.md
    git add -A
    git commit -qm Begin
    # Somebody else works here too.
    git worktree add -q -b side ../side
}

opened() {
    begin
    orch init --yes -q
    orch new-issue 7 --title 'The seventh' --yes -q > /dev/null
    printf '# Work\n\n## Goal\n\nIt is done.\n\n## Acceptance criteria\n\n- [ ] It holds\n  verify: true\n' \
        > "$wt/.context/spec.md"
}
executing() { opened; orch spec finalise 7 -q; orch next 7 -q; orch task add --issue 7 'The first step' -q; }
working() {
    executing
    printf 'work of seven, the first line\nwork of seven, the second line\n' > "$wt/work.txt"
    (cd "$wt" && git add -A && git commit -qm 'Do the work')
}
validating() { working; orch task done --issue 7 1 -q; orch next 7 -q; }
validated() { validating; orch validate 7 -q; }
compacting() { validated; orch next 7 -q; orch learn none 7 -q --reason 'the change was mechanical and met no surprise'; }
compacted() { compacting; orch compact 7 -q; }
landed() { compacted; git -c core.hooksPath=/dev/null merge -q --no-edit issue/7; }
untidy() {
    echo 'typed and never committed' > "$wt/notes.txt"
    echo 'an idea' > "$wt/.context/ideas.md"
    echo 'staged' > "$wt/staged.txt"
    git -C "$wt" add staged.txt
    echo changed >> "$wt/README.md"
}
dirty() { executing; untidy; }
kept() { dirty; orch task done --issue 7 1 -q; }
lost() {
    kept
    git worktree remove --force "$wt"
    orch new-issue 7 --yes -q > /dev/null
}
finished() { landed; orch archive 7 -q > /dev/null; }
configured() { # lines of the configuration, on the branch that work lands on
    mkdir -p .orchestration
    printf '%s\n' "$@" > .orchestration/config.toml
    git add -f .orchestration/config.toml
    git commit -qm Configure
}
learned() {
    validated
    orch next 7 -q
    orch learn add 7 -q --kind pitfall --when src/file1.txt \
        --lesson 'The first line must name the file, the parser looks for it.' --evidence src/file1.txt > /dev/null
}
# A learning that is sealed and archived; issue 8 is at work.
taught() {
    learned
    orch compact 7 -q
    git -c core.hooksPath=/dev/null merge -q --no-edit issue/7
    orch archive 7 -q > /dev/null
    orch new-issue 8 --yes -q > /dev/null
}
# A person at a terminal says yes.
person() { printf 'y\n' | script -qec "$*" /dev/null > /dev/null; }
page=.orchestration/catalog.md
catalogued() {
    begin
    orch init --yes -q
    orch catalog add --lane E --title 'The first file has no end' --severity 5 --path src/file1.txt \
        --verify 'grep -q "the end" src/file1.txt && echo PASS || { echo FAIL; exit 1; }' -q > /dev/null
    git add -A
    git commit -qm 'A catalogue'
}
trusted() {
    catalogued
    configured '[agent]' 'attempts = 2' '[agent.retry]' 'crash_wait = 0.05' 'longest_wait = 0.1'
    person "'$GIT_ORCH' trust --catalog $page"
    cat > ../script.toml <<'TOML'
version = 1
[[step]]
issue = "E-01"
role = "implement"
run = "grep -q 'the end' src/file1.txt || echo the end >> src/file1.txt; git commit -qam 'End it' || true"
[[step]]
role = "compact-agent"
run = "\"$GIT_ORCH\" learn none --reason 'one line at the end of a file, as its issue asked'"
TOML
}
hunting() {
    trusted
    cat > ../one.md <<'MD'
---
lane: "E"
severity: 5
affected_paths: ["src/file2.txt"]
---

# The second file stops in the middle

## Problem Description

It is so.

## Verification Commands

```sh
grep -q "the end" src/file2.txt
```
MD
    printf '#!/bin/sh\nexec cp "%s" "$ORCH_INBOX/one.md"\n' "$CRASH_DIR/one.md" > ../hunter.sh
    chmod +x ../hunter.sh
}
resolved() {
    catalogued
    sed -i 's/^status: .*/status: "RESOLVED"/' .orchestration/issues/E/E-01.md
}
husky() {
    begin
    mkdir -p .husky/_
    printf '#!/bin/sh\nexit 0\n' > .husky/_/pre-push
    chmod +x .husky/_/pre-push
    git config core.hooksPath .husky/_
}

world() {
    case $1 in
    init) begin ;;
    init-husky) husky ;;
    uninit-husky)
        husky
        cp .git/config ../config-before
        orch init --yes -q
        ;;
    uninit)
        begin
        mkdir -p .git/hooks
        printf '#!/bin/sh\nexit 0\n' > .git/hooks/pre-push
        chmod +x .git/hooks/pre-push
        cp .git/config ../config-before
        cp .git/info/exclude ../exclude-before 2> /dev/null || :
        orch init --yes -q
        ;;
    new-issue) begin; orch init --yes -q ;;
    new-filtered)
        # Files that git has to write, and takes its time for: a killed git-orch leaves it at work.
        begin
        git config filter.slow.smudge 'sleep 0.2; cat'
        echo '*.bin filter=slow' > .gitattributes
        for n in 1 2 3; do echo "$n" > "$n.bin"; done
        git add -A
        git commit -qm 'Files that take their time'
        orch init --yes -q
        ;;
    adopt) begin; orch init --yes -q; git branch issue/7 ;;
    restore)
        working
        git worktree remove --force "$wt"
        ;;
    spec-finalise) opened ;;
    task-add | task-done) executing ;;
    task-saved) dirty ;;
    next) opened; orch spec finalise 7 -q ;;
    validate) validating ;;
    learn-add) validated; orch next 7 -q ;;
    compact) compacting ;;
    fall-back)
        compacted
        echo more >> "$wt/work.txt"
        git -C "$wt" commit -qam 'Do more'
        orch validate 7 -q
        ;;
    archive) landed ;;
    archive-force) landed; untidy ;;
    abandon) dirty ;;
    salvage-restore) lost ;;
    salvage-drop) kept ;;
    undo) executing ;;
    undo-open) opened ;;
    undo-end) dirty; orch abandon 7 -q --reason 'a mistake' > /dev/null ;;
    task-drop) executing ;;
    task-reopen) executing; orch task done --issue 7 1 -q ;;
    spec-new) begin; orch init --yes -q; orch new-issue 7 --yes -q > /dev/null; rm -f "$wt/.context/spec.md" ;;
    learn-none) validated; orch next 7 -q ;;
    learn-edit | learn-drop) learned ;;
    learn-confirm) taught ;;
    recall-rebuild) taught; orch recall parser -q > /dev/null ;;
    export) taught; person "'$GIT_ORCH' learn review --accept 7.1"; orch learn review --accept 7.1 -q > /dev/null || : ;;
    waive)
        begin
        orch init --yes -q
        configured '[waive]' "by = 'anyone'"
        orch new-issue 7 --title 'The seventh' --yes -q > /dev/null
        printf '# W\n\n## Goal\n\nDone.\n\n## Acceptance criteria\n\n- [ ] It holds\n  verify: true\n' > "$wt/.context/spec.md"
        orch spec finalise 7 -q
        orch next 7 -q
        printf 'work of seven, the first line\nwork of seven, the second line\n' > "$wt/work.txt"
        (cd "$wt" && git add -A && git commit -qm 'Do the work')
        orch next 7 -q
        orch validate 7 -q
        ;;
    land) compacted ;;
    pr)
        compacted
        git init -q --bare ../hub.git
        git remote add origin ../hub.git
        git -c core.hooksPath=/dev/null push -q origin main
        ;;
    archive-all) landed ;;
    reopen | purge) finished ;;
    adopt-commit)
        begin
        orch init --yes -q
        echo seen by nobody >> README.md
        git -c core.hooksPath=/dev/null commit -qam 'A commit that came past'
        git rev-parse HEAD > ../stray
        ;;
    adopt-folder)
        begin
        orch init --yes -q
        git worktree add -q -b made-by-hand ../by-hand
        echo typed > ../by-hand/typed.txt
        ;;
    catalog-add) begin; orch init --yes -q ;;
    catalog-sync) resolved ;;
    catalog-verify | lanes-run | trust-revoke) trusted ;;
    lanes-hunt) hunting ;;
    signal) trusted; mkdir -p ../signals ;;
    run)
        begin
        orch init --yes -q
        configured '[agent.retry]' 'crash_wait = 0.05' 'longest_wait = 0.1'
        orch new-issue 7 --title 'The seventh' --yes -q > /dev/null
        printf '# Work\n\n## Goal\n\nIt is done.\n\n## Acceptance criteria\n\n- [ ] It holds\n  verify: true\n' \
            > "$wt/.context/spec.md"
        orch spec finalise 7 -q
        orch next 7 -q
        cat > ../script.toml <<'TOML'
version = 1
[[step]]
role = "implement"
run = "printf 'work of seven\\nand more of it\\n' > work.txt; git add -A; git commit -qm 'Do the work' || true"
TOML
        ;;
    doctor-stray) executing; git config core.worktree /nowhere ;;
    doctor-fix)
        lost
        rm -f "$wt/.context/session-log.xml"
        orch new-issue 8 --yes -q > /dev/null
        git worktree remove --force "$repo.worktrees/8"
        git config core.bare true
        ;;
    *) fail "no case $1" ;;
    esac
}


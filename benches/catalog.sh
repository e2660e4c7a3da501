#!/bin/sh
# How long git-orch takes to read a catalog of 10,000 issues: page, 10,000 files with YAML in
# front, 10,000 blocks of verification commands. Medians of five runs, beside `cat` of the same
# files in the same run.
#
#   benches/catalog.sh [ISSUES]        uses the program as it is installed, or $GIT_ORCH
set -eu
issues=${1:-10000}
here=$(cd "$(dirname "$0")/.." && pwd)
program=${GIT_ORCH:-$("$here/scripts/release.sh")}
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
cd "$top"
git init -q -b main repo
cd repo
mkdir -p .orchestration/issues
python3 - "$issues" <<'PY'
import os, sys
count = int(sys.argv[1])
lanes = [f"L{n}" for n in range(50)]
page = ["# Catalog", "", "## Summary", "", "| Total | Resolved | Open | Progress |", "|---|---|---|---|",
        "| 0 | 0 | 0 | [" + "░" * 20 + "] 0% |", "", "## Open Issues by Lane"]
for lane in lanes:
    os.makedirs(f".orchestration/issues/{lane}")
    page += ["", f"### Lane {lane} - Number {lane}", "", "| ID | Title | Severity | Type Tags | Status |", "|---|---|---|---|---|"]
    for n in range(count // len(lanes)):
        id = f"{lane}-{n:03}"
        page.append(f"| {id} | Something is wrong in place {n} | 5/10 MEDIUM | docs, policy | OPEN |")
        with open(f".orchestration/issues/{lane}/{id}.md", "w") as f:
            f.write(f'''---
issue_id: "{id}"
lane: "{lane}"
severity: 5
severity_level: "MEDIUM"
type_tags: ["docs", "policy"]
status: "OPEN"
affected_paths:
  - src/place-{n}.txt
depends_on: []
---

# [LANE {lane}] Issue {id}: Something is wrong in place {n}

## Problem Description

The place {n} says the wrong thing, and it has said so for a while.

## Fix Requirements

- Say the right thing.

## Verification Commands

```bash
# Check 1: It says the right thing
grep -q "right" src/place-{n}.txt && echo "PASS" || echo "FAIL"
```

- **Status:** OPEN
''')
open(".orchestration/catalog.md", "w").write("\n".join(page) + "\n")
PY
# The median of five, in milliseconds.
median() {
  for _ in 1 2 3 4 5; do
    start=$(date +%s%N)
    "$@" >/dev/null 2>&1 || true
    end=$(date +%s%N)
    echo $(((end - start) / 1000000))
  done | sort -n | sed -n 3p
}
reading() { find .orchestration/issues -name '*.md' -print0 | xargs -0 cat; }
echo "issues: $issues"
echo "cat of all files:       $(median reading) ms"
echo "catalog list:           $(median "$program" catalog list) ms"
echo "catalog check:          $(median "$program" catalog check) ms"
"$program" catalog sync >/dev/null 2>&1 || true
echo "catalog sync (nothing): $(median "$program" catalog sync) ms"

//! The shell and the program agree on what PASS and FAIL mean, whatever a check prints.

use git_orch::domain::catalog::check::{Decides, Shell, checks, said};

use crate::harness::World;

#[test]
fn the_shell_judges_as_the_program_does() {
    let world = World::new();
    for (script, passes) in [
        ("echo PASS", true),
        ("echo \"PASS\"; false", false),
        ("echo FAIL", false),
        ("printf 'PASS\\nFAIL (missing x)\\n'", false),
        ("printf '✅ PASSED: a\\n'", true),
        ("test -f none && echo PASS", false),
        ("test -f none && echo PASS; true", false),
        ("echo PASSWORD # PASS", false),
        ("true", true),
        ("exit 3", false),
        ("echo \"it's 100%\" | grep -q '100%'", true),
        ("for a in 1 2; do\n  echo \"$a\"\ndone && echo 'PASS'", true),
        ("cat <<'X'\nPASS \\n %s $x\nX", true),
        ("printf '%s\\n' '%d <!-- PASS -->' | grep -q '%d <!-- PASS' && echo PASS", true),
        ("(echo PASS", false),
    ] {
        for shell in [Shell::Sh, Shell::Bash] {
            let found = checks(script, shell, 1, 0);
            assert_eq!(found.len(), 1, "{script}");
            let ended = world.sh(&world.repo, &found[0].command());
            assert_eq!(ended.code == 0, passes, "{script}\n{}\n{ended:?}", found[0].command());
            if found[0].decides == Decides::Word && ended.code == 0 {
                assert_eq!(said(&ended.stdout), Some(true), "{script}");
            }
        }
    }
}

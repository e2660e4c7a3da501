//! Is git-orch set up, and do its hooks stand where git looks for them?

use super::finding::{Finding, Level, Mend};
use crate::context::Context;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::exec;
use crate::git::hooks_dir::State;
use crate::git::open::DURABLE_CONFIG;
use crate::ops::{hooks, policy, server, watch};
use crate::store::{exclude, layout, manifest};

/// Oldest git whose hooks and refs behave as git-orch relies on (`docs/gate.md`).
const OLDEST_GIT: (u32, u32) = (2, 34);

type Facts = Vec<(String, String)>;

/// What is installed, and what of it is not as it should be.
pub fn examine(ctx: &Context) -> Result<(Facts, Vec<Finding>), Error> {
    let mut facts = Facts::new();
    let mut findings = Vec::new();
    let version = ctx.repo.git.at(&ctx.repo.common_dir).arg("--version").text()?;
    let version = version.trim_start_matches("git version ").to_owned();
    if exec::version_pair(&version).is_some_and(|pair| pair < OLDEST_GIT) {
        findings.push(Finding {
            code: "git-old",
            level: Level::Bad,
            what: format!("git {version} is older than {}.{}", OLDEST_GIT.0, OLDEST_GIT.1),
            why: "older versions do not run the hook that guards branches in every case".to_owned(),
            step: "install a newer git".to_owned(),
            mend: Mend::Person,
        });
    }
    facts.push(("git".to_owned(), version));
    facts.push(("git-orch".to_owned(), env!("CARGO_PKG_VERSION").to_owned()));
    let reading = if ctx.repo.by_lib { "libgit2" } else { "the git program" };
    facts.push((
        "repository".to_owned(),
        format!("{}, read by {reading}", ctx.repo.home().display()),
    ));
    let Some(installed) = manifest::read(&ctx.repo.own_folder())? else {
        findings.push(not_set_up());
        return Ok((facts, findings));
    };
    facts.push(("lands on".to_owned(), installed.base.clone()));
    if installed.without_lock {
        let level =
            "standard: fast-forwards and moves of refs are not judged until they are pushed";
        facts.push(("level".to_owned(), level.to_owned()));
    }
    if installed.server.is_some() {
        findings.extend(policy_findings(ctx, &installed.base, &mut facts)?);
        findings.extend(wall_findings(ctx)?);
        return Ok((facts, findings));
    }
    findings.extend(policy_findings(ctx, &installed.base, &mut facts)?);
    findings.extend(hook_findings(ctx, &installed.base, &mut facts)?);
    findings.extend(unseen_findings(ctx)?);
    findings.extend(file_findings(ctx)?);
    findings.extend(manual_page(ctx));
    Ok((facts, findings))
}

/// Whether the wall of a server stands as it was built.
fn wall_findings(ctx: &Context) -> Result<Option<Finding>, Error> {
    let missing = server::missing(ctx)?;
    let Some(first) = missing.first() else { return Ok(None) };
    Ok(Some(Finding {
        code: "wall-broken",
        level: Level::Bad,
        what: "the wall of this server does not stand as it was built".to_owned(),
        why: format!("it would {}", first.words),
        step: format!(
            "git orch init --server {}",
            quoted(&ctx.repo.common_dir.display().to_string())
        ),
        mend: Mend::Person,
    }))
}

fn not_set_up() -> Finding {
    Finding {
        code: "not-set-up",
        level: Level::Bad,
        what: "git-orch is not set up in this repository".to_owned(),
        why: "no branch is guarded".to_owned(),
        step: "git orch init".to_owned(),
        mend: Mend::Person,
    }
}

fn policy_findings(ctx: &Context, base: &str, facts: &mut Facts) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    match policy::in_force(ctx) {
        Ok(policy) => facts.push(("protected".to_owned(), policy.protected.join(", "))),
        Err(e) => findings.push(Finding {
            code: "policy",
            level: Level::Bad,
            what: e.to_string(),
            why: "until it can be read, everything onto a protected branch is refused".to_owned(),
            step: format!("mend that line and commit it to {base}"),
            mend: Mend::Person,
        }),
    }
    let Some(main) = &ctx.repo.main_worktree else { return Ok(findings) };
    let file = main.join(layout::CONFIG);
    let Ok(text) = std::fs::read(&file) else { return Ok(findings) };
    let committed = match ctx.repo.branch_tip(base)? {
        Some(tip) => ctx.repo.objects.file(&tip, layout::CONFIG)?,
        None => None,
    };
    if committed.as_deref() != Some(&text) {
        findings.push(Finding {
            code: "policy-uncommitted",
            level: Level::Info,
            what: format!("{} differs from the one on {base}", layout::CONFIG),
            why: format!("what counts is the one on {base}"),
            step: format!("git add {0} && git commit {0}", layout::CONFIG),
            mend: Mend::Person,
        });
    }
    Ok(findings)
}

fn hook_findings(ctx: &Context, base: &str, facts: &mut Facts) -> Result<Vec<Finding>, Error> {
    let seen = hooks::inspect(ctx, base)?;
    let folder = seen.folder.display().to_string();
    let mut findings = Vec::new();
    let all_run = seen.hooks.iter().all(|(_, state)| state.runs());
    let guarded = if all_run { Vec::new() } else { hooks::guarded(ctx)? };
    for (hook, state) in &seen.hooks {
        let name = hook.name();
        let guarded = guarded.contains(hook) && !state.runs();
        let (what, why) = match state {
            State::Ours { current: true } | State::Behind { current: true, .. } => continue,
            State::Ours { current: false } | State::Behind { current: false, .. } => (
                format!("hook {name} is not as this git-orch writes it"),
                "it may be out of date, or its program moved",
            ),
            State::Missing => {
                (format!("hook {name} is missing in {folder}"), "git runs nothing there")
            }
            State::Foreign(manager) => (
                format!("hook {name} is {manager}'s and does not run ours"),
                "git-orch is not asked",
            ),
            State::NotExecutable => {
                (format!("hook {name} in {folder} may not be executed"), "git passes it over")
            }
            State::Shadowed { .. } => (
                format!(
                    "hook {name} stands where git does not look: core.hooksPath leads to {folder}"
                ),
                "git-orch is not asked",
            ),
        };
        let why = if guarded { "its guard in git's configuration is asked instead" } else { why };
        findings.push(Finding {
            code: "hook",
            level: if guarded { Level::Care } else { Level::Bad },
            what,
            why: why.to_owned(),
            step: "git orch init".to_owned(),
            mend: Mend::Install,
        });
    }
    if findings.is_empty() {
        facts.push(("hooks".to_owned(), format!("{} of ours in {folder}", seen.hooks.len())));
    }
    for path in &seen.outdated {
        findings.push(Finding {
            code: "hook-dispatch",
            level: Level::Care,
            what: format!("{} is missing or outdated", path.display()),
            why: "the hook it stands for may not run".to_owned(),
            step: "git orch init".to_owned(),
            mend: Mend::Install,
        });
    }
    Ok(findings)
}

fn unseen_findings(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let moves = watch::unseen(ctx)?.into_iter();
    Ok(moves
        .map(|moved| Finding {
            code: "unseen",
            level: Level::Care,
            what: moved.to_string(),
            why:
                "hooks were off, or something other than git moved the branch; it is judged before \
                  it is pushed"
                    .to_owned(),
            step: watch::look(&moved),
            mend: Mend::Person,
        })
        .collect())
}

fn file_findings(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    let missing = exclude::missing(&ctx.repo.common_dir, &layout::EXCLUDED)?;
    if !missing.is_empty() {
        findings.push(Finding {
            code: "exclude",
            level: Level::Care,
            what: format!("info/exclude lacks {}", missing.join(" ")),
            why: "git add -A would sweep in what git-orch writes".to_owned(),
            step: "git orch init".to_owned(),
            mend: Mend::Install,
        });
    }
    if !ctx.repo.own_folder().join(DURABLE_CONFIG).exists() {
        findings.push(Finding {
            code: "durable",
            level: Level::Care,
            what: format!("{DURABLE_CONFIG} is missing"),
            why: "a power cut could lose the newest record".to_owned(),
            step: "git orch init".to_owned(),
            mend: Mend::Install,
        });
    }
    Ok(findings)
}

/// git answers `git orch --help` with the manual page, so without one that fails.
fn manual_page(ctx: &Context) -> Option<Finding> {
    let prefix = ctx.around.program.as_ref()?.parent()?.parent()?;
    let page = prefix.join("share").join("man").join("man1").join("git-orch.1");
    (!page.exists()).then(|| Finding {
        code: "manual",
        level: Level::Info,
        what: "the manual page is not installed beside the program".to_owned(),
        why: "git orch --help finds nothing; git orch -h works".to_owned(),
        step: format!(
            "git orch man --dir {}",
            quoted(&page.parent().unwrap_or(&page).display().to_string())
        ),
        mend: Mend::Person,
    })
}

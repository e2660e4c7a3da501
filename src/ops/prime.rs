//! `prime`: what an agent has to know to begin, in as many bytes as it is given.
//!
//! Everything comes from the record: the frozen criteria word for word, the next open task, the
//! last red evidence, the learnings that apply. When there is more than fits, what is least
//! missed goes first: output lines, learnings, conditions, the goal, and criteria last of all.
//! What was left out is named with the command that shows it.

mod draft;
pub mod learned;

use minijinja::context;
use serde::Serialize;

use super::survey::{self, Whole};
use super::{compact, policy, templates};
use crate::context::Context;
use crate::domain::evidence::Evidence;
use crate::domain::ids::IssueId;
use crate::domain::learning::Kind;
use crate::domain::learning::draft::Draft;
use crate::domain::phase::Phase;
use crate::domain::session::Session;
use crate::domain::spec::{self, Check, Spec};
use crate::error::Error;
use crate::store::lanes::Lanes;

/// How many bytes a brief may have when nobody says.
pub const LIMIT: usize = 1_500;

/// What an agent is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// The role it is for.
    pub role: &'static str,
    /// The phase the issue stands in.
    pub phase: Phase,
    /// The task it begins with, while there is one.
    pub task: Option<u32>,
    /// The text.
    pub text: String,
    /// Whether something was left out to keep to the limit.
    pub shortened: bool,
}

/// How much of each part is told.
#[derive(Clone, Copy, Debug)]
struct Room {
    lines: usize,
    learnings: usize,
    unmet: usize,
    goal: usize,
    criteria: usize,
}

/// From generous to bare; criteria are shortened only after the last of these.
const ROOMS: [Room; 6] = [
    Room { lines: 12, learnings: usize::MAX, unmet: 6, goal: 600, criteria: usize::MAX },
    Room { lines: 8, learnings: 5, unmet: 4, goal: 300, criteria: usize::MAX },
    Room { lines: 5, learnings: 3, unmet: 3, goal: 200, criteria: usize::MAX },
    Room { lines: 3, learnings: 2, unmet: 2, goal: 120, criteria: usize::MAX },
    Room { lines: 1, learnings: 1, unmet: 1, goal: 80, criteria: usize::MAX },
    Room { lines: 0, learnings: 0, unmet: 1, goal: 0, criteria: usize::MAX },
];

#[derive(Serialize)]
struct Told<'a> {
    number: u32,
    text: &'a str,
    command: Option<&'a str>,
}

#[derive(Serialize)]
struct Red {
    number: u32,
    subject: String,
    outcome: String,
    command: String,
    lines: Vec<String>,
}

/// The brief for the role of the phase that the issue stands in, or for the role of `phase`.
pub fn brief(
    ctx: &Context,
    id: &IssueId,
    phase: Option<Phase>,
    limit: usize,
) -> Result<Brief, Error> {
    let whole = survey::show(ctx, id)?;
    if whole.archived {
        let fix = format!("git orch show {id}");
        return Err(Error::usage(format!("issue {id} is finished and archived"), fix));
    }
    let phase = phase.unwrap_or(whole.phase);
    let told = Material::gather(ctx, whole, phase)?;
    let criteria = told.spec.criteria.len();
    let fewer = (0..criteria).rev().map(|criteria| Room { criteria, ..ROOMS[ROOMS.len() - 1] });
    let mut text = String::new();
    let mut shortened = false;
    for (index, room) in ROOMS.into_iter().chain(fewer).enumerate() {
        text = told.render(ctx, room)?;
        shortened = index > 0;
        if text.len() <= limit {
            break;
        }
    }
    if text.len() > limit {
        cut(&mut text, limit, id);
    }
    let session = &told.whole.chain.session;
    learned::note(ctx, session, &told.shown(&text));
    let task = session.open_task().filter(|_| phase == Phase::Execute).map(|task| task.number);
    Ok(Brief { role: phase.role(), phase, task, text, shortened })
}

/// Cuts a text that nothing else makes short enough, at a line where one is near.
fn cut(text: &mut String, limit: usize, id: &IssueId) {
    let note = format!("[cut: git orch show {id}]\n");
    let mut at = limit.saturating_sub(note.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    text.truncate(text[..at].rfind('\n').map_or(at, |line| line + 1));
    text.push_str(&note);
    text.truncate(limit.min(text.len()));
}

/// Everything a brief may speak of.
struct Material {
    whole: Whole,
    phase: Phase,
    spec: Spec,
    red: Option<Red>,
    reds: Vec<Red>,
    learnings: Vec<learned::Told>,
    drafts: Vec<Draft>,
    lane: Option<String>,
}

impl Material {
    fn gather(ctx: &Context, whole: Whole, phase: Phase) -> Result<Self, Error> {
        let session = &whole.chain.session;
        let spec = match &session.spec {
            Some(frozen) => frozen.spec.clone(),
            None => draft::read(session)?,
        };
        let mut red = None;
        if let Some(evidence) = still_red(session).into_iter().next() {
            let output = survey::evidence_output(ctx, &whole.chain, evidence.number);
            // What was printed may be gone; that it was red is not.
            red = Some(shown(evidence, &output.unwrap_or_default()));
        }
        let reds = session.evidence.iter().filter(|e| !e.outcome.is_green());
        let reds = reds.map(|e| shown(e, "")).collect();
        // What was learned before helps; an index that fails is told by `recall`, not here.
        let learnings = learned::that_apply(ctx, session, &spec).unwrap_or_default();
        let drafts = match phase {
            Phase::Compact => compact::propose::from(ctx, &whole.chain)?,
            _ => Vec::new(),
        };
        let lane = Lanes::of(&ctx.repo.own_folder()).lane_of(&session.issue)?;
        Ok(Self { whole, phase, spec, red, reds, learnings, drafts, lane })
    }

    /// The learnings that the text tells.
    fn shown(&self, text: &str) -> Vec<learned::Told> {
        let told = |one: &&learned::Told| text.contains(&format!("({})", one.id));
        self.learnings.iter().filter(told).cloned().collect()
    }

    /// The lane that walks the issue, for templates.
    fn lane(&self, ctx: &Context) -> Result<Option<minijinja::Value>, Error> {
        let Some(name) = self.lane.as_deref() else { return Ok(None) };
        let settings = policy::in_force(ctx)?.lanes;
        let known = settings.lanes.iter().find(|(lane, _)| lane.as_str() == name);
        Ok(Some(templates::lane(name, known.map(|(_, lane)| lane))))
    }

    fn render(&self, ctx: &Context, room: Room) -> Result<String, Error> {
        let session = &self.whole.chain.session;
        let criteria: Vec<Told<'_>> =
            self.spec.criteria.iter().take(room.criteria).map(told).collect();
        let red =
            self.red.as_ref().map(|red| Red { lines: last(&red.lines, room.lines), ..red.copy() });
        let unmet: Vec<_> = self
            .whole
            .unmet
            .iter()
            .take(room.unmet)
            .map(|one| context! { why => one.why, fix => one.fix })
            .collect();
        let learnings: Vec<_> = self.learnings.iter().take(room.learnings).collect();
        let task = session.open_task().map(|task| {
            context! { number => task.number, text => task.text, verify => task.verify }
        });
        let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        let values = context! {
            role => self.phase.role(),
            phase => self.phase.title(),
            issue => session.issue.as_str(),
            title => session.title,
            source => session.source,
            branch => session.branch.as_str(),
            base => session.base,
            worktree => session.worktree,
            main => ctx.repo.main_worktree.as_ref().map(|path| path.display().to_string()),
            landed => self.whole.unmet.iter().all(|one| one.code != "unlanded"),
            goal => shortened(&self.spec.goal, room.goal),
            criteria_left => self.spec.criteria.len() - criteria.len(),
            criteria,
            task,
            tasks_total => session.tasks.len(),
            tasks_open => session.tasks.iter().filter(|task| task.is_open()).count(),
            red,
            reds => self.reds.iter().rev().take(room.lines.min(5)).collect::<Vec<_>>(),
            given => session.learnings.len(),
            kinds => kinds.join("|"),
            learnings,
            drafts => self
                .drafts
                .iter()
                .take(room.lines / 2)
                .map(|draft| context! { because => draft.because, kind => draft.kind.name() })
                .collect::<Vec<_>>(),
            unmet_left => self.whole.unmet.len() - unmet.len(),
            unmet,
            lane => self.lane(ctx)?,
        };
        let (main, lane) = (ctx.repo.main_worktree.as_deref(), self.lane.as_deref());
        templates::agent(main, self.phase.role(), lane, values)
    }
}

/// The newest evidence of each subject where that is red, newest first.
fn still_red(session: &Session) -> Vec<&Evidence> {
    let mut seen = Vec::new();
    let mut red = Vec::new();
    for evidence in session.evidence.iter().rev() {
        if !seen.contains(&&evidence.subject) {
            seen.push(&evidence.subject);
            if !evidence.outcome.is_green() {
                red.push(evidence);
            }
        }
    }
    red
}

fn shown(evidence: &Evidence, output: &str) -> Red {
    let output = anstream::adapter::strip_str(output).to_string();
    let lines = output.lines().map(|line| line.trim_end().chars().take(160).collect::<String>());
    Red {
        number: evidence.number,
        subject: evidence.subject.to_string(),
        outcome: evidence.outcome.words(),
        command: evidence.command.clone(),
        lines: lines.filter(|line| !line.is_empty()).collect(),
    }
}

impl Red {
    fn copy(&self) -> Self {
        Self {
            number: self.number,
            subject: self.subject.clone(),
            outcome: self.outcome.clone(),
            command: self.command.clone(),
            lines: Vec::new(),
        }
    }
}

fn told(criterion: &spec::Criterion) -> Told<'_> {
    let command = match &criterion.check {
        Check::Command(command) => Some(command.as_str()),
        Check::Manual | Check::Missing => None,
    };
    Told { number: criterion.number, text: &criterion.text, command }
}

fn last(lines: &[String], count: usize) -> Vec<String> {
    lines[lines.len().saturating_sub(count)..].to_vec()
}

/// The text on one line, cut at a word with a mark when it is longer than that many characters.
fn shortened(text: &str, longest: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= longest {
        return line;
    }
    let kept: String = line.chars().take(longest).collect();
    match kept.rfind(' ') {
        Some(at) if longest > 0 => format!("{} …", &kept[..at]),
        _ => String::new(),
    }
}

//! The graph of modules, a file a module: who uses whom, in layers and without cycles.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::paths::mentions;
use crate::source::Source;

/// One module that mentions another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    pub from: String,
    pub to: String,
    /// Where it is written.
    pub path: String,
    pub line: usize,
}

/// A row of the layer table: a module below the crate root, and those it may use.
pub type Row = (&'static str, &'static [&'static str]);

/// The edges between the modules of `sources`, one for each mention. Each is followed to the
/// deepest module it names; a declaration `mod x;` is none.
pub fn edges(sources: &[&Source], library: &str) -> Vec<Edge> {
    let modules: BTreeSet<String> = sources.iter().map(|source| source.module()).collect();
    let mut edges = BTreeSet::new();
    for source in sources {
        let from = source.module();
        for mention in mentions(source, library).paths.iter().filter(|mention| mention.own) {
            let to = deepest(&mention.path, &modules);
            if to != from {
                let (path, line) = (source.path.clone(), mention.line);
                edges.insert(Edge { from: from.clone(), to, path, line });
            }
        }
    }
    edges.into_iter().collect()
}

fn deepest(path: &[String], modules: &BTreeSet<String>) -> String {
    (1..=path.len())
        .rev()
        .map(|length| path[..length].join("::"))
        .find(|name| modules.contains(name))
        .unwrap_or_else(|| "lib".to_owned())
}

/// Mentions that reach into a layer they may not know, and modules that have no row.
pub fn wrong_layers(edges: &[Edge], rows: &[Row]) -> Vec<String> {
    let top = |module: &str| module.split("::").next().unwrap_or(module).to_owned();
    let mut wrong = BTreeSet::new();
    for edge in edges {
        let (from, to) = (top(&edge.from), top(&edge.to));
        if from == to {
            continue;
        }
        let at = format!("{}:{}", edge.path, edge.line);
        match rows.iter().find(|(name, _)| *name == from) {
            None => wrong.insert(format!("{at}: {from} has no row in the layer table")),
            Some((_, allowed)) if allowed.contains(&to.as_str()) => false,
            Some((_, allowed)) => wrong.insert(format!(
                "{at}: {from} may not use {} (it may use {})",
                edge.to,
                if allowed.is_empty() { "nothing of ours".to_owned() } else { allowed.join(", ") }
            )),
        };
    }
    wrong.into_iter().collect()
}

/// The cycles among `edges`, a shortest one for each group of modules that reach each other, each
/// as a chain with the place of every step.
pub fn cycles(edges: &[Edge]) -> Vec<String> {
    let mut next: BTreeMap<&str, BTreeMap<&str, &Edge>> = BTreeMap::new();
    for edge in edges {
        next.entry(&edge.from).or_default().entry(&edge.to).or_insert(edge);
    }
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let mut found: Vec<(usize, Vec<&Edge>)> = next
        .keys()
        .filter_map(|start| shortest_way_back(start, &next))
        .map(|chain| (chain.len(), chain))
        .collect();
    found.sort();
    let mut chains = Vec::new();
    for (_, chain) in found {
        if chain.iter().any(|edge| told.contains(edge.from.as_str())) {
            continue;
        }
        told.extend(chain.iter().map(|edge| edge.from.as_str()));
        let steps: Vec<String> = chain
            .iter()
            .map(|edge| {
                format!("\n    {} uses {} ({}:{})", edge.from, edge.to, edge.path, edge.line)
            })
            .collect();
        chains.push(format!("a cycle of {}:{}", chain.len(), steps.concat()));
    }
    chains
}

fn shortest_way_back<'a>(
    start: &'a str,
    next: &BTreeMap<&'a str, BTreeMap<&'a str, &'a Edge>>,
) -> Option<Vec<&'a Edge>> {
    let mut came_by: BTreeMap<&str, &Edge> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(here) = open.pop_front() {
        for (to, edge) in next.get(here).into_iter().flatten() {
            if came_by.contains_key(to) {
                continue;
            }
            came_by.insert(to, edge);
            if *to == start {
                let mut chain = vec![*edge];
                while chain[chain.len() - 1].from != start {
                    chain.push(came_by[chain[chain.len() - 1].from.as_str()]);
                }
                chain.reverse();
                return Some(chain);
            }
            open.push_back(to);
        }
    }
    None
}

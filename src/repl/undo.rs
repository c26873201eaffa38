//! `.undo`: the state of the lab before each input that may change it, and the way back.

use super::shell::Shell;
use super::{command, tool};
use crate::error::{Error, Kind, Result};
use crate::lab::http::HttpServer;
use crate::lab::snapshot::Snapshot;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// So many inputs can be taken back.
const KEPT: usize = 50;

/// What the last inputs have changed.
#[derive(Default)]
pub(super) struct Changes(RefCell<Vec<Step>>);

struct Step {
    input: String,
    before: Snapshot,
    names: Names,
    /// What there was when the next input came.
    after: Option<Names>,
    /// The processes that ran.
    pids: BTreeSet<u32>,
    servers: usize,
}

/// What a session calls its own.
#[derive(Clone)]
struct Names {
    /// How many inputs were kept for `.save`.
    kept: usize,
    variables: BTreeSet<String>,
}

impl Names {
    fn of(shell: &Shell) -> Names {
        let names = |scope: std::cell::Ref<rhai::Scope>| scope.iter_raw().map(|(name, _, _)| name.to_string()).collect();
        Names { kept: shell.kept.borrow().len(), variables: shell.scope.try_borrow().map(names).unwrap_or_default() }
    }
}

impl Changes {
    /// Notes how the lab is before an input. The step before it goes if it has changed nothing.
    pub(super) fn before(&self, shell: &Shell, input: &str) {
        let Ok(Some(before)) = shell.lab().snapshot() else {
            return self.0.borrow_mut().clear();
        };
        let step = Step {
            input: input.to_string(),
            names: Names::of(shell),
            after: None,
            pids: pids(shell),
            servers: command::servers(shell).len(),
            before,
        };
        let mut steps = self.0.borrow_mut();
        match steps.last_mut() {
            Some(last) if last.after.is_some() => {}
            Some(last) if last.differs(&step) => last.after = Some(step.names.clone()),
            _ => {
                steps.pop();
            }
        }
        if steps.len() == KEPT {
            steps.remove(0);
        }
        steps.push(step);
    }

    pub(super) fn forget(&self) {
        self.0.borrow_mut().clear();
    }
}

impl Step {
    fn differs(&self, later: &Step) -> bool {
        self.pids != later.pids || self.servers != later.servers || !self.before.is_like(&later.before)
    }
}

fn pids(shell: &Shell) -> BTreeSet<u32> {
    shell.lab().processes().iter().filter(|process| process.status().is_none()).map(|process| process.pid()).collect()
}

/// `.undo`
pub(super) fn undo(shell: &Shell, _: &str) -> Result<()> {
    let nothing = |cause: &str| Error::new(Kind::NotFound, "undo", "", cause);
    let Some(now) = shell.lab().snapshot()? else {
        return Err(nothing("the lab has too many namespaces to look at all of them before each input"));
    };
    let step = loop {
        let step = shell.changes.0.borrow_mut().pop().ok_or_else(|| nothing("no input has changed the lab"))?;
        let servers = command::servers(shell).len() != step.servers;
        if servers || pids(shell) != step.pids || !step.before.is_like(&now) {
            break step;
        }
    };
    for process in shell.lab().processes().iter().filter(|process| process.status().is_none() && !step.pids.contains(&process.pid())) {
        process.kill(crate::kernel::Signal::SIGTERM)?;
    }
    for server in command::servers(shell).iter().skip(step.servers) {
        server.1.stop()?;
    }
    shell.servers.borrow_mut().retain(HttpServer::is_running);
    let way = shell.lab().go_back(&step.before)?;
    way.moved.iter().for_each(|(old, link)| tool::followed(shell, old, link));
    forget_names(shell, &step.names, &step.after.unwrap_or_else(|| Names::of(shell)));
    let first = step.input.lines().next().unwrap_or("");
    let more = if step.input.lines().count() > 1 { " …" } else { "" };
    shell.say(&format!("undone: {first}{more}"));
    way.done.iter().for_each(|done| shell.say(&shell.paint.dim(&format!("  {done}"))));
    way.kept.iter().for_each(|kept| shell.complain(kept));
    Ok(())
}

/// What the input has named is gone, and so are its line in `.save` and those that build on it.
fn forget_names(shell: &Shell, before: &Names, after: &Names) {
    let mut kept = shell.kept.borrow_mut();
    let end = after.kept.min(kept.len());
    kept.drain(before.kept.min(end)..end);
    for name in after.variables.difference(&before.variables) {
        let _ = shell.scope.borrow_mut().remove::<rhai::Dynamic>(name);
        let uses = |input: &String| input.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == name);
        kept.retain(|input| !uses(input));
    }
}

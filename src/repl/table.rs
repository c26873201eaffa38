//! Lists of what the kernel has as tables, and a namespace as a tree: what one wants to see at a glance. `print` writes them as `ip` does.

use super::command;
use super::shell::Shell;
use super::value::columns;
use crate::lab::Netns;
use rhai::{Array, Dynamic, Scope};

/// Of each type, the columns: the title, and the expression that fills it for `x`.
const TABLES: [(&str, &[(&str, &str)]); 6] = [
    ("Netns", &[("NAME", "x.name"), ("LINKS", "x.link.list().len()"), ("PROCESSES", "x.processes.len()")]),
    (
        "Link",
        &[
            ("NAME", "x.name"),
            ("STATE", "if !x.is_up { \"DOWN\" } else if x.carrier { \"UP\" } else { \"NO-CARRIER\" }"),
            ("KIND", "x.kind"),
            ("MTU", "x.mtu"),
            ("ADDRESSES", "x.addrs"),
            ("MAC", "x.mac"),
        ],
    ),
    ("Addr", &[("DEV", "x.dev"), ("ADDRESS", "x.cidr"), ("SCOPE", "x.scope"), ("FLAGS", "x.flags")]),
    (
        "Route",
        &[
            ("DESTINATION", "x.dst"),
            ("VIA", "x.via"),
            ("DEV", "x.dev"),
            ("SRC", "x.src"),
            ("METRIC", "x.metric"),
            ("PROTO", "x.proto"),
            ("TYPE", "if x.type == \"unicast\" { \"\" } else { x.type }"),
        ],
    ),
    ("Neigh", &[("ADDRESS", "x.ip"), ("MAC", "x.mac"), ("DEV", "x.dev"), ("STATE", "x.state")]),
    (
        "Process",
        &[("PID", "x.pid"), ("STATE", "if x.running { \"running\" } else { \"ended with \" + x.status }"), ("COMMAND", "x.command")],
    ),
];

/// Shows a list as a table and a namespace as a tree; nothing for other values.
pub(super) fn show(shell: &Shell, value: &Dynamic) -> Option<String> {
    if let Some(netns) = value.clone().try_cast::<Netns>() {
        return command::draw(shell, &netns).ok();
    }
    let list = value.read_lock::<Array>()?;
    let ty = super::kind::of_value(list.first()?).ty;
    if list.iter().any(|value| super::kind::of_value(value).ty != ty) {
        return None;
    }
    let (_, cells) = TABLES.iter().find(|(name, _)| *name == ty)?;
    let mut rows = vec![cells.iter().map(|(title, _)| title.to_string()).collect::<Vec<_>>()];
    rows.extend(list.iter().map(|value| cells.iter().map(|(_, expression)| cell(shell, value, expression)).collect()));
    // A column without anything in it says nothing.
    for column in (0..cells.len()).rev() {
        if rows.iter().skip(1).all(|row| row[column].is_empty()) {
            rows.iter_mut().for_each(|row| drop(row.remove(column)));
        }
    }
    let text = columns(&rows);
    let (title, body) = text.split_once('\n')?;
    Some(format!("{}\n{}", shell.paint.dim(title), shell.paint.output(body)))
}

fn cell(shell: &Shell, value: &Dynamic, expression: &str) -> String {
    let mut scope = Scope::new();
    scope.push_dynamic("x", value.clone());
    match shell.interpreter.engine().eval_with_scope::<Dynamic>(&mut scope, expression) {
        Ok(found) if found.is_unit() => String::new(),
        Ok(found) => match found.read_lock::<Array>() {
            Some(list) => list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            None => found.to_string(),
        },
        // It has gone meanwhile, or has no such thing.
        Err(_) => String::new(),
    }
}

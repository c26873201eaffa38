//! `ip vrf show`: the VRFs and their tables.

use super::link::show;
use super::output::Fields;
use super::stop::{Result, Stop};
use super::words::{Words, begins};
use super::{Run, usage};
use crate::kernel::attr::{self, Writer};

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => list(run, words),
        Some(verb) if show::is_show(verb) => list(run, words),
        Some(verb) if begins(verb, "identify") || begins(verb, "pids") || begins(verb, "exec") => {
            Err(Stop::wrong(format!("labsh does not have \"{verb}\" of ip vrf: it needs a cgroup and a program for it")))
        }
        Some(verb) if begins(verb, "help") => Err(usage::object("vrf")),
        Some(verb) => Err(Stop::unknown_command(verb, "ip vrf")),
    }
}

fn list(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let name = words.take();
    let mut question = Writer::new(&[0; 16]);
    question.nest(18, |info| info.put(1, b"vrf"));
    let messages = run.dump(18, &question.bytes())?;
    let mut objects = Vec::new();
    for message in messages {
        let find = |kind| attr::find(message.bytes.get(16..).unwrap_or_default(), kind);
        let own = find(3).map(attr::text).unwrap_or_default();
        let info = find(18).unwrap_or_default();
        if attr::find(info, 1).is_none_or(|kind| attr::text(kind) != "vrf") || name.is_some_and(|name| name != own) {
            continue;
        }
        let table = attr::find(info, 2).and_then(|data| attr::find(data, 1)).map_or(0, attr::number);
        let mut fields = Fields::new();
        fields.both("name", own.as_str(), format!("{own:<16}"));
        fields.both("table", table, format!("  {table:4}\n"));
        objects.push(fields);
    }
    if run.options.json {
        run.print(&objects);
        return Ok(());
    }
    run.write("Name              Table\n-----------------------\n");
    match objects.is_empty() {
        true => run.write("No VRF has been configured\n"),
        false => run.print(&objects),
    }
    Ok(())
}

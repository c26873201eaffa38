//! `ip vrf show`: the VRFs and their tables.

use super::link::show;
use super::output::Fields;
use super::stop::{Result, Stop};
use super::words::{self, Words, begins};
use super::{Run, usage};
use crate::kernel::attr::{self, Writer};

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => list(run, words),
        Some(verb) if show::is_show(verb) => list(run, words),
        Some(verb) if begins(verb, "identify") => identify(run, words),
        Some(verb) if begins(verb, "pids") => {
            let Some(name) = words.take() else { return Err(Stop::wrong("Invalid arguments")) };
            known(run, name, 1)?;
            Err(lacks(verb))
        }
        Some(verb) if begins(verb, "exec") => {
            let Some(name) = words.take() else { return Err(Stop::wrong("No VRF name specified")) };
            if words.done() {
                return Err(Stop::wrong("No command specified"));
            }
            if name != "default" {
                known(run, name, 255)?;
            }
            Err(lacks(verb))
        }
        Some(verb) if begins(verb, "help") => Err(usage::object("vrf")),
        Some(verb) => Err(Stop::unknown_command(verb, "ip vrf")),
    }
}

fn lacks(verb: &str) -> Stop {
    Stop::wrong(format!("labsh does not have \"{verb}\" of ip vrf: it needs a cgroup and a program for it"))
}

/// The table of a VRF of that name.
fn known(run: &mut Run<'_>, name: &str, status: i32) -> Result<u32> {
    let table = super::route::vrf_table(run, name)?;
    table.ok_or_else(|| Stop::new("Invalid VRF name", status))
}

/// Which VRF a process was started in: its cgroup tells (`…/vrf/NAME`).
fn identify(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let pid = match words.take() {
        None => "self".to_string(),
        Some(_) if !words.done() => return Err(Stop::wrong("Extra arguments specified")),
        Some(pid) => words::number(pid).map(|pid| pid.to_string()).ok_or_else(|| Stop::invalid(pid, "Invalid pid\n"))?,
    };
    let read = std::fs::read_to_string(format!("/proc/{pid}/cgroup"));
    let text =
        read.map_err(|error| Stop::wrong(format!("Failed to lookup vrf association: {}", crate::kernel::Failure::from(error).words())))?;
    let path = text.lines().find_map(|line| line.split_once("::")).map_or("", |(_, path)| path);
    if let Some((_, name)) = path.split_once("/vrf/") {
        run.write(&format!("{}\n", name.trim_end_matches('/')));
    }
    Ok(())
}

/// `ip vrf show NAME`: one line, as words even where JSON was asked for.
fn one(run: &mut Run<'_>, name: &str) -> Result {
    let table = super::route::vrf_table(run, name)?.ok_or_else(|| Stop::unreadable("Invalid VRF"))?;
    run.write(&format!("{name} {table}\n"));
    Ok(())
}

fn list(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    if let Some(name) = words.take() {
        return one(run, name);
    }
    let mut question = Writer::new(&[0; 16]);
    question.nest(18, |info| info.put(1, b"vrf"));
    let messages = run.dump(18, &question.bytes())?;
    let mut objects = Vec::new();
    for message in messages {
        let find = |kind| attr::find(message.bytes.get(16..).unwrap_or_default(), kind);
        let own = find(3).map(attr::text).unwrap_or_default();
        let info = find(18).unwrap_or_default();
        if attr::find(info, 1).is_none_or(|kind| attr::text(kind) != "vrf") {
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

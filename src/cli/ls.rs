//! `labsh ls`: the named labs of this user.

use super::{Global, print};
use crate::world::named::{self, NamedLab};
use serde_json::json;
use std::time::Duration;

pub(super) fn execute(global: &Global) -> Result<i32, i32> {
    let labs = named::list().map_err(|error| global.complain(error, 1))?;
    let all = named::by_namespace();
    if global.json {
        for lab in &labs {
            print(&format!("{}\n", object(lab, &lab.processes_among(&all))));
        }
        return Ok(0);
    }
    if labs.is_empty() {
        if !global.quiet {
            print("no labs: labsh up NAME makes one\n");
        }
        return Ok(0);
    }
    print(&row(["NAME", "AGE", "NETNS", "PROCESSES", "MEMORY", "SCRIPT"].map(str::to_string)));
    for lab in &labs {
        let processes = lab.processes_among(&all);
        let memory: u64 = processes.iter().map(|(_, kib, _)| kib).sum();
        let fields = [
            lab.name.clone(),
            age(lab.created.elapsed().unwrap_or_default()),
            lab.netns_names().len().to_string(),
            processes.len().to_string(),
            format!("{:.1} MiB", memory as f64 / 1024.0),
            lab.script.join(" "),
        ];
        print(&row(fields));
    }
    Ok(0)
}

fn row([name, age, netns, processes, memory, script]: [String; 6]) -> String {
    let line = format!("{name:<16} {age:>6} {netns:>6} {processes:>10} {memory:>10}  {script}");
    line.trim_end().to_string() + "\n"
}

fn age(time: Duration) -> String {
    match time.as_secs() {
        s if s < 60 => format!("{s}s"),
        s if s < 3600 => format!("{}m", s / 60),
        s if s < 86_400 => format!("{}h", s / 3600),
        s => format!("{}d", s / 86_400),
    }
}

fn object(lab: &NamedLab, processes: &[(i32, u64, String)]) -> serde_json::Value {
    let processes: Vec<_> =
        processes.iter().map(|(pid, kib, command)| json!({ "pid": pid, "memory_kib": kib, "command": command })).collect();
    json!({
        "name": lab.name,
        "pid": lab.pid,
        "age_s": lab.created.elapsed().unwrap_or_default().as_secs(),
        "script": lab.script,
        "netns": lab.netns_names(),
        "processes": processes,
    })
}

//! Named labs under random commands, deaths and stops: no command hangs past its deadline, and at the end nothing is left.
//! LABSH_TORTURE=STEPS:SEED repeats a run or makes it longer.

use super::harness::{Chance, Suite, claims, eventually};
use super::named::Home;
use super::outside::{PATIENCE, tree};
use super::run::{NOBODY, Running};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

pub fn trials(suite: &mut Suite) {
    claims! { suite:
        random_commands_and_deaths_leave_nothing;
        random_commands_and_deaths_of_another_user_leave_nothing needs "root";
    }
}

const DEADLINE: Duration = Duration::from_secs(20);

const BUILD: &str = r#"
let blue = netns::add("blue");
let red = netns::add("red");
veth::add("v0", "v1", #{ a: #{ netns: blue, addr: "10.0.0.1/24", up: true }, b: #{ netns: red, addr: "10.0.0.2/24", up: true } });
blue.http_server(8080, "hi");
red.start("sleep 600");
red.exec("true");
"#;

const ASK: &str = r#"try { netns::add(`n${args[0]}`).start("sleep 600"); } catch {} netns::list().len(); try_ping("127.0.0.1");"#;

fn random_commands_and_deaths_leave_nothing() {
    torture(None);
}

fn random_commands_and_deaths_of_another_user_leave_nothing() {
    torture(Some(NOBODY));
}

fn torture(user: Option<u32>) {
    let setting = std::env::var("LABSH_TORTURE").unwrap_or_default();
    let (steps, seed) = setting.split_once(':').unwrap_or((&setting, ""));
    let (steps, seed): (u32, u64) = (steps.parse().unwrap_or(60), seed.parse().unwrap_or(1));
    let mut chance = Chance::seeded(seed);
    let home = Home::of(user);
    let state = home.path("run/labsh");
    let mut running: Vec<(String, Running)> = Vec::new();
    let mut counts = std::collections::BTreeMap::<String, u32>::new();
    for step in 0..steps {
        let name = ["one", "two", "three"][chance.below(3) as usize];
        let number = step.to_string();
        let script = if chance.below(4) == 0 { format!("{BUILD} throw \"no\";") } else { BUILD.to_string() };
        let up = home.labsh(&["-q", "up", name, "build.rhai"]).file("build.rhai", &script);
        let (what, lab) = match chance.below(13) {
            0 | 1 => ("up", up),
            2 => ("run", home.labsh(&["-q", "run", "--lab", name, "ask.rhai", &number]).file("ask.rhai", ASK)),
            3 => ("exec", home.labsh(&["exec", name, "--", "true"])),
            4 => (
                "exec in a namespace",
                home.labsh(&["exec", &format!("{name}/blue"), "--", "sh", "-c", "sleep 601 > /dev/null 2>&1 & true"]),
            ),
            5 => ("attach", home.labsh(&["attach", name]).input("netns::list()\nlink::list()\n")),
            6 => ("down", home.labsh(&["down", name])),
            7 if chance.below(3) == 0 => ("down of all", home.labsh(&["down", "--all"])),
            7 => ("ls", home.labsh(&["ls"])),
            8 => {
                // Goes on meanwhile.
                let lab = match chance.below(4) {
                    0 => up,
                    1 => home.labsh(&["attach", name]).input("sleep(\"60s\")\n"),
                    2 => home.labsh(&["exec", name, "--", "sleep", "602"]),
                    _ => home.labsh(&["run", "--lab", name, "s.rhai"]).file("s.rhai", "start(\"sleep 603\"); sleep(\"60s\");"),
                };
                *counts.entry("begun".to_string()).or_default() += 1;
                running.push((name.to_string(), lab.start()));
                continue;
            }
            9 | 10 => {
                let (signal, what) = [
                    (Signal::SIGKILL, "killed"),
                    (Signal::SIGSTOP, "stopped"),
                    (Signal::SIGCONT, "continued"),
                    (Signal::SIGKILL, "killed"),
                ][chance.below(4) as usize];
                // One of a command that goes on, or of a lab: outer process, init, worker.
                let of_labs = fs::read_dir(&state).into_iter().flatten().flatten().filter_map(|entry| {
                    let record = fs::read_to_string(entry.path().join("lab.json")).ok()?;
                    Some(serde_json::from_str::<serde_json::Value>(&record).ok()?["pid"].as_i64()? as i32)
                });
                let tops: Vec<i32> = running.iter().filter(|(_, r)| !r.has_ended()).map(|(_, r)| r.pid).chain(of_labs).collect();
                let all: Vec<i32> =
                    tops.iter().flat_map(|pid| tree(*pid)).map(|process| process.pid).filter(|pid| of_home(*pid, &home)).collect();
                if !all.is_empty() {
                    let victim = all[chance.below(all.len() as u64) as usize];
                    *counts.entry(what.to_string()).or_default() += 1;
                    let _ = kill(Pid::from_raw(victim), signal);
                }
                continue;
            }
            11 => {
                // Killed at a random moment.
                let going = up.start();
                std::thread::sleep(Duration::from_micros(chance.below(40_000)));
                going.signal(Signal::SIGKILL);
                *counts.entry("up, killed".to_string()).or_default() += 1;
                running.push((name.to_string(), going));
                continue;
            }
            _ => {
                // A folder in which nothing can be written, for whoever is not root.
                let mode = |mode| fs::set_permissions(&state, fs::Permissions::from_mode(mode));
                if mode(0o500).is_ok() {
                    home.labsh(&["ls"]).deadline(DEADLINE).run();
                    home.labsh(&["-q", "up", "closed"]).deadline(DEADLINE).run();
                    home.labsh(&["-q", "down", name]).deadline(DEADLINE).run();
                    let _ = mode(0o700);
                }
                *counts.entry("closed folder".to_string()).or_default() += 1;
                continue;
            }
        };
        // What is stopped may be waited for; a command on a lab of which a process is stopped still ends.
        let going = lab.start();
        let run = going.end_within(DEADLINE);
        *counts.entry(format!("{what}: {}", run.status)).or_default() += 1;
        assert!(!run.stderr.contains("panicked"), "step {step} of seed {seed}, {what}\n{run}");
        running.retain(|(_, running)| !running.has_ended());
    }
    for (_, running) in &running {
        for process in tree(running.pid) {
            let _ = kill(Pid::from_raw(process.pid), Signal::SIGCONT);
        }
    }
    for (_, running) in running {
        running.signal(Signal::SIGKILL);
        running.end_within(DEADLINE);
    }
    home.labsh(&["down", "--all"]).deadline(DEADLINE).run().ok();
    home.labsh(&["ls"]).deadline(DEADLINE).run().ok().stdout_is("no labs: labsh up NAME makes one\n");
    assert_eq!(home.files(), Vec::<String>::new(), "files are left");
    eventually("nothing is left", PATIENCE, || {
        let left: Vec<String> = pids().filter(|pid| of_home(*pid, &home)).map(describe).collect();
        if left.is_empty() { Ok(()) } else { Err(left.join("\n")) }
    });
    println!("{steps} steps of seed {seed}: {counts:?}");
}

/// A process with its state, its parent, where it waits and its command line.
fn describe(pid: i32) -> String {
    let read = |file: &str| fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default().replace('\0', " ");
    let status = read("status");
    let lines = status.lines().filter(|line| ["State:", "PPid:", "NSpid:", "SigBlk:"].iter().any(|word| line.starts_with(word)));
    format!("{pid} `{}` in {}: {}", read("cmdline"), read("wchan"), lines.collect::<Vec<_>>().join(", "))
}

fn pids() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Whether a process is of this trial: its environment names the trial's folder.
fn of_home(pid: i32, home: &Home) -> bool {
    let mark = home.path("run").to_string_lossy().into_owned();
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|text| String::from_utf8_lossy(&text).contains(&mark))
}

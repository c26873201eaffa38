//! `ip netns`: names of namespaces, and programs in them.

use super::output::Fields;
use super::stop::{Result, Stop};
use super::words::{self, Words, begins};
use super::{Run, usage};
use crate::kernel::attr::{self, Writer};
use crate::kernel::{Failure, Netns, netns, process};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::Command;

const RTM_NEWNSID: u16 = 88;
const RTM_GETNSID: u16 = 90;
const NETNSA_NSID: u16 = 1;
const NETNSA_FD: u16 = 3;
const NETNSA_TARGET_NSID: u16 = 4;
const NETNSA_CURRENT_NSID: u16 = 5;

fn id_by_fd(run: &mut Run<'_>, netns: &Netns) -> Option<i32> {
    let mut question = Writer::new(&[0; 4]);
    question.u32(NETNSA_FD, netns.fd().as_raw_fd() as u32);
    let answer = match run.try_ask(RTM_GETNSID, 0, &question.bytes()).ok()? {
        Ok(answer) => answer,
        Err(failure) => {
            run.say(Stop::refused(&failure).text.trim_end());
            return None;
        }
    };
    let id = attr::find(answer.messages.first()?.bytes.get(4..)?, NETNSA_NSID)?;
    Some(attr::number(id) as u32 as i32).filter(|id| *id >= 0)
}

/// The id by which this namespace calls the one of a name.
pub(super) fn id_of_name(run: &mut Run<'_>, name: &str) -> Result<Option<i32>> {
    Ok(Netns::open(&path(name)).ok().and_then(|netns| id_by_fd(run, &netns)))
}

/// The name of the namespace that this one calls by an id.
pub(super) fn name_of_id(run: &mut Run<'_>, id: i32) -> Option<String> {
    if let Some(heard) = &run.heard {
        return heard.namespaces.get(&id).cloned();
    }
    if id < 0 {
        return None;
    }
    if run.netns_ids.is_none() {
        run.netns_ids = Some(ids(run));
    }
    run.netns_ids.iter().flatten().find(|(known, _)| *known == id).map(|(_, name)| name.clone())
}

/// All names with the ids that this namespace has for them.
pub(super) fn ids(run: &mut Run<'_>) -> Vec<(i32, String)> {
    names().into_iter().filter_map(|name| Some((id_of_name(run, &name).ok()??, name))).collect()
}

/// `ip netns monitor`: names that come and go.
fn watch(run: &mut Run<'_>) -> Result {
    run.alone("ip netns monitor")?;
    let failed = |failure: Failure| Stop::wrong(format!("inotify_add_watch failed: {}", failure.words()));
    netns::prepare_names().map_err(|failure| Stop::wrong(format!("mkdir {} failed: {}", netns::NAMES, failure.words())))?;
    let mut folder = netns::Folder::watch().map_err(failed)?;
    loop {
        for (name, come) in folder.changes().map_err(failed)? {
            run.write(&format!("{} {name}\n", if come { "add" } else { "delete" }));
        }
        if run.out.flush().is_err() {
            return Ok(());
        }
    }
}

/// One id that the kernel tells of.
pub(super) fn told_id(run: &mut Run<'_>, bytes: &[u8]) -> Option<Fields> {
    let find = |kind| attr::find(bytes.get(4..).unwrap_or_default(), kind).map(|id| attr::number(id) as u32 as i32);
    let id = find(NETNSA_NSID)?;
    let mut fields = Fields::new();
    fields.both("nsid", id, format!("nsid {id} "));
    let current = find(NETNSA_CURRENT_NSID);
    if let Some(current) = current {
        fields.both("current-nsid", current, format!("current-nsid {current} "));
    }
    if let Some(name) = name_of_id(run, current.unwrap_or(id)) {
        let word = if current.is_some() { "current-netns-name" } else { "name" };
        fields.both(word, name.as_str(), format!("(iproute2 netns name: {name})"));
    }
    fields.text("\n");
    Some(fields)
}

/// The names, in the order of the folder, as iproute2 tells them.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(netns::NAMES).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

fn path(name: &str) -> PathBuf {
    if name.contains('/') { PathBuf::from(name) } else { netns::path(name) }
}

fn bad(name: &str) -> bool {
    name.is_empty() || name.contains('/') || matches!(name, "." | "..")
}

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    run.forget();
    let Some(verb) = words.take() else { return list(run) };
    if verb != "help" && words.peek().is_some() && !begins(verb, "list-id") {
        // A name that could leave the folder is refused for every verb.
        if let Some(name) = words.peek().filter(|name| bad(name) && !begins(verb, "exec") && !begins(verb, "identify")) {
            return Err(Stop::unreadable(format!("Invalid netns name \"{name}\"")));
        }
    }
    let is = |full: &str| begins(verb, full);
    match () {
        () if is("list") || is("show") || is("lst") => list(run),
        () if is("list-id") => list_ids(run, words),
        () if is("help") => Err(usage::object("netns")),
        () if is("add") => add(words),
        () if is("set") => set(run, words),
        () if is("delete") => delete(run, words),
        () if is("identify") => identify(run, words),
        () if is("pids") => pids(run, words),
        () if is("exec") => exec(run, words),
        () if is("monitor") => watch(run),
        () if is("attach") => attach(words),
        () => Err(Stop::unknown_command(verb, "ip netns")),
    }
}

fn list(run: &mut Run<'_>) -> Result {
    let mut objects = Vec::new();
    let all = ids(run).to_vec();
    for name in names() {
        let id = match all.iter().find(|(_, known)| *known == name) {
            Some((id, _)) => Some(*id),
            None => id_of_name(run, &name)?,
        };
        let mut fields = Fields::new();
        fields.both("name", name.as_str(), name.as_str());
        if let Some(id) = id {
            fields.both("id", id, format!(" (id: {id})"));
        }
        fields.text("\n");
        objects.push(fields);
    }
    if !objects.is_empty() || run.options.json {
        run.print(&objects);
    }
    Ok(())
}

fn list_ids(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut target, mut one) = (None, None);
    while let Some(word) = words.take() {
        match word {
            "target-nsid" => target = Some(words.number::<u32>("\"target-nsid\" value is invalid")?),
            "nsid" => one = Some(words.number::<u32>("\"nsid\" value is invalid")?),
            _ => return Err(Stop::unreadable(format!("Unknown argument: {word}"))),
        }
    }
    let mut question = Writer::new(&[0; 4]);
    if let Some(target) = target {
        question.u32(NETNSA_TARGET_NSID, target);
    }
    let messages = match one {
        Some(id) => {
            question.u32(NETNSA_NSID, id);
            run.ask(RTM_GETNSID, 0, &question.bytes())?.messages
        }
        None => run.dump(RTM_GETNSID, &question.bytes())?,
    };
    let mut objects = Vec::new();
    for message in messages {
        objects.extend(told_id(run, &message.bytes));
    }
    run.print(&objects);
    Ok(())
}

fn add(words: &mut Words<'_>) -> Result {
    let Some(name) = words.take() else { return Err(Stop::wrong("No netns name specified")) };
    make(name, Path::new("/proc/thread-self/ns/net"), true)
}

fn attach(words: &mut Words<'_>) -> Result {
    let (Some(name), Some(pid)) = (words.take(), words.take()) else { return Err(Stop::wrong("No netns name and PID specified")) };
    let Some(pid) = words::number(pid) else { return Err(Stop::wrong(format!("Invalid PID: {pid}"))) };
    make(name, Path::new(&format!("/proc/{pid}/ns/net")), false)
}

fn make(name: &str, source: &Path, fresh: bool) -> Result {
    netns::prepare_names().map_err(|failure| Stop::wrong(format!("mkdir {} failed: {}", netns::NAMES, failure.words())))?;
    netns::publish(name, source, fresh).map_err(|failure| {
        let file = path(name);
        match failure.errno() {
            crate::kernel::Errno::EEXIST => {
                Stop::wrong(format!("Cannot create namespace file \"{}\": {}", file.display(), failure.words()))
            }
            _ if fresh => Stop::wrong(format!("Failed to create a new network namespace \"{name}\": {}", failure.words())),
            _ => Stop::wrong(format!("Bind {} -> {} failed: {}", source.display(), file.display(), failure.words())),
        }
    })
}

fn delete(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    if run.options.all {
        for name in names() {
            remove(&name)?;
        }
        return Ok(());
    }
    match words.take() {
        Some(name) => remove(name),
        None => Err(Stop::wrong("No netns name specified")),
    }
}

fn remove(name: &str) -> Result {
    let failed = |failure: Failure| Stop::wrong(format!("Cannot remove namespace file \"{}\": {}", path(name).display(), failure.words()));
    netns::remove_name(name).map_err(failed)
}

fn set(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let Some(name) = words.take() else { return Err(Stop::wrong("No netns name specified")) };
    let Some(id) = words.take() else { return Err(Stop::wrong("No nsid specified")) };
    let number = match id {
        "auto" => -1,
        _ => {
            let number = words::number(id).and_then(|id| i32::try_from(id).ok());
            number.ok_or_else(|| Stop::invalid(id, "Invalid \"netnsid\" value"))?
        }
    };
    let netns = Netns::open(&path(name)).map_err(|failure| Stop { status: 1, whole: false, ..cannot_open(name, &failure) })?;
    let mut message = Writer::new(&[0; 4]);
    message.u32(NETNSA_FD, netns.fd().as_raw_fd() as u32);
    message.put(NETNSA_NSID, &number.to_ne_bytes());
    run.change(RTM_NEWNSID, 0, &message.bytes())
}

fn cannot_open(name: &str, failure: &Failure) -> Stop {
    Stop::unreadable(format!("Cannot open network namespace \"{name}\": {}", failure.words()))
}

fn identify(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let pid = match words.take() {
        None => "self".to_string(),
        Some(pid) if words::number(pid).is_some() => pid.to_string(),
        Some(pid) => return Err(Stop::wrong(format!("Specified string '{pid}' is not a pid"))),
    };
    let file = PathBuf::from(format!("/proc/{pid}/ns/net"));
    let own = Netns::open(&file).map_err(|failure| Stop::wrong(format!("Cannot open network namespace: {}", failure.words())))?;
    let known: Vec<String> = names().into_iter().filter(|name| netns::name_inode(name) == Some(own.inode())).collect();
    run.write(&(known.join("\n") + "\n"));
    Ok(())
}

fn pids(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let Some(name) = words.take() else { return Err(Stop::wrong("No netns name specified")) };
    let netns = Netns::open(&path(name)).map_err(|failure| Stop::wrong(format!("Cannot open network namespace: {}", failure.words())))?;
    for (pid, _) in netns::processes(&netns) {
        run.write(&format!("{pid}\n"));
    }
    Ok(())
}

fn exec(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    run.alone("ip netns exec")?;
    if run.options.all {
        let Some(program) = words.take() else { return Err(Stop::wrong("No command specified")) };
        let arguments = words.take_rest();
        // How each ended is not told, as iproute2 has it.
        for name in names() {
            run.write(&format!("\nnetns: {name}\n"));
            let _ = run.out.flush();
            start(&name, program, arguments)?.wait().map_err(|error| Stop::wrong(error.to_string()))?;
        }
        return Ok(());
    }
    let Some(name) = words.take() else { return Err(Stop::wrong("No netns name specified")) };
    let Some(program) = words.take() else { return Err(Stop::wrong("No command specified")) };
    let (netns, mounts) = enter(name)?;
    let _ = run.out.flush();
    let mut command = Command::new(program);
    command.args(words.take_rest()).current_dir(std::env::current_dir().unwrap_or_else(|_| "/".into()));
    let failure = process::become_program(&netns, &mounts, command);
    Err(Stop::exit(format!("exec of \"{program}\" failed: {}", failure.words())))
}

fn enter(name: &str) -> Result<(Netns, std::sync::Arc<std::os::fd::OwnedFd>)> {
    let netns = Netns::open(&path(name)).map_err(|failure| cannot_open(name, &failure))?;
    let failed = |failure: Failure| Stop::unreadable(format!("setting the network namespace \"{name}\" failed: {}", failure.words()));
    let mounts = process::mounts(&netns, name).map_err(failed)?;
    Ok((netns, mounts))
}

fn start(name: &str, program: &str, arguments: &[String]) -> Result<std::process::Child> {
    let (netns, mounts) = enter(name)?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(std::env::current_dir().unwrap_or_else(|_| "/".into()));
    process::spawn(&netns, mounts, command)
        .map_err(|failure| Stop::unreadable(format!("exec of \"{program}\" failed: {}", failure.words())))
}

//! What there is: `.ns`, `.show`, `.links`, `.routes`, `.ps`, `.log`, `.watch`, `.world`.

use super::super::news::Watched;
use super::super::paint::Style;
use super::super::shell::Shell;
use super::super::value::columns;
use crate::error::{Error, Kind, Result};
use crate::iproute::show;
use crate::kernel::route;
use crate::lab::http::HttpServer;
use crate::lab::{Link, Netns, Process};
use crate::near;

/// Beyond that many namespaces, peers are not looked for in all of them.
const FEW: usize = 60;

pub(super) fn namespaces(shell: &Shell, _: &str) -> Result<()> {
    let list = shell.lab().list_netns()?;
    if list.is_empty() {
        shell.say(&shell.paint.dim("no namespace has been made yet: netns::add(\"blue\")"));
    }
    for netns in list {
        let here = if netns == shell.here() { " *" } else { "" };
        shell.say(&format!("{}{here}", show::netns(&netns)));
    }
    Ok(())
}

pub(super) fn links(shell: &Shell, name: &str) -> Result<()> {
    for link in super::netns(shell, name)?.links()? {
        shell.say(&shell.paint.output(&show::link(&link)));
    }
    Ok(())
}

pub(super) fn routes(shell: &Shell, name: &str) -> Result<()> {
    let netns = super::netns(shell, name)?;
    let routes = netns.routes()?;
    let mut shown = false;
    for route in routes.iter().filter(|route| route.table == route::MAIN && !route.dst.to_string().starts_with("fe80")) {
        shell.say(&shell.paint.output(&netns.route_text(route)));
        shown = true;
    }
    if !shown {
        shell.say(&shell.paint.dim(&format!("netns `{}` has no routes", netns.name())));
    }
    Ok(())
}

pub(super) fn show(shell: &Shell, name: &str) -> Result<()> {
    let mut all = vec![shell.lab().root()];
    all.extend(shell.lab().list_netns()?);
    let peers = all.len() <= FEW;
    let only = (!name.is_empty()).then(|| shell.lab().get_netns(name)).transpose()?;
    for netns in all.iter().filter(|netns| only.as_ref().is_none_or(|only| only == *netns)) {
        shell.say(&drawn(shell, netns, peers)?);
    }
    Ok(())
}

/// A namespace as a tree.
pub(in crate::repl) fn draw(shell: &Shell, netns: &Netns) -> Result<String> {
    drawn(shell, netns, crate::kernel::netns::names().is_ok_and(|names| names.len() <= FEW))
}

fn drawn(shell: &Shell, netns: &Netns, peers: bool) -> Result<String> {
    let mut text = shell.paint.paint(Style::Bold, netns.name());
    let rows = tree(netns, peers)?;
    let lines = columns(&rows);
    for (at, line) in lines.lines().enumerate() {
        let branch = if at + 1 == rows.len() { "└─" } else { "├─" };
        text += &format!("\n{branch} {}", shell.paint.output(line));
    }
    Ok(text)
}

fn tree(netns: &Netns, peers: bool) -> Result<Vec<Vec<String>>> {
    let (states, addrs) = (netns.link_states()?, netns.addrs()?);
    let links: Vec<Link> = netns.links()?;
    let name_of = |index: u32| states.iter().find(|other| other.index == index).map(|other| other.name.clone()).unwrap_or_default();
    let row = |state: &crate::kernel::link::Link| {
        let own: Vec<String> =
            addrs.iter().filter(|a| a.state.index == state.index && a.state.scope != "link").map(|a| a.state.net.to_string()).collect();
        let up = match (state.is_up(), state.carrier) {
            (false, _) => "DOWN",
            (true, true) => "UP",
            (true, false) => "NO-CARRIER",
        };
        let peer = (peers && state.peer.is_some())
            .then(|| links.iter().find(|link| link.index() == state.index).and_then(|link| link.peer().ok().flatten()))
            .flatten()
            .map(|peer| {
                if peer.netns() == *netns { format!("↔ {}", peer.name()) } else { format!("↔ {}:{}", peer.netns().name(), peer.name()) }
            });
        let bridge = state.master.map(|master| format!("port of {}", name_of(master)));
        let kind = state.kind.clone().filter(|kind| kind != "veth");
        let last: Vec<String> = [kind, bridge, peer].into_iter().flatten().collect();
        vec![state.name.clone(), up.to_string(), own.join(" "), last.join(" ")]
    };
    Ok(states.iter().map(row).collect())
}

/// The HTTP servers that run, the oldest first, each with the variable that holds it.
pub(in crate::repl) fn servers(shell: &Shell) -> Vec<(String, HttpServer)> {
    let scope = shell.scope.borrow();
    let held = scope.iter_raw().filter_map(|(name, _, value)| Some((name.to_string(), value.clone().try_cast::<HttpServer>()?)));
    let pasted = shell.servers.borrow().iter().map(|server| (String::new(), server.clone())).collect::<Vec<_>>();
    let mut found: Vec<(String, HttpServer)> = Vec::new();
    for (name, server) in held.chain(pasted).filter(|(_, server)| server.is_running()) {
        if !found.iter().any(|(_, known)| known.number() == server.number()) {
            found.push((name, server));
        }
    }
    found.sort_by_key(|(_, server)| server.number());
    found
}

/// Says what leaving ends, or what goes on in a named lab.
pub(in crate::repl) fn tell_what_ends(shell: &Shell) {
    let running = shell.lab().processes().into_iter().filter(|process| process.status().is_none());
    let mut names: Vec<String> = running.map(|process| format!("{} ({})", process_name(shell, &process), process.command())).collect();
    names.extend(servers(shell).into_iter().map(|(name, server)| {
        let place = format!("http server {}:{}", server.netns().name(), server.port());
        if name.is_empty() { place } else { format!("{name} ({place})") }
    }));
    if !names.is_empty() {
        shell.say(&shell.paint.dim(&format!("ends with the session: {}", names.join(", "))));
    }
}

/// By what a process is called: the variable that holds it, or its program and number.
pub(in crate::repl) fn process_name(shell: &Shell, process: &Process) -> String {
    match variable_of(shell, process) {
        name if !name.is_empty() => name,
        _ => {
            let program = process.command().split_whitespace().next().unwrap_or("");
            format!("{} {}", program.rsplit('/').next().unwrap_or(program), process.pid())
        }
    }
}

fn variable_of(shell: &Shell, process: &Process) -> String {
    let scope = shell.scope.borrow();
    let holds = |value: &rhai::Dynamic| value.clone().try_cast::<Process>().is_some_and(|held| held.pid() == process.pid());
    scope.iter_raw().find(|(_, _, value)| holds(value)).map(|(name, _, _)| name.to_string()).unwrap_or_default()
}

pub(super) fn processes(shell: &Shell, _: &str) -> Result<()> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for process in shell.lab().processes() {
        let state = process.status().map_or("running".to_string(), |status| format!("ended with {status}"));
        rows.push(vec![
            process.pid().to_string(),
            variable_of(shell, &process),
            process.netns().name().to_string(),
            state,
            process.command().to_string(),
        ]);
    }
    for (name, server) in servers(shell) {
        let netns = server.netns().name().to_string();
        rows.push(vec![
            "-".to_string(),
            name,
            netns,
            format!("{} requests", server.requests().len()),
            format!("http server on port {}", server.port()),
        ]);
    }
    match rows.is_empty() {
        true => shell.say(&shell.paint.dim("nothing was started in the background: blue.start(\"sleep 100\")")),
        false => {
            rows.insert(0, ["PID", "NAME", "NETNS", "STATE", "COMMAND"].map(str::to_string).to_vec());
            shell.say(&columns(&rows));
        }
    }
    Ok(())
}

pub(super) fn log(shell: &Shell, name: &str) -> Result<()> {
    for process in shell.lab().processes().into_iter().rev() {
        let names = [process.pid().to_string(), variable_of(shell, &process)];
        if names.iter().any(|known| known == name) || process.command().split(['/', ' ']).any(|word| word == name) {
            shell.say(process.output().trim_end());
            return Ok(());
        }
    }
    for (variable, server) in servers(shell) {
        if variable == name || server.port().to_string() == name {
            for access in server.requests() {
                shell.say(&format!("{} \"{} {}\" {}", access.from, access.method, access.path, access.status));
            }
            return Ok(());
        }
    }
    let scope_names: Vec<String> = shell.lab().processes().iter().map(|process| variable_of(shell, process)).collect();
    let error = Error::new(Kind::NotFound, "print the log of", format!("`{name}`"), "nothing of that name was started");
    Err(error.maybe_hint(near::did_you_mean(name, scope_names.iter().map(String::as_str))).because("`.ps` lists what was"))
}

pub(super) fn watch(shell: &Shell, word: &str) -> Result<()> {
    let lab = shell.lab();
    let watched = match (word, shell.news.watched()) {
        ("off", _) => Watched::Nothing,
        ("" | "all" | "on", _) => Watched::All,
        (name, now) => {
            let name = lab.get_netns(name)?.name().to_string();
            match now {
                Watched::Some(mut names) => {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                    Watched::Some(names)
                }
                Watched::Nothing | Watched::All => Watched::Some(vec![name]),
            }
        }
    };
    let told = match &watched {
        Watched::Nothing => "nothing is watched any more".to_string(),
        Watched::All => "all namespaces are watched; `.watch off` ends it".to_string(),
        Watched::Some(names) => format!("watched: {}; `.watch off` ends it", names.join(", ")),
    };
    shell.news.watch(lab, watched)?;
    shell.say(&shell.paint.dim(&told));
    Ok(())
}

pub(super) fn world(shell: &Shell, _: &str) -> Result<()> {
    let lab = shell.lab();
    let count = crate::kernel::netns::names().map_or(0, |names| names.len());
    let kind = match lab.world() {
        crate::world::Kind::Sandbox => "a sandbox: its own users, network, mounts and processes; it ends with labsh, whatever happens",
        crate::world::Kind::Named => "a named lab: it stays until `labsh down`, and other terminals can enter it",
        crate::world::Kind::Host => "the host: the machine's own root namespace; what was made here is taken away at the end",
    };
    if let Some(name) = lab.name() {
        shell.say(&format!("name     {name}"));
    }
    shell.say(&format!("world    {kind}\nroot     net:[{}]\nhere     {}\nnetns    {count}", lab.root().id(), shell.here().name()));
    Ok(())
}

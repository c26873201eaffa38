//! `ip`, `bridge` and `tc` as programs: their words read, the kernel asked, and the answer printed as iproute2 prints it.
//!
//! They act on the namespace that they run in, without a lab. Each object has a file; [`Fields`] are printed as text or as JSON, the words
//! come from [`Words`], and what goes wrong is a [`Stop`] in iproute2's own words, since scripts and people look for those.

mod addr;
mod addrlabel;
mod bridge;
mod bucket;
mod clock;
mod generic;
mod ip;
mod link;
pub mod links;
mod maddr;
mod monitor;
mod mptcp;
pub mod names;
mod neigh;
mod netconf;
mod netns;
mod nexthop;
mod ntable;
pub mod options;
pub mod output;
mod route;
mod rule;
mod saved;
pub mod stop;
mod tc;
mod tcp_metrics;
mod token;
mod tunnel;
mod tuntap;
mod usage;
mod vrf;
pub mod words;
mod xfrm;

use crate::kernel::talk::{Answer, Message, Talk};
use crate::kernel::{self, Failure, enter};
use links::{Known, Links};
use options::Options;
use output::Fields;
use std::io::{Read, Write};
use stop::{Result, Stop};
use words::Words;

/// A program that labsh can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `ip`
    Ip,
    /// `bridge`
    Bridge,
    /// `tc`
    Tc,
}

impl Program {
    /// All of them.
    pub const ALL: [Program; 3] = [Program::Ip, Program::Bridge, Program::Tc];

    /// Returns the name.
    pub fn name(self) -> &'static str {
        match self {
            Program::Ip => "ip",
            Program::Bridge => "bridge",
            Program::Tc => "tc",
        }
    }

    /// Returns the program of a name.
    pub fn from_name(name: &str) -> Option<Program> {
        Program::ALL.into_iter().find(|program| program.name() == name)
    }

    fn options(self) -> &'static [options::Row] {
        match self {
            Program::Ip => options::IP,
            Program::Bridge => options::BRIDGE,
            Program::Tc => options::TC,
        }
    }

    fn dispatch(self, run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
        match self {
            Program::Ip => ip::command(run, words),
            Program::Bridge => bridge::command(run, words),
            Program::Tc => tc::command(run, words),
        }
    }
}

/// A run of a program: what was chosen, where it writes, and the kernel.
pub struct Run<'a> {
    /// The options before the object.
    pub options: Options,
    /// Standard output.
    pub out: &'a mut dyn Write,
    /// Standard error.
    pub err: &'a mut dyn Write,
    /// Names and indexes.
    pub links: Links,
    /// By which ids this namespace calls those that have names, once they have been asked for.
    netns_ids: Option<Vec<(i32, String)>>,
    talk: Option<Talk>,
    /// What a monitor has learned, where this is one.
    heard: Option<monitor::Heard>,
    /// Whether it is not a process of its own.
    inside: bool,
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("options", &self.options).finish_non_exhaustive()
    }
}

impl<'a> Run<'a> {
    /// Begins a run with options that have been read.
    pub fn new(options: Options, out: &'a mut dyn Write, err: &'a mut dyn Write) -> Run<'a> {
        Run { options, out, err, links: Links::default(), netns_ids: None, talk: None, heard: None, inside: false }
    }

    /// Refuses what never ends, or becomes another program, where the run is no process of its own.
    pub fn alone(&self, what: &str) -> Result {
        match self.inside {
            true => Err(Stop::wrong(format!("`{what}` needs a process of its own"))),
            false => Ok(()),
        }
    }

    /// Returns the socket, opened when it is first needed.
    pub fn talk(&mut self) -> Result<&mut Talk> {
        if self.talk.is_none() {
            self.talk = Some(Talk::open().map_err(|failure| Stop::wrong(format!("Cannot open netlink socket: {}", failure.words())))?);
        }
        self.talk.as_mut().ok_or_else(|| Stop::silent(1))
    }

    /// Sends a request that changes something; a warning of the kernel is passed on.
    pub fn change(&mut self, kind: u16, flags: u16, bytes: &[u8]) -> Result {
        self.ask(kind, flags, bytes).map(|_| self.forget())
    }

    /// Forgets the names of links and namespaces: something may have changed.
    pub fn forget(&mut self) {
        self.links.forget();
        self.netns_ids = None;
    }

    /// Sends a request, and returns the answer.
    pub fn ask(&mut self, kind: u16, flags: u16, bytes: &[u8]) -> Result<Answer> {
        let answer = self.talk()?.ask(kind, flags, bytes).map_err(|failure| Stop::refused(&failure))?;
        if let Some(warning) = &answer.warning {
            let end = if warning.ends_with(['.', '\n']) { "" } else { "." };
            let _ = writeln!(self.err, "Warning: {}{end}", warning.trim_end());
        }
        Ok(answer)
    }

    /// Sends a request; what the kernel refuses is for the caller to judge.
    pub fn try_ask(&mut self, kind: u16, flags: u16, bytes: &[u8]) -> Result<std::result::Result<Answer, Failure>> {
        Ok(self.talk()?.ask(kind, flags, bytes))
    }

    /// Asks for a list.
    pub fn dump(&mut self, kind: u16, bytes: &[u8]) -> Result<Vec<Message>> {
        self.talk()?.dump(kind, bytes).map_err(|failure| Stop::dump(&failure))
    }

    /// Returns the link of a name or other name, or says that there is none.
    pub fn link(&mut self, name: &str) -> Result<Known> {
        self.find_link(name)?.ok_or_else(|| Stop::no_device(name))
    }

    /// Returns the link of a name or other name, if there is one; `ifN` is the one of index N.
    pub fn find_link(&mut self, name: &str) -> Result<Option<Known>> {
        self.talk()?;
        let Some(talk) = self.talk.as_mut() else { return Ok(None) };
        match self.links.by_name(talk, name) {
            Ok(known) => Ok(Some(known)),
            Err(_) => Ok(name.strip_prefix("if").and_then(|index| index.parse().ok()).and_then(|index| self.links.by_index(talk, index))),
        }
    }

    /// Returns the link of an index, if there is one.
    pub fn link_of(&mut self, index: u32) -> Option<Known> {
        self.talk().ok()?;
        self.links.by_index(self.talk.as_mut()?, index)
    }

    /// Returns the name of an index; `ifN` where there is none, `*` for 0.
    pub fn name_of(&mut self, index: u32) -> String {
        match index {
            0 => "*".to_string(),
            _ => self.link_of(index).map_or_else(|| format!("if{index}"), |link| link.name),
        }
    }

    /// Returns all links.
    pub fn all_links(&mut self) -> Result<Vec<Known>> {
        self.talk()?;
        let Some(talk) = self.talk.as_mut() else { return Ok(Vec::new()) };
        self.links.all(talk).map(<[Known]>::to_vec).map_err(|failure| Stop::dump(&failure))
    }

    /// Prints objects as the options ask for it.
    pub fn print(&mut self, objects: &[Fields]) {
        let colour = self.options.colour;
        let text = match (self.options.json, self.options.oneline) {
            (true, _) => output::json(objects, self.options.pretty),
            (false, true) => objects.iter().map(|object| object.one_line(colour)).collect(),
            (false, false) if self.options.backslashes => objects.iter().map(Fields::words).collect::<String>().replace('\n', "\\"),
            (false, false) => objects.iter().map(|object| object.coloured(colour)).collect(),
        };
        self.write(&text);
    }

    /// Prints text. A reader that went away is no failure.
    pub fn write(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes());
    }

    /// Tells with -s what a flush has deleted: so many `entries` or `addresses`.
    pub fn flushed(&mut self, count: usize, what: &str) {
        if self.options.stats > 0 {
            let text = match count {
                0 => "Nothing to flush.\n".to_string(),
                _ => format!("\n*** Round 1, deleting {count} {what} ***\n*** Flush is complete after 1 round ***\n"),
            };
            self.write(&text);
        }
    }

    /// Says something on standard error.
    pub fn say(&mut self, text: &str) {
        let _ = self.out.flush();
        let _ = writeln!(self.err, "{text}");
    }
}

/// Runs a program with its words (without its name); returns the exit status.
pub fn main(program: Program, words: &[String], out: &mut dyn Write, err: &mut dyn Write) -> i32 {
    let done = execute(program, &mut Words::new(words), out, err, false);
    let _ = out.flush();
    match done {
        Ok(()) => 0,
        Err(stop) => {
            let _ = err.write_all(stop.text.as_bytes());
            stop.status
        }
    }
}

/// Does what words say inside of labsh, in the namespace where the thread stands; returns what is printed.
///
/// # Errors
///
/// What ends it early, with the number of words that were read by then.
pub fn inside(program: Program, words: &[String]) -> std::result::Result<String, (Stop, usize)> {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut left = Words::new(words);
    match execute(program, &mut left, &mut out, &mut err, true) {
        Ok(()) => Ok(String::from_utf8_lossy(&out).into_owned()),
        Err(mut stop) => {
            stop.text.insert_str(0, &String::from_utf8_lossy(&err));
            Err((stop, words.len() - left.left()))
        }
    }
}

fn execute(program: Program, words: &mut Words<'_>, out: &mut dyn Write, err: &mut dyn Write, inside: bool) -> Result {
    let options = options::read(program.name(), program.options(), words)?;
    let mut run = Run { inside, ..Run::new(options, out, err) };
    begin(program, &mut run, words)
}

fn begin(program: Program, run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    if run.options.version {
        run.write(&format!(
            "{} utility, {}6.1.0, labsh {}\n",
            program.name(),
            if program == Program::Bridge { "" } else { "iproute2-" },
            env!("CARGO_PKG_VERSION")
        ));
        return Ok(());
    }
    if run.options.help {
        return program.dispatch(run, &mut Words::new(&["help".to_string()]));
    }
    if let Some(name) = run.options.netns.clone() {
        let failed = |failure: Failure| Stop::unreadable(format!("Cannot open network namespace \"{name}\": {}", failure.words()));
        let path = if name.contains('/') { name.clone().into() } else { kernel::netns::path(&name) };
        let netns = kernel::Netns::open(&path).map_err(failed)?;
        enter::net_for_good(&netns)
            .map_err(|failure| Stop::unreadable(format!("setting the network namespace \"{name}\" failed: {}", failure.words())))?;
    }
    match run.options.batch.clone() {
        Some(file) => {
            run.alone("-batch")?;
            batch(program, run, &file)
        }
        None => program.dispatch(run, words),
    }
}

/// Runs the lines of a file, or of standard input (`-`).
fn batch(program: Program, run: &mut Run<'_>, file: &str) -> Result {
    let mut text = String::new();
    let read = match file {
        "-" => std::io::stdin().read_to_string(&mut text).map(|_| ()),
        _ => std::fs::read_to_string(file).map(|read| text = read),
    };
    read.map_err(|error| Stop::wrong(format!("Cannot open file \"{file}\" for reading: {}", Failure::from(error).words())))?;
    let mut failed = false;
    let mut lines = text.lines().enumerate();
    while let Some((mut at, line)) = lines.next() {
        let mut line = line.to_string();
        while let Some(begin) = line.strip_suffix('\\') {
            let next = lines.next().unwrap_or((at, ""));
            line = format!("{begin} {}", next.1);
            at = next.0;
        }
        let words = split(&line);
        if words.is_empty() {
            continue;
        }
        // A line that changes a link is seen by the next.
        if let Err(stop) = program.dispatch(run, &mut Words::new(&words)) {
            let _ = run.out.flush();
            let _ = run.err.write_all(stop.text.as_bytes());
            if stop.whole {
                return Err(Stop { text: String::new(), ..stop });
            }
            let _ = writeln!(run.err, "Command failed {file}:{}", at + 1);
            failed = true;
            if !run.options.force {
                break;
            }
        }
        let _ = run.out.flush();
    }
    if failed { Err(Stop::silent(1)) } else { Ok(()) }
}

/// Splits a line of a batch: words in quotes are one, `#` begins a remark.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.split('#').next().unwrap_or_default().trim_start();
    while let Some(c) = rest.chars().next() {
        let (word, after) = match c {
            '"' | '\'' => rest[1..].split_once(c).unwrap_or((&rest[1..], "")),
            _ => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word.to_string());
        rest = after.trim_start();
    }
    words
}

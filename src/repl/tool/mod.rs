//! Lines that people know from other tools: `ip …`, `ping …`, `ifconfig …`, `NS command`. What labsh can do by itself it does,
//! and tells how its own language says it; other programs run for real, in the namespace.

mod line;
mod old;
mod ping;
mod sysctl;
mod translate;
mod web;

use super::command;
use super::input::{self, Names};
use super::paint::Style;
use super::shell::Shell;
use super::token::KEYWORDS;
use crate::error::{Error, Kind, Result};
use crate::iproute::form::Writer;
use crate::iproute::inside;
use crate::iproute::perform::{Done, perform};
use crate::iproute::program::Program;
use crate::iproute::read::{self, Operation, Sentence};
use crate::lab::veth::Pair;
use crate::lab::{Link, Netns};
use regex_lite::Regex;
use rhai::Dynamic;

/// The command behind `sudo` and its options; none for those that ask for a shell.
fn sudo(words: &[String]) -> Option<&[String]> {
    let mut at = 0;
    while let Some(option) = words.get(at).filter(|word| word.starts_with('-')) {
        // sudo(8): these have a value of their own.
        at += if matches!(option.as_str(), "-u" | "-g" | "-h" | "-p" | "-C" | "-r" | "-t" | "-U") { 2 } else { 1 };
    }
    let rest = words.get(at..).unwrap_or(&[]);
    let shell = rest.is_empty() && words.iter().any(|word| matches!(word.as_str(), "-i" | "-s"));
    (shell || !rest.is_empty()).then_some(rest)
}

/// Tools that build, and are kept in a script as they were called where labsh has no words for it.
const BUILDERS: [&str; 8] = ["ip", "bridge", "tc", "nft", "iptables", "ip6tables", "sysctl", "ethtool"];
/// Words with which they only ask.
const ASKING: [&str; 6] = ["show", "list", "ls", "get", "monitor", "help"];

/// Runs a line.
pub(super) fn run(shell: &Shell, text: &str) -> Result<()> {
    if let Some(rest) = text.strip_prefix("* ") {
        let all = shell.lab().list_netns()?;
        return in_many(shell, &all, rest);
    }
    if let Some((pattern, rest)) = input::many(text) {
        let regex = Regex::new(&format!("^(?:{pattern})$"))
            .map_err(|e| Error::new(Kind::BadArgument, "read regular expression", format!("`{pattern}`"), e.to_string()))?;
        let fitting: Vec<Netns> = shell.lab().list_netns()?.into_iter().filter(|netns| regex.is_match(netns.name())).collect();
        if fitting.is_empty() {
            return Err(Error::new(Kind::NotFound, "find netns", format!("`/{pattern}/`"), "no namespace has such a name")
                .because("`.ns` lists them"));
        }
        return in_many(shell, &fitting, rest);
    }
    steps(shell, &shell.here(), text)
}

fn in_many(shell: &Shell, all: &[Netns], text: &str) -> Result<()> {
    for netns in all {
        shell.say(&shell.paint.paint(Style::Bold, &format!("{}:", netns.name())));
        // One that fails does not keep the others from it.
        match steps(shell, netns, text) {
            Err(error) if error.kind() == Kind::Interrupted => return Err(error),
            Err(error) => shell.complain(&error.to_string()),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// `a && b; c`: each in turn, as long as none fails.
fn steps(shell: &Shell, netns: &Netns, text: &str) -> Result<()> {
    for step in line::steps(text) {
        match line::words(&step)? {
            line::Words::Plain { words, quiet } => {
                let job = Job { shell, netns: netns.clone(), quiet, line: step };
                job.run(&words)?;
            }
            line::Words::Shell => {
                let words = ["sh".to_string(), "-c".to_string(), step];
                command::foreground(shell, netns, words.to_vec())?;
            }
        }
    }
    Ok(())
}

/// One command in one namespace.
struct Job<'a> {
    shell: &'a Shell,
    netns: Netns,
    /// Its output was sent to /dev/null.
    quiet: bool,
    line: String,
}

impl Job<'_> {
    fn run(&self, words: &[String]) -> Result<()> {
        let Some((first, rest)) = words.split_first() else { return Ok(()) };
        match first.as_str() {
            "sudo" => match sudo(rest) {
                Some([]) => command::shell(self.shell, self.netns.name()),
                Some(words) => self.run(words),
                None => Err(self.wrong("it is not said what to run").hint("sudo ip netns list")),
            },
            "ip" => self.iproute(Program::Ip, words),
            "bridge" => self.iproute(Program::Bridge, words),
            "tc" => self.iproute(Program::Tc, words),
            "ping" | "ping6" => ping::run(self, rest, first == "ping6"),
            "curl" | "wget" => web::get(self, words),
            "python3" | "python" if rest.first().map(String::as_str) == Some("-m") => web::serve(self, words),
            "sysctl" => sysctl::run(self, words),
            "ifconfig" => old::ifconfig(self, rest),
            "route" => old::route(self, rest),
            "arp" => old::arp(self, rest),
            "brctl" => old::brctl(self, rest),
            name if !rest.is_empty() && self.shell.namespace(name) => {
                let netns = self.shell.lab().get_netns(name)?;
                Job { netns, line: self.line.clone(), ..*self }.named_words(rest)
            }
            _ => self.program(words),
        }
    }

    /// In `blue ping red`, the names of namespaces become their addresses.
    fn named_words(&self, words: &[String]) -> Result<()> {
        // Among the words of these, a name is what it says: `tc … root`.
        let own = |word: &str| word == "sudo" || BUILDERS.contains(&word) || matches!(word, "ifconfig" | "route" | "arp" | "brctl");
        if words.first().is_some_and(|word| own(word)) {
            return self.run(words);
        }
        let address = |word: &String| match self.shell.lab().get_netns(word) {
            Ok(other) if other != self.netns && self.shell.namespace(word) => other.address_for(&self.netns).map(|ip| ip.to_string()),
            _ => Ok(word.clone()),
        };
        let mut named: Vec<String> = words.iter().take(1).cloned().collect();
        for word in words.iter().skip(1) {
            named.push(address(word)?);
        }
        self.run(&named)
    }

    /// A program of the machine, with the terminal. What a tool of the network has done is kept.
    fn program(&self, words: &[String]) -> Result<()> {
        let mut words = words.to_vec();
        let builds = BUILDERS.contains(&words[0].as_str());
        if matches!(words[0].as_str(), "ip" | "bridge" | "tc") && !in_path(&words[0]) {
            // labsh is that program, too.
            words.insert(0, "/proc/self/exe".to_string());
        }
        let status = command::foreground(self.shell, &self.netns, words.clone())?;
        let asks = words.len() < 3 || words.iter().any(|word| ASKING.contains(&word.as_str()));
        if status == 0 && builds && !asks {
            let list: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
            self.form(&format!("{}exec([{}])", self.receiver(), list.join(", ")), true);
        }
        Ok(())
    }

    /// A line of `ip`, `bridge` or `tc`: said in the language where it has words for it, else as the sentence that it is.
    fn iproute(&self, program: Program, words: &[String]) -> Result<()> {
        // What never ends, or becomes another program, needs a process of its own.
        if words.iter().any(|word| word.starts_with("mon") || word.len() > 2 && "-batch".starts_with(word.as_str())) {
            return self.program(words);
        }
        let unread = match program {
            Program::Tc => None,
            Program::Ip | Program::Bridge => match read::read(words) {
                Ok(sentence) => return self.sentence(&sentence, program, words),
                Err(error) => Some(error),
            },
        };
        // The language has more words than are read here.
        if unread.as_ref().is_none_or(|error| error.kind() == Kind::Unsupported) && translate::in_language(self, words)? {
            return Ok(());
        }
        let text = inside::say(program, &self.netns, &words[1..]).map_err(|error| inside::clearer(error, unread))?;
        self.print(&text);
        let line = shlex::try_join(words[1..].iter().map(String::as_str)).unwrap_or_else(|_| words[1..].join(" "));
        self.form(&format!("{}{}({line:?})", self.receiver(), program.name()), !inside::looks(&words[1..]));
        Ok(())
    }

    /// Does what a sentence says, prints what the command prints, and tells the Rhai form.
    fn sentence(&self, sentence: &Sentence, program: Program, words: &[String]) -> Result<()> {
        match perform(sentence, &self.netns)? {
            Done::Program(netns, words) => return Job { netns, line: self.line.clone(), ..*self }.run(&words),
            Done::Asks => self.print(&inside::say(program, &self.netns, words.get(1..).unwrap_or_default())?),
            Done::Quietly => {}
        }
        let netns = match &sentence.netns {
            Some(name) => self.shell.lab().get_netns(name).unwrap_or_else(|_| self.netns.clone()),
            None => self.netns.clone(),
        };
        let named = |name: &str| expression(self.shell, name);
        let writer = Writer { netns: (!netns.is_root()).then(|| named(netns.name())), v6: sentence.view.v6, named: &named };
        if let Some(form) = writer.form(&sentence.operation) {
            self.tell(&sentence.operation, form);
        }
        Ok(())
    }

    /// Tells a form and keeps it for `.save` where it changed something.
    fn tell(&self, operation: &Operation, form: String) {
        use Operation::*;
        let form = match operation {
            NetnsAdd(name) => bind(self.shell, name, form),
            LinkSet { dev, change, netns: Some(to), .. } => {
                let name = change.name.as_ref().map_or(dev.as_str(), |name| name.as_str());
                follow(self.shell, dev, to, name);
                form
            }
            _ => form,
        };
        self.form(&form, !operation.asks());
    }

    /// Shows the Rhai form of the line.
    fn form(&self, form: &str, keep: bool) {
        self.shell.say(&self.shell.paint.dim(&format!("→ {form}")));
        if keep {
            self.shell.kept.borrow_mut().push(form.to_string());
        }
    }

    fn print(&self, text: &str) {
        if !self.quiet && !text.is_empty() {
            self.shell.say(&self.shell.paint.output(text));
        }
    }

    /// The receiver of a form: nothing in root, `blue.` elsewhere.
    fn receiver(&self) -> String {
        if self.netns.is_root() { String::new() } else { format!("{}.", expression(self.shell, self.netns.name())) }
    }

    fn wrong(&self, cause: impl Into<String>) -> Error {
        Error::new(Kind::BadArgument, "read", format!("`{}`", self.line), cause)
    }

    fn operate(&self, operation: Operation) -> Result<()> {
        self.sentence(&Sentence { netns: None, view: read::View::default(), operation }, Program::Ip, &[])
    }
}

/// The expression for a namespace: a variable that holds it, or a look-up.
fn expression(shell: &Shell, name: &str) -> String {
    if matches!(name, "root" | "1") {
        return "root".to_string();
    }
    let scope = shell.scope.borrow();
    let holds = |value: &Dynamic| value.read_lock::<Netns>().is_some_and(|held| held.name() == name && held.kernel().is_ok());
    let variable = scope.iter_raw().find(|(_, _, value)| holds(value)).map(|(variable, _, _)| variable.to_string());
    variable.unwrap_or_else(|| format!("netns::get({name:?})"))
}

/// A new namespace becomes a variable of its name, if that can be one and is free.
fn bind(shell: &Shell, name: &str, form: String) -> String {
    let identifier =
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let catalogue = shell.interpreter.catalogue();
    let word = KEYWORDS.contains(&name)
        || catalogue.modules().contains(name)
        || catalogue.entries().iter().any(|e| e.receiver.is_none() && e.name == name);
    let taken = shell.scope.borrow().get(name).is_some_and(|value| value.read_lock::<Netns>().is_none_or(|held| held.name() != name));
    if !identifier || word || taken || shell.interpreter.engine().compile_expression(name).is_err() {
        return form;
    }
    match shell.lab().get_netns(name) {
        Ok(netns) => {
            shell.scope.borrow_mut().set_or_push(name, Dynamic::from(netns));
            format!("let {name} = {form}")
        }
        Err(_) => form,
    }
}

/// The handles of a link that a sentence has moved follow it, as they do when a handle itself is moved.
fn follow(shell: &Shell, old: &str, netns: &str, name: &str) {
    let to = if netns == "1" { Ok(shell.lab().root()) } else { shell.lab().get_netns(netns) };
    if let Ok(moved) = to.and_then(|to| to.link(name)) {
        followed(shell, old, &moved);
    }
}

/// The handles of a link that is lost under its old name become those of the one that it is now.
pub(super) fn followed(shell: &Shell, old: &str, moved: &Link) {
    let mut scope = shell.scope.borrow_mut();
    let names: Vec<String> = scope.iter_raw().map(|(name, _, _)| name.to_string()).collect();
    let lost = |link: &Link| link.name() == old && link.state().is_err();
    for name in names {
        let Some(value) = scope.get_mut(&name) else { continue };
        if let Some(pair) = value.clone().try_cast::<Pair>() {
            let end = |link: Link| if lost(&link) { moved.clone() } else { link };
            *value = Dynamic::from(Pair { a: end(pair.a), b: end(pair.b) });
        } else if value.clone().try_cast::<Link>().is_some_and(|link| lost(&link)) {
            *value = Dynamic::from(moved.clone());
        }
    }
}

/// Whether the machine has a program.
pub(super) fn in_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

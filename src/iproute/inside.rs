//! `ip`, `bridge` and `tc` in a namespace of a lab: the programs themselves, entered there, without a process.

use super::program::stop::Stop;
use super::program::{self, Program};
use crate::error::{Error, Kind, Result};
use crate::kernel::enter;
use crate::lab::Netns;

/// The verbs that only look.
const LOOKS: [&str; 9] = ["show", "sh", "list", "lst", "ls", "get", "help", "identify", "pids"];

/// Does what a line of a program says, its name left out; returns what it prints.
///
/// # Errors
///
/// What the kernel refuses has the kind of its errno; `unsupported` what it lacks, what needs a process of its own, and in the host world
/// changes, which could not be taken back; `bad-argument` for words that the program does not take, in its own words and with their place.
pub fn say(program: Program, netns: &Netns, words: &[String]) -> Result<String> {
    let line = || format!("`{}`", [program.name()].into_iter().chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join(" "));
    let refuse = |kind, cause: String| Error::new(kind, "do", line(), cause).in_netns(netns.name());
    if netns.lab().ledger().watches(netns) && !looks(words) {
        let cause = "in the host world a change must be one that can be taken back: those of the handles are";
        return Err(refuse(Kind::Unsupported, cause.to_string()));
    }
    let own = words.to_vec();
    let ran = enter::within(&netns.kernel()?, move || Ok(program::inside(program, &own)))
        .map_err(|failure| failure.doing("run", format!("`{}`", program.name())))?;
    ran.map(|out| out.trim_end_matches('\n').to_string()).map_err(|(stop, read)| {
        if let Some(failure) = &stop.failure {
            let error = failure.doing("do", line()).in_netns(netns.name());
            let netem = error.kind() == Kind::Unsupported && words.iter().any(|word| word == "netem");
            return error.maybe_hint(netem.then(|| "what works here is a rate, by tbf: rate 10mbit burst 32kb latency 50ms".to_string()));
        }
        let said = sentence(&stop);
        if said.contains("needs a process of its own") {
            return refuse(Kind::Unsupported, said).maybe_hint(instead(words));
        }
        if said.starts_with("Cannot find device") || said.ends_with("does not exist") {
            return refuse(Kind::NotFound, said);
        }
        if said.contains("labsh does not have") {
            return refuse(Kind::Unsupported, said);
        }
        // The word of which it speaks, or else the last that was read.
        let read = &words[..read.min(words.len())];
        let spoken = |word: &String| said.split(['"', ' ', '\'', ',']).any(|part| part == word);
        match read.iter().rposition(spoken).or(read.len().checked_sub(1)) {
            Some(at) => refuse(Kind::BadArgument, format!("at word {} (`{}`): {said}", at + 2, read[at])),
            None => refuse(Kind::BadArgument, said),
        }
    })
}

/// Of two readers who do not understand a sentence, returns the one who says what was meant.
pub fn clearer(error: Error, unread: Option<Error>) -> Error {
    match unread {
        Some(unread) if error.errno().is_none() && error.kind() == Kind::BadArgument && unread.fix().is_some() => unread,
        _ => error,
    }
}

/// Whether words only ask.
pub fn looks(words: &[String]) -> bool {
    let mut bare = words.iter().map(String::as_str).filter(|word| !word.starts_with('-'));
    bare.nth(1).is_none() || words.iter().any(|word| LOOKS.contains(&word.as_str()))
}

/// The first line of what a program says, without its punctuation.
fn sentence(stop: &Stop) -> String {
    let first = stop.text.lines().find(|line| !line.is_empty()).unwrap_or_default();
    first.trim_start_matches("Error: ").trim_end_matches(['.', ' ']).to_string()
}

/// The word of the language for what no sentence does.
fn instead(words: &[String]) -> Option<String> {
    let has = |word: &str| words.iter().any(|given| given == word);
    let word = match () {
        () if has("exec") => "ns.exec(\"…\") runs a program in a namespace",
        () if words.iter().any(|word| word.starts_with("mon")) => "ns.events() listens to what the kernel tells",
        () => "a script is a batch: one call for each line",
    };
    Some(word.to_string())
}

//! `ip("…")`: iproute2's own sentences, for whoever pastes from an article. No program is run.

use super::super::registry::{Registry, words};
use super::super::session::Call;
use crate::error::{Error, Kind, Result};
use crate::iproute::perform::{Done, perform};
use crate::iproute::{read, sentence};
use crate::lab::{Netns, Program};

pub(super) fn register(registry: &mut Registry) {
    words!(registry, Netns, [global];
        /// Does what a sentence of `ip` says, and returns what `ip` would print. The word `ip` may be left out; `bridge …` is read, too.
        ///
        /// Errors: `bad-argument`, with the word that was probably meant; `unsupported` for what labsh does not know.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// ip("link add v0 type veth peer name eth0 netns blue");
        /// blue.ip("addr add 10.0.0.2/24 dev eth0");
        /// blue.ip("link set eth0 up");
        /// expect(blue.ip("-br -4 addr show dev eth0").contains("10.0.0.2/24"));
        /// expect_error(|| ip("link set lo upp"), "bad-argument"); // did you mean `up`?
        /// ```
        fn ip(netns, call, line: &str) -> String { say(netns, call, line) }
    );
}

fn say(netns: &Netns, call: &Call, line: &str) -> Result<String> {
    let mut words = shlex::split(line)
        .ok_or_else(|| Error::new(Kind::BadArgument, "read", format!("`{line}`"), "a quote is open, or a backslash stands at the end"))?;
    if words.first().map(String::as_str) == Some("sudo") {
        words.remove(0);
    }
    if !matches!(words.first().map(String::as_str), Some("ip" | "bridge")) {
        words.insert(0, "ip".to_string());
    }
    call.step(|| sentence::exec(netns, &words.join(" ")));
    done(netns, &words)
}

fn done(netns: &Netns, words: &[String]) -> Result<String> {
    match perform(&read::read(words)?, netns)? {
        Done::Text(text) => Ok(text),
        Done::Program(there, words) if matches!(words[0].as_str(), "ip" | "bridge") => done(&there, &words),
        Done::Program(there, words) => Ok(there.exec(&Program::new(words)?)?.stdout),
    }
}

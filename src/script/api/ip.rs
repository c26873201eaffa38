//! `ip("…")`, `tc("…")`: iproute2's own sentences, for whoever pastes from an article. No program is run.

use super::super::registry::{Registry, words};
use super::super::session::Call;
use crate::error::{Error, Kind, Result};
use crate::iproute::perform::{Done, perform};
use crate::iproute::{inside, read, sentence};
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

        /// Does what a line of `tc` says, and returns what `tc` would print. The word `tc` may be left out.
        ///
        /// Errors: `bad-argument`, in the words of `tc`; `unsupported` for what this kernel lacks, and for changes in the host world.
        ///
        /// ```rhai
        /// let pair = veth::add("eth0", "eth1");
        /// tc("qdisc add dev eth0 root handle 1: htb default 10");
        /// tc("class add dev eth0 parent 1: classid 1:10 htb rate 10mbit");
        /// tc("filter add dev eth0 protocol ip parent 1: prio 1 u32 match ip dport 80 0xffff flowid 1:10");
        /// expect(tc("class show dev eth0").contains("rate 10Mbit ceil 10Mbit"));
        /// expect_error(|| tc("qdisc add dev eth0 root tbf rate fast"), "bad-argument");
        /// ```
        fn tc(netns, call, line: &str) -> String {
            let mut words = split(line)?;
            if words.first().map(String::as_str) == Some("tc") {
                words.remove(0);
            }
            call.step(|| sentence::exec(netns, &format!("tc {}", words.join(" "))));
            inside::tc(netns, &words)
        }
    );
}

fn say(netns: &Netns, call: &Call, line: &str) -> Result<String> {
    let mut words = split(line)?;
    if words.first().map(String::as_str) == Some("tc") {
        call.step(|| sentence::exec(netns, &words.join(" ")));
        return inside::tc(netns, &words[1..]);
    }
    if !matches!(words.first().map(String::as_str), Some("ip" | "bridge")) {
        words.insert(0, "ip".to_string());
    }
    call.step(|| sentence::exec(netns, &words.join(" ")));
    done(netns, &words)
}

/// Splits a line into words; `sudo` is not needed here.
fn split(line: &str) -> Result<Vec<String>> {
    let mut words = shlex::split(line)
        .ok_or_else(|| Error::new(Kind::BadArgument, "read", format!("`{line}`"), "a quote is open, or a backslash stands at the end"))?;
    if words.first().map(String::as_str) == Some("sudo") {
        words.remove(0);
    }
    Ok(words)
}

fn done(netns: &Netns, words: &[String]) -> Result<String> {
    match perform(&read::read(words)?, netns)? {
        Done::Text(text) => Ok(text),
        Done::Program(there, words) if matches!(words[0].as_str(), "ip" | "bridge") => done(&there, &words),
        Done::Program(there, words) => Ok(there.exec(&Program::new(words)?)?.stdout),
    }
}

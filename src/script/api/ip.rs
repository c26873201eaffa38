//! `ip("…")`, `tc("…")`: iproute2's own sentences, for whoever pastes from an article. No program is run.

use super::super::registry::{Registry, words};
use super::super::session::Call;
use crate::error::{Error, Kind, Result};
use crate::iproute::perform::{Done, perform};
use crate::iproute::program::Program;
use crate::iproute::{inside, read, sentence};
use crate::lab::{self, Netns};

pub(super) fn register(registry: &mut Registry) {
    words!(registry, Netns, [global];
        /// Does what a sentence of `ip` says, and returns what `ip` would print. The word `ip` may be left out.
        ///
        /// Errors: `bad-argument`, with the word that is wrong and its place; `unsupported` for what labsh or this kernel does not have, and
        /// in the host world for changes that could not be taken back; what else the kernel refuses has the kind of its errno.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// ip("link add v0 type veth peer name eth0 netns blue");
        /// blue.ip("addr add 10.0.0.2/24 dev eth0");
        /// blue.ip("link set eth0 up");
        /// expect(blue.ip("-br -4 addr show dev eth0").contains("10.0.0.2/24"));
        /// ip("rule add from 10.0.0.0/8 lookup 100");
        /// expect(ip("rule").contains("from 10.0.0.0/8 lookup 100"));
        /// expect_error(|| ip("link set lo upp"), "bad-argument"); // did you mean `up`?
        /// ```
        fn ip(netns, call, line: &str) -> String { say(netns, call, Program::Ip, line) }

        /// Does what a sentence of `bridge` says, and returns what `bridge` would print. The word `bridge` may be left out.
        ///
        /// Errors: as for `ip`.
        ///
        /// ```rhai
        /// ip("link add br0 type bridge");
        /// ip("link add v0 master br0 type veth peer name v1");
        /// bridge("fdb add 02:00:00:00:00:01 dev v0 master static");
        /// bridge("link set dev v0 isolated on");
        /// expect(bridge("-d link show dev v0").contains("isolated on"));
        /// expect(bridge("fdb show br br0").contains("02:00:00:00:00:01 dev v0"));
        /// expect_error(|| bridge("fdb add 02:00:00:00:00:01"), "bad-argument");
        /// ```
        fn bridge(netns, call, line: &str) -> String { say(netns, call, Program::Bridge, line) }

        /// Does what a line of `tc` says, and returns what `tc` would print. The word `tc` may be left out.
        ///
        /// Errors: as for `ip`.
        ///
        /// ```rhai
        /// let pair = veth::add("eth0", "eth1");
        /// tc("qdisc add dev eth0 root handle 1: htb default 10");
        /// tc("class add dev eth0 parent 1: classid 1:10 htb rate 10mbit");
        /// tc("filter add dev eth0 protocol ip parent 1: prio 1 u32 match ip dport 80 0xffff flowid 1:10");
        /// expect(tc("class show dev eth0").contains("rate 10Mbit ceil 10Mbit"));
        /// expect_error(|| tc("qdisc add dev eth0 root tbf rate fast"), "bad-argument");
        /// ```
        fn tc(netns, call, line: &str) -> String { say(netns, call, Program::Tc, line) }
    );
}

/// Reads and does a line; the program's name before it, and `sudo`, may be there.
fn say(netns: &Netns, call: &Call, program: Program, line: &str) -> Result<String> {
    let mut words = shlex::split(line)
        .ok_or_else(|| Error::new(Kind::BadArgument, "read", format!("`{line}`"), "a quote is open, or a backslash stands at the end"))?;
    if words.first().map(String::as_str) == Some("sudo") {
        words.remove(0);
    }
    let program = match words.first().and_then(|word| Program::from_name(word)) {
        // `bridge` is an object of no program, and `tc` neither.
        Some(named) => {
            words.remove(0);
            named
        }
        None => program,
    };
    let whole: Vec<String> = [program.name().to_string()].into_iter().chain(words).collect();
    call.step(|| sentence::exec(netns, &whole.join(" ")));
    done(netns, program, &whole)
}

/// What a handle can do is done by it, so that it is noted in the host world and refused in labsh's words; the rest the program does.
fn done(netns: &Netns, program: Program, words: &[String]) -> Result<String> {
    let read = match program {
        Program::Tc => return inside::say(program, netns, &words[1..]),
        Program::Ip | Program::Bridge => read::read(words),
    };
    match read {
        Ok(sentence) => match perform(&sentence, netns)? {
            Done::Quietly => Ok(String::new()),
            Done::Asks => inside::say(program, netns, &words[1..]),
            Done::Program(there, words) => match Program::from_name(&words[0]) {
                Some(program) => done(&there, program, &words),
                None => Ok(there.exec(&lab::Program::new(words)?)?.stdout),
            },
        },
        Err(unread) => inside::say(program, netns, &words[1..]).map_err(|error| inside::clearer(error, Some(unread))),
    }
}

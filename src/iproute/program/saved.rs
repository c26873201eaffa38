//! `save` and `restore`: messages of the kernel as they came, in a file.
//!
//! The file is a number that says what it holds, and netlink messages behind it; those that iproute2 saves are read, and it reads these.

use super::Run;
use super::stop::{Result, Stop};
use crate::kernel::talk::{self, Message};
use std::io::{IsTerminal, Read};

/// What a file begins with, and how it is called.
pub(super) type Holds = (u32, &'static str);

pub(super) const ROUTES: Holds = (0x4531_1224, "route");
pub(super) const ADDRESSES: Holds = (0x4736_1222, "address");
pub(super) const RULES: Holds = (0x7170_6986, "rule");

const HEADER: usize = 16;
/// NLM_F_MULTI (linux/netlink.h)
const MULTI: u16 = 2;

/// Writes messages to standard output, which must not be a terminal.
pub(super) fn save(run: &mut Run<'_>, (magic, _): Holds, kind: u16, messages: &[Vec<u8>]) -> Result {
    if std::io::stdout().is_terminal() {
        return Err(Stop::unreadable("Not sending a binary stream to stdout"));
    }
    let mut bytes = Vec::from(magic.to_ne_bytes());
    for message in messages {
        bytes.extend_from_slice(&((HEADER + message.len()) as u32).to_ne_bytes());
        bytes.extend_from_slice(&kind.to_ne_bytes());
        bytes.extend_from_slice(&MULTI.to_ne_bytes());
        bytes.extend_from_slice(&[0; 8]);
        bytes.extend_from_slice(message);
        bytes.resize((bytes.len() - 4).next_multiple_of(4) + 4, 0);
    }
    let _ = run.out.write_all(&bytes);
    Ok(())
}

/// Reads messages from standard input.
pub(super) fn read((magic, what): Holds) -> Result<Vec<Message>> {
    let mut input = std::io::stdin();
    if input.is_terminal() {
        return Err(Stop::unreadable(format!("Can't restore {what} dump from a terminal")));
    }
    let mut bytes = Vec::new();
    let read = input.read_to_end(&mut bytes);
    read.map_err(|error| Stop::wrong(format!("Cannot read: {}", crate::kernel::Failure::from(error).words())))?;
    let found = bytes.get(..4).map(|four| u32::from_ne_bytes([four[0], four[1], four[2], four[3]]));
    if found != Some(magic) {
        let (count, number) = (i32::from(found.is_some()), found.unwrap_or(0));
        return Err(Stop::wrong(format!("Magic mismatch ({count} elems, {number:x} magic)")));
    }
    Ok(talk::messages(&bytes[4..]))
}

/// Gives messages back to the kernel.
pub(super) fn restore(run: &mut Run<'_>, holds: Holds) -> Result {
    let messages = read(holds)?;
    give(run, messages.iter())
}

/// Gives messages to the kernel. What is there already is told, and no failure.
pub(super) fn give<'m>(run: &mut Run<'_>, messages: impl Iterator<Item = &'m Message>) -> Result {
    for message in messages {
        if let Err(failure) = run.try_ask(message.kind, talk::CREATE, &message.bytes)? {
            let there = failure.is(crate::kernel::Errno::EEXIST);
            let stop = Stop::refused(&failure);
            if !there {
                return Err(stop);
            }
            run.say(stop.text.trim_end());
        }
    }
    Ok(())
}

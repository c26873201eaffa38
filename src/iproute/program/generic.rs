//! Generic netlink: a family of messages that the kernel numbers when it starts, asked for by name (linux/genetlink.h).

use super::stop::{Result, Stop};
use crate::kernel::attr::{self, Writer};
use crate::kernel::talk::{Answer, Message, Talk};

/// `nlctrl`: the family that knows the others.
const GENL_ID_CTRL: u16 = 0x10;
const CTRL_CMD_GETFAMILY: u8 = 3;
const CTRL_ATTR_FAMILY_ID: u16 = 1;
const CTRL_ATTR_FAMILY_NAME: u16 = 2;
/// Bytes of `struct genlmsghdr`.
pub(super) const HEADER: usize = 4;

/// A family.
#[derive(Debug)]
pub(super) struct Generic {
    talk: Talk,
    id: u16,
    version: u8,
}

impl Generic {
    /// Finds a family. One that the kernel lacks is told as the kernel refuses it.
    pub(super) fn open(name: &str, version: u8) -> Result<Generic> {
        let mut talk =
            Talk::open_generic().map_err(|failure| Stop::wrong(format!("Cannot open generic netlink socket: {}", failure.words())))?;
        let mut question = Writer::new(&[CTRL_CMD_GETFAMILY, 1, 0, 0]);
        question.text(CTRL_ATTR_FAMILY_NAME, name);
        let answer = talk.ask(GENL_ID_CTRL, 0, &question.bytes()).map_err(|failure| {
            let stop = Stop::refused(&failure);
            Stop { text: stop.text + "Error talking to the kernel\n", status: 1, ..stop }
        })?;
        let told = answer.messages.first().map(|message| message.bytes.clone()).unwrap_or_default();
        let id = attr::find(told.get(HEADER..).unwrap_or_default(), CTRL_ATTR_FAMILY_ID).map_or(0, attr::number);
        Ok(Generic { talk, id: id as u16, version })
    }

    /// Begins a message.
    pub(super) fn message(&self, command: u8) -> Writer {
        Writer::new(&[command, self.version, 0, 0])
    }

    /// Sends a request.
    pub(super) fn ask(&mut self, message: Writer) -> Result<Answer> {
        self.talk.ask(self.id, 0, &message.bytes()).map_err(|failure| Stop::refused(&failure))
    }

    /// Asks for a list.
    pub(super) fn dump(&mut self, message: Writer) -> Result<Vec<Message>> {
        self.talk.dump(self.id, &message.bytes()).map_err(|failure| Stop::dump(&failure))
    }
}

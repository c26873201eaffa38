//! A routing netlink socket for a program that does one thing after another: blocking, bytes out and bytes in (netlink(7)).
//!
//! It lives in the namespace in which the calling thread stands. [`super::Socket`] is the one for many namespaces at once.

use super::attr;
use super::{Failure, Result};
use netlink_sys::protocols::{NETLINK_GENERIC, NETLINK_ROUTE, NETLINK_XFRM};
use netlink_sys::{Socket, SocketAddr};
use nix::errno::Errno;

// linux/netlink.h
const NLM_F_REQUEST: u16 = 0x1;
const NLM_F_ACK: u16 = 0x4;
const NLM_F_DUMP: u16 = 0x300;
const NLM_F_DUMP_INTR: u16 = 0x10;
const NLM_F_ACK_TLVS: u16 = 0x200;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const NLMSGERR_ATTR_MSG: u16 = 1;
const HEADER: usize = 16;

/// Make what is not there.
pub const CREATE: u16 = 0x400;
/// Refuse if it is there.
pub const EXCL: u16 = 0x200;
/// Replace what is there.
pub const REPLACE: u16 = 0x100;
/// Add behind what is there.
pub const APPEND: u16 = 0x800;

/// How often a list that changed under the question is asked for again.
const DUMP_TRIES: usize = 50;

/// A message: its type, and its bytes behind the netlink header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// RTM_… (linux/rtnetlink.h).
    pub kind: u16,
    /// NLM_F_… (linux/netlink.h).
    pub flags: u16,
    /// The fixed header and the attributes.
    pub bytes: Vec<u8>,
}

/// What the kernel answered: messages, and a warning where it did what was asked and has something to say.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The messages.
    pub messages: Vec<Message>,
    /// The kernel's sentence.
    pub warning: Option<String>,
}

/// An open socket.
pub struct Talk {
    socket: Socket,
    sequence: u32,
}

impl std::fmt::Debug for Talk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Talk").finish_non_exhaustive()
    }
}

impl Talk {
    /// Opens a socket where the calling thread stands.
    pub fn open() -> Result<Talk> {
        Talk::open_for(NETLINK_ROUTE)
    }

    /// Opens a socket that speaks of what IPsec protects (xfrm).
    pub fn open_xfrm() -> Result<Talk> {
        Talk::open_for(NETLINK_XFRM)
    }

    /// Opens a socket for families that have a name (generic netlink).
    pub fn open_generic() -> Result<Talk> {
        Talk::open_for(NETLINK_GENERIC)
    }

    fn open_for(protocol: isize) -> Result<Talk> {
        let mut socket = Socket::new(protocol)?;
        socket.bind_auto()?;
        socket.set_ext_ack(true)?;
        socket.set_cap_ack(true)?;
        // Kernels before 4.20 have no strict checking; they answer all the same.
        let _ = socket.set_netlink_get_strict_chk(true);
        Ok(Talk { socket, sequence: 0 })
    }

    /// Begins to listen to a multicast group (RTNLGRP_…).
    pub fn listen(&mut self, group: u32) -> Result<()> {
        Ok(self.socket.add_membership(group)?)
    }

    /// Begins to hear of all namespaces that have an id here; the messages of others are not told apart.
    pub fn listen_to_all_ids(&mut self) -> Result<()> {
        Ok(self.socket.set_listen_all_namespaces(true)?)
    }

    /// Waits for what the kernel tells by itself.
    pub fn hear(&mut self) -> Result<Vec<Message>> {
        let bytes = self.receive()?;
        Ok(split(&bytes).into_iter().map(|part| part.message).collect())
    }

    /// Sends a request, and waits until it is done.
    pub fn ask(&mut self, kind: u16, flags: u16, bytes: &[u8]) -> Result<Answer> {
        let sequence = self.send(kind, NLM_F_REQUEST | NLM_F_ACK | flags, bytes)?;
        let mut answer = Answer::default();
        loop {
            let received = self.receive()?;
            for part in split(&received).into_iter().filter(|part| part.sequence == sequence) {
                match part.message.kind {
                    NLMSG_ERROR => {
                        let (errno, sentence) = acknowledgement(&part.message);
                        if errno != 0 {
                            return Err(Failure::new(Errno::from_raw(errno), sentence));
                        }
                        answer.warning = sentence;
                        return Ok(answer);
                    }
                    NLMSG_DONE => return Ok(answer),
                    _ => answer.messages.push(part.message),
                }
            }
        }
    }

    /// Asks for a list, again while it changes under the question.
    pub fn dump(&mut self, kind: u16, bytes: &[u8]) -> Result<Vec<Message>> {
        for _ in 0..DUMP_TRIES {
            if let Some(messages) = self.dump_once(kind, bytes)? {
                return Ok(messages);
            }
        }
        Err(Errno::EINTR.into())
    }

    fn dump_once(&mut self, kind: u16, bytes: &[u8]) -> Result<Option<Vec<Message>>> {
        let sequence = self.send(kind, NLM_F_REQUEST | NLM_F_DUMP, bytes)?;
        let (mut messages, mut whole) = (Vec::new(), true);
        loop {
            let received = self.receive()?;
            for part in split(&received).into_iter().filter(|part| part.sequence == sequence) {
                whole &= part.message.flags & NLM_F_DUMP_INTR == 0;
                match part.message.kind {
                    NLMSG_ERROR => {
                        let (errno, sentence) = acknowledgement(&part.message);
                        return Err(Failure::new(Errno::from_raw(errno), sentence));
                    }
                    NLMSG_DONE => {
                        let errno = -(attr::u32_at(&part.message.bytes, 0) as i32);
                        if errno > 0 {
                            let sentence = sentence(part.message.bytes.get(4..).unwrap_or_default());
                            return Err(Failure::new(Errno::from_raw(errno), sentence));
                        }
                        return Ok(whole.then_some(messages));
                    }
                    _ => messages.push(part.message),
                }
            }
        }
    }

    fn send(&mut self, kind: u16, flags: u16, bytes: &[u8]) -> Result<u32> {
        self.sequence += 1;
        let mut message = Vec::with_capacity(HEADER + bytes.len());
        message.extend_from_slice(&((HEADER + bytes.len()) as u32).to_ne_bytes());
        message.extend_from_slice(&kind.to_ne_bytes());
        message.extend_from_slice(&flags.to_ne_bytes());
        message.extend_from_slice(&self.sequence.to_ne_bytes());
        message.extend_from_slice(&0u32.to_ne_bytes());
        message.extend_from_slice(bytes);
        self.socket.send_to(&message, &SocketAddr::new(0, 0), 0)?;
        Ok(self.sequence)
    }

    fn receive(&mut self) -> Result<Vec<u8>> {
        loop {
            match self.socket.recv_from_full() {
                Ok((bytes, _)) => return Ok(bytes),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Splits bytes into the messages that they hold, as they stand in a file that was saved.
pub fn messages(bytes: &[u8]) -> Vec<Message> {
    split(bytes).into_iter().map(|part| part.message).collect()
}

struct Part {
    sequence: u32,
    message: Message,
}

/// Splits what was received into messages.
fn split(mut bytes: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    while bytes.len() >= HEADER {
        let length = attr::u32_at(bytes, 0) as usize;
        let Some(body) = bytes.get(HEADER..length) else { break };
        let half = |at: usize| u16::from_ne_bytes([bytes[at], bytes[at + 1]]);
        parts.push(Part { sequence: attr::u32_at(bytes, 8), message: Message { kind: half(4), flags: half(6), bytes: body.to_vec() } });
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    parts
}

/// The errno of an acknowledgement, 0 for none, and the sentence. The request's header stands between them, and since the socket asks
/// for capped acknowledgements only that (NETLINK_CAP_ACK).
fn acknowledgement(message: &Message) -> (i32, Option<String>) {
    let errno = -(attr::u32_at(&message.bytes, 0) as i32);
    let said = (message.flags & NLM_F_ACK_TLVS != 0).then(|| sentence(message.bytes.get(4 + HEADER..).unwrap_or_default()));
    (errno, said.flatten())
}

fn sentence(attributes: &[u8]) -> Option<String> {
    attr::find(attributes, NLMSGERR_ATTR_MSG).map(attr::text).filter(|text| !text.is_empty())
}

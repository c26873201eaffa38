//! `ip xfrm`: what IPsec protects and how (ip-xfrm(8), linux/xfrm.h).
//!
//! A *state* is a one-way agreement between two hosts: a number (SPI), algorithms, keys. A *policy* says which packets must have one.

mod parts;
mod policy;
mod show;
mod state;

use super::Run;
use super::stop::{Result, Stop};
use super::usage;
use super::words::{Words, begins};
use crate::kernel::talk::{Answer, Message, Talk};
use crate::kernel::{Failure, attr};

// XFRM_MSG_ (linux/xfrm.h)
const NEWSA: u16 = 0x10;
const DELSA: u16 = 0x11;
const GETSA: u16 = 0x12;
const NEWPOLICY: u16 = 0x13;
const DELPOLICY: u16 = 0x14;
const GETPOLICY: u16 = 0x15;
const ALLOCSPI: u16 = 0x16;
const UPDPOLICY: u16 = 0x19;
const UPDSA: u16 = 0x1a;
const FLUSHSA: u16 = 0x1c;
const FLUSHPOLICY: u16 = 0x1d;
const GETSADINFO: u16 = 0x23;
const GETSPDINFO: u16 = 0x25;
const SETDEFAULT: u16 = 0x27;
const GETDEFAULT: u16 = 0x28;

// XFRMA_ (linux/xfrm.h)
const ALG_AUTH: u16 = 1;
const ALG_CRYPT: u16 = 2;
const ALG_COMP: u16 = 3;
const ENCAP: u16 = 4;
const TMPL: u16 = 5;
const REPLAY_VAL: u16 = 10;
const SRCADDR: u16 = 13;
const COADDR: u16 = 14;
const LASTUSED: u16 = 15;
const POLICY_TYPE: u16 = 16;
const ALG_AEAD: u16 = 18;
const ALG_AUTH_TRUNC: u16 = 20;
const MARK: u16 = 21;
const TFCPAD: u16 = 22;
const REPLAY_ESN_VAL: u16 = 23;
const SA_EXTRA_FLAGS: u16 = 24;
const OFFLOAD_DEV: u16 = 28;
const SET_MARK: u16 = 29;
const SET_MARK_MASK: u16 = 30;
const IF_ID: u16 = 31;

/// Bytes of `struct xfrm_selector`.
const SELECTOR: usize = 56;
/// Bytes of `struct xfrm_lifetime_cfg`.
const LIMITS: usize = 64;

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let mut xfrm = Xfrm::default();
    match words.take() {
        Some(object) if begins(object, "state") || begins(object, "sa") => state::command(run, &mut xfrm, words),
        Some(object) if begins(object, "policy") => policy::command(run, &mut xfrm, words),
        Some(object) if begins(object, "monitor") => Err(Stop::wrong("labsh does not have \"monitor\" of ip xfrm")),
        _ => Err(usage::object("xfrm")),
    }
}

/// The socket for it, opened when it is first needed.
#[derive(Debug, Default)]
struct Xfrm(Option<Talk>);

impl Xfrm {
    fn talk(&mut self) -> Result<&mut Talk> {
        if self.0.is_none() {
            self.0 = Some(Talk::open_xfrm().map_err(|failure| Stop::wrong(format!("Cannot open netlink socket: {}", failure.words())))?);
        }
        self.0.as_mut().ok_or_else(|| Stop::silent(1))
    }

    fn ask(&mut self, kind: u16, flags: u16, bytes: &[u8]) -> Result<Answer> {
        self.talk()?.ask(kind, flags, bytes).map_err(|failure: Failure| Stop::refused(&failure))
    }

    fn dump(&mut self, kind: u16) -> Result<Vec<Message>> {
        self.talk()?.dump(kind, &[]).map_err(|failure| Stop::dump(&failure))
    }
}

/// A structure with attributes behind it.
fn message(header: &[u8], attributes: crate::kernel::attr::Writer) -> Vec<u8> {
    let mut bytes = attr::Writer::new(header).bytes();
    bytes.extend_from_slice(&attributes.bytes());
    bytes
}

/// Prints text, on one line where that was asked for.
fn print(run: &mut Run<'_>, text: &str) {
    let text = if run.options.oneline { text.replace('\n', "\\") + "\n" } else { text.to_string() };
    run.write(&text);
}

//! Which name belongs to which index: asked once, and again when something may have changed.

use crate::kernel::attr;
use crate::kernel::talk::Talk;
use crate::kernel::{Failure, Result};

const RTM_NEWLINK: u16 = 16;
const RTM_GETLINK: u16 = 18;
const IFLA_ADDRESS: u16 = 1;
const IFLA_IFNAME: u16 = 3;
const IFLA_TXQLEN: u16 = 13;
const IFLA_EXT_MASK: u16 = 29;
const IFLA_PROP_LIST: u16 = 52;
const IFLA_ALT_IFNAME: u16 = 53;
/// linux/rtnetlink.h: counters are not wanted.
const SKIP_STATS: u32 = 1 << 3;
const IFINFOMSG: usize = 16;
const IFNAMSIZ: usize = 16;

/// What is remembered of a link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Its index.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Its other names.
    pub altnames: Vec<String>,
    /// IFF_… (linux/if.h).
    pub flags: u32,
    /// ARPHRD_… (linux/if_arp.h).
    pub kind: u16,
    /// Length of its queue.
    pub txqlen: u32,
    /// Its hardware address.
    pub address: Vec<u8>,
}

/// The links of the namespace, as they were when somebody asked.
#[derive(Debug, Default)]
pub struct Links(Option<Vec<Known>>);

impl Links {
    /// Forgets what was asked: something has changed.
    pub fn forget(&mut self) {
        self.0 = None;
    }

    /// Hears what the kernel tells of a link. The flags are those of now; a name that is known stays, as a monitor of iproute2 has it, unless
    /// there are other names.
    pub fn hear(&mut self, bytes: &[u8], deleted: bool) {
        let told = read(bytes);
        let Some(list) = &mut self.0 else { return };
        match (list.iter_mut().find(|link| link.index == told.index), deleted) {
            (Some(known), false) if told.altnames.is_empty() => known.flags = told.flags,
            (Some(known), false) => *known = told,
            (None, false) => list.push(told),
            (_, true) => list.retain(|link| link.index != told.index),
        }
    }

    /// Returns all links.
    pub fn all(&mut self, talk: &mut Talk) -> Result<&[Known]> {
        if self.0.is_none() {
            let mut question = attr::Writer::new(&[0; IFINFOMSG]);
            question.u32(IFLA_EXT_MASK, SKIP_STATS);
            let answers = talk.dump(RTM_GETLINK, &question.bytes())?;
            self.0 = Some(answers.iter().filter(|answer| answer.kind == RTM_NEWLINK).map(|answer| read(&answer.bytes)).collect());
        }
        Ok(self.0.as_deref().unwrap_or_default())
    }

    /// Returns the link of an index. One that has come since the links were listed is asked for by itself.
    pub fn by_index(&mut self, talk: &mut Talk, index: u32) -> Option<Known> {
        if let Some(known) = self.all(talk).ok()?.iter().find(|link| link.index == index) {
            return Some(known.clone());
        }
        let mut header = [0; IFINFOMSG];
        header[4..8].copy_from_slice(&index.to_ne_bytes());
        let mut question = attr::Writer::new(&header);
        question.u32(IFLA_EXT_MASK, SKIP_STATS);
        let answer = talk.ask(RTM_GETLINK, 0, &question.bytes()).ok()?;
        let known = read(&answer.messages.first()?.bytes);
        self.0.as_mut()?.push(known.clone());
        Some(known)
    }

    /// Returns the link of a name or other name, asked of the kernel at once: one question costs less than a list.
    pub fn by_name(&mut self, talk: &mut Talk, name: &str) -> Result<Known> {
        if let Some(list) = &self.0
            && let Some(found) = list.iter().find(|link| link.name == name || link.altnames.iter().any(|other| other == name))
        {
            return Ok(found.clone());
        }
        let mut question = attr::Writer::new(&[0; IFINFOMSG]);
        question.text(if name.len() < IFNAMSIZ { IFLA_IFNAME } else { IFLA_ALT_IFNAME }, name);
        question.u32(IFLA_EXT_MASK, SKIP_STATS);
        let answer = talk.ask(RTM_GETLINK, 0, &question.bytes())?;
        answer.messages.first().map(|message| read(&message.bytes)).ok_or_else(|| Failure::from(crate::kernel::Errno::ENODEV))
    }
}

fn read(bytes: &[u8]) -> Known {
    let mut link = Known {
        index: attr::u32_at(bytes, 4),
        flags: attr::u32_at(bytes, 8),
        kind: bytes.get(2..4).map_or(0, |two| attr::number(two) as u16),
        ..Known::default()
    };
    for (kind, value) in attr::read(bytes.get(IFINFOMSG..).unwrap_or_default()) {
        match kind {
            IFLA_IFNAME => link.name = attr::text(value),
            IFLA_TXQLEN => link.txqlen = attr::number(value) as u32,
            IFLA_ADDRESS => link.address = value.to_vec(),
            IFLA_PROP_LIST => {
                let names = attr::read(value).into_iter().filter(|(kind, _)| *kind == IFLA_ALT_IFNAME);
                link.altnames = names.map(|(_, name)| attr::text(name)).collect();
            }
            _ => {}
        }
    }
    link
}

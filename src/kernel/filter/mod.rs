//! Filters, which sort packets into classes or hand them to actions (RTM_NEWTFILTER …; `tc filter`).

pub mod action;
pub mod flower;
pub mod u32;

pub use action::{Action, Police, Verdict};
pub use flower::Flower;
pub use u32::U32;

use super::attr::{self, Writer};
use super::qdisc::{Mode, TCA_KIND, TCA_OPTIONS};
use super::{Result, Socket};

pub(crate) const RTM_NEWTFILTER: u16 = 44;
pub(crate) const RTM_DELTFILTER: u16 = 45;
pub(crate) const RTM_GETTFILTER: u16 = 46;
pub(crate) const TCA_CHAIN: u16 = 11;

/// The place of filters for what comes in, of a link that has clsact (TC_H_MIN_INGRESS).
pub const AT_INGRESS: u32 = 0xffff_fff2;
/// The place of filters for what goes out, of a link that has clsact (TC_H_MIN_EGRESS).
pub const AT_EGRESS: u32 = 0xffff_fff3;

/// The protocols by their words (linux/if_ether.h).
pub const PROTOCOLS: &[(&str, u16)] = &[
    ("all", 0x0003),
    ("ip", 0x0800),
    ("arp", 0x0806),
    ("802.1Q", 0x8100),
    ("ipv6", 0x86dd),
    ("mpls_uc", 0x8847),
    ("mpls_mc", 0x8848),
    ("ppp_ses", 0x8864),
    ("802.1ad", 0x88a8),
    ("802_3", 0x0001),
    ("802_2", 0x0004),
    ("loop", 0x0060),
    ("LLDP", 0x88cc),
];

/// Returns a protocol's word, or its number.
pub fn protocol_text(number: u16) -> String {
    match PROTOCOLS.iter().find(|(_, known)| *known == number) {
        Some((word, _)) => (*word).to_string(),
        None => format!("[{number}]"),
    }
}

/// Reads a protocol: a word, or a number.
pub fn parse_protocol(text: &str) -> Option<u16> {
    let by_word = PROTOCOLS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, number)| *number);
    let word = if text.eq_ignore_ascii_case("ipv4") { Some(0x0800) } else { by_word };
    word.or_else(|| match text.strip_prefix("0x") {
        Some(hex) => u16::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    })
}

/// Where a filter stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// Index of the link.
    pub index: u32,
    /// The discipline or class whose packets it sees.
    pub parent: u32,
    /// Its own number, as the kind counts it; 0 to let the kernel choose.
    pub handle: u32,
    /// `prio`: the lower is asked first; 0 to let the kernel choose.
    pub prio: u16,
    /// `protocol` (linux/if_ether.h); 0 for none.
    pub protocol: u16,
    /// `chain`.
    pub chain: Option<u32>,
}

impl Place {
    pub(crate) fn header(self) -> Vec<u8> {
        let info = (u32::from(self.prio) << 16) | u32::from(self.protocol.to_be());
        [0, self.index, self.handle, self.parent, info].iter().flat_map(|word| word.to_ne_bytes()).collect()
    }
}

/// What a filter looks at.
#[derive(Debug, Clone, PartialEq)]
pub enum Match {
    /// Bytes at places of the packet.
    U32(Box<U32>),
    /// The mark that the firewall has set; with a mask, only some bits of it.
    Fw(Option<u32>),
    /// Everything.
    All(u32),
    /// Fields of the packet by name.
    Flower(Flower, u32),
}

/// A filter that is to be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// What it looks at.
    pub looks: Match,
    /// `flowid`, `classid`: the class that the packet goes to.
    pub class: Option<u32>,
    /// `indev`: the link through which the packet came in.
    pub indev: Option<String>,
    /// `police` without `action`: the older form.
    pub police: Option<Police>,
    /// What is done with the packet, one after the other.
    pub actions: Vec<Action>,
}

/// The attributes in which kinds differ: class, police, link, actions, flags (linux/pkt_cls.h).
struct Numbers {
    class: u16,
    police: u16,
    indev: u16,
    actions: u16,
    flags: u16,
}

impl Match {
    /// Returns the word of its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Match::U32(_) => "u32",
            Match::Fw(_) => "fw",
            Match::All(_) => "matchall",
            Match::Flower(..) => "flower",
        }
    }

    fn numbers(&self) -> Numbers {
        match self {
            Match::U32(_) => Numbers { class: 1, police: 6, indev: 8, actions: 7, flags: 11 },
            Match::Fw(_) => Numbers { class: 1, police: 2, indev: 3, actions: 4, flags: 0 },
            Match::All(_) => Numbers { class: 1, police: 0, indev: 0, actions: 2, flags: 3 },
            Match::Flower(..) => Numbers { class: 1, police: 0, indev: 2, actions: 3, flags: 22 },
        }
    }
}

impl Spec {
    /// A filter that takes what it looks at and does nothing yet.
    pub fn new(looks: Match) -> Spec {
        Spec { looks, class: None, indev: None, police: None, actions: Vec::new() }
    }

    /// Returns the bytes of its options.
    pub(crate) fn options(&self, protocol: u16) -> Vec<u8> {
        let numbers = self.looks.numbers();
        let mut writer = Writer::default();
        let flags = match &self.looks {
            Match::U32(looks) => {
                let takes = self.class.is_some() || !self.actions.is_empty() || self.police.is_some();
                looks.put(&mut writer, takes);
                looks.flags
            }
            Match::Fw(mask) => {
                mask.iter().for_each(|mask| writer.u32(5, *mask));
                0
            }
            Match::All(flags) => *flags,
            Match::Flower(looks, flags) => {
                looks.write(&mut writer, protocol);
                *flags
            }
        };
        if let Some(class) = self.class {
            writer.u32(numbers.class, class);
        }
        if let Some(indev) = self.indev.as_ref().filter(|_| numbers.indev != 0) {
            writer.text(numbers.indev, indev);
        }
        if let Some(police) = self.police.as_ref().filter(|_| numbers.police != 0) {
            writer.nest(numbers.police, |nest| police.put(nest));
        }
        if !self.actions.is_empty() {
            writer.nest(numbers.actions, |nest| action::put_all(nest, &self.actions));
        }
        if flags != 0 || matches!(self.looks, Match::Flower(..)) {
            writer.u32(numbers.flags, flags);
        }
        writer.bytes()
    }

    /// Returns the whole message.
    pub(crate) fn message(&self, place: Place) -> Vec<u8> {
        let mut message = Writer::new(&place.header());
        message.text(TCA_KIND, self.looks.kind());
        if let Some(chain) = place.chain {
            message.u32(TCA_CHAIN, chain);
        }
        message.put(TCA_OPTIONS, &self.options(place.protocol));
        message.bytes()
    }
}

/// A filter at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Where it stands.
    pub place: Place,
    /// `u32`, `flower` …
    pub kind: String,
    /// Its options as the kernel tells them.
    pub options: Vec<u8>,
}

impl Filter {
    /// Reads the message of a filter.
    pub fn read(reply: &[u8]) -> Option<Filter> {
        let info = attr::u32_at(reply, 16);
        let mut filter = Filter {
            place: Place {
                index: attr::u32_at(reply, 4),
                handle: attr::u32_at(reply, 8),
                parent: attr::u32_at(reply, 12),
                prio: (info >> 16) as u16,
                protocol: u16::from_be(info as u16),
                chain: None,
            },
            kind: String::new(),
            options: Vec::new(),
        };
        for (kind, value) in attr::read(reply.get(20..)?) {
            match kind {
                TCA_KIND => filter.kind = attr::text(value),
                TCA_OPTIONS => filter.options = value.to_vec(),
                TCA_CHAIN => filter.place.chain = Some(attr::number(value) as u32),
                _ => {}
            }
        }
        Some(filter)
    }

    fn value(&self, kind: u16) -> Option<&[u8]> {
        attr::find(&self.options, kind)
    }

    /// Returns the class that packets go to.
    pub fn class(&self) -> Option<u32> {
        self.value(1).map(|class| attr::number(class) as u32)
    }

    /// Returns its actions.
    pub fn actions(&self) -> Vec<action::Found> {
        let at = match self.kind.as_str() {
            "u32" => 7,
            "fw" => 4,
            "matchall" => 2,
            "flower" => 3,
            _ => return Vec::new(),
        };
        self.value(at).map(action::read_all).unwrap_or_default()
    }
}

/// Sets a filter.
pub async fn add(socket: &Socket, place: Place, spec: &Spec, mode: Mode) -> Result<()> {
    // `tc filter replace` takes what is there, or makes it; add and change are as everywhere.
    let flags = match mode {
        Mode::Replace => netlink_packet_core::NLM_F_CREATE,
        other => other.flags(),
    };
    socket.change_raw(flags, RTM_NEWTFILTER, spec.message(place)).await
}

/// Deletes a filter; without a number, all of its priority; without a priority, all of the place.
pub async fn del(socket: &Socket, place: Place, kind: Option<&str>) -> Result<()> {
    let mut message = Writer::new(&place.header());
    kind.iter().for_each(|kind| message.text(TCA_KIND, kind));
    if let Some(chain) = place.chain {
        message.u32(TCA_CHAIN, chain);
    }
    socket.change_raw(0, RTM_DELTFILTER, message.bytes()).await
}

/// Lists the filters of one place; of the link's root discipline for 0.
pub async fn list(socket: &Socket, index: u32, parent: u32) -> Result<Vec<Filter>> {
    let place = Place { index, parent, ..Place::default() };
    Ok(socket.dump_raw(RTM_GETTFILTER, place.header()).await?.iter().filter_map(|reply| Filter::read(reply)).collect())
}

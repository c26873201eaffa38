//! States and policies as they are printed; there is no JSON of them.

use super::super::clock;
use super::parts::{MODES, is_ipsec, protocol_word};
use super::*;
use crate::kernel::attr;
use std::fmt::Write;
use std::net::IpAddr;

pub(super) type Flags = &'static [(u32, &'static str)];

pub(super) const STATE_FLAGS: Flags =
    &[(1, "noecn"), (2, "decap-dscp"), (4, "nopmtudisc"), (8, "wildrecv"), (16, "icmp"), (32, "af-unspec"), (64, "align4"), (128, "esn")];
pub(super) const EXTRA_FLAGS: Flags = &[(1, "dont-encap-dscp"), (2, "oseq-may-wrap")];
pub(super) const POLICY_FLAGS: Flags = &[(1, "localok"), (2, "icmp")];
pub(super) const DIRECTIONS: [&str; 3] = ["in", "out", "fwd"];
pub(super) const SHARES: [&str; 4] = ["any", "session", "user", "unique"];
const INFINITE: u64 = u64::MAX;

fn at<const N: usize>(bytes: &[u8], place: usize) -> [u8; N] {
    bytes.get(place..place + N).and_then(|part| part.try_into().ok()).unwrap_or([0; N])
}

fn u16_at(bytes: &[u8], place: usize) -> u16 {
    u16::from_ne_bytes(at(bytes, place))
}

fn u64_at(bytes: &[u8], place: usize) -> u64 {
    u64::from_ne_bytes(at(bytes, place))
}

fn ip(bytes: &[u8], place: usize, family: u16) -> String {
    let length = if family == 10 { 16 } else { 4 };
    attr::ip(bytes.get(place..place + length).unwrap_or_default()).as_ref().map_or_else(String::new, IpAddr::to_string)
}

fn flags(text: &mut String, mut bits: u32, known: Flags) {
    for (bit, word) in known {
        if bits & bit != 0 {
            bits &= !bit;
            let _ = write!(text, "{word}{}", if bits != 0 { " " } else { "" });
        }
    }
    if bits != 0 {
        let _ = write!(text, "{bits:x}");
    }
}

/// The two ends, and what is agreed between them.
struct Agreed<'a> {
    source: String,
    destination: String,
    spi: [u8; 4],
    proto: u8,
    reqid: u32,
    mode: u8,
    always_spi: bool,
    prefix: &'a str,
    title: &'a str,
}

fn agreed(run: &Run<'_>, own: &Agreed<'_>) -> String {
    let stats = run.options.stats > 0;
    let mut text = format!(
        "{}{}src {} dst {}\n{}\tproto {} ",
        own.prefix,
        own.title,
        own.source,
        own.destination,
        own.prefix,
        protocol_word(own.proto)
    );
    let spi = u32::from_be_bytes(own.spi);
    if stats || own.always_spi || spi != 0 {
        let _ = write!(text, "spi 0x{spi:08x}{} ", if stats { format!("({spi})") } else { String::new() });
    }
    let _ = write!(text, "reqid {}{} ", own.reqid, if stats { format!("(0x{:08x})", own.reqid) } else { String::new() });
    let mode = MODES.get(usize::from(own.mode)).map_or_else(|| own.mode.to_string(), |word| word.to_string());
    text + format!("mode {mode}\n").as_str()
}

fn protocol(number: u8) -> String {
    let text = std::fs::read_to_string("/etc/protocols").unwrap_or_default();
    let mut lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let named = lines.find(|parts| parts.get(1).is_some_and(|own| *own == number.to_string())).map(|parts| parts[0].to_string());
    named.unwrap_or_else(|| match number {
        1 => "icmp".to_string(),
        6 => "tcp".to_string(),
        17 => "udp".to_string(),
        58 => "ipv6-icmp".to_string(),
        132 => "sctp".to_string(),
        other => other.to_string(),
    })
}

pub(super) fn selector(run: &mut Run<'_>, bytes: &[u8], family: u16, prefix: &str) -> String {
    let own = u16_at(bytes, 40);
    let family = if own != 0 { own } else { family };
    let proto = bytes.get(44).copied().unwrap_or(0);
    let mut text = format!("{prefix}src {}/{} dst {}/{} ", ip(bytes, 16, family), bytes[43], ip(bytes, 0, family), bytes[42]);
    if proto != 0 {
        let _ = write!(text, "proto {} ", protocol(proto));
    }
    let port = |place: usize| u16::from_be_bytes(at(bytes, place));
    let (sport, dport, smask, dmask) = (port(36), port(32), port(38), port(34));
    match proto {
        1 | 58 => {
            if smask != 0 {
                let _ = write!(text, "type {sport} ");
            }
            if dmask != 0 {
                let _ = write!(text, "code {dport} ");
            }
        }
        47 if smask != 0 || dmask != 0 => {
            let _ = write!(text, "key {} ", u32::from(sport) << 16 | u32::from(dport));
        }
        47 => {}
        _ => {
            if smask != 0 {
                let _ = write!(text, "sport {sport} ");
            }
            if dmask != 0 {
                let _ = write!(text, "dport {dport} ");
            }
        }
    }
    let index = attr::u32_at(bytes, 48);
    if index != 0 {
        let _ = write!(text, "dev {} ", run.name_of(index));
    }
    if run.options.stats > 0 {
        let _ = write!(text, "uid {}", attr::u32_at(bytes, 52));
    }
    text + "\n"
}

fn lifetimes(limits: &[u8], now: &[u8], prefix: &str) -> String {
    let limit = |place: usize| match u64_at(limits, place * 8) {
        INFINITE => "(INF)".to_string(),
        value => value.to_string(),
    };
    let time = |place: usize| match u64_at(now, place * 8) {
        0 => "-".to_string(),
        seconds => clock::date(seconds as i64),
    };
    [
        "lifetime config:".to_string(),
        format!("  limit: soft {}(bytes), hard {}(bytes)", limit(0), limit(1)),
        format!("  limit: soft {}(packets), hard {}(packets)", limit(2), limit(3)),
        format!("  expire add: soft {}(sec), hard {}(sec)", u64_at(limits, 32), u64_at(limits, 40)),
        format!("  expire use: soft {}(sec), hard {}(sec)", u64_at(limits, 48), u64_at(limits, 56)),
        "lifetime current:".to_string(),
        format!("  {}(bytes), {}(packets)", u64_at(now, 0), u64_at(now, 8)),
        format!("  add {} use {}", time(2), time(3)),
    ]
    .map(|line| format!("{prefix}{line}\n"))
    .concat()
}

fn algorithm(run: &Run<'_>, word: &str, bytes: &[u8], keyed: Option<usize>, prefix: &str, hidden: bool) -> String {
    // Name, length of the key in bits, in some the length of the sum, key.
    let name = attr::text(bytes.get(..64).unwrap_or_default());
    let bits = attr::u32_at(bytes, 64);
    let from = 68 + if keyed.is_some() { 4 } else { 0 };
    let key = bytes.get(from..from + bits as usize / 8).unwrap_or_default();
    let mut text = format!("{prefix}{word} {name} ");
    if hidden {
        text += "<<Keys hidden>>";
    } else if !key.is_empty() {
        text += "0x";
        text.extend(key.iter().map(|byte| format!("{byte:02x}")));
    }
    if run.options.stats > 0 {
        let _ = write!(text, " ({bits} bits)");
    }
    if let Some(place) = keyed {
        let _ = write!(text, " {}", attr::u32_at(bytes, place));
    }
    text + "\n"
}

fn templates(run: &Run<'_>, bytes: &[u8], prefix: &str) -> String {
    let stats = run.options.stats > 0;
    let mut text = String::new();
    for one in bytes.chunks_exact(64) {
        let family = u16_at(one, 24);
        text += &agreed(
            run,
            &Agreed {
                source: ip(one, 28, family),
                destination: ip(one, 0, family),
                spi: at(one, 16),
                proto: one[20],
                reqid: attr::u32_at(one, 44),
                mode: one[48],
                always_spi: false,
                prefix,
                title: "tmpl ",
            },
        );
        if stats || one[50] != 0 {
            let level = match one[50] {
                0 => "required".to_string(),
                1 => "use".to_string(),
                other => other.to_string(),
            };
            let share = if stats { format!("share {} ", SHARES.get(usize::from(one[49])).unwrap_or(&"any")) } else { String::new() };
            let _ = writeln!(text, "{prefix}\tlevel {level} {share}");
        }
        if stats {
            let mask = |place| attr::u32_at(one, place);
            let _ = writeln!(text, "{prefix}\tenc-mask {:08x} auth-mask {:08x} comp-mask {:08x}", mask(56), mask(52), mask(60));
        }
    }
    text
}

fn attributes(run: &mut Run<'_>, bytes: &[u8], family: u16, prefix: &str, hidden: bool) -> String {
    let find = |kind| attr::find(bytes, kind);
    let number = |kind| find(kind).map(attr::number);
    let mut text = String::new();
    // Both marks stand on one line.
    let mark = find(MARK).map(|mark| format!("mark {:#x}/{:#x} ", attr::u32_at(mark, 0), attr::u32_at(mark, 4)));
    let set = number(SET_MARK).map(|mark| {
        let mask = number(SET_MARK_MASK).map_or_else(String::new, |mask| format!("/{mask:#x}"));
        format!("output-mark {mark:#x}{mask}")
    });
    if mark.is_some() || set.is_some() {
        let _ = writeln!(text, "{prefix}{}{}", mark.unwrap_or_default(), set.unwrap_or_default());
    }
    match (find(ALG_AUTH_TRUNC), find(ALG_AUTH)) {
        (Some(own), _) => text += &algorithm(run, "auth-trunc", own, Some(68), prefix, hidden),
        (None, Some(own)) => text += &algorithm(run, "auth", own, None, prefix, hidden),
        (None, None) => {}
    }
    if let Some(own) = find(ALG_AEAD) {
        text += &algorithm(run, "aead", own, Some(68), prefix, hidden);
    }
    for (kind, word) in [(ALG_CRYPT, "enc"), (ALG_COMP, "comp")] {
        if let Some(own) = find(kind) {
            text += &algorithm(run, word, own, None, prefix, hidden);
        }
    }
    if let Some(own) = find(ENCAP) {
        let kind = match u16_at(own, 0) {
            1 => "espinudp-nonike".to_string(),
            2 => "espinudp".to_string(),
            7 => "espintcp".to_string(),
            other => other.to_string(),
        };
        let port = |place| u16::from_be_bytes(at(own, place));
        let _ = writeln!(text, "{prefix}encap type {kind} sport {} dport {} addr {}", port(2), port(4), ip(own, 8, family));
    }
    if let Some(own) = find(TMPL) {
        text += &templates(run, own, prefix);
    }
    if let Some(own) = find(COADDR) {
        let _ = writeln!(text, "{prefix}coa {}", ip(own, 0, family));
    }
    if let Some(seconds) = number(LASTUSED) {
        let _ = writeln!(text, "{prefix}lastused {}", if seconds == 0 { "-".to_string() } else { clock::date(seconds as i64) });
    }
    text += &replay(find(REPLAY_VAL), find(REPLAY_ESN_VAL), prefix);
    if let Some(own) = find(OFFLOAD_DEV) {
        let name = run.name_of(attr::u32_at(own, 0));
        let _ = writeln!(
            text,
            "{prefix}crypto offload parameters: dev {name} dir {}",
            if own.get(4).is_some_and(|bits| bits & 2 != 0) { "in" } else { "out" }
        );
    }
    if let Some(id) = number(IF_ID) {
        let _ = writeln!(text, "{prefix}if_id {id:#x}");
    }
    if let Some(length) = number(TFCPAD) {
        let _ = writeln!(text, "{prefix}tfcpad {length}");
    }
    text
}

/// Which numbers have been seen.
fn replay(plain: Option<&[u8]>, extended: Option<&[u8]>, prefix: &str) -> String {
    let mut text = String::new();
    if let Some(own) = plain {
        let number = |place| attr::u32_at(own, place);
        let _ = writeln!(text, "{prefix}anti-replay context: seq {:#x}, oseq {:#x}, bitmap 0x{:08x}", number(4), number(0), number(8));
    }
    if let Some(own) = extended {
        let number = |place| attr::u32_at(own, place);
        let length = number(0);
        let _ = writeln!(text, "{prefix}anti-replay esn context:");
        let _ = writeln!(text, "{prefix} seq-hi {:#x}, seq {:#x}, oseq-hi {:#x}, oseq {:#x}", number(16), number(8), number(12), number(4));
        let _ = write!(text, "{prefix} replay_window {}, bitmap-length {length}", number(20));
        for place in (0..length as usize).rev() {
            if (length as usize - 1 - place).is_multiple_of(8) {
                let _ = write!(text, "\n{prefix} ");
            }
            let _ = write!(text, "{:08x} ", number(24 + place * 4));
        }
        text += "\n";
    }
    text
}

/// A state (`struct xfrm_usersa_info`, and what stands behind it).
pub(super) fn state(run: &mut Run<'_>, bytes: &[u8], hidden: bool) -> String {
    let stats = run.options.stats > 0;
    let family = u16_at(bytes, 212);
    let behind = bytes.get(224..).unwrap_or_default().to_vec();
    let find = |kind| attr::find(&behind, kind);
    let proto = bytes.get(76).copied().unwrap_or(0);
    let mut text = agreed(
        run,
        &Agreed {
            source: ip(bytes, 80, family),
            destination: ip(bytes, 56, family),
            spi: at(bytes, 72),
            proto,
            reqid: attr::u32_at(bytes, 208),
            mode: bytes[214],
            always_spi: is_ipsec(proto),
            prefix: "",
            title: "",
        },
    );
    let window = find(REPLAY_ESN_VAL).map_or(u32::from(bytes[215]), |own| attr::u32_at(own, 20));
    let _ = write!(text, "\treplay-window {window} ");
    if stats {
        let _ = write!(text, "seq 0x{:08} ", attr::u32_at(bytes, 204));
    }
    if stats || bytes[216] != 0 {
        text += "flag ";
        flags(&mut text, u32::from(bytes[216]), STATE_FLAGS);
    }
    let extra = find(SA_EXTRA_FLAGS).map(attr::number);
    if let Some(extra) = extra.filter(|_| stats) {
        text += "extra_flag ";
        flags(&mut text, extra as u32, EXTRA_FLAGS);
    }
    if stats {
        // Bit by bit, though it says 0x.
        let _ = write!(text, " (0x{:08b})", bytes[216]);
    }
    text += "\n";
    text += &attributes(run, &behind, family, "\t", hidden);
    if bytes[..SELECTOR].iter().any(|byte| *byte != 0) {
        text += &selector(run, &bytes[..SELECTOR], family, "\tsel ");
    }
    if stats {
        text += &lifetimes(&bytes[96..160], &bytes[160..192], "\t");
        let _ = writeln!(
            text,
            "\tstats:\n\t  replay-window {} replay {} failed {}",
            attr::u32_at(bytes, 192),
            attr::u32_at(bytes, 196),
            attr::u32_at(bytes, 200)
        );
    }
    text
}

/// A policy (`struct xfrm_userpolicy_info`, and what stands behind it).
pub(super) fn policy(run: &mut Run<'_>, bytes: &[u8]) -> String {
    let stats = run.options.stats > 0;
    let family = u16_at(bytes, 40);
    let behind = bytes.get(168..).unwrap_or_default().to_vec();
    let mut text = selector(run, &bytes[..SELECTOR], family, "");
    let (direction, action, bits, share) = (bytes[160], bytes[161], bytes[162], bytes[163]);
    let word = DIRECTIONS.get(usize::from(direction)).map_or_else(|| direction.to_string(), |word| word.to_string());
    let _ = write!(text, "\tdir {word} ");
    match action {
        0 if stats => text += "action allow ",
        0 => {}
        1 => text += "action block ",
        other => {
            let _ = write!(text, "action {other} ");
        }
    }
    if stats {
        let _ = write!(text, "index {} ", attr::u32_at(bytes, 156));
    }
    let _ = write!(text, "priority {} ", attr::u32_at(bytes, 152));
    if let Some(kind) = attr::find(&behind, POLICY_TYPE).and_then(|own| own.first()) {
        let word = ["main", "sub"].get(usize::from(*kind)).map_or_else(|| kind.to_string(), |word| word.to_string());
        let _ = write!(text, "ptype {word} ");
    }
    if stats {
        let _ = write!(text, "share {} ", SHARES.get(usize::from(share)).unwrap_or(&"any"));
    }
    if stats || bits != 0 {
        text += "flag ";
        flags(&mut text, u32::from(bits), POLICY_FLAGS);
    }
    if stats {
        let _ = write!(text, " (0x{bits:08b})");
    }
    text += "\n";
    if stats {
        text += &lifetimes(&bytes[56..120], &bytes[120..152], "\t");
    }
    text + attributes(run, &behind, family, "\t", false).as_str()
}

//! `ip tunnel`: tunnels over IPv4 and, with `-6`, over IPv6, by the ioctls that were there before netlink (ip-tunnel(8)).

mod over4;
mod over6;

use super::Run;
use super::link::show;
use super::output::{Fields, Value};
use super::stop::{Result, Stop};
use super::usage;
use super::words::{self, Family, Words, begins};
use crate::kernel::Failure;
use crate::kernel::attr;
use crate::kernel::tunnel::Request;

// linux/if_tunnel.h
const CSUM: u16 = 0x8000;
const KEY: u16 = 0x2000;
const SEQ: u16 = 0x1000;
// linux/in.h
const IPIP: u8 = 4;
const IPV6: u8 = 41;
const GRE: u8 = 47;

const RTM_GETLINK: u16 = 18;
const IFNAMSIZ: usize = 16;

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let six = match run.options.family {
        Family::Any | Family::Inet => false,
        Family::Inet6 => true,
        other => return Err(Stop::unreadable(format!("Unsupported protocol family: {}", other.number()))),
    };
    let act = if six { over6::act } else { over4::act };
    match words.take() {
        None => act(run, words, Request::Get),
        Some(verb) if begins(verb, "add") => act(run, words, Request::Add),
        Some(verb) if begins(verb, "change") => act(run, words, Request::Change),
        Some(verb) if begins(verb, "delete") => act(run, words, Request::Delete),
        Some(verb) if show::is_show(verb) => act(run, words, Request::Get),
        Some(verb) if begins(verb, "6rd") && !six => over4::sixrd(words),
        Some(verb) if begins(verb, "prl") && !six => Err(Stop::wrong("labsh does not have \"prl\" of ip tunnel")),
        Some(verb) if begins(verb, "help") => Err(usage::object(if six { "tunnel6" } else { "tunnel" })),
        Some(verb) => Err(Stop::unreadable(format!("Command \"{verb}\" is unknown, try \"ip tunnel help\""))),
    }
}

/// What both families say of keys, sums and sequence numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Marks {
    flags_in: u16,
    flags_out: u16,
    key_in: [u8; 4],
    key_out: [u8; 4],
}

impl Marks {
    /// Takes a word that is about them.
    fn take(&mut self, word: &str, words: &mut Words<'_>) -> Result<bool> {
        let (side, bare) = match word.as_bytes() {
            [b'i', ..] => ("i", &word[1..]),
            [b'o', ..] => ("o", &word[1..]),
            _ => ("", word),
        };
        let flag = match bare {
            "key" => KEY,
            "seq" => SEQ,
            "csum" => CSUM,
            _ => return Ok(false),
        };
        let key = if flag == KEY { Some(key(words, word)?) } else { None };
        if side != "o" {
            self.flags_in |= flag;
            self.key_in = key.unwrap_or(self.key_in);
        }
        if side != "i" {
            self.flags_out |= flag;
            self.key_out = key.unwrap_or(self.key_out);
        }
        Ok(true)
    }

    fn show(&self, proto: u8, fields: &mut Fields) {
        let number = u32::from_be_bytes;
        let (both_in, both_out) = (self.flags_in & KEY != 0, self.flags_out & KEY != 0);
        if both_in && both_out && self.key_in == self.key_out {
            fields.both("key", number(self.key_in), format!(" key {}", number(self.key_in)));
        } else {
            for (set, key, word) in [(both_in, self.key_in, "ikey"), (both_out, self.key_out, "okey")] {
                if set {
                    fields.both(word, number(key), format!(" {word} {}", number(key)));
                }
            }
        }
        if proto != GRE {
            return;
        }
        let mut told = Vec::new();
        for (flags, bit, key, text) in [
            (self.flags_in, SEQ, "rx_drop_ooseq", "Drop packets out of sequence."),
            (self.flags_in, CSUM, "rx_csum", "Checksum in received packet is required."),
            (self.flags_out, SEQ, "tx_seq", "Sequence packets on output."),
            (self.flags_out, CSUM, "tx_csum", "Checksum output packets."),
        ] {
            if flags & bit != 0 {
                fields.text(format!("\n  {text}"));
                told.push(Value::Text(key.to_string()));
            }
        }
        fields.json("flags", Value::List(told));
    }
}

fn key(words: &mut Words<'_>, what: &str) -> Result<[u8; 4]> {
    let word = words.value()?;
    if word.contains('.')
        && let Some(std::net::IpAddr::V4(ip)) = words::parse_address(word, Family::Inet)
    {
        return Ok(ip.octets());
    }
    let number = words::number(word).and_then(|number| u32::try_from(number).ok());
    number
        .map(u32::to_be_bytes)
        .ok_or_else(|| Stop::unreadable(format!("invalid value for \"{what}\": \"{word}\"; it should be an unsigned integer")))
}

/// The word for what is inside.
fn inside(proto: u8) -> &'static str {
    match proto {
        IPIP => "ip",
        GRE => "gre",
        IPV6 => "ipv6",
        50 => "esp",
        137 => "mpls",
        0 => "any",
        _ => "unknown",
    }
}

fn name<'a>(words: &mut Words<'a>, word: &'a str) -> Result<&'a str> {
    let name = if word == "name" { words.value()? } else { word };
    let bad = name.is_empty() || name.len() >= IFNAMSIZ || name.contains('/') || name.contains(char::is_whitespace);
    if bad { Err(Stop::invalid(name, "\"name\" not a valid ifname")) } else { Ok(name) }
}

fn failed(what: &str, device: &str, failure: &Failure) -> Stop {
    Stop::wrong(format!("{what} tunnel \"{device}\" failed: {}", failure.words()))
}

fn text(bytes: &[u8]) -> String {
    attr::text(bytes.get(..IFNAMSIZ).unwrap_or_default())
}

fn write_name(parameters: &mut [u8], name: &str) {
    parameters[..name.len().min(IFNAMSIZ - 1)].copy_from_slice(&name.as_bytes()[..name.len().min(IFNAMSIZ - 1)]);
}

/// The links that may be tunnels: name, and kind of hardware.
fn candidates(run: &mut Run<'_>, kinds: &[u16]) -> Result<Vec<String>> {
    let links = run.dump(RTM_GETLINK, &[0; 16])?;
    let own = links.iter().filter(|link| link.bytes.get(2..4).is_some_and(|kind| kinds.contains(&(attr::number(kind) as u16))));
    Ok(own.filter_map(|link| attr::find(link.bytes.get(16..)?, 3).map(attr::text)).collect())
}

//! Settings as tables: one row says an option's name, its attribute, its form, and how `ip`, `bridge` or `tc` write it. Writing a message,
//! reading one, and telling the line that does the same are three readings of the same row.

use super::attr::{self, Writer};
use std::net::IpAddr;
use std::time::Duration;

/// How many bytes a number has, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the usual names")]
pub enum Width {
    U8,
    U16,
    U32,
    U64,
    /// Two bytes in network order.
    Be16,
}

/// How a switch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Say {
    /// `word on`, `word off`.
    OnOff,
    /// `word 1`, `word 0`.
    OneZero,
    /// `word`, `noword`.
    No,
}

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A number between two bounds.
    Number(Width, i64, i64),
    /// On or off.
    Switch(Width, Say),
    /// On by being there.
    Flag,
    /// One of some words, each with its number.
    Word(Width, &'static [(&'static str, u64)]),
    /// An address; the second attribute is the one for IPv6, where there is one.
    Ip(Option<u16>),
    /// A link, by index.
    Device,
    /// A span of time, counted in so many parts of a second.
    Time(Width, u64),
    /// A rate in bit/s, counted by the kernel in bytes.
    Rate(Width),
    /// A size in bytes.
    Size(Width),
    /// A power of two, counted as its logarithm.
    Log,
    /// The key of a GRE tunnel, both ways: two flags and two numbers (linux/if_tunnel.h).
    GreKey,
    /// A flag of a GRE tunnel, both ways.
    GreFlag(u16),
    /// A bit of a structure of two numbers: which are on, and which are meant (`struct ifla_vlan_flags`, `struct br_boolopt_multi`).
    Bit(u32),
}

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in scripts.
    pub name: &'static str,
    /// Its word in iproute2's line.
    pub word: &'static str,
    /// Its attribute.
    pub attribute: u16,
    /// What it takes.
    pub form: Form,
}

/// Makes a row whose name is iproute2's word.
pub const fn field(name: &'static str, attribute: u16, form: Form) -> Field {
    Field { name, word: name, attribute, form }
}

/// Makes a row whose name differs from iproute2's word.
pub const fn field_as(name: &'static str, word: &'static str, attribute: u16, form: Form) -> Field {
    Field { name, word, attribute, form }
}

/// A value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A number, a size in bytes, or a rate in bit/s.
    Number(u64),
    /// On or off.
    On(bool),
    /// One of the words.
    Word(&'static str),
    /// An address.
    Ip(IpAddr),
    /// A link's index and, for the line, its name.
    Device(u32, String),
    /// A span of time.
    Time(Duration),
}

/// A setting with its value.
pub type Setting = (&'static Field, Value);

const GRE_KEY: u16 = 0x2000;

impl Width {
    fn put(self, writer: &mut Writer, kind: u16, value: u64) {
        match self {
            Width::U8 => writer.u8(kind, value as u8),
            Width::U16 => writer.u16(kind, value as u16),
            Width::U32 => writer.u32(kind, value.min(u64::from(u32::MAX)) as u32),
            Width::U64 => writer.u64(kind, value),
            Width::Be16 => writer.put(kind, &(value as u16).to_be_bytes()),
        }
    }

    fn read(self, bytes: &[u8]) -> u64 {
        match (self, bytes) {
            (Width::Be16, [a, b]) => u64::from(u16::from_be_bytes([*a, *b])),
            _ => attr::number(bytes),
        }
    }
}

/// Writes settings into a message. Those that share an attribute are written as one, since the kernel takes the last.
pub fn put_all(writer: &mut Writer, settings: &[Setting]) {
    let mut gre: Option<(u16, u16)> = None;
    let mut bits: Vec<(u16, u32, u32)> = Vec::new();
    for setting in settings {
        let (field, value) = setting;
        match (field.form, value) {
            (Form::GreKey, Value::Number(_)) => {
                put(writer, setting);
                gre = Some((field.attribute - 2, gre.map_or(0, |(_, flags)| flags) | GRE_KEY));
            }
            (Form::GreFlag(flag), Value::On(on)) => {
                gre = Some((field.attribute, gre.map_or(0, |(_, flags)| flags) | if *on { flag } else { 0 }));
            }
            (Form::Bit(bit), Value::On(on)) => {
                let (set, meant) = (if *on { bit } else { 0 }, bit);
                match bits.iter_mut().find(|(attribute, ..)| *attribute == field.attribute) {
                    Some((_, all, mask)) => (*all, *mask) = (*all | set, *mask | meant),
                    None => bits.push((field.attribute, set, meant)),
                }
            }
            _ => put(writer, setting),
        }
    }
    if let Some((attribute, flags)) = gre {
        writer.put(attribute, &flags.to_be_bytes());
        writer.put(attribute + 1, &flags.to_be_bytes());
    }
    for (attribute, set, mask) in bits {
        writer.put(attribute, &[set.to_ne_bytes(), mask.to_ne_bytes()].concat());
    }
}

/// Writes a setting that has an attribute of its own into a message.
pub fn put(writer: &mut Writer, (field, value): &Setting) {
    let kind = field.attribute;
    match (field.form, value) {
        (Form::Number(width, ..) | Form::Size(width), Value::Number(number)) => width.put(writer, kind, *number),
        (Form::Switch(width, _), Value::On(on)) => width.put(writer, kind, u64::from(*on)),
        (Form::Log, Value::Number(number)) => writer.u32(kind, number.max(&1).ilog2()),
        (Form::Flag, Value::On(true)) => writer.put(kind, &[]),
        (Form::Word(width, words), Value::Word(word)) => {
            let number = words.iter().find(|(known, _)| known == word).map_or(0, |(_, number)| *number);
            width.put(writer, kind, number);
        }
        (Form::Ip(Some(v6)), Value::Ip(ip)) if ip.is_ipv6() => writer.ip(v6, *ip),
        (Form::Ip(_), Value::Ip(ip)) => writer.ip(kind, *ip),
        (Form::Device, Value::Device(index, _)) => writer.u32(kind, *index),
        (Form::Time(width, per_second), Value::Time(span)) => {
            width.put(writer, kind, (span.as_nanos() * u128::from(per_second) / 1_000_000_000) as u64);
        }
        (Form::Rate(width), Value::Number(bits)) => width.put(writer, kind, bits / 8),
        (Form::GreKey, Value::Number(key)) => {
            writer.put(kind, &(*key as u32).to_be_bytes());
            writer.put(kind + 1, &(*key as u32).to_be_bytes());
        }
        _ => {}
    }
}

/// Reads the settings that a table knows from attributes, in the order of the table. What is not set is left out.
pub fn read(bytes: &[u8], table: &'static [Field]) -> Vec<Setting> {
    let found = attr::read(bytes);
    let value_of = |kind: u16| found.iter().find(|(known, _)| *known == kind).map(|(_, value)| *value);
    table
        .iter()
        .filter_map(|field| {
            let bytes = match field.form {
                Form::Ip(Some(v6)) => value_of(field.attribute).or_else(|| value_of(v6)),
                _ => value_of(field.attribute),
            }?;
            Some((field, value(field, bytes)?))
        })
        .collect()
}

fn value(field: &Field, bytes: &[u8]) -> Option<Value> {
    Some(match field.form {
        Form::Number(width, ..) | Form::Size(width) => Value::Number(width.read(bytes)),
        Form::Switch(width, _) => Value::On(width.read(bytes) != 0),
        Form::Flag => Value::On(true),
        Form::Word(width, words) => {
            let number = width.read(bytes);
            Value::Word(words.iter().find(|(_, known)| *known == number)?.0)
        }
        Form::Ip(_) => Value::Ip(attr::ip(bytes).filter(|ip| !ip.is_unspecified())?),
        Form::Device => Value::Device(Some(attr::number(bytes) as u32).filter(|index| *index != 0)?, String::new()),
        Form::Time(width, per_second) => Value::Time(Duration::from_nanos(width.read(bytes).saturating_mul(1_000_000_000 / per_second))),
        Form::Rate(width) => Value::Number(width.read(bytes).saturating_mul(8)),
        Form::Log => Value::Number(1 << attr::number(bytes).min(63)),
        Form::GreKey => {
            let key = u64::from(u32::from_be_bytes(bytes.try_into().ok()?));
            Value::Number(Some(key).filter(|key| *key != 0)?)
        }
        Form::GreFlag(flag) => Value::On(u16::from_be_bytes(bytes.try_into().ok()?) & flag != 0),
        Form::Bit(bit) => Value::On(attr::u32_at(bytes, 0) & bit != 0),
    })
}

/// Writes settings as the words of iproute2's line, each with a space before it.
pub fn words(settings: &[Setting]) -> String {
    settings.iter().map(|setting| format!(" {}", word(setting))).collect::<String>().replace("  ", " ").trim_end().to_string()
}

fn word((field, value): &Setting) -> String {
    let word = field.word;
    match (field.form, value) {
        (Form::Switch(_, Say::OnOff), Value::On(on)) => format!("{word} {}", if *on { "on" } else { "off" }),
        (Form::Switch(_, Say::OneZero), Value::On(on)) => format!("{word} {}", u8::from(*on)),
        (Form::Switch(_, Say::No), Value::On(on)) => format!("{}{word}", if *on { "" } else { "no" }),
        (Form::Bit(_), Value::On(on)) => format!("{word} {}", if *on { "on" } else { "off" }),
        (Form::GreFlag(_), Value::On(on)) => format!("{}{word}", if *on { "" } else { "no" }),
        (Form::Flag, Value::On(on)) => if *on { word } else { "" }.to_string(),
        (Form::Time(_, per_second), Value::Time(span)) => match per_second {
            1_000_000_000 => format!("{word} {}ns", span.as_nanos()),
            1_000_000 => format!("{word} {}us", span.as_micros()),
            _ => format!("{word} {}", span.as_nanos() * u128::from(per_second) / 1_000_000_000),
        },
        (Form::Rate(_), Value::Number(bits)) => format!("{word} {bits}bit"),
        // ip reads a TOS in hexadecimal digits, with or without 0x (ip-link(8)).
        (_, Value::Number(number)) if word == "tos" => format!("{word} {number:#x}"),
        (_, Value::Number(number)) => format!("{word} {number}"),
        (_, Value::Word(text)) => format!("{word} {text}"),
        (_, Value::Ip(ip)) => format!("{word} {ip}"),
        (_, Value::Device(_, name)) => format!("{word} {name}"),
        _ => String::new(),
    }
}

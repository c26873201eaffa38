//! Settings of a kind as rows: how a word sets an attribute, and how the attribute is printed.

use super::super::super::Run;
use super::super::super::output::{Fields, Value};
use super::super::super::stop::{Result, Stop};
use super::super::super::words::{self, Words, begins};
use crate::kernel::attr::{self, Writer};

/// How many bytes a number has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    U8,
    U16,
    U32,
    U64,
}

/// What an attribute is.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// A number, printed as it is.
    Number(Width),
    /// `on` or `off`; true or false in JSON.
    OnOff,
    /// Hundredths of a second, printed as seconds.
    Timer,
    /// A bridge's id.
    BridgeId,
    /// A number in hexadecimal; whether 0 is `0x0` or `0`.
    Hex(bool),
    /// A hardware address.
    Mac,
    /// A number that has words.
    Word(Width, &'static [&'static str]),
    /// 802.1Q or 802.1ad.
    VlanProtocol,
    /// An attribute without a value: only the word.
    Act,
    /// Read but not printed, a number.
    Silent(Width),
}

/// One setting.
#[derive(Debug)]
pub struct Row {
    pub attribute: u16,
    pub key: &'static str,
    pub word: &'static str,
    pub form: Form,
    /// Whether it can be set.
    pub sets: bool,
}

/// A row whose name is the same in words and JSON, and that can be set.
pub const fn row(attribute: u16, word: &'static str, form: Form) -> Row {
    Row { attribute, key: word, word, form, sets: true }
}

/// A row that has another name in JSON.
pub const fn named(attribute: u16, key: &'static str, word: &'static str, form: Form) -> Row {
    Row { attribute, key, word, form, sets: true }
}

/// A row that the kernel tells only.
pub const fn told(attribute: u16, key: &'static str, word: &'static str, form: Form) -> Row {
    Row { attribute, key, word, form, sets: false }
}

fn put(writer: &mut Writer, attribute: u16, width: Width, value: u64) {
    match width {
        Width::U8 => writer.u8(attribute, value as u8),
        Width::U16 => writer.u16(attribute, value as u16),
        Width::U32 => writer.u32(attribute, value as u32),
        Width::U64 => writer.u64(attribute, value),
    }
}

fn most(width: Width) -> u64 {
    match width {
        Width::U8 => 0xff,
        Width::U16 => 0xffff,
        Width::U32 => 0xffff_ffff,
        Width::U64 => u64::MAX,
    }
}

/// Reads a word of the table with its value. Returns whether the table knows it.
pub fn read(table: &[Row], word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    read_saying(table, word, words, writer, |word| format!("invalid {word}"))
}

/// As [`read`], with the kind's own sentence about a wrong value.
pub fn read_saying(table: &[Row], word: &str, words: &mut Words<'_>, writer: &mut Writer, wrong: fn(&str) -> String) -> Result<bool> {
    let Some(row) = table.iter().find(|row| row.sets && begins(word, row.word)) else { return Ok(false) };
    let message = wrong(row.word);
    match row.form {
        Form::Number(width) | Form::Silent(width) => {
            let value = words.value()?;
            let number = words::number(value).filter(|number| *number <= most(width)).ok_or_else(|| Stop::invalid(value, &message))?;
            put(writer, row.attribute, width, number);
        }
        Form::OnOff => {
            let on = match words.value()? {
                "on" => 1,
                "off" => 0,
                other => {
                    return Err(Stop::wrong(format!(
                        "Error: argument of \"{}\" must be one of \"off\", \"on\", not \"{other}\"",
                        row.word
                    )));
                }
            };
            writer.u8(row.attribute, on);
        }
        Form::Hex(_) => {
            let value = words.value()?;
            let number =
                words::number(value).and_then(|number| u16::try_from(number).ok()).ok_or_else(|| Stop::invalid(value, &message))?;
            writer.u16(row.attribute, number);
        }
        Form::Mac => {
            let value = words.value()?;
            let mac = words::hardware(value).ok().filter(|mac| mac.len() == 6).ok_or_else(|| Stop::invalid(value, &message))?;
            writer.put(row.attribute, &mac);
        }
        Form::Word(width, known) => {
            let value = words.value()?;
            let number = known.iter().position(|known| !known.is_empty() && known == &value).map(|at| at as u64);
            let number = number.or_else(|| words::number(value).filter(|number| *number <= most(width)));
            put(writer, row.attribute, width, number.ok_or_else(|| Stop::invalid(value, &message))?);
        }
        Form::VlanProtocol => writer.put(row.attribute, &vlan_protocol(words.value()?)?.to_be_bytes()),
        Form::Act => writer.put(row.attribute, &[]),
        Form::Timer | Form::BridgeId => return Ok(false),
    }
    Ok(true)
}

/// Prints the attributes that are there, in the order of the table.
pub fn show(table: &[Row], attributes: &[u8], fields: &mut Fields) {
    let found = attr::read(attributes);
    for row in table {
        if let Some((_, value)) = found.iter().find(|(kind, _)| *kind == row.attribute) {
            one(row, value, fields);
        }
    }
}

fn one(row: &Row, value: &[u8], fields: &mut Fields) {
    let Row { key, word, .. } = *row;
    let number = attr::number(value);
    match row.form {
        Form::Number(_) => fields.both(key, number, format!("{word} {number} ")),
        Form::OnOff => fields.both(key, number != 0, format!("{word} {} ", if number != 0 { "on" } else { "off" })),
        Form::Timer => {
            let seconds = format!("{}.{:02}", number / 100, number % 100);
            fields.both(key, Value::Raw(seconds.clone()), format!("{word} {seconds:>7} "));
        }
        Form::BridgeId => {
            let id = bridge_id(value);
            fields.both(key, id.as_str(), format!("{word} {id} "));
        }
        Form::Hex(prefix) => {
            let text = if prefix || number != 0 { format!("{number:#x}") } else { "0".to_string() };
            fields.both(key, text.as_str(), format!("{word} {text} "));
        }
        Form::Mac => {
            let mac = crate::kernel::link::mac_text(value);
            fields.both(key, mac.as_str(), format!("{word} {mac} "));
        }
        Form::Word(_, known) => {
            let name = known.get(number as usize).filter(|name| !name.is_empty());
            match name {
                Some(name) => fields.both(key, *name, format!("{word} {name} ")),
                None => fields.both(key, number, format!("{word} {number} ")),
            }
        }
        Form::VlanProtocol => {
            let name = protocol_name(value);
            fields.both(key, name.as_str(), format!("{word} {name} "));
        }
        Form::Act | Form::Silent(_) => {}
    }
}

/// Writes a bridge's id: priority and address, the bytes of the latter without leading zeros.
pub fn bridge_id(bytes: &[u8]) -> String {
    let [a, b, mac @ ..] = bytes else { return String::new() };
    format!("{a:02x}{b:02x}.{}", mac.iter().map(|byte| format!("{byte:x}")).collect::<Vec<_>>().join(":"))
}

/// Reads the protocol of a VLAN.
pub fn vlan_protocol(word: &str) -> Result<u16> {
    match word.to_ascii_lowercase().as_str() {
        "802.1q" => Ok(0x8100),
        "802.1ad" => Ok(0x88a8),
        other => {
            let number = words::number(other).and_then(|number| u16::try_from(number).ok());
            number.ok_or_else(|| Stop::invalid(word, "protocol is invalid"))
        }
    }
}

/// Writes the protocol of a VLAN, from two bytes in network order.
pub fn protocol_name(bytes: &[u8]) -> String {
    match bytes {
        [0x81, 0x00] => "802.1Q".to_string(),
        [0x88, 0xa8] => "802.1ad".to_string(),
        [a, b] => format!("[{}]", u16::from_be_bytes([*a, *b])),
        _ => String::new(),
    }
}

/// The kind's own reader of a word: returns whether it knows it.
pub type ReadWord = fn(&mut Run<'_>, &str, &mut Words<'_>, &mut Writer) -> Result<bool>;

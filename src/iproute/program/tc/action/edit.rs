//! pedit: bytes of packets, by their place or by the names of headers' fields (tc-pedit(8)).

use super::{Head, control, incomplete, index, mac, verdict};
use crate::iproute::program::Run;
use crate::iproute::program::output::{Fields, Value};
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::words::{self, Family, Words, begins, number as whole};
use crate::kernel::attr::{self, Writer};
use crate::kernel::filter::Verdict;

const USAGE: &str = "Usage: ... pedit munge [ ex ] { offset OFFSET { u8 | u16 | u32 } [ at AT OFFMASK SHIFT ] | LAYER FIELD } \
{ set VALUE | add VALUE | decrement | invert | clear | preserve | retain MASK } [ CONTROL ] [ index INDEX ]\n";
/// The headers by their numbers (TCA_PEDIT_KEY_EX_HDR_TYPE_…).
const LAYERS: &[&str] = &["network", "eth", "ipv4", "ipv6", "tcp", "udp"];
const ADD: u16 = 1;

/// What a field holds.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// A number of so many bytes, of which only some bits are the field's.
    Number(u32, u32),
    /// A number of four bytes that stands some bits higher.
    Shifted(u32, u32),
    V4,
    V6,
    Mac,
}

/// A field: layer, word, its place, what it holds.
type Field = (&'static str, &'static str, i32, Form);

const BYTE: Form = Form::Number(1, 0xff);
const SHORT: Form = Form::Number(2, 0xffff);
const FIELDS: &[Field] = &[
    ("ip", "src", 12, Form::V4),
    ("ip", "dst", 16, Form::V4),
    ("ip", "tos", 1, BYTE),
    ("ip", "dsfield", 1, BYTE),
    ("ip", "ihl", 0, Form::Number(1, 0x0f)),
    ("ip", "ttl", 8, BYTE),
    ("ip", "protocol", 9, BYTE),
    ("ip", "precedence", 1, BYTE),
    ("ip", "nofrag", 6, Form::Number(1, 0x3f)),
    ("ip", "firstfrag", 6, Form::Number(1, 0x1f)),
    ("ip", "ce", 6, Form::Number(1, 0x80)),
    ("ip", "df", 6, Form::Number(1, 0x40)),
    ("ip", "mf", 6, Form::Number(1, 0x20)),
    ("ip", "sport", 20, SHORT),
    ("ip", "dport", 22, SHORT),
    ("ip", "icmp_type", 20, BYTE),
    ("ip", "icmp_code", 20, BYTE),
    ("ip6", "src", 8, Form::V6),
    ("ip6", "dst", 24, Form::V6),
    ("ip6", "flow_lbl", 0, Form::Number(4, 0x0007_ffff)),
    ("ip6", "payload_len", 4, SHORT),
    ("ip6", "nexthdr", 6, BYTE),
    ("ip6", "hoplimit", 7, BYTE),
    ("ip6", "traffic_class", 0, Form::Shifted(0x0ff0_0000, 20)),
    ("eth", "dst", 0, Form::Mac),
    ("eth", "src", 6, Form::Mac),
    ("eth", "type", 12, SHORT),
    ("tcp", "sport", 0, SHORT),
    ("tcp", "dport", 2, SHORT),
    ("tcp", "flags", 13, BYTE),
    ("udp", "sport", 0, SHORT),
    ("udp", "dport", 2, SHORT),
];

/// A change of four bytes: the bits that stay, the bits that are set, where; and how the place is found in the packet.
#[derive(Clone, Copy, Default)]
struct Key {
    stays: u32,
    value: u32,
    at: i32,
    found: [u32; 3],
}

#[derive(Default)]
struct Edit {
    keys: Vec<(Key, u16, u16)>,
    extended: bool,
}

/// What is done with a field.
struct Command {
    /// All ones, all zeros, and so on.
    kind: Kind,
    value: Vec<u32>,
    retain: u32,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Set,
    Add,
    Decrement,
    Invert,
    Clear,
    Preserve,
}

fn wrong(text: &str, layer: &str) -> Stop {
    Stop { text: format!("{text}bad pedit parsing\nBad pedit construct ({layer})\n{USAGE}"), ..Stop::silent(1) }
}

pub(super) fn read(_: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let mut edit = Edit::default();
    words.peek().ok_or_else(incomplete)?;
    while let Some(word) = words.peek() {
        if word == "ex" {
            if !edit.keys.is_empty() {
                return Err(Stop::wrong("'ex' must be before first 'munge'"));
            }
            words.take();
            edit.extended = true;
        } else if begins(word, "munge") && word.len() > 1 {
            words.take();
            edit.munge(words)?;
        } else {
            break;
        }
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pass);
    let mut parms = Head { index: index(words)?, verdict }.bytes();
    parms.extend([edit.keys.len() as u8, 0, 0, 0]);
    for (key, ..) in &edit.keys {
        parms.extend(key.stays.to_be_bytes());
        parms.extend(key.value.to_be_bytes());
        parms.extend(key.at.to_ne_bytes());
        parms.extend(key.found.iter().flat_map(|number| number.to_ne_bytes()));
    }
    let mut writer = Writer::default();
    match edit.extended {
        false => writer.put(2, &parms),
        true => {
            writer.put(4, &parms);
            writer.nest(5, |list| {
                for (_, layer, command) in &edit.keys {
                    list.nest(6, |key| {
                        key.u16(1, *layer);
                        key.u16(2, *command);
                    });
                }
            });
        }
    }
    Ok(writer.bytes())
}

impl Edit {
    fn munge(&mut self, words: &mut Words<'_>) -> Result {
        let layer = words.value()?;
        if begins(layer, "offset") {
            return self.raw(words);
        }
        let name = words.value()?;
        let number = match layer {
            "ip" => 2,
            "ip6" => 3,
            "eth" => 1,
            "tcp" => 4,
            "udp" => 5,
            "icmp" => return Err(wrong("", layer)),
            _ => return Err(wrong(&format!("Unknown action  hence option \"{name}\" is unparsable\n"), layer)),
        };
        // Only the fields of IP have places that are known without asking the kernel for the header.
        if !self.extended && number != 2 {
            return Err(wrong("", layer));
        }
        let field = FIELDS.iter().find(|(of, word, ..)| *of == layer && *word == name).ok_or_else(|| wrong("", layer))?;
        let (_, _, at, form) = *field;
        let command = self.command(words, form, layer)?;
        if command.kind == Kind::Decrement && !matches!(name, "ttl" | "hoplimit") {
            return Err(wrong("decrement command is not supported for this field\n", layer));
        }
        let header = if self.extended { number } else { 0 };
        match form {
            Form::Number(width, own) => self.number(&command, width, own & command.retain, at, [0; 3], header),
            Form::Shifted(own, bits) => {
                let shifted = Command { value: command.value.iter().map(|value| value << bits).collect(), ..command };
                self.number(&shifted, 4, own, at, [0; 3], header);
            }
            Form::V4 => self.number(&command, 4, command.retain, at, [0; 3], header),
            Form::V6 => {
                for (place, value) in command.value.iter().enumerate() {
                    let part = Command { value: vec![*value], ..command };
                    self.number(&part, 4, u32::MAX, at + place as i32 * 4, [0; 3], header);
                }
            }
            Form::Mac => {
                let (high, low) = (command.value[0], command.value[1]);
                let part = |value: u32| Command { value: vec![value], ..command };
                match at % 4 {
                    0 => {
                        self.number(&part(high), 4, u32::MAX, at, [0; 3], header);
                        self.number(&part(low >> 16), 2, 0xffff, at + 4, [0; 3], header);
                    }
                    _ => {
                        self.number(&part(high >> 16), 2, 0xffff, at, [0; 3], header);
                        self.number(&part((high << 16) | (low >> 16)), 4, u32::MAX, at + 2, [0; 3], header);
                    }
                }
            }
        }
        Ok(())
    }

    /// A place by its number.
    fn raw(&mut self, words: &mut Words<'_>) -> Result {
        let bad = || wrong("", "offset");
        let signed = |text: &str| text.parse::<i32>().ok().or_else(|| whole(text).and_then(|number| i32::try_from(number).ok()));
        let at = signed(words.value()?).ok_or_else(bad)?;
        let width = match words.value()? {
            "u32" => 4,
            "u16" => 2,
            "u8" => 1,
            _ => return Err(bad()),
        };
        if (width == 4 && at % 4 != 0) || (width == 2 && at % 2 != 0) {
            return Err(wrong("offsets MUST be in 32 bit boundaries\n", "offset"));
        }
        let mut found = [0; 3];
        if words.eat("at") {
            let number = |text: &str| whole(text).and_then(|number| u32::try_from(number).ok());
            found[0] = number(words.value()?).ok_or_else(bad)?;
            found[1] = u32::from_str_radix(words.value()?.trim_start_matches("0x"), 16).map_err(|_| bad())?;
            found[2] = number(words.value()?).ok_or_else(bad)?;
        }
        let all = if width == 4 { u32::MAX } else { (1 << (width * 8)) - 1 };
        let command = self.command(words, Form::Number(width, all), "offset")?;
        self.number(&command, width, all & command.retain, at, found, 0);
        Ok(())
    }

    fn command(&self, words: &mut Words<'_>, form: Form, layer: &str) -> Result<Command> {
        let word = words.value()?;
        let mut command = Command { kind: Kind::Set, value: vec![0; 4], retain: u32::MAX };
        command.kind = match word {
            _ if begins(word, "set") => Kind::Set,
            _ if begins(word, "add") => Kind::Add,
            _ if begins(word, "decrement") => Kind::Decrement,
            _ if begins(word, "invert") => Kind::Invert,
            _ if begins(word, "clear") => Kind::Clear,
            _ if begins(word, "preserve") => Kind::Preserve,
            _ => return Err(wrong("", layer)),
        };
        if !self.extended && matches!(command.kind, Kind::Add | Kind::Decrement) {
            return Err(wrong("Non extended mode. only 'set' command is supported\n", layer));
        }
        if matches!(command.kind, Kind::Set | Kind::Add) {
            let text = words.value()?;
            command.value = value(text, form).ok_or_else(|| wrong("", layer))?;
        }
        if words.peek().is_some_and(|word| word.len() > 2 && begins(word, "retain")) {
            if matches!(form, Form::V6 | Form::Mac) {
                return Err(wrong("retain is not supported for fields longer the 32 bits\n", layer));
            }
            words.take();
            let retain = whole(words.value()?).and_then(|number| u32::try_from(number).ok());
            command.retain = retain.ok_or_else(|| wrong("", layer))?;
        }
        Ok(command)
    }

    /// Adds a change of a number of so many bytes, of which only some bits count.
    fn number(&mut self, command: &Command, width: u32, own: u32, at: i32, found: [u32; 3], header: u16) {
        // Bytes stand at their place in a word of four.
        let shift = 32 - width * 8 - at.rem_euclid(4).cast_unsigned() * 8;
        let all = if width == 4 { u32::MAX } else { (1 << (width * 8)) - 1 };
        let own = own & all;
        let (stays, value) = match command.kind {
            Kind::Set | Kind::Add => (!(own << shift), (command.value[0] & own) << shift),
            Kind::Decrement => (!(own << shift), own << shift),
            Kind::Invert => (u32::MAX, own << shift),
            Kind::Clear => (!(own << shift), 0),
            Kind::Preserve => (u32::MAX, 0),
        };
        let kind = if matches!(command.kind, Kind::Add | Kind::Decrement) { ADD } else { 0 };
        self.keys.push((Key { stays, value, at: at - at.rem_euclid(4), found }, header, kind));
    }
}

/// Reads what a field is set to.
fn value(text: &str, form: Form) -> Option<Vec<u32>> {
    let number = |text: &str| text.parse::<i64>().ok().or_else(|| whole(text).and_then(|number| i64::try_from(number).ok()));
    match form {
        Form::V4 => match words::parse_prefix(text, Family::Inet)?.ip? {
            std::net::IpAddr::V4(ip) => Some(vec![u32::from(ip)]),
            std::net::IpAddr::V6(_) => None,
        },
        Form::V6 => match words::parse_prefix(text, Family::Inet6)?.ip? {
            std::net::IpAddr::V6(ip) => {
                Some(ip.octets().chunks(4).map(|four| four.iter().fold(0, |n, b| (n << 8) | u32::from(*b))).collect())
            }
            std::net::IpAddr::V4(_) => None,
        },
        Form::Mac => {
            let bytes = mac(text)?;
            let fold = |bytes: &[u8]| bytes.iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
            Some(vec![fold(&bytes[..4]), fold(&bytes[4..]) << 16])
        }
        Form::Number(..) | Form::Shifted(..) => number(text).map(|number| vec![number as u32]),
    }
}

/// Returns the structure: of the older form, or of the extended one.
pub(super) fn parms(options: &[u8]) -> Option<&[u8]> {
    attr::find(options, 4).or_else(|| attr::find(options, 2))
}

/// The head, and the keys that stand behind the counters.
pub(super) fn told(fields: &mut Fields, parms: &[u8], verdict: Verdict) -> &'static str {
    let count = parms.get(20).copied().unwrap_or(0);
    control(fields, verdict, "action ");
    fields.both("nkeys", count, format!(" keys {count}\n"));
    " \t index"
}

pub(super) fn keys(fields: &mut Fields, parms: &[u8], options: &[u8]) {
    let layers: Vec<(u64, u64)> = attr::find(options, 5)
        .map(|list| {
            let of = |key: &[u8], kind| attr::find(key, kind).map_or(0, attr::number);
            attr::read(list).iter().map(|(_, key)| (of(key, 1), of(key, 2))).collect()
        })
        .unwrap_or_default();
    let mut list = Vec::new();
    for (place, key) in parms.get(24..).unwrap_or_default().chunks_exact(24).enumerate() {
        let (layer, command) = layers.get(place).copied().unwrap_or((0, 0));
        let big = |at: usize| u32::from_be(attr::u32_at(key, at));
        let at = attr::u32_at(key, 8).cast_signed();
        let mut own = Fields::new();
        let name = LAYERS.get(layer as usize).copied().unwrap_or("unknown");
        let text = match layer {
            0 => String::new(),
            _ => name.to_string(),
        };
        own.both("htype", name, format!("\n\t key #{place}  at {text}"));
        own.both("offset", at, if layer == 0 { at.to_string() } else { format!("{at:+}") });
        let word = if command == u64::from(ADD) { "add" } else { "val" };
        own.both("cmd", if word == "val" { "set" } else { word }, format!(": {word}"));
        own.both("val", Value::Text(format!("{:x}", big(4))), format!(" {:08x}", big(4)));
        own.both("mask", Value::Text(format!("{:x}", big(0))), format!(" mask {:08x}", big(0)));
        list.push(own);
    }
    fields.objects("keys", list);
}

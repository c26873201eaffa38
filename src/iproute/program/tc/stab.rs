//! Size tables: what a packet counts on links whose cells or headers cost more than its bytes (tc-stab(8)).

use super::super::options::Options;
use super::super::output::Fields;
use super::super::stop::{Result, Stop};
use super::super::words::{Words, begins, number as whole};
use crate::kernel::attr::{self, Writer};

const USAGE: &str = "Usage: ... stab [ mtu BYTES ] [ tsize SLOTS ] [ mpu BYTES ] [ overhead BYTES ] [ linklayer TYPE ] ...\n";
const ETHERNET: u32 = 1;
const ATM: u32 = 2;

/// `struct tc_sizespec` without what is worked out.
#[derive(Default)]
struct Sizes {
    overhead: i32,
    layer: u32,
    least: u32,
    most: u32,
    slots: u32,
}

/// Reads a table; the word `stab` is behind us. Returns the attribute's value.
pub(super) fn read(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let mut sizes = Sizes::default();
    let number = |text: &str| whole(text).and_then(|number| u32::try_from(number).ok());
    let mut some = false;
    while let Some(word) = words.peek() {
        let name = ["mtu", "mpu", "overhead", "tsize", "linklayer", "help"].into_iter().find(|name| begins(word, name));
        let Some(name) = name else { break };
        if name == "help" {
            return Err(Stop { text: USAGE.to_string(), whole: true, ..Stop::silent(255) });
        }
        words.take();
        let text = words.value()?;
        let wrong = |what: &str, name: &str| Stop::invalid(what, name);
        match name {
            "mtu" => sizes.most = number(text).ok_or_else(|| wrong("invalid mtu", "mtu"))?,
            "mpu" => sizes.least = number(text).ok_or_else(|| wrong("invalid mpu", "mpu"))?,
            "overhead" => sizes.overhead = text.parse().map_err(|_| wrong("invalid overhead", "overhead"))?,
            "tsize" => sizes.slots = number(text).ok_or_else(|| wrong("invalid table size", "tsize"))?,
            _ => {
                sizes.layer = match text {
                    "ethernet" => ETHERNET,
                    "atm" | "adsl" => ATM,
                    _ => return Err(wrong("invalid linklayer", "linklayer")),
                }
            }
        }
        some = true;
    }
    if !some {
        return Err(Stop { text: USAGE.to_string(), whole: true, ..Stop::silent(255) });
    }
    Ok(sizes.bytes())
}

impl Sizes {
    fn bytes(&self) -> Vec<u8> {
        let most = if self.most == 0 { 2047 } else { self.most };
        let slots = if self.slots == 0 { 512 } else { self.slots };
        // Plain Ethernet with nothing but an overhead needs no table.
        let table = self.layer > ETHERNET || self.least != 0;
        let cell_log = (0..32_u8).find(|log| (most >> log) < slots).unwrap_or(31);
        let size = |slot: u32| {
            let bytes = ((slot + 1) << cell_log).max(self.least);
            if self.layer == ATM { bytes.div_ceil(48) * 53 } else { bytes }
        };
        let size_log = (0..32_u8).find(|log| (size(slots - 1) >> log) <= u32::from(u16::MAX)).unwrap_or(31);
        let (cell, size_log) = if table { (cell_log, size_log) } else { (0, 0) };
        let mut spec = vec![cell, size_log];
        spec.extend(if table { -1_i16 } else { 0 }.to_ne_bytes());
        spec.extend(self.overhead.to_ne_bytes());
        let numbers = if table { [self.layer, self.least, most, slots] } else { [self.layer, self.least, self.most, self.slots] };
        spec.extend(numbers.iter().flat_map(|number| number.to_ne_bytes()));
        let mut writer = Writer::default();
        writer.put(1, &spec);
        if table {
            let data: Vec<u8> = (0..slots).flat_map(|slot| ((size(slot) >> size_log) as u16).to_ne_bytes()).collect();
            writer.put(2, &data);
        }
        writer.bytes()
    }
}

/// Tells a table, as `-d` does.
pub(super) fn told(fields: &mut Fields, bytes: &[u8], options: &Options) {
    let Some(spec) = attr::find(bytes, 1).filter(|spec| options.details > 0 && spec.len() >= 24) else { return };
    let at = |place: usize| attr::u32_at(spec, place);
    let mut inner = Fields::new();
    let layer = match at(8) {
        0 => "",
        ETHERNET => "ethernet",
        ATM => "atm",
        _ => "unknown",
    };
    inner.text(" ");
    if !layer.is_empty() {
        inner.both("linklayer", layer, format!("linklayer {layer} "));
    }
    for (key, place) in [("overhead", 4), ("mpu", 12), ("mtu", 16), ("tsize", 20)] {
        let number = at(place).cast_signed();
        if number != 0 {
            inner.both(key, number, format!("{key} {number} "));
        }
    }
    fields.object("stab", inner);
    fields.text("\n");
}

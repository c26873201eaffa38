//! The filter u32, in its words (tc-u32(8)).

use super::hardware;
use crate::iproute::program::Run;
use crate::iproute::program::output::Fields;
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::tc::{class_text, illegal, what_is};
use crate::iproute::program::words::{Words, begins, number as whole};
use crate::kernel::attr;
use crate::kernel::filter::{Filter, Place, U32, u32 as bytes};

const U32_USAGE: &str = "u32 [ match SELECTOR ... ] [ link HTID ] [ classid CLASSID ] [ action ACTION ] [ offset OFFSET ] [ ht HTID ] \
[ hashkey mask MASK at PLACE ] [ sample SELECTOR ]\nor         u32 divisor DIVISOR";

fn select(looks: &mut U32, words: &mut Words<'_>, what: &str) -> Result {
    words.peek().ok_or_else(Stop::incomplete)?;
    if words.left() == 1
        && words.peek().is_some_and(|word| matches!(word, "ip" | "ip6" | "u32" | "u16" | "u8" | "tcp" | "udp" | "icmp" | "mark"))
    {
        return Err(Stop::incomplete());
    }
    let rest: Vec<&str> = words.rest().iter().map(String::as_str).collect();
    let took = bytes::selector(looks, &rest).ok_or_else(|| illegal(what))?;
    (0..took).for_each(|_| {
        words.take();
    });
    Ok(())
}

pub(super) fn word(looks: &mut U32, word: &str, words: &mut Words<'_>, place: &mut Place) -> Result {
    let number = |text: &str| whole(text).and_then(|number| u32::try_from(number).ok());
    match word {
        _ if begins(word, "match") => select(looks, words, "match"),
        _ if begins(word, "hashkey") => {
            let mut hash = (0, 0);
            while let Some(part) = words.peek().filter(|part| matches!(*part, "mask" | "at")) {
                words.take();
                let text = words.value()?;
                match part {
                    "mask" => hash.0 = u32::from_str_radix(text.trim_start_matches("0x"), 16).map_err(|_| illegal("hashkey"))?,
                    _ => hash.1 = text.parse().map_err(|_| illegal("hashkey"))?,
                }
            }
            looks.hash = Some(hash);
            Ok(())
        }
        _ if begins(word, "offset") => offset(looks, words),
        _ if begins(word, "divisor") => {
            let divisor = number(words.value()?).filter(|n| (1..=256).contains(n) && n.is_power_of_two());
            looks.divisor = Some(divisor.ok_or_else(|| illegal("divisor"))?);
            Ok(())
        }
        _ if begins(word, "order") => {
            let order = number(words.value()?).filter(|order| *order < 0x1000).ok_or_else(|| illegal("order"))?;
            place.handle = (place.handle & 0xffff_f000) | order;
            Ok(())
        }
        _ if begins(word, "link") => {
            let table = bytes::parse_handle(words.value()?).ok_or_else(|| illegal("link"))?;
            if table & 0xfff != 0 {
                return Err(Stop::wrong("\"link\" must be a hash table."));
            }
            looks.link = Some(table);
            Ok(())
        }
        "ht" => {
            let table = bytes::parse_handle(words.value()?).ok_or_else(|| illegal("ht"))?;
            if place.handle & 0xfff != 0 && table & 0xfff != 0 {
                return Err(Stop::wrong("\"ht\" must be a hash table."));
            }
            looks.table = Some(table & 0xffff_f000);
            Ok(())
        }
        _ if begins(word, "sample") => {
            let mut sample = U32::default();
            select(&mut sample, words, "sample")?;
            let divisor = match words.eat("divisor") {
                true => number(words.value()?).filter(|n| *n > 0 && n.is_power_of_two()).ok_or_else(|| illegal("divisor"))?,
                false => 256,
            };
            let [key] = sample.keys.as_slice() else {
                return Err(Stop::wrong("\"sample\" must contain exactly ONE key."));
            };
            // As the kernel folds what the mask leaves (net/sched/cls_u32.c).
            let shifted = (key.value & key.mask) >> key.mask.trailing_zeros().min(31);
            let bucket = shifted & (divisor - 1) & 0xff;
            looks.table = Some((looks.table.unwrap_or(0) & 0xfff0_0000) | (bucket << 12));
            Ok(())
        }
        other => Err(what_is(other, U32_USAGE)),
    }
}

fn offset(looks: &mut U32, words: &mut Words<'_>) -> Result {
    let mut offset = looks.offset.unwrap_or_default();
    while let Some(part) = words.peek() {
        words.take();
        match part {
            "plus" => {
                offset.plus = words.number("offset")?;
                offset.flags |= bytes::OFFSET;
            }
            "mask" => {
                let text = words.value()?;
                offset.mask = u16::from_str_radix(text.trim_start_matches("0x"), 16).map_err(|_| illegal("offset"))?;
                offset.flags |= bytes::VAROFFSET;
            }
            "shift" => offset.shift = words.number("offset")?,
            "at" => offset.at = words.value()?.parse().map_err(|_| illegal("offset"))?,
            "eat" => offset.flags |= bytes::EAT,
            _ => {
                words.back();
                break;
            }
        }
    }
    looks.offset = Some(offset);
    Ok(())
}

pub(super) fn told(run: &Run<'_>, fields: &mut Fields, filter: &Filter) {
    let (looks, flags) = U32::read(&filter.options);
    let handle = filter.place.handle;
    if handle != 0 {
        let text = bytes::handle_text(handle);
        fields.both("fh", &text, format!("fh {text} "));
    }
    if handle & 0xfff != 0 {
        fields.both("order", handle & 0xfff, format!("order {} ", handle & 0xfff));
    }
    if let Some(divisor) = looks.divisor {
        fields.both("ht_divisor", divisor, format!("ht divisor {divisor} "));
        return;
    }
    if let Some(table) = looks.table {
        let (key, bucket) = (format!("{:x}", table >> 20), format!("{:x}", (table >> 12) & 0xff));
        fields.both("key_ht", &key, format!("key ht {key}"));
        fields.both("bkt", &bucket, format!(" bkt {bucket} "));
    }
    match (filter.class(), looks.link) {
        (Some(class), _) => {
            let text = class_text(class);
            let star = if flags & bytes::TERMINAL != 0 { "*" } else { "" };
            fields.both("flowid", &text, format!("{star}flowid {text} "));
        }
        _ if flags & bytes::TERMINAL != 0 => fields.text("terminal flowid "),
        _ => {}
    }
    if let Some(link) = looks.link {
        let text = bytes::handle_text(link);
        fields.both("link", &text, format!("link {text} "));
    }
    hardware(fields, looks.flags, "", " ");
    // struct tc_u32_pcnt: looked at, taken, then one for each key.
    let counts = attr::find(&filter.options, 9).filter(|_| run.options.stats > 0);
    let count = |place: usize| counts.and_then(|bytes| bytes.get(place * 8..place * 8 + 8)).map_or(0, attr::number);
    if counts.is_some() {
        fields.both("rule_hit", count(0), format!("(rule hit {}", count(0)));
        fields.both("success", count(1), format!(" success {})", count(1)));
    }
    let plain = matches!(filter.place.protocol, IPV4 | IPV6) && run.options.pretty && !run.options.json;
    for (at, key) in looks.keys.iter().enumerate() {
        // In words, as far as there are some.
        if plain {
            if filter.place.protocol == IPV4 {
                fields.text(pretty(key));
            }
            continue;
        }
        let next = if key.next == 0 { "" } else { "nexthdr+" };
        let mut inner = Fields::new();
        inner.both("value", format!("{:x}", key.value), format!("\n  match {:08x}", key.value));
        inner.both("mask", format!("{:x}", key.mask), format!("/{:08x} ", key.mask));
        inner.both("offmask", next, format!("at {next}"));
        inner.both("off", key.at, key.at.to_string());
        fields.object("match", inner);
        if counts.is_some() {
            fields.both("success", count(at + 2), format!(" (success {} ) ", count(at + 2)));
        }
    }
    if let Some((value, mask)) = looks.mark {
        let success = attr::find(&filter.options, 10).map_or(0, |mark| attr::u32_at(mark, 8));
        fields.both("fwmark_value", format!("{value:#x}"), format!("\n  mark {value:#06x}"));
        fields.both("fwmark_mask", format!("{mask:#x}"), format!(" {mask:#06x}"));
        fields.both("fwmark_success", success, format!(" (success {success})"));
    }
    if let Some(offset) = looks.offset {
        let mut text = "\n    offset ".to_string();
        if offset.flags & bytes::VAROFFSET != 0 {
            text += &format!("{:04x}>>{} at {} ", offset.mask, offset.shift, offset.at);
        }
        if offset.plus != 0 {
            text += &format!("plus {} ", offset.plus);
        }
        text += if offset.flags & bytes::EAT != 0 { " eat " } else { "" };
        fields.text(text);
    }
    if let Some((mask, at)) = looks.hash {
        fields.both("hash_mask", format!("{mask:x}"), format!("\n    hash mask {mask:08x}"));
        fields.both("hash_off", i32::from(at), format!(" at {at} "));
    }
}

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;

/// A key of a filter for IPv4 in words; nothing for what has none (`-pretty`).
fn pretty(key: &bytes::Key) -> String {
    let (value, mask) = (key.value, key.mask);
    if key.next != 0 {
        return String::new();
    }
    match (key.at, mask) {
        (0, 0x0f00_0000) => format!("\n  match IP ihl {}", value >> 24),
        (0, 0x00ff_0000) => format!("\n  match IP dsfield {:#x}", value >> 16),
        (8, 0x00ff_0000) => format!("\n  match IP protocol {}", value >> 16),
        (12 | 16, mask) if mask.leading_ones() + mask.trailing_zeros() == 32 => {
            let word = if key.at == 12 { "src" } else { "dst" };
            format!("\n  match IP {word} {}/{}", std::net::Ipv4Addr::from(value), mask.leading_ones())
        }
        (20, 0xffff_ffff) => format!("\n  match dport {}, match sport {}", value & 0xffff, value >> 16),
        (20, 0xffff_0000) => format!("\n  match sport {}", value >> 16),
        (20, 0x0000_ffff) => format!("match dport {}", value & 0xffff),
        _ => String::new(),
    }
}

//! Counters of a link, in columns (linux/if_link.h, `struct rtnl_link_stats64`).

use super::super::Run;
use super::super::output::Fields;
use super::super::stop::{Result, Stop};
use super::super::words::Words;
use crate::kernel::attr;

/// The columns' names and their fields: name for people, place in the structure, name and place for JSON.
type Column = (&'static str, usize, &'static str, usize);

const RX: [Column; 7] = [
    ("bytes", 2, "bytes", 2),
    ("packets", 0, "packets", 0),
    ("errors", 4, "errors", 4),
    ("dropped", 6, "dropped", 6),
    ("missed", 15, "over_errors", 11),
    ("mcast", 8, "multicast", 8),
    ("compressed", 21, "compressed", 21),
];
const RX_ERRORS: [Column; 6] = [
    ("length", 10, "length_errors", 10),
    ("crc", 12, "crc_errors", 12),
    ("frame", 13, "frame_errors", 13),
    ("fifo", 14, "fifo_errors", 14),
    ("overrun", 11, "missed_errors", 15),
    ("nohandler", 23, "nohandler", 23),
];
const TX: [Column; 7] = [
    ("bytes", 3, "bytes", 3),
    ("packets", 1, "packets", 1),
    ("errors", 5, "errors", 5),
    ("dropped", 7, "dropped", 7),
    ("carrier", 17, "carrier_errors", 17),
    ("collsns", 9, "collisions", 9),
    ("compressed", 22, "compressed", 22),
];
const TX_ERRORS: [Column; 5] = [
    ("aborted", 16, "aborted_errors", 16),
    ("fifo", 18, "fifo_errors", 18),
    ("window", 20, "window_errors", 20),
    ("heartbt", 19, "heartbeat_errors", 19),
    ("transns", CARRIER_CHANGES, "carrier_changes", CARRIER_CHANGES),
];

/// No place of the structure: the attribute IFLA_CARRIER_CHANGES.
const CARRIER_CHANGES: usize = usize::MAX;

/// The least widths of the columns.
const WIDTHS: [usize; 7] = [10, 7, 6, 7, 7, 7, 10];

/// linux/if_link.h
const RTM_GETSTATS: u16 = 94;
const IFLA_STATS_AF_SPEC: u16 = 5;
const AF_MPLS: u16 = 28;

/// `ip link afstats`: counters of MPLS, the one family that counts by link.
pub(super) fn families(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let mut dev = None;
    while let Some(word) = words.take() {
        match word {
            "dev" => dev = Some(words.value()?),
            _ => return Err(Stop::unreadable(format!("Command \"{word}\" is unknown, try \"ip link help\"."))),
        }
    }
    let index = dev.map(|name| run.link(name)).transpose()?.map_or(0, |link| link.index);
    // `struct if_stats_msg`: family, index, and which counters.
    let mut question = vec![0; 12];
    question[4..8].copy_from_slice(&index.to_ne_bytes());
    question[8..12].copy_from_slice(&(1u32 << (IFLA_STATS_AF_SPEC - 1)).to_ne_bytes());
    let messages = match index {
        0 => run.dump(RTM_GETSTATS, &question)?,
        _ => run.ask(RTM_GETSTATS, 0, &question)?.messages,
    };
    for message in messages {
        let own = attr::find(message.bytes.get(12..).unwrap_or_default(), IFLA_STATS_AF_SPEC);
        let Some(counters) = own.and_then(|own| attr::find(own, AF_MPLS)).and_then(|mpls| attr::find(mpls, 1)) else { continue };
        let index = attr::u32_at(&message.bytes, 4);
        let at = |place: usize| counters.get(place * 8..place * 8 + 8).map_or(0, attr::number);
        let name = run.name_of(index);
        // `struct mpls_link_stats` (linux/mpls.h)
        let text = format!(
            "{index}: {name}\n    mpls:\n        RX: bytes  packets  errors  dropped  noroute\n        {:<10} {:<8} {:<7} {:<8} {:<7}\n        \
             TX: bytes  packets  errors  dropped\n        {:<10} {:<8} {:<7} {:<7}\n",
            at(2),
            at(0),
            at(4),
            at(6),
            at(8),
            at(3),
            at(1),
            at(5),
            at(7)
        );
        run.write(&text);
    }
    Ok(())
}

/// Prints the counters; those of errors one by one too, if that is asked for.
pub(super) fn fields(bytes: &[u8], more: bool, carrier_changes: u64) -> Fields {
    let at = |place: usize| {
        if place == CARRIER_CHANGES { carrier_changes } else { bytes.get(place * 8..place * 8 + 8).map_or(0, crate::kernel::attr::number) }
    };
    let mut widths = WIDTHS;
    let mut grow = |columns: &[Column], first: usize| {
        for (width, (_, place, ..)) in widths[first..].iter_mut().zip(columns) {
            *width = (*width).max(at(*place).to_string().len());
        }
    };
    grow(&RX, 0);
    grow(&TX, 0);
    if more {
        grow(&RX_ERRORS, 1);
        grow(&TX_ERRORS, 1);
    }
    let mut both = Fields::new();
    for (key, word, columns, errors) in [("rx", "RX", &RX, &RX_ERRORS[..]), ("tx", "TX", &TX, &TX_ERRORS[..])] {
        let mut one = Fields::new();
        let shown = |column: &Column| !matches!(column.0, "compressed" | "nohandler") || at(column.1) != 0;
        let mut head = format!("\n    {word}:");
        let mut values = String::from("\n    ");
        for (nth, (column, width)) in columns.iter().zip(widths).enumerate() {
            let name = if shown(column) { column.0 } else { "" };
            let width_of_name = if nth == 0 { width - 4 } else { width };
            head += &format!(" {name:>width_of_name$}");
            if shown(column) {
                values += &format!("{:>width$} ", at(column.1));
                one.json(column.2, at(column.3));
            }
        }
        let mut text = head + values.as_str();
        if more {
            let mut head = format!("\n    {word} errors:{}", " ".repeat(widths[0] - 10));
            let mut values = format!("\n    {:>width$} ", "", width = widths[0]);
            for (column, width) in errors.iter().zip(&widths[1..]).filter(|(column, _)| shown(column)) {
                head += &format!(" {:>width$}", column.0);
                values += &format!("{:>width$} ", at(column.1));
                one.json(column.2, at(column.3));
            }
            text += &(head + values.as_str());
        }
        one.text(text);
        both.object(key, one);
    }
    both
}

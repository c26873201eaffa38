//! Counters of a link, in columns (linux/if_link.h, `struct rtnl_link_stats64`).

use super::super::output::Fields;

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

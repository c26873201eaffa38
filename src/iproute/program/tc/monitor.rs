//! `tc monitor`: what the kernel tells of disciplines, classes, filters and chains, as it happens.

use super::super::Run;
use super::super::monitor::timestamp;
use super::super::output::Fields;
use super::super::stop::{Result, Stop};
use super::super::words::{Words, begins};
use super::{class, filter, qdisc};
use crate::kernel::talk::{Message, Talk};

/// RTNLGRP_TC (linux/rtnetlink.h)
const GROUP: u32 = 4;

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    if let Some(word) = words.take() {
        return Err(match word {
            _ if begins(word, "file") => Stop::wrong("labsh does not have \"file\" of tc monitor"),
            _ if begins(word, "help") => super::unread("Usage: tc [-timestamp [-tshort] monitor"),
            _ => super::unread(format!("Argument \"{word}\" is unknown, try \"tc monitor help\".")),
        });
    }
    run.alone("tc monitor")?;
    let mut ear = Talk::open().map_err(|failure| Stop::wrong(format!("Cannot open netlink socket: {}", failure.words())))?;
    ear.listen(GROUP).map_err(|failure| Stop::refused(&failure))?;
    loop {
        for message in ear.hear().map_err(|failure| Stop::refused(&failure))? {
            run.links.forget();
            let Some(fields) = told(run, &message) else { continue };
            let time = if run.options.timestamp { timestamp(run.options.timestamp_short) } else { String::new() };
            run.write(&(time + fields.words().as_str()));
        }
        if run.out.flush().is_err() {
            return Ok(());
        }
    }
}

fn told(run: &mut Run<'_>, message: &Message) -> Option<Fields> {
    let bytes = &message.bytes;
    let mut fields = Fields::new();
    match message.kind {
        36 | 37 => {
            if message.kind == 37 {
                fields.text("deleted ");
            }
            let own = qdisc::one(run, bytes, true);
            fields.extend(own);
        }
        40 | 41 => {
            if message.kind == 41 {
                fields.text("deleted ");
            }
            let own = class::one(run, bytes, true, false);
            fields.extend(own);
        }
        44 | 45 | 100 | 101 => {
            fields.text(filter::happened(message.kind, message.flags));
            let own = filter::one(run, message.kind, bytes, &filter::Head::default())?;
            fields.extend(own);
        }
        _ => return None,
    }
    Some(fields)
}

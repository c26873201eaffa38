//! `bridge monitor`: what the kernel tells by itself, until somebody ends it.

use super::super::Run;
use super::super::output::Fields;
use super::super::stop::{Result, Stop};
use super::super::words::{Words, begins};
use super::{fdb, link, mdb, usage};

// linux/rtnetlink.h: the groups, and the messages that they bring.
const GROUPS: [(&str, u32); 3] = [("link", 1), ("fdb", 3), ("mdb", 26)];
const HELP: &str = "Usage: bridge monitor [ link | fdb | mdb | all ]";

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut chosen, mut all) = (Vec::new(), false);
    while let Some(word) = words.take() {
        match GROUPS.iter().find(|(name, _)| begins(word, name)) {
            Some((_, group)) => chosen.push(*group),
            None if word == "all" => all = true,
            None if begins(word, "help") => return Err(usage(HELP)),
            None => return Err(Stop::unreadable(format!("Argument \"{word}\" is unknown, try \"bridge monitor help\"."))),
        }
    }
    run.alone("bridge monitor")?;
    if chosen.is_empty() {
        chosen = GROUPS.map(|(_, group)| group).to_vec();
    }
    for group in chosen {
        run.talk()?.listen(group).map_err(|failure| Stop::refused(&failure))?;
    }
    loop {
        let messages = run.talk()?.hear().map_err(|failure| Stop::refused(&failure))?;
        for message in messages {
            let (label, gone) = match message.kind {
                16 | 17 => ("[LINK]", message.kind == 17),
                28 | 29 => ("[NEIGH]", message.kind == 29),
                84 | 85 => ("[MDB]", message.kind == 85),
                _ => continue,
            };
            run.forget();
            let found: Vec<Fields> = match message.kind {
                16 | 17 if message.bytes.first() == Some(&7) => link::one(run, &message.bytes, None).into_iter().collect(),
                28 | 29 => fdb::entry(run, &message.bytes).into_iter().collect(),
                84 | 85 => mdb::entries(run, &message.bytes, None),
                _ => Vec::new(),
            };
            for fields in found {
                if !run.options.json {
                    let text = [if all { label } else { "" }, if gone { "Deleted " } else { "" }].concat();
                    run.write(&text);
                }
                run.print(&[fields]);
                let _ = run.out.flush();
            }
        }
    }
}

//! `ip tuntap`: links whose packets a program reads and writes.

use super::link::show;
use super::output::{Fields, Value};
use super::stop::{Result, Stop};
use super::words::{self, Words, begins};
use super::{Run, usage};
use crate::kernel::attr;
use crate::kernel::tun::{self, Persistent};

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => list(run),
        Some(verb) if begins(verb, "add") => modify(words, true),
        Some(verb) if begins(verb, "delete") => modify(words, false),
        Some(verb) if show::is_show(verb) => list(run),
        Some(verb) if begins(verb, "help") => Err(usage::object("tuntap")),
        Some(verb) => Err(Stop::unknown_command(verb, "ip tuntap")),
    }
}

fn account(file: &str, word: &str, message: &str) -> Result<u32> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let named = text.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|parts| parts.first() == Some(&word));
    let id = named.and_then(|parts| parts.get(2).and_then(|id| id.parse().ok()));
    id.or_else(|| words::number(word).and_then(|id| u32::try_from(id).ok()))
        .ok_or_else(|| Stop::unreadable(format!("{message} \"{word}\"")))
}

fn modify(words: &mut Words<'_>, add: bool) -> Result {
    let mut made = Persistent::default();
    let (mut mode, mut named) = (None, false);
    while let Some(word) = words.take() {
        match word {
            _ if begins(word, "mode") => {
                let text = words.value()?;
                mode = Some(match text {
                    _ if begins(text, "tun") => false,
                    _ if begins(text, "tap") => true,
                    _ => return Err(Stop::unreadable(format!("Unknown tunnel mode \"{text}\""))),
                });
            }
            "user" => made.user = Some(account("/etc/passwd", words.value()?, "invalid user")?),
            "group" => made.group = Some(account("/etc/group", words.value()?, "invalid group")?),
            "pi" => made.tun.pi = true,
            "one_queue" => made.tun.one_queue = true,
            "vnet_hdr" => made.tun.vnet_hdr = true,
            "multi_queue" => made.tun.multi_queue = true,
            _ => {
                let name = if begins(word, "dev") || begins(word, "name") { words.value()? } else { word };
                if named {
                    return Err(Stop::garbage("name", name));
                }
                if name.is_empty() || name.len() > 15 || name.contains('/') || name.contains(char::is_whitespace) {
                    return Err(Stop::invalid(name, "\"name\" not a valid ifname"));
                }
                named = true;
                made.name = name.to_string();
            }
        }
    }
    let Some(mode) = mode else { return Err(Stop::wrong("You failed to specify a tunnel mode")) };
    made.tun.tap = mode;
    tun::persist(&made, add).map_err(|(step, failure)| Stop::wrong(format!("{step}: {}", failure.words())))
}

fn list(run: &mut Run<'_>) -> Result {
    let messages = run.dump(18, &[0; 16])?;
    let mut objects = Vec::new();
    for message in messages {
        let find = |kind| attr::find(message.bytes.get(16..).unwrap_or_default(), kind);
        let Some(info) = find(18).filter(|info| attr::find(info, 1).is_some_and(|kind| attr::text(kind) == "tun")) else { continue };
        let data = attr::find(info, 2).unwrap_or_default();
        let number = |kind| attr::find(data, kind).map(attr::number);
        let on = |kind| number(kind).is_some_and(|on| on != 0);
        let name = find(3).map(attr::text).unwrap_or_default();
        let mut fields = Fields::new();
        fields.both("ifname", name.as_str(), format!("{name}:"));
        let mut flags = vec![if number(3) == Some(2) { "tap" } else { "tun" }];
        flags.extend(on(4).then_some("pi"));
        flags.extend(tun::one_queue(&name).then_some("one_queue"));
        for (kind, word) in [(7, "multi_queue"), (5, "vnet_hdr"), (6, "persist")] {
            flags.extend(on(kind).then_some(word));
        }
        // One bit means both, the other way round (linux/if_tun.h: IFF_NO_PI, IFF_NOFILTER).
        flags.extend(on(4).then_some("filter"));
        let text: String = flags.iter().map(|flag| format!(" {flag}")).collect();
        fields.both("flags", Value::List(flags.into_iter().map(Value::from).collect()), text);
        for (kind, word) in [(1, "user"), (2, "group")] {
            if let Some(id) = number(kind) {
                fields.both(word, id, format!(" {word} {id}"));
            }
        }
        fields.text("\n");
        if run.options.details > 0 {
            let holders: String = tun::holders(&name).iter().map(|(pid, program)| format!(" {program}({pid})")).collect();
            fields.text(format!("\tAttached to processes:{holders}\n"));
        }
        objects.push(fields);
    }
    run.print(&objects);
    Ok(())
}

//! `ip addrlabel`: labels by which IPv6 chooses among addresses (RFC 6724, linux/if_addrlabel.h).

use super::link::show;
use super::output::Fields;
use super::stop::{Result, Stop};
use super::words::{self, Family, Words, begins};
use super::{Run, usage};
use crate::kernel::attr::{self, Writer};
use crate::kernel::talk;

const RTM_NEWADDRLABEL: u16 = 72;
const RTM_DELADDRLABEL: u16 = 73;
const RTM_GETADDRLABEL: u16 = 74;
/// Bytes of `struct ifaddrlblmsg`.
const HEADER: usize = 12;
const IFAL_ADDRESS: u16 = 1;
const IFAL_LABEL: u16 = 2;

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => list(run),
        Some(verb) if show::is_show(verb) => list(run),
        Some(verb) if begins(verb, "add") => modify(run, words, RTM_NEWADDRLABEL, talk::CREATE | talk::EXCL),
        Some(verb) if begins(verb, "delete") => modify(run, words, RTM_DELADDRLABEL, 0),
        Some(verb) if begins(verb, "flush") => flush(run),
        Some(verb) if begins(verb, "help") => Err(usage::object("addrlabel")),
        Some(verb) => Err(Stop::unknown_command(verb, "ip addrlabel")),
    }
}

fn modify(run: &mut Run<'_>, words: &mut Words<'_>, kind: u16, how: u16) -> Result {
    let (mut prefix, mut dev, mut label) = (None, None, None);
    while let Some(word) = words.take() {
        match word {
            "prefix" => prefix = Some(words::prefix(words.value()?, run.options.family)?),
            "dev" => {
                let name = words.value()?;
                dev = Some(run.find_link(name)?.ok_or_else(|| Stop::invalid(name, "dev is invalid\n"))?.index);
            }
            "label" => {
                let label_of = words.number::<u32>("label is invalid\n")?;
                label = Some(label_of);
            }
            _ => {}
        }
    }
    let Some(prefix) = prefix else { return Err(Stop::wrong("Not enough information: \"prefix\" argument is required.")) };
    let Some(label) = label else { return Err(Stop::wrong("Not enough information: \"label\" argument is required.")) };
    let mut header = [0; HEADER];
    header[0] = match prefix.family() {
        Family::Any => Family::Inet6.number(),
        family => family.number(),
    };
    header[2] = prefix.length;
    header[4..8].copy_from_slice(&dev.unwrap_or(0).to_ne_bytes());
    let mut message = Writer::new(&header);
    message.u32(IFAL_LABEL, label);
    if let Some(ip) = prefix.ip {
        message.ip(IFAL_ADDRESS, ip);
    }
    run.change(kind, how, &message.bytes())
}

fn ask(run: &mut Run<'_>) -> Result<Vec<Vec<u8>>> {
    let mut header = [0; HEADER];
    header[0] = match run.options.family {
        Family::Any => Family::Inet6.number(),
        family => family.number(),
    };
    let found = run.dump(RTM_GETADDRLABEL, &header)?;
    Ok(found.into_iter().filter(|message| message.kind == RTM_NEWADDRLABEL).map(|message| message.bytes).collect())
}

fn list(run: &mut Run<'_>) -> Result {
    let mut objects = Vec::new();
    for bytes in ask(run)? {
        let find = |kind| attr::find(bytes.get(HEADER..).unwrap_or_default(), kind);
        let mut fields = Fields::new();
        if let Some(ip) = find(IFAL_ADDRESS).and_then(attr::ip) {
            fields.both("address", ip.to_string(), format!("prefix {ip}"));
            fields.both("prefixlen", bytes[2], format!("/{} ", bytes[2]));
        }
        let index = attr::u32_at(&bytes, 4);
        if index != 0 {
            let name = run.name_of(index);
            fields.both("ifname", name.as_str(), format!("dev {name} "));
        }
        if let Some(label) = find(IFAL_LABEL).map(attr::number) {
            fields.both("label", label, format!("label {label} "));
        }
        fields.text("\n");
        objects.push(fields);
    }
    if !objects.is_empty() || run.options.json {
        run.print(&objects);
    }
    Ok(())
}

fn flush(run: &mut Run<'_>) -> Result {
    for bytes in ask(run)? {
        run.change(RTM_DELADDRLABEL, 0, &bytes)?;
    }
    Ok(())
}

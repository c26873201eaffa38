//! `ip maddress`: the multicast addresses of links, which the kernel tells in /proc/net.

use super::link::show;
use super::output::Fields;
use super::stop::{Result, Stop};
use super::words::{self, Family, Words, begins};
use super::{Run, usage};
use crate::kernel::link::{mac_text, multicast};
use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => list(run, words),
        Some(verb) if begins(verb, "add") => modify(run, words, true),
        Some(verb) if begins(verb, "delete") => modify(run, words, false),
        Some(verb) if show::is_show(verb) => list(run, words),
        Some(verb) if begins(verb, "help") => Err(usage::object("maddress")),
        Some(verb) => Err(Stop::unknown_command(verb, "ip maddr")),
    }
}

fn modify(run: &mut Run<'_>, words: &mut Words<'_>, add: bool) -> Result {
    let (mut dev, mut address) = (None, None);
    while let Some(word) = words.take() {
        match word {
            "dev" => dev = Some(words.value()?),
            _ => {
                let text = if begins(word, "address") { words.value()? } else { word };
                if address.is_some() {
                    return Err(Stop::garbage("address", text));
                }
                address = Some(words::hardware(text).map_err(|_| Stop::exit(format!("\"{text}\" is invalid lladdr.")))?);
            }
        }
    }
    let Some(dev) = dev else { return Err(Stop::unreadable("Not enough information: \"dev\" is required.")) };
    let address: [u8; 6] = address.unwrap_or_default().try_into().unwrap_or_default();
    let _ = run;
    multicast(dev, address, add).map_err(|failure| Stop::wrong(format!("ioctl: {}", failure.words())))
}

#[derive(Default)]
struct Of {
    name: String,
    addresses: Vec<(Family, String, u32, bool)>,
}

fn list(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let mut dev = None;
    while let Some(word) = words.take() {
        let name = if word == "dev" { words.value()? } else { word };
        if dev.is_some() {
            return Err(Stop::garbage("dev", name));
        }
        dev = Some(name);
    }
    let mut links: BTreeMap<u32, Of> = BTreeMap::new();
    let mut put = |index: u32, name: &str, entry: (Family, String, u32, bool)| {
        let of = links.entry(index).or_default();
        of.name = name.to_string();
        of.addresses.push(entry);
    };
    let wants = |family: Family| run.options.family == Family::Any || run.options.family == family;
    let lines = |file: &str| fs::read_to_string(file).unwrap_or_default();
    if wants(Family::Link) {
        // index, name, users, users that are static, address
        for line in lines("/proc/net/dev_mcast").lines() {
            let parts: Vec<&str> = line.split_whitespace().collect();
            let [index, name, users, fixed, address] = parts[..] else { continue };
            let bytes: Vec<u8> =
                (0..address.len() / 2).filter_map(|at| u8::from_str_radix(address.get(at * 2..at * 2 + 2)?, 16).ok()).collect();
            put(index.parse().unwrap_or(0), name, (Family::Link, mac_text(&bytes), users.parse().unwrap_or(1), fixed != "0"));
        }
    }
    if wants(Family::Inet) {
        let text = lines("/proc/net/igmp");
        let mut link = (0, String::new());
        for line in text.lines().skip(1) {
            let parts: Vec<&str> = line.split_whitespace().collect();
            if !line.starts_with('\t') {
                link = (
                    parts.first().and_then(|index| index.parse().ok()).unwrap_or(0),
                    parts.get(1).unwrap_or(&"").trim_end_matches(':').to_string(),
                );
            } else if let Some(address) = parts.first().and_then(|hex| u32::from_str_radix(hex, 16).ok()) {
                let users = parts.get(1).and_then(|users| users.parse().ok()).unwrap_or(1);
                put(link.0, &link.1, (Family::Inet, Ipv4Addr::from(address.to_ne_bytes()).to_string(), users, false));
            }
        }
    }
    if wants(Family::Inet6) {
        for line in lines("/proc/net/igmp6").lines() {
            let parts: Vec<&str> = line.split_whitespace().collect();
            let (Some(index), Some(name), Some(hex)) = (parts.first(), parts.get(1), parts.get(2)) else { continue };
            let Ok(bits) = u128::from_str_radix(hex, 16) else { continue };
            let users = parts.get(3).and_then(|users| users.parse().ok()).unwrap_or(1);
            put(index.parse().unwrap_or(0), name, (Family::Inet6, Ipv6Addr::from(bits).to_string(), users, false));
        }
    }
    let mut objects = Vec::new();
    for (index, of) in links.into_iter().filter(|(_, of)| dev.is_none_or(|dev| dev == of.name)) {
        let mut fields = Fields::new();
        fields.both("ifindex", index, format!("{index}:"));
        fields.both("ifname", of.name.as_str(), format!("\t{}\n", of.name));
        let mut list = Vec::new();
        for (family, address, users, fixed) in of.addresses {
            let mut one = Fields::new();
            match family {
                Family::Link => one.both("link", address.as_str(), format!("\tlink  {address}")),
                family => {
                    one.both("family", family.word(), format!("\t{:<5} ", family.word()));
                    one.both("address", address.as_str(), address.as_str());
                }
            }
            if users != 1 {
                one.both("users", users, format!(" users {users}"));
            }
            if fixed {
                one.both("static", true, " static");
            }
            one.text("\n");
            list.push(one);
        }
        fields.objects("maddr", list);
        objects.push(fields);
    }
    run.print(&objects);
    Ok(())
}

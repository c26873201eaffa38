//! `ip token`: the lower half of the addresses that a link makes for itself from what routers announce (IPv6).

use super::link::show;
use super::output::Fields;
use super::stop::{Result, Stop};
use super::words::{Family, Words, begins};
use super::{Run, usage};
use crate::kernel::attr::{self, Writer};
use std::net::{IpAddr, Ipv6Addr};

const RTM_GETLINK: u16 = 18;
const RTM_SETLINK: u16 = 19;
const IFLA_IFNAME: u16 = 3;
const IFLA_AF_SPEC: u16 = 26;
const IFLA_INET6_TOKEN: u16 = 7;
const INET6: u16 = 10;
const LOOPBACK: u32 = 8;
const NOARP: u32 = 0x80;
const HEADER: usize = 16;

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => list(run, None),
        Some(verb) if show::is_show(verb) => list(run, None),
        Some(verb) if verb == "set" || begins(verb, "add") => set(run, words),
        Some(verb) if begins(verb, "delete") => delete(run, words),
        Some(verb) if begins(verb, "get") => get(run, words),
        Some(verb) if begins(verb, "help") => Err(usage::object("token")),
        Some(verb) => Err(Stop::unknown_command(verb, "ip token")),
    }
}

fn dev(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Option<u32>> {
    let mut index = None;
    while let Some(word) = words.take() {
        if word == "dev" {
            let name = words.value()?;
            index = Some(run.find_link(name)?.ok_or_else(|| Stop::invalid(name, "dev is invalid\n"))?.index);
        }
    }
    Ok(index)
}

fn give(run: &mut Run<'_>, index: u32, token: Ipv6Addr) -> Result {
    let mut header = [0; HEADER];
    header[0] = Family::Inet6.number();
    header[4..8].copy_from_slice(&index.to_ne_bytes());
    let mut message = Writer::new(&header);
    message.nest_plain(IFLA_AF_SPEC, |spec| spec.nest_plain(INET6, |inet6| inet6.ip(IFLA_INET6_TOKEN, IpAddr::V6(token))));
    run.change(RTM_SETLINK, 0, &message.bytes())
}

fn set(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut index, mut token) = (None, None);
    while let Some(word) = words.take() {
        match word {
            "dev" => {
                let name = words.value()?;
                index = Some(run.find_link(name)?.ok_or_else(|| Stop::invalid(name, "dev is invalid\n"))?.index);
            }
            _ if token.is_none() => {
                if let Some(IpAddr::V6(ip)) = super::words::prefix(word, Family::Inet6)?.ip {
                    token = Some(ip);
                }
            }
            _ => return Err(Stop::garbage("token", word)),
        }
    }
    let Some(token) = token else { return Err(Stop::wrong("Not enough information: token is required.")) };
    let Some(index) = index else { return Err(Stop::wrong("Not enough information: \"dev\" argument is required.")) };
    give(run, index, token)
}

fn delete(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let Some(index) = dev(run, words)? else { return Err(Stop::wrong("Not enough information: \"dev\" argument is required.")) };
    give(run, index, Ipv6Addr::UNSPECIFIED)
}

fn get(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let index = dev(run, words)?;
    list(run, index)
}

fn list(run: &mut Run<'_>, only: Option<u32>) -> Result {
    let mut header = [0; HEADER];
    header[0] = Family::Inet6.number();
    let mut objects = Vec::new();
    for message in run.dump(RTM_GETLINK, &header)? {
        let bytes = &message.bytes;
        let (index, flags) = (attr::u32_at(bytes, 4), attr::u32_at(bytes, 8));
        if only.is_some_and(|only| only != index) || flags & (LOOPBACK | NOARP) != 0 {
            continue;
        }
        let find = |kind| attr::find(bytes.get(HEADER..).unwrap_or_default(), kind);
        let spec = find(IFLA_AF_SPEC).or_else(|| find(12)).unwrap_or_default();
        let inner = attr::find(spec, INET6).unwrap_or(spec);
        let Some(token) = attr::find(inner, IFLA_INET6_TOKEN).and_then(attr::ip) else { continue };
        let name = find(IFLA_IFNAME).map(attr::text).unwrap_or_default();
        let mut fields = Fields::new();
        fields.both("token", token.to_string(), format!("token {token} "));
        fields.both("ifname", name.as_str(), format!("dev {name}"));
        fields.text("\n");
        objects.push(fields);
    }
    if !objects.is_empty() || run.options.json {
        run.print(&objects);
    }
    Ok(())
}

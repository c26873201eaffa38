//! `ip mptcp`: addresses that connections of MPTCP may use besides their own (linux/mptcp_pm.h).

use super::generic::{Generic, HEADER};
use super::link::show;
use super::output::Fields;
use super::stop::{Result, Stop};
use super::words::{self, Family, Words, begins};
use super::{Run, usage};
use crate::kernel::attr::{self, Writer};
use std::net::IpAddr;

const ADD_ADDR: u8 = 1;
const DEL_ADDR: u8 = 2;
const GET_ADDR: u8 = 3;
const FLUSH_ADDRS: u8 = 4;
const SET_LIMITS: u8 = 5;
const GET_LIMITS: u8 = 6;
const SET_FLAGS: u8 = 7;

const ATTR_ADDR: u16 = 1;
const ATTR_RCV_ADD_ADDRS: u16 = 2;
const ATTR_SUBFLOWS: u16 = 3;

const SIGNAL: u32 = 1;
const BACKUP: u32 = 4;
const FULLMESH: u32 = 8;
const FLAGS: [(u32, &str); 5] = [(SIGNAL, "signal"), (2, "subflow"), (BACKUP, "backup"), (FULLMESH, "fullmesh"), (16, "implicit")];

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let unknown = |word: &str| Stop::unknown_command(word, "ip mptcp");
    match words.take() {
        Some(object) if begins(object, "endpoint") => match words.take() {
            None => list(run, words),
            Some(verb) if show::is_show(verb) => list(run, words),
            Some(verb) if begins(verb, "add") => modify(run, words, ADD_ADDR),
            Some(verb) if begins(verb, "change") => modify(run, words, SET_FLAGS),
            Some(verb) if begins(verb, "delete") => modify(run, words, DEL_ADDR),
            Some(verb) if begins(verb, "flush") => {
                let mut family = Generic::open("mptcp_pm", 1)?;
                let message = family.message(FLUSH_ADDRS);
                family.ask(message).map(|_| ())
            }
            Some(verb) => Err(unknown(verb)),
        },
        Some(object) if begins(object, "limits") => match words.take() {
            Some(verb) if begins(verb, "set") => set_limits(words),
            None => limits(run),
            Some(verb) if show::is_show(verb) => limits(run),
            Some(verb) => Err(unknown(verb)),
        },
        Some(object) if begins(object, "monitor") => Err(Stop::wrong("labsh does not have \"monitor\" of ip mptcp")),
        None => Err(usage::object("mptcp")),
        Some(object) if begins(object, "help") => Err(usage::object("mptcp")),
        Some(object) => Err(unknown(object)),
    }
}

/// What words said of an endpoint.
#[derive(Default)]
struct Said {
    flags: u32,
    id: Option<u8>,
    index: Option<u32>,
    port: Option<u16>,
    address: Option<IpAddr>,
}

fn read(run: &mut Run<'_>, words: &mut Words<'_>, deed: u8) -> Result<Said> {
    let mut said = Said::default();
    while let Some(word) = words.take() {
        let flag = match word {
            "nobackup" | "nofullmesh" => Some(0),
            _ => FLAGS.iter().find(|(_, known)| *known == word).map(|(bit, _)| *bit),
        };
        match word {
            _ if flag.is_some() => {
                said.flags |= flag.unwrap_or(0);
                if deed == ADD_ADDR && said.flags & SIGNAL != 0 && said.flags & FULLMESH != 0 {
                    return Err(Stop::invalid(word, "flags mustn't have both signal and fullmesh"));
                }
                if deed == SET_FLAGS && said.flags & !(BACKUP | FULLMESH) != 0 {
                    return Err(Stop::invalid(word, "invalid flags, backup and fullmesh only"));
                }
            }
            _ if begins(word, "id") => said.id = Some(words.number("invalid ID\n")?),
            _ if begins(word, "dev") => {
                let name = words.value()?;
                said.index = Some(run.find_link(name)?.ok_or_else(|| Stop::invalid(name, "device does not exist\n"))?.index);
            }
            _ if begins(word, "port") => said.port = Some(words.number("expected port")?),
            _ => match words::parse_address(word, Family::Any) {
                Some(ip) => said.address = Some(ip),
                None => return Err(words::address(word, Family::Any).err().unwrap_or_else(|| Stop::invalid(word, "unknown argument"))),
            },
        }
    }
    if deed == ADD_ADDR && said.address.is_none() {
        return Err(Stop::missing("ADDRESS"));
    }
    if deed == DEL_ADDR {
        match (said.id, said.address) {
            (None, _) => return Err(Stop::missing("ID")),
            (Some(0), None) => return Err(Stop::invalid("ID", "address is needed for deleting id 0 address\n")),
            (Some(id), Some(_)) if id != 0 => return Err(Stop::invalid("ADDRESS", "invalid for non-zero id address\n")),
            _ => {}
        }
    }
    if deed == ADD_ADDR && said.port.is_some() && said.flags & SIGNAL == 0 {
        return Err(Stop::invalid("port", "flags must have signal when using port"));
    }
    Ok(said)
}

fn write(message: &mut Writer, said: &Said, deed: u8) {
    message.nest(ATTR_ADDR, |address| {
        if let Some(id) = said.id {
            address.u8(2, id);
        }
        if said.flags != 0 || deed == SET_FLAGS {
            address.u32(6, said.flags);
        }
        if let Some(index) = said.index {
            address.u32(7, index);
        }
        if let Some(port) = said.port {
            address.u16(5, port);
        }
        if let Some(ip) = said.address {
            address.u16(1, u16::from(Family::of_ip(ip).number()));
            address.ip(if ip.is_ipv4() { 3 } else { 4 }, ip);
        }
    });
}

fn modify(run: &mut Run<'_>, words: &mut Words<'_>, deed: u8) -> Result {
    let mut family = Generic::open("mptcp_pm", 1)?;
    let said = read(run, words, deed)?;
    let mut message = family.message(deed);
    write(&mut message, &said, deed);
    family.ask(message).map(|_| ())
}

fn list(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let mut family = Generic::open("mptcp_pm", 1)?;
    let found = match words.done() {
        true => {
            let message = family.message(GET_ADDR);
            family.dump(message)?
        }
        false => {
            let said = read(run, words, GET_ADDR)?;
            let mut message = family.message(GET_ADDR);
            write(&mut message, &said, GET_ADDR);
            family.ask(message)?.messages
        }
    };
    let objects: Vec<Fields> = found.iter().filter_map(|message| described(run, &message.bytes)).collect();
    if !objects.is_empty() || run.options.json {
        run.print(&objects);
    }
    Ok(())
}

fn described(run: &mut Run<'_>, bytes: &[u8]) -> Option<Fields> {
    let address = attr::find(bytes.get(HEADER..)?, ATTR_ADDR)?;
    let find = |kind| attr::find(address, kind);
    let number = |kind| find(kind).map(attr::number);
    let mut fields = Fields::new();
    if let Some(ip) = find(3).or(find(4)).and_then(attr::ip) {
        fields.both("address", ip.to_string(), format!("{ip} "));
    }
    for (kind, word) in [(5, "port"), (2, "id")] {
        if let Some(value) = number(kind).filter(|value| word != "port" || *value != 0) {
            fields.both(word, value, format!("{word} {value} "));
        }
    }
    let flags = number(6).unwrap_or(0) as u32;
    for (bit, word) in FLAGS {
        if flags & bit != 0 {
            fields.both(word, true, format!("{word} "));
        }
    }
    let left = FLAGS.iter().fold(flags, |left, (bit, _)| left & !bit);
    if left != 0 {
        fields.both("rawflags", left, format!("rawflags {left:x} "));
    }
    if let Some(index) = number(7).filter(|index| *index != 0) {
        let name = run.name_of(index as u32);
        fields.both("dev", name.as_str(), format!("dev {name} "));
    }
    fields.text("\n");
    Some(fields)
}

fn set_limits(words: &mut Words<'_>) -> Result {
    let (mut announced, mut subflows) = (None, None);
    while let Some(word) = words.take() {
        match word {
            _ if begins(word, "subflows") => subflows = Some(words.number::<u32>("invalid subflows\n")?),
            _ if begins(word, "add_addr_accepted") => announced = Some(words.number::<u32>("invalid add_addr_accepted\n")?),
            _ => return Err(Stop::invalid(word, "unknown limit")),
        }
    }
    let mut family = Generic::open("mptcp_pm", 1)?;
    let mut message = family.message(SET_LIMITS);
    if let Some(announced) = announced {
        message.u32(ATTR_RCV_ADD_ADDRS, announced);
    }
    if let Some(subflows) = subflows {
        message.u32(ATTR_SUBFLOWS, subflows);
    }
    family.ask(message).map(|_| ())
}

/// As words even where JSON was asked for, as iproute2 6.1 has it.
fn limits(run: &mut Run<'_>) -> Result {
    let mut family = Generic::open("mptcp_pm", 1)?;
    let message = family.message(GET_LIMITS);
    let answer = family.ask(message)?;
    let told = answer.messages.first().map(|message| message.bytes.clone()).unwrap_or_default();
    let number = |kind| attr::find(told.get(HEADER..).unwrap_or_default(), kind).map(attr::number);
    let mut text = String::new();
    if let Some(announced) = number(ATTR_RCV_ADD_ADDRS) {
        text += &format!("add_addr_accepted {announced} ");
    }
    if let Some(subflows) = number(ATTR_SUBFLOWS) {
        text += &format!("subflows {subflows} ");
    }
    run.write(&(text + "\n"));
    Ok(())
}

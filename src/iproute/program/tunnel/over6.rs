//! Tunnels over IPv6: ip6ip6, ipip6, ip6gre, vti6 (`struct ip6_tnl_parm2`, linux/ip6_tunnel.h).

use super::super::Run;
use super::super::output::Fields;
use super::super::stop::{Result, Stop};
use super::super::usage;
use super::super::words::{self, Family, Words};
use super::{GRE, IPIP, IPV6, Marks, failed, inside, write_name};
use crate::kernel::attr;
use crate::kernel::tunnel::{PARAMETERS_6, Request, ask};
use std::net::{IpAddr, Ipv6Addr};

// IP6_TNL_F_
const IGN_ENCAP_LIMIT: u32 = 0x1;
const USE_ORIG_TCLASS: u32 = 0x2;
const USE_ORIG_FLOWLABEL: u32 = 0x4;
const RCV_DSCP_COPY: u32 = 0x10;
const ALLOW_LOCAL_REMOTE: u32 = 0x40;
const ENCAP_LIMIT: u8 = 4;
const HOP_LIMIT: u8 = 64;
/// ARPHRD_TUNNEL6, ARPHRD_IP6GRE (linux/if_arp.h).
const HARDWARE: [u16; 2] = [769, 823];

// Places in the structure.
const LINK: usize = 16;
const PROTO: usize = 20;
const ENCAP: usize = 21;
const HOPS: usize = 22;
const FLOWINFO: usize = 24;
const FLAGS: usize = 28;
const LADDR: usize = 32;
const RADDR: usize = 48;
const MARKS: usize = 64;

#[derive(Clone)]
struct Said {
    bytes: [u8; PARAMETERS_6],
    vti: bool,
}

impl Said {
    fn name(&self) -> String {
        super::text(&self.bytes)
    }
    fn flags(&self) -> u32 {
        attr::u32_at(&self.bytes, FLAGS)
    }
    fn flag(&mut self, bit: u32, on: bool) {
        let flags = if on { self.flags() | bit } else { self.flags() & !bit };
        self.bytes[FLAGS..FLAGS + 4].copy_from_slice(&flags.to_ne_bytes());
    }
    fn flow(&self) -> u32 {
        u32::from_be_bytes(self.bytes[FLOWINFO..FLOWINFO + 4].try_into().unwrap_or_default())
    }
    fn set_flow(&mut self, mask: u32, value: u32) {
        let flow = self.flow() & !mask | value & mask;
        self.bytes[FLOWINFO..FLOWINFO + 4].copy_from_slice(&flow.to_be_bytes());
    }
    fn marks(&self) -> Marks {
        let two = |at: usize| u16::from_be_bytes([self.bytes[at], self.bytes[at + 1]]);
        let four = |at: usize| <[u8; 4]>::try_from(&self.bytes[at..at + 4]).unwrap_or_default();
        Marks { flags_in: two(MARKS), flags_out: two(MARKS + 2), key_in: four(MARKS + 4), key_out: four(MARKS + 8) }
    }
    fn set_marks(&mut self, marks: Marks) {
        self.bytes[MARKS..MARKS + 2].copy_from_slice(&marks.flags_in.to_be_bytes());
        self.bytes[MARKS + 2..MARKS + 4].copy_from_slice(&marks.flags_out.to_be_bytes());
        self.bytes[MARKS + 4..MARKS + 8].copy_from_slice(&marks.key_in);
        self.bytes[MARKS + 8..MARKS + 12].copy_from_slice(&marks.key_out);
    }
    fn address(&self, at: usize) -> Ipv6Addr {
        let bytes: [u8; 16] = self.bytes[at..at + 16].try_into().unwrap_or_default();
        Ipv6Addr::from(bytes)
    }
    fn base(&self) -> &'static str {
        match self.bytes[PROTO] {
            GRE => "ip6gre0",
            _ if self.vti => "ip6_vti0",
            _ => "ip6tnl0",
        }
    }
    fn device(&self) -> String {
        if self.name().is_empty() { self.base().to_string() } else { self.name() }
    }
}

fn fresh() -> Said {
    let mut bytes = [0; PARAMETERS_6];
    (bytes[PROTO], bytes[ENCAP], bytes[HOPS]) = (IPV6, ENCAP_LIMIT, HOP_LIMIT);
    Said { bytes, vti: false }
}

fn read(run: &mut Run<'_>, words: &mut Words<'_>, request: Request) -> Result<Said> {
    let (mut said, mut dev, mut first, mut named) = (fresh(), None, true, false);
    while let Some(word) = words.take() {
        let mut marks = said.marks();
        match word {
            "mode" => {
                let mode = words.value()?;
                said.vti = mode == "vti6";
                said.bytes[PROTO] = match mode {
                    "ipv6/ipv6" | "ip6ip6" | "vti6" => IPV6,
                    "ip/ipv6" | "ipv4/ipv6" | "ipip6" | "ip4ip6" => IPIP,
                    "ip6gre" | "gre/ipv6" => GRE,
                    "any/ipv6" | "any" => 0,
                    _ => return Err(Stop::unreadable(format!("Unknown tunnel mode \"{mode}\""))),
                };
            }
            "remote" | "local" => {
                let at = if word == "remote" { RADDR } else { LADDR };
                if let IpAddr::V6(ip) = words.address(Family::Inet6)? {
                    said.bytes[at..at + 16].copy_from_slice(&ip.octets());
                }
            }
            "dev" => dev = Some(words.value()?),
            "encaplimit" => match words.value()? {
                "none" => said.flag(IGN_ENCAP_LIMIT, true),
                text => {
                    let limit = words::number(text).and_then(|limit| u8::try_from(limit).ok());
                    said.bytes[ENCAP] = limit.ok_or_else(|| Stop::invalid(text, "invalid ELIM"))?;
                    said.flag(IGN_ENCAP_LIMIT, false);
                }
            },
            "ttl" | "hoplimit" | "hlim" => {
                let text = words.value()?;
                let hops = words::number(text).and_then(|hops| u8::try_from(hops).ok());
                said.bytes[HOPS] = hops.ok_or_else(|| Stop::invalid(text, "invalid TTL"))?;
            }
            "tclass" | "tc" | "tos" | "dsfield" => match words.value()? {
                "inherit" => said.flag(USE_ORIG_TCLASS, true),
                text => {
                    let class = u8::from_str_radix(text.trim_start_matches("0x"), 16).map_err(|_| Stop::invalid(text, "invalid TClass"))?;
                    said.set_flow(0x0ff0_0000, u32::from(class) << 20);
                    said.flag(USE_ORIG_TCLASS, false);
                }
            },
            "flowlabel" | "fl" => match words.value()? {
                "inherit" => said.flag(USE_ORIG_FLOWLABEL, true),
                text => {
                    let label = u32::from_str_radix(text.trim_start_matches("0x"), 16).ok().filter(|label| *label <= 0xf_ffff);
                    said.set_flow(0xf_ffff, label.ok_or_else(|| Stop::invalid(text, "invalid Flowlabel"))?);
                    said.flag(USE_ORIG_FLOWLABEL, false);
                }
            },
            "dscp" => {
                let text = words.value()?;
                if text != "inherit" {
                    return Err(Stop::invalid(text, "not inherit"));
                }
                said.flag(RCV_DSCP_COPY, true);
            }
            "allow-localremote" => said.flag(ALLOW_LOCAL_REMOTE, true),
            "noallow-localremote" => said.flag(ALLOW_LOCAL_REMOTE, false),
            _ if marks.take(word, words)? => said.set_marks(marks),
            _ => {
                if word == "help" {
                    return Err(usage::object("tunnel6"));
                }
                let name = super::name(words, word)?;
                if named {
                    return Err(Stop::garbage("name", name));
                }
                named = true;
                if request == Request::Change && first {
                    ask(true, Request::Get, name, &mut said.bytes).map_err(|failure| failed("get", name, &failure))?;
                }
                write_name(&mut said.bytes, name);
            }
        }
        first = false;
    }
    if let Some(dev) = dev {
        let index = run.link(dev)?.index;
        said.bytes[LINK..LINK + 4].copy_from_slice(&index.to_ne_bytes());
    }
    Ok(said)
}

pub(super) fn act(run: &mut Run<'_>, words: &mut Words<'_>, request: Request) -> Result {
    let mut said = read(run, words, request)?;
    let (device, what) = match request {
        Request::Add => (said.base().to_string(), "add"),
        Request::Change => (said.device(), "change"),
        Request::Delete => (said.device(), "delete"),
        _ => return list(run, &said),
    };
    ask(true, request, &device, &mut said.bytes).map_err(|failure| failed(what, &device, &failure))?;
    run.links.forget();
    Ok(())
}

fn list(run: &mut Run<'_>, said: &Said) -> Result {
    let mut objects = Vec::new();
    if !said.name().is_empty() {
        let mut found = said.clone();
        let device = said.name();
        ask(true, Request::Get, &device, &mut found.bytes).map_err(|failure| failed("get", &device, &failure))?;
        objects.push(described(run, &found));
    } else {
        for name in super::candidates(run, &HARDWARE)? {
            let mut found = fresh();
            if ask(true, Request::Get, &name, &mut found.bytes).is_ok() && matches(said, &found) {
                objects.push(described(run, &found));
            }
        }
    }
    run.print(&objects);
    Ok(())
}

fn matches(wanted: &Said, own: &Said) -> bool {
    let address = |at: usize| wanted.address(at).is_unspecified() || wanted.address(at) == own.address(at);
    let link = |said: &Said| attr::u32_at(&said.bytes, LINK);
    (link(wanted) == 0 || link(wanted) == link(own)) && address(LADDR) && address(RADDR)
}

fn described(run: &mut Run<'_>, own: &Said) -> Fields {
    let mut fields = Fields::new();
    let name = own.name();
    fields.both("ifname", name.as_str(), format!("{name}: "));
    let mode = format!("{}/ipv6", inside(own.bytes[PROTO]));
    fields.both("mode", mode.as_str(), format!("{mode} "));
    for (at, word, end) in [(RADDR, "remote", " "), (LADDR, "local", "")] {
        let ip = own.address(at);
        fields.both(word, ip.to_string(), format!("{word} {ip}{end}"));
    }
    let link = attr::u32_at(&own.bytes, LINK);
    if link != 0 {
        let dev = run.name_of(link);
        fields.both("link", dev.as_str(), format!(" dev {dev}"));
    }
    let flags = own.flags();
    match flags & IGN_ENCAP_LIMIT {
        0 => fields.both("encap_limit", own.bytes[ENCAP], format!(" encaplimit {}", own.bytes[ENCAP])),
        _ => fields.null("ip6_tnl_f_ign_encap_limit", " encaplimit none"),
    }
    match own.bytes[HOPS] {
        0 => fields.text(" hoplimit inherit"),
        hops => fields.both("hoplimit", hops, format!(" hoplimit {hops}")),
    }
    let flow = own.flow();
    match flags & USE_ORIG_TCLASS {
        0 => {
            let class = format!("{:#04x}", flow >> 20 & 0xff);
            fields.both("tclass", class.as_str(), format!(" tclass {class}"));
        }
        _ => fields.null("ip6_tnl_f_use_orig_tclass", " tclass inherit"),
    }
    match flags & USE_ORIG_FLOWLABEL {
        0 => {
            let label = format!("{:#07x}", flow & 0xf_ffff);
            fields.both("flowlabel", label.as_str(), format!(" flowlabel {label}"));
        }
        _ => fields.null("ip6_tnl_f_use_orig_flowlabel", " flowlabel inherit"),
    }
    let info = format!("{flow:#010x}");
    fields.both("flowinfo", info.as_str(), format!(" (flowinfo {info})"));
    if flags & RCV_DSCP_COPY != 0 {
        fields.null("ip6_tnl_f_rcv_dscp_copy", " dscp inherit");
    }
    if flags & ALLOW_LOCAL_REMOTE != 0 {
        fields.null("ip6_tnl_f_allow_local_remote", " allow-localremote");
    }
    own.marks().show(own.bytes[PROTO], &mut fields);
    fields.text("\n");
    fields
}

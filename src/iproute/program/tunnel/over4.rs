//! Tunnels over IPv4: ipip, gre, sit, isatap, vti (`struct ip_tunnel_parm`, linux/if_tunnel.h).

use super::super::Run;
use super::super::names::Of;
use super::super::output::Fields;
use super::super::stop::{Result, Stop};
use super::super::usage;
use super::super::words::{self, Family, Words};
use super::{GRE, IPIP, IPV6, KEY, Marks, failed, inside, write_name};
use crate::kernel::attr;
use crate::kernel::tunnel::{PARAMETERS, PREFIX, Request, ask};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// i_flags of sit and vti.
const ISATAP: u16 = 0x0001;
const VTI: u16 = 0x0001;
/// `frag_off` of an IP header: don't fragment.
const DF: [u8; 2] = [0x40, 0];
/// ARPHRD_TUNNEL, ARPHRD_SIT, ARPHRD_IPGRE (linux/if_arp.h).
const HARDWARE: [u16; 3] = [768, 776, 778];

// Places in the structure; the header of IP begins at 32.
const LINK: usize = 16;
const I_FLAGS: usize = 20;
const O_FLAGS: usize = 22;
const I_KEY: usize = 24;
const O_KEY: usize = 28;
const TOS: usize = 33;
const FRAG_OFF: usize = 38;
const TTL: usize = 40;
const PROTOCOL: usize = 41;
const SADDR: usize = 44;
const DADDR: usize = 48;

struct Said {
    bytes: [u8; PARAMETERS],
    named: bool,
    vti: bool,
}

impl Said {
    fn proto(&self) -> u8 {
        self.bytes[PROTOCOL]
    }
    fn name(&self) -> String {
        super::text(&self.bytes)
    }
    /// The device that stands for all tunnels of the kind.
    fn base(&self) -> Option<&'static str> {
        match self.proto() {
            IPIP if self.vti => Some("ip_vti0"),
            IPIP => Some("tunl0"),
            GRE => Some("gre0"),
            IPV6 => Some("sit0"),
            _ => None,
        }
    }
    fn device(&self) -> Option<String> {
        if self.name().is_empty() { self.base().map(str::to_string) } else { Some(self.name()) }
    }
    fn marks(&self) -> Marks {
        let flags = |at: usize| u16::from_be_bytes([self.bytes[at], self.bytes[at + 1]]);
        let key = |at: usize| <[u8; 4]>::try_from(&self.bytes[at..at + 4]).unwrap_or_default();
        Marks { flags_in: flags(I_FLAGS), flags_out: flags(O_FLAGS), key_in: key(I_KEY), key_out: key(O_KEY) }
    }
    fn set_marks(&mut self, marks: Marks) {
        self.bytes[I_FLAGS..O_FLAGS].copy_from_slice(&marks.flags_in.to_be_bytes());
        self.bytes[O_FLAGS..I_KEY].copy_from_slice(&marks.flags_out.to_be_bytes());
        self.bytes[I_KEY..O_KEY].copy_from_slice(&marks.key_in);
        self.bytes[O_KEY..O_KEY + 4].copy_from_slice(&marks.key_out);
    }
    fn address(&self, at: usize) -> Ipv4Addr {
        Ipv4Addr::new(self.bytes[at], self.bytes[at + 1], self.bytes[at + 2], self.bytes[at + 3])
    }
    fn link(&self) -> u32 {
        attr::u32_at(&self.bytes, LINK)
    }
}

fn fresh() -> [u8; PARAMETERS] {
    let mut bytes = [0; PARAMETERS];
    bytes[32] = 0x45;
    bytes[FRAG_OFF..FRAG_OFF + 2].copy_from_slice(&DF);
    bytes
}

fn read(run: &mut Run<'_>, words: &mut Words<'_>, request: Request) -> Result<Said> {
    let mut said = Said { bytes: fresh(), named: false, vti: false };
    let (mut dev, mut first) = (None, true);
    while let Some(word) = words.take() {
        let mut marks = said.marks();
        match word {
            "mode" => {
                let mode = words.value()?;
                let proto = match mode {
                    "ipip" | "ip/ip" => IPIP,
                    "gre" | "gre/ip" => GRE,
                    "sit" | "ipv6/ip" => IPV6,
                    "isatap" => {
                        marks.flags_in |= ISATAP;
                        IPV6
                    }
                    "vti" => {
                        said.vti = true;
                        marks.flags_in |= VTI;
                        IPIP
                    }
                    _ => return Err(Stop::unreadable(format!("Unknown tunnel mode \"{mode}\""))),
                };
                if ![0, proto].contains(&said.proto()) {
                    return Err(Stop::unreadable("You managed to ask for more than one tunnel mode."));
                }
                said.bytes[PROTOCOL] = proto;
                said.set_marks(marks);
            }
            "nopmtudisc" => said.bytes[FRAG_OFF..FRAG_OFF + 2].copy_from_slice(&[0, 0]),
            "pmtudisc" => said.bytes[FRAG_OFF..FRAG_OFF + 2].copy_from_slice(&DF),
            "remote" | "local" => {
                let at = if word == "remote" { DADDR } else { SADDR };
                let text = words.value()?;
                let ip = words::address(text, Family::Inet)
                    .map_err(|_| Stop::exit(format!("Error: an IP address is expected rather than \"{text}\"")))?;
                if let IpAddr::V4(ip) = ip {
                    said.bytes[at..at + 4].copy_from_slice(&ip.octets());
                }
            }
            "dev" => dev = Some(words.value()?),
            "ttl" | "hoplimit" | "hlim" => {
                let text = words.value()?;
                said.bytes[TTL] = match text {
                    "inherit" => 0,
                    _ => {
                        let ttl = words::number(text).and_then(|ttl| u8::try_from(ttl).ok());
                        ttl.ok_or_else(|| Stop::invalid(text, "invalid TTL\n"))?
                    }
                };
            }
            "tos" | "tclass" | "dsfield" => {
                let text = words.value()?;
                said.bytes[TOS] = match text {
                    "inherit" => 1,
                    _ => super::super::route::tos(text).ok_or_else(|| Stop::invalid(text, "bad TOS value"))?,
                };
            }
            _ if marks.take(word, words)? => said.set_marks(marks),
            _ => {
                if word == "help" {
                    return Err(usage::object("tunnel"));
                }
                let name = super::name(words, word)?;
                if said.named {
                    return Err(Stop::garbage("name", name));
                }
                said.named = true;
                if request == Request::Change && first {
                    let mut old = fresh();
                    ask(false, Request::Get, name, &mut old).map_err(|failure| failed("get", name, &failure))?;
                    said.bytes = old;
                }
                write_name(&mut said.bytes, name);
            }
        }
        first = false;
    }
    finish(run, &mut said, dev)?;
    Ok(said)
}

/// What follows from the words together.
fn finish(run: &mut Run<'_>, said: &mut Said, dev: Option<&str>) -> Result {
    let name = said.name();
    let mut marks = said.marks();
    if said.proto() == 0 {
        for (begin, proto) in [("gre", GRE), ("ipip", IPIP), ("sit", IPV6), ("isatap", IPV6), ("vti", IPIP)] {
            if name.starts_with(begin) {
                said.bytes[PROTOCOL] = proto;
                said.vti |= begin == "vti";
                marks.flags_in |= if matches!(begin, "isatap" | "vti") { VTI } else { 0 };
            }
        }
    }
    if (marks.flags_in | marks.flags_out) & KEY != 0 && said.proto() != GRE && !said.vti {
        return Err(Stop::wrong("Keys are not allowed with ipip and sit tunnels"));
    }
    if let Some(dev) = dev {
        let index = run.link(dev)?.index;
        said.bytes[LINK..LINK + 4].copy_from_slice(&index.to_ne_bytes());
    }
    let (source, destination) = (said.address(SADDR), said.address(DADDR));
    if destination.is_multicast() {
        if marks.key_in == [0; 4] {
            marks.key_in = destination.octets();
            marks.flags_in |= KEY;
        }
        if marks.key_out == [0; 4] {
            marks.key_out = destination.octets();
            marks.flags_out |= KEY;
        }
        if source.is_unspecified() {
            return Err(Stop::wrong("A broadcast tunnel requires a source address"));
        }
    }
    said.set_marks(marks);
    Ok(())
}

pub(super) fn act(run: &mut Run<'_>, words: &mut Words<'_>, request: Request) -> Result {
    let mut said = read(run, words, request)?;
    match request {
        Request::Add | Request::Change => {
            if said.bytes[TTL] != 0 && said.bytes[FRAG_OFF] & DF[0] == 0 {
                return Err(Stop::wrong("ttl != 0 and nopmtudisc are incompatible"));
            }
            let Some(base) = said.base() else {
                return Err(Stop::wrong("cannot determine tunnel mode (ipip, gre, vti or sit)"));
            };
            let (device, what) =
                if request == Request::Add { (base.to_string(), "add") } else { (said.device().unwrap_or_default(), "change") };
            ask(false, request, &device, &mut said.bytes).map_err(|failure| failed(what, &device, &failure))?;
            run.links.forget();
            Ok(())
        }
        Request::Delete => {
            let device = said.device().unwrap_or_default();
            ask(false, request, &device, &mut said.bytes).map_err(|failure| failed("delete", &device, &failure))
        }
        _ => list(run, &said),
    }
}

fn list(run: &mut Run<'_>, said: &Said) -> Result {
    let mut objects = Vec::new();
    if said.base().is_some() {
        let device = said.device().unwrap_or_default();
        let mut found = Said { bytes: said.bytes, named: true, vti: false };
        ask(false, Request::Get, &device, &mut found.bytes).map_err(|failure| failed("get", &device, &failure))?;
        objects.push(described(run, &found));
        run.print(&objects);
        return Ok(());
    }
    for name in super::candidates(run, &HARDWARE)? {
        let mut found = Said { bytes: fresh(), named: true, vti: false };
        // A device of that hardware that is no such tunnel does not answer.
        if (said.name().is_empty() || said.name() == name)
            && ask(false, Request::Get, &name, &mut found.bytes).is_ok()
            && matches(said, &found)
        {
            objects.push(described(run, &found));
        }
    }
    run.print(&objects);
    Ok(())
}

fn matches(wanted: &Said, own: &Said) -> bool {
    let address = |at: usize| wanted.address(at).is_unspecified() || wanted.address(at) == own.address(at);
    let key = wanted.marks().key_in == [0; 4] || wanted.marks().key_in == own.marks().key_in;
    (wanted.link() == 0 || wanted.link() == own.link()) && address(DADDR) && address(SADDR) && key
}

fn described(run: &mut Run<'_>, own: &Said) -> Fields {
    let mut fields = Fields::new();
    let name = own.name();
    fields.both("ifname", name.as_str(), format!("{name}: "));
    let mode = format!("{}/ip", inside(own.proto()));
    fields.both("mode", mode.as_str(), format!("{mode} "));
    for (at, word, end) in [(DADDR, "remote", " "), (SADDR, "local", "")] {
        let ip = own.address(at);
        let text = if ip.is_unspecified() { "any".to_string() } else { ip.to_string() };
        fields.both(word, ip.to_string(), format!("{word} {text}{end}"));
    }
    if own.link() != 0 {
        let dev = run.name_of(own.link());
        fields.both("dev", dev.as_str(), format!(" dev {dev}"));
    }
    match own.bytes[TTL] {
        0 => fields.text(" ttl inherit"),
        ttl => fields.both("ttl", ttl, format!(" ttl {ttl}")),
    }
    match own.bytes[TOS] {
        0 => {}
        1 => fields.text(" tos inherit"),
        tos => {
            let name = Of::DsField.known(u32::from(tos & !1)).unwrap_or_else(|| format!("{:#04x}", tos & !1));
            fields.both("tos", name.as_str(), format!(" tos {}{name}", if tos & 1 != 0 { "inherit/" } else { "" }));
        }
    }
    if own.bytes[FRAG_OFF] & DF[0] == 0 {
        fields.null("nopmtudisc", " nopmtudisc");
    }
    let mut prefix = [0; PREFIX];
    if own.proto() == IPV6 && ask(false, Request::Get6rd, &name, &mut prefix).is_ok() {
        let half = |at: usize| u16::from_ne_bytes([prefix[at], prefix[at + 1]]);
        let bytes: [u8; 16] = prefix[..16].try_into().unwrap_or_default();
        if half(20) != 0 {
            let ip = Ipv6Addr::from(bytes);
            fields.both("6rd-prefix", ip.to_string(), format!(" 6rd-prefix {ip}"));
            fields.both("6rd-prefixlen", half(20), format!("/{}", half(20)));
            let relay = Ipv4Addr::new(prefix[16], prefix[17], prefix[18], prefix[19]);
            if !relay.is_unspecified() {
                fields.both("6rd-relay_prefix", relay.to_string(), format!(" 6rd-relay_prefix {relay}"));
                fields.both("6rd-relay_prefixlen", half(22), format!("/{}", half(22)));
            }
        }
    }
    own.marks().show(own.proto(), &mut fields);
    fields.text("\n");
    fields
}

/// `ip tunnel 6rd dev NAME 6rd-prefix PREFIX …`
pub(super) fn sixrd(words: &mut Words<'_>) -> Result {
    let (mut dev, mut bytes, mut request) = (None, [0; PREFIX], None);
    while let Some(word) = words.take() {
        match word {
            "6rd-prefix" | "6rd-relay_prefix" => {
                let family = if word == "6rd-prefix" { Family::Inet6 } else { Family::Inet };
                let text = words.value()?;
                let prefix = words::prefix(text, family)?;
                let place = if family == Family::Inet6 { 0..16 } else { 16..20 };
                if let Some(ip) = prefix.ip {
                    bytes[place].copy_from_slice(&attr::octets(ip));
                }
                let length = if family == Family::Inet6 { 20 } else { 22 };
                bytes[length..length + 2].copy_from_slice(&u16::from(prefix.length).to_ne_bytes());
                request = Some(Request::Add6rd);
            }
            "6rd-reset" => {
                // The prefix of 6to4 (RFC 3056).
                bytes = [0; PREFIX];
                bytes[..2].copy_from_slice(&[0x20, 0x02]);
                bytes[20..22].copy_from_slice(&16u16.to_ne_bytes());
                request = Some(Request::Delete6rd);
            }
            "dev" => dev = Some(words.value()?),
            _ => return Err(Stop::unreadable(format!("Invalid 6RD parameter \"{word}\""))),
        }
    }
    let (Some(dev), Some(request)) = (dev, request) else { return Err(Stop::unreadable("Device is required")) };
    let number = if request == Request::Add6rd { "89f9" } else { "89fa" };
    ask(false, request, dev, &mut bytes).map_err(|failure| Stop::wrong(format!("{dev}: ioctl {number} failed: {}", failure.words())))
}

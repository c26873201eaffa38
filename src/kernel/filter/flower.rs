//! flower: fields of the packet by name (tc-flower(8); linux/pkt_cls.h, TCA_FLOWER_…).

use super::u32::protocol;
use super::{parse_protocol, protocol_text};
use crate::kernel::attr::{self, Writer};
use std::net::IpAddr;

const ETH_TYPE: u16 = 8;
const IP_PROTO: u16 = 9;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP: u8 = 1;
const ICMPV6: u8 = 58;
const SCTP: u8 = 132;
const ETH_P_ALL: u16 = 3;

/// What a field takes. Each pair of numbers is its attribute and that of its mask; 0 where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A MAC address, with a mask behind a slash.
    Mac(u16, u16),
    /// An address with its length: the attributes for IPv4 and IPv6.
    Ip(u16, u16, u16, u16),
    /// A protocol above IP.
    Protocol,
    /// A type of Ethernet.
    EtherType(u16),
    /// A port, by the protocol: of TCP, UDP, SCTP; and of a range the attributes of its ends.
    Port([(u16, u16); 3], u16, u16),
    /// A number of a byte, with a mask behind a slash.
    Byte(u16, u16),
    /// Type or code of ICMP, by the protocol.
    Icmp((u16, u16), (u16, u16)),
    /// A number of two bytes in the machine's order.
    Short(u16),
    /// A number of two bytes in network order, with a mask behind a slash.
    Flags(u16, u16),
    /// `frag`, `nofrag`, `firstfrag`, `nofirstfrag`.
    Fragment(u16, u16),
    /// `request` or `reply`.
    ArpOp(u16, u16),
    /// A number of four bytes in network order.
    Big(u16),
    /// A port whatever the protocol.
    AnyPort(u16, u16),
    /// A number of four bytes that is at most so much.
    Most(u16, u32),
    /// A number of a byte that is at most so much, in the machine's order.
    Small(u16, u8),
    /// What connection tracking knows: `+trk`, `-est` …
    Tracked(u16, u16),
    /// A number of two or four bytes with a mask behind a slash.
    Marked(u16, u16, u8),
    /// A label of connection tracking: sixteen bytes.
    Label(u16, u16),
}

/// What connection tracking knows of a packet (TCA_FLOWER_KEY_CT_FLAGS_…).
const TRACKED: [(&str, u16); 6] = [("trk", 8), ("new", 1), ("est", 2), ("rel", 4), ("inv", 16), ("rpl", 32)];

/// A field that can be looked at.
#[derive(Debug, PartialEq, Eq)]
pub struct Key {
    /// Its word, in `tc` and in scripts.
    pub name: &'static str,
    /// Its key in the JSON of `tc`, where it is another one.
    pub json: &'static str,
    form: Form,
}

const fn key(name: &'static str, form: Form) -> Key {
    Key { name, json: name, form }
}

/// All fields, in the order in which `tc` tells them.
pub const KEYS: &[Key] = &[
    key("num_of_vlans", Form::Small(102, 255)),
    key("vlan_id", Form::Short(23)),
    key("vlan_prio", Form::Byte(24, 0)),
    key("vlan_ethtype", Form::EtherType(25)),
    key("cvlan_id", Form::Short(77)),
    key("cvlan_prio", Form::Small(78, 7)),
    key("cvlan_ethtype", Form::EtherType(79)),
    key("dst_mac", Form::Mac(4, 5)),
    key("src_mac", Form::Mac(6, 7)),
    key("eth_type", Form::EtherType(ETH_TYPE)),
    key("ip_proto", Form::Protocol),
    key("ip_tos", Form::Byte(73, 74)),
    key("ip_ttl", Form::Byte(75, 76)),
    key("dst_ip", Form::Ip(12, 13, 16, 17)),
    key("src_ip", Form::Ip(10, 11, 14, 15)),
    key("dst_port", Form::Port([(19, 36), (21, 38), (42, 40)], 89, 90)),
    key("src_port", Form::Port([(18, 35), (20, 37), (41, 39)], 87, 88)),
    key("tcp_flags", Form::Flags(71, 72)),
    Key { name: "type", json: "icmp_type", form: Form::Icmp((51, 52), (55, 56)) },
    Key { name: "code", json: "icmp_code", form: Form::Icmp((49, 50), (53, 54)) },
    key("arp_sip", Form::Ip(57, 58, 0, 0)),
    key("arp_tip", Form::Ip(59, 60, 0, 0)),
    key("arp_op", Form::ArpOp(61, 62)),
    key("arp_sha", Form::Mac(63, 64)),
    key("arp_tha", Form::Mac(65, 66)),
    key("mpls_label", Form::Most(70, 0xf_ffff)),
    key("mpls_tc", Form::Small(69, 7)),
    key("mpls_bos", Form::Small(68, 1)),
    key("mpls_ttl", Form::Small(67, 255)),
    key("enc_dst_ip", Form::Ip(29, 30, 33, 34)),
    key("enc_src_ip", Form::Ip(27, 28, 31, 32)),
    key("enc_key_id", Form::Big(26)),
    key("enc_dst_port", Form::AnyPort(45, 46)),
    key("enc_tos", Form::Byte(80, 81)),
    key("enc_ttl", Form::Byte(82, 83)),
    key("ip_flags", Form::Fragment(47, 48)),
    key("ct_state", Form::Tracked(91, 92)),
    key("ct_zone", Form::Marked(93, 94, 2)),
    key("ct_mark", Form::Marked(95, 96, 4)),
    key("ct_label", Form::Label(97, 98)),
];

const FRAGMENT: &[(&str, u32, u32)] = &[("frag", 1, 1), ("nofrag", 0, 1), ("firstfrag", 2, 2), ("nofirstfrag", 0, 2)];

/// What a flower filter looks at: attributes as they go over the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flower {
    values: Vec<(u16, Vec<u8>)>,
    proto: u8,
}

/// A field as it was found: its key, its value as `tc` writes it, and whether it is a number in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The field.
    pub key: &'static Key,
    /// Its value.
    pub text: String,
    /// Whether it is a number.
    pub number: bool,
}

impl Flower {
    /// Adds a field from its text. `ip_proto` must come before ports and ICMP.
    ///
    /// Returns nothing when the text does not fit.
    pub fn set(&mut self, name: &str, text: &str) -> Option<()> {
        let key = KEYS.iter().find(|key| key.name == name)?;
        let (value, mask) = text.split_once('/').map_or((text, None), |(value, mask)| (value, Some(mask)));
        match key.form {
            Form::Mac(own, masked) => {
                let mask = mask.map_or(Some(vec![0xff; 6]), mac)?;
                self.put(own, mac(value)?);
                self.put(masked, mask);
            }
            Form::Ip(v4, v4_mask, v6, v6_mask) => {
                let ip: IpAddr = value.parse().ok()?;
                let most: u8 = if ip.is_ipv4() { 32 } else { 128 };
                let length: u8 = mask.map_or(Some(most), |mask| mask.parse().ok().filter(|length| *length <= most))?;
                let (own, masked) = if ip.is_ipv4() { (v4, v4_mask) } else { (v6, v6_mask) };
                if own == 0 {
                    return None;
                }
                let bits: Vec<u8> = (0..most / 8).map(|byte| leading(length.saturating_sub(byte * 8).min(8))).collect();
                self.put(own, attr::octets(ip));
                self.put(masked, bits);
            }
            Form::Protocol => {
                self.proto = protocol(value).or_else(|| number(value).and_then(|number| u8::try_from(number).ok()))?;
                self.put(IP_PROTO, vec![self.proto]);
            }
            Form::EtherType(own) => self.put(own, parse_protocol(value)?.to_be_bytes().to_vec()),
            Form::Port(by_protocol, low, high) => {
                let (own, masked) = match self.proto {
                    TCP => by_protocol[0],
                    UDP => by_protocol[1],
                    SCTP => by_protocol[2],
                    _ => return None,
                };
                let port = |text: &str| text.parse::<u16>().ok().map(|port| port.to_be_bytes().to_vec());
                if let Some((first, last)) = value.split_once('-') {
                    let (first, last) = (port(first)?, port(last)?);
                    if last <= first {
                        return None;
                    }
                    self.put(low, first);
                    self.put(high, last);
                    return Some(());
                }
                let mask = mask.map(|mask| number(mask).and_then(|mask| u16::try_from(mask).ok())).unwrap_or(Some(0xffff))?;
                self.put(own, port(value)?);
                self.put(masked, mask.to_be_bytes().to_vec());
            }
            Form::Byte(own, masked) => {
                let byte = |text: &str| number(text).and_then(|number| u8::try_from(number).ok());
                let most = if name == "vlan_prio" { 7 } else { 255 };
                self.put(own, vec![byte(value).filter(|value| *value <= most)?]);
                if masked != 0 {
                    self.put(masked, vec![mask.map_or(Some(0xff), byte)?]);
                }
            }
            Form::Icmp(v4, v6) => {
                let (own, masked) = match self.proto {
                    ICMP => v4,
                    ICMPV6 => v6,
                    _ => return None,
                };
                let byte = |text: &str| number(text).and_then(|number| u8::try_from(number).ok());
                self.put(own, vec![byte(value)?]);
                self.put(masked, vec![mask.map_or(Some(0xff), byte)?]);
            }
            Form::Short(own) => {
                let id = number(value).and_then(|number| u16::try_from(number).ok()).filter(|id| *id < 4096)?;
                self.put(own, id.to_ne_bytes().to_vec());
            }
            Form::Flags(own, masked) => {
                let read = |text: &str| u16::from_str_radix(text.trim_start_matches("0x"), 16).ok().filter(|flags| *flags <= 0xfff);
                self.put(own, read(value)?.to_be_bytes().to_vec());
                self.put(masked, mask.map_or(Some(0xfff), read)?.to_be_bytes().to_vec());
            }
            Form::Fragment(own, masked) => {
                let (mut bits, mut all) = (0_u32, 0_u32);
                for word in text.split('/') {
                    let (_, bit, mask) = FRAGMENT.iter().find(|(known, ..)| *known == word)?;
                    bits |= bit;
                    all |= mask;
                }
                self.put(own, bits.to_be_bytes().to_vec());
                self.put(masked, all.to_be_bytes().to_vec());
            }
            Form::ArpOp(own, masked) => {
                let op = match value {
                    "request" => 1,
                    "reply" => 2,
                    other => number(other).and_then(|number| u8::try_from(number).ok())?,
                };
                self.put(own, vec![op]);
                self.put(masked, vec![mask.map_or(Some(0xff), |mask| number(mask).and_then(|mask| u8::try_from(mask).ok()))?]);
            }
            Form::Big(own) => self.put(own, u32::try_from(number(text)?).ok()?.to_be_bytes().to_vec()),
            Form::AnyPort(own, masked) => {
                let port = |text: &str| text.parse::<u16>().ok().map(|port| port.to_be_bytes().to_vec());
                self.put(own, port(value)?);
                if let Some(mask) = mask {
                    self.put(masked, port(mask)?);
                }
            }
            Form::Most(own, most) => {
                let found = number(text).and_then(|number| u32::try_from(number).ok()).filter(|number| *number <= most)?;
                self.put(own, found.to_ne_bytes().to_vec());
            }
            Form::Small(own, most) => {
                self.put(own, vec![number(text).and_then(|number| u8::try_from(number).ok()).filter(|number| *number <= most)?]);
            }
            Form::Tracked(own, masked) => {
                let (mut bits, mut all) = (0_u16, 0_u16);
                let mut rest = text;
                while let Some(sign) = rest.chars().next().filter(|sign| matches!(sign, '+' | '-')) {
                    let (_, bit) = TRACKED.iter().find(|(name, _)| rest[1..].starts_with(name))?;
                    all |= bit;
                    bits |= if sign == '+' { *bit } else { 0 };
                    rest = &rest[4..];
                }
                if !rest.is_empty() || all == 0 {
                    return None;
                }
                self.put(own, bits.to_ne_bytes().to_vec());
                self.put(masked, all.to_ne_bytes().to_vec());
            }
            Form::Marked(own, masked, width) => {
                let bytes = |text: &str| {
                    let number = number(text).and_then(|number| u32::try_from(number).ok())?;
                    match width {
                        2 => u16::try_from(number).ok().map(|number| number.to_ne_bytes().to_vec()),
                        _ => Some(number.to_ne_bytes().to_vec()),
                    }
                };
                self.put(own, bytes(value)?);
                match mask {
                    Some(mask) => self.put(masked, bytes(mask)?),
                    None => self.put(masked, vec![0xff; usize::from(width)]),
                }
            }
            Form::Label(own, masked) => {
                let hex = |text: &str| {
                    let bytes: Option<Vec<u8>> =
                        (0..text.len() / 2).map(|at| u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()).collect();
                    let mut bytes = bytes.filter(|bytes| text.len().is_multiple_of(2) && (1..=16).contains(&bytes.len()))?;
                    bytes.resize(16, 0);
                    Some(bytes)
                };
                let all = vec![0xff; 16];
                self.put(own, hex(value)?);
                self.put(masked, mask.map_or(Some(all), hex)?);
            }
        }
        Some(())
    }

    /// Sets a label of connection tracking and its mask, as bytes.
    pub fn labels(&mut self, value: Vec<u8>, mask: Vec<u8>) {
        self.put(97, value);
        self.put(98, mask);
    }

    /// Returns an attribute that has been set.
    pub fn value(&self, kind: u16) -> Option<&[u8]> {
        self.values.iter().find(|(known, _)| *known == kind).map(|(_, value)| value.as_slice())
    }

    fn put(&mut self, kind: u16, value: Vec<u8>) {
        self.values.retain(|(known, _)| *known != kind);
        self.values.push((kind, value));
    }

    pub(super) fn write(&self, writer: &mut Writer, protocol: u16) {
        for (kind, value) in &self.values {
            writer.put(*kind, value);
        }
        if protocol != ETH_P_ALL && protocol != 0 {
            writer.put(ETH_TYPE, &protocol.to_be_bytes());
        }
    }

    /// Returns the fields as `tc` writes them, `eth_type` aside.
    pub fn told(&self, protocol: u16) -> Vec<Told> {
        let mut writer = Writer::default();
        self.write(&mut writer, protocol);
        // ip_proto comes before the fields that depend on it, as it does in the table.
        Flower::read(&writer.bytes()).into_iter().filter(|told| told.key.name != "eth_type").collect()
    }

    /// Reads what the kernel tells: the fields in the order of the table.
    pub fn read(options: &[u8]) -> Vec<Told> {
        let found = attr::read(options);
        let get = |kind: u16| found.iter().find(|(known, _)| *known == kind).map(|(_, value)| *value).filter(|_| kind != 0);
        let proto = get(IP_PROTO).and_then(|value| value.first().copied()).unwrap_or(0);
        KEYS.iter()
            .filter_map(|key| {
                let (text, number) = told(key, &get, proto)?;
                Some(Told { key, text, number })
            })
            .collect()
    }
}

fn told<'a>(key: &Key, get: &impl Fn(u16) -> Option<&'a [u8]>, proto: u8) -> Option<(String, bool)> {
    let byte = |own: u16, masked: u16| -> Option<(String, bool)> {
        let value = *get(own)?.first()?;
        match get(masked).and_then(|mask| mask.first().copied()) {
            Some(mask) if mask != 0xff => Some((format!("{value}/{mask:#x}"), false)),
            _ => Some((value.to_string(), false)),
        }
    };
    match key.form {
        Form::Mac(own, masked) => {
            let text = |bytes: &[u8]| crate::kernel::link::mac_text(bytes);
            let value = text(get(own)?);
            match get(masked) {
                Some(mask) if mask.iter().any(|byte| *byte != 0xff) => Some((format!("{value}/{}", mask_text(mask)), false)),
                _ => Some((value, false)),
            }
        }
        Form::Ip(v4, v4_mask, v6, v6_mask) => {
            let (value, mask) = get(v4).map(|value| (value, get(v4_mask))).or_else(|| get(v6).map(|value| (value, get(v6_mask))))?;
            let ip = attr::ip(value)?;
            let length: u32 = mask.map_or(value.len() as u32 * 8, |mask| mask.iter().map(|byte| byte.count_ones()).sum());
            match length as usize == value.len() * 8 {
                true => Some((ip.to_string(), false)),
                false => Some((format!("{ip}/{length}"), false)),
            }
        }
        Form::Protocol => {
            let number = *get(IP_PROTO)?.first()?;
            let word = [("tcp", TCP), ("udp", UDP), ("sctp", SCTP), ("icmp", ICMP), ("icmpv6", ICMPV6)];
            Some((
                word.iter().find(|(_, known)| *known == number).map_or_else(|| format!("{number:02x}"), |(word, _)| (*word).to_string()),
                false,
            ))
        }
        Form::EtherType(own) => {
            let number = u16::from_be_bytes(get(own)?.try_into().ok()?);
            let text = match number {
                0x0800 if own == ETH_TYPE => "ipv4".to_string(),
                other if own == ETH_TYPE && !matches!(other, 0x86dd | 0x0806) => format!("{other:04x}"),
                other if protocol_text(other).starts_with('[') => format!("{other:04x}"),
                other => protocol_text(other),
            };
            Some((text, false))
        }
        Form::Port(by_protocol, low, high) => {
            let port = |bytes: &[u8]| <[u8; 2]>::try_from(bytes).ok().map(u16::from_be_bytes);
            if let (Some(low), Some(high)) = (get(low).and_then(port), get(high).and_then(port)) {
                return Some((format!("{low}-{high}"), false));
            }
            let (own, masked) = match proto {
                TCP => by_protocol[0],
                UDP => by_protocol[1],
                SCTP => by_protocol[2],
                _ => return None,
            };
            let value = port(get(own)?)?;
            match get(masked).and_then(port) {
                Some(mask) if mask != 0xffff => Some((format!("{value}/{mask}"), false)),
                _ => Some((value.to_string(), true)),
            }
        }
        Form::Byte(own, masked) => {
            let value = *get(own)?.first()?;
            match get(masked).and_then(|mask| mask.first().copied()) {
                Some(mask) if mask != 0xff => Some((format!("{value}/{mask:#x}"), true)),
                _ => Some((value.to_string(), true)),
            }
        }
        Form::Icmp(v4, v6) => byte_of(proto, v4, v6).and_then(|(own, masked)| byte(own, masked)),
        Form::Short(own) => Some((attr::number(get(own)?).to_string(), true)),
        Form::Flags(own, masked) => {
            let short = |bytes: &[u8]| <[u8; 2]>::try_from(bytes).ok().map(u16::from_be_bytes);
            let value = short(get(own)?)?;
            match get(masked).and_then(short) {
                Some(mask) if mask != 0xffff => Some((format!("0x{value:x}/{mask:x}"), false)),
                _ => Some((format!("0x{value:x}"), false)),
            }
        }
        Form::Fragment(own, masked) => {
            let word = |bytes: &[u8]| <[u8; 4]>::try_from(bytes).ok().map(u32::from_be_bytes);
            let (value, mask) = (word(get(own)?)?, word(get(masked)?)?);
            let words: Vec<&str> =
                FRAGMENT.iter().filter(|(_, bit, known)| mask & known != 0 && value & known == *bit).map(|(word, ..)| *word).collect();
            (!words.is_empty()).then(|| (words.join("/"), false))
        }
        Form::ArpOp(own, masked) => {
            let value = *get(own)?.first()?;
            let word = match value {
                1 => "request".to_string(),
                2 => "reply".to_string(),
                other => other.to_string(),
            };
            let _ = masked;
            Some((word, false))
        }
        Form::Big(own) => Some((u32::from_be_bytes(get(own)?.try_into().ok()?).to_string(), true)),
        Form::AnyPort(own, _) => Some((u16::from_be_bytes(get(own)?.try_into().ok()?).to_string(), true)),
        // JSON has those of MPLS as texts, its label aside.
        Form::Most(own, _) | Form::Small(own, _) => Some((attr::number(get(own)?).to_string(), !(67..=69).contains(&own))),
        Form::Tracked(own, masked) => {
            let (bits, all) = (attr::number(get(own)?) as u16, get(masked).map_or(0, |mask| attr::number(mask) as u16));
            let sign = |bit: u16| if bits & bit != 0 { '+' } else { '-' };
            let known = TRACKED.iter().filter(|(_, bit)| all & bit != 0);
            Some((known.map(|(name, bit)| format!("{}{name}", sign(*bit))).collect(), false))
        }
        Form::Marked(own, masked, width) => {
            let value = attr::number(get(own)?);
            let all = if width == 2 { u64::from(u16::MAX) } else { u64::from(u32::MAX) };
            match get(masked).map(attr::number) {
                Some(mask) if mask != all => Some((format!("{value}/{mask:#x}"), true)),
                _ => Some((value.to_string(), true)),
            }
        }
        Form::Label(own, masked) => {
            let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            let value = hex(get(own)?);
            match get(masked).filter(|mask| mask.iter().any(|byte| *byte != 0xff)) {
                Some(mask) => Some((format!("{value}/{}", hex(mask)), false)),
                None => Some((value, false)),
            }
        }
    }
}

fn byte_of(proto: u8, v4: (u16, u16), v6: (u16, u16)) -> Option<(u16, u16)> {
    match proto {
        ICMP => Some(v4),
        ICMPV6 => Some(v6),
        _ => None,
    }
}

/// A mask of leading bits is told by how many they are.
fn mask_text(mask: &[u8]) -> String {
    let ones: u32 = mask.iter().map(|byte| byte.count_ones()).sum();
    let leads = (0..mask.len()).all(|byte| mask[byte] == leading((ones as u8).saturating_sub(byte as u8 * 8).min(8)));
    if leads { ones.to_string() } else { crate::kernel::link::mac_text(mask) }
}

/// A byte whose first bits are set.
fn leading(bits: u8) -> u8 {
    0xff_u8.checked_shl(8 - u32::from(bits)).unwrap_or(0)
}

fn mac(text: &str) -> Option<Vec<u8>> {
    if let Some(length) = text.parse::<u8>().ok().filter(|length| *length <= 48) {
        return Some((0..6).map(|byte| leading(length.saturating_sub(byte * 8).min(8))).collect());
    }
    let bytes: Option<Vec<u8>> = text.split(':').map(|part| u8::from_str_radix(part, 16).ok()).collect();
    bytes.filter(|bytes| bytes.len() == 6)
}

fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_back_as_they_were_written() {
        let mut looks = Flower::default();
        let fields = [
            ("vlan_id", "10"),
            ("dst_mac", "02:00:00:00:00:02/24"),
            ("ip_proto", "tcp"),
            ("dst_ip", "10.0.0.0/24"),
            ("src_ip", "10.0.0.1"),
            ("dst_port", "80"),
            ("src_port", "1000-2000"),
            ("tcp_flags", "0x2/ff"),
            ("ip_flags", "nofrag"),
        ];
        for (name, text) in fields {
            looks.set(name, text).unwrap_or_else(|| panic!("{name} {text}"));
        }
        let mut writer = Writer::default();
        looks.write(&mut writer, 0x0800);
        let told: Vec<(&str, String)> = Flower::read(&writer.bytes()).into_iter().map(|told| (told.key.name, told.text)).collect();
        for (name, text) in fields {
            assert!(told.contains(&(name, text.to_string())), "{name} {text} in {told:?}");
        }
        assert!(told.contains(&("eth_type", "ipv4".to_string())));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut looks = Flower::default();
        assert_eq!(looks.set("dst_port", "80"), None, "of which protocol?");
        assert_eq!(looks.set("dst_ip", "10.0.0.0/33"), None);
        assert_eq!(looks.set("vlan_id", "4096"), None);
        assert_eq!(looks.set("ip_proto", "teepee"), None);
        assert_eq!(looks.set("no_such", "1"), None);
    }
}

//! What a server answers: a question and a map in, a reply out. No sockets.

use super::{plain, type_word};
use simple_dns::rdata::{A, AAAA, CNAME, PTR, RData, TXT};
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, RCODE, ResourceRecord, TYPE};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// How long others may remember an answer if nothing else is said, in seconds.
const TTL: u32 = 60;
/// The longest answer over UDP without EDNS (RFC 1035, section 4.2.1).
const SHORT: usize = 512;
/// How many aliases are followed.
const ALIASES: usize = 8;

/// A code of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// There is an answer, or a name without records of that type.
    NoError,
    /// The question cannot be read.
    FormErr,
    /// The server is in trouble.
    ServFail,
    /// There is no such name.
    NxDomain,
    /// The server does not do that.
    NotImp,
    /// The server does not want to.
    Refused,
}

impl Code {
    const ALL: [(Code, &str, RCODE); 6] = [
        (Code::NoError, "NOERROR", RCODE::NoError),
        (Code::FormErr, "FORMERR", RCODE::FormatError),
        (Code::ServFail, "SERVFAIL", RCODE::ServerFailure),
        (Code::NxDomain, "NXDOMAIN", RCODE::NameError),
        (Code::NotImp, "NOTIMP", RCODE::NotImplemented),
        (Code::Refused, "REFUSED", RCODE::Refused),
    ];

    /// Its word, as `dig` writes it.
    pub fn word(self) -> &'static str {
        Code::ALL.iter().find(|(code, ..)| *code == self).map_or("NOERROR", |(_, word, _)| word)
    }

    /// Returns the code of a word.
    pub fn named(word: &str) -> Option<Code> {
        Code::ALL.iter().find(|(_, known, _)| known.eq_ignore_ascii_case(word)).map(|(code, ..)| *code)
    }

    fn wire(self) -> RCODE {
        Code::ALL.iter().find(|(code, ..)| *code == self).map_or(RCODE::NoError, |(_, _, wire)| *wire)
    }

    pub(super) fn of_wire(wire: RCODE) -> Code {
        Code::ALL.iter().find(|(_, _, known)| *known == wire).map_or(Code::ServFail, |(code, ..)| *code)
    }
}

/// What is known of a name.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Its addresses, of both families.
    pub ips: Vec<IpAddr>,
    /// The name that it is another name of.
    pub cname: Option<String>,
    /// The name that it points to.
    pub ptr: Option<String>,
    /// Its texts.
    pub txt: Vec<String>,
    /// How long others may remember it, in seconds.
    pub ttl: Option<u32>,
    /// How long the answer takes.
    pub delay: Duration,
    /// An answer without records, whatever is asked.
    pub code: Option<Code>,
}

/// A map of names; `*.lab` stands for all names below `lab` that are not there themselves.
#[derive(Debug, Clone, Default)]
pub struct Zone(BTreeMap<String, Record>);

/// An answer, and what the log says of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) bytes: Vec<u8>,
    pub(super) name: String,
    pub(super) asked: String,
    pub(super) code: Code,
    pub(super) delay: Duration,
}

impl Zone {
    /// Enters a name, or changes it.
    pub fn set(&mut self, name: &str, record: Record) {
        self.0.insert(plain(name), record);
    }

    /// Takes a name out; returns whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        self.0.remove(&plain(name)).is_some()
    }

    fn get(&self, name: &str) -> Option<Record> {
        if let Some(known) = self.0.get(name) {
            return Some(known.clone());
        }
        let above =
            std::iter::successors(name.split_once('.').map(|(_, above)| above), |name| name.split_once('.').map(|(_, above)| above));
        above.map(|above| format!("*.{above}")).find_map(|wild| self.0.get(&wild).cloned()).or_else(|| self.reverse(name))
    }

    /// The name of an address, from the other direction of the map.
    fn reverse(&self, name: &str) -> Option<Record> {
        let ip = address(name)?;
        let (owner, record) = self.0.iter().find(|(owner, record)| record.ips.contains(&ip) && !owner.starts_with('*'))?;
        Some(Record { ptr: Some(owner.clone()), ttl: record.ttl, ..Record::default() })
    }

    /// Whether there are names below this one.
    fn is_above(&self, name: &str) -> bool {
        let end = format!(".{name}");
        self.0.keys().any(|known| known.ends_with(&end))
    }

    /// Answers a question; nothing for what is no question.
    pub(super) fn answer(&self, question: &[u8], udp: bool) -> Option<Answer> {
        let query = Packet::parse(question).ok().filter(|packet| !packet.has_flags(PacketFlag::RESPONSE))?;
        let longest =
            if udp { query.opt().map_or(SHORT, |opt| usize::from(opt.udp_packet_size).max(SHORT)) } else { usize::from(u16::MAX) };
        let mut reply = Packet::new_reply(query.id());
        *reply.opcode_mut() = query.opcode();
        if query.has_flags(PacketFlag::RECURSION_DESIRED) {
            reply.set_flags(PacketFlag::RECURSION_DESIRED);
        }
        let question =
            query.questions.first().filter(|_| query.questions.len() == 1 && query.opcode() == simple_dns::OPCODE::StandardQuery);
        let Some(question) = question else {
            let code = if query.opcode() == simple_dns::OPCODE::StandardQuery { Code::FormErr } else { Code::NotImp };
            *reply.rcode_mut() = code.wire();
            let bytes = reply.build_bytes_vec().ok()?;
            return Some(Answer { bytes, name: String::new(), asked: String::new(), code, delay: Duration::ZERO });
        };
        reply.questions.push(question.clone());
        let name = plain(&question.qname.to_string());
        let asked = question.qtype;
        let (records, code, delay) = match question.qclass {
            QCLASS::CLASS(CLASS::IN) | QCLASS::ANY => self.look_up(&name, asked),
            _ => (Vec::new(), Code::Refused, Duration::ZERO),
        };
        reply.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
        *reply.rcode_mut() = code.wire();
        for (owner, ttl, data) in &records {
            reply.answers.push(ResourceRecord::new(Name::new(owner).ok()?, CLASS::IN, *ttl, data.wire()?));
        }
        let mut bytes = reply.build_bytes_vec_compressed().ok()?;
        if bytes.len() > longest {
            reply.answers.clear();
            reply.set_flags(PacketFlag::TRUNCATION);
            bytes = reply.build_bytes_vec_compressed().ok()?;
        }
        Some(Answer { bytes, name, asked: type_word(asked), code, delay })
    }

    fn look_up(&self, name: &str, asked: QTYPE) -> (Vec<(String, u32, Data)>, Code, Duration) {
        let (mut found, mut delay, mut owner) = (Vec::new(), Duration::ZERO, name.to_string());
        for _ in 0..=ALIASES {
            let Some(record) = self.get(&owner) else {
                let code = if self.is_above(&owner) { Code::NoError } else { Code::NxDomain };
                return (found, code, delay);
            };
            delay += record.delay;
            if let Some(code) = record.code {
                return (found, code, delay);
            }
            let ttl = record.ttl.unwrap_or(TTL);
            let wants = |kind: TYPE| asked == QTYPE::ANY || asked == QTYPE::TYPE(kind);
            let mut add = |data: Data| found.push((owner.clone(), ttl, data));
            if let Some(target) = &record.cname {
                add(Data::Cname(plain(target)));
                if wants(TYPE::CNAME) {
                    return (found, Code::NoError, delay);
                }
                owner = plain(target);
                continue;
            }
            for ip in &record.ips {
                match ip {
                    IpAddr::V4(ip) if wants(TYPE::A) => add(Data::V4(*ip)),
                    IpAddr::V6(ip) if wants(TYPE::AAAA) => add(Data::V6(*ip)),
                    _ => {}
                }
            }
            if wants(TYPE::PTR) {
                record.ptr.iter().for_each(|target| add(Data::Ptr(plain(target))));
            }
            if wants(TYPE::TXT) {
                record.txt.iter().for_each(|text| add(Data::Txt(text.clone())));
            }
            return (found, Code::NoError, delay);
        }
        // An alias that leads back to itself.
        (Vec::new(), Code::ServFail, delay)
    }
}

enum Data {
    V4(Ipv4Addr),
    V6(Ipv6Addr),
    Cname(String),
    Ptr(String),
    Txt(String),
}

impl Data {
    fn wire(&self) -> Option<RData<'_>> {
        Some(match self {
            Data::V4(ip) => RData::A(A { address: (*ip).into() }),
            Data::V6(ip) => RData::AAAA(AAAA { address: (*ip).into() }),
            Data::Cname(name) => RData::CNAME(CNAME(Name::new(name).ok()?)),
            Data::Ptr(name) => RData::PTR(PTR(Name::new(name).ok()?)),
            Data::Txt(text) => RData::TXT(TXT::new().with_string(text).ok()?),
        })
    }
}

/// Writes the name under which an address is looked up (RFC 1035, section 3.5; RFC 3596, section 2.5).
pub(super) fn reverse_name(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => {
            let parts: Vec<String> = ip.octets().iter().rev().map(ToString::to_string).collect();
            format!("{}.in-addr.arpa", parts.join("."))
        }
        IpAddr::V6(ip) => {
            let digits = ip.octets().into_iter().rev().flat_map(|byte| [byte & 15, byte >> 4]);
            digits.map(|digit| format!("{digit:x}.")).collect::<String>() + "ip6.arpa"
        }
    }
}

/// Reads an address from such a name.
fn address(name: &str) -> Option<IpAddr> {
    if let Some(digits) = name.strip_suffix(".in-addr.arpa") {
        let mut parts: Vec<&str> = digits.split('.').collect();
        parts.reverse();
        return parts.join(".").parse::<Ipv4Addr>().ok().map(IpAddr::V4);
    }
    let digits: Option<Vec<u8>> =
        name.strip_suffix(".ip6.arpa")?.split('.').map(|digit| u8::from_str_radix(digit, 16).ok().filter(|_| digit.len() == 1)).collect();
    let digits = digits.filter(|digits| digits.len() == 32)?;
    Some(IpAddr::from(std::array::from_fn::<u8, 16, _>(|i| digits[31 - 2 * i] << 4 | digits[30 - 2 * i])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use simple_dns::Question;

    fn zone() -> Zone {
        let mut zone = Zone::default();
        let ips = |list: &[&str]| Record { ips: list.iter().map(|ip| ip.parse().unwrap()).collect(), ..Record::default() };
        zone.set("Web.lab.", ips(&["10.0.0.2", "2001:db8::2"]));
        zone.set("www.lab", Record { cname: Some("web.lab".to_string()), ..Record::default() });
        zone.set("loop.lab", Record { cname: Some("loop.lab".to_string()), ..Record::default() });
        zone.set("*.any.lab", ips(&["10.0.0.9"]));
        zone.set("many.lab", Record { ips: (0..100).map(|i| IpAddr::from([10, 1, 0, i])).collect(), ..Record::default() });
        zone
    }

    fn ask(name: &str, kind: TYPE, udp: bool) -> (Code, Vec<String>, bool) {
        let mut query = Packet::new_query(7);
        query.questions.push(Question::new(Name::new(name).unwrap(), kind.into(), CLASS::IN.into(), false));
        let answer = zone().answer(&query.build_bytes_vec().unwrap(), udp).unwrap();
        let reply = Packet::parse(&answer.bytes).unwrap();
        assert_eq!(reply.id(), 7);
        let data = reply.answers.iter().map(|record| match &record.rdata {
            RData::A(a) => Ipv4Addr::from(a.address).to_string(),
            RData::AAAA(a) => Ipv6Addr::from(a.address).to_string(),
            RData::CNAME(name) => name.0.to_string(),
            RData::PTR(name) => name.0.to_string(),
            other => format!("{other:?}"),
        });
        (answer.code, data.collect(), reply.has_flags(PacketFlag::TRUNCATION))
    }

    #[test]
    fn a_map_answers_as_a_server_does() {
        let text = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(ask("WEB.lab", TYPE::A, true), (Code::NoError, text(&["10.0.0.2"]), false));
        assert_eq!(ask("www.lab", TYPE::AAAA, true), (Code::NoError, text(&["web.lab", "2001:db8::2"]), false));
        assert_eq!(ask("web.lab", TYPE::TXT, true), (Code::NoError, Vec::new(), false), "the name is there, such a record is not");
        assert_eq!(ask("nobody.lab", TYPE::A, true), (Code::NxDomain, Vec::new(), false));
        assert_eq!(ask("lab", TYPE::A, true), (Code::NoError, Vec::new(), false), "there are names below it");
        assert_eq!(ask("loop.lab", TYPE::A, true).0, Code::ServFail);
        assert_eq!(ask("x.any.lab", TYPE::A, true), (Code::NoError, text(&["10.0.0.9"]), false));
        assert_eq!(ask("2.0.0.10.in-addr.arpa", TYPE::PTR, true), (Code::NoError, text(&["web.lab"]), false));
        assert_eq!(ask(&reverse_name("2001:db8::2".parse().unwrap()), TYPE::PTR, true).1, ["web.lab"]);
    }

    #[test]
    fn what_is_too_long_for_a_packet_is_cut_and_asked_for_over_tcp() {
        assert_eq!(ask("many.lab", TYPE::A, true), (Code::NoError, Vec::new(), true));
        assert_eq!(ask("many.lab", TYPE::A, false).1.len(), 100);
    }

    #[test]
    fn what_is_no_question_gets_no_answer() {
        assert_eq!(zone().answer(&[1, 2, 3], true), None);
        assert_eq!(zone().answer(&Packet::new_reply(1).build_bytes_vec().unwrap(), true), None);
        let empty = zone().answer(&Packet::new_query(1).build_bytes_vec().unwrap(), true).unwrap();
        assert_eq!(empty.code, Code::FormErr);
    }
}

//! A query, as `dig` makes it: one question to one server, and the whole answer.

use super::answer::reverse_name;
use super::{Code, TYPES, plain, type_word};
use crate::error::{Error, Kind, Result};
use crate::kernel::{Errno, Failure, udp};
use crate::lab::{Netns, wait};
use crate::near;
use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, Question, TYPE};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// How long a query may take when nothing else is said.
pub const DEADLINE: Duration = Duration::from_secs(5);
/// When a question over UDP is asked again.
const AGAIN: Duration = Duration::from_secs(1);

/// A question.
#[derive(Debug, Clone)]
pub struct Query {
    /// The name; for PTR an address will do.
    pub name: String,
    /// `A`, `AAAA`, `PTR` …
    pub kind: String,
    /// The server; the first of the namespace's resolv.conf if none is said.
    pub server: Option<IpAddr>,
    /// Its port.
    pub port: u16,
    /// Whether to ask over TCP at once.
    pub tcp: bool,
    /// How long it may take.
    pub within: Duration,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its code.
    pub code: Code,
    /// The records: owner, type, seconds to live, and what they say.
    pub records: Vec<(String, String, u32, String)>,
    /// Whether the server knows it by itself.
    pub authoritative: bool,
    /// Whether it came over TCP.
    pub tcp: bool,
    /// Who answered.
    pub from: SocketAddr,
    /// How long it took.
    pub time: Duration,
}

impl Netns {
    /// Asks a server. An answer that is cut over UDP is asked for again over TCP.
    ///
    /// # Errors
    ///
    /// `bad-argument`; `not-found` when no server is known; `refused`, `unreachable`, `timeout`. A code such as NXDOMAIN is an answer.
    pub fn dns_query(&self, query: &Query) -> Result<Found> {
        let begin = Instant::now();
        let subject = || format!("`{}` {}", query.name, query.kind);
        let wrong = |cause: &str| Error::new(Kind::BadArgument, "ask for", subject(), cause).in_netns(self.name());
        let kind = match query.kind.to_ascii_uppercase().as_str() {
            "ANY" => QTYPE::ANY,
            word => {
                let known = TYPES.iter().find(|(known, _)| *known == word);
                let hint = || near::did_you_mean(word, TYPES.iter().map(|(known, _)| *known));
                QTYPE::TYPE(known.ok_or_else(|| wrong("labsh knows no such type of record").maybe_hint(hint()))?.1)
            }
        };
        let name = match query.name.parse::<IpAddr>() {
            Ok(ip) if kind == QTYPE::TYPE(TYPE::PTR) => reverse_name(ip),
            _ => plain(&query.name),
        };
        let asked = Name::new(&name).map_err(|_| wrong("this is no name"))?;
        let server = match query.server {
            Some(server) => server,
            None => self.nameserver()?,
        };
        let to = SocketAddr::new(server, query.port);
        let mut packet = Packet::new_query(id());
        packet.set_flags(PacketFlag::RECURSION_DESIRED);
        packet.questions.push(Question::new(asked, kind, CLASS::IN.into(), false));
        let bytes = packet.build_bytes_vec().map_err(|_| wrong("this is no name"))?;
        let failed = |failure: Failure| self.explain_connect(failure.doing("ask for", format!("{} at {server}", subject())));
        let mut tcp = query.tcp;
        loop {
            let left = query.within.saturating_sub(begin.elapsed());
            let answer = match tcp {
                true => self.lab().run_within(left, self.ask_tcp(to, &bytes))?,
                false => self.lab().run_within(left, self.ask_udp(to, &bytes))?,
            };
            let Some(answer) = answer else {
                let cause = format!("{to} did not answer within {}", wait::span(query.within));
                return Err(Error::new(Kind::Timeout, "ask for", subject(), cause).in_netns(self.name()));
            };
            let answer = answer.map_err(failed)?;
            let reply = Packet::parse(&answer).map_err(|_| failed(Errno::EBADMSG.into()))?;
            if reply.has_flags(PacketFlag::TRUNCATION) && !tcp {
                tcp = true;
                continue;
            }
            let records = reply.answers.iter().map(|record| {
                let (kind, data) = said(&record.rdata);
                (record.name.to_string(), kind, record.ttl, data)
            });
            return Ok(Found {
                code: Code::of_wire(reply.rcode()),
                records: records.collect(),
                authoritative: reply.has_flags(PacketFlag::AUTHORITATIVE_ANSWER),
                tcp,
                from: to,
                time: begin.elapsed(),
            });
        }
    }

    async fn ask_udp(&self, to: SocketAddr, question: &[u8]) -> std::result::Result<Vec<u8>, Failure> {
        let netns = self.kernel().map_err(|_| Failure::from(Errno::ENODEV))?;
        let socket = tokio::net::UdpSocket::from_std(udp::connected(&netns, to)?)?;
        let mut answer = vec![0; usize::from(u16::MAX)];
        loop {
            socket.send(question).await?;
            let Ok(received) = tokio::time::timeout(AGAIN, async {
                loop {
                    let length = socket.recv(&mut answer).await?;
                    // An answer to another question is none.
                    if answer[..length].get(..2) == question.get(..2) {
                        return Ok::<usize, std::io::Error>(length);
                    }
                }
            })
            .await
            else {
                continue;
            };
            answer.truncate(received?);
            return Ok(answer);
        }
    }

    async fn ask_tcp(&self, to: SocketAddr, question: &[u8]) -> std::result::Result<Vec<u8>, Failure> {
        let mut stream = self.connect(to, None).await?;
        let length = u16::try_from(question.len()).unwrap_or(u16::MAX);
        stream.write_all(&[&length.to_be_bytes()[..], question].concat()).await?;
        let length = stream.read_u16().await?;
        let mut answer = vec![0; usize::from(length)];
        stream.read_exact(&mut answer).await?;
        Ok(answer)
    }
}

/// A number that tells an answer from that to another question.
fn id() -> u16 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(Instant::now()) as u16
}

/// The type and the words of a record.
fn said(data: &RData) -> (String, String) {
    let text = match data {
        RData::A(a) => Ipv4Addr::from(a.address).to_string(),
        RData::AAAA(a) => Ipv6Addr::from(a.address).to_string(),
        RData::CNAME(name) => name.0.to_string(),
        RData::PTR(name) => name.0.to_string(),
        RData::NS(name) => name.0.to_string(),
        RData::MX(mx) => format!("{} {}", mx.preference, mx.exchange),
        RData::SRV(srv) => format!("{} {} {} {}", srv.priority, srv.weight, srv.port, srv.target),
        RData::SOA(soa) => format!("{} {} {}", soa.mname, soa.rname, soa.serial),
        RData::TXT(txt) => {
            let parts = txt.iter_raw().map(|(key, value)| {
                let end = value.map(|value| format!("={}", String::from_utf8_lossy(value))).unwrap_or_default();
                format!("{}{end}", String::from_utf8_lossy(key))
            });
            parts.collect::<Vec<_>>().join("")
        }
        other => format!("{other:?}"),
    };
    (type_word(QTYPE::TYPE(data.type_code())), text)
}

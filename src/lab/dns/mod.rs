//! DNS in a namespace: a server that answers from a map, whose log tells who asked for what, and a query that keeps the whole answer.

mod answer;
mod query;
mod server;

pub use answer::{Code, Record, Zone};
pub use query::{DEADLINE, Found, Query};
pub use server::{DnsServer, Request};

use simple_dns::{QTYPE, TYPE};

/// The types of records that can be asked for by name.
const TYPES: [(&str, TYPE); 9] = [
    ("A", TYPE::A),
    ("AAAA", TYPE::AAAA),
    ("CNAME", TYPE::CNAME),
    ("PTR", TYPE::PTR),
    ("TXT", TYPE::TXT),
    ("NS", TYPE::NS),
    ("SOA", TYPE::SOA),
    ("MX", TYPE::MX),
    ("SRV", TYPE::SRV),
];

/// Writes a type as it is asked for.
fn type_word(asked: QTYPE) -> String {
    match asked {
        QTYPE::TYPE(asked) => TYPES
            .iter()
            .find(|(_, known)| *known == asked)
            .map_or_else(|| format!("TYPE{}", u16::from(asked)), |(word, _)| (*word).to_string()),
        QTYPE::ANY => "ANY".to_string(),
        other => format!("{other:?}"),
    }
}

/// A name without its last dot, in lower case: names differ by nothing else (RFC 1035, section 2.3.3).
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

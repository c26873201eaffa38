//! `encap` of a route: what is put around its packets.

use super::super::catalogue::{Key, Options, key};
use super::super::options::Opts;
use super::super::reading;
use crate::error::Result;
use crate::kernel::encap::{Encap, MODES, labels_text, mode_text, read_labels};
use rhai::{Array, Dynamic, Map};
use std::net::{IpAddr, Ipv6Addr};

const SEG6: Options = Options {
    keys: &[
        key("mode", "string", "inline, encap (if not said), l2encap, encap.red, l2encap.red"),
        key("segs", "array", "IPv6 addresses through which the packets go, in this order"),
    ],
};

pub(super) const ENCAP: Options = Options {
    keys: &[
        key("mpls", "int|string", "labels, the outermost first, as in \"100/200\""),
        key("ttl", "int", "of the MPLS labels; the packet's own if not said"),
        Key { name: "seg6", takes: "map", help: "segment routing: mode, segs", nested: Some(&SEG6) },
    ],
};

/// Reads the option.
pub(super) fn read(opts: &Opts) -> Result<Option<Encap>> {
    if opts.any("encap").is_none() {
        return Ok(None);
    }
    let encap = opts.nested("encap", &ENCAP)?;
    let ttl = encap.number("ttl", 0..=255)?;
    match (encap.text("mpls"), encap.any("seg6")) {
        (Some(text), None) => {
            let labels = read_labels(&text, |label| label.parse().ok()).ok_or_else(|| {
                let cause = format!("`{text}` is no stack of labels: 1 to 16 numbers below 1048576, as in \"100/200\"");
                encap.unfit("mpls", cause)
            })?;
            Ok(Some(Encap::Mpls { labels, ttl }))
        }
        (None, Some(_)) if ttl.is_some() => Err(encap.unfit("ttl", "it is of MPLS only")),
        (None, Some(_)) => seg6(&encap.nested("seg6", &SEG6)?).map(Some),
        _ => Err(opts.unfit("encap", "it takes one of `mpls` and `seg6`").hint("encap: #{ mpls: \"100/200\" }")),
    }
}

fn seg6(opts: &Opts) -> Result<Encap> {
    let place = |word: &str| MODES.iter().position(|mode| *mode == word).map(|at| at as u32);
    let mode = opts.word("mode", &MODES, place)?.unwrap_or(1);
    let mut segments = Vec::<Ipv6Addr>::new();
    for segment in opts.array("segs")? {
        match reading::ip(&segment.to_string())? {
            IpAddr::V6(segment) => segments.push(segment),
            IpAddr::V4(segment) => return Err(opts.unfit("segs", format!("a segment is an IPv6 address, not {segment}"))),
        }
    }
    match segments.len() {
        1..=100 => Ok(Encap::Seg6 { mode, segments }),
        0 => Err(opts.unfit("segs", "it is not said where the packets go through").hint("segs: [\"fc00::1\"]")),
        _ => Err(opts.unfit("segs", "there are more than 100")),
    }
}

/// Writes it as the map that the option takes.
pub(super) fn map(encap: &Encap) -> Map {
    match encap {
        Encap::Mpls { labels, ttl } => {
            let labels = ("mpls".into(), labels_text(labels).into());
            [labels].into_iter().chain(ttl.map(|ttl| ("ttl".into(), i64::from(ttl).into()))).collect()
        }
        Encap::Seg6 { mode, segments } => {
            let segments: Array = segments.iter().map(|segment| Dynamic::from(segment.to_string())).collect();
            let inner = Map::from([("mode".into(), mode_text(*mode).into()), ("segs".into(), segments.into())]);
            Map::from([("seg6".into(), inner.into())])
        }
        Encap::Other(word) => Map::from([(word.as_str().into(), Map::new().into())]),
    }
}

//! What a route puts around its packets (`encap` of `ip route`; linux/lwtunnel.h): MPLS labels (linux/mpls_iptunnel.h) and segment
//! routing (linux/seg6_iptunnel.h).

use super::attr::Writer;
use netlink_packet_core::DefaultNla;
use netlink_packet_route::route::{RouteAttribute, RouteLwEnCapType, RouteLwTunnelEncap, RouteMplsIpTunnel, RouteSeg6IpTunnel, Seg6Mode};
use std::net::Ipv6Addr;

/// LWTUNNEL_ENCAP_MPLS.
pub const MPLS: u16 = 1;
/// LWTUNNEL_ENCAP_SEG6.
pub const SEG6: u16 = 5;
/// `RTA_ENCAP`, with the mark of an attribute that holds attributes.
const RTA_ENCAP_NESTED: u16 = 22 | 0x8000;

/// The modes of segment routing, by number (SEG6_IPTUN_MODE_).
pub const MODES: [&str; 5] = ["inline", "encap", "l2encap", "encap.red", "l2encap.red"];
/// What stands in front of the segments: `struct ipv6_sr_hdr` (RFC 8754) behind the number of the mode.
pub const BEFORE_SEGMENTS: usize = 12;
/// How many labels iproute2 takes (MPLS_MAX_LABELS).
const LABELS: usize = 16;

/// What is put around the packets of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encap {
    /// `mpls`: labels, the outermost first.
    Mpls {
        /// Numbers below 2^20.
        labels: Vec<u32>,
        /// `ttl`: of the labels.
        ttl: Option<u8>,
    },
    /// `seg6`: an IPv6 routing header.
    Seg6 {
        /// `mode`: a place in [`MODES`].
        mode: u32,
        /// `segs`: where the packet goes through, in this order.
        segments: Vec<Ipv6Addr>,
    },
    /// Something else, as its word and nothing more.
    Other(String),
}

impl Encap {
    /// Returns the word of `ip route`.
    pub fn word(&self) -> &str {
        match self {
            Encap::Mpls { .. } => "mpls",
            Encap::Seg6 { .. } => "seg6",
            Encap::Other(word) => word,
        }
    }

    /// Returns LWTUNNEL_ENCAP_… and the attributes, or nothing of what is not known.
    pub fn parts(&self) -> Option<(u16, Vec<u8>)> {
        let mut inner = Writer::default();
        match self {
            Encap::Mpls { labels, ttl } => {
                inner.put(1, &label_bytes(labels));
                if let Some(ttl) = ttl {
                    inner.u8(2, *ttl);
                }
                Some((MPLS, inner.bytes()))
            }
            Encap::Seg6 { mode, segments } => {
                inner.put(1, &segment_bytes(*mode, segments));
                Some((SEG6, inner.bytes()))
            }
            Encap::Other(_) => None,
        }
    }

    /// Writes it as `ip route` prints it.
    pub fn printed(&self) -> String {
        match self {
            Encap::Seg6 { mode, segments } => {
                // In line, the packet's own destination is shown as the last one.
                let own = (*mode == 0).then_some(Ipv6Addr::UNSPECIFIED);
                let all: Vec<String> = segments.iter().copied().chain(own).map(|segment| segment.to_string()).collect();
                format!(" encap seg6 mode {} segs {} [ {} ]", mode_text(*mode), all.len(), all.join(" "))
            }
            Encap::Mpls { labels, ttl } => {
                format!(" encap mpls  {}{}", labels_text(labels), ttl.map(|ttl| format!(" ttl {ttl}")).unwrap_or_default())
            }
            Encap::Other(word) => format!(" encap {word}"),
        }
    }

    /// Writes it as `ip route` reads it.
    pub fn sentence(&self) -> String {
        match self {
            Encap::Seg6 { mode, segments } => {
                let segments: Vec<String> = segments.iter().map(Ipv6Addr::to_string).collect();
                format!("encap seg6 mode {} segs {}", mode_text(*mode), segments.join(","))
            }
            Encap::Mpls { labels, ttl } => {
                format!("encap mpls {}{}", labels_text(labels), ttl.map(|ttl| format!(" ttl {ttl}")).unwrap_or_default())
            }
            Encap::Other(word) => format!("encap {word}"),
        }
    }

    pub(super) fn attributes(&self) -> Vec<RouteAttribute> {
        let Some((kind, bytes)) = self.parts() else { return Vec::new() };
        vec![RouteAttribute::EncapType(RouteLwEnCapType::from(kind)), RouteAttribute::Other(DefaultNla::new(RTA_ENCAP_NESTED, bytes))]
    }

    /// Reads what the kernel told.
    pub(super) fn of(attributes: &[RouteAttribute]) -> Option<Encap> {
        let kind = attributes.iter().find_map(|attribute| match attribute {
            RouteAttribute::EncapType(kind) => Some(*kind),
            _ => None,
        })?;
        let inner = attributes.iter().find_map(|attribute| match attribute {
            RouteAttribute::Encap(inner) => Some(inner.as_slice()),
            _ => None,
        });
        let mut found = match kind {
            RouteLwEnCapType::Mpls => Encap::Mpls { labels: Vec::new(), ttl: None },
            RouteLwEnCapType::Seg6 => Encap::Seg6 { mode: 0, segments: Vec::new() },
            kind => return Some(Encap::Other(kind.to_string())),
        };
        for part in inner.unwrap_or_default() {
            match (&mut found, part) {
                (Encap::Mpls { labels, .. }, RouteLwTunnelEncap::Mpls(RouteMplsIpTunnel::Destination(told))) => {
                    *labels = told.iter().map(|label| label.label).collect();
                }
                (Encap::Mpls { ttl, .. }, RouteLwTunnelEncap::Mpls(RouteMplsIpTunnel::Ttl(told))) => *ttl = Some(*told),
                (Encap::Seg6 { mode, segments }, RouteLwTunnelEncap::Seg6(RouteSeg6IpTunnel::Seg6(header))) => {
                    *mode = u32::from(header.mode);
                    *segments = header.segments.clone();
                    if header.mode == Seg6Mode::Inline {
                        segments.retain(|segment| !segment.is_unspecified());
                    }
                }
                _ => {}
            }
        }
        Some(found)
    }
}

/// Returns the word of a mode.
pub fn mode_text(mode: u32) -> &'static str {
    MODES.get(mode as usize).copied().unwrap_or("<unknown>")
}

/// Reads a stack of labels as `100/200`; each is below 2^20.
pub fn read_labels(text: &str, number: impl Fn(&str) -> Option<u64>) -> Option<Vec<u32>> {
    let labels: Option<Vec<u32>> =
        text.split('/').map(|label| number(label).and_then(|label| u32::try_from(label).ok()).filter(|label| *label < 1 << 20)).collect();
    labels.filter(|labels| !labels.is_empty() && labels.len() <= LABELS)
}

/// Writes a stack of labels as `100/200`.
pub fn labels_text(labels: &[u32]) -> String {
    labels.iter().map(u32::to_string).collect::<Vec<_>>().join("/")
}

/// Writes labels as they go over the wire (RFC 3032): the last one says that it is.
pub fn label_bytes(labels: &[u32]) -> Vec<u8> {
    let last = labels.len().saturating_sub(1);
    labels.iter().enumerate().flat_map(|(at, label)| (label << 12 | u32::from(at == last) << 8).to_be_bytes()).collect()
}

/// Reads labels as they go over the wire.
pub fn labels_of(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|four| u32::from_be_bytes(*four) >> 12).collect()
}

/// Writes `struct seg6_iptunnel_encap` and `struct ipv6_sr_hdr` (RFC 8754): the last segment stands first. In line, the last one is the
/// packet's own destination.
pub fn segment_bytes(mode: u32, segments: &[Ipv6Addr]) -> Vec<u8> {
    let own = (mode == 0).then_some(Ipv6Addr::UNSPECIFIED);
    let all: Vec<Ipv6Addr> = own.into_iter().chain(segments.iter().rev().copied()).collect();
    let last = all.len().saturating_sub(1) as u8;
    let mut bytes = Vec::from(mode.to_ne_bytes());
    bytes.extend_from_slice(&[0, (all.len() * 2) as u8, 4, last, last, 0, 0, 0]);
    all.iter().for_each(|segment| bytes.extend_from_slice(&segment.octets()));
    bytes
}

/// Reads the segments of it, in the order of the way.
pub fn segments_of(bytes: &[u8]) -> Vec<Ipv6Addr> {
    let octets = bytes.get(BEFORE_SEGMENTS..).unwrap_or_default().as_chunks::<16>().0;
    octets.iter().rev().map(|octets| Ipv6Addr::from(*octets)).collect()
}

//! What links are set to as routers (RTM_GETNETCONF; `ip netconf`).

use super::attr;
use super::{Failure, Result, Socket};
use nix::errno::Errno;

/// RTM_GETNETCONF.
pub const RTM_GETNETCONF: u16 = 82;
// linux/netconf.h
/// NETCONFA_IFINDEX.
pub const NETCONFA_IFINDEX: u16 = 1;
/// The settings of all links at once (NETCONFA_IFINDEX_ALL).
pub const ALL: i32 = -1;
/// The settings that a new link gets (NETCONFA_IFINDEX_DEFAULT).
pub const DEFAULT: i32 = -2;
/// The settings, by number (NETCONFA_) and with the words of `ip netconf`.
pub const SETTINGS: [(u16, &str); 6] =
    [(2, "forwarding"), (3, RP_FILTER), (4, "mc_forwarding"), (5, "proxy_neigh"), (6, "ignore_routes_with_linkdown"), (7, "input")];
/// The setting that is a word instead of on or off.
pub const RP_FILTER: &str = "rp_filter";

/// Families that have such settings: AF_INET, AF_INET6, AF_MPLS.
const FAMILIES: [(u8, &str); 3] = [(2, "inet"), (10, "inet6"), (28, "mpls")];

/// What one link is set to in one family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Netconf {
    /// `inet`, `inet6` or `mpls`.
    pub family: &'static str,
    /// The link by index, or [`ALL`] or [`DEFAULT`].
    pub index: i32,
    /// The settings that the family has, with their words.
    pub settings: Vec<(&'static str, i32)>,
}

impl Netconf {
    /// Returns a setting, if the family has it.
    pub fn get(&self, word: &str) -> Option<i32> {
        self.settings.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
    }
}

/// Writes a setting as `ip netconf` does.
pub fn value_text(word: &str, value: i32) -> &'static str {
    match (word, value) {
        (RP_FILTER, 0) => "off",
        (RP_FILTER, 1) => "strict",
        (RP_FILTER, 2) => "loose",
        (RP_FILTER, _) => "unknown",
        (_, 0) => "off",
        _ => "on",
    }
}

/// Lists what all links are set to, family after family; a family that the kernel lacks is not there.
pub async fn list(socket: &Socket) -> Result<Vec<Netconf>> {
    let mut found = Vec::new();
    for (family, word) in FAMILIES {
        // `struct netconfmsg` is one byte.
        match socket.dump_raw(RTM_GETNETCONF, vec![family, 0, 0, 0]).await {
            // The kernel answers for all families when it does not know one (net/core/rtnetlink.c, rtnl_dump_all).
            Ok(replies) => {
                found.extend(replies.iter().filter(|reply| reply.first() == Some(&family)).filter_map(|reply| read(reply, word)))
            }
            Err(failure) if missing(&failure) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(found)
}

fn missing(failure: &Failure) -> bool {
    [Errno::EAFNOSUPPORT, Errno::EOPNOTSUPP, Errno::EPFNOSUPPORT].into_iter().any(|errno| failure.is(errno))
}

fn read(reply: &[u8], family: &'static str) -> Option<Netconf> {
    let attributes = reply.get(4..)?;
    let find = |kind| attr::find(attributes, kind).map(|value| attr::number(value) as u32 as i32);
    let settings = SETTINGS.into_iter().filter_map(|(kind, word)| find(kind).map(|value| (word, value))).collect();
    Some(Netconf { family, index: find(NETCONFA_IFINDEX)?, settings })
}

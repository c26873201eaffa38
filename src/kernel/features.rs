//! What a kernel knows: asked by naming a kind in a namespace of our own, and reading how it is refused.

use super::attr::Writer;
use super::{Failure, Result, Socket};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::RouteNetlinkMessage as Message;
use netlink_packet_route::link::{InfoKind, LinkAttribute, LinkInfo};
use netlink_packet_route::tc::{TcAttribute, TcHandle, TcMessage};
use netlink_sys::{SocketAddr, protocols::NETLINK_NETFILTER};
use nix::errno::Errno;
use rtnetlink::{LinkMessageBuilder, LinkUnspec};
use std::path::Path;

/// Tries a kind of link (`ip link add type KIND`). A kernel without it says EOPNOTSUPP; any other refusal comes from the kind itself.
pub async fn link_kind(socket: &Socket, kind: &str) -> Result<()> {
    let mut message = LinkMessageBuilder::<LinkUnspec>::new().name("try0").build();
    message.attributes.push(LinkAttribute::LinkInfo(vec![LinkInfo::Kind(InfoKind::from(kind))]));
    let tried = socket.change(NLM_F_CREATE | NLM_F_EXCL, Message::NewLink(message)).await;
    if tried.is_ok() {
        let made = LinkMessageBuilder::<LinkUnspec>::new().name("try0").build();
        let _ = socket.change(0, Message::DelLink(made)).await;
    }
    only(tried, &[Errno::EOPNOTSUPP])
}

/// Tries a queueing discipline on `lo` (`tc qdisc add dev lo root KIND`). A kernel without it says ENOENT.
pub async fn qdisc_kind(socket: &Socket, kind: &str) -> Result<()> {
    let mut message = TcMessage::default();
    message.header.index = 1;
    message.header.parent = if matches!(kind, "ingress" | "clsact") { TcHandle::INGRESS } else { TcHandle::ROOT };
    message.attributes.push(TcAttribute::Kind(kind.to_string()));
    let tried = socket.change(NLM_F_CREATE | NLM_F_EXCL, Message::NewQueueDiscipline(message.clone())).await;
    if tried.is_ok() {
        let _ = socket.change(0, Message::DelQueueDiscipline(message)).await;
    }
    only(tried, &[Errno::ENOENT, Errno::EOPNOTSUPP])
}

/// Any refusal but these shows that the kernel knows the kind.
fn only(tried: Result<()>, unknown: &[Errno]) -> Result<()> {
    match tried {
        Err(failure) if unknown.contains(&failure.errno()) => Err(failure),
        _ => Ok(()),
    }
}

// linux/netfilter/nfnetlink.h, linux/netfilter/nf_tables.h
const BATCH_BEGIN: u16 = 16;
const BATCH_END: u16 = 17;
const SUBSYS: u16 = 10 << 8;
const NEWTABLE: u16 = SUBSYS;
const NEWCHAIN: u16 = SUBSYS | 3;
const NEWRULE: u16 = SUBSYS | 6;
const NLM_F_REQUEST: u16 = 1;
const NLM_F_ACK: u16 = 4;

/// Tries tables of a family (`nft add table FAMILY …`) where the calling thread stands. The numbers are those of linux/netfilter.h.
pub fn nft_family(family: u8) -> Result<()> {
    only(batch(&[(NEWTABLE, family, table())]), &[Errno::EAFNOSUPPORT, Errno::EOPNOTSUPP, Errno::EPROTONOSUPPORT])
}

/// Tries chains of a type (`nft add chain … { type TYPE hook …; }`).
pub fn nft_chain(kind: &str, hook: u32) -> Result<()> {
    let mut chain = Writer::default();
    chain.text(1, "labsh");
    chain.text(3, kind);
    chain.nest(4, |base| {
        base.put(1, &hook.to_be_bytes());
        base.put(2, &0u32.to_be_bytes());
    });
    chain.text(7, kind);
    only(batch(&[(NEWTABLE, 2, table()), (NEWCHAIN, 2, chain.bytes())]), &[Errno::ENOENT, Errno::EOPNOTSUPP])
}

/// Tries an expression of rules. A kernel without it says ENOENT; one that has it mostly misses its arguments.
pub fn nft_expression(name: &str) -> Result<()> {
    let (mut chain, mut rule) = (Writer::default(), Writer::default());
    chain.text(1, "labsh");
    chain.text(3, "plain");
    rule.text(1, "labsh");
    rule.text(2, "plain");
    rule.nest(4, |expressions| expressions.nest(1, |expression| expression.text(1, name)));
    only(batch(&[(NEWTABLE, 2, table()), (NEWCHAIN, 2, chain.bytes()), (NEWRULE, 2, rule.bytes())]), &[Errno::ENOENT, Errno::EOPNOTSUPP])
}

fn table() -> Vec<u8> {
    let mut table = Writer::default();
    table.text(1, "labsh");
    table.bytes()
}

/// Sends messages as one transaction, and returns the first refusal.
fn batch(messages: &[(u16, u8, Vec<u8>)]) -> Result<()> {
    let mut socket = netlink_sys::Socket::new(NETLINK_NETFILTER)?;
    socket.bind_auto()?;
    let mut bytes = Vec::new();
    let mut put = |kind: u16, flags: u16, family: u8, resource: u16, body: &[u8]| {
        bytes.extend_from_slice(&((20 + body.len()) as u32).to_ne_bytes());
        bytes.extend_from_slice(&kind.to_ne_bytes());
        bytes.extend_from_slice(&(NLM_F_REQUEST | flags).to_ne_bytes());
        bytes.extend_from_slice(&[0; 8]);
        bytes.extend_from_slice(&[family, 0]);
        bytes.extend_from_slice(&resource.to_be_bytes());
        bytes.extend_from_slice(body);
    };
    put(BATCH_BEGIN, 0, 0, 10, &[]);
    for (place, (kind, family, body)) in messages.iter().enumerate() {
        let acknowledge = if place + 1 == messages.len() { NLM_F_ACK } else { 0 };
        put(*kind, NLM_F_CREATE | acknowledge, *family, 0, body);
    }
    put(BATCH_END, 0, 0, 10, &[]);
    socket.send_to(&bytes, &SocketAddr::new(0, 0), 0)?;
    loop {
        let (reply, _) = socket.recv_from_full()?;
        // struct nlmsghdr, then the errno.
        if reply.get(4..6) == Some(&2u16.to_ne_bytes()) {
            let errno = -(super::attr::u32_at(&reply, 16) as i32);
            return if errno == 0 { Ok(()) } else { Err(Errno::from_raw(errno).into()) };
        }
    }
}

/// Returns whether the running kernel has this module as a file, to be loaded.
pub fn has_module(name: &str) -> bool {
    let listed = modules().and_then(|folder| std::fs::read_to_string(folder.join("modules.dep")).ok()).unwrap_or_default();
    let file = format!("/{}.ko", name.replace('-', "_"));
    listed.lines().filter_map(|line| line.split(':').next()).any(|path| path.replace('-', "_").contains(&file))
}

/// The folder of the running kernel's modules, if there is one.
pub fn modules() -> Option<std::path::PathBuf> {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
    let folder = Path::new("/lib/modules").join(release.trim());
    folder.is_dir().then_some(folder)
}

/// Opens nothing and tells whether there is nftables at all: a netlink family of its own.
pub fn nftables() -> Result<()> {
    netlink_sys::Socket::new(NETLINK_NETFILTER).map(|_| ()).map_err(Failure::from)
}

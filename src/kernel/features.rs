//! What a kernel knows: asked by naming a kind in a namespace of our own, and reading how it is refused.

use super::{Failure, Result, Socket};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::RouteNetlinkMessage as Message;
use netlink_packet_route::link::{InfoKind, LinkAttribute, LinkInfo};
use netlink_packet_route::tc::{TcAttribute, TcHandle, TcMessage};
use nix::errno::Errno;
use rtnetlink::{LinkMessageBuilder, LinkUnspec};

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

/// Tries whether there is nftables: a netlink family of its own.
pub fn nftables() -> Result<()> {
    netlink_sys::Socket::new(netlink_sys::protocols::NETLINK_NETFILTER).map(|_| ()).map_err(Failure::from)
}

/// Any refusal but these shows that the kernel knows the kind.
fn only(tried: Result<()>, unknown: &[Errno]) -> Result<()> {
    match tried {
        Err(failure) if unknown.contains(&failure.errno()) => Err(failure),
        _ => Ok(()),
    }
}

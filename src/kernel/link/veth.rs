//! Virtual Ethernet pairs (veth(4)): made whole in one message, each end in its namespace, never moved.

use super::{Mac, Result, Socket, create};
use crate::kernel::Netns;
use crate::name::IfName;
use netlink_packet_route::link::{InfoData, InfoVeth, LinkAttribute, LinkMessage};
use rtnetlink::{LinkMessageBuilder, LinkUnspec, LinkVeth};

/// A pair that is to be made.
#[derive(Debug, Clone)]
pub struct Veth {
    /// The near end, in the namespace of the socket unless it names another.
    pub a: VethEnd,
    /// The far end.
    pub b: VethEnd,
}

/// One end of a pair.
#[derive(Debug, Clone)]
pub struct VethEnd {
    /// Its name.
    pub name: IfName,
    /// Its interface index, if it is chosen.
    pub index: Option<u32>,
    /// The namespace in which it is born, if not that of the socket.
    pub netns: Option<Netns>,
    /// `mtu` in bytes.
    pub mtu: Option<u32>,
    /// `address`.
    pub mac: Option<Mac>,
    /// `master` by index in the end's namespace; only the near end can be born in a bridge.
    pub master: Option<u32>,
    /// Born up; only the near end can be: while the far end opens, the two are not joined yet (ENOTCONN).
    pub up: bool,
}

impl VethEnd {
    /// Makes an end with nothing but a name.
    pub fn named(name: IfName) -> VethEnd {
        VethEnd { name, index: None, netns: None, mtu: None, mac: None, master: None, up: false }
    }

    fn message<T>(&self, mut message: LinkMessageBuilder<T>) -> LinkMessageBuilder<T> {
        if let Some(netns) = &self.netns {
            message = message.setns_by_fd(netns.raw_fd());
        }
        if let Some(index) = self.index {
            message = message.index(index);
        }
        if let Some(mtu) = self.mtu {
            message = message.mtu(mtu);
        }
        if let Some(mac) = self.mac {
            message = message.address(mac.to_vec());
        }
        if let Some(master) = self.master {
            message = message.controller(master);
        }
        // One queue is all a veth uses. Without a number the kernel makes one per processor and shrinks them again,
        // which waits for a grace period of RCU at each end: a third of the time to build a lab.
        message.append_extra_attribute(LinkAttribute::NumTxQueues(1)).append_extra_attribute(LinkAttribute::NumRxQueues(1))
    }
}

/// Makes a pair in one message, and returns the indexes of its ends, where the kernel tells.
pub async fn add(socket: &Socket, pair: &Veth) -> Result<Option<(u32, u32)>> {
    let far: LinkMessage = pair.b.message(LinkMessageBuilder::<LinkUnspec>::new().name(pair.b.name.as_str())).build();
    let near = pair.a.message(LinkVeth::new(pair.a.name.as_str(), pair.b.name.as_str()));
    let near = if pair.a.up { near.up() } else { near };
    let made = create(socket, near.set_info_data(InfoData::Veth(InfoVeth::Peer(far))).build()).await?;
    Ok(made.and_then(|link| Some((link.index, link.peer?))))
}

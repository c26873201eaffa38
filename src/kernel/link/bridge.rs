//! Bridges and their ports (`ip link … type bridge`, `bridge link`).

use super::{Result, Socket, create};
use crate::name::IfName;
use netlink_packet_route::link::{
    BridgePortState, BridgeStpState, InfoBridge, InfoBridgePort, InfoData, InfoKind, LinkAttribute, LinkInfo,
};
use rtnetlink::{LinkMessageBuilder, LinkUnspec};

/// The settings of a bridge; in a change, only those that are given. Times are in hundredths of a second, as the kernel counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bridge {
    /// `stp_state`.
    pub stp: Option<bool>,
    /// `forward_delay`.
    pub forward_delay: Option<u32>,
    /// `hello_time`.
    pub hello_time: Option<u32>,
    /// `max_age`.
    pub max_age: Option<u32>,
    /// `ageing_time`.
    pub ageing_time: Option<u32>,
    /// `priority`.
    pub priority: Option<u16>,
    /// `vlan_filtering`.
    pub vlan_filtering: Option<bool>,
    /// `mcast_snooping`.
    pub mcast_snooping: Option<bool>,
}

impl Bridge {
    pub(super) fn read(settings: &[InfoBridge]) -> Bridge {
        let mut bridge = Bridge::default();
        for setting in settings {
            match setting {
                InfoBridge::StpState(state) => bridge.stp = Some(*state != BridgeStpState::Disabled),
                InfoBridge::ForwardDelay(time) => bridge.forward_delay = Some(*time),
                InfoBridge::HelloTime(time) => bridge.hello_time = Some(*time),
                InfoBridge::MaxAge(time) => bridge.max_age = Some(*time),
                InfoBridge::AgeingTime(time) => bridge.ageing_time = Some(*time),
                InfoBridge::Priority(priority) => bridge.priority = Some(*priority),
                InfoBridge::VlanFiltering(on) => bridge.vlan_filtering = Some(*on),
                InfoBridge::MulticastSnooping(on) => bridge.mcast_snooping = Some(*on),
                _ => {}
            }
        }
        bridge
    }

    fn data(&self) -> Vec<InfoBridge> {
        let stp = |on| if on { BridgeStpState::KernelStp } else { BridgeStpState::Disabled };
        [
            self.stp.map(stp).map(InfoBridge::StpState),
            self.forward_delay.map(InfoBridge::ForwardDelay),
            self.hello_time.map(InfoBridge::HelloTime),
            self.max_age.map(InfoBridge::MaxAge),
            self.ageing_time.map(InfoBridge::AgeingTime),
            self.priority.map(InfoBridge::Priority),
            self.vlan_filtering.map(InfoBridge::VlanFiltering),
            self.mcast_snooping.map(InfoBridge::MulticastSnooping),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    pub(super) fn link_info(&self) -> LinkAttribute {
        LinkAttribute::LinkInfo(vec![LinkInfo::Kind(InfoKind::Bridge), LinkInfo::Data(InfoData::Bridge(self.data()))])
    }
}

/// What a bridge does with a port (IEEE 802.1D; BR_STATE_ in linux/if_bridge.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of `bridge link`")]
pub enum PortState {
    Disabled,
    Listening,
    Learning,
    Forwarding,
    Blocking,
}

impl PortState {
    /// Returns the word of `bridge link`.
    pub fn word(self) -> &'static str {
        match self {
            PortState::Disabled => "disabled",
            PortState::Listening => "listening",
            PortState::Learning => "learning",
            PortState::Forwarding => "forwarding",
            PortState::Blocking => "blocking",
        }
    }
}

/// The state of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port {
    /// What the bridge does with it.
    pub state: PortState,
    /// STP path cost.
    pub cost: u32,
    /// STP priority.
    pub priority: u16,
    /// Whether it talks to no other isolated port.
    pub isolated: bool,
}

impl Port {
    pub(super) fn read(settings: &[InfoBridgePort]) -> Port {
        let mut port = Port { state: PortState::Disabled, cost: 0, priority: 0, isolated: false };
        for setting in settings {
            match setting {
                InfoBridgePort::State(state) => {
                    port.state = match state {
                        BridgePortState::Listening => PortState::Listening,
                        BridgePortState::Learning => PortState::Learning,
                        BridgePortState::Forwarding => PortState::Forwarding,
                        BridgePortState::Blocking => PortState::Blocking,
                        _ => PortState::Disabled,
                    }
                }
                InfoBridgePort::Cost(cost) => port.cost = *cost,
                InfoBridgePort::Priority(priority) => port.priority = *priority,
                InfoBridgePort::Isolated(on) => port.isolated = *on,
                _ => {}
            }
        }
        port
    }
}

/// Makes a bridge, under an index if one is chosen, and returns its index, where the kernel tells.
pub async fn add(socket: &Socket, name: &IfName, index: Option<u32>, settings: &Bridge, up: bool) -> Result<Option<u32>> {
    let message = LinkMessageBuilder::<LinkUnspec>::new().name(name.as_str());
    let mut message = if up { message.up() } else { message }.build();
    message.header.index = index.unwrap_or(0);
    message.attributes.push(settings.link_info());
    Ok(create(socket, message).await?.map(|link| link.index))
}

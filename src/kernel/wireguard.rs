//! WireGuard (linux/wireguard.h): keys, and what a device and its peers are told over generic netlink.

use super::{Netns, Result, generic};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ipnet::IpNet;
use netlink_packet_core::NLM_F_DUMP;
use netlink_packet_wireguard::{
    WireguardAddressFamily, WireguardAllowedIp, WireguardAllowedIpAttr, WireguardAttribute, WireguardCmd, WireguardDeviceFlags,
    WireguardMessage, WireguardPeer, WireguardPeerAttribute, WireguardPeerFlags,
};
use nix::errno::Errno;
use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};
use x25519_dalek::{PublicKey, StaticSecret};

/// How many peers go into one message: an attribute holds at most 64 kB.
const PEERS: usize = 50;

/// A key of 32 bytes, written in base64. Its debug form does not show it.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Key([u8; 32]);

impl Key {
    /// Makes a private key, clamped as Curve25519 has it (RFC 7748, section 5).
    pub fn generate() -> Key {
        let mut bytes = StaticSecret::random().to_bytes();
        bytes[0] &= 0xf8;
        bytes[31] = (bytes[31] & 0x7f) | 0x40;
        Key(bytes)
    }

    /// Makes a preshared key: any 32 bytes.
    pub fn preshared() -> Key {
        Key(StaticSecret::random().to_bytes())
    }

    /// Returns the public key of a private one.
    pub fn public(&self) -> Key {
        Key(PublicKey::from(&StaticSecret::from(self.0)).to_bytes())
    }

    /// Reads a key in base64; nothing if it is none.
    pub fn parse(text: &str) -> Option<Key> {
        BASE64_STANDARD.decode(text.trim()).ok()?.try_into().ok().map(Key)
    }

    fn set(self) -> Option<Key> {
        (self != Key::default()).then_some(self)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(hidden)")
    }
}

/// What a device is.
#[derive(Debug, Clone, Default)]
pub struct Device {
    /// Its private key, if it has one.
    pub private_key: Option<Key>,
    /// Its public key.
    pub public_key: Option<Key>,
    /// The UDP port.
    pub listen_port: u16,
    /// The mark of its outer packets; 0 is none.
    pub fwmark: u32,
    /// Its peers.
    pub peers: Vec<Peer>,
}

/// What a device knows of a peer.
#[derive(Debug, Clone, Default)]
pub struct Peer {
    /// Its public key.
    pub public_key: Key,
    /// The preshared key, if there is one.
    pub preshared_key: Option<Key>,
    /// Where it is, if that is known.
    pub endpoint: Option<SocketAddr>,
    /// The networks behind it.
    pub allowed_ips: Vec<IpNet>,
    /// How often an empty packet keeps the way open; zero is never.
    pub keepalive: Duration,
    /// When the last handshake was.
    pub handshake: Option<SystemTime>,
    /// Bytes received from it.
    pub rx: u64,
    /// Bytes sent to it.
    pub tx: u64,
}

/// What is changed on a device.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// A private key.
    pub private_key: Option<Key>,
    /// A UDP port; 0 lets the kernel choose.
    pub listen_port: Option<u16>,
    /// A mark; 0 takes it away.
    pub fwmark: Option<u32>,
    /// Whether peers that are not named go.
    pub replace_peers: bool,
    /// Changes of peers.
    pub peers: Vec<PeerChange>,
}

/// What is changed on a peer; it is made if it is not there.
#[derive(Debug, Clone, Default)]
pub struct PeerChange {
    /// Its public key.
    pub public_key: Key,
    /// Whether it goes.
    pub remove: bool,
    /// A preshared key.
    pub preshared_key: Option<Key>,
    /// Where it is.
    pub endpoint: Option<SocketAddr>,
    /// How often an empty packet keeps the way open.
    pub keepalive: Option<Duration>,
    /// The networks behind it, in place of those that it has.
    pub allowed_ips: Option<Vec<IpNet>>,
}

/// Returns what a device is.
///
/// # Errors
///
/// EOPNOTSUPP for a link that is none, ENODEV for one that is not there, ENOENT when the kernel has no WireGuard.
pub fn get(netns: &Netns, index: u32) -> Result<Device> {
    let question = WireguardMessage { cmd: WireguardCmd::GetDevice, attributes: vec![WireguardAttribute::IfIndex(index)] };
    let answers = generic::ask(netns, NLM_F_DUMP, vec![question])?;
    let mut device = Device::default();
    for attribute in answers.into_iter().flat_map(|answer| answer.attributes) {
        match attribute {
            WireguardAttribute::PrivateKey(key) => device.private_key = Key(key).set(),
            WireguardAttribute::PublicKey(key) => device.public_key = Key(key).set(),
            WireguardAttribute::ListenPort(port) => device.listen_port = port,
            WireguardAttribute::Fwmark(mark) => device.fwmark = mark,
            WireguardAttribute::Peers(peers) => {
                for peer in peers.iter().map(read_peer) {
                    match device.peers.last_mut() {
                        // A peer whose networks do not fit into one message goes on in the next.
                        Some(last) if last.public_key == peer.public_key => last.allowed_ips.extend(peer.allowed_ips),
                        _ => device.peers.push(peer),
                    }
                }
            }
            _ => {}
        }
    }
    Ok(device)
}

fn read_peer(attributes: &WireguardPeer) -> Peer {
    let mut peer = Peer::default();
    for attribute in &attributes.0 {
        match attribute {
            WireguardPeerAttribute::PublicKey(key) => peer.public_key = Key(*key),
            WireguardPeerAttribute::PresharedKey(key) => peer.preshared_key = Key(*key).set(),
            WireguardPeerAttribute::Endpoint(at) => peer.endpoint = Some(*at),
            WireguardPeerAttribute::PersistentKeepalive(seconds) => peer.keepalive = Duration::from_secs(u64::from(*seconds)),
            WireguardPeerAttribute::RxBytes(bytes) => peer.rx = *bytes,
            WireguardPeerAttribute::TxBytes(bytes) => peer.tx = *bytes,
            WireguardPeerAttribute::LastHandshake(at) if at.seconds > 0 => {
                let since = Duration::new(at.seconds.unsigned_abs(), u32::try_from(at.nano_seconds).unwrap_or(0));
                peer.handshake = SystemTime::UNIX_EPOCH.checked_add(since);
            }
            WireguardPeerAttribute::AllowedIps(nets) => peer.allowed_ips.extend(nets.iter().filter_map(read_net)),
            _ => {}
        }
    }
    peer
}

fn read_net(attributes: &WireguardAllowedIp) -> Option<IpNet> {
    let ip = attributes.0.iter().find_map(|attribute| match attribute {
        WireguardAllowedIpAttr::IpAddr(ip) => Some(*ip),
        _ => None,
    });
    let prefix = attributes.0.iter().find_map(|attribute| match attribute {
        WireguardAllowedIpAttr::Cidr(prefix) => Some(*prefix),
        _ => None,
    });
    IpNet::new(ip?, prefix?).ok()
}

/// Changes a device. What is refused half-way stays half-way: the kernel goes through the peers one by one.
///
/// # Errors
///
/// As [`get`].
pub fn set(netns: &Netns, index: u32, change: &Change) -> Result<()> {
    let mut first = Vec::new();
    first.extend(change.private_key.map(|key| WireguardAttribute::PrivateKey(key.0)));
    first.extend(change.listen_port.map(WireguardAttribute::ListenPort));
    first.extend(change.fwmark.map(WireguardAttribute::Fwmark));
    if change.replace_peers {
        first.push(WireguardAttribute::Flags(WireguardDeviceFlags::ReplacePeers));
    }
    let message = |attributes: Vec<WireguardAttribute>| WireguardMessage {
        cmd: WireguardCmd::SetDevice,
        attributes: [vec![WireguardAttribute::IfIndex(index)], attributes].concat(),
    };
    let mut messages = vec![message(first)];
    for peers in change.peers.chunks(PEERS) {
        messages.push(message(vec![WireguardAttribute::Peers(peers.iter().map(write_peer).collect())]));
    }
    if messages.iter().any(|message| netlink_packet_core::Emitable::buffer_len(message) > usize::from(u16::MAX)) {
        return Err(Errno::EMSGSIZE.into());
    }
    generic::ask(netns, 0, messages).map(|_| ())
}

fn write_peer(peer: &PeerChange) -> WireguardPeer {
    let mut flags = WireguardPeerFlags::empty();
    flags.set(WireguardPeerFlags::RemoveMe, peer.remove);
    flags.set(WireguardPeerFlags::ReplaceAllowedIps, peer.allowed_ips.is_some());
    let mut attributes = vec![WireguardPeerAttribute::PublicKey(peer.public_key.0), WireguardPeerAttribute::Flags(flags)];
    attributes.extend(peer.preshared_key.map(|key| WireguardPeerAttribute::PresharedKey(key.0)));
    attributes.extend(peer.endpoint.map(WireguardPeerAttribute::Endpoint));
    attributes.extend(peer.keepalive.map(|every| WireguardPeerAttribute::PersistentKeepalive(every.as_secs() as u16)));
    if let Some(nets) = &peer.allowed_ips {
        attributes.push(WireguardPeerAttribute::AllowedIps(nets.iter().map(write_net).collect()));
    }
    WireguardPeer(attributes)
}

fn write_net(net: &IpNet) -> WireguardAllowedIp {
    let family = if net.addr().is_ipv4() { WireguardAddressFamily::Ipv4 } else { WireguardAddressFamily::Ipv6 };
    WireguardAllowedIp(vec![
        WireguardAllowedIpAttr::Family(family),
        WireguardAllowedIpAttr::IpAddr(net.network()),
        WireguardAllowedIpAttr::Cidr(net.prefix_len()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_key_is_that_of_rfc_7748() {
        // Section 6.1: the private key of Bob, and his public key.
        let hex = |text: &str| -> [u8; 32] { std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()) };
        let private = Key(hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
        assert_eq!(private.public(), Key(hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")));
    }

    #[test]
    fn keys_are_read_as_they_are_written() {
        let key = Key::generate();
        assert_eq!(Key::parse(&key.to_string()), Some(key));
        assert_eq!(Key::parse("AAAA"), None, "too short");
        assert_eq!(Key::parse("no key"), None);
        assert_eq!(format!("{key:?}"), "Key(hidden)");
        assert_ne!(Key::generate(), key);
    }
}

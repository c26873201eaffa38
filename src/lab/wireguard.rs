//! WireGuard devices: keys, peers, and what passed between them (`wg`).

use super::{Link, Netns, wait};
use crate::error::{Error, Kind, Result};
pub use crate::kernel::wireguard::{Change, Device, Key, Peer, PeerChange};
use crate::kernel::{Errno, Failure, wireguard};
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

/// Reads a key.
///
/// # Errors
///
/// `bad-argument`.
pub fn parse_key(text: &str) -> Result<Key> {
    Key::parse(text).ok_or_else(|| {
        let cause = "a key is 32 bytes in base64: 44 characters, the last of which is `=`";
        Error::new(Kind::BadArgument, "read key", format!("`{text}`"), cause).hint("wireguard::genkey() makes a private one")
    })
}

impl Link {
    /// Returns what a WireGuard device is.
    ///
    /// # Errors
    ///
    /// `bad-argument` for a link of another kind.
    pub fn wireguard(&self) -> Result<Device> {
        let doing = "read WireGuard link";
        wireguard::get(&self.netns().kernel()?, self.index()).map_err(|failure| self.explain_wireguard(doing, &failure))
    }

    /// Changes a WireGuard device (`wg set`).
    ///
    /// # Errors
    ///
    /// As [`Link::wireguard`].
    pub fn set_wireguard(&self, change: &Change) -> Result<()> {
        let doing = "set WireGuard link";
        wireguard::set(&self.netns().kernel()?, self.index(), change).map_err(|failure| self.explain_wireguard(doing, &failure))
    }

    fn explain_wireguard(&self, doing: &str, failure: &Failure) -> Error {
        let error = failure.doing(doing, format!("`{}`", self.name())).in_netns(self.netns().name());
        let state = self.state().ok();
        let is_one = state.as_ref().is_some_and(|state| state.kind.as_deref() == Some("wireguard"));
        match failure.errno() {
            _ if state.is_some() && !is_one => {
                let kind = state.and_then(|state| state.kind).unwrap_or_else(|| "plain".to_string());
                Error::new(Kind::BadArgument, doing, format!("`{}`", self.name()), format!("it is no WireGuard link but a {kind} one"))
                    .in_netns(self.netns().name())
            }
            Errno::ENOENT => error.because("this kernel has no WireGuard"),
            Errno::EMSGSIZE => error.because("so many networks of one peer do not fit into one message"),
            Errno::EADDRINUSE => error.because("somebody in this namespace uses that UDP port"),
            Errno::EPERM => error.because("labsh is not root in the namespace of this link"),
            _ => error,
        }
    }
}

impl Netns {
    /// Reads where a peer is: an address and a port, or the name of a host or a namespace and a port.
    ///
    /// # Errors
    ///
    /// `bad-argument`, `not-found`.
    pub fn endpoint(&self, text: &str) -> Result<SocketAddr> {
        if let Ok(at) = text.parse() {
            return Ok(at);
        }
        let wrong = |cause: &str| {
            Error::new(Kind::BadArgument, "read endpoint", format!("`{text}`"), cause)
                .hint("write it as `192.0.2.1:51820` or `[2001:db8::1]:51820`")
        };
        let (host, port) = text.rsplit_once(':').ok_or_else(|| wrong("it has no port"))?;
        let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(|| wrong("its port is not a number from 1 to 65535"))?;
        if host.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6()) || host.is_empty() {
            return Err(wrong("an IPv6 address stands in brackets"));
        }
        Ok(SocketAddr::new(self.resolve(host, Duration::from_secs(5))?, port))
    }
}

/// Prints a device as `wg show` does.
pub fn show(name: &str, device: &Device) -> String {
    let mut text = format!("interface: {name}");
    let line = |text: &mut String, word: &str, value: String| {
        let _ = write!(text, "\n  {word}: {value}");
    };
    if let Some(key) = device.public_key {
        line(&mut text, "public key", key.to_string());
    }
    if device.private_key.is_some() {
        line(&mut text, "private key", "(hidden)".to_string());
    }
    if device.listen_port != 0 {
        line(&mut text, "listening port", device.listen_port.to_string());
    }
    if device.fwmark != 0 {
        line(&mut text, "fwmark", format!("{:#x}", device.fwmark));
    }
    for peer in &device.peers {
        let _ = write!(text, "\n\npeer: {}", peer.public_key);
        if peer.preshared_key.is_some() {
            line(&mut text, "preshared key", "(hidden)".to_string());
        }
        if let Some(at) = peer.endpoint {
            line(&mut text, "endpoint", at.to_string());
        }
        let nets: Vec<String> = peer.allowed_ips.iter().map(ToString::to_string).collect();
        line(&mut text, "allowed ips", if nets.is_empty() { "(none)".to_string() } else { nets.join(", ") });
        if let Some(at) = peer.handshake {
            line(&mut text, "latest handshake", ago(at));
        }
        if peer.rx > 0 || peer.tx > 0 {
            line(&mut text, "transfer", format!("{} received, {} sent", amount(peer.rx), amount(peer.tx)));
        }
        if !peer.keepalive.is_zero() {
            line(&mut text, "persistent keepalive", format!("every {}", units(peer.keepalive.as_secs())));
        }
    }
    text
}

fn ago(at: SystemTime) -> String {
    match SystemTime::now().duration_since(at).map(|since| since.as_secs()) {
        Ok(0) => "Now".to_string(),
        Ok(seconds) => format!("{} ago", units(seconds)),
        Err(_) => "(System clock wound backward; connection problems may ensue.)".to_string(),
    }
}

/// `1 minute, 3 seconds`.
fn units(seconds: u64) -> String {
    let parts = [("day", seconds / 86400), ("hour", seconds / 3600 % 24), ("minute", seconds / 60 % 60), ("second", seconds % 60)];
    let several = |(word, count): (&str, u64)| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    parts.into_iter().filter(|(_, count)| *count > 0).map(several).collect::<Vec<_>>().join(", ")
}

fn amount(bytes: u64) -> String {
    let (whole, mut unit) = (bytes as f64, 0);
    let mut number = whole;
    while number >= 1024.0 && unit < 4 {
        number /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} B"),
        _ => format!("{number:.2} {}", ["KiB", "MiB", "GiB", "TiB"][unit - 1]),
    }
}

impl Link {
    /// Waits until there was a handshake with every peer, or with one of them.
    ///
    /// # Errors
    ///
    /// `timeout`, with the peers that there was none with.
    pub fn wait_handshake(&self, peer: Option<Key>, within: Duration) -> Result<()> {
        let mut silent = Vec::new();
        // The kernel tells nobody of a handshake (drivers/net/wireguard has no multicast group), so it is asked again.
        let came = wait::until(self.netns().lab(), within, || {
            silent = self.wireguard()?.peers;
            silent.retain(|known| peer.is_none_or(|key| key == known.public_key) && known.handshake.is_none());
            Ok(silent.is_empty())
        })?;
        if came {
            return Ok(());
        }
        let who: Vec<String> = silent.iter().map(|peer| format!("`{}`", peer.public_key)).collect();
        let cause = format!("none with {} within {}", who.join(", "), wait::span(within));
        let error =
            Error::new(Kind::Timeout, "wait for handshake", format!("of link `{}`", self.name()), cause).in_netns(self.netns().name());
        Err(match silent.iter().any(|peer| peer.endpoint.is_none()) {
            true => error.because("where a peer is is known from its `endpoint`, or once it has sent something"),
            false => error.because("a handshake begins with the first packet, or with `keepalive`"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_prints_as_wg_shows_it() {
        let key = parse_key("hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=").unwrap();
        let device = Device {
            private_key: Some(key),
            public_key: Some(key),
            listen_port: 51820,
            fwmark: 7,
            peers: vec![Peer {
                public_key: key,
                endpoint: Some("192.0.2.2:51820".parse().unwrap()),
                allowed_ips: vec!["10.0.0.2/32".parse().unwrap(), "2001:db8::/64".parse().unwrap()],
                keepalive: Duration::from_secs(65),
                rx: 148,
                tx: 2048,
                ..Peer::default()
            }],
        };
        let expected = "interface: wg0\n  public key: hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\n  private key: (hidden)\n  \
                        listening port: 51820\n  fwmark: 0x7\n\npeer: hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\n  \
                        endpoint: 192.0.2.2:51820\n  allowed ips: 10.0.0.2/32, 2001:db8::/64\n  \
                        transfer: 148 B received, 2.00 KiB sent\n  persistent keepalive: every 1 minute, 5 seconds";
        assert_eq!(show("wg0", &device), expected);
    }

    #[test]
    fn a_wrong_key_says_how_keys_look() {
        let message = parse_key("abc").unwrap_err().to_string();
        assert_eq!(message, "cannot read key `abc`: a key is 32 bytes in base64: 44 characters, the last of which is `=`");
    }
}

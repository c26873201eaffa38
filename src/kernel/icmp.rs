//! Echo sockets: ICMP and ICMPv6 echo requests, their replies, and the errors that come back instead (icmp(7), RFC 792, RFC 4443).
//!
//! Raw where that is allowed, else a datagram socket (net.ipv4.ping_group_range). Errors are read from the error queue
//! (IP_RECVERR), which says who sent them.

use super::{Failure, Netns, Result, enter};
use nix::cmsg_space;
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::sockopt;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::IoSliceMut;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU16, Ordering};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

const ECHO_REQUEST: u8 = 8;
const ECHO_REPLY: u8 = 0;
const ECHO_REQUEST_V6: u8 = 128;
const ECHO_REPLY_V6: u8 = 129;
const HEADER: usize = 8;

/// How an echo socket is set up.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Source address.
    pub from: Option<IpAddr>,
    /// Time to live, or hop limit.
    pub ttl: Option<u32>,
    /// Never fragment, and tell when a packet is too big (IP_PMTUDISC_PROBE would hide what the kernel knows; this is `ping -M do`).
    pub dont_fragment: bool,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// An echo reply.
    Reply {
        /// Who sent it.
        from: IpAddr,
        /// The sequence number of the request.
        seq: u16,
        /// Its time to live when it arrived.
        ttl: Option<u8>,
    },
    /// An error about a request.
    Error {
        /// Who sent it: a router, or this machine itself.
        from: Option<IpAddr>,
        /// The sequence number of the request, if the error quotes enough of it.
        seq: Option<u16>,
        /// The errno that the kernel makes of it.
        failure: Failure,
        /// ICMP type and code, if it came as ICMP.
        icmp: Option<(u8, u8)>,
        /// The MTU that a router tells with "fragmentation needed".
        mtu: Option<u32>,
    },
}

/// A socket that sends echo requests to one family.
#[derive(Debug)]
pub struct EchoSocket {
    socket: AsyncFd<Socket>,
    v6: bool,
    raw: bool,
    ident: u16,
}

impl EchoSocket {
    /// Opens a socket in a namespace; must be called inside the runtime that will drive it.
    pub fn open(netns: &Netns, v6: bool, options: &Options) -> Result<EchoSocket> {
        static NEXT: AtomicU16 = AtomicU16::new(1);
        let options = options.clone();
        let (socket, raw) = enter::within(netns, move || make(v6, &options))?;
        // A datagram socket's identifier is its port, given by the kernel; a raw one chooses.
        let ident = std::process::id() as u16 ^ NEXT.fetch_add(1, Ordering::Relaxed).rotate_left(8);
        // SAFETY: the socket owns its descriptor, always returns the same, and is nowhere else registered.
        let registered = unsafe { AsyncFd::register_with_interest(socket, Interest::READABLE | Interest::ERROR) };
        let socket = registered.map_err(std::io::Error::from)?;
        Ok(EchoSocket { socket, v6, raw, ident })
    }

    /// Sends one request with `size` bytes of data.
    pub fn send(&self, to: IpAddr, seq: u16, size: usize) -> Result<()> {
        let mut packet = vec![0u8; HEADER + size];
        packet[0] = if self.v6 { ECHO_REQUEST_V6 } else { ECHO_REQUEST };
        packet[4..6].copy_from_slice(&self.ident.to_be_bytes());
        packet[6..8].copy_from_slice(&seq.to_be_bytes());
        for (i, byte) in packet[HEADER..].iter_mut().enumerate() {
            *byte = i as u8;
        }
        // The kernel fills in the checksum of ICMPv6, whose pseudo-header only it knows, and of datagram sockets.
        if !self.v6 {
            let sum = checksum(&packet);
            packet[2..4].copy_from_slice(&sum.to_be_bytes());
        }
        self.socket.get_ref().send_to(&packet, &SocketAddr::new(to, 0).into())?;
        Ok(())
    }

    /// Waits for the next answer to one of this socket's requests.
    pub async fn receive(&self) -> Result<Answer> {
        loop {
            let mut guard = self.socket.ready(Interest::READABLE | Interest::ERROR).await?;
            match self.read_error().or_else(|| self.read_reply()) {
                Some(Found::Answer(answer)) => return Ok(answer),
                Some(Found::Foreign) => {}
                None => guard.clear_ready(),
            }
        }
    }

    /// Returns the MTU that a request just refused as too long (EMSGSIZE) must fit, if the kernel told.
    pub fn pending_mtu(&self) -> Option<u32> {
        while let Some(found) = self.read_error() {
            if let Found::Answer(Answer::Error { mtu: Some(mtu), .. }) = found {
                return Some(mtu);
            }
        }
        None
    }

    fn read_error(&self) -> Option<Found> {
        let mut quoted = [0u8; 512];
        let mut space = cmsg_space!(libc::sock_extended_err, libc::sockaddr_in6, libc::sockaddr_in6);
        let mut buffers = [IoSliceMut::new(&mut quoted)];
        let fd = self.socket.get_ref().as_raw_fd();
        let message =
            recvmsg::<SockaddrStorage>(fd, &mut buffers, Some(&mut space), MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT).ok()?;
        let length = message.bytes;
        let mut found = None;
        for control in message.cmsgs().ok()? {
            match control {
                ControlMessageOwned::Ipv4RecvErr(error, from) => {
                    found = Some((error, from.map(|a| IpAddr::V4(Ipv4Addr::from(u32::from_be(a.sin_addr.s_addr))))));
                }
                ControlMessageOwned::Ipv6RecvErr(error, from) => {
                    found = Some((error, from.map(|a| IpAddr::V6(Ipv6Addr::from(a.sin6_addr.s6_addr)))));
                }
                _ => {}
            }
        }
        let Some((error, from)) = found else { return Some(Found::Foreign) };
        let seq = match self.parse(&quoted[..length], true) {
            Parsed::Ours(seq) => Some(seq),
            Parsed::Foreign => return Some(Found::Foreign),
            Parsed::TooShort => None,
        };
        let icmp = matches!(error.ee_origin, libc::SO_EE_ORIGIN_ICMP | libc::SO_EE_ORIGIN_ICMP6).then_some((error.ee_type, error.ee_code));
        let failure = Failure::from(Errno::from_raw(error.ee_errno as i32));
        let mtu = (failure.is(Errno::EMSGSIZE) && error.ee_info > 0).then_some(error.ee_info);
        let from = from.filter(|from| !from.is_unspecified());
        Some(Found::Answer(Answer::Error { from, seq, failure, icmp, mtu }))
    }

    fn read_reply(&self) -> Option<Found> {
        let mut bytes = vec![0u8; 65_600];
        let mut space = cmsg_space!(i32, i32);
        let fd = self.socket.get_ref().as_raw_fd();
        let mut buffers = [IoSliceMut::new(&mut bytes)];
        let message = match recvmsg::<SockaddrStorage>(fd, &mut buffers, Some(&mut space), MsgFlags::MSG_DONTWAIT) {
            Ok(message) => message,
            Err(Errno::EAGAIN | Errno::EINTR) => return None,
            // The errno of an error that is also in the queue, or was just read from it.
            Err(_) => return Some(Found::Foreign),
        };
        let length = message.bytes;
        let from = message.address.as_ref().and_then(address);
        let ttl = message.cmsgs().ok().and_then(|mut controls| {
            controls.find_map(|control| match control {
                ControlMessageOwned::Ipv4Ttl(ttl) | ControlMessageOwned::Ipv6HopLimit(ttl) => u8::try_from(ttl).ok(),
                _ => None,
            })
        });
        let mut packet = &bytes[..length];
        if self.raw && !self.v6 {
            // A raw IPv4 socket hands out the IP header too; its length is in words of four bytes.
            let header = usize::from(packet.first()? & 0x0f) * 4;
            packet = packet.get(header..)?;
        }
        match (self.parse(packet, false), from) {
            (Parsed::Ours(seq), Some(from)) => Some(Found::Answer(Answer::Reply { from, seq, ttl })),
            _ => Some(Found::Foreign),
        }
    }

    /// Finds the sequence number in an echo packet of ours: a reply, or the request that an error quotes.
    fn parse(&self, packet: &[u8], request: bool) -> Parsed {
        let kind = match (self.v6, request) {
            (false, true) => ECHO_REQUEST,
            (false, false) => ECHO_REPLY,
            (true, true) => ECHO_REQUEST_V6,
            (true, false) => ECHO_REPLY_V6,
        };
        let Some(header) = packet.get(..HEADER) else { return Parsed::TooShort };
        let ident = u16::from_be_bytes([header[4], header[5]]);
        match header[0] == kind && (!self.raw || ident == self.ident) {
            true => Parsed::Ours(u16::from_be_bytes([header[6], header[7]])),
            false => Parsed::Foreign,
        }
    }
}

enum Parsed {
    Ours(u16),
    Foreign,
    TooShort,
}

enum Found {
    Answer(Answer),
    Foreign,
}

fn make(v6: bool, options: &Options) -> Result<(Socket, bool)> {
    let (domain, protocol) = if v6 { (Domain::IPV6, Protocol::ICMPV6) } else { (Domain::IPV4, Protocol::ICMPV4) };
    let open = |kind: Type| Socket::new(domain, kind.nonblocking().cloexec(), Some(protocol));
    let (socket, raw) = match open(Type::RAW) {
        Ok(socket) => (socket, true),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => (open(Type::DGRAM)?, false),
        Err(error) => return Err(error.into()),
    };
    if v6 {
        setsockopt(&socket, sockopt::Ipv6RecvErr, &true)?;
        setsockopt(&socket, sockopt::Ipv6RecvHopLimit, &true)?;
        if let Some(ttl) = options.ttl {
            socket.set_unicast_hops_v6(ttl)?;
        }
        if options.dont_fragment {
            setsockopt(&socket, sockopt::Ipv6DontFrag, &true)?;
        }
    } else {
        setsockopt(&socket, sockopt::Ipv4RecvErr, &true)?;
        setsockopt(&socket, sockopt::Ipv4RecvTtl, &true)?;
        if let Some(ttl) = options.ttl {
            socket.set_ttl_v4(ttl)?;
        }
        let discovery = if options.dont_fragment { libc::IP_PMTUDISC_DO } else { libc::IP_PMTUDISC_DONT };
        set_int(&socket, libc::IPPROTO_IP, libc::IP_MTU_DISCOVER, discovery)?;
    }
    if let Some(from) = options.from {
        socket.bind(&SocketAddr::new(from, 0).into())?;
    }
    Ok((socket, raw))
}

fn set_int(socket: &Socket, level: i32, name: i32, value: i32) -> Result<()> {
    let size = size_of::<i32>() as libc::socklen_t;
    // SAFETY: the option is an int, and the pointer is to one that lives through the call.
    let done = unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, (&raw const value).cast(), size) };
    Errno::result(done)?;
    Ok(())
}

fn address(storage: &SockaddrStorage) -> Option<IpAddr> {
    storage.as_sockaddr_in().map(|a| IpAddr::V4(a.ip())).or_else(|| storage.as_sockaddr_in6().map(|a| IpAddr::V6(a.ip())))
}

/// The internet checksum (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = bytes.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]))).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_rfc_1071() {
        assert_eq!(checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), 0x220d);
        assert_eq!(checksum(&[0x45]), !0x4500, "an odd byte is padded with zero");
    }
}

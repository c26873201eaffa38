//! UDP sockets that live in a namespace, and the address that a packet was sent to: an answer must come from there (ip(7), ipv6(7)).

use super::{Netns, Result, enter};
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrIn, SockaddrIn6, SockaddrStorage, recvmsg, sendmsg, setsockopt, sockopt,
};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{IoSlice, IoSliceMut};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

/// Makes a non-blocking socket in a namespace, bound to an address, that says where each packet was sent to.
pub fn bound(netns: &Netns, at: SocketAddr) -> Result<UdpSocket> {
    enter::within(netns, move || {
        let socket = datagram(at)?;
        match at {
            SocketAddr::V4(_) => setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?,
            SocketAddr::V6(_) => {
                if at.ip().is_unspecified() {
                    socket.set_only_v6(false)?;
                }
                setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true)?;
            }
        }
        socket.bind(&at.into())?;
        Ok(socket.into())
    })
}

/// Makes a non-blocking socket in a namespace, connected to an address: an answer that the other host has no such port is an error.
pub fn connected(netns: &Netns, to: SocketAddr) -> Result<UdpSocket> {
    enter::within(netns, move || {
        let socket = datagram(to)?;
        socket.connect(&to.into())?;
        Ok(socket.into())
    })
}

fn datagram(address: SocketAddr) -> Result<Socket> {
    Ok(Socket::new(Domain::for_address(address), Type::DGRAM.nonblocking().cloexec(), Some(Protocol::UDP))?)
}

/// A packet that came.
#[derive(Debug, Clone)]
pub struct Packet {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Who sent it.
    pub from: SocketAddr,
    /// Where it was sent to, as the kernel told it.
    to: Option<Info>,
}

#[derive(Debug, Clone, Copy)]
enum Info {
    V4(libc::in_pktinfo),
    V6(libc::in6_pktinfo),
}

/// Takes a packet from a socket that is readable.
pub fn receive(socket: &impl AsRawFd) -> std::io::Result<Packet> {
    let mut bytes = vec![0; 65535];
    let mut space = nix::cmsg_space!(libc::in6_pktinfo);
    let (length, from, to) = {
        let mut slices = [IoSliceMut::new(&mut bytes)];
        let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut slices, Some(&mut space), MsgFlags::MSG_DONTWAIT)?;
        let to = message.cmsgs()?.find_map(|control| match control {
            ControlMessageOwned::Ipv4PacketInfo(info) => Some(Info::V4(info)),
            ControlMessageOwned::Ipv6PacketInfo(info) => Some(Info::V6(info)),
            _ => None,
        });
        (message.bytes, message.address.as_ref().and_then(address), to)
    };
    bytes.truncate(length);
    let from = from.ok_or(Errno::EAFNOSUPPORT)?;
    Ok(Packet { bytes, from, to })
}

fn address(from: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = from.as_sockaddr_in().map(|v4| SocketAddr::new(IpAddr::V4(v4.ip()), v4.port()));
    v4.or_else(|| from.as_sockaddr_in6().map(|v6| SocketAddr::V6(std::net::SocketAddrV6::new(v6.ip(), v6.port(), 0, v6.scope_id()))))
}

/// Answers a packet from the address that it was sent to.
pub fn answer(socket: &impl AsRawFd, packet: &Packet, bytes: &[u8]) -> std::io::Result<()> {
    let slices = [IoSlice::new(bytes)];
    let info4 = match packet.to {
        // ipi_spec_dst is the own address; the index would bind the answer to one link.
        Some(Info::V4(info)) => Some(libc::in_pktinfo { ipi_ifindex: 0, ipi_spec_dst: info.ipi_spec_dst, ipi_addr: info.ipi_addr }),
        _ => None,
    };
    let info6 = match packet.to {
        Some(Info::V6(info)) => Some(info),
        _ => None,
    };
    let controls: Vec<ControlMessage> =
        info4.iter().map(ControlMessage::Ipv4PacketInfo).chain(info6.iter().map(ControlMessage::Ipv6PacketInfo)).collect();
    let flags = MsgFlags::MSG_DONTWAIT;
    match packet.from {
        SocketAddr::V4(to) => sendmsg(socket.as_raw_fd(), &slices, &controls, flags, Some(&SockaddrIn::from(to)))?,
        SocketAddr::V6(to) => sendmsg(socket.as_raw_fd(), &slices, &controls, flags, Some(&SockaddrIn6::from(to)))?,
    };
    Ok(())
}

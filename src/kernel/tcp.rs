//! TCP sockets that live in a namespace: made there, driven from anywhere (tcp(7)).

use super::{Netns, Result, enter};
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{IpAddr, SocketAddr};

/// Makes an unconnected, non-blocking TCP socket in a namespace, bound to a source address if one is given.
pub fn unconnected(netns: &Netns, to: SocketAddr, from: Option<IpAddr>) -> Result<std::net::TcpStream> {
    enter::within(netns, move || {
        let socket = stream(to)?;
        if let Some(from) = from {
            socket.bind(&SocketAddr::new(from, 0).into())?;
        }
        Ok(socket.into())
    })
}

/// Makes a listening, non-blocking TCP socket in a namespace.
pub fn listen(netns: &Netns, at: SocketAddr) -> Result<std::net::TcpListener> {
    enter::within(netns, move || {
        let socket = stream(at)?;
        socket.set_reuse_address(true)?;
        if at.is_ipv6() && at.ip().is_unspecified() {
            // One socket for both families, as most servers do.
            socket.set_only_v6(false)?;
        }
        socket.bind(&at.into())?;
        socket.listen(1024)?;
        Ok(socket.into())
    })
}

fn stream(address: SocketAddr) -> Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM.nonblocking().cloexec(), Some(Protocol::TCP))?;
    Ok(socket)
}

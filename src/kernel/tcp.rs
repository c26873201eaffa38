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

/// Lists the addresses at which somebody listens in a namespace (/proc/net/tcp and tcp6, proc(5)).
pub fn listening(netns: &Netns) -> Result<Vec<SocketAddr>> {
    enter::within(netns, || {
        let v4 = std::fs::read_to_string("/proc/thread-self/net/tcp")?;
        let v6 = std::fs::read_to_string("/proc/thread-self/net/tcp6").unwrap_or_default();
        Ok(v4.lines().chain(v6.lines()).filter_map(listener).collect())
    })
}

/// Reads a line of /proc/net/tcp; state 0A is LISTEN. Addresses are words of four bytes in the machine's order, in hexadecimal.
fn listener(line: &str) -> Option<SocketAddr> {
    let mut fields = line.split_whitespace().skip(1);
    let (address, port) = fields.next()?.split_once(':')?;
    if fields.nth(1)? != "0A" {
        return None;
    }
    let bytes: Vec<u8> = address
        .as_bytes()
        .chunks(8)
        .filter_map(|word| u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok())
        .flat_map(u32::to_ne_bytes)
        .collect();
    let ip = match bytes.len() {
        4 => IpAddr::from(<[u8; 4]>::try_from(bytes).ok()?),
        _ => IpAddr::from(<[u8; 16]>::try_from(bytes).ok()?),
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_read_from_its_line_of_proc() {
        let line = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0 100 0 0 10 0";
        assert_eq!(listener(line), Some("127.0.0.1:8080".parse().unwrap()));
        let established = line.replace(" 0A ", " 01 ");
        assert_eq!(listener(&established), None);
        assert_eq!(listener("  sl  local_address rem_address   st tx_queue"), None);
    }
}

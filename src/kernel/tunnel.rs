//! Tunnels by ioctl, as `ip tunnel` makes them: the kernel loads the module that a base device's name asks for, and answers for tunnels
//! of that kind (linux/if_tunnel.h, linux/ip6_tunnel.h).

use super::Result;
use nix::errno::Errno;
use nix::libc;
use std::os::fd::AsRawFd;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// What a tunnel is.
    Get,
    /// Make one.
    Add,
    /// Delete one.
    Delete,
    /// Change one.
    Change,
    /// Which prefix of IPv6 a sit tunnel translates (6rd, RFC 5969).
    Get6rd,
    /// Set that prefix.
    Add6rd,
    /// Take it away.
    Delete6rd,
}

impl Request {
    /// SIOC… (linux/if_tunnel.h)
    fn number(self) -> libc::c_ulong {
        0x89f0
            + match self {
                Request::Get => 0,
                Request::Add => 1,
                Request::Delete => 2,
                Request::Change => 3,
                Request::Get6rd => 8,
                Request::Add6rd => 9,
                Request::Delete6rd => 10,
            }
    }
}

/// Bytes of `struct ip_tunnel_parm`.
pub const PARAMETERS: usize = 52;
/// Bytes of `struct ip6_tnl_parm2`.
pub const PARAMETERS_6: usize = 76;
/// Bytes of `struct ip_tunnel_6rd`.
pub const PREFIX: usize = 24;

/// Asks a tunnel, or the base device of its kind, in the namespace of the calling thread. `parameters` is one of the structures; the
/// kernel writes into it what it has made or found.
pub fn ask(six: bool, request: Request, device: &str, parameters: &mut [u8]) -> Result<()> {
    let wanted = match request {
        Request::Get6rd | Request::Add6rd | Request::Delete6rd => PREFIX,
        _ if six => PARAMETERS_6,
        _ => PARAMETERS,
    };
    if parameters.len() < wanted {
        return Err(Errno::EINVAL.into());
    }
    let domain = if six { socket2::Domain::IPV6 } else { socket2::Domain::IPV4 };
    let socket = socket2::Socket::new(domain, socket2::Type::DGRAM, None)?;
    // SAFETY: zero is a valid ifreq.
    let mut line: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in line.ifr_name.iter_mut().take(libc::IFNAMSIZ - 1).zip(device.bytes()) {
        *to = from as libc::c_char;
    }
    line.ifr_ifru.ifru_data = parameters.as_mut_ptr().cast();
    // SAFETY: the descriptor is a socket, and the request points to as many bytes as the kernel reads and writes.
    Errno::result(unsafe { libc::ioctl(socket.as_raw_fd(), request.number() as _, &raw mut line) })?;
    Ok(())
}

//! TCP connections from a namespace, with the errno that a program would get.

use super::{Netns, wait};
use crate::error::{Error, Kind, Result};
use crate::kernel::{Failure, tcp};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::net::{TcpSocket, TcpStream};

/// How long a connection may take to come about when nothing else is said.
pub const DEADLINE: Duration = Duration::from_secs(5);

/// A connection that came about, and was closed again.
#[derive(Debug, Clone)]
pub struct Tcp {
    /// Our end.
    pub local: SocketAddr,
    /// Their end.
    pub peer: SocketAddr,
    /// How long the handshake took.
    pub time: Duration,
}

impl Netns {
    /// Connects to a TCP port and closes the connection again.
    ///
    /// # Errors
    ///
    /// `refused`, `unreachable`, `timeout`; the errno is that of connect(2).
    pub fn tcp_connect(&self, to: SocketAddr, from: Option<IpAddr>, within: Duration) -> Result<Tcp> {
        let begin = Instant::now();
        let subject = format!("`{to}`");
        let stream = self.lab().run_within(within, self.connect(to, from))?;
        let Some(stream) = stream else {
            let cause = format!("no answer within {}", wait::span(within));
            let error = Error::new(Kind::Timeout, "connect to", subject, cause).in_netns(self.name());
            return Err(error.because("a packet got lost on the way there or back, or a firewall drops it"));
        };
        let failed = |failure: Failure| self.explain_connect(failure.doing("connect to", subject.clone()));
        let stream = stream.map_err(failed)?;
        let (local, peer) = (stream.local_addr(), stream.peer_addr());
        Ok(Tcp { local: local.map_err(|e| failed(e.into()))?, peer: peer.map_err(|e| failed(e.into()))?, time: begin.elapsed() })
    }

    /// Adds what an errno of connect(2) means in a lab.
    pub(crate) fn explain_connect(&self, error: Error) -> Error {
        let error = self.explain_no_route(error.in_netns(self.name()));
        match error.errno() {
            Some("ECONNREFUSED") => error.because("the machine answered that nobody listens on this port"),
            Some("EHOSTUNREACH") => error.because("nobody on the way answered for this address, or a router said so"),
            _ => error,
        }
    }

    /// The socket is made in the namespace; the connection is driven by the caller's runtime.
    pub(crate) async fn connect(&self, to: SocketAddr, from: Option<IpAddr>) -> std::result::Result<TcpStream, Failure> {
        let netns = self.kernel().map_err(|_| Failure::from(crate::kernel::Errno::ENOENT))?;
        let socket = tcp::unconnected(&netns, to, from)?;
        Ok(TcpSocket::from_std_stream(socket).connect(to).await?)
    }
}

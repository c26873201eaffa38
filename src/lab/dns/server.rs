//! The server: one socket for UDP and one for TCP, which answer on the background thread.

use super::answer::{Answer, Zone};
use super::{Code, Record};
use crate::error::{Error, Result};
use crate::kernel::{Errno, Failure, tcp, udp};
use crate::lab::Netns;
use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::{JoinHandle, JoinSet};

/// A question as the server saw it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asked.
    pub from: IpAddr,
    /// The name, in lower case.
    pub name: String,
    /// `A`, `AAAA` …
    pub kind: String,
    /// The code of the answer.
    pub code: Code,
    /// Whether it came over TCP.
    pub tcp: bool,
}

/// What the tasks and the handle share.
#[derive(Debug, Default)]
struct Shared {
    zone: Mutex<Zone>,
    log: Mutex<Vec<Request>>,
}

/// A server in the background. Cheap to clone; it ends with the lab.
#[derive(Debug, Clone)]
pub struct DnsServer(Rc<Server>);

#[derive(Debug)]
struct Server {
    netns: Netns,
    port: u16,
    shared: Arc<Shared>,
    tasks: RefCell<Vec<JoinHandle<()>>>,
}

impl Netns {
    /// Starts a server that answers from a map. It listens, over UDP and TCP, when this returns.
    ///
    /// # Errors
    ///
    /// `exists` when somebody listens on that port.
    pub fn dns_server(&self, at: Option<IpAddr>, port: u16, zone: Zone) -> Result<DnsServer> {
        let failed = |failure: Failure| self.explain_listen(failure, port);
        let netns = self.kernel()?;
        let both = |ip| {
            let at = SocketAddr::new(ip, port);
            udp::bound(&netns, at).and_then(|udp| Ok((udp, tcp::listen(&netns, at)?)))
        };
        let sockets = match at {
            Some(ip) => both(ip),
            // Both families in one socket, or IPv4 alone where IPv6 is off.
            None => both(IpAddr::V6(Ipv6Addr::UNSPECIFIED)).or_else(|failure| match failure.errno() {
                Errno::EAFNOSUPPORT | Errno::EADDRNOTAVAIL => both(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
                _ => Err(failure),
            }),
        };
        let (packets, connections) = sockets.map_err(failed)?;
        let shared = Arc::new(Shared { zone: Mutex::new(zone), ..Shared::default() });
        let background = self.lab().background();
        let (packets, connections) = background
            .enter(|| Ok((UdpSocket::from_std(packets)?, TcpListener::from_std(connections)?)))
            .map_err(|e: std::io::Error| failed(e.into()))?;
        let tasks = vec![
            background.spawn(serve_packets(packets, shared.clone())),
            background.spawn(serve_connections(connections, shared.clone())),
        ];
        tasks.iter().for_each(|task| self.lab().remember_server(self, task.abort_handle()));
        Ok(DnsServer(Rc::new(Server { netns: self.clone(), port, shared, tasks: RefCell::new(tasks) })))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl DnsServer {
    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.0.port
    }

    /// Returns the namespace that it listens in.
    pub fn netns(&self) -> &Netns {
        &self.0.netns
    }

    /// Returns the log: who asked for what, the oldest first.
    pub fn requests(&self) -> Vec<Request> {
        locked(&self.0.shared.log).clone()
    }

    /// Enters a name, or changes it; the next answer says so.
    pub fn set(&self, name: &str, record: Record) {
        locked(&self.0.shared.zone).set(name, record);
    }

    /// Takes a name out.
    ///
    /// # Errors
    ///
    /// `not-found`.
    pub fn remove(&self, name: &str) -> Result<()> {
        match locked(&self.0.shared.zone).remove(name) {
            true => Ok(()),
            false => {
                let kind = crate::error::Kind::NotFound;
                Err(Error::new(kind, "delete name", format!("`{name}`"), "the server does not have it").in_netns(self.0.netns.name()))
            }
        }
    }

    /// Stops listening, and waits until the port is free.
    pub fn stop(&self) -> Result<()> {
        let tasks = self.0.tasks.take();
        if tasks.is_empty() {
            return Ok(());
        }
        tasks.iter().for_each(JoinHandle::abort);
        self.0.netns.lab().run_within(Duration::from_secs(5), async {
            for task in tasks {
                let _ = task.await;
            }
        })?;
        Ok(())
    }
}

fn answer(shared: &Shared, question: &[u8], from: SocketAddr, tcp: bool) -> Option<Answer> {
    let answer = locked(&shared.zone).answer(question, !tcp)?;
    locked(&shared.log).push(Request {
        from: from.ip().to_canonical(),
        name: answer.name.clone(),
        kind: answer.asked.clone(),
        code: answer.code,
        tcp,
    });
    Some(answer)
}

async fn serve_packets(socket: UdpSocket, shared: Arc<Shared>) {
    let socket = Arc::new(socket);
    let mut late = JoinSet::new();
    loop {
        // An error that an earlier answer met, as a port that is closed by now, is told here, and is no reason to end.
        let Ok(packet) = socket.async_io(Interest::READABLE, || udp::receive(socket.as_ref())).await else { continue };
        let Some(answer) = answer(&shared, &packet.bytes, packet.from, false) else { continue };
        if answer.delay.is_zero() {
            let _ = udp::answer(socket.as_ref(), &packet, &answer.bytes);
        } else {
            let socket = socket.clone();
            late.spawn(async move {
                tokio::time::sleep(answer.delay).await;
                let _ = udp::answer(socket.as_ref(), &packet, &answer.bytes);
            });
        }
        while late.try_join_next().is_some() {}
    }
}

async fn serve_connections(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, from)) = listener.accept().await else { continue };
        let shared = shared.clone();
        connections.spawn(async move {
            let _ = talk(stream, from, &shared).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Over TCP each message has its length before it (RFC 1035, section 4.2.2).
async fn talk(mut stream: TcpStream, from: SocketAddr, shared: &Shared) -> std::io::Result<()> {
    loop {
        let length = stream.read_u16().await?;
        let mut question = vec![0; usize::from(length)];
        stream.read_exact(&mut question).await?;
        let Some(answer) = answer(shared, &question, from, true) else { return Ok(()) };
        tokio::time::sleep(answer.delay).await;
        let length = u16::try_from(answer.bytes.len()).unwrap_or(u16::MAX);
        stream.write_all(&[&length.to_be_bytes()[..], &answer.bytes].concat()).await?;
    }
}

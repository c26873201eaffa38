//! Ping: echo requests from a namespace, with who answered and what came back instead.

use super::{Netns, wait};
use crate::error::{Error, Kind, Result};
use crate::kernel::icmp::{self, Answer, EchoSocket};
use crate::kernel::{Errno, Failure};
use std::net::IpAddr;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How a target is pinged.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many requests.
    pub count: u16,
    /// Between two requests.
    pub interval: Duration,
    /// Bytes of data in each.
    pub size: usize,
    /// How long the last reply may take.
    pub timeout: Duration,
    /// Time to live of the requests.
    pub ttl: Option<u32>,
    /// Never fragment.
    pub df: bool,
    /// Source address.
    pub from: Option<IpAddr>,
}

impl Default for Options {
    fn default() -> Options {
        // ARP asks again after one second: a first question that got lost costs a second, not the reply.
        let (interval, timeout) = (Duration::from_millis(100), Duration::from_secs(2));
        Options { count: 1, interval, size: 56, timeout, ttl: None, df: false, from: None }
    }
}

/// What pinging showed.
#[derive(Debug, Clone)]
pub struct Ping {
    /// The address that was pinged.
    pub target: IpAddr,
    /// Requests sent.
    pub sent: u16,
    /// Replies that came.
    pub received: u16,
    /// Round-trip times in ms, in the order of arrival.
    pub times: Vec<f64>,
    /// Time to live of the last reply when it arrived: 64 or 255 minus the routers on the way, usually.
    pub ttl: Option<u8>,
    /// Who sent the last reply.
    pub from: Option<IpAddr>,
    /// The last error that came back instead of a reply.
    pub error: Option<Trouble>,
    /// How long was waited for the last reply.
    pub timeout: Duration,
}

/// An error that came back instead of a reply.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// The errno of it.
    pub failure: Failure,
    /// Who sent it, if it came over the network.
    pub from: Option<IpAddr>,
    /// What it says in the words of ping(8).
    pub text: String,
}

impl Ping {
    /// Returns the share of requests without a reply, in percent.
    pub fn loss(&self) -> f64 {
        match self.sent {
            0 => 100.0,
            sent => 100.0 * f64::from(sent - self.received.min(sent)) / f64::from(sent),
        }
    }

    /// Returns the error of a ping to which nobody replied.
    pub fn check(&self, netns: &Netns) -> Result<()> {
        if self.received > 0 {
            return Ok(());
        }
        let subject = format!("`{}`", self.target);
        let Some(trouble) = &self.error else {
            let cause = format!("no reply within {}", wait::span(self.timeout));
            return Err(Error::new(Kind::Timeout, "ping", subject, cause).in_netns(netns.name()));
        };
        let error = trouble.failure.doing("ping", subject).in_netns(netns.name());
        let error = netns.explain_no_route(error);
        Err(match trouble.from {
            Some(from) => error.because(format!("{from} says: {}", trouble.text)),
            None if trouble.text.is_empty() => error,
            None => error.because(&trouble.text),
        })
    }
}

impl Netns {
    /// Pings an address; no reply is no failure here.
    ///
    /// # Errors
    ///
    /// `not-permitted` where neither raw nor datagram sockets are allowed, `interrupted`.
    pub fn try_ping(&self, target: IpAddr, options: &Options) -> Result<Ping> {
        let netns = self.kernel()?;
        let how = icmp::Options { from: options.from, ttl: options.ttl, dont_fragment: options.df };
        let failed = |failure: Failure| failure.doing("ping", format!("`{target}`")).in_netns(self.name());
        let mut ping =
            Ping { target, sent: 0, received: 0, times: Vec::new(), ttl: None, from: None, error: None, timeout: options.timeout };
        // Each request has its own deadline; this one is only for the worst case.
        let all = options.timeout + options.interval * u32::from(options.count) + Duration::from_secs(1);
        self.lab()
            .run_within(all, async {
                let socket = EchoSocket::open(&netns, target.is_ipv6(), &how)?;
                ping.run(&socket, options).await;
                Ok(())
            })?
            .unwrap_or(Ok(()))
            .map_err(failed)?;
        Ok(ping)
    }

    /// Pings an address.
    ///
    /// # Errors
    ///
    /// `unreachable` or `timeout` when no reply came; who said so, if somebody did.
    pub fn ping(&self, target: IpAddr, options: &Options) -> Result<Ping> {
        let ping = self.try_ping(target, options)?;
        ping.check(self)?;
        Ok(ping)
    }
}

impl Ping {
    async fn run(&mut self, socket: &EchoSocket, options: &Options) {
        let mut sent_at = vec![None; usize::from(options.count)];
        for seq in 0..options.count {
            let begin = Instant::now();
            self.sent += 1;
            match socket.send(self.target, seq, options.size) {
                Ok(()) => sent_at[usize::from(seq)] = Some(begin),
                Err(failure) => {
                    let too_long = socket.pending_mtu().map(|mtu| format!("message too long, mtu = {mtu}"));
                    self.fail(failure, None, too_long);
                }
            }
            let last = seq + 1 == options.count;
            let pause = if last { options.timeout } else { options.interval };
            // Replies are read meanwhile; after the last request only as long as one is missing.
            loop {
                let left = pause.saturating_sub(begin.elapsed());
                if left.is_zero() {
                    break;
                }
                if last && sent_at.iter().all(Option::is_none) {
                    return;
                }
                match timeout(left, socket.receive()).await {
                    Ok(Ok(answer)) => self.take(answer, &mut sent_at),
                    Ok(Err(failure)) => return self.fail(failure, None, None),
                    Err(_) => break,
                }
            }
        }
    }

    fn take(&mut self, answer: Answer, sent_at: &mut [Option<Instant>]) {
        match answer {
            Answer::Reply { from, seq, ttl } => {
                // A second reply to one request is a duplicate.
                let Some(begin) = sent_at.get_mut(usize::from(seq)).and_then(Option::take) else { return };
                self.received += 1;
                self.times.push(begin.elapsed().as_secs_f64() * 1e3);
                (self.ttl, self.from) = (ttl, Some(from));
            }
            Answer::Error { from, seq, failure, icmp, mtu } => {
                match seq {
                    Some(seq) => sent_at.get_mut(usize::from(seq)).and_then(Option::take),
                    None => sent_at.iter_mut().rev().find_map(Option::take),
                };
                let text = icmp.map(|(kind, code)| icmp_text(self.target.is_ipv6(), kind, code, mtu));
                let text = text.or_else(|| mtu.map(|mtu| format!("message too long, mtu = {mtu}")));
                self.fail(failure, from, text);
            }
        }
    }

    fn fail(&mut self, failure: Failure, from: Option<IpAddr>, text: Option<String>) {
        let text = text.unwrap_or_else(|| match failure.errno() {
            Errno::EPERM => "a firewall of this namespace forbids it".to_string(),
            _ => String::new(),
        });
        self.error = Some(Trouble { failure, from, text });
    }
}

/// The words of ping(8) for ICMP errors (RFC 792, RFC 1812, RFC 4443).
fn icmp_text(v6: bool, kind: u8, code: u8, mtu: Option<u32>) -> String {
    let text = match (v6, kind, code) {
        (false, 3, 0) => "Destination Net Unreachable",
        (false, 3, 1) => "Destination Host Unreachable",
        (false, 3, 2) => "Destination Protocol Unreachable",
        (false, 3, 3) => "Destination Port Unreachable",
        (false, 3, 4) => return format!("Frag needed and DF set (mtu = {})", mtu.unwrap_or(0)),
        (false, 3, 9 | 10 | 13) => "Packet filtered",
        (false, 11, 0) | (true, 3, 0) => "Time to live exceeded",
        (true, 1, 0) => "Destination unreachable: No route",
        (true, 1, 1) => "Destination unreachable: Administratively prohibited",
        (true, 1, 3) => "Destination unreachable: Address unreachable",
        (true, 1, 4) => "Destination unreachable: Port unreachable",
        (true, 2, _) => return format!("Packet too big (mtu = {})", mtu.unwrap_or(0)),
        _ => return format!("ICMP type {kind} code {code}"),
    };
    text.to_string()
}

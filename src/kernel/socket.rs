//! A routing netlink socket that lives in one namespace: request, acknowledgement, dump, deadline (rtnetlink(7)).
//!
//! A netlink socket belongs for ever to the namespace it was made in, so there is one per namespace, all driven by one
//! current-thread runtime. Strict checking and extended acknowledgements are on: the kernel refuses what it does not understand,
//! and says why. What rtnetlink's own handle loses is kept here: the errno of a dump that fails, and the kernel's sentence.

use super::{Failure, Netns, Result, enter};
use futures_util::StreamExt;
use netlink_packet_core::{
    DecodeError, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_ECHO, NLM_F_EXCL, NLM_F_REQUEST, NetlinkDeserializable, NetlinkHeader,
    NetlinkMessage, NetlinkPayload, NetlinkSerializable, NlasIterator,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_proto::{ConnectionHandle, sys::SocketAddr, sys::protocols::NETLINK_ROUTE};
use netlink_sys::AsyncSocket;
use nix::errno::Errno;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// How long the kernel may take to answer. It answers within the call; only a machine in trouble comes near this.
const DEADLINE: Duration = Duration::from_secs(20);

/// The kernel says so when the list changed while it was being told: ask again (linux/netlink.h).
const NLM_F_DUMP_INTR: u16 = 0x10;

/// How often a list is asked again before labsh gives up: only endless change beside us reaches it.
const DUMP_TRIES: usize = 50;

/// A routing message, or the bytes of one that the typed crates do not know.
///
/// Reading never fails: a reply that could not be parsed would be dropped, and its request would wait for ever.
#[derive(Debug, Clone)]
pub enum Wire {
    /// A message of a known type.
    Route(Box<RouteNetlinkMessage>),
    /// Type and payload of any other.
    Raw(u16, Vec<u8>),
}

impl From<RouteNetlinkMessage> for Wire {
    fn from(message: RouteNetlinkMessage) -> Wire {
        Wire::Route(Box::new(message))
    }
}

impl From<Wire> for NetlinkPayload<Wire> {
    fn from(wire: Wire) -> NetlinkPayload<Wire> {
        NetlinkPayload::InnerMessage(wire)
    }
}

impl NetlinkSerializable for Wire {
    fn message_type(&self) -> u16 {
        match self {
            Wire::Route(message) => message.message_type(),
            Wire::Raw(kind, _) => *kind,
        }
    }
    fn buffer_len(&self) -> usize {
        match self {
            Wire::Route(message) => NetlinkSerializable::buffer_len(message.as_ref()),
            Wire::Raw(_, bytes) => bytes.len(),
        }
    }
    fn serialize(&self, buffer: &mut [u8]) {
        match self {
            Wire::Route(message) => message.serialize(buffer),
            Wire::Raw(_, bytes) => buffer.copy_from_slice(bytes),
        }
    }
}

impl NetlinkDeserializable for Wire {
    type Error = DecodeError;
    fn deserialize(header: &NetlinkHeader, payload: &[u8]) -> std::result::Result<Wire, DecodeError> {
        if by_hand(header.message_type, payload) {
            return Ok(Wire::Raw(header.message_type, payload.to_vec()));
        }
        Ok(match RouteNetlinkMessage::deserialize(header, payload) {
            Ok(message) => Wire::Route(Box::new(message)),
            Err(_) => Wire::Raw(header.message_type, payload.to_vec()),
        })
    }
}

/// Whether a reply is read by hand in this folder: rules (32-34), queueing (36-46), netconf (80), multicast groups (84), next hops (104), and links as bridges see them.
fn by_hand(kind: u16, payload: &[u8]) -> bool {
    const AF_BRIDGE: u8 = 7;
    const RTM_NEWLINK: u16 = 16;
    matches!(kind, 32..=46 | 80..=82 | 84..=86 | 104..=106) || (kind == RTM_NEWLINK && payload.first() == Some(&AF_BRIDGE))
}

/// One namespace's netlink socket. Dropping it closes the socket, which otherwise would keep the namespace alive.
#[derive(Debug)]
pub struct Socket {
    handle: ConnectionHandle<Wire>,
    driver: JoinHandle<()>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Socket {
    /// Opens a socket in a namespace, driven by that runtime.
    pub fn open(netns: &Netns, runtime: &Handle) -> Result<Socket> {
        let runtime = runtime.clone();
        enter::within(netns, move || Socket::open_here(&runtime))
    }

    /// Opens a socket where the calling thread stands.
    pub(super) fn open_here(runtime: &Handle) -> Result<Socket> {
        let _in = runtime.enter();
        let (mut connection, handle, _) = netlink_proto::new_connection::<Wire>(NETLINK_ROUTE)?;
        let socket = connection.socket_mut().socket_mut();
        socket.set_ext_ack(true)?;
        socket.set_cap_ack(true)?;
        // Kernels before 4.20 have no strict checking; they answer all the same.
        let _ = socket.set_netlink_get_strict_chk(true);
        connection.set_forward_done(true);
        Ok(Socket { handle, driver: runtime.spawn(connection) })
    }

    /// Sends a message that changes something, and waits until the kernel has done it.
    pub async fn change(&self, flags: u16, message: RouteNetlinkMessage) -> Result<()> {
        self.request(NLM_F_ACK | flags, message.into()).await.map(|_| ())
    }

    /// Sends a message that makes something, and returns what the kernel made of it, where it tells (NLM_F_ECHO; links since 6.2).
    pub async fn create(&self, message: RouteNetlinkMessage) -> Result<Vec<RouteNetlinkMessage>> {
        Ok(typed(self.request(NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ECHO, message.into()).await?))
    }

    /// Asks for one object.
    pub async fn get(&self, message: RouteNetlinkMessage) -> Result<Vec<RouteNetlinkMessage>> {
        Ok(typed(self.request(NLM_F_ACK, message.into()).await?))
    }

    /// Asks for a list, again and again while it changes under the question.
    pub async fn dump(&self, message: RouteNetlinkMessage) -> Result<Vec<RouteNetlinkMessage>> {
        let mut tries = 0;
        loop {
            match self.request(NLM_F_DUMP, message.clone().into()).await {
                Err(failure) if failure.is(Errno::EINTR) && tries < DUMP_TRIES => tries += 1,
                replies => return Ok(typed(replies?)),
            }
        }
    }

    /// Sends a message written by hand that changes something.
    pub async fn change_raw(&self, flags: u16, kind: u16, message: Vec<u8>) -> Result<()> {
        self.request(NLM_F_ACK | flags, Wire::Raw(kind, message)).await.map(|_| ())
    }

    /// Sends a message written by hand that makes something, and returns what the kernel made of it, where it tells.
    pub async fn create_raw(&self, kind: u16, message: Vec<u8>) -> Result<Vec<Wire>> {
        self.request(NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ECHO, Wire::Raw(kind, message)).await
    }

    /// Asks for one object by a message written by hand.
    pub async fn get_raw(&self, kind: u16, message: Vec<u8>) -> Result<Vec<Wire>> {
        self.request(NLM_F_ACK, Wire::Raw(kind, message)).await
    }

    /// Asks for a list by a message written by hand; the answers are bytes.
    pub async fn dump_raw(&self, kind: u16, message: Vec<u8>) -> Result<Vec<Vec<u8>>> {
        let mut tries = 0;
        loop {
            match self.request(NLM_F_DUMP, Wire::Raw(kind, message.clone())).await {
                Err(failure) if failure.is(Errno::EINTR) && tries < DUMP_TRIES => tries += 1,
                replies => {
                    let bytes = |reply| match reply {
                        Wire::Raw(_, bytes) => Some(bytes),
                        Wire::Route(_) => None,
                    };
                    return Ok(replies?.into_iter().filter_map(bytes).collect());
                }
            }
        }
    }

    async fn request(&self, flags: u16, message: Wire) -> Result<Vec<Wire>> {
        tokio::time::timeout(DEADLINE, self.exchange(flags, message)).await.unwrap_or_else(|_| {
            Err(Failure::new(Errno::ETIMEDOUT, Some(format!("no answer over netlink within {} s", DEADLINE.as_secs()))))
        })
    }

    async fn exchange(&self, flags: u16, message: Wire) -> Result<Vec<Wire>> {
        let mut message = NetlinkMessage::from(message);
        message.header.flags = NLM_F_REQUEST | flags;
        let closed = |_| Failure::new(Errno::EPIPE, Some("the netlink socket is closed".to_string()));
        let mut replies = self.handle.request(message, SocketAddr::new(0, 0)).map_err(closed)?;
        let (mut found, mut interrupted) = (Vec::new(), false);
        while let Some(reply) = replies.next().await {
            interrupted |= reply.header.flags & NLM_F_DUMP_INTR != 0;
            match reply.payload {
                NetlinkPayload::Error(error) if error.code.is_some() => {
                    return Err(refusal(-error.raw_code(), error.header.get(16..).unwrap_or_default()));
                }
                NetlinkPayload::Done(done) if done.code != 0 => return Err(refusal(-done.code, &done.extended_ack)),
                NetlinkPayload::Overrun(_) => interrupted = true,
                NetlinkPayload::InnerMessage(message) => found.push(message),
                _ => {}
            }
        }
        match interrupted {
            true => Err(Errno::EINTR.into()),
            false => Ok(found),
        }
    }
}

fn typed(replies: Vec<Wire>) -> Vec<RouteNetlinkMessage> {
    replies
        .into_iter()
        .filter_map(|reply| match reply {
            Wire::Route(message) => Some(*message),
            Wire::Raw(..) => None,
        })
        .collect()
}

/// Reads the extended acknowledgement: attribute NLMSGERR_ATTR_MSG (1) is the kernel's sentence (linux/netlink.h).
pub(super) fn refusal(errno: i32, attributes: &[u8]) -> Failure {
    let sentence = NlasIterator::new(attributes)
        .flatten()
        .find(|attribute| attribute.kind() == 1)
        .map(|attribute| String::from_utf8_lossy(attribute.value()).trim_end_matches('\0').trim().trim_end_matches('.').to_string());
    Failure::new(Errno::from_raw(errno), sentence.filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_sentence_is_read_from_its_bytes() {
        let text = b"Nexthop has invalid gateway\0";
        let mut bytes = vec![(4 + text.len()) as u8, 0, 1, 0];
        bytes.extend_from_slice(text);
        let failure = refusal(101, &bytes);
        assert_eq!(failure.to_string(), "Network is unreachable (ENETUNREACH, kernel: Nexthop has invalid gateway)");
    }

    #[test]
    fn a_refusal_without_a_sentence_keeps_its_errno() {
        assert_eq!(refusal(17, &[]).to_string(), "File exists (EEXIST)");
        assert!(refusal(17, &[1, 2, 3]).is(Errno::EEXIST), "broken attributes are passed over");
    }
}

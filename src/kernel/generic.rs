//! Generic netlink (linux/genetlink.h): families that the kernel numbers when it starts, asked by name in one namespace.
//!
//! The kernel answers within the call, so the exchange is a plain one: a socket is made, used and closed where the namespace is entered.

use super::socket::refusal;
use super::{Netns, Result, enter};
use netlink_packet_core::{
    Emitable, NLM_F_ACK, NLM_F_REQUEST, NetlinkDeserializable, NetlinkMessage, NetlinkPayload, NetlinkSerializable, ParseableParametrized,
};
use netlink_packet_generic::ctrl::nlas::GenlCtrlAttrs;
use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd};
use netlink_packet_generic::{GenlFamily, GenlHeader, GenlMessage};
use netlink_sys::protocols::NETLINK_GENERIC;
use netlink_sys::{Socket, SocketAddr};
use nix::errno::Errno;
use std::fmt::Debug;

/// Sends messages of a family one after the other, each when the one before has been done, and returns all answers.
///
/// # Errors
///
/// ENOENT when the kernel lacks the family.
pub fn ask<F>(netns: &Netns, flags: u16, messages: Vec<F>) -> Result<Vec<F>>
where
    F: GenlFamily + Emitable + ParseableParametrized<[u8], GenlHeader> + Clone + Debug + Send + 'static,
{
    enter::within(netns, move || {
        let mut socket = Socket::new(NETLINK_GENERIC)?;
        socket.bind_auto()?;
        socket.set_ext_ack(true)?;
        socket.connect(&SocketAddr::new(0, 0))?;
        let id = family(&socket, F::family_name())?;
        let mut answers = Vec::new();
        for message in messages {
            let mut message = GenlMessage::from_payload(message);
            message.set_resolved_family_id(id);
            answers.extend(exchange(&socket, flags, message)?.into_iter().map(|answer| answer.payload));
        }
        Ok(answers)
    })
}

/// Returns the number of a family.
fn family(socket: &Socket, name: &str) -> Result<u16> {
    let question = GenlCtrl { cmd: GenlCtrlCmd::GetFamily, nlas: vec![GenlCtrlAttrs::FamilyName(name.to_string())] };
    let answers = exchange(socket, 0, GenlMessage::from_payload(question))?;
    let ids = answers.iter().flat_map(|answer| &answer.payload.nlas);
    let id = ids.into_iter().find_map(|attribute| match attribute {
        GenlCtrlAttrs::FamilyId(id) => Some(*id),
        _ => None,
    });
    id.ok_or_else(|| Errno::ENOENT.into())
}

fn exchange<M>(socket: &Socket, flags: u16, message: M) -> Result<Vec<M>>
where
    M: NetlinkSerializable + NetlinkDeserializable + Debug,
    NetlinkPayload<M>: From<M>,
{
    let mut request = NetlinkMessage::from(message);
    request.header.flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    request.finalize();
    let mut bytes = vec![0; request.buffer_len()];
    request.serialize(&mut bytes);
    socket.send(&bytes, 0)?;
    let mut found = Vec::new();
    loop {
        let (datagram, _) = socket.recv_from_full()?;
        let mut rest = &datagram[..];
        while !rest.is_empty() {
            let reply = NetlinkMessage::<M>::deserialize(rest).map_err(|_| Errno::EBADMSG)?;
            let length = (reply.header.length as usize).next_multiple_of(4);
            match reply.payload {
                NetlinkPayload::Error(error) if error.code.is_some() => {
                    return Err(refusal(-error.raw_code(), error.header.get(16..).unwrap_or_default()));
                }
                NetlinkPayload::Done(done) if done.code != 0 => return Err(refusal(-done.code, &done.extended_ack)),
                NetlinkPayload::Error(_) | NetlinkPayload::Done(_) => return Ok(found),
                NetlinkPayload::InnerMessage(message) => found.push(message),
                _ => {}
            }
            rest = rest.get(length..).unwrap_or_default();
        }
    }
}

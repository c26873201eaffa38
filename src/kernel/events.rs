//! What the kernel tells by itself: changes of links, addresses, routes and neighbours of one namespace (netlink multicast groups).

use super::addr::{self, Addr};
use super::link::{self, Link};
use super::neigh::{self, Neigh};
use super::route::{self, Route};
use super::socket::Wire;
use super::{Netns, Result, enter};
use futures_util::{FutureExt, Stream, StreamExt};
use netlink_packet_core::NetlinkPayload;
use netlink_packet_route::RouteNetlinkMessage as Message;
use netlink_proto::sys::protocols::NETLINK_ROUTE;
use netlink_sys::AsyncSocket;
use std::pin::Pin;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// What can be listened to (linux/rtnetlink.h, RTNLGRP_).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Topic {
    Link = 1,
    Neigh = 3,
    Addr4 = 5,
    Route4 = 7,
    Addr6 = 9,
    Route6 = 11,
}

impl Topic {
    /// All of them.
    pub const ALL: &'static [Topic] = &[Topic::Link, Topic::Neigh, Topic::Addr4, Topic::Route4, Topic::Addr6, Topic::Route6];
}

/// What a message tells: an object as it is now, or that it is gone.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the words say it")]
pub enum News {
    Link { gone: bool, link: Box<Link> },
    Addr { gone: bool, addr: Addr },
    Route { gone: bool, route: Box<Route> },
    Neigh { gone: bool, neigh: Neigh },
}

impl News {
    /// Reads a message; nothing if it tells of something else.
    fn read(message: Message) -> Option<News> {
        // A message that deletes has the shape of the one that makes.
        let (gone, message) = match message {
            Message::DelLink(link) => (true, Message::NewLink(link)),
            Message::DelAddress(addr) => (true, Message::NewAddress(addr)),
            Message::DelRoute(route) => (true, Message::NewRoute(route)),
            Message::DelNeighbour(neigh) => (true, Message::NewNeighbour(neigh)),
            message => (false, message),
        };
        Some(match &message {
            Message::NewLink(_) => News::Link { gone, link: Box::new(link::read(&message)?) },
            Message::NewAddress(_) => News::Addr { gone, addr: addr::read(&message)? },
            Message::NewRoute(_) => News::Route { gone, route: Box::new(route::read(&message)?) },
            Message::NewNeighbour(_) => News::Neigh { gone, neigh: neigh::read(&message)? },
            _ => return None,
        })
    }
}

/// An open ear. What happens after it was opened is not missed.
pub struct Events {
    incoming: Pin<Box<dyn Stream<Item = Option<Message>> + Send>>,
    driver: JoinHandle<()>,
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Events {
    /// Begins to listen in a namespace.
    pub fn open(netns: &Netns, runtime: &Handle, topics: &'static [Topic]) -> Result<Events> {
        let runtime = runtime.clone();
        enter::within(netns, move || {
            let _in = runtime.enter();
            let (mut connection, handle, incoming) = netlink_proto::new_connection::<Wire>(NETLINK_ROUTE)?;
            let socket = connection.socket_mut().socket_mut();
            // A socket without an address does not hear what the kernel tells by itself: it has port 0 too, and nobody is told of
            // what he has done himself (net/netlink/af_netlink.c, do_one_broadcast).
            socket.bind_auto()?;
            for topic in topics {
                socket.add_membership(*topic as u32)?;
            }
            let driver = runtime.spawn(async move {
                // The connection ends when nobody could ask it any more.
                let _open = handle;
                connection.await;
            });
            let message = |payload| match payload {
                NetlinkPayload::InnerMessage(Wire::Route(message)) => Some(*message),
                _ => None,
            };
            Ok(Events { incoming: Box::pin(incoming.map(move |(told, _)| message(told.payload))), driver })
        })
    }

    /// Waits until something has happened; several at once are one.
    pub async fn next(&mut self) {
        if self.incoming.next().await.is_none() {
            std::future::pending::<()>().await;
        }
        while let Some(Some(_)) = self.incoming.next().now_or_never() {}
    }

    /// Waits for the next message that can be read; nothing when there will be no more.
    pub async fn news(&mut self) -> Option<News> {
        loop {
            if let Some(news) = self.incoming.next().await?.and_then(News::read) {
                return Some(news);
            }
        }
    }
}

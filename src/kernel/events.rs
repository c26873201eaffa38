//! What the kernel tells by itself: changes of links, addresses, routes and neighbours of one namespace (netlink multicast groups).

use super::socket::Wire;
use super::{Netns, Result, enter};
use futures_util::{FutureExt, Stream, StreamExt};
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

/// An open ear. What happens after it was opened is not missed.
pub struct Events {
    incoming: Pin<Box<dyn Stream<Item = ()> + Send>>,
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
            for topic in topics {
                connection.socket_mut().socket_mut().add_membership(*topic as u32)?;
            }
            let driver = runtime.spawn(async move {
                // The connection ends when nobody could ask it any more.
                let _open = handle;
                connection.await;
            });
            Ok(Events { incoming: Box::pin(incoming.map(|_| ())), driver })
        })
    }

    /// Waits until something has happened; several at once are one.
    pub async fn next(&mut self) {
        if self.incoming.next().await.is_none() {
            std::future::pending::<()>().await;
        }
        while let Some(Some(())) = self.incoming.next().now_or_never() {}
    }
}

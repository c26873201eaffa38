//! The kernel's objects, typed, over netlink and /proc: namespaces, links, bridge ports, addresses, routes, neighbours, sysctls.
//!
//! This folder, with `world`, is the only one that has `unsafe`, raw errnos and netlink bytes. It knows nothing of scripts or labs,
//! and gives no hints: a [`Failure`] is an errno and the kernel's own sentence.

pub mod addr;
pub mod attr;
pub mod encap;
pub mod enter;
pub mod events;
pub mod failure;
pub mod fdb;
pub mod features;
pub mod field;
pub mod filter;
pub mod generic;
pub mod icmp;
pub mod link;
pub mod neigh;
pub mod netconf;
pub mod netns;
pub mod nexthop;
pub mod process;
pub mod qdisc;
pub mod record;
pub mod route;
pub mod rule;
pub mod signal;
pub mod socket;
pub mod sysctl;
pub mod talk;
pub mod tcp;
pub mod terminal;
pub mod tun;
pub mod tunnel;
pub mod udp;
pub mod vlan;
pub mod watch;
pub mod wireguard;

pub use failure::{Failure, Result};
pub use link::Mac;
pub use netns::Netns;
pub use nix::errno::Errno;
pub use nix::sys::signal::Signal;
pub use socket::Socket;

//! labsh: a lab shell for Linux network namespaces.
//!
//! A script or a REPL line says `netns::add("blue")`, and the kernel does it: in a private sandbox that needs no root and that the
//! kernel itself dismantles when labsh ends, or, with `--host`, in the machine's own namespaces. The words are iproute2's; every
//! failure says what was attempted on which object in which namespace, the errno, the kernel's own sentence, and what to try.
//!
//! # Layers
//!
//! Each layer uses only those before it; `tests/layers.rs` holds it.
//!
//! | layer | what it owns |
//! |---|---|
//! | [`error`], [`name`], [`near`] | leaves: the one error, checked names, "did you mean" |
//! | [`kernel`] | namespaces, links, addresses, routes, neighbours, sysctls, echo sockets: typed, over netlink and /proc; with `world` the only `unsafe` |
//! | [`world`] | where a lab lives: the sandbox, or the host |
//! | [`lab`] | what people hold: handles of namespaces and links, programs, ping, HTTP; all asked of the kernel at the time of asking |
//! | [`topology`] | labs drawn before they are built: subnets, hosts and routers, shapes, routes for all |
//! | [`iproute`] | iproute2's language: operations written as `ip` lines, objects printed as `ip` prints them |
//! | [`script`] | the Rhai face: one file per word, the check before a run, the reference |
//! | [`runner`] | scenario scripts: found, checked, run, narrated |
//! | [`repl`] | the interactive shell |
//! | [`cli`] | the command line |
//!
//! # How one thread talks to many namespaces
//!
//! A netlink socket belongs for ever to the namespace that it was made in. [`kernel::enter`] keeps one thread that enters a namespace
//! just long enough to make a socket, open a file of /proc/sys, or start a child that inherits where it stands. All sockets are then
//! driven by one current-thread runtime, which belongs to the [`lab::Lab`]. A second thread runs what must go on while a script does
//! something else: servers, and the output of background processes.
//!
//! # As a library
//!
//! ```no_run
//! use labsh::lab::Lab;
//! use labsh::lab::ping::Options;
//! use labsh::world::World;
//!
//! # fn main() -> labsh::error::Result<()> {
//! // Before any thread exists: from here on, this process is the root of a sandbox of its own.
//! let lab = Lab::new(World::enter_sandbox()?)?;
//! let blue = lab.add_netns("blue")?;
//! blue.link("lo")?.up()?;
//! let ping = blue.ping("127.0.0.1".parse().unwrap(), &Options::default())?;
//! assert_eq!(ping.ttl, Some(64));
//! # Ok(())
//! # }
//! ```
#![warn(missing_docs)]

pub mod cli;
pub mod error;
pub mod iproute;
pub mod kernel;
pub mod lab;
pub mod name;
pub mod near;
pub mod repl;
pub mod runner;
pub mod script;
pub mod topology;
pub mod world;

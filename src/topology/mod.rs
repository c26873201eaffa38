//! Labs that are drawn before they are built: networks that hand out addresses, hosts and routers, shapes, and the routes of a whole lab.
//!
//! ```no_run
//! use labsh::lab::Lab;
//! use labsh::lab::ping::Options;
//! use labsh::topology::Drawing;
//! use labsh::world::World;
//!
//! # fn main() -> labsh::error::Result<()> {
//! let lab = Lab::new(World::enter_sandbox()?)?;
//! let star = Drawing::star(3, false)?.build(&lab, None, &mut |step| println!("{step:?}"))?;
//! star.nodes[1].ping("10.0.0.4".parse().unwrap(), &Options::default())?; // h1 asks h3
//! # Ok(())
//! # }
//! ```

mod cable;
mod drawing;
mod node;
mod routes;
mod shape;
mod subnet;

pub use cable::{free_name, names_of_links};
pub use drawing::{Built, Drawing, Group, Step, default_routes, lan_bridge};
pub use node::Role;
pub use routes::{Planned, make_routes};
pub use subnet::{Subnet, cable_subnet, lan_subnet};

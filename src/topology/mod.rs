//! Labs that are drawn before they are built: networks that hand out addresses, hosts and routers, shapes, and the routes of a whole lab.

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

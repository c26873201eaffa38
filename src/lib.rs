//! labsh.
#![warn(missing_docs)]
pub mod error;
pub mod kernel;
pub mod lab;
pub mod name;
pub mod near;
pub mod world;

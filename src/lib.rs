//! labsh: a lab shell for Linux network namespaces.
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
pub mod world;

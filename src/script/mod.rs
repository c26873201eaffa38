//! The Rhai face: the words of the language, their errors, the check before a run, and the reference, all from one registration.

mod api;
pub mod catalogue;
pub mod check;
pub mod engine;
pub mod event;
mod expect;
mod fault;
pub mod import;
mod options;
#[macro_use]
mod registry;
mod reading;
pub mod reference;
pub mod search;
mod session;
mod source;

pub use engine::Interpreter;
pub use fault::{Fault, Place};
pub use session::{Session, Settings};
pub use source::{Sources, offset};

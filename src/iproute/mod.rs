//! iproute2's language: operations written as the line that does the same in a root shell, and objects printed as `ip` prints them.

pub mod form;
pub mod holds;
pub mod inside;
pub mod perform;
pub mod program;
pub mod queueing;
pub mod read;
pub mod sentence;
pub mod show;

//! `tc` and `bridge` in a namespace of a lab: the programs themselves, entered there, without a process.

use super::program::{self, Program};
use crate::error::{Error, Kind, Result};
use crate::kernel::enter;
use crate::lab::Netns;

/// The verbs that only look.
const LOOKS: [&str; 5] = ["show", "list", "ls", "get", "help"];

/// Does what a line of `tc` says, its name left out; returns what it prints.
///
/// # Errors
///
/// `unsupported` for what this kernel lacks, and in the host world for changes, which could not be taken back; `bad-argument` for all else
/// that `tc` refuses, with its own words.
pub fn tc(netns: &Netns, words: &[String]) -> Result<String> {
    let refuse = |kind, cause: String| Err(Error::new(kind, "do", format!("`tc {}`", words.join(" ")), cause).in_netns(netns.name()));
    let looks = words.iter().find(|word| !word.starts_with('-')).is_none()
        || words.len() < 2
        || words.iter().any(|word| LOOKS.contains(&word.as_str()));
    if netns.lab().ledger().watches(netns) && !looks {
        let cause = "in the host world a change must be one that can be taken back: link.qdisc, link.class and link.filter are";
        return refuse(Kind::Unsupported, cause.to_string());
    }
    let own = words.to_vec();
    let job = move || {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let status = program::main(Program::Tc, &own, &mut out, &mut err);
        Ok((status, String::from_utf8_lossy(&out).into_owned(), String::from_utf8_lossy(&err).into_owned()))
    };
    let ran = enter::within(&netns.kernel()?, job).map_err(|failure| failure.doing("run", "`tc`"))?;
    let (status, out, err) = ran;
    if status == 0 {
        return Ok(out.trim_end_matches('\n').to_string());
    }
    let said = err.lines().next().unwrap_or_default().trim_start_matches("Error: ").trim_end_matches('.').to_string();
    let lacks = ["kind is unknown", "classifier not found", "TC action module"].iter().any(|text| said.contains(text));
    refuse(if lacks { Kind::Unsupported } else { Kind::BadArgument }, said)
}

//! Where scripts come from: a file, standard input, or labsh itself, which carries its scenarios.

use crate::error::{Error, Kind, Result};
use crate::kernel::Failure;
use crate::near;
use std::io::Read;
use std::path::Path;

/// The largest script that is read, in bytes: what is larger is no script.
const LARGEST: u64 = 16 << 20;

/// The scenarios that the binary carries: name and text.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("article", include_str!("../../scripts/article.rhai")),
    ("isolation", include_str!("../../scripts/isolation.rhai")),
    ("switch", include_str!("../../scripts/switch.rhai")),
    ("router", include_str!("../../scripts/router.rhai")),
    ("mtu", include_str!("../../scripts/mtu.rhai")),
    ("ecmp", include_str!("../../scripts/ecmp.rhai")),
    ("stp-loop", include_str!("../../scripts/stp-loop.rhai")),
    ("vlan", include_str!("../../scripts/vlan.rhai")),
    ("overlay", include_str!("../../scripts/overlay.rhai")),
    ("ipv6", include_str!("../../scripts/ipv6.rhai")),
    ("bad-link", include_str!("../../scripts/bad-link.rhai")),
    ("failover", include_str!("../../scripts/failover.rhai")),
    ("policy-routing", include_str!("../../scripts/policy-routing.rhai")),
    ("dns", include_str!("../../scripts/dns.rhai")),
    ("wireguard", include_str!("../../scripts/wireguard.rhai")),
];

/// A script: its name, for messages, and its text.
#[derive(Debug, Clone)]
pub struct Script {
    /// A path, or the name of a built-in script.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl Script {
    /// Finds a script: a file, one that labsh carries, or `-` for standard input.
    ///
    /// # Errors
    ///
    /// `not-found`, with the nearest name; `bad-argument` for what is no text.
    pub fn find(name: &str) -> Result<Script> {
        if name == "-" {
            return Script::from_stdin();
        }
        let path = Path::new(name);
        if !path.exists() {
            if let Some((_, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
                return Ok(Script { name: format!("{name}.rhai"), text: (*text).to_string() });
            }
            let beside = path.with_extension("rhai");
            let hint = match beside.is_file() {
                true => Some(format!("there is `{}`", beside.display())),
                false => near::did_you_mean(name, BUILT_IN.iter().map(|(known, _)| *known)),
            };
            return super::no_such_script(name, hint);
        }
        Ok(Script { name: name.to_string(), text: read(path)? })
    }

    /// Reads a script from standard input.
    ///
    /// # Errors
    ///
    /// `bad-argument` for what is no text.
    pub fn from_stdin() -> Result<Script> {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes);
        read.map_err(|e| Failure::from(e).doing("read script", "from standard input"))?;
        Ok(Script { name: "input".to_string(), text: text("input", bytes)? })
    }

    /// Returns the first heading of its `//!` lines.
    pub fn title(&self) -> &str {
        let heading = self.text.lines().find_map(|line| line.strip_prefix("//! "));
        heading.map_or("", |line| line.trim_start_matches(['#', ' ']))
    }
}

/// Reads a script file.
///
/// # Errors
///
/// The errno of reading it; `bad-argument` for what is no text.
pub fn read(path: &Path) -> Result<String> {
    let name = path.display().to_string();
    let failed = |e: std::io::Error| Failure::from(e).doing("read script", format!("`{name}`"));
    if path.is_dir() {
        return Err(Error::new(Kind::BadArgument, "read script", format!("`{name}`"), "this is a folder"));
    }
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    text(&name, bytes)
}

fn text(name: &str, bytes: Vec<u8>) -> Result<String> {
    let wrong = |cause: String| Error::new(Kind::BadArgument, "read script", format!("`{name}`"), cause);
    if bytes.len() as u64 > LARGEST {
        return Err(wrong("it is larger than 16 MiB".to_string()));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..good].iter().filter(|b| **b == b'\n').count() + 1;
        wrong(format!("line {line} is not UTF-8 text"))
    })
}

//! Names of namespaces and of network interfaces: checked once, trusted afterwards.

use crate::error::{Error, Kind, Result};
use std::fmt;

/// The longest interface name in bytes: IFNAMSIZ − 1 (linux/if.h).
pub const IFNAME_MAX: usize = 15;

/// The longest name of a file, hence of a namespace, in bytes: NAME_MAX (linux/limits.h).
const NETNS_NAME_MAX: usize = 255;

/// The name of a network namespace: a file below /run/netns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetnsName(String);

/// The name of a network interface: at most 15 bytes, as `dev_valid_name` of the kernel has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IfName(String);

impl NetnsName {
    /// Checks a name. Fails with `bad-name`, and says what is wrong in it.
    pub fn parse(name: &str) -> Result<NetnsName> {
        let wrong = common_fault(name)
            .or_else(|| (name.len() > NETNS_NAME_MAX).then(|| format!("{} bytes, a file name may have {NETNS_NAME_MAX}", name.len())));
        match wrong {
            Some(wrong) => Err(Error::new(Kind::BadName, "name a netns", format!("`{name}`"), wrong)),
            None => Ok(NetnsName(name.to_string())),
        }
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl IfName {
    /// Checks a name. Fails with `bad-name`, says what is wrong in it, and proposes a shorter one where it is too long.
    pub fn parse(name: &str) -> Result<IfName> {
        let error = |wrong: String| Error::new(Kind::BadName, "name a link", format!("`{name}`"), wrong);
        if let Some(wrong) = common_fault(name) {
            return Err(error(wrong));
        }
        if let Some(bad) = name.chars().find(|c| matches!(c, ':' | '%')) {
            return Err(error(format!("the character `{bad}` is not allowed")));
        }
        if name.len() > IFNAME_MAX {
            let error = error(format!("{} bytes, the kernel allows {IFNAME_MAX}", name.len()));
            return Err(error.hint(format!("`{}` would fit", shorter(name))));
        }
        Ok(IfName(name.to_string()))
    }

    /// Makes a name that fits of one that labsh chose, which may be too long.
    pub fn fitting(name: &str) -> Result<IfName> {
        match name.len() > IFNAME_MAX {
            true => IfName::parse(&shorter(name)),
            false => IfName::parse(name),
        }
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NetnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for IfName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn common_fault(name: &str) -> Option<String> {
    match name {
        "" => Some("a name cannot be empty".to_string()),
        "." | ".." => Some("this name means a folder".to_string()),
        _ => match name.chars().find(|c| *c == '/' || c.is_whitespace() || c.is_control()) {
            Some(' ') => Some("a space is not allowed".to_string()),
            Some('/') => Some("the character `/` is not allowed".to_string()),
            Some(bad) => Some(format!("the character {bad:?} is not allowed")),
            None => None,
        },
    }
}

/// A name of at most 15 bytes that keeps what tells: first letters of the words in front, and the last word.
fn shorter(name: &str) -> String {
    let words: Vec<&str> = name.split(['-', '_', '.']).filter(|w| !w.is_empty()).collect();
    let mut short = String::new();
    if let Some((last, front)) = words.split_last() {
        for word in front {
            short.extend(word.chars().next());
        }
        if !short.is_empty() {
            short.push('-');
        }
        short.push_str(last);
    }
    while short.len() > IFNAME_MAX {
        short.pop();
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_bytes_fit_and_sixteen_do_not() {
        assert!(IfName::parse("abcdefghijklmno").is_ok());
        let error = IfName::parse("veth-blue-to-switch").unwrap_err();
        assert_eq!(error.to_string(), "cannot name a link `veth-blue-to-switch`: 19 bytes, the kernel allows 15");
        assert_eq!(error.fix(), Some("`vbt-switch` would fit"));
        assert!(IfName::parse("ü".repeat(8).as_str()).is_err(), "sixteen bytes in eight letters");
    }

    #[test]
    fn what_the_kernel_refuses_is_refused_with_its_reason() {
        for (name, wrong) in [
            ("", "a name cannot be empty"),
            (".", "this name means a folder"),
            ("..", "this name means a folder"),
            ("a b", "a space is not allowed"),
            ("a/b", "the character `/` is not allowed"),
            ("a\tb", "the character '\\t' is not allowed"),
        ] {
            let message = format!("cannot name a netns `{name}`: {wrong}");
            assert_eq!(NetnsName::parse(name).unwrap_err().to_string(), message);
            assert!(IfName::parse(name).is_err());
        }
        assert!(IfName::parse("a:b").is_err());
        assert!(IfName::parse("veth%d").is_err(), "the kernel would take it as a pattern");
        assert!(NetnsName::parse("a:b%d").is_ok());
    }

    #[test]
    fn a_proposed_name_always_fits() {
        for name in ["a-very-long-interface-name", "anextremelylongsingleword", "ünïcödé-wörds-évérywhère"] {
            assert!(IfName::parse(&shorter(name)).is_ok(), "{}", shorter(name));
        }
    }
}

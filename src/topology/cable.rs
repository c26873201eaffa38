//! Names of cables' ends that labsh chooses.

use crate::error::Result;
use crate::lab::Netns;
use crate::name::{IFNAME_MAX, IfName};
use std::collections::HashSet;

/// Returns the names and alternative names of all links of a namespace.
pub fn names_of_links(netns: &Netns) -> Result<HashSet<String>> {
    Ok(netns.link_states()?.into_iter().flat_map(|link| link.altnames.into_iter().chain([link.name])).collect())
}

/// Chooses a name for a link, and takes it: the wanted one, cut to fit, with a number behind it where that is taken. Returns the long one
/// too, where it was cut.
pub fn free_name(taken: &mut HashSet<String>, wanted: &str) -> Result<(IfName, Option<String>)> {
    let numbered = |number: u32| if number == 1 { String::new() } else { format!("-{number}") };
    let free = |name: &String| !taken.contains(name);
    let long = (1..).map(|number| format!("{wanted}{}", numbered(number))).find(free).unwrap_or_default();
    let base = IfName::fitting(&long)?;
    let fitting = |tail: String| {
        let room = IFNAME_MAX - tail.len();
        let end = (0..=base.as_str().len().min(room)).rev().find(|end| base.as_str().is_char_boundary(*end)).unwrap_or_default();
        format!("{}{tail}", &base.as_str()[..end])
    };
    let short = IfName::parse(&(1..).map(|number| fitting(numbered(number))).find(free).unwrap_or_default())?;
    taken.insert(short.as_str().to_string());
    taken.insert(long.clone());
    Ok((short.clone(), (short.as_str() != long).then_some(long)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_and_kept_beside() {
        let mut taken = HashSet::new();
        let mut name = |wanted: &str| {
            let (short, long) = free_name(&mut taken, wanted).unwrap();
            (short.as_str().to_string(), long)
        };
        assert_eq!(name("v-blue"), ("v-blue".to_string(), None));
        assert_eq!(name("v-blue"), ("v-blue-2".to_string(), None));
        assert_eq!(name("v-the-northern-tower"), ("vtn-tower".to_string(), Some("v-the-northern-tower".to_string())));
        assert_eq!(name("v-the-nearest-tower"), ("vtn-tower-2".to_string(), Some("v-the-nearest-tower".to_string())));
    }
}

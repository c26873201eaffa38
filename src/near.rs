//! "Did you mean …?": the nearest known word to one that is not known.

/// Returns the candidate that `word` was most likely meant to be, or nothing if none is near.
///
/// Near is: the same parts in another order (`veth_blue_ns`, `veth_ns_blue`), one the beginning of the other
/// (`addredd`, `addr`), or a distance of at most a third of the letters (insertions, deletions, swaps of neighbours).
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word && !candidate.is_empty())
        .filter_map(|candidate| Some((rank(word, candidate)?, candidate)))
        .min_by_key(|(rank, candidate)| (*rank, candidate.len()))
        .map(|(_, candidate)| candidate)
}

/// Returns ``did you mean `X`?`` for the nearest candidate.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).map(|near| format!("did you mean `{near}`?"))
}

/// Lists what an object takes, or says where the list is if it is long.
pub fn takes(names: &[&str], word: &str) -> String {
    match names.len() {
        0 => "it takes none".to_string(),
        1..=24 => format!("it takes {}", names.join(", ")),
        _ => format!("`labsh doc {}` lists all", word.replace('.', "::")),
    }
}

fn rank(word: &str, candidate: &str) -> Option<usize> {
    let (a, b) = (word.to_lowercase(), candidate.to_lowercase());
    if a == b {
        return Some(0);
    }
    if parts(&a).len() > 1 && parts(&a) == parts(&b) {
        return Some(1);
    }
    let (short, long) = if a.len() < b.len() { (&a, &b) } else { (&b, &a) };
    let distance = strsim::osa_distance(&a, &b);
    if distance <= (a.chars().count().max(b.chars().count()) / 3).max(1) {
        return Some(distance * 2);
    }
    (short.len() >= 3 && long.starts_with(short.as_str())).then(|| 6 + long.len() - short.len())
}

fn parts(name: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = name.split(['_', '-', '.', ' ']).collect();
    parts.sort_unstable();
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_articles_slips_are_understood() {
        assert_eq!(nearest("blues_ns", ["red_ns", "blue_ns"]), Some("blue_ns"));
        assert_eq!(nearest("veth_blue_ns", ["lo", "veth_root", "veth_ns_blue"]), Some("veth_ns_blue"));
        assert_eq!(nearest("veth_root_ns", ["lo", "veth_root", "veth_ns_blue"]), Some("veth_root"));
        assert_eq!(nearest("addredd", ["add", "addr", "name"]), Some("addr"));
    }

    #[test]
    fn short_keys_and_strangers() {
        assert_eq!(nearest("vai", ["via", "dev", "src"]), Some("via"));
        assert_eq!(nearest("mtuu", ["mtu", "mac"]), Some("mtu"));
        assert_eq!(nearest("xyzzy", ["via", "dev", "src"]), None);
    }
}

//! A shell's line, as far as it needs no shell: words, quotes, `&&`, `;`, and output that is thrown away.

use crate::error::{Error, Kind, Result};

/// The words of a step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// Plain words; `quiet` if the output goes to /dev/null.
    Plain { words: Vec<String>, quiet: bool },
    /// Pipes, files or variables: for a real shell.
    Shell,
}

/// Cuts a line at `&&` and `;` outside of quotes.
pub(super) fn steps(line: &str) -> Vec<String> {
    let line = line.replace("\\\n", " ");
    let mut steps = vec![String::new()];
    let mut quote = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let last = steps.last_mut().expect("there is at least one step");
        match (quote, c) {
            (Some(open), c) => {
                last.push(c);
                if c == open {
                    quote = None;
                }
            }
            (None, '"' | '\'') => {
                quote = Some(c);
                last.push(c);
            }
            (None, ';') => steps.push(String::new()),
            (None, '&') if chars.peek() == Some(&'&') => {
                chars.next();
                steps.push(String::new());
            }
            (None, c) => last.push(c),
        }
    }
    steps.into_iter().map(|step| step.trim().to_string()).filter(|step| !step.is_empty()).collect()
}

/// Splits a step into its words.
pub(super) fn words(step: &str) -> Result<Words> {
    // A line from a web page may bring its prompt along.
    let step = step.strip_prefix("$ ").or_else(|| step.strip_prefix("# ")).unwrap_or(step);
    let mut words = shlex::split(step)
        .ok_or_else(|| Error::new(Kind::BadArgument, "read", format!("`{step}`"), "a quote is open, or a backslash stands at the end"))?;
    let before = words.len();
    words.retain(|word| !matches!(word.as_str(), ">/dev/null" | "1>/dev/null" | "2>/dev/null" | "&>/dev/null" | "2>&1" | "2>" | "&"));
    let mut quiet = before != words.len() && step.contains(['>']);
    if let Some(at) = words.windows(2).position(|pair| matches!(pair[0].as_str(), ">" | "1>" | "&>") && pair[1] == "/dev/null") {
        words.drain(at..at + 2);
        quiet = true;
    }
    if step.contains("2>/dev/null") && !step.contains(" >/dev/null") {
        quiet = false;
    }
    // In quotes they are words like others; what is left of them outside needs a shell.
    let operators = ["|", "||", ">", ">>", "<", "<<", "2>", "&>"];
    let special = |word: &String| {
        operators.contains(&word.as_str())
            || word.starts_with(['|', '>', '<'])
            || word.contains("$(")
            || word.starts_with('$')
            || word.contains('`')
    };
    match words.iter().any(special) {
        true => Ok(Words::Shell),
        false => Ok(Words::Plain { words, quiet }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_into_steps_and_words() {
        assert_eq!(
            steps("ip link set lo up && ping -c 1 127.0.0.1; echo 'a;b'"),
            ["ip link set lo up", "ping -c 1 127.0.0.1", "echo 'a;b'"]
        );
        let plain = |words: &[&str], quiet| Words::Plain { words: words.iter().map(|w| w.to_string()).collect(), quiet };
        assert_eq!(words("ping -c 1 10.0.0.1 > /dev/null 2>&1").unwrap(), plain(&["ping", "-c", "1", "10.0.0.1"], true));
        assert_eq!(words("python3 -m http.server 8080 &").unwrap(), plain(&["python3", "-m", "http.server", "8080"], false));
        assert_eq!(words("ip addr | grep inet").unwrap(), Words::Shell);
    }
}

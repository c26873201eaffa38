//! Sentences of `ip` and `tc` that are put into the language word for word, since its options have iproute2's names: rules, links of the
//! kinds that have nothing of their own here, and disciplines.

use super::{Job, expression};
use crate::error::{Kind, Result};

/// What a sentence is in the language: the statement, and whether it only asks.
struct Statement {
    text: String,
    asks: bool,
}

/// Does a sentence in the language; returns whether the language has words for it.
pub(super) fn in_language(job: &Job, words: &[String]) -> Result<bool> {
    let Some(statement) = statement(job, words) else { return Ok(false) };
    match job.shell.first_problem(&statement.text) {
        None => {}
        // All that a rule can say the language knows.
        Some((message, hint)) if words.contains(&"rule".to_string()) => return Err(job.wrong(message).maybe_hint(hint)),
        Some(_) => return Ok(false),
    }
    let run = if statement.asks { format!("print({})", statement.text) } else { statement.text.clone() };
    if let Some(fault) = job.shell.run_quietly(&run) {
        return match fault.error.kind() {
            // What the language does not take, another program may.
            Kind::UnknownOption => Ok(false),
            _ => Err(fault.error),
        };
    }
    job.form(&statement.text, !statement.asks);
    Ok(true)
}

fn statement(job: &Job, words: &[String]) -> Option<Statement> {
    let mut words: Vec<&str> = words.iter().map(String::as_str).skip(1).collect();
    let mut netns = job.netns.clone();
    let mut v6 = false;
    while let Some(option) = words.first().filter(|word| word.starts_with('-')).copied() {
        match option {
            "-n" | "-netns" => {
                netns = job.shell.lab().get_netns(words.get(1)?).ok()?;
                words.remove(0);
            }
            "-6" => v6 = true,
            "-4" => {}
            _ => return None,
        }
        words.remove(0);
    }
    let object = |module: &str| match netns.is_root() {
        true => format!("{module}::"),
        false => format!("{}.{module}.", expression(job.shell, netns.name())),
    };
    match words.as_slice() {
        ["rule"] | ["rule", "list" | "show" | "ls"] => {
            let options = if v6 { "#{ v6: true }" } else { "" };
            Some(Statement { text: format!("{}list({options})", object("rule")), asks: true })
        }
        ["rule", verb @ ("add" | "del" | "delete"), rest @ ..] => {
            let mut options = pairs(rest, &["not", "l3mdev"], |word| match word {
                "lookup" => "table",
                "pref" | "preference" | "order" => "priority",
                "goto" => "go_to",
                other => other,
            })?;
            if v6 {
                options.push("v6: true".to_string());
            }
            let verb = if *verb == "add" { "add" } else { "del" };
            // In the language, a rule without a table is one of the main table; here it is any.
            if verb == "del" && !options.iter().any(|option| option.starts_with("table:")) {
                return None;
            }
            Some(Statement { text: format!("{}{verb}(#{{ {} }})", object("rule"), options.join(", ")), asks: false })
        }
        ["qdisc", verb @ ("add" | "replace" | "change" | "del" | "delete"), rest @ ..] => {
            let (mut dev, mut options, mut kind) = (None, Vec::new(), None);
            let mut rest = rest.iter();
            while kind.is_none()
                && let Some(word) = rest.next()
            {
                match *word {
                    "dev" => dev = rest.next(),
                    "root" => {}
                    "handle" | "parent" => options.push(format!("{word}: {:?}", rest.next()?)),
                    word => kind = Some(word),
                }
            }
            let receiver = format!("{}.link({:?}).qdisc.", expression(job.shell, netns.name()), dev?);
            let verb = if *verb == "delete" { "del" } else { verb };
            options.extend(pairs(rest.as_slice(), &["ecn"], |word| word)?);
            let map = if options.is_empty() { String::new() } else { format!("#{{ {} }}", options.join(", ")) };
            let words: Vec<String> = kind.filter(|_| verb != "del").map(|kind| format!("{kind:?}")).into_iter().chain(Some(map)).collect();
            let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
            Some(Statement { text: format!("{receiver}{verb}({})", words.join(", ")), asks: false })
        }
        ["link", "add", rest @ ..] => {
            let at = rest.iter().position(|word| *word == "type")?;
            let (before, kind, after) = (&rest[..at], rest.get(at + 1)?, rest.get(at + 2..)?);
            let (mut name, mut given) = (None, Vec::new());
            let mut before = before.iter();
            while let Some(word) = before.next() {
                match *word {
                    "name" | "dev" => name = before.next().copied(),
                    "link" | "mtu" | "address" | "up" => {
                        given.push(*word);
                        if *word != "up" {
                            given.push(before.next()?);
                        }
                    }
                    word if name.is_none() => name = Some(word),
                    _ => return None,
                }
            }
            given.extend(after);
            let options = pairs(&given, &["up", "external"], |word| if word == "address" { "mac" } else { word })?;
            let options = if options.is_empty() { String::new() } else { format!(", #{{ {} }}", options.join(", ")) };
            Some(Statement { text: format!("{}add({:?}, {kind:?}{options})", object("link"), name?), asks: false })
        }
        _ => None,
    }
}

/// The options of a sentence as those of a map; nothing where a word has no value.
fn pairs(words: &[&str], flags: &[&str], name: fn(&str) -> &str) -> Option<Vec<String>> {
    let mut options = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let key = name(word);
        if flags.contains(word) {
            options.push(format!("{key}: true"));
            continue;
        }
        let value = words.next()?;
        let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let key = if plain { key.to_string() } else { format!("{key:?}") };
        match value.parse::<i64>() {
            Ok(number) => options.push(format!("{key}: {number}")),
            Err(_) => options.push(format!("{key}: {value:?}")),
        }
    }
    Some(options)
}

//! The options that stand before the object: `ip -j -6 -n blue route`.

use super::stop::{Result, Stop};
use super::words::{Family, Words, begins};
use std::io::IsTerminal;

/// What was chosen.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs, reason = "the words of the options")]
pub struct Options {
    pub family: Family,
    pub brief: bool,
    pub oneline: bool,
    pub json: bool,
    pub pretty: bool,
    pub details: u32,
    pub stats: u32,
    pub numeric: bool,
    pub colour: bool,
    /// Rules and routes are those of multicast routing.
    pub multicast: bool,
    pub human: bool,
    pub iec: bool,
    pub all: bool,
    pub force: bool,
    pub timestamp: bool,
    pub timestamp_short: bool,
    pub batch: Option<String>,
    pub netns: Option<String>,
    pub version: bool,
    pub help: bool,
    /// Of `bridge`: `-compressvlans`.
    pub compress: bool,
    /// Of `tc`: `-graph`, `-raw`, `-nm`.
    pub graph: bool,
    pub raw: bool,
    pub names: bool,
    /// Of `tc`: each line ends with a backslash instead (`-oneline`).
    pub backslashes: bool,
}

/// One option: the word that choose it, whether they may be shortened, and what it does.
pub type Row = (&'static str, bool, fn(&mut Options, &mut Words<'_>) -> Result);

fn nothing(_: &mut Options, _: &mut Words<'_>) -> Result {
    Ok(())
}

fn family(options: &mut Options, words: &mut Words<'_>) -> Result {
    let word = words.value()?;
    options.family = Family::from_word(word).ok_or_else(|| Stop::invalid(word, "invalid protocol family"))?;
    Ok(())
}

fn json(options: &mut Options, _: &mut Words<'_>) -> Result {
    options.json = true;
    Ok(())
}

fn pretty(options: &mut Options, _: &mut Words<'_>) -> Result {
    options.pretty = true;
    Ok(())
}

fn details(options: &mut Options, _: &mut Words<'_>) -> Result {
    options.details += 1;
    Ok(())
}

fn stats(options: &mut Options, _: &mut Words<'_>) -> Result {
    options.stats += 1;
    Ok(())
}

fn oneline(options: &mut Options, _: &mut Words<'_>) -> Result {
    options.oneline = true;
    Ok(())
}

fn brief(options: &mut Options, _: &mut Words<'_>) -> Result {
    options.brief = true;
    Ok(())
}

fn numeric(options: &mut Options, _: &mut Words<'_>) -> Result {
    options.numeric = true;
    Ok(())
}

fn force(options: &mut Options, _: &mut Words<'_>) -> Result {
    options.force = true;
    Ok(())
}

fn batch(options: &mut Options, words: &mut Words<'_>) -> Result {
    options.batch = Some(words.value()?.to_string());
    Ok(())
}

fn netns(options: &mut Options, words: &mut Words<'_>) -> Result {
    options.netns = Some(words.value()?.to_string());
    Ok(())
}

fn version(options: &mut Options, _: &mut Words<'_>) -> Result {
    options.version = true;
    Ok(())
}

fn help(options: &mut Options, _: &mut Words<'_>) -> Result {
    options.help = true;
    Ok(())
}

fn argument(_: &mut Options, words: &mut Words<'_>) -> Result {
    words.value().map(|_| ())
}

/// Those of `ip`, in the order in which it tries them: a beginning means the first that fits (ip(8)).
pub const IP: &[Row] = &[
    ("-loops", true, argument),
    ("-family", true, family),
    ("-4", false, |o, _| {
        o.family = Family::Inet;
        Ok(())
    }),
    ("-6", false, |o, _| {
        o.family = Family::Inet6;
        Ok(())
    }),
    ("-0", false, |o, _| {
        o.family = Family::Link;
        Ok(())
    }),
    ("-M", false, |o, _| {
        o.family = Family::Mpls;
        Ok(())
    }),
    ("-B", false, |o, _| {
        o.family = Family::Bridge;
        Ok(())
    }),
    ("-human-readable", true, |o, _| {
        o.human = true;
        Ok(())
    }),
    ("-iec", true, |o, _| {
        o.iec = true;
        Ok(())
    }),
    ("-stats", true, stats),
    ("-statistics", true, stats),
    ("-details", true, details),
    ("-resolve", true, nothing),
    ("-oneline", true, oneline),
    ("-timestamp", true, |o, _| {
        o.timestamp = true;
        Ok(())
    }),
    ("-tshort", true, |o, _| {
        o.timestamp = true;
        o.timestamp_short = true;
        Ok(())
    }),
    ("-Version", true, version),
    ("-force", true, force),
    ("-batch", true, batch),
    ("-brief", true, brief),
    ("-json", true, json),
    ("-pretty", true, pretty),
    ("-rcvbuf", true, argument),
    ("-color", true, nothing),
    ("-help", true, help),
    ("-netns", true, netns),
    ("-Numeric", true, numeric),
    ("-all", true, |o, _| {
        o.all = true;
        Ok(())
    }),
];

/// Those of `bridge` (bridge(8)).
pub const BRIDGE: &[Row] = &[
    ("-help", true, help),
    ("-Version", true, version),
    ("-stats", true, stats),
    ("-statistics", true, stats),
    ("-details", true, details),
    ("-oneline", true, oneline),
    ("-timestamp", true, nothing),
    ("-family", true, family),
    ("-4", false, nothing),
    ("-6", false, nothing),
    ("-netns", true, netns),
    // `-c` alone is the colour.
    ("-color", true, nothing),
    ("-compressvlans", true, |o, _| {
        o.compress = true;
        Ok(())
    }),
    ("-force", true, force),
    ("-json", true, json),
    ("-pretty", true, pretty),
    ("-batch", true, batch),
];

/// Those of `tc` (tc(8)).
pub const TC: &[Row] = &[
    ("-stats", true, stats),
    ("-statistics", true, stats),
    ("-details", true, details),
    ("-raw", true, |o, _| {
        o.raw = true;
        Ok(())
    }),
    ("-pretty", true, pretty),
    ("-graph", true, |o, _| {
        o.graph = true;
        Ok(())
    }),
    ("-Version", true, version),
    ("-iec", true, |o, _| {
        o.iec = true;
        Ok(())
    }),
    ("-help", true, help),
    ("-force", true, force),
    ("-batch", true, |o, words| {
        match words.take() {
            Some(file) => o.batch = Some(file.to_string()),
            // Nothing is done but the usage told.
            None => o.help = true,
        }
        Ok(())
    }),
    ("-netns", true, netns),
    ("-Numeric", true, numeric),
    ("-nm", true, |o, _| {
        o.names = true;
        Ok(())
    }),
    ("-names", true, |o, _| {
        o.names = true;
        Ok(())
    }),
    ("-cf", true, argument),
    ("-conf", true, argument),
    ("-color", true, nothing),
    ("-timestamp", true, |o, _| {
        o.timestamp = true;
        Ok(())
    }),
    ("-tshort", true, |o, _| {
        (o.timestamp, o.timestamp_short) = (true, true);
        Ok(())
    }),
    ("-json", true, json),
    ("-oneline", true, |o, _| {
        o.backslashes = true;
        Ok(())
    }),
    ("-brief", true, brief),
];

/// `-color` alone is always.
fn colour(option: &str, how: Option<&str>) -> Result<bool> {
    match how {
        None | Some("always") => Ok(true),
        Some("auto") => Ok(std::io::stdout().is_terminal()),
        Some("never") => Ok(false),
        Some(_) => Err(Stop::unreadable(format!("Option \"{option}\" is unknown, try \"ip -help\"."))),
    }
}

/// Reads the options; what is left are the object and its words.
pub fn read(program: &str, table: &[Row], words: &mut Words<'_>) -> Result<Options> {
    let mut options = Options::default();
    while let Some(word) = words.peek().filter(|word| word.starts_with('-')) {
        words.take();
        let option = if word.starts_with("--") { &word[1..] } else { word };
        if option == "-" && word == "--" {
            break;
        }
        // `-c=auto` and its like.
        let bare = option.split_once('=').map_or(option, |(bare, _)| bare);
        let how = option.split_once('=').map(|(_, how)| how);
        let found = table.iter().find(|(full, short, _)| if *short { bare.len() > 1 && begins(bare, full) } else { bare == *full });
        match found {
            Some(("-color", ..)) => options.colour = colour(option, how)?,
            Some((_, _, act)) => act(&mut options, words)?,
            None => {
                let help = if program == "bridge" { "help" } else { "-help" };
                return Err(Stop::unreadable(format!("Option \"{option}\" is unknown, try \"{program} {help}\".")));
            }
        }
    }
    Ok(options)
}

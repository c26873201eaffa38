//! `sysctl [-w] KEY[=VALUE] …`, as sysctl(8) prints it.

use super::Job;
use crate::error::Result;

pub(super) fn run(job: &Job, words: &[String]) -> Result<()> {
    let (mut quiet, mut bare, mut seen) = (job.quiet, false, false);
    let text = words[1..].join(" ").replace(" = ", "=");
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match word {
            "-w" | "--write" => continue,
            "-q" | "--quiet" => quiet = true,
            "-n" | "--values" => bare = true,
            option if option.starts_with('-') => return job.program(words),
            _ => {
                seen = true;
                one(job, word, quiet, bare)?;
            }
        }
    }
    match seen {
        true => Ok(()),
        false => Err(job.wrong("the parameter is missing").hint("sysctl net.ipv4.ip_forward=1")),
    }
}

fn one(job: &Job, word: &str, quiet: bool, bare: bool) -> Result<()> {
    let receiver = if job.netns.is_root() { "sysctl::".to_string() } else { format!("{}sysctl.", job.receiver()) };
    let say = |key: &str, value: &str| {
        if !quiet {
            job.print(&if bare { value.to_string() } else { format!("{} = {value}", key.replace('/', ".")) });
        }
    };
    match word.split_once('=') {
        Some((key, value)) => {
            let value = value.trim_matches(['"', '\'']);
            job.netns.set_sysctl(key, value)?;
            say(key, value);
            let written = if value.parse::<i64>().is_ok() { value.to_string() } else { format!("{value:?}") };
            job.form(&format!("{receiver}set({key:?}, {written})"), true);
        }
        None => {
            say(word, &job.netns.sysctl(word)?);
            job.form(&format!("{receiver}get({word:?})"), false);
        }
    }
    Ok(())
}

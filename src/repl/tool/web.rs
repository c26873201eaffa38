//! `curl URL`, `wget -qO- URL` and `python3 -m http.server PORT`, without these programs.

use super::Job;
use crate::error::Result;
use crate::lab::http::{Content, DEADLINE};
use crate::lab::wait;
use std::path::PathBuf;
use std::time::Duration;

pub(super) fn get(job: &Job, words: &[String]) -> Result<()> {
    let (mut url, mut within, mut head, mut body, mut verbose) = (None, DEADLINE, false, true, false);
    let wget = words[0] == "wget";
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-m" | "--max-time" | "--connect-timeout" | "-T" => {
                let text = rest.next().map_or("", String::as_str);
                let seconds = text.parse().ok().and_then(|s| Duration::try_from_secs_f64(s).ok());
                within = seconds.ok_or_else(|| job.wrong(format!("`{text}` is no number of seconds")))?;
            }
            "-I" | "--head" => (head, body) = (true, false),
            "-i" | "--include" => head = true,
            "-v" => verbose = true,
            "-o" | "-O" if rest.as_slice().first().map(String::as_str) == Some("/dev/null") => {
                rest.next();
                body = false;
            }
            "-s" | "-S" | "-sS" | "-f" | "-L" | "-q" | "-qO-" | "-O-" | "-4" | "-g" | "-sf" | "-fsS" => {}
            option if option.starts_with('-') => return job.program(words),
            other => url = Some(other.to_string()),
        }
    }
    if wget && !words.iter().any(|word| word.ends_with("O-") || word == "-O") {
        return job.program(words);
    }
    let Some(url) = url else { return Err(job.wrong("the URL is missing").hint("curl http://10.0.0.1:8080")) };
    let page = job.netns.http_get(&url, within)?;
    if verbose {
        job.print(&format!("* Connected to {} port {}", page.from.ip(), page.from.port()));
    }
    if head || verbose {
        let mut text = format!("HTTP/1.1 {}", page.status);
        page.headers.iter().for_each(|(name, value)| text += &format!("\n{name}: {value}"));
        job.print(&(text + "\n"));
    }
    if body && !job.quiet {
        job.shell.say(page.body.trim_end());
    }
    let timeout = if within == DEADLINE { String::new() } else { format!(", #{{ timeout: \"{}\" }}", wait::span(within).replace(' ', "")) };
    job.form(&format!("{}http_get({url:?}{timeout})", job.receiver()), false);
    Ok(())
}

pub(super) fn serve(job: &Job, words: &[String]) -> Result<()> {
    let module = words.get(2).map_or("", String::as_str);
    if !matches!(module, "http.server" | "SimpleHTTPServer") {
        return job.program(words);
    }
    let (mut port, mut folder, mut at) = (8000_u16, None, None);
    let mut rest = words[3..].iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-d" | "--directory" => folder = rest.next().cloned(),
            "-b" | "--bind" => at = rest.next().map(|ip| crate::lab::address::ip(ip)).transpose()?,
            text => port = text.parse().map_err(|_| job.wrong(format!("`{text}` is no port")))?,
        }
    }
    let server = job.netns.http_server(at, port, Content::Folder(PathBuf::from(folder.as_deref().unwrap_or("."))))?;
    job.shell.servers.borrow_mut().push(server);
    job.print(&format!("Serving HTTP on 0.0.0.0 port {port} (http://0.0.0.0:{port}/) ..."));
    let mut options: Vec<String> = folder.map(|folder| format!("folder: {folder:?}")).into_iter().collect();
    options.extend(at.map(|at| format!("at: \"{at}\"")));
    let options = if options.is_empty() { String::new() } else { format!(", #{{ {} }}", options.join(", ")) };
    job.form(&format!("{}http_server({port}{options})", job.receiver()), true);
    job.shell.say(&job.shell.paint.dim(&format!("  it goes on in the background; `.log {port}` shows its requests")));
    Ok(())
}

//! `ping`, with the lines that ping(8) of iputils prints.

use super::Job;
use crate::error::{Kind, Result};
use crate::lab::address;
use crate::lab::ping::{Options, Ping};
use crate::lab::wait;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// How many requests are sent where ping would go on for ever.
const COUNT: u16 = 4;

struct Asked {
    target: String,
    count: Option<u16>,
    interval: Duration,
    options: Options,
    from: Option<String>,
    only_summary: bool,
}

pub(super) fn run(job: &Job, words: &[String], _v6: bool) -> Result<()> {
    let asked = read(job, words)?;
    let target = job.netns.resolve(&asked.target, Duration::from_secs(5))?;
    let from = asked.from.as_ref().map(|from| source(job, from, target)).transpose()?;
    let options = Options { count: 1, from, ..asked.options };
    let count = asked.count.unwrap_or(COUNT);
    job.print(&format!("PING {} ({target}) {}({}) bytes of data.", asked.target, options.size, options.size + 28));
    let begin = Instant::now();
    let mut all: Option<Ping> = None;
    let mut interrupted = false;
    for seq in 1..=count {
        let sent = Instant::now();
        let one = match job.netns.try_ping(target, &options) {
            Ok(one) => one,
            Err(error) if error.kind() == Kind::Interrupted => {
                interrupted = true;
                break;
            }
            Err(error) => return Err(error),
        };
        if !asked.only_summary {
            tell(job, &one, seq, options.size);
        }
        all = Some(match all {
            None => one,
            Some(mut sum) => {
                sum.sent += one.sent;
                sum.received += one.received;
                sum.times.extend(one.times);
                sum.error = one.error.or(sum.error);
                sum
            }
        });
        // Without a route, another request meets the same errno.
        let hopeless =
            all.as_ref().is_some_and(|ping| ping.received == 0 && ping.error.as_ref().is_some_and(|trouble| trouble.from.is_none()));
        if seq < count && !hopeless && wait::sleep(job.netns.lab(), asked.interval.saturating_sub(sent.elapsed())).is_err() {
            interrupted = true;
            break;
        }
        if hopeless {
            break;
        }
    }
    let Some(ping) = all else { return Ok(()) };
    summary(job, &ping, &asked.target, begin.elapsed());
    let mut options: Vec<String> = asked.count.map(|count| format!("count: {count}")).into_iter().collect();
    options.extend(from.map(|from| format!("from: \"{from}\"")));
    let options = if options.is_empty() { String::new() } else { format!(", #{{ {} }}", options.join(", ")) };
    job.form(&format!("{}ping({:?}{options})", job.receiver(), asked.target), false);
    if interrupted { Ok(()) } else { ping.check(&job.netns) }
}

/// `-I` takes an address or a link.
fn source(job: &Job, from: &str, target: IpAddr) -> Result<IpAddr> {
    if let Ok(ip) = address::ip(from) {
        return Ok(ip);
    }
    let addrs = job.netns.link(from)?.addrs()?;
    let own = addrs.iter().map(|addr| addr.state.net.addr()).find(|ip| ip.is_ipv4() == target.is_ipv4());
    own.ok_or_else(|| job.wrong(format!("`{from}` has no address of that family")))
}

fn read(job: &Job, words: &[String]) -> Result<Asked> {
    let mut asked = Asked {
        target: String::new(),
        count: None,
        interval: Duration::from_millis(250),
        options: Options { timeout: Duration::from_secs(2), ..Options::default() },
        from: None,
        only_summary: false,
    };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (option, joined) = match word.strip_prefix('-') {
            Some(rest) if rest.len() > 1 && rest.is_char_boundary(1) => (format!("-{}", &rest[..1]), Some(rest[1..].to_string())),
            Some(_) => (word.clone(), None),
            None => {
                asked.target.clone_from(word);
                continue;
            }
        };
        let mut value =
            || joined.clone().or_else(|| words.next().cloned()).ok_or_else(|| job.wrong(format!("`{option}` needs a value behind it")));
        let seconds = |text: String| {
            text.parse::<f64>()
                .ok()
                .and_then(|s| Duration::try_from_secs_f64(s).ok())
                .ok_or_else(|| job.wrong(format!("`{text}` is no number of seconds")))
        };
        let number = |text: String| text.parse::<u16>().map_err(|_| job.wrong(format!("`{text}` is no number up to 65535")));
        match option.as_str() {
            "-c" => asked.count = Some(number(value()?)?.max(1)),
            "-i" => asked.interval = seconds(value()?)?,
            "-W" | "-w" => asked.options.timeout = seconds(value()?)?,
            "-s" => asked.options.size = usize::from(number(value()?)?),
            "-t" => asked.options.ttl = Some(u32::from(number(value()?)?)),
            "-I" => asked.from = Some(value()?),
            "-M" => asked.options.df = value()? == "do",
            "-q" => asked.only_summary = true,
            "-n" | "-v" | "-O" | "-4" | "-6" | "-D" | "-b" | "-A" | "-f" => {}
            other => {
                return Err(job.wrong(format!("labsh does not know ping's option `{other}`")).hint("there are -c -i -W -s -t -I -M -q"));
            }
        }
    }
    match asked.target.is_empty() {
        true => Err(job.wrong("it is not said whom to ping").hint("ping 10.0.0.1")),
        false => Ok(asked),
    }
}

fn tell(job: &Job, one: &Ping, seq: u16, size: usize) {
    match (one.times.first(), &one.error) {
        (Some(time), _) => {
            let from = one.from.map(|from| from.to_string()).unwrap_or_default();
            let ttl = one.ttl.map(|ttl| format!(" ttl={ttl}")).unwrap_or_default();
            job.print(&format!("{} bytes from {from}: icmp_seq={seq}{ttl} time={time:.3} ms", size + 8));
        }
        (None, Some(trouble)) if trouble.from.is_some() => {
            let from = trouble.from.map(|from| from.to_string()).unwrap_or_default();
            job.print(&format!("From {from} icmp_seq={seq} {}", trouble.text));
        }
        (None, _) => {}
    }
}

fn summary(job: &Job, ping: &Ping, target: &str, time: Duration) {
    let mut text = format!("\n--- {target} ping statistics ---\n{} packets transmitted, {} received", ping.sent, ping.received);
    text += &format!(", {:.0}% packet loss, time {}ms", ping.loss(), time.as_millis());
    if !ping.times.is_empty() {
        let count = ping.times.len() as f64;
        let average = ping.times.iter().sum::<f64>() / count;
        let (least, most) = ping.times.iter().fold((f64::MAX, 0_f64), |(least, most), time| (least.min(*time), most.max(*time)));
        let deviation = (ping.times.iter().map(|time| (time - average).powi(2)).sum::<f64>() / count).sqrt();
        text += &format!("\nrtt min/avg/max/mdev = {least:.3}/{average:.3}/{most:.3}/{deviation:.3} ms");
    }
    job.print(&text);
}

//! The only place that waits for time: conditions that no event tells of, asked again until a deadline.

use super::{Lab, Netns};
use crate::error::{Error, Kind, Result};
use crate::kernel::events::{Events, Topic};
use std::time::{Duration, Instant};

/// The pause between two looks grows from the first to the second.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LAST_PAUSE: Duration = Duration::from_millis(50);

/// Asks until the condition holds (true) or the deadline has passed (false). Ends with `interrupted` on Ctrl-C.
pub fn until(lab: &Lab, within: Duration, mut condition: impl FnMut() -> Result<bool>) -> Result<bool> {
    let begin = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        if condition()? {
            return Ok(true);
        }
        let left = within.saturating_sub(begin.elapsed());
        if left.is_zero() {
            return Ok(false);
        }
        sleep(lab, pause.min(left))?;
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

/// Waits until the condition holds (true) or the deadline has passed (false), and asks again whenever the namespace tells of a change.
/// Ends with `interrupted` on Ctrl-C.
pub fn until_event(netns: &Netns, topics: &'static [Topic], within: Duration, mut condition: impl FnMut() -> Result<bool>) -> Result<bool> {
    let lab = netns.lab();
    let begin = Instant::now();
    if condition()? {
        return Ok(true);
    }
    // Open before the next look: what changes in between is told.
    let events = Events::open(&netns.kernel()?, lab.0.runtime.handle(), topics);
    let mut events = events.map_err(|failure| failure.doing("listen to netns", format!("`{}`", netns.name())))?;
    loop {
        if condition()? {
            return Ok(true);
        }
        let left = within.saturating_sub(begin.elapsed());
        if left.is_zero() || lab.run_within(left, events.next())?.is_none() {
            return condition();
        }
    }
}

/// Lets time pass, until Ctrl-C.
pub fn sleep(lab: &Lab, span: Duration) -> Result<()> {
    lab.run_within(span, std::future::pending::<()>()).map(|_| ())
}

/// Reads a span of time with its unit, as `tc` writes it: `50ms`, `1.5s`, `2m`, `100us`.
///
/// # Errors
///
/// `bad-argument`, with the units.
pub fn parse_span(text: &str) -> Result<Duration> {
    let wrong = |cause: &str| Error::new(Kind::BadArgument, "read duration", format!("`{text}`"), cause);
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds_per_unit = match unit.trim() {
        "us" | "usec" | "usecs" => 1e-6,
        "ms" | "msec" | "msecs" => 1e-3,
        "s" | "sec" | "secs" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "" => return Err(wrong("it needs a unit: us, ms, s, m or h, as in \"50ms\"")),
        other => return Err(wrong(&format!("`{other}` is no unit of time; there are us, ms, s, m and h"))),
    };
    let number: f64 = number.parse().map_err(|_| wrong("it must begin with a number, as in \"50ms\""))?;
    Duration::try_from_secs_f64(number * seconds_per_unit).map_err(|_| wrong("it is too long"))
}

/// Writes a span of time in the unit that reads best.
pub fn span(span: Duration) -> String {
    let seconds = span.as_secs_f64();
    let trim = |number: f64| format!("{number:.3}").trim_end_matches('0').trim_end_matches('.').to_string();
    match seconds {
        s if s >= 60.0 && s % 60.0 == 0.0 => format!("{} min", trim(s / 60.0)),
        s if s >= 1.0 => format!("{} s", trim(s)),
        s if s >= 1e-3 => format!("{} ms", trim(s * 1e3)),
        s => format!("{} us", trim(s * 1e6)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_with_their_unit() {
        for (text, millis) in [("50ms", 50), ("1.5s", 1500), ("2m", 120_000), ("1h", 3_600_000), ("0s", 0), ("10 ms", 10)] {
            assert_eq!(parse_span(text).unwrap(), Duration::from_millis(millis), "{text}");
        }
        assert_eq!(parse_span("100us").unwrap(), Duration::from_micros(100));
    }

    #[test]
    fn a_span_without_unit_says_what_is_missing() {
        let message = |text| parse_span(text).unwrap_err().to_string();
        assert_eq!(message("5"), "cannot read duration `5`: it needs a unit: us, ms, s, m or h, as in \"50ms\"");
        assert_eq!(message("5parsecs"), "cannot read duration `5parsecs`: `parsecs` is no unit of time; there are us, ms, s, m and h");
        assert!(message("fast").contains("no unit of time"));
        assert!(message("1.2.3s").contains("must begin with a number"));
        assert!(message("99999999999999999999h").contains("too long"));
    }

    #[test]
    fn spans_are_written_in_the_unit_that_reads_best() {
        let written = |millis| span(Duration::from_millis(millis));
        assert_eq!((written(50), written(1500), written(120_000)), ("50 ms".into(), "1.5 s".into(), "2 min".into()));
    }
}

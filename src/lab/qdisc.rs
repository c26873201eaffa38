//! Queueing disciplines (`tc qdisc`), and bad links in one deed: `shape`, `unshape`, `flap`.

use super::{Link, Netns, wait};
use crate::error::{Error, Kind, Result};
use crate::kernel::qdisc::{self, ClassSpec, Mode, Netem, Place, Qdisc, ROOT, Rate, Spec, Tbf};
use std::time::Duration;

/// How long a packet waits at most in a bucket, if nothing else is said.
pub const LATENCY: Duration = Duration::from_millis(50);

/// The smallest bucket: some packets, and what a rate sends between two ticks of a slow timer.
pub fn usual_burst(rate: u64) -> u32 {
    u32::try_from(rate / 8 / 250).unwrap_or(u32::MAX).max(16 * 1024)
}

/// Makes a bucket of a rate with what usually fits.
pub fn bucket(rate: u64, burst: Option<u32>, latency: Duration) -> Tbf {
    let burst = burst.unwrap_or_else(|| usual_burst(rate));
    let waiting = u64::try_from(u128::from(rate) / 8 * latency.as_nanos() / 1_000_000_000).unwrap_or(u64::MAX);
    Tbf { rate: Rate::plain(rate), burst, limit: u32::try_from(waiting + u64::from(burst)).unwrap_or(u32::MAX), peak: None }
}

/// Writes a handle as `tc` does: `1:`, `1:10`, hexadecimal.
pub fn handle_text(handle: u32) -> String {
    match handle {
        ROOT => "root".to_string(),
        qdisc::INGRESS => "ingress".to_string(),
        0 => "none".to_string(),
        _ if handle & 0xffff == 0 => format!("{:x}:", handle >> 16),
        _ => format!("{:x}:{:x}", handle >> 16, handle & 0xffff),
    }
}

/// Reads a handle: `root`, `1:`, `1:10`.
///
/// # Errors
///
/// `bad-argument`.
pub fn parse_handle(text: &str) -> Result<u32> {
    let wrong = || {
        let cause = "it is written as 1: or 1:10, in hexadecimal";
        Error::new(Kind::BadArgument, "read handle", format!("`{text}`"), cause)
    };
    match text {
        "root" => return Ok(ROOT),
        "ingress" | "clsact" => return Ok(qdisc::INGRESS),
        _ => {}
    }
    let (major, minor) = text.split_once(':').ok_or_else(wrong)?;
    let number = |text: &str| u16::from_str_radix(if text.is_empty() { "0" } else { text }, 16).map_err(|_| wrong());
    Ok((u32::from(number(major)?) << 16) | u32::from(number(minor)?))
}

impl Link {
    fn place(&self, parent: u32, handle: u32) -> Place {
        Place { index: self.index(), handle, parent }
    }

    /// Sets a queueing discipline.
    ///
    /// # Errors
    ///
    /// `exists` unless it replaces; `unsupported` when the kernel lacks it.
    pub fn add_qdisc(&self, spec: &Spec, parent: u32, handle: u32, mode: Mode) -> Result<()> {
        let place = self.place(parent, handle);
        let doing = match mode {
            Mode::Add => "add qdisc",
            Mode::Replace => "replace qdisc",
            Mode::Change => "change qdisc",
        };
        let subject = || format!("`{}` of link `{}`", spec.kind(), self.name());
        let netns = self.netns();
        let what = || format!("qdisc of link {}", self.name());
        let entry = netns.note_undo(qdisc::RTM_DELQDISC, || qdisc::del_message(self.place(parent, 0)), what)?;
        let set = netns.ask(doing, subject, async |socket| qdisc::add(socket, place, spec, mode).await);
        set.inspect_err(|_| netns.lab().ledger().strike(entry)).map_err(|error| self.explain_qdisc(error, spec, mode))?;
        if let Spec::Netem(netem) = spec
            && netem.seed.is_some()
        {
            // A kernel before 6.6 passes over the attribute in silence.
            let kept = self.qdiscs()?.iter().any(|found| found.kind == "netem" && Netem::read(&found.options).seed == netem.seed);
            if !kept {
                let _ = self.del_qdisc(parent, handle);
                let cause = "this kernel's netem takes no seed";
                let error = Error::new(Kind::Unsupported, doing, subject(), cause).in_netns(self.netns().name());
                return Err(error.because("seeds are known since Linux 6.6"));
            }
        }
        Ok(())
    }

    fn explain_qdisc(&self, error: Error, spec: &Spec, mode: Mode) -> Error {
        let unknown = error.kernel().is_some_and(|text| text.contains("qdisc kind is unknown") || text.contains("qdisc not found"));
        match error.errno() {
            Some("ENOENT") if unknown => {
                let error = unsupported(&error, spec.kind()).in_netns(self.netns().name());
                match spec {
                    Spec::Netem(netem) if netem.rate.is_some() => {
                        error.hint("a rate alone works here, by tbf: link.shape(#{ rate: \"10mbit\" })")
                    }
                    Spec::Netem(_) => error.hint("what works here is a rate, by tbf: link.shape(#{ rate: \"10mbit\" })"),
                    Spec::Plain(..) | Spec::Prio(_) | Spec::Sfq(_) | Spec::Hfsc(_) => {
                        error.hint("tbf, htb, pfifo and ingress are in most kernels")
                    }
                    _ => error,
                }
            }
            Some("EEXIST") => error.because("a discipline is there already").hint("use qdisc.replace"),
            Some("ENODEV") => error.because("the link is gone"),
            Some("ENOENT" | "EINVAL") if mode == Mode::Change => {
                error.because(format!("there is no {} to be changed", spec.kind())).hint("use qdisc.replace")
            }
            Some("ENOENT") => error.because("there is no such parent"),
            _ => error,
        }
    }

    /// Deletes the discipline that hangs at a place.
    ///
    /// # Errors
    ///
    /// `not-found` when only the kernel's own is there.
    pub fn del_qdisc(&self, parent: u32, handle: u32) -> Result<()> {
        let place = self.place(parent, handle);
        let subject = || format!("`{}` of link `{}`", handle_text(parent), self.name());
        self.netns().ask("delete qdisc", subject, async |socket| qdisc::del(socket, place).await).map_err(|error| match error.errno() {
            Some("ENOENT" | "EINVAL") => {
                let none = "nothing but the kernel's own discipline is there";
                Error::new(Kind::NotFound, "delete qdisc", subject(), none).in_netns(self.netns().name())
            }
            _ => error,
        })
    }

    /// Lists its disciplines.
    pub fn qdiscs(&self) -> Result<Vec<Qdisc>> {
        let index = self.index();
        self.netns().ask("list qdiscs", String::new, async |socket| qdisc::list(socket, Some(index)).await)
    }

    /// Makes a class, or changes it.
    ///
    /// # Errors
    ///
    /// `exists` unless it replaces; `not-found` without its parent.
    pub fn add_class(&self, parent: u32, handle: u32, class: &ClassSpec, mode: Mode) -> Result<()> {
        let place = self.place(parent, handle);
        let subject = || format!("`{}` of link `{}`", handle_text(handle), self.name());
        let doing = match mode {
            Mode::Add => "add class",
            Mode::Replace => "replace class",
            Mode::Change => "change class",
        };
        let made = self.netns().ask(doing, subject, async |socket| qdisc::add_class(socket, place, class, mode).await);
        let major = handle & 0xffff_0000;
        made.map_err(|error| match error.errno() {
            Some("ENOENT" | "EINVAL" | "EOPNOTSUPP") => {
                match self.qdiscs().unwrap_or_default().iter().find(|found| found.handle == major) {
                    None => error.because(format!("there is no {} discipline `{}`", class.kind(), handle_text(major))),
                    Some(other) if other.kind != class.kind() => error.because(format!(
                        "`{}` is a discipline of {}, which has no classes of {}",
                        handle_text(major),
                        other.kind,
                        class.kind()
                    )),
                    Some(_) if mode == Mode::Change => error.because("there is no such class").hint("use class.add"),
                    Some(_) => error,
                }
            }
            Some("EEXIST") => error.because("there is such a class already").hint("use class.replace"),
            _ => error,
        })
    }

    /// Deletes a class.
    ///
    /// # Errors
    ///
    /// `not-found`; `busy` while classes or filters hang on it.
    pub fn del_class(&self, handle: u32) -> Result<()> {
        let place = self.place(0, handle);
        let subject = || format!("`{}` of link `{}`", handle_text(handle), self.name());
        self.netns().ask("delete class", subject, async |socket| qdisc::del_class(socket, place).await)
    }

    /// Lists its classes.
    pub fn classes(&self) -> Result<Vec<Qdisc>> {
        let index = self.index();
        self.netns().ask("list classes", String::new, async |socket| qdisc::classes(socket, index).await)
    }

    /// The links that a condition acts on: itself, and for both ways the other end of its pair.
    ///
    /// # Errors
    ///
    /// `bad-argument` when there is no other end.
    pub fn ways(&self, both: bool) -> Result<Vec<Link>> {
        if !both {
            return Ok(vec![self.clone()]);
        }
        let state = self.state()?;
        let other = if state.kind.as_deref() == Some("veth") { self.peer()? } else { None };
        match other {
            Some(other) => Ok(vec![self.clone(), other]),
            None => {
                let cause = "it has no other end that could be shaped too";
                let error = Error::new(Kind::BadArgument, "shape link", format!("`{}`", state.name), cause).in_netns(self.netns().name());
                Err(error.hint("with #{ both: false } only what it sends is shaped"))
            }
        }
    }

    /// Makes what it sends, and for both ways what it receives, slow or lossy. Replaces what was set before, while traffic flows.
    ///
    /// # Errors
    ///
    /// `unsupported` when the kernel has no netem. Nothing is changed then.
    pub fn shape(&self, netem: &Netem, both: bool) -> Result<()> {
        let ways = self.ways(both)?;
        let before: Vec<Vec<Qdisc>> = ways.iter().map(Link::qdiscs).collect::<Result<_>>()?;
        for (done, way) in ways.iter().enumerate() {
            let spec = over(netem, &before[done]);
            if let Err(error) = way.add_qdisc(&spec, ROOT, 0, Mode::Replace) {
                for (way, old) in ways.iter().zip(&before).take(done) {
                    way.restore(old);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn restore(&self, old: &[Qdisc]) {
        let place = self.place(ROOT, 0);
        let _ = match old.iter().find(|old| old.parent == ROOT && old.handle != 0) {
            None => self.del_qdisc(ROOT, 0),
            Some(old) => self.netns().ask("restore qdisc", String::new, async |socket| {
                qdisc::add_raw(socket, place, &old.kind, Some(&old.options), Mode::Replace).await
            }),
        };
    }

    /// What [`Link::shape`] would set here now.
    pub fn shaped_by(&self, netem: &Netem) -> Result<Spec> {
        Ok(over(netem, &self.qdiscs()?))
    }

    /// Takes away what [`Link::shape`] did.
    pub fn unshape(&self) -> Result<Vec<Link>> {
        let ways = self.ways(true).or_else(|_| self.ways(false))?;
        let mut freed = Vec::new();
        for way in ways {
            if way.qdiscs()?.iter().any(|found| found.parent == ROOT && found.handle != 0) {
                way.del_qdisc(ROOT, 0)?;
                freed.push(way);
            }
        }
        Ok(freed)
    }

    /// Waits, for a link that is set down and up again.
    pub fn pause(&self, span: Duration) -> Result<()> {
        wait::sleep(self.netns().lab(), span)
    }
}

/// What does it where those disciplines are.
fn over(netem: &Netem, before: &[Qdisc]) -> Spec {
    let old = before.iter().find(|old| old.parent == ROOT && old.kind == "netem").map(|old| Netem::read(&old.options));
    match (shape_spec(netem), old) {
        (Spec::Netem(new), Some(old)) => Spec::Netem(Box::new(new.instead_of(&old))),
        (spec, _) => spec,
    }
}

/// A rate alone is done by tbf, which every kernel has; everything else by netem.
pub fn shape_spec(netem: &Netem) -> Spec {
    match (netem.is_rate_only(), netem.rate) {
        (true, Some(rate)) => Spec::Tbf(bucket(rate, None, LATENCY)),
        _ => Spec::Netem(Box::new(netem.clone())),
    }
}

fn unsupported(error: &Error, kind: &str) -> Error {
    Error::new(Kind::Unsupported, error.operation(), error.subject(), format!("this kernel has no {kind} queueing discipline"))
        .with_errno(Some(crate::error::Errno { name: "ENOENT".into(), text: String::new() }), error.kernel().map(str::to_string))
}

impl Netns {
    /// Lists the disciplines of all links, each with the name of its link.
    pub fn qdiscs(&self) -> Result<Vec<(Qdisc, String)>> {
        let found = self.ask("list qdiscs", String::new, async |socket| qdisc::list(socket, None).await)?;
        let links = self.link_states()?;
        let name = |index| links.iter().find(|link| link.index == index).map(|link| link.name.clone()).unwrap_or_default();
        Ok(found.into_iter().map(|qdisc| (name(qdisc.index), qdisc)).map(|(name, qdisc)| (qdisc, name)).collect())
    }
}

/// A condition with a name.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// One-way delay, in milliseconds.
    pub delay: u64,
    /// Jitter, in milliseconds.
    pub jitter: u64,
    /// Loss, from 0 to 1.
    pub loss: f64,
    /// Rate in bit/s.
    pub rate: u64,
}

/// The conditions with a name; each acts in both directions, so that a round trip takes twice the delay.
pub const PRESETS: [Preset; 5] = [
    Preset { name: "wifi", delay: 3, jitter: 2, loss: 0.002, rate: 50_000_000 },
    Preset { name: "lte", delay: 25, jitter: 8, loss: 0.001, rate: 20_000_000 },
    Preset { name: "3g", delay: 75, jitter: 20, loss: 0.005, rate: 2_000_000 },
    Preset { name: "satellite", delay: 300, jitter: 10, loss: 0.005, rate: 25_000_000 },
    Preset { name: "dsl", delay: 12, jitter: 1, loss: 0.0, rate: 16_000_000 },
];

impl Preset {
    /// Returns what netem is to do.
    pub fn netem(&self) -> Netem {
        Netem {
            delay: Some(Duration::from_millis(self.delay)),
            jitter: Some(Duration::from_millis(self.jitter)),
            loss: (self.loss > 0.0).then_some(self.loss),
            rate: Some(self.rate),
            ..Netem::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_read_and_written_as_tc_does() {
        for (text, number) in [("1:", 0x1_0000), ("1:10", 0x1_0010), ("ffff:", 0xffff_0000), ("root", ROOT)] {
            assert_eq!(parse_handle(text).unwrap(), number);
            assert_eq!(handle_text(number), text);
        }
        assert!(parse_handle("1").is_err() && parse_handle("x:").is_err() && parse_handle("10000:1").is_err());
    }
}

//! netem: delay, loss, and what else a bad wire does (linux/pkt_sched.h, tc-netem(8)).

use super::distribution::Distribution;
use super::words;
use crate::kernel::attr::{self, Writer};
use std::time::Duration;

/// What netem does to packets. Shares are from 0 to 1.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs, reason = "the words of tc-netem(8)")]
pub struct Netem {
    pub delay: Option<Duration>,
    pub jitter: Option<Duration>,
    pub delay_correlation: Option<f64>,
    pub distribution: Option<Distribution>,
    pub loss: Option<f64>,
    pub loss_correlation: Option<f64>,
    /// p, r, 1-h, 1-k.
    pub gemodel: Option<[f64; 4]>,
    /// p13, p31, p32, p23, p14.
    pub state: Option<[f64; 5]>,
    pub ecn: bool,
    pub duplicate: Option<f64>,
    pub duplicate_correlation: Option<f64>,
    pub corrupt: Option<f64>,
    pub corrupt_correlation: Option<f64>,
    pub reorder: Option<f64>,
    pub reorder_correlation: Option<f64>,
    pub gap: Option<u32>,
    /// In bit/s.
    pub rate: Option<u64>,
    /// Bytes added to each packet, size of a cell, bytes added to each cell.
    pub rate_overhead: (i32, u32, i32),
    pub limit: Option<u32>,
    pub slot: Option<Slot>,
    pub seed: Option<u64>,
}

/// How packets are held back and let go together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Slot {
    /// Shortest and longest time; or, with a distribution, time and jitter.
    pub times: (Duration, Duration),
    /// How the times are spread.
    pub distribution: Option<Distribution>,
    /// `packets`: how many go in one slot at most.
    pub packets: u32,
    /// `bytes`: how many go in one slot at most.
    pub bytes: u32,
}

/// Shares go over the wire as 32 bits: all ones is all.
fn scaled(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * f64::from(u32::MAX)).round() as u32
}

fn unscaled(number: u32) -> f64 {
    f64::from(number) / f64::from(u32::MAX)
}

impl Netem {
    /// How many packets wait at most, if not said (tc-netem(8)).
    pub const LIMIT: u32 = 1000;

    /// Says no to what was set before and is not asked for now: what a message does not name, the kernel leaves as it is
    /// (net/sched/sch_netem.c, netem_change).
    #[must_use]
    pub fn instead_of(&self, old: &Netem) -> Netem {
        let off = |now: Option<f64>, old: Option<f64>| now.or(old.map(|_| 0.0));
        let mut new = self.clone();
        new.corrupt = off(self.corrupt, old.corrupt);
        new.rate = self.rate.or(old.rate.map(|_| 0));
        if old.reorder.is_some() && self.reorder.is_none() && self.delay.is_some() {
            (new.reorder, new.gap) = (Some(0.0), Some(0));
        }
        new
    }

    /// Returns whether nothing but a rate is asked for, which other disciplines can do as well.
    pub fn is_rate_only(&self) -> bool {
        let bare = Netem { rate: self.rate, ..Netem::default() };
        self.rate.is_some() && *self == bare
    }

    pub(super) fn options(&self) -> Vec<u8> {
        let share = |share: Option<f64>| scaled(share.unwrap_or(0.0));
        // With reordering, every packet is a candidate unless a gap is given.
        let gap = self.gap.unwrap_or(u32::from(self.reorder.is_some()));
        // struct tc_netem_qopt: latency, limit, loss, gap, duplicate, jitter. The times go in attributes of 64 bits.
        let head = words(&[0, self.limit.unwrap_or(Netem::LIMIT), share(self.loss), gap, share(self.duplicate), 0]);
        let mut writer = Writer::new(&head);
        let correlations = [self.delay_correlation, self.loss_correlation, self.duplicate_correlation];
        if correlations.iter().any(Option::is_some) {
            writer.put(1, &words(&correlations.map(share)));
        }
        let table = |distribution: Distribution| distribution.table().iter().flat_map(|value| value.to_ne_bytes()).collect::<Vec<u8>>();
        if let Some(distribution) = self.distribution {
            writer.put(2, &table(distribution));
        }
        if self.reorder.is_some() {
            writer.put(3, &words(&[share(self.reorder), share(self.reorder_correlation)]));
        }
        if self.corrupt.is_some() {
            writer.put(4, &words(&[share(self.corrupt), share(self.corrupt_correlation)]));
        }
        if let Some([p, r, one_minus_h, one_minus_k]) = self.gemodel {
            writer.nest(5, |loss| loss.put(2, &words(&[scaled(p), scaled(r), scaled(1.0 - one_minus_h), scaled(one_minus_k)])));
        }
        if let Some([p13, p31, p32, p23, p14]) = self.state {
            // struct tc_netem_gimodel has p14 before p23.
            writer.nest(5, |loss| loss.put(1, &words(&[p13, p31, p32, p14, p23].map(scaled))));
        }
        if let Some(rate) = self.rate {
            let bytes = rate / 8;
            if bytes > u64::from(u32::MAX) {
                writer.u64(8, bytes);
            }
            let (packet, cell, cell_overhead) = self.rate_overhead;
            let short = bytes.min(u64::from(u32::MAX)) as u32;
            writer.put(6, &words(&[short, packet.cast_unsigned(), cell, cell_overhead.cast_unsigned()]));
        }
        if self.ecn {
            writer.u32(7, 1);
        }
        if let Some(delay) = self.delay {
            writer.u64(10, delay.as_nanos() as u64);
        }
        if let Some(jitter) = self.jitter {
            writer.u64(11, jitter.as_nanos() as u64);
        }
        if let Some(slot) = &self.slot {
            // struct tc_netem_slot: two times, two limits, two times of a distribution.
            let times = [slot.times.0.as_nanos() as u64, slot.times.1.as_nanos() as u64];
            let (range, spread) = if slot.distribution.is_some() { ([0, 0], times) } else { (times, [0, 0]) };
            let mut bytes: Vec<u8> = range.iter().flat_map(|time| time.to_ne_bytes()).collect();
            bytes.extend(words(&[slot.packets, slot.bytes]));
            bytes.extend(spread.iter().flat_map(|time| time.to_ne_bytes()));
            writer.put(12, &bytes);
            if let Some(distribution) = slot.distribution {
                writer.put(13, &table(distribution));
            }
        }
        if let Some(seed) = self.seed {
            writer.u64(14, seed);
        }
        writer.bytes()
    }

    /// Reads what the kernel tells.
    pub fn read(options: &[u8]) -> Netem {
        let at = |place: usize| attr::u32_at(options, place * 4);
        let some = |number: u32| (number != 0).then(|| unscaled(number));
        let time = |bytes: &[u8]| Some(Duration::from_nanos(attr::number(bytes))).filter(|time| !time.is_zero());
        let mut netem = Netem { limit: Some(at(1)), loss: some(at(2)), duplicate: some(at(4)), ..Netem::default() };
        netem.gap = Some(at(3)).filter(|gap| *gap != 0);
        for (kind, value) in attr::read(options.get(24..).unwrap_or_default()) {
            let number = |place: usize| attr::u32_at(value, place * 4);
            match kind {
                1 => {
                    netem.delay_correlation = some(number(0));
                    netem.loss_correlation = some(number(1));
                    netem.duplicate_correlation = some(number(2));
                }
                3 => (netem.reorder, netem.reorder_correlation) = (some(number(0)), some(number(1))),
                4 => (netem.corrupt, netem.corrupt_correlation) = (some(number(0)), some(number(1))),
                5 => {
                    netem.gemodel = attr::find(value, 2).map(|ge| {
                        let share = |place: usize| unscaled(attr::u32_at(ge, place * 4));
                        [share(0), share(1), 1.0 - share(2), share(3)]
                    });
                    netem.state = attr::find(value, 1).map(|gi| [0, 1, 2, 4, 3].map(|place| unscaled(attr::u32_at(gi, place * 4))));
                }
                6 if number(0) != 0 => {
                    netem.rate = netem.rate.or(Some(u64::from(number(0)) * 8));
                    netem.rate_overhead = (number(1).cast_signed(), number(2), number(3).cast_signed());
                }
                7 => netem.ecn = number(0) != 0,
                8 => netem.rate = Some(attr::number(value) * 8),
                10 => netem.delay = time(value),
                11 => netem.jitter = time(value),
                12 if value.len() >= 40 => {
                    let span = |at: usize| Duration::from_nanos(attr::number(&value[at..at + 8]));
                    let (range, spread) = ((span(0), span(8)), (span(24), span(32)));
                    // The kernel does not tell which distribution; iproute2 calls it by that word alone.
                    let distribution = (!spread.0.is_zero()).then_some(Distribution::Normal);
                    let times = if distribution.is_some() { spread } else { range };
                    netem.slot = Some(Slot { times, distribution, packets: attr::u32_at(value, 16), bytes: attr::u32_at(value, 20) });
                }
                14 => netem.seed = Some(attr::number(value)),
                _ => {}
            }
        }
        netem
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn netem_reads_back_what_it_wrote() {
        let netem = Netem {
            delay: Some(Duration::from_millis(50)),
            jitter: Some(Duration::from_millis(5)),
            loss: Some(0.25),
            duplicate: Some(0.5),
            corrupt: Some(1.0),
            rate: Some(8_000_000),
            rate_overhead: (-14, 48, 5),
            limit: Some(77),
            seed: Some(42),
            slot: Some(Slot { times: (Duration::from_micros(20), Duration::from_micros(30)), packets: 5, ..Slot::default() }),
            ..Netem::default()
        };
        let read = Netem::read(&netem.options());
        assert_eq!((read.delay, read.jitter, read.rate, read.limit), (netem.delay, netem.jitter, netem.rate, netem.limit));
        assert_eq!((read.seed, read.slot, read.corrupt, read.rate_overhead), (netem.seed, netem.slot, netem.corrupt, netem.rate_overhead));
        assert!((read.loss.unwrap() - 0.25).abs() < 1e-6 && (read.duplicate.unwrap() - 0.5).abs() < 1e-6);
    }

    #[test]
    fn what_was_set_before_is_taken_back() {
        let old = Netem { rate: Some(8_000_000), corrupt: Some(0.1), delay: Some(Duration::from_millis(1)), ..Netem::default() };
        let new = Netem { loss: Some(0.5), ..Netem::default() };
        let sent = new.instead_of(&old);
        assert_eq!((sent.rate, sent.corrupt, sent.loss, sent.delay), (Some(0), Some(0.0), Some(0.5), None));
        let read = Netem::read(&sent.options());
        assert_eq!((read.rate, read.corrupt, read.delay), (None, None, None));
        assert_eq!(new.instead_of(&Netem::default()), new);
    }

    #[test]
    fn the_chain_of_four_states_keeps_its_order() {
        let shares = [0.01, 0.1, 0.2, 0.3, 0.05];
        let read = Netem::read(&Netem { state: Some(shares), ..Netem::default() }.options()).state.unwrap();
        assert!(read.iter().zip(shares).all(|(read, share)| (read - share).abs() < 1e-6), "{read:?}");
    }
}

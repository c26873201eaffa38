//! Rates with buckets: tbf, and the classes of htb (linux/pkt_sched.h).

use super::words;
use crate::kernel::attr::{self, Writer};

/// The kernel counts bursts in ticks of 64 ns (include/net/pkt_sched.h, PSCHED_SHIFT): so many in a microsecond.
const TICKS_PER_MICROSECOND: f64 = 15.625;
const MICROSECONDS: f64 = 1e6;
/// TC_LINKLAYER_ETHERNET and TC_LINKLAYER_ATM.
const ETHERNET: u8 = 1;
const ATM: u8 = 2;

/// A rate, and what a packet costs beside its bytes (`struct tc_ratespec`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rate {
    /// In bit/s.
    pub bits: u64,
    /// `overhead`: bytes added to each packet.
    pub overhead: u16,
    /// `mpu`: a packet counts as so many bytes at least.
    pub mpu: u16,
    /// `linklayer atm` (or adsl): packets go in cells of 53 bytes.
    pub atm: bool,
}

impl Rate {
    /// A rate without more.
    pub fn plain(bits: u64) -> Rate {
        Rate { bits, ..Rate::default() }
    }

    /// Returns it in bytes per second, as the kernel counts.
    pub fn bytes(self) -> u64 {
        self.bits / 8
    }

    /// How long so many bytes last, in ticks; `tc` counts whole microseconds.
    pub fn ticks(self, bytes: u32) -> u32 {
        let micros = (MICROSECONDS * (f64::from(bytes) / self.bytes().max(1) as f64)) as u32;
        (f64::from(micros) * TICKS_PER_MICROSECOND) as u32
    }

    /// How many bytes go in so many ticks.
    pub fn size(self, ticks: u32) -> u32 {
        let micros = (f64::from(ticks) / TICKS_PER_MICROSECOND) as u32;
        (self.bytes() as f64 * f64::from(micros) / MICROSECONDS) as u32
    }

    /// Writes it; the size of a cell only matters where a table follows.
    pub(crate) fn spec(self, cell_log: u8) -> Vec<u8> {
        let rate = self.bytes().min(u64::from(u32::MAX)) as u32;
        let layer = if self.atm { ATM } else { ETHERNET };
        let align = if cell_log == 0 { 0 } else { -1_i16 };
        let mut spec = vec![cell_log, layer];
        spec.extend(self.overhead.to_ne_bytes());
        spec.extend(align.to_ne_bytes());
        spec.extend(self.mpu.to_ne_bytes());
        spec.extend(rate.to_ne_bytes());
        spec
    }

    /// Reads it from its place in a structure, or from the attribute that has all of a large one.
    pub(crate) fn read(spec: &[u8], at: usize, long: Option<&[u8]>) -> Rate {
        let bytes = long.map_or(u64::from(attr::u32_at(spec, at + 8)), attr::number);
        let short = |at: usize| spec.get(at..at + 2).map_or(0, |two| attr::number(two) as u16);
        Rate {
            bits: bytes.saturating_mul(8),
            overhead: short(at + 2),
            mpu: short(at + 6),
            atm: spec.get(at + 1).is_some_and(|layer| layer & 0xf == ATM),
        }
    }

    /// The table that older parts of the kernel insist on: how long packets of each size last. Returns the size of its cells, too.
    pub(crate) fn table(self, mtu: u32) -> (u8, Vec<u8>) {
        let mtu = if mtu == 0 { 2047 } else { mtu };
        let cell_log = (0..32_u8).find(|log| mtu >> log <= 255).unwrap_or(31);
        let lasts = |cell: u32| {
            // The kernel adds the overhead by itself.
            let size = ((cell + 1) << cell_log).max(self.mpu.into());
            self.ticks(if self.atm { size.div_ceil(48) * 53 } else { size })
        };
        (cell_log, (0..256).flat_map(|cell| lasts(cell).to_ne_bytes()).collect())
    }

    /// Writes the attribute for a rate that 32 bits cannot hold.
    pub(crate) fn put_long(self, writer: &mut Writer, kind: u16) {
        if self.bytes() > u64::from(u32::MAX) {
            writer.u64(kind, self.bytes());
        }
    }
}

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tbf {
    /// How fast.
    pub rate: Rate,
    /// In bytes.
    pub burst: u32,
    /// How many bytes wait at most.
    pub limit: u32,
    /// `peakrate` in bit/s, and its bucket in bytes (`mtu`).
    pub peak: Option<(Rate, u32)>,
}

impl Tbf {
    pub(super) fn options(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        let (peak, mtu) = self.peak.unwrap_or_default();
        let head = [
            self.rate.spec(0),
            if self.peak.is_some() { peak.spec(0) } else { vec![0; 12] },
            words(&[self.limit, self.rate.ticks(self.burst), if self.peak.is_some() { peak.ticks(mtu) } else { 0 }]),
        ];
        writer.put(1, &head.concat());
        writer.u32(6, self.burst);
        self.rate.put_long(&mut writer, 4);
        if self.peak.is_some() {
            peak.put_long(&mut writer, 5);
            writer.u32(7, mtu);
        }
        writer.bytes()
    }

    /// Reads what the kernel tells.
    pub fn read(options: &[u8]) -> Option<Tbf> {
        let head = attr::find(options, 1)?;
        let rate = Rate::read(head, 0, attr::find(options, 4));
        let peak = Rate::read(head, 12, attr::find(options, 5));
        let burst = rate.size(attr::u32_at(head, 28));
        let peak = (peak.bits > 0).then(|| (peak, peak.size(attr::u32_at(head, 32))));
        Some(Tbf { rate, burst, limit: attr::u32_at(head, 24), peak })
    }

    /// How long a packet waits at most, in microseconds: what `tc` tells rather than the limit.
    pub fn latency(&self) -> f64 {
        let wait = |rate: Rate, bucket: u32| {
            MICROSECONDS * (f64::from(self.limit) / rate.bytes() as f64) - f64::from(rate.ticks(bucket)) / TICKS_PER_MICROSECOND
        };
        let own = wait(self.rate, self.burst);
        self.peak.map_or(own, |(peak, mtu)| own.max(wait(peak, mtu)))
    }
}

/// A class of htb.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Class {
    /// What it is sure of.
    pub rate: Rate,
    /// What it may borrow up to.
    pub ceil: Rate,
    /// In bytes.
    pub burst: u32,
    /// In bytes.
    pub cburst: u32,
    /// The lower is served first.
    pub prio: u32,
    /// In bytes; 0 for what follows from the rate.
    pub quantum: u32,
}

impl Class {
    pub(super) fn options(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        self.rate.put_long(&mut writer, 6);
        self.ceil.put_long(&mut writer, 7);
        let numbers = words(&[self.rate.ticks(self.burst), self.ceil.ticks(self.cburst), self.quantum, 0, self.prio]);
        writer.put(1, &[self.rate.spec(0), self.ceil.spec(0), numbers].concat());
        writer.bytes()
    }

    /// Reads what the kernel tells; the last is the level in the tree, 0 for a leaf.
    pub fn read(options: &[u8]) -> Option<(Class, u32)> {
        let head = attr::find(options, 1)?;
        let rate = Rate::read(head, 0, attr::find(options, 6));
        let ceil = Rate::read(head, 12, attr::find(options, 7));
        let class = Class {
            rate,
            ceil,
            burst: rate.size(attr::u32_at(head, 24)),
            cburst: ceil.size(attr::u32_at(head, 28)),
            quantum: attr::u32_at(head, 32),
            prio: attr::u32_at(head, 40),
        };
        Some((class, attr::u32_at(head, 36)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_reads_back_what_it_wrote() {
        let rate = Rate { bits: 10_000_000, overhead: 14, mpu: 64, atm: false };
        let tbf = Tbf { rate, burst: 32768, limit: 100_000, peak: None };
        let read = Tbf::read(&tbf.options()).unwrap();
        assert_eq!((read.rate, read.limit), (tbf.rate, tbf.limit));
        assert!(read.burst.abs_diff(tbf.burst) < 100, "{}", read.burst);
    }

    #[test]
    fn rates_above_32_bits_keep_their_value() {
        let class = Class { rate: Rate::plain(40_000_000_000), ceil: Rate::plain(80_000_000_000), ..Class::default() };
        let (read, _) = Class::read(&class.options()).unwrap();
        assert_eq!((read.rate.bits, read.ceil.bits), (class.rate.bits, class.ceil.bits));
    }
}

//! Rate estimators: how often a rate is measured, and how slowly it follows (tc(8); linux/gen_stats.h, struct gnet_estimator).

use super::super::stop::{Result, Stop};
use super::super::words::Words;
use super::number;

/// TCA_RATE (linux/rtnetlink.h).
pub(super) const ATTRIBUTE: u16 = 5;

/// Reads an estimator; the word is behind us. Returns the attribute's value.
pub(super) fn read(words: &mut Words<'_>) -> Result<[u8; 2]> {
    let mut micros = |name: &str| -> Result<f64> {
        let time = number::time(words.value()?, 1e3).ok_or_else(|| Stop::invalid(name, "estimator"))?;
        Ok((time / 1000) as f64)
    };
    let (interval, constant) = (micros("invalid estimator interval")?, micros("invalid estimator time constant")?);
    setup(interval, constant).ok_or_else(|| Stop::unreadable("Error: estimator parameters are out of range."))
}

/// An interval is a power of two of seconds, from a quarter on; the average follows with a weight that is one of 1/2.
fn setup(micros: f64, constant: f64) -> Option<[u8; 2]> {
    let interval = (0..=5_i8).find(|log| micros <= f64::from(1 << log) * 250_000.0)?;
    let beyond = |log: &u8| micros / -(1.0 - 0.5_f64.powi(i32::from(*log))).ln() > constant;
    let log = (1..32_u8).find(beyond)? - 1;
    (log != 0).then(|| [(interval - 2).to_ne_bytes()[0], log])
}

#[cfg(test)]
mod tests {
    use super::setup;

    #[test]
    fn intervals_and_constants_become_logarithms() {
        assert_eq!(setup(1e6, 8e6), Some([0, 3]));
        assert_eq!(setup(250_000.0, 1e6), Some([0xfe, 2]));
        assert_eq!(setup(1e6, 1e6), None);
        assert_eq!(setup(1e9, 1e9), None);
    }
}

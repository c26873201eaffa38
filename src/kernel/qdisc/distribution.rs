//! How delays are spread: the tables that netem draws from.

/// How delays are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of tc-netem(8)")]
pub enum Distribution {
    Normal,
    Pareto,
    ParetoNormal,
}

impl Distribution {
    /// All words; uniform is what is taken when none is said.
    pub const WORDS: [&'static str; 4] = ["uniform", "normal", "pareto", "paretonormal"];

    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Distribution::Normal => "normal",
            Distribution::Pareto => "pareto",
            Distribution::ParetoNormal => "paretonormal",
        }
    }

    /// The table that iproute2 reads from files: the inverse of the distribution, in 1/8192 of a standard deviation.
    pub(super) fn table(self) -> Vec<i16> {
        const SIZE: usize = 4096;
        const SCALE: f64 = 8192.0;
        let normal = |i: usize| inverse_normal((i as f64 + 0.5) / SIZE as f64) * SCALE;
        let pareto = |i: usize| ((1.0 - i as f64 / SIZE as f64).powf(-1.0 / 3.0) - 1.5) * (4.0 / 3.0) * SCALE;
        (0..SIZE)
            .map(|i| match self {
                Distribution::Normal => normal(i),
                Distribution::Pareto => pareto(i),
                Distribution::ParetoNormal => normal(i) / 4.0 + pareto(i) * 3.0 / 4.0,
            })
            .map(|value| value.round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16)
            .collect()
    }
}

/// The inverse of the normal distribution (P. J. Acklam's approximation, relative error below 1.2e-9).
fn inverse_normal(p: f64) -> f64 {
    const A: [f64; 6] =
        [-3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1, 2.506628277459239];
    const B: [f64; 5] = [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1];
    const C: [f64; 6] =
        [-7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783];
    const D: [f64; 4] = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];
    let poly = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |q: f64| poly(&C, q) / (poly(&D, q) * q + 1.0);
    if p < 0.02425 {
        return tail((-2.0 * p.ln()).sqrt());
    }
    if p > 1.0 - 0.02425 {
        return -tail((-2.0 * (1.0 - p).ln()).sqrt());
    }
    let q = p - 0.5;
    let r = q * q;
    poly(&A, r) * q / (poly(&B, r) * r + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distributions_have_no_mean_and_one_deviation() {
        for distribution in [Distribution::Normal, Distribution::Pareto, Distribution::ParetoNormal] {
            let table = distribution.table();
            assert_eq!(table.len(), 4096);
            let mean = table.iter().map(|v| f64::from(*v)).sum::<f64>() / 4096.0 / 8192.0;
            assert!(mean.abs() < 0.05, "{distribution:?}: {mean}");
            assert!(table.windows(2).all(|pair| pair[0] <= pair[1]), "{distribution:?} grows");
        }
        let normal = Distribution::Normal.table();
        let square = normal.iter().map(|v| (f64::from(*v) / 8192.0).powi(2)).sum::<f64>() / 4096.0;
        assert!((square - 1.0).abs() < 0.05, "{square}");
    }
}

//! Rates, sizes and shares as `tc` writes them: `10mbit`, `32kb`, `1.5%`.

use crate::error::{Error, Kind, Result};

fn split(what: &str, text: &str, example: &str) -> Result<(f64, String)> {
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let wrong = || {
        Error::new(
            Kind::BadArgument,
            format!("read {what}"),
            format!("`{text}`"),
            format!("it must begin with a number, as in \"{example}\""),
        )
    };
    Ok((number.parse().map_err(|_| wrong())?, unit.trim().to_ascii_lowercase()))
}

/// Reads a rate in bit/s: `10mbit`, `1gbit`, `500kbit`, and in bytes `1mbps`.
///
/// # Errors
///
/// `bad-argument`, with the units.
pub fn parse_rate(text: &str) -> Result<u64> {
    let (number, unit) = split("rate", text, "10mbit")?;
    let wrong = |cause: String| Error::new(Kind::BadArgument, "read rate", format!("`{text}`"), cause);
    let scale = match unit.as_str() {
        "bit" => 1.0,
        "kbit" => 1e3,
        "mbit" => 1e6,
        "gbit" => 1e9,
        "tbit" => 1e12,
        "bps" => 8.0,
        "kbps" => 8e3,
        "mbps" => 8e6,
        "gbps" => 8e9,
        "" => return Err(wrong("it needs a unit: bit, kbit, mbit or gbit, as in \"10mbit\"".to_string())),
        other => return Err(wrong(format!("`{other}` is no unit of rate; there are bit, kbit, mbit, gbit, and bps, kbps, mbps in bytes"))),
    };
    let bits = number * scale;
    match (8.0..=1e15).contains(&bits) {
        true => Ok(bits as u64),
        false => Err(wrong("a rate is from 8bit to 1000tbit".to_string())),
    }
}

/// Reads a size in bytes: `1500`, `32kb`, `1mb`.
///
/// # Errors
///
/// `bad-argument`, with the units.
pub fn parse_size(text: &str) -> Result<u64> {
    let (number, unit) = split("size", text, "32kb")?;
    let scale = match unit.as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1024.0,
        "m" | "mb" => 1_048_576.0,
        "g" | "gb" => 1_073_741_824.0,
        "kbit" => 128.0,
        "mbit" => 131_072.0,
        other => {
            let cause = format!("`{other}` is no unit of size; there are b, kb, mb and gb");
            return Err(Error::new(Kind::BadArgument, "read size", format!("`{text}`"), cause));
        }
    };
    Ok((number * scale) as u64)
}

/// Reads a share: `1%` is 0.01.
///
/// # Errors
///
/// `bad-argument`, outside 0% to 100%, or without the sign.
pub fn parse_share(text: &str) -> Result<f64> {
    let (number, unit) = split("share", text, "1%")?;
    let wrong = |cause: &str| Error::new(Kind::BadArgument, "read share", format!("`{text}`"), cause);
    match (unit.as_str(), (0.0..=100.0).contains(&number)) {
        ("%", true) => Ok(number / 100.0),
        ("%", false) => Err(wrong("it is not from 0% to 100%")),
        _ => Err(wrong("it needs a percent sign, as in \"1%\"")),
    }
}

/// Writes a rate in the unit that reads best, as `tc` does.
pub fn rate(bits: u64) -> String {
    for (unit, scale) in [("Gbit", 1_000_000_000), ("Mbit", 1_000_000), ("Kbit", 1000)] {
        if bits >= scale && bits.is_multiple_of(scale) {
            return format!("{}{unit}", bits / scale);
        }
    }
    format!("{bits}bit")
}

/// Writes a share in percent.
pub fn share(share: f64) -> String {
    let percent = format!("{:.4}", share * 100.0);
    format!("{}%", percent.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_sizes_and_shares_are_read_with_their_units() {
        for (text, bits) in
            [("10mbit", 10_000_000), ("1.5mbit", 1_500_000), ("1gbit", 1_000_000_000), ("1mbps", 8_000_000), ("8Mbit", 8_000_000)]
        {
            assert_eq!(parse_rate(text).unwrap(), bits, "{text}");
        }
        assert_eq!(parse_size("32kb").unwrap(), 32768);
        assert_eq!(parse_size("1500").unwrap(), 1500);
        assert!((parse_share("1.5%").unwrap() - 0.015).abs() < 1e-9);
    }

    #[test]
    fn what_is_wrong_in_a_unit_is_said() {
        assert_eq!(
            parse_rate("10").unwrap_err().to_string(),
            "cannot read rate `10`: it needs a unit: bit, kbit, mbit or gbit, as in \"10mbit\""
        );
        assert!(parse_rate("10mb").unwrap_err().to_string().contains("`mb` is no unit of rate"));
        assert!(parse_share("1").unwrap_err().to_string().contains("percent sign"));
        assert!(parse_share("101%").unwrap_err().to_string().contains("not from 0% to 100%"));
        assert!(parse_rate("fast").is_err() && parse_size("5parsecs").is_err());
    }
}

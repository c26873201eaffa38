//! Rates, sizes, times and shares as `tc` reads and writes them (tc(8), PARAMETERS).

/// Splits a number from its unit.
fn split(text: &str) -> Option<(f64, String)> {
    // Hexadecimal digits, as the C library takes them for a number.
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        let end = hex.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(hex.len());
        return Some((u64::from_str_radix(&hex[..end], 16).ok()? as f64, hex[end..].to_ascii_lowercase()));
    }
    let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-');
    let mut end = text.find(|c: char| !digits(c)).unwrap_or(text.len());
    // An exponent, as in 1e3, unless it begins a unit.
    let rest = &text[end..];
    if rest.starts_with(['e', 'E']) && rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
        end += 1 + rest[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - 1);
    }
    Some((text[..end].parse().ok()?, text[end..].to_ascii_lowercase()))
}

/// Reads a rate in bit/s; a number without unit is bit/s.
pub fn rate(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let (unit, bytes) = match unit.strip_suffix("bps") {
        Some(unit) => (unit.to_string(), 8.0),
        None => (unit.strip_suffix("bit").map_or(unit.clone(), str::to_string), 1.0),
    };
    let scale = match unit.as_str() {
        "" => 1.0,
        "k" => 1e3,
        "m" => 1e6,
        "g" => 1e9,
        "t" => 1e12,
        "ki" => 1024.0,
        "mi" => 1024.0 * 1024.0,
        "gi" => 1024.0 * 1024.0 * 1024.0,
        "ti" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    // A letter alone is no unit.
    let whole = text.to_ascii_lowercase();
    if !unit.is_empty() && !whole.ends_with("bit") && !whole.ends_with("bps") {
        return None;
    }
    let bits = number * scale * bytes;
    (bits >= 0.0).then_some(bits as u64)
}

/// Reads a rate, or a share of what a link can do at most (`50%`), which the kernel tells in Mbit/s below /sys.
pub fn rate_on(dev: Option<&str>) -> impl Fn(&str) -> Option<u64> {
    let most = dev.and_then(|dev| std::fs::read_to_string(format!("/sys/class/net/{dev}/speed")).ok());
    let most = most.and_then(|text| text.trim().parse::<f64>().ok()).filter(|mbits| *mbits > 0.0);
    move |text| match text.strip_suffix('%') {
        Some(_) => Some((share(text)? * most? * 1e6) as u64),
        None => rate(text),
    }
}

/// Reads a size in bytes.
pub fn size(text: &str) -> Option<u32> {
    let (number, unit) = split(text)?;
    let scale = match unit.as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1024.0,
        "m" | "mb" => 1024.0 * 1024.0,
        "g" | "gb" => 1024.0 * 1024.0 * 1024.0,
        "kbit" => 1024.0 / 8.0,
        "mbit" => 1024.0 * 1024.0 / 8.0,
        "gbit" => 1024.0 * 1024.0 * 1024.0 / 8.0,
        _ => return None,
    };
    let bytes = number * scale;
    (0.0..=f64::from(u32::MAX)).contains(&bytes).then_some(bytes as u32)
}

/// Reads a time in ns; a number without unit is in `bare` ns.
pub fn time(text: &str, bare: f64) -> Option<u64> {
    let (number, unit) = split(text)?;
    let scale = match unit.as_str() {
        "" => bare,
        "s" | "sec" | "secs" => 1e9,
        "ms" | "msec" | "msecs" => 1e6,
        "us" | "usec" | "usecs" => 1e3,
        "ns" | "nsec" | "nsecs" => 1.0,
        _ => return None,
    };
    (number >= 0.0).then_some((number * scale) as u64)
}

/// Reads a share from 0 to 1; the sign may be left out.
pub fn share(text: &str) -> Option<f64> {
    let number: f64 = text.strip_suffix('%').unwrap_or(text).parse().ok()?;
    (0.0..=100.0).contains(&number).then_some(number / 100.0)
}

/// Writes a rate given in bit/s.
pub fn rate_text(bits: u64, iec: bool) -> String {
    let kilo: u64 = if iec { 1024 } else { 1000 };
    let units = ["", "K", "M", "G", "T"];
    let (mut rate, mut unit) = (bits, 0);
    while unit + 1 < units.len() && rate >= kilo && (rate % kilo == 0 || rate >= kilo * 1000) {
        rate /= kilo;
        unit += 1;
    }
    format!("{rate}{}{}bit", units[unit], if iec && unit > 0 { "i" } else { "" })
}

/// Writes a size in bytes.
pub fn size_text(bytes: u64) -> String {
    let number = bytes as f64;
    let (kilo, mega) = (1024.0, 1024.0 * 1024.0);
    let near = |unit: f64, by: f64| number >= unit && (unit * (number / unit).round_ties_even() - number).abs() < by;
    if near(mega, 1024.0) {
        return format!("{}Mb", (number / mega).round_ties_even());
    }
    if near(kilo, 16.0) {
        return format!("{}Kb", (number / kilo).round_ties_even());
    }
    format!("{bytes}b")
}

/// Writes a time given in µs.
pub fn time_text(micros: f64) -> String {
    if micros >= 1e6 {
        return format!("{}s", significant(micros / 1e6, 3));
    }
    if micros >= 1e3 {
        return format!("{}ms", significant(micros / 1e3, 3));
    }
    format!("{}us", micros as u64)
}

/// Writes a time given in ns.
pub fn nanos_text(nanos: u64) -> String {
    let number = nanos as f64;
    for (unit, scale) in [("s", 1e9), ("ms", 1e6), ("us", 1e3)] {
        if number >= scale {
            return format!("{}{unit}", significant(number / scale, 3));
        }
    }
    format!("{nanos}ns")
}

/// Writes a share from 0 to 1 in percent.
pub fn share_text(share: f64) -> String {
    format!("{}%", significant(100.0 * share, 6))
}

/// Writes a number with so many significant digits, as C's `%g` does.
pub fn significant(number: f64, digits: usize) -> String {
    if number == 0.0 {
        return "0".to_string();
    }
    let scientific = format!("{number:.*e}", digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim =
        |text: &str| if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text.to_string() };
    if exponent < -4 || exponent >= digits as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trim(mantissa), exponent.abs());
    }
    trim(&format!("{number:.*}", (digits as i32 - 1 - exponent).max(0) as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_tc_writes_them() {
        for (bits, text) in [(8_000_000, "8Mbit"), (500_000, "500Kbit"), (1_250_000, "1250Kbit"), (40_000_000_000, "40Gbit"), (0, "0bit")] {
            assert_eq!(rate_text(bits, false), text);
        }
        for (bytes, text) in [(32768, "32Kb"), (15_503_360, "15140Kb"), (10_485_760, "10Mb"), (1600, "1600b"), (0, "0b"), (10230, "10Kb")] {
            assert_eq!(size_text(bytes), text);
        }
        for (micros, text) in [(4999.0, "5ms"), (14534.0, "14.5ms"), (163_728.0, "164ms"), (1_500_000.0, "1.5s"), (49.0, "49us")] {
            assert_eq!(time_text(micros), text);
        }
        assert_eq!(nanos_text(20_000), "20us");
        for (number, text) in [(4.9e-5, "4.9e-05"), (0.1, "0.1"), (0.0008, "0.0008"), (1234567.0, "1.23457e+06"), (99.99, "99.99")] {
            assert_eq!(significant(number, 6), text);
        }
    }

    #[test]
    fn numbers_are_read_as_tc_reads_them() {
        for (text, bits) in
            [("1mbit", 1_000_000), ("0.5mbit", 500_000), ("100kbps", 800_000), ("1000", 1000), ("1Kibit", 1024), ("1GBps", 8_000_000_000)]
        {
            assert_eq!(rate(text), Some(bits), "{text}");
        }
        assert_eq!(rate("1foo"), None);
        assert_eq!(rate("1m"), None);
        assert_eq!(size("32kbit"), Some(4096));
        assert_eq!(size("10z"), None);
        assert_eq!(time("50ms", 1e3), Some(50_000_000));
        assert_eq!(time("50", 1e3), Some(50_000));
        assert_eq!(share("1.5%"), Some(0.015));
        assert_eq!(share("101%"), None);
    }
}

//! Netlink attributes by hand (netlink(7), `struct nlattr`), for messages that the typed crates do not know or know only in part.

use std::net::IpAddr;

/// Marks an attribute that holds attributes (NLA_F_NESTED).
const NESTED: u16 = 0x8000;

/// Writes a message: a fixed header, then attributes, each padded to four bytes.
#[derive(Debug, Clone, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Begins with a message's fixed header.
    pub fn new(header: &[u8]) -> Writer {
        let mut writer = Writer(header.to_vec());
        writer.pad();
        writer
    }

    fn pad(&mut self) {
        self.0.resize(self.0.len().next_multiple_of(4), 0);
    }

    /// Appends an attribute.
    pub fn put(&mut self, kind: u16, value: &[u8]) {
        let length = (value.len() + 4) as u16;
        self.0.extend_from_slice(&length.to_ne_bytes());
        self.0.extend_from_slice(&kind.to_ne_bytes());
        self.0.extend_from_slice(value);
        self.pad();
    }

    /// Appends a byte.
    pub fn u8(&mut self, kind: u16, value: u8) {
        self.put(kind, &[value]);
    }

    /// Appends a number of 16 bits.
    pub fn u16(&mut self, kind: u16, value: u16) {
        self.put(kind, &value.to_ne_bytes());
    }

    /// Appends a number of 32 bits.
    pub fn u32(&mut self, kind: u16, value: u32) {
        self.put(kind, &value.to_ne_bytes());
    }

    /// Appends a number of 64 bits.
    pub fn u64(&mut self, kind: u16, value: u64) {
        self.put(kind, &value.to_ne_bytes());
    }

    /// Appends a text with its final zero.
    pub fn text(&mut self, kind: u16, value: &str) {
        self.put(kind, &[value.as_bytes(), &[0]].concat());
    }

    /// Appends an address.
    pub fn ip(&mut self, kind: u16, value: IpAddr) {
        self.put(kind, &octets(value));
    }

    /// Appends an attribute that holds attributes.
    pub fn nest(&mut self, kind: u16, fill: impl FnOnce(&mut Writer)) {
        self.nest_plain(kind | NESTED, fill);
    }

    /// Appends an attribute that holds attributes, and does not say so: older parts of the kernel compare the whole type.
    pub fn nest_plain(&mut self, kind: u16, fill: impl FnOnce(&mut Writer)) {
        let mut inner = Writer::default();
        fill(&mut inner);
        self.put(kind, &inner.0);
    }

    /// Appends attributes that have been written.
    pub fn append(&mut self, attributes: &[u8]) {
        self.0.extend_from_slice(attributes);
        self.pad();
    }

    /// Returns the value of the last attribute of a kind that was written, if the message has no header.
    pub fn last(&self, kind: u16) -> Option<Vec<u8>> {
        read(&self.0).into_iter().rev().find(|(known, _)| *known == kind).map(|(_, value)| value.to_vec())
    }

    /// Returns the bytes.
    pub fn bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Returns the bytes of an address as they go over the wire.
pub fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}

/// Reads an address of four or sixteen bytes.
pub fn ip(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
        _ => None,
    }
}

/// Reads a number of one, two, four or eight bytes in the machine's order; 0 for anything else.
pub fn number(bytes: &[u8]) -> u64 {
    match *bytes {
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_ne_bytes([a, b])),
        [a, b, c, d] => u64::from(u32::from_ne_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => u64::from_ne_bytes([a, b, c, d, e, f, g, h]),
        _ => 0,
    }
}

/// Reads a number of 32 bits at a place of a structure; 0 behind its end.
pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |four| number(four) as u32)
}

/// Reads a text up to its zero.
pub fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// Splits bytes into attributes: kind without its marks, and value. What is cut off is passed over.
pub fn read(mut bytes: &[u8]) -> Vec<(u16, &[u8])> {
    let mut found = Vec::new();
    while bytes.len() >= 4 {
        let length = usize::from(u16::from_ne_bytes([bytes[0], bytes[1]]));
        let kind = u16::from_ne_bytes([bytes[2], bytes[3]]) & 0x3fff;
        let Some(value) = bytes.get(4..length) else { break };
        found.push((kind, value));
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    found
}

/// Returns the value of the first attribute of a kind.
pub fn find(bytes: &[u8], kind: u16) -> Option<&[u8]> {
    read(bytes).into_iter().find(|(found, _)| *found == kind).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut writer = Writer::new(&[1, 2, 3]);
        writer.u8(1, 7);
        writer.nest(2, |inner| {
            inner.text(3, "eth0");
            inner.u64(4, 1 << 40);
        });
        let bytes = writer.bytes();
        assert_eq!(bytes.len() % 4, 0);
        let found = read(&bytes[4..]);
        assert_eq!(found[0], (1, &[7][..]));
        assert_eq!(text(find(found[1].1, 3).unwrap()), "eth0");
        assert_eq!(number(find(found[1].1, 4).unwrap()), 1 << 40);
        assert_eq!(ip(&[10, 0, 0, 1]), Some("10.0.0.1".parse().unwrap()));
    }

    #[test]
    fn broken_attributes_are_passed_over() {
        assert!(read(&[3, 0, 0, 0]).is_empty());
        assert!(read(&[200, 0, 1, 0, 1]).is_empty());
        assert!(read(&[0, 0, 0, 0, 0, 0, 0, 0]).is_empty());
    }
}

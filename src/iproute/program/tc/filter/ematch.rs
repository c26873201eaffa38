//! Trees of small matches, as the filter basic takes them: `cmp(…) and not (u32(…) or meta(…))` (tc-ematch(8), linux/pkt_cls.h).

use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::words::{Words, number as whole};
use crate::kernel::attr::{self, Writer};

// The kinds of matches, and how one is bound to the next (linux/pkt_cls.h, TCF_EM_…).
const CONTAINER: u16 = 0;
const CMP: u16 = 1;
const NBYTE: u16 = 2;
const U32: u16 = 3;
const META: u16 = 4;
const AND: u16 = 1;
const OR: u16 = 2;
const INVERT: u16 = 4;

/// What meta can look at: its word and its number, and whether it is a text (linux/tc_ematch/tc_em_meta.h).
const METAS: &[(&str, u16, bool)] = &[
    ("random", 1, false),
    ("loadavg_1", 2, false),
    ("loadavg_5", 3, false),
    ("loadavg_15", 4, false),
    ("dev", 5, true),
    ("priority", 6, false),
    ("protocol", 7, false),
    ("pkt_type", 8, false),
    ("pkt_len", 9, false),
    ("data_len", 10, false),
    ("mac_len", 11, false),
    ("nf_mark", 12, false),
    ("fwmark", 12, false),
    ("tc_index", 13, false),
    ("rt_classid", 14, false),
    ("rt_iif", 15, false),
    ("vlan", 46, false),
    ("sk_family", 16, false),
    ("sk_state", 17, false),
    ("sk_reuse", 18, false),
    ("sk_bind_if", 19, true),
    ("sk_refcnt", 20, false),
    ("sk_shutdown", 21, false),
    ("sk_proto", 22, false),
    ("sk_type", 23, false),
    ("sk_rcvbuf", 24, false),
    ("sk_rmem", 25, false),
    ("sk_wmem", 26, false),
    ("sk_omem", 27, false),
    ("sk_wmem_queue", 28, false),
    ("sk_rcv_queue", 29, false),
    ("sk_snd_queue", 30, false),
    ("sk_err_queue", 31, false),
    ("sk_fwd_alloc", 32, false),
    ("sk_sndbuf", 33, false),
];
const COMPARED: [&str; 3] = ["eq", "gt", "lt"];
const LAYERS: [&str; 3] = ["link", "network", "transport"];

enum Node {
    Match(u16, Vec<u8>),
    Tree(Vec<Term>),
}

/// A match with what binds it to the next, and whether it is to fail.
struct Term {
    node: Node,
    bound: u16,
    invert: bool,
}

/// A piece of the text, and which word it came from.
struct Token {
    text: String,
    word: usize,
}

fn tokens(words: &[String]) -> Vec<Token> {
    let mut found = Vec::new();
    for (word, text) in words.iter().enumerate() {
        let mut rest = text.as_str();
        while let Some(c) = rest.chars().next() {
            let end = match c {
                '(' | ')' => 1,
                '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
                c if c.is_whitespace() => {
                    rest = &rest[c.len_utf8()..];
                    continue;
                }
                _ => rest.find(|c: char| matches!(c, '(' | ')' | '"') || c.is_whitespace()).unwrap_or(rest.len()),
            };
            found.push(Token { text: rest[..end].to_string(), word });
            rest = &rest[end..];
        }
    }
    found
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    words: Vec<String>,
}

impl Reader {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(|token| token.text.as_str())
    }

    fn take(&mut self) -> Option<String> {
        let text = self.peek().map(str::to_string);
        self.at += usize::from(text.is_some());
        text
    }

    /// What does not fit, with the place marked.
    fn syntax(&self) -> Stop {
        let here = self.tokens.get(self.at).map(|token| token.word);
        let marked: Vec<String> =
            self.words.iter().enumerate().map(|(at, word)| if Some(at) == here { format!(">>{word}<<") } else { word.clone() }).collect();
        Stop::wrong(format!("Parse error: syntax error\n... {} ...\nIllegal \"ematch\"", marked.join(" ")))
    }

    fn expression(&mut self) -> Result<Vec<Term>> {
        let mut terms = Vec::new();
        loop {
            let invert = self.peek().is_some_and(|text| matches!(text, "not" | "NOT" | "!"));
            self.at += usize::from(invert);
            let node = match self.peek() {
                Some("(") => {
                    self.at += 1;
                    let inner = self.expression()?;
                    if self.take().as_deref() != Some(")") {
                        self.at = self.at.saturating_sub(1);
                        return Err(self.syntax());
                    }
                    Node::Tree(inner)
                }
                Some(_) => self.one()?,
                None => return Err(self.syntax()),
            };
            let bound = match self.peek() {
                Some("and" | "AND" | "&&") => AND,
                Some("or" | "OR" | "||") => OR,
                _ => 0,
            };
            terms.push(Term { node, bound, invert });
            if bound == 0 {
                return Ok(terms);
            }
            self.at += 1;
        }
    }

    fn one(&mut self) -> Result<Node> {
        let name = self.take().unwrap_or_default();
        if self.peek() != Some("(") {
            return Err(self.syntax());
        }
        self.at += 1;
        let mut arguments = Vec::new();
        loop {
            match self.take().as_deref() {
                Some(")") => break,
                Some(text) => arguments.push(text.to_string()),
                None => return Err(self.syntax()),
            }
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (kind, data) = match name.as_str() {
            "cmp" => (CMP, cmp(&arguments)),
            "nbyte" => (NBYTE, nbyte(&arguments)),
            "u32" => (U32, key(&arguments)),
            "meta" => (META, meta(&arguments)),
            "ipset" => return Err(Stop::wrong(format!("ipset: unknown set name '{}'", arguments.first().unwrap_or(&"")))),
            "text" | "vlan" | "canid" | "ipt" => {
                return Err(Stop::wrong(format!("labsh's tc has no ematch \"{name}\"\nIllegal \"ematch\"")));
            }
            other => return Err(Stop::wrong(format!("Unknown ematch \"{other}\"\nIllegal \"ematch\""))),
        };
        let data =
            data.map_err(|text| Stop::wrong(format!("{name}: {text}\n... {name}({})...\nIllegal \"ematch\"", arguments.join(" "))))?;
        Ok(Node::Match(kind, data))
    }
}

type Data = std::result::Result<Vec<u8>, String>;

fn count(text: &str) -> Option<u32> {
    whole(text).and_then(|number| u32::try_from(number).ok())
}

fn layer(text: &str) -> Option<u8> {
    LAYERS.iter().position(|name| *name == text).map(|at| at as u8).or_else(|| text.parse().ok()).filter(|layer| *layer <= 2)
}

fn cmp(arguments: &[&str]) -> Data {
    let mut rest = arguments.iter();
    let align = match rest.next() {
        None => return Err("missing arguments".to_string()),
        Some(&"u8") => 1_u8,
        Some(&"u16") => 2,
        Some(&"u32") => 4,
        Some(_) => return Err("invalid alignment".to_string()),
    };
    let (mut at, mut level, mut mask, mut trans, mut compared, mut value) = (None, 1, 0, 0_u8, None, 0);
    while let Some(word) = rest.next() {
        if *word == "trans" {
            trans = 1;
            continue;
        }
        let text = rest.next().ok_or("missing argument")?;
        match *word {
            "at" => at = Some(text.parse::<u16>().map_err(|_| "invalid offset, must be numeric")?),
            "layer" => level = layer(text).ok_or("invalid layer")?,
            "mask" => mask = count(text).ok_or("invalid mask")?,
            word => {
                let Some(kind) = COMPARED.iter().position(|name| *name == word) else { return Err("unknown parameter".to_string()) };
                compared = Some(kind as u8);
                value = count(text).ok_or("invalid value")?;
            }
        }
    }
    let (Some(at), Some(compared)) = (at, compared) else { return Err("offset and value required".to_string()) };
    // struct tcf_em_cmp.
    let mut bytes = [value, mask].iter().flat_map(|number| number.to_ne_bytes()).collect::<Vec<u8>>();
    bytes.extend(at.to_ne_bytes());
    bytes.extend([align | (trans << 4), level | (compared << 4)]);
    Ok(bytes)
}

fn nbyte(arguments: &[&str]) -> Data {
    let (needle, rest) = arguments.split_first().ok_or("missing arguments")?;
    let needle = needle.trim_matches('"').as_bytes();
    if needle.is_empty() {
        return Err("needle length is 0".to_string());
    }
    let (mut at, mut level) = (None, 1_u16);
    for pair in rest.chunks(2) {
        let [word, text] = pair else { return Err("missing argument".to_string()) };
        match *word {
            "at" => at = Some(text.parse::<u16>().map_err(|_| "invalid offset, must be numeric")?),
            "layer" => level = layer(text).ok_or("invalid layer")?.into(),
            _ => return Err("unknown parameter".to_string()),
        }
    }
    let at = at.ok_or("offset required")?;
    let mut bytes = at.to_ne_bytes().to_vec();
    bytes.extend((needle.len() as u16 | (level << 12)).to_ne_bytes());
    bytes.extend(needle);
    Ok(bytes)
}

/// A key as u32 has it: four bytes that are compared, big-endian.
fn key(arguments: &[&str]) -> Data {
    let [align, value, mask, "at", place] = arguments else {
        return Err(match arguments.len() {
            0 => "missing arguments",
            1 => "missing key",
            2 => "missing mask",
            3 => "missing \"at\"",
            4 => "missing offset",
            _ => "unexpected trailer",
        }
        .to_string());
    };
    let bits = match *align {
        "u8" => 8,
        "u16" => 16,
        "u32" => 32,
        _ => return Err("invalid alignment".to_string()),
    };
    let value = count(value).ok_or("invalid key, must be numeric")?;
    let mask = count(mask).ok_or("invalid mask, must be numeric")?;
    let (next, place) = place.strip_prefix("nexthdr+").map_or((0_i32, *place), |place| (-1, place));
    let place: i32 = place.parse().map_err(|_| "invalid offset")?;
    if bits == 32 && place % 4 != 0 {
        return Err("invalid offset alignment, must be aligned to 4.".to_string());
    }
    if bits < 32 && (value >> bits != 0 || mask >> bits != 0) {
        let which = if value >> bits != 0 { "key" } else { "mask" };
        return Err(format!("Illegal {which} (>0x{:X})", (1_u32 << bits) - 1));
    }
    let shift = 32 - bits - place.rem_euclid(4).cast_unsigned() * 8;
    let mut bytes = (mask << shift).to_be_bytes().to_vec();
    bytes.extend((value << shift).to_be_bytes());
    bytes.extend((place - place.rem_euclid(4)).to_ne_bytes());
    bytes.extend(next.to_ne_bytes());
    Ok(bytes)
}

/// One side of what meta compares.
struct Side {
    kind: u16,
    shift: u8,
    mask: Vec<u8>,
}

fn side(
    rest: &mut std::iter::Peekable<std::slice::Iter<'_, &str>>,
    text_wanted: Option<bool>,
) -> std::result::Result<(Side, bool), String> {
    const TEXT: u16 = 0;
    const NUMBER: u16 = 1 << 12;
    let word = rest.next().ok_or("missing operand")?;
    if let Some((_, id, text)) = METAS.iter().find(|(name, ..)| name == word) {
        let (mut shift, mut mask) = (0, 0_u32);
        while let Some(option) = rest.peek().filter(|word| matches!(***word, "shift" | "mask")).copied() {
            rest.next();
            let value = rest.next().ok_or("missing argument")?;
            match *option {
                "shift" => shift = value.parse().map_err(|_| "invalid shift, must be numeric")?,
                _ => mask = count(value).ok_or("invalid mask, must be numeric")?,
            }
        }
        return Ok((Side { kind: NUMBER | id, shift, mask: mask.to_ne_bytes().to_vec() }, *text));
    }
    match count(word) {
        Some(number) => Ok((Side { kind: NUMBER, shift: 0, mask: number.to_ne_bytes().to_vec() }, false)),
        _ if text_wanted == Some(true) => Ok((Side { kind: TEXT, shift: 0, mask: word.trim_matches('"').as_bytes().to_vec() }, true)),
        _ => Err("unknown meta id\n".to_string()),
    }
}

fn meta(arguments: &[&str]) -> Data {
    let mut rest = arguments.iter().peekable();
    if rest.peek().is_none() {
        return Err("missing arguments".to_string());
    }
    let (left, text) = side(&mut rest, None)?;
    let word = rest.next().ok_or("missing operand")?;
    let compared = COMPARED.iter().position(|name| name == word).ok_or("invalid operand")? as u8;
    if rest.peek().is_none() {
        return Err("missing rvalue".to_string());
    }
    let (right, other) = side(&mut rest, Some(text))?;
    if other && !text {
        return Err("lvalue and rvalue are not compatible.".to_string());
    }
    if rest.next().is_some() {
        return Err("unexpected trailer".to_string());
    }
    // struct tcf_meta_hdr: kind, shift and comparison of each side.
    let mut header = Vec::new();
    for (side, compared) in [(&left, compared), (&right, 0)] {
        header.extend(side.kind.to_ne_bytes());
        header.extend([side.shift, compared]);
    }
    let mut writer = Writer::default();
    writer.put(1, &header);
    writer.put(2, &left.mask);
    writer.put(3, &right.mask);
    Ok(writer.bytes())
}

/// Reads a tree; the word `match` is behind us. Returns the attribute's value.
pub(super) fn read(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let rest = words.rest();
    let mut reader = Reader { tokens: tokens(rest), at: 0, words: rest.to_vec() };
    let terms = reader.expression()?;
    let last = reader.at.checked_sub(1).and_then(|at| reader.tokens.get(at)).map_or(0, |token| token.word + 1);
    (0..last).for_each(|_| {
        words.take();
    });
    // Trees are laid out flat: what stands in parentheses comes behind, and a container says where.
    let mut flat: Vec<(u16, u16, Vec<u8>)> = Vec::new();
    let mut waiting: Vec<(Option<usize>, Vec<Term>)> = vec![(None, terms)];
    while !waiting.is_empty() {
        let (owner, terms) = waiting.remove(0);
        if let Some(owner) = owner {
            flat[owner].2 = (flat.len() as u32).to_ne_bytes().to_vec();
        }
        for term in terms {
            let flags = term.bound | if term.invert { INVERT } else { 0 };
            match term.node {
                Node::Match(kind, data) => flat.push((kind, flags, data)),
                Node::Tree(inner) => {
                    waiting.push((Some(flat.len()), inner));
                    flat.push((CONTAINER, flags, Vec::new()));
                }
            }
        }
    }
    let mut writer = Writer::default();
    let mut header = (flat.len() as u16).to_ne_bytes().to_vec();
    header.extend([0; 2]);
    writer.put(1, &header);
    writer.nest_plain(2, |list| {
        for (at, (kind, flags, data)) in flat.iter().enumerate() {
            let mut bytes: Vec<u8> = [0, *kind, *flags, 0].iter().flat_map(|number| number.to_ne_bytes()).collect();
            bytes.extend(data);
            list.put(at as u16 + 1, &bytes);
        }
    });
    Ok(writer.bytes())
}

/// Writes a tree as it is read, from its first line to its last.
pub(super) fn text(bytes: &[u8]) -> String {
    let list: Vec<&[u8]> = attr::find(bytes, 2).map(|list| attr::read(list).into_iter().map(|(_, one)| one).collect()).unwrap_or_default();
    if list.is_empty() {
        return String::new();
    }
    let mut out = "\n  ".to_string();
    if !sequence(&mut out, &list, 0, 1) {
        out.push('\n');
    }
    out
}

/// Writes matches that are bound to each other. Returns whether the last was in parentheses.
fn sequence(out: &mut String, list: &[&[u8]], mut at: usize, depth: usize) -> bool {
    const DEEPEST: usize = 32;
    let indent = |depth: usize| "  ".repeat(depth);
    while let Some(one) = list.get(at).filter(|one| one.len() >= 8 && depth < DEEPEST) {
        let short = |place: usize| attr::number(&one[place..place + 2]) as u16;
        let (kind, flags, data) = (short(2), short(4), &one[8..]);
        if flags & INVERT != 0 {
            *out += "NOT ";
        }
        match kind {
            CONTAINER => {
                *out += &format!("(\n{}", indent(depth + 1));
                sequence(out, list, attr::u32_at(data, 0) as usize, depth + 1);
                *out += &format!("\n{}) ", indent(depth));
            }
            CMP => *out += &format!("cmp({})", cmp_text(data)),
            NBYTE => *out += &format!("nbyte({})", nbyte_text(data)),
            U32 => *out += &format!("u32({})", key_text(data)),
            META => *out += &format!("meta({})", meta_text(data)),
            other => *out += &format!("[unknown ematch {other}]"),
        }
        let word = match flags & 3 {
            AND => "AND ",
            OR => "OR ",
            _ => return kind == CONTAINER,
        };
        if kind != CONTAINER {
            *out += &format!("\n{}", indent(depth));
        }
        *out += word;
        at += 1;
    }
    false
}

fn cmp_text(data: &[u8]) -> String {
    let Some(data) = data.get(..12) else { return String::new() };
    let align = ["", "u8 ", "u16 ", "", "u32 "].get(usize::from(data[10] & 0xf)).copied().unwrap_or("");
    let mut text = format!("{align}at {} layer {} ", attr::number(&data[8..10]), data[11] & 0xf);
    let mask = attr::u32_at(data, 4);
    if mask != 0 {
        text += &format!("mask 0x{mask:x} ");
    }
    if data[10] >> 4 & 1 != 0 {
        text += "trans ";
    }
    format!("{text}{} {}", COMPARED.get(usize::from(data[11] >> 4)).copied().unwrap_or(""), attr::u32_at(data, 0))
}

fn nbyte_text(data: &[u8]) -> String {
    let Some(head) = data.get(..4) else { return String::new() };
    let packed = attr::number(&head[2..4]) as u16;
    let (length, layer) = (usize::from(packed & 0xfff), packed >> 12);
    let needle = data.get(4..4 + length).unwrap_or_default();
    let shown: String = needle.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '.' }).collect();
    let hex: Vec<String> = needle.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{} \"{shown}\" at {} layer {layer}", hex.join(" "), attr::number(&head[..2]))
}

fn key_text(data: &[u8]) -> String {
    let Some(data) = data.get(..16) else { return String::new() };
    let big = |at: usize| u32::from_be(attr::u32_at(data, at));
    let next = if attr::u32_at(data, 12) != 0 { "nexthdr+" } else { "" };
    format!("{:08x}/{:08x} at {next}{}", big(4), big(0), attr::u32_at(data, 8).cast_signed())
}

fn meta_text(data: &[u8]) -> String {
    let Some(header) = attr::find(data, 1).filter(|header| header.len() >= 8) else { return String::new() };
    let side = |at: usize, value: u16| {
        let kind = attr::number(&header[at..at + 2]) as u16;
        let bytes = attr::find(data, value).unwrap_or_default();
        match (kind & 0xfff, kind >> 12) {
            (0, 0) => String::from_utf8_lossy(bytes).into_owned(),
            (0, _) => attr::number(bytes).to_string(),
            (id, number) => {
                let mut text = METAS.iter().find(|(_, known, _)| *known == id).map_or("", |(name, ..)| name).to_string();
                if header[at + 2] != 0 {
                    text += &format!(" shift {}", header[at + 2]);
                }
                let mask = attr::number(bytes);
                if number != 0 && mask != 0 {
                    text += &format!(" mask 0x{mask:08x}");
                }
                text
            }
        }
    };
    let compared = COMPARED.get(usize::from(header[3])).copied().unwrap_or("");
    format!("{} {compared} {}", side(0, 2), side(4, 3))
}

//! `ip xfrm state`: agreements between two hosts.

use super::super::Run;
use super::super::link::show::is_show;
use super::super::words::{self, Family};
use super::parts::{self, Id, is_ipsec, protocol_word};
use super::show::{EXTRA_FLAGS, STATE_FLAGS};
use super::*;
use crate::kernel::attr::{self, Writer};
use crate::kernel::talk::{CREATE, REPLACE};

/// Bytes of `struct xfrm_usersa_info`.
const INFO: usize = 224;

pub(super) fn command(run: &mut Run<'_>, xfrm: &mut Xfrm, words: &mut Words<'_>) -> Result {
    let Some(verb) = words.take() else { return list(run, xfrm, words, false) };
    let is = |full: &str| begins(verb, full);
    match () {
        () if is("add") => modify(run, xfrm, words, NEWSA, CREATE),
        () if is("update") => modify(run, xfrm, words, UPDSA, REPLACE),
        () if is("allocspi") => allocate(run, xfrm, words),
        () if is("delete") => one(run, xfrm, words, DELSA),
        () if is("deleteall") || verb == "delall" => list(run, xfrm, words, true),
        () if is_show(verb) => list(run, xfrm, words, false),
        () if is("get") => one(run, xfrm, words, GETSA),
        () if is("flush") => flush(xfrm, words),
        () if is("count") => count(run, xfrm),
        () if is("help") => Err(usage::object("xfrm state")),
        () => Err(Stop::unknown_command(verb, "ip xfrm state")),
    }
}

/// An algorithm: name, key, and the length of a sum.
fn algorithm(words: &mut Words<'_>, kind: &str) -> Result<(u16, Vec<u8>)> {
    let Some(name) = words.take() else { return Err(Stop::missing("ALGO-NAME")) };
    let mut bytes = name.as_bytes().to_vec();
    bytes.resize(64, 0);
    let attribute = match kind {
        "auth" => ALG_AUTH,
        "enc" => ALG_CRYPT,
        "comp" => ALG_COMP,
        "aead" => ALG_AEAD,
        _ => ALG_AUTH_TRUNC,
    };
    let key = match attribute {
        ALG_COMP => Vec::new(),
        _ => key(words.take().ok_or_else(|| Stop::missing("ALGO-KEYMAT"))?)?,
    };
    bytes.extend_from_slice(&(key.len() as u32 * 8).to_ne_bytes());
    if matches!(attribute, ALG_AEAD | ALG_AUTH_TRUNC) {
        let (what, message) = if attribute == ALG_AEAD {
            ("ALGO-ICV-LEN", "ALGO-ICV-LEN value is invalid")
        } else {
            ("ALGO-TRUNC-LEN", "ALGO-TRUNC-LEN value is invalid")
        };
        let text = words.take().ok_or_else(|| Stop::missing(what))?;
        let length = words::number(text).and_then(|length| u32::try_from(length).ok()).ok_or_else(|| Stop::invalid(text, message))?;
        bytes.extend_from_slice(&length.to_ne_bytes());
    }
    bytes.extend_from_slice(&key);
    Ok((attribute, bytes))
}

/// A key: hexadecimal digits behind `0x`, or the bytes of a text.
fn key(text: &str) -> Result<Vec<u8>> {
    let Some(hex) = text.strip_prefix("0x") else { return Ok(text.as_bytes().to_vec()) };
    // An odd number of digits begins with half a byte.
    let padded = if hex.len() % 2 == 1 { format!("0{hex}") } else { hex.to_string() };
    let bytes: Option<Vec<u8>> = (0..padded.len() / 2).map(|at| u8::from_str_radix(padded.get(at * 2..at * 2 + 2)?, 16).ok()).collect();
    bytes.ok_or_else(|| Stop::invalid(text, "ALGO-KEYMAT value is invalid\n"))
}

fn encap(words: &mut Words<'_>) -> Result<[u8; 24]> {
    let word = words.value()?;
    let kind: u16 = match word {
        "espinudp-nonike" => 1,
        "espinudp" => 2,
        "espintcp" => 7,
        _ => return Err(Stop::invalid(word, "ENCAP-TYPE value is invalid\n")),
    };
    let mut bytes = [0; 24];
    bytes[..2].copy_from_slice(&kind.to_ne_bytes());
    bytes[2..4].copy_from_slice(&parts::number::<u16>(words, "SPORT value is invalid\n")?.to_be_bytes());
    bytes[4..6].copy_from_slice(&parts::number::<u16>(words, "DPORT value is invalid\n")?.to_be_bytes());
    bytes[8..24].copy_from_slice(&parts::address(Some(words.address(Family::Any)?)));
    Ok(bytes)
}

fn modify(run: &mut Run<'_>, xfrm: &mut Xfrm, words: &mut Words<'_>, message_kind: u16, how: u16) -> Result {
    let mut info = vec![0; INFO];
    info[96..160].copy_from_slice(&parts::endless());
    let mut attributes = Writer::default();
    let (mut id, mut kinds) = (None, Vec::new());
    // seq, seq-hi, oseq, oseq-hi
    let (mut replay, mut window, mut told) = ([0u32; 4], 0u32, false);
    while let Some(word) = words.take() {
        match word {
            "mode" => info[214] = parts::mode(words)?,
            "mark" => attributes.put(MARK, &parts::mark(words)?),
            "reqid" => info[208..212].copy_from_slice(&parts::number::<u32>(words, "REQID value is invalid")?.to_ne_bytes()),
            "seq" => info[204..208].copy_from_slice(&parts::number::<u32>(words, "SEQ value is invalid")?.to_be_bytes()),
            "replay-window" => window = parts::number(words, "REPLAY-WINDOW value is invalid\n")?,
            "replay-seq" | "replay-seq-hi" | "replay-oseq" | "replay-oseq-hi" => {
                let place = match word {
                    "replay-seq" => 0,
                    "replay-seq-hi" => 1,
                    "replay-oseq" => 2,
                    _ => 3,
                };
                replay[place] = parts::number(words, &format!("{} value is invalid", word.to_uppercase()))?;
                told = true;
            }
            "flag" => info[216] = parts::flags(words, STATE_FLAGS)? as u8,
            "extra-flag" => attributes.u32(SA_EXTRA_FLAGS, parts::flags(words, EXTRA_FLAGS)?),
            "sel" => {
                let mut selector = [0; SELECTOR];
                parts::selector(run, words, &mut selector)?;
                info[..SELECTOR].copy_from_slice(&selector);
            }
            "limit" => parts::limit(words, &mut info[96..160])?,
            "encap" => attributes.put(ENCAP, &encap(words)?),
            "coa" => {
                let ip = words.address(run.options.family)?;
                attributes.put(COADDR, &parts::address(Some(ip)));
            }
            "output-mark" => {
                attributes.u32(SET_MARK, parts::number(words, "value after \"output-mark\" is invalid")?);
                if words.eat("mask") {
                    attributes.u32(SET_MARK_MASK, parts::number(words, "mask value is invalid\n")?);
                }
            }
            "if_id" => attributes.u32(IF_ID, parts::number(words, "value after \"if_id\" is invalid")?),
            "tfcpad" => attributes.u32(TFCPAD, parts::number(words, "value after \"tfcpad\" is invalid")?),
            "ctx" | "offload" => return Err(Stop::wrong(format!("labsh does not have \"{word}\" of ip xfrm state"))),
            "enc" | "auth" | "comp" | "aead" | "auth-trunc" => {
                let (attribute, bytes) = algorithm(words, word)?;
                if kinds.contains(&attribute) {
                    return Err(Stop::duplicate("ALGO-TYPE", word));
                }
                kinds.push(attribute);
                attributes.put(attribute, &bytes);
            }
            _ => {
                if id.is_some() {
                    return Err(Stop::invalid(word, "unknown"));
                }
                words.back();
                id = Some(Id::read(words, run.options.family, false)?);
            }
        }
    }
    let Some(id) = id else { return Err(Stop::wrong("Not enough information: ID is required")) };
    whole(&id, info[214], &kinds)?;
    info[56..80].copy_from_slice(&id.bytes());
    info[80..96].copy_from_slice(&id.source);
    let family = u16::from(if id.family == 0 { 2 } else { id.family });
    info[212..214].copy_from_slice(&family.to_ne_bytes());
    // A wide window, or long sequence numbers, have a structure of their own.
    let long = info[216] & 128 != 0;
    if long || window > 32 {
        let length = window.div_ceil(32).max(1);
        let mut bytes: Vec<u8> =
            [length, replay[2], replay[0], replay[3], replay[1], window].iter().flat_map(|number| number.to_ne_bytes()).collect();
        bytes.resize(24 + length as usize * 4, 0);
        attributes.put(REPLAY_ESN_VAL, &bytes);
    } else {
        info[215] = window as u8;
        if told {
            attributes.put(REPLAY_VAL, &[replay[2], replay[0], 0].iter().flat_map(|number| number.to_ne_bytes()).collect::<Vec<u8>>());
        }
    }
    xfrm.ask(message_kind, how, &message(&info, attributes)).map(|_| ())
}

/// What belongs together.
fn whole(id: &Id, mode: u8, kinds: &[u16]) -> Result {
    let proto = protocol_word(id.proto);
    let fits = match mode {
        0 | 1 => is_ipsec(id.proto),
        2 | 3 => !is_ipsec(id.proto),
        4 => id.proto == 50,
        _ => false,
    };
    if !fits {
        return Err(Stop::wrong(format!("MODE value is invalid with XFRM-PROTO value \"{proto}\"")));
    }
    let has = |kind| kinds.contains(&kind);
    match id.proto {
        50 if has(ALG_COMP) => Err(Stop::wrong("ALGO-TYPE value \"comp\" is invalid with XFRM-PROTO value \"esp\"")),
        50 if !has(ALG_CRYPT) && !has(ALG_AEAD) => {
            Err(Stop::wrong("ALGO-TYPE value \"enc\" or \"aead\" is required with XFRM-PROTO value \"esp\""))
        }
        51 if has(ALG_CRYPT) || has(ALG_AEAD) || has(ALG_COMP) => {
            Err(Stop::wrong("ALGO-TYPE values \"enc\", \"aead\", and \"comp\" are invalid with XFRM-PROTO value \"ah\""))
        }
        51 if !has(ALG_AUTH) && !has(ALG_AUTH_TRUNC) => {
            Err(Stop::wrong("ALGO-TYPE value \"auth\" or \"auth-trunc\" is required with XFRM-PROTO value \"ah\""))
        }
        108 if has(ALG_CRYPT) || has(ALG_AEAD) || has(ALG_AUTH) || has(ALG_AUTH_TRUNC) => {
            Err(Stop::wrong("ALGO-TYPE values \"enc\", \"aead\", \"auth\", and \"auth-trunc\" are invalid with XFRM-PROTO value \"comp\""))
        }
        108 if !has(ALG_COMP) => Err(Stop::wrong("ALGO-TYPE value \"comp\" is required with XFRM-PROTO value \"comp\"")),
        _ => Ok(()),
    }
}

fn allocate(run: &mut Run<'_>, xfrm: &mut Xfrm, words: &mut Words<'_>) -> Result {
    let mut bytes = vec![0; INFO + 8];
    bytes[96..160].copy_from_slice(&parts::endless());
    let (mut id, mut low, mut high) = (None, 0u32, 0u32);
    while let Some(word) = words.take() {
        match word {
            "mode" => bytes[214] = parts::mode(words)?,
            "reqid" => bytes[208..212].copy_from_slice(&parts::number::<u32>(words, "REQID value is invalid")?.to_ne_bytes()),
            "seq" => bytes[204..208].copy_from_slice(&parts::number::<u32>(words, "SEQ value is invalid")?.to_be_bytes()),
            "min" => low = parts::number(words, "\"min\" value is invalid")?,
            "max" => high = parts::number(words, "\"max\" value is invalid")?,
            _ => {
                words.back();
                if id.is_some() {
                    return Err(Stop::invalid(word, "unknown"));
                }
                id = Some(Id::read(words, run.options.family, false)?);
            }
        }
    }
    let Some(id) = id else { return Err(Stop::wrong("Not enough information: ID is required")) };
    if low == 0 && high == 0 {
        (low, high) = if id.proto == 108 { (0x100, 0xffff) } else { (0x100, 0x0fff_ffff) };
    }
    bytes[56..80].copy_from_slice(&id.bytes());
    bytes[80..96].copy_from_slice(&id.source);
    bytes[212..214].copy_from_slice(&u16::from(if id.family == 0 { 2 } else { id.family }).to_ne_bytes());
    bytes[INFO..INFO + 4].copy_from_slice(&low.to_ne_bytes());
    bytes[INFO + 4..].copy_from_slice(&high.to_ne_bytes());
    for found in xfrm.ask(ALLOCSPI, 0, &bytes)?.messages {
        let text = show::state(run, &found.bytes, false);
        print(run, &text);
    }
    Ok(())
}

/// `struct xfrm_usersa_id`
fn id_bytes(destination: &[u8], spi: &[u8], family: &[u8], proto: u8) -> Vec<u8> {
    [destination, spi, family, &[proto, 0]].concat()
}

fn one(run: &mut Run<'_>, xfrm: &mut Xfrm, words: &mut Words<'_>, message_kind: u16) -> Result {
    let (mut id, mut attributes) = (None, Writer::default());
    while let Some(word) = words.take() {
        match word {
            "mark" => attributes.put(MARK, &parts::mark(words)?),
            _ => {
                words.back();
                if id.is_some() {
                    return Err(Stop::invalid(word, "unknown"));
                }
                id = Some(Id::read(words, run.options.family, false)?);
            }
        }
    }
    let id = id.unwrap_or_default();
    let family = u16::from(if id.family == 0 { 2 } else { id.family }).to_ne_bytes();
    attributes.put(SRCADDR, &id.source);
    let answer = xfrm.ask(message_kind, 0, &message(&id_bytes(&id.destination, &id.spi, &family, id.proto), attributes))?;
    for found in answer.messages.iter().filter(|_| message_kind == GETSA) {
        let text = show::state(run, &found.bytes, false);
        print(run, &text);
    }
    Ok(())
}

fn list(run: &mut Run<'_>, xfrm: &mut Xfrm, words: &mut Words<'_>, delete: bool) -> Result {
    let (mut id, mut mode, mut reqid, mut hidden) = (None, None, None, false);
    while let Some(word) = words.take() {
        match word {
            "nokeys" => hidden = true,
            "mode" => mode = Some(parts::mode(words)?),
            "reqid" => reqid = Some(parts::number::<u32>(words, "REQID value is invalid")?),
            "flag" => {
                parts::flags(words, STATE_FLAGS)?;
            }
            _ => {
                words.back();
                if id.is_some() {
                    return Err(Stop::invalid(word, "unknown"));
                }
                let read = Id::read(words, run.options.family, true)?;
                if words.peek() == Some(word) {
                    return Err(Stop::invalid(word, "unknown"));
                }
                id = Some(read);
            }
        }
    }
    let preferred = run.options.family;
    for found in xfrm.dump(GETSA)? {
        let bytes = &found.bytes;
        if bytes.len() < INFO {
            continue;
        }
        let own = attr::number(&bytes[212..214]) as u8;
        let named = |id: &Id| {
            let same = |wanted: &[u8], own: &[u8]| wanted.iter().all(|byte| *byte == 0) || wanted == own;
            same(&id.source, &bytes[80..96])
                && same(&id.destination, &bytes[56..72])
                && same(&id.spi, &bytes[72..76])
                && (id.proto == 0 || id.proto == bytes[76])
        };
        let passes = (preferred == Family::Any || preferred.number() == own)
            && id.as_ref().is_none_or(named)
            && mode.is_none_or(|mode| mode == bytes[214])
            && reqid.is_none_or(|reqid| reqid == attr::u32_at(bytes, 208));
        if !passes {
            continue;
        }
        if !delete {
            let text = show::state(run, bytes, hidden);
            print(run, &text);
            continue;
        }
        let mut attributes = Writer::default();
        attributes.put(SRCADDR, &bytes[80..96]);
        if let Some(mark) = attr::find(&bytes[INFO..], MARK) {
            attributes.put(MARK, mark);
        }
        xfrm.ask(DELSA, 0, &message(&id_bytes(&bytes[56..72], &bytes[72..76], &bytes[212..214], bytes[76]), attributes))?;
    }
    Ok(())
}

fn flush(xfrm: &mut Xfrm, words: &mut Words<'_>) -> Result {
    let mut proto = 0;
    while let Some(word) = words.take() {
        match word {
            "proto" => {
                let text = words.value()?;
                let known = parts::PROTOCOLS.iter().find(|(_, name)| *name == text).map(|(number, _)| *number);
                let known = known.or_else(|| words::number(text).and_then(|number| u8::try_from(number).ok()));
                proto = known.ok_or_else(|| Stop::invalid(text, "XFRM-PROTO value is invalid"))?;
            }
            _ => return Err(Stop::invalid(word, "unknown")),
        }
    }
    xfrm.ask(FLUSHSA, 0, &[proto, 0, 0, 0]).map(|_| ())
}

fn count(run: &mut Run<'_>, xfrm: &mut Xfrm) -> Result {
    let answer = xfrm.ask(GETSADINFO, 0, &u32::MAX.to_ne_bytes())?;
    let Some(found) = answer.messages.first() else { return Err(Stop::wrong("Something wrong with SAD count")) };
    let find = |kind| attr::find(found.bytes.get(4..).unwrap_or_default(), kind).unwrap_or_default();
    let mut text = format!("\t SAD count {}", attr::number(find(1)));
    if run.options.stats > 0 {
        let table = find(2);
        text += &format!(" (buckets count {} Max {})", attr::u32_at(table, 0), attr::u32_at(table, 4));
    }
    run.write(&(text + "\n"));
    Ok(())
}

//! Classic BPF in words, which the filter and the action bpf share; and the action itself (tc-bpf(8)).

use super::{Head, control, incomplete, index, verdict};
use crate::iproute::program::Run;
use crate::iproute::program::output::{Fields, Value};
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::words::{Words, begins, number as whole};
use crate::kernel::attr::{self, Writer};
use crate::kernel::filter::Verdict;

/// Reads `bytecode TEXT` or one of its like, whose word has been looked at but not taken. Returns the instructions.
pub(in super::super) fn bytecode(words: &mut Words<'_>) -> Result<Option<Vec<u8>>> {
    let Some(word) = words.peek() else { return Ok(None) };
    let bare = Stop::silent;
    if begins(word, "bytecode") || word == "bc" {
        words.take();
        return parse(words.value()?).map(Some);
    }
    if begins(word, "bytecode-file") || word == "bcf" {
        words.take();
        let text = std::fs::read_to_string(words.value()?);
        let text = text.map_err(|error| Stop::wrong(format!("Cannot fopen: {}", crate::kernel::Failure::from(error).words())))?;
        return parse(text.trim_end()).map(Some);
    }
    if begins(word, "object-file") || word == "obj" {
        words.take();
        let file = words.value()?;
        return Err(match std::path::Path::new(file).exists() {
            false => Stop { text: "Cannot initialize ELF context!\n".to_string(), ..bare(1) },
            true => Stop::wrong("labsh's tc loads no object files: it has bytecode"),
        });
    }
    if begins(word, "object-pinned") || matches!(word, "pinned" | "fd") {
        words.take();
        let file = words.value()?;
        return Err(match std::path::Path::new(file).exists() {
            false => Stop::wrong(format!("Couldn't retrieve pinned program '{file}': No such file or directory")),
            true => Stop::wrong("labsh's tc takes no pinned programs: it has bytecode"),
        });
    }
    Ok(None)
}

/// Reads `COUNT,CODE JT JF K,…`.
fn parse(text: &str) -> Result<Vec<u8>> {
    let failed = |text: String| Stop::wrong(text);
    let (count, rest) = text.split_once(',').ok_or_else(|| Stop::silent(1))?;
    let count = whole(count.trim()).filter(|count| (1..=4096).contains(count)).ok_or_else(|| Stop::silent(1))? as usize;
    let mut bytes = Vec::new();
    let mut at = 0;
    for part in rest.split(',').filter(|part| !part.trim().is_empty()) {
        if at >= count {
            return Err(failed("Real program length exceeds encoded length parameter!".to_string()));
        }
        let numbers: Vec<u64> = part.split_whitespace().map_while(|word| word.parse().ok()).collect();
        let (Some(code), Some(yes), Some(no), Some(k)) = (numbers.first(), numbers.get(1), numbers.get(2), numbers.get(3)) else {
            return Err(failed(format!("Error at instruction {at}!")));
        };
        // struct sock_filter.
        bytes.extend((*code as u16).to_ne_bytes());
        bytes.extend([*yes as u8, *no as u8]);
        bytes.extend((*k as u32).to_ne_bytes());
        at += 1;
    }
    if at < count {
        return Err(failed("Parsed program length is less than encoded length parameter!".to_string()));
    }
    Ok(bytes)
}

/// Writes instructions with their number.
pub(in super::super) fn put(writer: &mut Writer, program: &[u8], count: u16, instructions: u16) {
    writer.u16(count, (program.len() / 8) as u16);
    writer.put(instructions, program);
}

/// Tells instructions.
pub(in super::super) fn bytecode_told(fields: &mut Fields, program: &[u8]) {
    let mut text = format!("bytecode '{}", program.len() / 8);
    let mut list = Vec::new();
    for one in program.chunks_exact(8) {
        let mut own = Fields::new();
        own.json("code", attr::number(&one[..2]));
        own.json("jt", one[2]);
        own.json("jf", one[3]);
        own.json("k", attr::u32_at(one, 4));
        list.push(own);
        text += &format!(",{} {} {} {}", attr::number(&one[..2]), one[2], one[3], attr::u32_at(one, 4));
    }
    let mut inner = Fields::new();
    inner.json("length", program.len() / 8);
    inner.json("insns", Value::Objects(list));
    fields.both("bytecode", Value::Object(inner), text + "'");
}

pub(super) fn read(_: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let word = words.peek().ok_or_else(incomplete)?;
    let mut program = None;
    if word != "index" {
        program = bytecode(words)?;
        if program.is_none() {
            return Err(Stop::wrong(format!("What mode is \"{word}\"?")));
        }
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pipe);
    let number = index(words)?;
    let mut writer = Writer::default();
    program.iter().for_each(|program| put(&mut writer, program, 3, 4));
    writer.put(2, &Head { index: number, verdict }.bytes());
    Ok(writer.bytes())
}

pub(super) fn told(_: &mut Run<'_>, fields: &mut Fields, _: &[u8], options: &[u8], verdict: Verdict) -> &'static str {
    if let Some(name) = attr::find(options, 6).map(attr::text) {
        fields.both("bpf_name", &name, format!("{name} "));
    } else if let Some(program) = attr::find(options, 4) {
        bytecode_told(fields, program);
        fields.text(" ");
    }
    control(fields, verdict, "default-action ");
    "\n\t index"
}

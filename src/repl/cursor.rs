//! Where in a line the cursor stands: behind a dot, in a module, in an option map, in a string of a call.

use super::ground::Ground;
use super::kind::{Callee, Known, Reader};
use super::token::{Kind, Token, partners, tokens};
use crate::script::catalogue::{Entry, Key};

/// What may be written at the cursor.
#[derive(Debug)]
pub(super) enum Spot<'a> {
    /// A member of this value.
    Member(Known),
    /// A function of this module.
    Module(&'a str),
    /// A key of a call's option map, or of a map inside it; with the keys that are there already.
    Key { callee: Callee<'a>, path: Vec<&'a str>, given: Vec<&'a str> },
    /// The inside of a string: which argument of which call, or the value of which key.
    Text { callee: Callee<'a>, argument: usize, path: Vec<&'a str> },
    /// A word on its own.
    Word,
    /// Nothing that is known.
    Nowhere,
}

/// A call that is open at the cursor, with how many arguments stand before it.
#[derive(Debug)]
pub(super) struct Open<'a> {
    pub(super) callee: Callee<'a>,
    pub(super) argument: usize,
}

impl Open<'_> {
    /// The word that is called, in the form that has a place for the argument.
    pub(super) fn entry<'g>(&self, ground: &'g Ground<'g>) -> Option<&'g Entry> {
        let entries = self.callee.entries(ground);
        let fits = |entry: &&&Entry| self.argument < entry.params.len() + usize::from(entry.options.is_some());
        entries.iter().find(fits).or_else(|| entries.last()).copied()
    }
}

struct Frame<'a> {
    /// Index of the opening bracket.
    open: usize,
    commas: usize,
    /// The key whose value is being written.
    key: Option<&'a str>,
    given: Vec<&'a str>,
}

fn frames<'a>(tokens: &[Token<'a>]) -> Vec<Frame<'a>> {
    let mut frames: Vec<Frame> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => frames.push(Frame { open: index, commas: 0, key: None, given: Vec::new() }),
            Kind::Close => {
                frames.pop();
            }
            Kind::Comma => {
                if let Some(frame) = frames.last_mut() {
                    frame.commas += 1;
                    frame.key = None;
                }
            }
            Kind::Other if token.text == ":" => {
                let key = index.checked_sub(1).map(|key| tokens[key].text.trim_matches('"'));
                if let (Some(frame), Some(key)) = (frames.last_mut(), key) {
                    frame.key = Some(key);
                    frame.given.push(key);
                }
            }
            _ => {}
        }
    }
    frames
}

/// Tells where the end of a text stands, and where the word begins that is being written there.
pub(super) fn spot<'a>(all: &'a [Token<'a>], length: usize, ground: &'a Ground<'a>) -> (Spot<'a>, usize) {
    let (rest, last) = match all.last() {
        Some(last)
            if last.end() == length && matches!(last.kind, Kind::Word | Kind::Number | Kind::Text { closed: false } | Kind::Comment) =>
        {
            (&all[..all.len() - 1], Some(last))
        }
        _ => (all, None),
    };
    let begin = last.map_or(length, |last| last.start);
    let reader = Reader { tokens: rest, partners: partners(rest), ground };
    match last.map(|last| last.kind) {
        Some(Kind::Comment | Kind::Number) => return (Spot::Nowhere, length),
        Some(Kind::Text { .. }) => {
            let begin = begin + 1;
            return (in_text(&reader).unwrap_or(Spot::Nowhere), begin);
        }
        _ => {}
    }
    let spot = match rest.last().map(|before| before.kind) {
        Some(Kind::Dot) => {
            let dot = rest.len() - 1;
            reader.start_of(dot).and_then(|start| reader.known(start, dot)).map_or(Spot::Nowhere, Spot::Member)
        }
        Some(Kind::Path) => rest.len().checked_sub(2).map_or(Spot::Nowhere, |at| Spot::Module(rest[at].text)),
        _ => in_map(&reader).unwrap_or(Spot::Word),
    };
    (spot, begin)
}

/// The call in whose map the cursor stands, where a key is due.
fn in_map<'a>(reader: &Reader<'a>) -> Option<Spot<'a>> {
    let frames = frames(reader.tokens);
    let innermost = frames.last()?;
    if reader.tokens[innermost.open].text != "#{" || innermost.key.is_some() {
        return None;
    }
    let (call, path) = enclosing(reader, &frames)?;
    Some(Spot::Key { callee: reader.callee(frames[call].open)?, path, given: innermost.given.clone() })
}

fn in_text<'a>(reader: &Reader<'a>) -> Option<Spot<'a>> {
    let frames = frames(reader.tokens);
    let (call, mut path) = enclosing(reader, &frames)?;
    let innermost = frames.last()?;
    if let Some(key) = innermost.key.filter(|_| frames.len() - 1 > call) {
        path.push(key);
    }
    Some(Spot::Text { callee: reader.callee(frames[call].open)?, argument: frames[call].commas, path })
}

/// The innermost call, and the keys that lead from it to the cursor.
fn enclosing<'a>(reader: &Reader<'a>, frames: &[Frame<'a>]) -> Option<(usize, Vec<&'a str>)> {
    let call = frames.iter().rposition(|frame| reader.tokens[frame.open].text == "(")?;
    let between = frames.get(call + 1..frames.len().saturating_sub(1)).unwrap_or(&[]);
    Some((call, between.iter().filter_map(|frame| frame.key).collect()))
}

/// The call whose arguments are being written at the end of a text.
pub(super) fn open_call<'a>(tokens: &'a [Token<'a>], ground: &'a Ground<'a>) -> Option<Open<'a>> {
    let reader = Reader { tokens, partners: partners(tokens), ground };
    let frames = frames(tokens);
    let call = frames.iter().rposition(|frame| tokens[frame.open].text == "(")?;
    // A block inside the call, as of a closure, is another matter.
    if frames[call..].iter().any(|frame| tokens[frame.open].text == "{") {
        return None;
    }
    Some(Open { callee: reader.callee(frames[call].open)?, argument: frames[call].commas })
}

/// What a word in a text is.
pub(super) struct Explained<'g> {
    /// The entries of the catalogue.
    pub(super) words: Vec<&'g Entry>,
    /// The option that it names.
    pub(super) key: Option<&'static Key>,
    /// The type of a variable.
    pub(super) ty: Option<String>,
}

/// Tells what the word at a place is.
pub(super) fn explain<'g>(all: &[Token], at: usize, ground: &'g Ground<'g>) -> Option<Explained<'g>> {
    let index = all.iter().position(|token| token.kind == Kind::Word && token.start <= at && at <= token.end())?;
    let (word, before) = (all[index].text, &all[..index]);
    let reader = Reader { tokens: before, partners: partners(before), ground };
    let entries = || ground.catalogue.entries().iter().filter(|entry| entry.name == word);
    let mut found = Explained { words: Vec::new(), key: None, ty: None };
    match before.last().map(|token| token.kind) {
        Some(Kind::Dot) => {
            let known = reader.start_of(index - 1).and_then(|start| reader.known(start, index - 1))?;
            found.words = entries().filter(|entry| entry.receiver == Some(known.ty.as_str())).collect();
        }
        Some(Kind::Path) => {
            let module = before.get(index.checked_sub(2)?)?.text;
            found.words = entries().filter(|entry| entry.module == Some(module)).collect();
        }
        _ => {
            if let Some(Spot::Key { callee, path, .. }) = in_map(&reader) {
                let options = callee.entries(ground).into_iter().filter_map(|entry| entry.options);
                found.key =
                    options.filter_map(|options| options.nested(&path)).flat_map(|options| options.keys).find(|key| key.name == word);
                return Some(found);
            }
            if all.get(index + 1).is_some_and(|next| next.kind == Kind::Path) {
                found.words = ground.catalogue.entries().iter().filter(|entry| entry.module == Some(word)).collect();
                return Some(found);
            }
            let whole = Reader { tokens: all, partners: partners(all), ground };
            let known = match before.last().map(|token| token.text) {
                Some("let" | "const") => whole.statement(index + 2, 0),
                _ => whole.known(index, index + 1),
            };
            found.ty = known.map(|known| known.ty).filter(|ty| !ty.is_empty());
            if found.ty.is_none() {
                found.words = entries().filter(|entry| entry.module.is_none() && entry.receiver.is_none()).collect();
            }
        }
    }
    Some(found)
}

/// The tokens of a text.
pub(super) fn read(text: &str) -> Vec<Token<'_>> {
    tokens(text)
}

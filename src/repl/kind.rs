//! What an expression is, without running it: the type that words declare, the value of a variable, the namespace it is about.

use super::ground::Ground;
use super::token::{Kind, Token};
use crate::lab::veth::Pair;
use crate::lab::{Link, Netns};
use crate::script::catalogue::{Entry, Shape};
use rhai::Dynamic;

/// What is known of an expression.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// Its type, in the catalogue's words.
    pub(super) ty: String,
    /// The type of its elements.
    pub(super) elements: Option<String>,
    /// Its value, where it is a variable.
    pub(super) value: Option<Dynamic>,
    /// The namespace that it is, or is in.
    pub(super) netns: Option<Netns>,
    /// The link that it is, or is about.
    pub(super) link: Option<Link>,
}

/// A call whose arguments are being written.
#[derive(Debug)]
pub(super) struct Callee<'a> {
    pub(super) module: Option<&'a str>,
    pub(super) receiver: Option<Known>,
    pub(super) name: &'a str,
}

/// A text with its brackets paired, asked for the types in it.
pub(super) struct Reader<'a> {
    pub(super) tokens: &'a [Token<'a>],
    pub(super) partners: Vec<Option<usize>>,
    pub(super) ground: &'a Ground<'a>,
}

impl<'a> Reader<'a> {
    fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    /// Where the postfix expression begins that ends before `end`.
    pub(super) fn start_of(&self, end: usize) -> Option<usize> {
        let mut at = end.checked_sub(1)?;
        loop {
            match self.kind(at)? {
                Kind::Close => {
                    let open = self.partners[at]?;
                    match self.tokens[open].text {
                        "(" | "[" if open > 0 && matches!(self.kind(open - 1), Some(Kind::Word | Kind::Close)) => at = open - 1,
                        _ => return Some(open),
                    }
                    continue;
                }
                Kind::Word | Kind::Text { .. } | Kind::Number => {}
                _ => return None,
            }
            match at.checked_sub(1).and_then(|before| self.kind(before)) {
                Some(Kind::Dot) => at = at.checked_sub(2)?,
                Some(Kind::Path) => at = at.checked_sub(2)?,
                _ => return Some(at),
            }
        }
    }

    /// What the expression between two tokens is.
    pub(super) fn known(&self, start: usize, end: usize) -> Option<Known> {
        self.known_within(start, end, 0)
    }

    fn known_within(&self, start: usize, end: usize, depth: usize) -> Option<Known> {
        // `let a = a;` while `a` is looked for.
        if depth > 8 {
            return None;
        }
        let (mut known, mut at) = self.primary(start, depth)?;
        while at < end {
            match (self.kind(at)?, self.tokens[at].text) {
                (Kind::Dot, _) => {
                    let name = self.tokens.get(at + 1).filter(|t| t.kind == Kind::Word)?.text;
                    let call = self.tokens.get(at + 2).is_some_and(|t| t.text == "(");
                    let argument = if call { self.text_argument(at + 2) } else { None };
                    known = member(self.ground, &known, name, call, argument)?;
                    at = if call { self.partners[at + 2]? + 1 } else { at + 2 };
                }
                (Kind::Open, "[") => {
                    known = element(&known)?;
                    at = self.partners[at]? + 1;
                }
                _ => return None,
            }
        }
        Some(known)
    }

    /// The first piece of a postfix expression, and where it ends.
    fn primary(&self, at: usize, depth: usize) -> Option<(Known, usize)> {
        let token = self.tokens.get(at)?;
        match token.kind {
            Kind::Text { .. } => Some((plain("string"), at + 1)),
            Kind::Number => Some((plain(if token.text.contains('.') { "float" } else { "int" }), at + 1)),
            Kind::Open => {
                let ty = match token.text {
                    "[" => "array",
                    "#{" => "map",
                    _ => return None,
                };
                Some((plain(ty), self.partners[at]? + 1))
            }
            Kind::Word if self.kind(at + 1) == Some(Kind::Path) => {
                let name = self.tokens.get(at + 2)?.text;
                let end = self.partners.get(at + 3).copied().flatten()? + 1;
                let entry = self.ground.catalogue.functions(Some(token.text), name).next()?;
                let argument = self.text_argument(at + 3);
                Some((returned(self.ground, entry, None, argument), end))
            }
            Kind::Word if self.tokens.get(at + 1).is_some_and(|t| t.text == "(") => {
                let entry = self.ground.catalogue.functions(None, token.text).next()?;
                Some((returned(self.ground, entry, None, None), self.partners[at + 1]? + 1))
            }
            Kind::Word => Some((self.variable(token.text, at, depth)?, at + 1)),
            _ => None,
        }
    }

    /// A `let` of the same input, a closure's parameter, a variable of the session, or a constant.
    fn variable(&self, name: &str, before: usize, depth: usize) -> Option<Known> {
        let bound = (0..before).rev().find(|at| {
            self.tokens[*at].text == name
                && at.checked_sub(1).is_some_and(|let_| matches!(self.tokens[let_].text, "let" | "const" | "|" | "for"))
        });
        if let Some(at) = bound {
            match (self.tokens[at - 1].text, self.tokens.get(at + 1).map(|t| t.text)) {
                ("|", _) => return self.parameter(at),
                ("for", Some("in")) => return element(&self.statement(at + 2, depth)?),
                (_, Some("=")) => return self.statement(at + 2, depth),
                _ => return None,
            }
        }
        if let Some(value) = self.ground.variable(name) {
            return Some(of_value(&value));
        }
        if name == "root" {
            return Some(Known { netns: self.ground.root(), ..plain("Netns") });
        }
        let entry = self.ground.catalogue.entries().iter().find(|e| e.shape == Shape::Constant && e.name == name)?;
        Some(Known { elements: entry.elements.map(str::to_string), ..plain(entry.returns) })
    }

    /// The expression that begins at a token, as far as it is one postfix expression.
    pub(super) fn statement(&self, start: usize, depth: usize) -> Option<Known> {
        let mut end = start;
        while let Some(kind) = self.kind(end) {
            end = match kind {
                Kind::Open if self.tokens[end].text == "{" => break,
                Kind::Open => self.partners[end]? + 1,
                Kind::Word | Kind::Text { .. } | Kind::Number | Kind::Dot | Kind::Path => end + 1,
                _ => break,
            };
        }
        self.known_within(start, end, depth + 1)
    }

    /// `list.map(|x| …`: an element of what the method is called on.
    fn parameter(&self, at: usize) -> Option<Known> {
        let open = at.checked_sub(2).filter(|open| self.tokens[*open].text == "(")?;
        let dot = open.checked_sub(2).filter(|dot| self.kind(*dot) == Some(Kind::Dot))?;
        element(&self.known(self.start_of(dot)?, dot)?)
    }

    /// The first argument, where it is a string that is there in full.
    fn text_argument(&self, open: usize) -> Option<&str> {
        self.tokens.get(open + 1).filter(|t| t.kind == Kind::Text { closed: true }).map(Token::inner)
    }

    /// The call whose bracket opens at `open`.
    pub(super) fn callee(&self, open: usize) -> Option<Callee<'a>> {
        let at = open.checked_sub(1)?;
        let name = self.tokens.get(at).filter(|t| t.kind == Kind::Word)?.text;
        match at.checked_sub(1).and_then(|before| self.kind(before)) {
            Some(Kind::Path) => Some(Callee { module: Some(self.tokens[at.checked_sub(2)?].text), receiver: None, name }),
            Some(Kind::Dot) => {
                let dot = at - 1;
                let receiver = self.known(self.start_of(dot)?, dot)?;
                Some(Callee { module: None, receiver: Some(receiver), name })
            }
            _ => Some(Callee { module: None, receiver: None, name }),
        }
    }
}

impl Callee<'_> {
    /// The words that may be meant.
    pub(super) fn entries<'g>(&self, ground: &'g Ground<'g>) -> Vec<&'g Entry> {
        let all = ground.catalogue.entries().iter().filter(|entry| entry.name == self.name);
        match &self.receiver {
            Some(known) => all.filter(|e| e.shape == Shape::Method && e.receiver == Some(known.ty.as_str())).collect(),
            None => all.filter(|e| e.shape == Shape::Function && e.module == self.module).collect(),
        }
    }

    /// The namespace in which it acts.
    pub(super) fn netns(&self, ground: &Ground) -> Option<Netns> {
        match &self.receiver {
            Some(known) => known.netns.clone(),
            None => ground.root(),
        }
    }
}

fn plain(ty: &str) -> Known {
    Known { ty: ty.to_string(), ..Known::default() }
}

/// What a value is.
pub(super) fn of_value(value: &Dynamic) -> Known {
    let ty = match value.type_name() {
        "i64" => "int",
        "f64" => "float",
        "&str" | "ImmutableString" => "string",
        name => match name.rsplit("::").next().unwrap_or(name) {
            "Fault" => "Error",
            other => other,
        },
    };
    let netns = value.clone().try_cast::<Netns>();
    let link = value.clone().try_cast::<Link>();
    let elements = value.read_lock::<rhai::Array>().and_then(|list| list.first().map(|first| of_value(first).ty));
    Known { ty: ty.to_string(), elements, netns: netns.or_else(|| link.as_ref().map(Link::netns)), link, value: Some(value.clone()) }
}

fn element(known: &Known) -> Option<Known> {
    let ty = known.elements.clone().or_else(|| (known.ty == "string").then(|| "char".to_string()))?;
    Some(Known { netns: known.netns.clone(), ..plain(&ty) })
}

fn returned(ground: &Ground, entry: &Entry, receiver: Option<&Known>, argument: Option<&str>) -> Known {
    let mut known = Known { elements: entry.elements.map(str::to_string), ..plain(entry.returns) };
    known.netns = match (receiver, entry.returns) {
        (None, "Netns") => argument.and_then(|name| ground.netns(name)),
        (Some(receiver), _) => receiver.netns.clone(),
        (None, _) => ground.root(),
    };
    known.link = match (entry.returns, entry.name) {
        ("Link", "link" | "get" | "try_get") => known.netns.as_ref().zip(argument).and_then(|(netns, name)| netns.link(name).ok()),
        _ => receiver.and_then(|receiver| receiver.link.clone()),
    };
    known
}

fn member(ground: &Ground, known: &Known, name: &str, call: bool, argument: Option<&str>) -> Option<Known> {
    if let Some(pair) = known.value.as_ref().and_then(|value| value.clone().try_cast::<Pair>())
        && let Some(link) = [("a", pair.a), ("b", pair.b)].into_iter().find(|(end, _)| *end == name).map(|(_, link)| link)
    {
        return Some(of_value(&Dynamic::from(link)));
    }
    if let Some(map) = known.value.as_ref().and_then(|value| value.read_lock::<rhai::Map>())
        && !call
    {
        return map.get(name).map(of_value);
    }
    let catalogue = ground.catalogue;
    let entry = match call {
        true => catalogue.methods(&known.ty, name).next(),
        false => catalogue.property(&known.ty, name),
    };
    match entry {
        Some(entry) => Some(returned(ground, entry, Some(known), argument)),
        // What the language itself does with lists: most of it gives a list again.
        None if call && known.ty == "array" && matches!(name, "filter" | "sort" | "rev" | "extract" | "take") => Some(known.clone()),
        None if call && known.ty == "array" && matches!(name, "find" | "pop" | "shift" | "get") => element(known),
        None => None,
    }
}

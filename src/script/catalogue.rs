//! Every word of the language with its types, options, documentation and example: filled while the words are registered, read by
//! `check`, `help`, completion and the reference. Nothing is listed twice by hand.

use std::collections::BTreeSet;

/// How a word is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `f(…)`, or `module::f(…)` where the entry has a module.
    Function,
    /// `value.f(…)`.
    Method,
    /// `value.p`, and `value.p = …` where it can be set.
    Property {
        /// Whether it can be assigned.
        settable: bool,
    },
    /// A name that is there from the beginning, as `root`.
    Constant,
}

/// One word of the language.
#[derive(Debug, Clone)]
pub struct Entry {
    /// `route` in `route::add`; nothing for plain functions, methods and properties.
    pub module: Option<&'static str>,
    /// The type whose method or property it is.
    pub receiver: Option<&'static str>,
    /// Its name.
    pub name: &'static str,
    /// How it is used.
    pub shape: Shape,
    /// Its parameters, without the receiver and without the option map.
    pub params: Vec<Param>,
    /// The option map that may follow the parameters.
    pub options: Option<&'static Options>,
    /// The type it returns: `string`, `int`, `float`, `bool`, `array`, `map`, `any`, `()`, or a type of labsh.
    pub returns: &'static str,
    /// The type of the elements, where it returns an array of one type.
    pub elements: Option<&'static str>,
    /// Its documentation in Markdown, with an example in a `rhai` block.
    pub doc: String,
}

/// A parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// The type it takes; several with `|` between them (`string|Netns`), `any` for all.
    pub takes: &'static str,
}

/// An option map: the keys that it may have.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// The keys.
    pub keys: &'static [Key],
}

/// A key of an option map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name: iproute2's word.
    pub name: &'static str,
    /// The type it takes, as in [`Param::takes`].
    pub takes: &'static str,
    /// What it means, in a few words, with the unit.
    pub help: &'static str,
    /// The keys of the map that it takes, where it takes one.
    pub nested: Option<&'static Options>,
}

/// Makes a key without keys inside.
pub(crate) const fn key(name: &'static str, takes: &'static str, help: &'static str) -> Key {
    Key { name, takes, help, nested: None }
}

/// Joins lists of keys to one of as many.
pub(crate) const fn join<const N: usize>(lists: &[&[Key]]) -> [Key; N] {
    let (mut all, mut list, mut to) = ([key("", "", ""); N], 0, 0);
    while list < lists.len() {
        let mut from = 0;
        while from < lists[list].len() {
            all[to] = lists[list][from];
            (from, to) = (from + 1, to + 1);
        }
        list += 1;
    }
    assert!(to == N, "the lists have as many keys");
    all
}

impl Options {
    /// Returns the names of the keys.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.keys.iter().map(|key| key.name)
    }

    /// Returns the map inside it to which keys lead.
    pub fn nested(&'static self, path: &[&str]) -> Option<&'static Options> {
        path.iter().try_fold(self, |options, name| options.keys.iter().find(|key| key.name == *name)?.nested)
    }
}

impl Entry {
    /// Returns whether it takes that many arguments (without the receiver).
    pub fn takes_count(&self, count: usize) -> bool {
        count == self.params.len() || (self.options.is_some() && count == self.params.len() + 1)
    }

    /// Returns its full name: `route::add`, `Link.up`, `sleep`.
    pub fn path(&self) -> String {
        match (self.module, self.receiver) {
            (Some(module), _) => format!("{module}::{}", self.name),
            (None, Some(receiver)) => format!("{receiver}.{}", self.name),
            (None, None) => self.name.to_string(),
        }
    }

    /// Returns the call with its parameters: `route::add(dst: string, #{ via, dev, … }) -> Routes`.
    pub fn signature(&self) -> String {
        if matches!(self.shape, Shape::Property { .. } | Shape::Constant) {
            return format!("{}: {}", self.path(), self.returns);
        }
        let mut params: Vec<String> = self.params.iter().map(|p| format!("{}: {}", p.name, p.takes)).collect();
        if let Some(options) = self.options {
            params.push(format!("#{{ {} }}", options.names().collect::<Vec<_>>().join(", ")));
        }
        let returns = match (self.returns, self.elements) {
            ("()", _) => String::new(),
            (_, Some(elements)) => format!(" -> array of {elements}"),
            (returns, None) => format!(" -> {returns}"),
        };
        format!("{}({}){returns}", self.path(), params.join(", "))
    }

    /// Returns the first sentence of its documentation.
    pub fn summary(&self) -> String {
        let paragraph = self.doc.lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
        match paragraph.split_once(". ") {
            Some((first, _)) => format!("{first}."),
            None => paragraph,
        }
    }
}

/// All words.
#[derive(Debug, Default)]
pub struct Catalogue {
    entries: Vec<Entry>,
}

impl Catalogue {
    /// Adds a word.
    pub fn add(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Returns all words, in the order of registration.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the names of the modules.
    pub fn modules(&self) -> BTreeSet<&'static str> {
        self.entries.iter().filter_map(|e| e.module).collect()
    }

    /// Returns the names of the types.
    pub fn types(&self) -> BTreeSet<&'static str> {
        self.entries.iter().filter_map(|e| e.receiver).collect()
    }

    /// Returns the words `name` of a module.
    pub fn functions<'a>(&'a self, module: Option<&'a str>, name: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |e| e.shape == Shape::Function && e.module == module && e.name == name)
    }

    /// Returns all words of a type.
    pub fn members<'a>(&'a self, receiver: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |e| e.receiver == Some(receiver))
    }

    /// Returns the methods `name` of a type.
    pub fn methods<'a>(&'a self, receiver: &'a str, name: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.members(receiver).filter(move |e| e.shape == Shape::Method && e.name == name)
    }

    /// Returns the property `name` of a type.
    pub fn property(&self, receiver: &str, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.receiver == Some(receiver) && matches!(e.shape, Shape::Property { .. }) && e.name == name)
    }
}

//! Types as the check follows them: a word of the catalogue, and for arrays and ranges the word of their elements.

use crate::script::catalogue::Entry;

/// The types of the engine's own whose methods are all known. An object map is not among them: it has what was put into it.
const OWN: [&str; 8] = ["string", "int", "float", "bool", "char", "array", "closure", "range"];

/// Returns the word of a type of the engine.
pub(super) fn own(word: &str) -> Option<&'static str> {
    OWN.into_iter().find(|own| *own == word)
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Type {
    word: &'static str,
    elements: &'static str,
}

impl Type {
    /// Nothing is known. `()` is this type too: a variable is often `()` before it is something.
    pub(super) const ANY: Type = Type::of("any");
    pub(super) const STRING: Type = Type::of("string");
    pub(super) const INT: Type = Type::of("int");
    pub(super) const FLOAT: Type = Type::of("float");
    pub(super) const BOOL: Type = Type::of("bool");
    pub(super) const CHAR: Type = Type::of("char");
    pub(super) const MAP: Type = Type::of("map");
    pub(super) const ARRAY: Type = Type::of("array");
    pub(super) const CLOSURE: Type = Type::of("closure");

    pub(super) const fn of(word: &'static str) -> Type {
        Type { word, elements: "any" }
    }

    /// Returns the type of an array of such values.
    pub(super) const fn list(self) -> Type {
        Type { word: "array", elements: self.word }
    }

    /// Returns the type that a word returns.
    pub(super) fn returned(entry: &Entry) -> Type {
        if entry.returns == "()" || entry.returns.contains('|') {
            return Type::ANY;
        }
        Type { word: entry.returns, elements: entry.elements.filter(|word| *word != "()" && !word.contains('|')).unwrap_or("any") }
    }

    pub(super) fn word(self) -> &'static str {
        self.word
    }

    pub(super) fn is_any(self) -> bool {
        self == Type::ANY
    }

    /// Returns whether it is one of the engine's types, and all its methods are known.
    pub(super) fn is_own(self) -> bool {
        OWN.contains(&self.word)
    }

    /// Returns the type of a value that is of either type.
    pub(super) fn join(self, other: Type) -> Type {
        match self.word == other.word {
            true if self.elements == other.elements => self,
            true => Type::of(self.word),
            false => Type::ANY,
        }
    }

    /// Joins the types of several values; nothing is known of no values.
    pub(super) fn join_all(types: impl IntoIterator<Item = Type>) -> Type {
        types.into_iter().reduce(Type::join).unwrap_or(Type::ANY)
    }

    /// Returns the type of `x` in `for x in this`.
    pub(super) fn element(self) -> Type {
        match self.word {
            "array" | "range" => Type::of(self.elements),
            "string" => Type::CHAR,
            _ => Type::ANY,
        }
    }

    /// Returns the type of `this[by]`. A range may stand in the brackets, so the index must be known to be a number.
    pub(super) fn indexed(self, by: Type) -> Type {
        match self.word {
            "array" | "string" if by == Type::INT => self.element(),
            _ => Type::ANY,
        }
    }

    /// Returns what the engine's methods give to the first two parameters of a closure: `list.map(|item, index| …)`.
    pub(super) fn given_to_closures(self, method: &str) -> [Type; 2] {
        match (self.word, method) {
            ("array", "dedup" | "order" | "sort") => [self.element(); 2],
            ("array", "all" | "drain" | "filter" | "find" | "find_map" | "index_of" | "map" | "retain" | "some") => {
                [self.element(), Type::INT]
            }
            _ => [Type::ANY; 2],
        }
    }

    /// Returns what a method of the engine's own returns, where that follows from the receiver.
    pub(super) fn returned_by(self, method: &str) -> Type {
        match (self.word, method) {
            ("array", "drain" | "extract" | "filter" | "order" | "retain" | "split") => self,
            _ => Type::ANY,
        }
    }

    /// Returns whether a parameter that takes `takes` (`string|Netns`) can take it.
    pub(super) fn fits(self, takes: &str) -> bool {
        self.is_any()
            || takes.split('|').any(|word| match word {
                "any" => true,
                "float" => matches!(self.word, "float" | "int"),
                "string" => matches!(self.word, "string" | "char"),
                word => word == self.word,
            })
    }

    /// Returns the type of `left operator right`.
    pub(super) fn binary(operator: &str, left: Type, right: Type) -> Type {
        let both = |wanted: Type| left == wanted && right == wanted;
        let number = |side: Type| side == Type::INT || side == Type::FLOAT;
        match operator {
            "==" | "!=" | "<" | "<=" | ">" | ">=" => Type::BOOL,
            ".." | "..=" if both(Type::INT) => Type { word: "range", elements: "int" },
            ".." | "..=" => Type::of("range"),
            "+" if left == Type::STRING => Type::STRING,
            "+" if left.word == "array" && right.word == "array" => left.join(right),
            "+" | "-" | "*" | "/" | "%" | "**" | "&" | "|" | "^" | "<<" | ">>" if both(Type::INT) => Type::INT,
            "+" | "-" | "*" | "/" | "%" | "**" if number(left) && number(right) => Type::FLOAT,
            "&" | "|" | "^" if both(Type::BOOL) => Type::BOOL,
            _ => Type::ANY,
        }
    }

    /// Returns the type of `operator value`.
    pub(super) fn unary(operator: &str, value: Type) -> Type {
        match operator {
            "!" => Type::BOOL,
            "-" | "+" if value == Type::INT || value == Type::FLOAT => value,
            _ => Type::ANY,
        }
    }

    /// Returns the type of a variable of this type after `variable operator= value`.
    pub(super) fn after(self, operator: &str, value: Type) -> Type {
        match (self.word, operator) {
            // An array takes another's elements, and anything else as an element; an empty one says nothing of what follows.
            ("array", "+") if value.word == "array" => self.join(value),
            ("array", "+") => self.join(value.list()),
            ("map", "+") => self,
            _ => Type::binary(operator, self, value),
        }
    }
}

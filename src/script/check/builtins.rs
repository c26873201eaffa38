//! The functions, methods and properties of the engine itself, read from the engine.

use rhai::{Array, Dynamic, Engine, FLOAT, FnPtr, INT, ImmutableString, Map};
use std::any::TypeId;
use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};

/// What the engine knows without the words of labsh.
#[derive(Debug, Clone)]
pub struct Builtins {
    functions: HashMap<String, Vec<Native>>,
}

/// One function of a name.
#[derive(Debug, Clone, Copy)]
struct Native {
    /// How many parameters it has; a method counts its receiver.
    count: usize,
    /// The type of the first.
    receiver: &'static str,
}

impl Builtins {
    /// Reads them from an engine that has no words of labsh yet.
    pub fn of(engine: &Engine) -> Builtins {
        let words = receiver_words();
        let found = engine.collect_fn_metadata(
            None,
            |function| {
                let first = function.metadata.param_types.first();
                let receiver = first.map_or("", |id| words.iter().find(|(known, _)| known == id).map_or("other", |(_, word)| word));
                let native = Native { count: function.metadata.num_params, receiver };
                function.namespace.is_empty().then(|| (function.metadata.name.to_string(), native))
            },
            true,
        );
        let mut functions: HashMap<String, Vec<Native>> = HashMap::with_capacity(found.len());
        for (name, native) in found {
            functions.entry(name).or_default().push(native);
        }
        Builtins { functions }
    }

    /// Returns how many arguments a function takes; nothing if there is none of that name.
    pub(super) fn counts<'a>(&'a self, name: &str) -> impl Iterator<Item = usize> + use<'a> {
        self.natives(name).iter().map(|native| native.count)
    }

    /// Returns how many arguments, without the receiver, a method takes; of one type, or of any if none is said.
    pub(super) fn method_counts<'a>(&'a self, receiver: Option<&'a str>, name: &str) -> impl Iterator<Item = usize> + use<'a> {
        let of_type = move |native: &&Native| receiver.is_none_or(|word| native.receiver == word || native.receiver == "any");
        self.natives(name).iter().filter(of_type).filter_map(|native| native.count.checked_sub(1))
    }

    /// Returns whether a type has a property that can be read.
    pub(super) fn has_getter(&self, receiver: &str, name: &str) -> bool {
        self.method_counts(Some(receiver), &format!("get${name}")).next().is_some()
    }

    /// Returns whether a type has a property that can be assigned.
    pub(super) fn has_setter(&self, receiver: &str, name: &str) -> bool {
        self.method_counts(Some(receiver), &format!("set${name}")).next().is_some()
    }

    /// Returns the names of all functions, sorted, without operators.
    pub(super) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.functions.keys().map(String::as_str).filter(|name| is_word(name)).collect();
        names.sort_unstable();
        names
    }

    /// Returns the names of the methods and properties of a type, sorted.
    pub(super) fn members(&self, receiver: &str) -> Vec<&str> {
        let belongs = |natives: &[Native]| natives.iter().any(|native| native.receiver == receiver || native.receiver == "any");
        let found = self.functions.iter().filter(|(_, natives)| belongs(natives));
        let mut names: Vec<&str> = found.map(|(name, _)| name.strip_prefix("get$").unwrap_or(name)).filter(|name| is_word(name)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn natives(&self, name: &str) -> &[Native] {
        self.functions.get(name).map_or(&[], Vec::as_slice)
    }
}

fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains('$')
}

fn receiver_words() -> [(TypeId, &'static str); 12] {
    [
        (TypeId::of::<Dynamic>(), "any"),
        (TypeId::of::<ImmutableString>(), "string"),
        (TypeId::of::<String>(), "string"),
        (TypeId::of::<INT>(), "int"),
        (TypeId::of::<FLOAT>(), "float"),
        (TypeId::of::<bool>(), "bool"),
        (TypeId::of::<char>(), "char"),
        (TypeId::of::<Array>(), "array"),
        (TypeId::of::<Map>(), "map"),
        (TypeId::of::<FnPtr>(), "closure"),
        (TypeId::of::<Range<INT>>(), "range"),
        (TypeId::of::<RangeInclusive<INT>>(), "range"),
    ]
}

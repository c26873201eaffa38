//! Calls of functions and methods, and properties: whether there is such a thing, and how many arguments it takes.

use super::types::Type;
use super::walk::Walker;
use super::wording::{arguments, article, suggest};
use crate::script::catalogue::{Entry, Shape};
use rhai::{Expr, FnCallExpr, FnPtr, Position, Stmt};
use std::collections::BTreeSet;

/// What the engine does itself when it is called as a function, and the type it gives.
const KEYWORDS: [(&str, Type); 8] = [
    ("Fn", Type::CLOSURE),
    ("call", Type::ANY),
    ("curry", Type::CLOSURE),
    ("eval", Type::ANY),
    ("is_def_fn", Type::BOOL),
    ("is_def_var", Type::BOOL),
    ("is_shared", Type::BOOL),
    ("type_of", Type::STRING),
];

impl<'a> Walker<'a> {
    /// Walks a call of a function or an operator; returns the type of its value.
    pub(super) fn call(&mut self, call: &'a FnCallExpr, position: Position) -> Type {
        if let Some((closure, captured)) = captures(call) {
            return self.closure(&closure, captured, &[]);
        }
        let types: Vec<Type> = call.args.iter().map(|argument| self.expression(argument)).collect();
        match (call.is_operator_call(), types.as_slice()) {
            (true, [left, right]) => Type::binary(&call.name, *left, *right),
            (true, [only]) => Type::unary(&call.name, *only),
            (true, _) => Type::ANY,
            _ if call.is_qualified() => self.module_function(call, &types, position),
            _ => self.function(call, &types, position),
        }
    }

    fn module_function(&mut self, call: &'a FnCallExpr, types: &[Type], position: Position) -> Type {
        if !self.knows_module(&call.namespace) {
            return Type::ANY;
        }
        let module = call.namespace.root();
        let functions: Vec<&Entry> = self.catalogue.functions(Some(module), &call.name).collect();
        if functions.is_empty() {
            let names = self.catalogue.entries().iter().filter(|entry| entry.module == Some(module)).map(|entry| entry.name);
            let hint = suggest(&call.name, names);
            self.report(position, width(call), format!("unknown function `{module}::{}`", call.name), hint);
            return Type::ANY;
        }
        let label = format!("{module}::{}", call.name);
        if !functions.iter().any(|entry| entry.takes_count(types.len())) {
            self.wrong_count(&label, &functions, counts(&functions), types.len(), call, position);
            return Type::ANY;
        }
        self.arguments(&label, &functions, &call.args, types);
        returned(&functions, types.len())
    }

    fn function(&mut self, call: &'a FnCallExpr, types: &[Type], position: Position) -> Type {
        let (name, count) = (call.name.as_str(), types.len());
        if let Some((_, value)) = KEYWORDS.iter().find(|(keyword, _)| *keyword == name) {
            return *value;
        }
        if self.facts.takes(name, count) {
            return Type::ANY;
        }
        let functions: Vec<&Entry> = self.catalogue.functions(None, name).collect();
        if functions.iter().any(|entry| entry.takes_count(count)) {
            self.arguments(name, &functions, &call.args, types);
            return returned(&functions, count);
        }
        // A method can be called as a function, with its receiver as the first argument, and changes that as a method does.
        let takes_receiver = |entry: &Entry| entry.shape == Shape::Method && entry.name == name && entry.takes_count(count.wrapping_sub(1));
        if self.builtins.counts(name).any(|known| known == count) || self.catalogue.entries().iter().any(takes_receiver) {
            if let [receiver, ..] = call.args.as_slice() {
                self.changed_by(receiver, name, &types[1..], true);
            }
            return Type::ANY;
        }
        let mut known = counts(&functions);
        known.extend(self.builtins.counts(name));
        known.extend(self.facts.counts(name).into_iter().flatten());
        if known.is_empty() {
            let hint = self.function_meant_by(name);
            self.report(position, width(call), format!("unknown function `{name}`"), hint);
        } else {
            self.wrong_count(name, &functions, known, count, call, position);
        }
        Type::ANY
    }

    /// Says what may have been meant by a name that no function has.
    fn function_meant_by(&self, name: &str) -> Option<String> {
        if self.is_variable(name) {
            return Some(format!("write `{name}.call(…)` if the variable holds a closure"));
        }
        if self.modules.contains(name) || self.facts.aliases.contains(name) {
            return Some(format!("write `{name}::…`: it is a module"));
        }
        let entries = self.catalogue.entries();
        let plain = entries.iter().filter(|entry| entry.shape == Shape::Function && entry.module.is_none()).map(|entry| entry.name);
        let near = suggest(name, plain.chain(self.facts.names()).chain(self.builtins.names()));
        let of_type = || entries.iter().find(|entry| entry.shape == Shape::Method && entry.name == name).and_then(|entry| entry.receiver);
        let of_module = || entries.iter().find(|entry| entry.shape == Shape::Function && entry.name == name).and_then(|entry| entry.module);
        of_type()
            .map(|receiver| format!("call it on {}: it is a verb", article(receiver)))
            .or_else(|| of_module().map(|module| format!("did you mean `{module}::{name}`?")))
            .or(near)
    }

    /// Walks a method call; `through` is the property that gave the receiver. Returns the types of its value and of its arguments.
    pub(super) fn method(&mut self, receiver: Type, through: Option<&str>, call: &'a FnCallExpr, position: Position) -> (Type, Vec<Type>) {
        let (name, count) = (call.name.as_str(), call.args.len());
        let is_scripted = self.facts.takes(name, count);
        let given = if is_scripted { [Type::ANY; 2] } else { receiver.given_to_closures(name) };
        let types: Vec<Type> = call.args.iter().map(|argument| self.argument(argument, &given)).collect();
        if let Some((_, value)) = KEYWORDS.iter().find(|(keyword, _)| *keyword == name) {
            return (*value, types);
        }
        if is_scripted || receiver.word() == "map" {
            return (Type::ANY, types);
        }
        let value = match receiver.is_own() || self.types.contains(receiver.word()) {
            true => self.known_method(receiver, through, call, &types, position),
            false => self.method_of_unknown(call, count, position),
        };
        (value, types)
    }

    /// Walks an argument; where it is a closure, `given` are the types of what that will be given.
    fn argument(&mut self, argument: &'a Expr, given: &[Type]) -> Type {
        match closure_of(argument) {
            Some((closure, captured)) => self.closure(&closure, captured, given),
            None => self.expression(argument),
        }
    }

    fn known_method(&mut self, receiver: Type, through: Option<&str>, call: &'a FnCallExpr, types: &[Type], position: Position) -> Type {
        let (name, count, word) = (call.name.as_str(), types.len(), receiver.word());
        let methods: Vec<&Entry> = self.catalogue.methods(word, name).collect();
        let label = match through.filter(|property| stands_for(word, property)) {
            Some(property) => format!("{property}.{name}"),
            None if methods.is_empty() => name.to_string(),
            None => format!("{word}.{name}"),
        };
        if methods.iter().any(|entry| entry.takes_count(count)) {
            self.arguments(&label, &methods, &call.args, types);
            return returned(&methods, count);
        }
        if self.builtins.method_counts(Some(word), name).any(|known| known == count) {
            return receiver.returned_by(name);
        }
        if self.is_function_on(receiver, name, count) || self.facts.imports_unknown {
            return Type::ANY;
        }
        let mut known = counts(&methods);
        known.extend(self.builtins.method_counts(Some(word), name));
        known.extend(self.facts.counts(name).into_iter().flatten());
        if known.is_empty() {
            self.no_method(receiver, through, call, position);
        } else {
            self.wrong_count(&label, &methods, known, count, call, position);
        }
        Type::ANY
    }

    /// Returns whether a plain function can be called as a method of such a value: `value.f(…)` is `f(value, …)` too.
    fn is_function_on(&self, receiver: Type, name: &str, count: usize) -> bool {
        let takes = |entry: &Entry| entry.takes_count(count + 1) && entry.params.first().is_none_or(|param| receiver.fits(param.takes));
        self.catalogue.functions(None, name).any(takes)
    }

    fn no_method(&mut self, receiver: Type, through: Option<&str>, call: &FnCallExpr, position: Position) {
        let (name, word) = (call.name.as_str(), receiver.word());
        if self.catalogue.property(word, name).is_some() || self.builtins.has_getter(word, name) {
            let hint = Some("write it without `()`".to_string());
            return self.report(position, width(call), format!("`{name}` is a property of {word}"), hint);
        }
        let hint = self.member_hint(name, receiver);
        let message = match through.filter(|property| stands_for(word, property)) {
            Some(property) => format!("`{property}` has no verb `{name}`"),
            None => format!("{} has no {} `{name}`", article(word), if receiver.is_own() { "method" } else { "verb" }),
        };
        self.report(position, width(call), message, hint);
    }

    /// The nearest name that a value of that type has, or where all of them are told.
    fn member_hint(&self, name: &str, receiver: Type) -> Option<String> {
        let word = receiver.word();
        let told = || self.catalogue.members(word).next().map(|_| format!("what it has: labsh doc {word}"));
        suggest(name, self.members(receiver)).or_else(told)
    }

    /// Whatever the receiver is, some type must have the method.
    fn method_of_unknown(&mut self, call: &FnCallExpr, count: usize, position: Position) -> Type {
        let name = call.name.as_str();
        if self.facts.may_be_key(name) {
            return Type::ANY;
        }
        let named = |shape: Shape| move |entry: &&Entry| entry.shape == shape && entry.name == name;
        let methods: Vec<&Entry> = self.catalogue.entries().iter().filter(named(Shape::Method)).collect();
        let mut known = counts(&methods);
        known.extend(self.builtins.method_counts(None, name));
        known.extend(self.facts.counts(name).into_iter().flatten());
        known
            .extend(counts(&self.catalogue.functions(None, name).collect::<Vec<_>>()).into_iter().filter_map(|count| count.checked_sub(1)));
        if known.contains(&count) {
            return Type::ANY;
        }
        if !known.is_empty() {
            self.wrong_count(name, &methods, known, count, call, position);
            return Type::ANY;
        }
        let entries = self.catalogue.entries();
        let property_of = entries.iter().find(|entry| matches!(entry.shape, Shape::Property { .. }) && entry.name == name);
        let hint = match property_of.and_then(|entry| entry.receiver) {
            Some(receiver) => Some(format!("write it without `()`: it is a property of {receiver}")),
            None => suggest(name, entries.iter().filter(|e| e.receiver.is_some()).map(|e| e.name).chain(self.builtins.names())),
        };
        self.report(position, width(call), format!("no type has a verb `{name}`"), hint);
        Type::ANY
    }

    /// Walks a property that is read; returns the type of its value.
    pub(super) fn property(&mut self, receiver: Type, through: Option<&str>, name: &str, position: Position) -> Type {
        let word = receiver.word();
        if let Some(property) = self.catalogue.property(word, name) {
            return Type::returned(property);
        }
        if !(receiver.is_own() || self.types.contains(word)) || self.builtins.has_getter(word, name) {
            return Type::ANY;
        }
        let noun = if receiver.is_own() { "method" } else { "verb" };
        let mut known = counts(&self.catalogue.methods(word, name).collect::<Vec<_>>());
        known.extend(self.builtins.method_counts(Some(word), name));
        let (message, hint) = match known.first() {
            Some(least) => {
                let call = if *least == 0 { format!("{name}()") } else { format!("{name}(…)") };
                (format!("`{name}` is a {noun} of {word}"), Some(format!("write `{call}`")))
            }
            None => {
                let subject = match through.filter(|property| stands_for(word, property)) {
                    Some(property) => format!("`{property}`"),
                    None => article(word),
                };
                (format!("{subject} has no property `{name}`"), self.member_hint(name, receiver))
            }
        };
        self.report(position, name.chars().count(), message, hint);
        Type::ANY
    }

    /// Walks a property that is assigned.
    pub(super) fn set_property(&mut self, receiver: Type, name: &str, position: Position) {
        let word = receiver.word();
        if !self.types.contains(word) || receiver.is_own() || self.builtins.has_setter(word, name) {
            return;
        }
        match self.catalogue.property(word, name).map(|entry| entry.shape) {
            Some(Shape::Property { settable: true }) => {}
            Some(_) => {
                let hint = self.setter_of(word, name);
                self.report(position, name.chars().count(), format!("property `{name}` of {word} cannot be set"), hint);
            }
            None => _ = self.property(receiver, None, name, position),
        }
    }

    /// Says which verb sets what a property tells.
    fn setter_of(&self, word: &str, name: &str) -> Option<String> {
        if self.catalogue.methods(word, name).next().is_some() {
            return Some(format!("write `{name}(…)`"));
        }
        let mut set = self.catalogue.methods(word, "set").filter_map(|entry| entry.options);
        set.any(|options| options.names().any(|key| key == name)).then(|| format!("write `set(#{{ {name}: … }})`"))
    }

    fn members(&self, receiver: Type) -> Vec<&str> {
        let own = self.builtins.members(receiver.word());
        let own = if receiver.is_own() { own } else { Vec::new() };
        self.catalogue.members(receiver.word()).map(|entry| entry.name).chain(own).collect()
    }

    /// Reports a number of arguments that nothing of that name takes.
    fn wrong_count(&mut self, label: &str, entries: &[&Entry], known: BTreeSet<usize>, got: usize, call: &FnCallExpr, position: Position) {
        let longest = entries.iter().map(|entry| names(entry)).max_by_key(Vec::len).unwrap_or_default();
        let names = if longest.is_empty() { String::new() } else { format!(" ({})", longest.join(", ")) };
        self.report(position, width(call), format!("`{label}` takes {}{names}, got {got}", arguments(&known)), None);
    }
}

/// The closure that an expression is, with the variables that it captures.
fn closure_of(expression: &Expr) -> Option<(FnPtr, &[Expr])> {
    match expression {
        Expr::DynamicConstant(value, _) => Some((value.clone().try_cast()?, &[])),
        // A closure that captures is a block that shares the variables first.
        Expr::Stmt(block) => match block.statements() {
            [Stmt::Share(_), Stmt::Expr(made)] => match &**made {
                Expr::FnCall(call, _) => captures(call),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// `curry(closure, variables…)` is what the engine makes of a closure that captures.
fn captures(call: &FnCallExpr) -> Option<(FnPtr, &[Expr])> {
    match call.args.split_first() {
        Some((Expr::DynamicConstant(value, _), captured)) if call.name == "curry" && !call.is_qualified() => {
            Some((value.clone().try_cast()?, captured))
        }
        _ => None,
    }
}

fn counts(entries: &[&Entry]) -> BTreeSet<usize> {
    let of = |entry: &&Entry| (entry.params.len()..=entry.params.len() + usize::from(entry.options.is_some())).collect::<Vec<_>>();
    entries.iter().flat_map(of).collect()
}

fn names(entry: &Entry) -> Vec<&'static str> {
    entry.params.iter().map(|param| param.name).chain(entry.options.map(|_| "options")).collect()
}

fn returned(entries: &[&Entry], count: usize) -> Type {
    Type::join_all(entries.iter().filter(|entry| entry.takes_count(count)).map(|entry| Type::returned(entry)))
}

/// Whether people know a type by the property that gives it: `Routes` by `route`.
fn stands_for(word: &str, property: &str) -> bool {
    word.to_lowercase().strip_prefix(property).is_some_and(|rest| matches!(rest, "" | "s" | "es"))
}

fn width(call: &FnCallExpr) -> usize {
    call.name.chars().count()
}

//! The arguments that are given to a word of the catalogue: their types, and the keys of literal option maps.

use super::types::Type;
use super::walk::Walker;
use super::wording::{alternatives, article, suggest};
use crate::near;
use crate::script::catalogue::{Entry, Key, Options};
use rhai::{Expr, Ident, Position};

impl<'a> Walker<'a> {
    /// Checks the arguments of a word, some of whose entries take that many.
    pub(super) fn arguments(&mut self, label: &str, entries: &[&'a Entry], given: &'a [Expr], types: &[Type]) {
        let fitting: Vec<&&Entry> = entries.iter().filter(|entry| entry.takes_count(types.len())).collect();
        let refused = |entry: &Entry| (0..types.len()).find(|at| !types[*at].fits(parameter(entry, *at).1));
        match fitting.iter().find(|entry| refused(entry).is_none()) {
            Some(entry) => {
                let options = entry.options.filter(|_| types.len() == entry.params.len() + 1);
                if let (Some(options), Some(Expr::Map(map, _))) = (options, given.last()) {
                    self.options(label, label, options, &map.0);
                }
            }
            None => {
                let all_refuse = |at: &usize| fitting.iter().all(|entry| !types[*at].fits(parameter(entry, *at).1));
                if let (Some(at), Some(entry)) = ((0..types.len()).find(all_refuse), fitting.first()) {
                    let (name, takes) = parameter(entry, at);
                    self.wrong_type(label, name, takes, &given[at], types[at]);
                }
            }
        }
    }

    /// Checks a literal option map; `owner` is the word or the key that it is given to.
    fn options(&mut self, label: &str, owner: &str, options: &'static Options, given: &'a [(Ident, Expr)]) {
        for (name, value) in given {
            match options.keys.iter().find(|key| key.name == name.name.as_str()) {
                Some(key) => self.option(label, key, value),
                None => {
                    let takes = || near::takes(&options.names().collect::<Vec<_>>(), label);
                    let hint = suggest(&name.name, options.names()).unwrap_or_else(takes);
                    let of = if owner == label { format!("`{label}`") } else { format!("`{owner}` in `{label}`") };
                    let message = format!("unknown option `{}` of {of}", name.name);
                    self.report(name.pos, name.name.chars().count(), message, Some(hint));
                }
            }
        }
    }

    fn option(&mut self, label: &str, key: &'static Key, value: &'a Expr) {
        let kind = self.glance(value);
        if !kind.fits(key.takes) {
            return self.wrong_type(label, key.name, key.takes, value, kind);
        }
        let Some(nested) = key.nested else { return };
        let maps = if let Expr::Array(items, _) = value { items.as_slice() } else { std::slice::from_ref(value) };
        for map in maps {
            if let Expr::Map(map, _) = map {
                self.options(label, key.name, nested, &map.0);
            }
        }
    }

    /// Returns the type of an expression that was walked already, as far as it is seen at once.
    fn glance(&mut self, expression: &'a Expr) -> Type {
        match expression {
            Expr::Map(..) => Type::MAP,
            Expr::Array(..) => Type::ARRAY,
            Expr::InterpolatedString(..) => Type::STRING,
            Expr::StringConstant(..)
            | Expr::IntegerConstant(..)
            | Expr::FloatConstant(..)
            | Expr::BoolConstant(..)
            | Expr::CharConstant(..) => self.expression(expression),
            Expr::Variable(name, ..) if name.2.is_empty() => self.type_of(&name.1),
            _ => Type::ANY,
        }
    }

    fn wrong_type(&mut self, label: &str, name: &str, takes: &str, given: &Expr, got: Type) {
        let message = format!("`{label}` takes {} for `{name}`, got {}", alternatives(takes), article(got.word()));
        self.report(begin(given), width_of(given), message, None);
    }
}

/// The name of a parameter, and what it takes; after the last comes the option map.
fn parameter(entry: &Entry, at: usize) -> (&'static str, &'static str) {
    entry.params.get(at).map_or(("options", "map"), |param| (param.name, param.takes))
}

/// Where an expression begins; the engine's own start of `a + b` is the operator.
fn begin(expression: &Expr) -> Position {
    match expression {
        Expr::FnCall(call, position) => match call.args.first() {
            Some(first) if call.is_operator_call() && call.args.len() == 2 => begin(first),
            _ if call.is_qualified() => call.namespace.position(),
            _ => *position,
        },
        Expr::Dot(pair, ..) | Expr::Index(pair, ..) => begin(&pair.lhs),
        Expr::And(sides, _) | Expr::Or(sides, _) | Expr::Coalesce(sides, _) => sides.first().map_or(Position::NONE, begin),
        other => other.start_position(),
    }
}

/// How many characters of an expression are marked: all of a literal or a name.
fn width_of(expression: &Expr) -> usize {
    match expression {
        Expr::StringConstant(text, _) => text.chars().count() + 2,
        Expr::IntegerConstant(number, _) => number.to_string().len(),
        Expr::FloatConstant(number, _) => number.to_string().len(),
        Expr::BoolConstant(value, _) => value.to_string().len(),
        Expr::CharConstant(..) => 3,
        Expr::Variable(name, ..) => name.1.chars().count(),
        Expr::Map(..) => 2,
        _ => 1,
    }
}

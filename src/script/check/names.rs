//! What names stand for: variables, constants, functions and modules, and what was meant by a name that stands for nothing.

use super::types::Type;
use super::walk::{Variable, Walker};
use super::wording::suggest;
use crate::script::catalogue::{Entry, Shape};
use rhai::{Namespace, Position};
use std::collections::BTreeSet;

/// What a name stands for.
pub(super) enum Named<'a> {
    Variable(Variable<'a>),
    Constant(Type),
    Function,
}

impl<'a> Walker<'a> {
    /// Finds what a name stands for where the walk is.
    pub(super) fn named(&self, name: &str) -> Option<Named<'a>> {
        if let Some(variable) = self.scope[self.frame.base..].iter().rev().find(|variable| variable.name == name) {
            return Some(Named::Variable(*variable));
        }
        if let Some(constant) = self.constants().find(|entry| entry.module.is_none() && entry.name == name) {
            return Some(Named::Constant(Type::returned(constant)));
        }
        self.facts.counts(name).map(|_| Named::Function)
    }

    fn constants(&self) -> impl Iterator<Item = &'a Entry> + use<'a> {
        self.catalogue.entries().iter().filter(|entry| entry.shape == Shape::Constant)
    }

    /// Returns the type of what a name stands for.
    pub(super) fn type_of(&self, name: &str) -> Type {
        match self.named(name) {
            Some(Named::Variable(variable)) if !self.facts.evals => self.current(variable),
            Some(Named::Constant(kind)) => kind,
            Some(Named::Function) => Type::CLOSURE,
            _ => Type::ANY,
        }
    }

    pub(super) fn is_variable(&self, name: &str) -> bool {
        matches!(self.named(name), Some(Named::Variable(_)))
    }

    /// Walks a variable; returns its type.
    pub(super) fn variable(&mut self, name: &str, position: Position) -> Type {
        if self.named(name).is_none() && !self.frame.sees_more {
            let hint = self.meant_by(name);
            self.report(position, name.chars().count(), format!("unknown variable `{name}`"), hint);
        }
        self.type_of(name)
    }

    /// Says what may have been meant by a name that no variable has.
    fn meant_by(&self, name: &str) -> Option<String> {
        match self.facts.top.get(name).filter(|_| self.frame.in_function) {
            Some(true) => return Some(format!("write `global::{name}`: so a `fn` sees the script's constants")),
            Some(false) => return Some(format!("pass `{name}` as an argument: a `fn` does not see the script's variables")),
            None => {}
        }
        if self.modules.contains(name) || self.facts.aliases.contains(name) {
            return Some(format!("write `{name}::…`: it is a module"));
        }
        if self.builtins.counts(name).next().is_some() || self.catalogue.functions(None, name).next().is_some() {
            return Some(format!("write `{name}(…)`: it is a function"));
        }
        let variables = self.scope[self.frame.base..].iter().rev().map(|variable| variable.name);
        let constants = self.constants().map(|entry| entry.name);
        let functions = self.facts.names();
        let aliases = self.facts.aliases.iter().map(|alias| alias.as_str());
        suggest(name, variables.chain(constants).chain(functions).chain(self.modules.iter().copied()).chain(aliases))
    }

    /// `module::NAME`, `global::NAME`.
    pub(super) fn qualified(&mut self, namespace: &'a Namespace, name: &'a str, position: Position) -> Type {
        let root = namespace.root();
        if root == "global" {
            if self.facts.top.get(name) != Some(&true) && !self.facts.evals {
                let constants = self.facts.top.iter().filter(|(_, is_constant)| **is_constant).map(|(name, _)| name.as_str());
                let hint = suggest(name, constants.collect::<BTreeSet<_>>());
                self.report(position, name.chars().count(), format!("unknown constant `global::{name}`"), hint);
            }
            return self.globals.get(name).copied().unwrap_or(Type::ANY);
        }
        if !self.knows_module(namespace) {
            return Type::ANY;
        }
        if let Some(constant) = self.constants().find(|entry| entry.module == Some(root) && entry.name == name) {
            return Type::returned(constant);
        }
        let width = name.chars().count();
        if self.catalogue.functions(Some(root), name).next().is_some() {
            let hint = format!("write `{root}::{name}(…)`");
            self.report(position, width, format!("`{root}::{name}` is a function"), Some(hint));
        } else {
            let hint = suggest(name, self.catalogue.entries().iter().filter(|entry| entry.module == Some(root)).map(|entry| entry.name));
            self.report(position, width, format!("unknown constant `{root}::{name}`"), hint);
        }
        Type::ANY
    }

    /// Returns whether it is a module of the catalogue; reports what is no module at all.
    pub(super) fn knows_module(&mut self, namespace: &Namespace) -> bool {
        let root = namespace.root();
        if root == "global" || self.facts.aliases.contains(root) || self.facts.evals {
            return false;
        }
        let known = self.modules.contains(root);
        if !known {
            let hint = suggest(root, self.modules.iter().copied().chain(self.facts.aliases.iter().map(|alias| alias.as_str())));
            self.report(namespace.position(), root.chars().count(), format!("unknown module `{root}`"), hint);
        }
        known && namespace.path.len() == 1
    }
}

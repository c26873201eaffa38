//! What completion, hints and help stand on: the words of the language, and, in a session, its variables, functions and lab. An
//! editor that has only the text of a script stands on the words alone.

use super::shell::Shell;
use crate::lab::{Lab, Netns};
use crate::script::Interpreter;
use crate::script::catalogue::Catalogue;
use rhai::{AST, Dynamic, Engine, Scope};
use std::cell::RefCell;

/// What is known.
pub(super) struct Ground<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) engine: &'a Engine,
    pub(super) lab: Option<&'a Lab>,
    names: Option<(&'a RefCell<Scope<'static>>, &'a RefCell<AST>)>,
    /// Columns of the terminal.
    pub(super) width: usize,
}

impl Shell {
    pub(super) fn ground(&self) -> Ground<'_> {
        Ground {
            lab: Some(self.lab()),
            names: Some((&self.scope, &self.functions)),
            width: self.width.get(),
            ..Ground::of_words(&self.interpreter)
        }
    }
}

impl<'a> Ground<'a> {
    /// Stands on the words alone.
    pub(super) fn of_words(interpreter: &'a Interpreter) -> Ground<'a> {
        Ground { catalogue: interpreter.catalogue(), engine: interpreter.engine(), lab: None, names: None, width: 100 }
    }

    pub(super) fn root(&self) -> Option<Netns> {
        self.lab.map(Lab::root)
    }

    pub(super) fn netns(&self, name: &str) -> Option<Netns> {
        self.lab?.get_netns(name).ok()
    }

    /// The value of a variable.
    pub(super) fn variable(&self, name: &str) -> Option<Dynamic> {
        self.names?.0.try_borrow().ok()?.get(name).cloned()
    }

    /// All variables.
    pub(super) fn variables(&self) -> Vec<(String, Dynamic)> {
        let Some((scope, _)) = self.names else { return Vec::new() };
        let Ok(scope) = scope.try_borrow() else { return Vec::new() };
        scope.iter_raw().map(|(name, _, value)| (name.to_string(), value.clone())).collect()
    }

    /// The functions that were defined: name, and whether it takes something.
    pub(super) fn functions(&self) -> Vec<(String, bool)> {
        let Some((_, functions)) = self.names else { return Vec::new() };
        functions.borrow().iter_functions().map(|f| (f.name.to_string(), !f.params.is_empty())).collect()
    }
}

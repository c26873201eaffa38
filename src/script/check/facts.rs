//! What a file defines and does, gathered before its expressions are looked at: functions with their bodies, import aliases, names
//! that can be keys of an object map, and what makes less be known for certain.

use super::chain::{Step, chain};
use rhai::{AST, ASTFlags, ASTNode, Expr, FnCallExpr, ImmutableString, Module, ScriptFuncDef, Shared, Stmt};
use std::collections::{BTreeSet, HashMap, HashSet};

/// How the engine names closures.
const CLOSURE: &str = "anon$";

/// A function or closure of the script.
pub(super) struct Function {
    pub(super) name: ImmutableString,
    /// The variables that a closure captures come first.
    pub(super) params: Vec<ImmutableString>,
    /// `Netns` in `fn Netns.serve()`.
    pub(super) this_type: Option<ImmutableString>,
    pub(super) body: Vec<Stmt>,
}

/// What is known of a file as a whole.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) functions: Vec<Function>,
    pub(super) closures: HashMap<ImmutableString, Function>,
    /// The numbers of parameters by the name of the function; methods for a type that imported files define are among them.
    counts: HashMap<ImmutableString, BTreeSet<usize>>,
    /// The variables of the script itself, and whether they are constants.
    pub(super) top: HashMap<ImmutableString, bool>,
    /// The names under which modules are imported.
    pub(super) aliases: BTreeSet<ImmutableString>,
    /// Names that can be keys of an object map: written as a key, assigned as a property, or standing in a string.
    keys: HashSet<ImmutableString>,
    /// The functions that are called as `f!()`, and see the variables of their caller.
    run_in_caller: HashSet<ImmutableString>,
    /// `eval` can make and change any variable.
    pub(super) evals: bool,
    /// A function that assigns `this` changes the type of the variable that it is called on.
    pub(super) assigns_this: bool,
    /// A file of definitions only is imported by others, which can hand its functions anything.
    pub(super) is_library: bool,
    /// It imports files that were not given: they can define methods, and return maps with closures.
    pub(super) imports_unknown: bool,
}

impl Facts {
    pub(super) fn of(ast: &AST, imported: Option<&[&AST]>) -> Facts {
        let is_definition = |stmt: &Stmt| matches!(stmt, Stmt::Var(..) | Stmt::Import(..) | Stmt::Export(..) | Stmt::Noop(..));
        let mut facts = Facts { is_library: ast.statements().iter().all(is_definition), ..Facts::default() };
        for stmt in ast.statements() {
            if let Stmt::Var(variable, flags, _) = stmt {
                facts.top.insert(variable.0.name.clone(), flags.contains(ASTFlags::CONSTANT));
            }
        }
        facts.read(ast, true);
        for definition in ast.iter_fn_def() {
            facts.define(definition);
        }
        facts.imports_unknown = imported.is_none() && !facts.aliases.is_empty();
        for other in imported.unwrap_or_default() {
            facts.read(other, false);
            for definition in other.iter_fn_def().filter(|definition| definition.this_type.is_some()) {
                facts.count(definition);
            }
        }
        facts
    }

    /// Returns the numbers of parameters of the functions of a name, or nothing if there are none.
    pub(super) fn counts(&self, name: &str) -> Option<&BTreeSet<usize>> {
        self.counts.get(name)
    }

    /// Returns whether the script has a function of that name and number of parameters.
    pub(super) fn takes(&self, name: &str, count: usize) -> bool {
        self.counts(name).is_some_and(|counts| counts.contains(&count))
    }

    /// Returns the names of the functions, sorted.
    pub(super) fn names(&self) -> BTreeSet<&str> {
        self.counts.keys().map(ImmutableString::as_str).collect()
    }

    /// Returns whether a value of unknown type can be an object map with a closure of this name.
    pub(super) fn may_be_key(&self, name: &str) -> bool {
        self.is_library || self.imports_unknown || self.evals || self.keys.contains(name)
    }

    /// Returns whether a function can see the variables of its caller; `call!(f)` says of none which one.
    pub(super) fn sees_caller(&self, name: &str) -> bool {
        self.run_in_caller.contains(name) || self.run_in_caller.contains("call")
    }

    fn define(&mut self, definition: &Shared<ScriptFuncDef>) {
        let function = Function {
            name: definition.name.clone(),
            params: definition.params.iter().cloned().collect(),
            this_type: definition.this_type.clone(),
            body: body(definition),
        };
        if definition.name.starts_with(CLOSURE) {
            self.closures.insert(definition.name.clone(), function);
        } else {
            self.count(definition);
            self.functions.push(function);
        }
    }

    fn count(&mut self, definition: &ScriptFuncDef) {
        self.counts.entry(definition.name.clone()).or_default().insert(definition.params.len());
    }

    fn read(&mut self, ast: &AST, own: bool) {
        ast.walk(&mut |path| {
            match path.last() {
                Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) if own => self.read_call(call),
                Some(ASTNode::Expr(Expr::StringConstant(text, _))) => _ = self.keys.insert(text.clone()),
                Some(ASTNode::Expr(Expr::Map(map, _))) => self.keys.extend(map.0.iter().map(|(key, _)| key.name.clone())),
                Some(ASTNode::Stmt(Stmt::Assignment(pair))) => self.read_target(&pair.1.lhs),
                Some(ASTNode::Stmt(Stmt::Import(import, _))) if own => _ = self.aliases.insert(import.1.name.clone()),
                _ => {}
            }
            true
        });
    }

    fn read_call(&mut self, call: &FnCallExpr) {
        self.evals |= call.name == "eval";
        if call.capture_parent_scope {
            self.run_in_caller.insert(call.name.clone());
        }
    }

    fn read_target(&mut self, target: &Expr) {
        self.assigns_this |= matches!(target, Expr::ThisPtr(..));
        if let Some((_, steps)) = chain(target)
            && let Some(Step::Property(name, _)) = steps.last()
        {
            self.keys.insert((*name).into());
        }
    }
}

/// Returns the statements of a function. The engine shows them to a walk only: it walks a script that has no other function.
fn body(definition: &Shared<ScriptFuncDef>) -> Vec<Stmt> {
    let mut alone = Module::new();
    alone.set_script_fn(definition.clone());
    let mut statements = Vec::new();
    AST::new_from_module(alone).walk(&mut |path| {
        if let [ASTNode::Stmt(stmt)] = path {
            statements.push((*stmt).clone());
        }
        true
    });
    statements
}

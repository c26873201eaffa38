//! `check`: all that is wrong in a script and can be known before it runs. Names, numbers of arguments, option maps and literal
//! arguments, and, by following the types that words return, verbs and properties that a handle does not have.
//!
//! It never refuses a right script: what cannot be known for certain is not reported. So types are those that hold wherever a
//! variable is used, whatever was assigned to it, and a value of unknown type may be an object map with anything in it.

mod arguments;
mod builtins;
mod calls;
mod chain;
mod facts;
mod names;
mod types;
mod walk;
mod wording;

#[cfg(test)]
mod tests;

pub use builtins::Builtins;

use super::catalogue::Catalogue;
use facts::Facts;
use rhai::{AST, ASTNode, Expr, Position, Stmt};
use walk::Walker;

/// Something that is wrong in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where the offending word begins.
    pub position: Position,
    /// How many characters it has.
    pub width: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it, if something specific can be said.
    pub hint: Option<String>,
}

/// Lists the problems of a script in the order of its text.
///
/// The script is one that was compiled without optimisation and without strict variables. Of what it imports nothing is known: if it
/// imports, a verb that a handle lacks is not reported, since an imported file can define it (`fn Netns.serve()`).
/// [`check_importing`] knows more.
pub fn check(ast: &AST, builtins: &Builtins, catalogue: &Catalogue) -> Vec<Problem> {
    let facts = Facts::of(ast, None);
    Walker::new(&facts, builtins, catalogue).problems(ast)
}

/// Lists the problems of a script in the order of its text; `imported` are all files that it imports, and all that these import.
pub fn check_importing(ast: &AST, imported: &[&AST], builtins: &Builtins, catalogue: &Catalogue) -> Vec<Problem> {
    let facts = Facts::of(ast, Some(imported));
    Walker::new(&facts, builtins, catalogue).problems(ast)
}

/// Lists the problems of an input to a session, whose variables are there already: their names, and the words of their types.
pub fn check_knowing(ast: &AST, variables: &[(String, String)], builtins: &Builtins, catalogue: &Catalogue) -> Vec<Problem> {
    let facts = Facts::of(ast, None);
    Walker::new(&facts, builtins, catalogue).knowing(variables).problems(ast)
}

/// Lists the paths that a script imports, where they are written out, in the order of its text.
pub fn imports(ast: &AST) -> Vec<(String, Position)> {
    let mut paths = Vec::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, _))) = path.last()
            && let Expr::StringConstant(text, position) = &import.0
        {
            paths.push((text.to_string(), *position));
        }
        true
    });
    paths.sort_by_key(|(_, position)| *position);
    paths
}

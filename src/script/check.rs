use super::catalogue::Catalogue;
use rhai::{AST, Engine, Position};
pub struct Problem {
    pub position: Position,
    pub width: usize,
    pub message: String,
    pub hint: Option<String>,
}
pub struct Builtins;
impl Builtins {
    pub fn of(_: &Engine) -> Builtins {
        Builtins
    }
}
pub fn check(_: &AST, _: &Builtins, _: &Catalogue) -> Vec<Problem> {
    vec![]
}
pub fn imports(_: &AST) -> Vec<(String, Position)> {
    vec![]
}

//! The way through a script: scopes, what is assigned to variables, and the type of every expression.

use super::Problem;
use super::builtins::Builtins;
use super::chain::{Step, chain};
use super::facts::{Facts, Function};
use super::names::Named;
use super::types::{self, Type};
use crate::script::catalogue::Catalogue;
use rhai::{AST, ASTFlags, BinaryExpr, Expr, FlowControl, FnPtr, Ident, OpAssignment, Position, Stmt, SwitchCasesCollection};
use std::collections::{BTreeSet, HashMap};

/// The engine's array methods that put something into the array.
const FILL: [&str; 6] = ["append", "insert", "pad", "push", "set", "splice"];

/// Which variable it is, whatever names it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Origin<'a> {
    Declared(Position),
    /// Of the function of that name, by its number.
    Parameter(&'a str, usize),
    /// A constant of the catalogue that a closure captures.
    Constant,
}

/// A variable in scope.
#[derive(Clone, Copy)]
pub(super) struct Variable<'a> {
    pub(super) name: &'a str,
    origin: Origin<'a>,
    /// The type of what it was first.
    first: Type,
}

/// The function or closure that is looked at.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    /// Where its variables begin in the scope.
    pub(super) base: usize,
    this: Type,
    /// A `fn` does not see the variables of the script.
    pub(super) in_function: bool,
    /// It can see variables that are not written down.
    pub(super) sees_more: bool,
}

pub(super) struct Walker<'a> {
    pub(super) facts: &'a Facts,
    pub(super) builtins: &'a Builtins,
    pub(super) catalogue: &'a Catalogue,
    pub(super) types: BTreeSet<&'static str>,
    pub(super) modules: BTreeSet<&'static str>,
    pub(super) scope: Vec<Variable<'a>>,
    pub(super) frame: Frame,
    /// The joined type of all that a variable is ever assigned.
    assigned: HashMap<Origin<'a>, Type>,
    /// Whether that became less known since the walk began.
    widened: bool,
    /// The types of the script's own constants, for `global::NAME`.
    pub(super) globals: HashMap<&'a str, Type>,
    problems: Vec<Problem>,
}

impl<'a> Walker<'a> {
    pub(super) fn new(facts: &'a Facts, builtins: &'a Builtins, catalogue: &'a Catalogue) -> Walker<'a> {
        Walker {
            facts,
            builtins,
            catalogue,
            types: catalogue.types(),
            modules: catalogue.modules(),
            scope: Vec::new(),
            frame: Frame { base: 0, this: Type::ANY, in_function: false, sees_more: facts.evals },
            assigned: HashMap::new(),
            widened: false,
            globals: HashMap::new(),
            problems: Vec::new(),
        }
    }

    /// Takes variables to be there from the beginning, each with the word of its type.
    pub(super) fn knowing(mut self, variables: &'a [(String, String)]) -> Walker<'a> {
        for (at, (name, ty)) in variables.iter().enumerate() {
            let known = self.types.get(ty.as_str()).copied().or_else(|| types::own(ty));
            let first = known.map_or(Type::ANY, Type::of);
            self.scope.push(Variable { name, origin: Origin::Parameter("", at), first });
        }
        self
    }

    /// Walks until the types of all variables hold for the whole script: a loop or a closure can use a variable before the text
    /// assigns it. Each walk knows less than the one before, so the last is soon there.
    pub(super) fn problems(mut self, ast: &'a AST) -> Vec<Problem> {
        loop {
            self.widened = false;
            self.problems.clear();
            self.script(ast);
            if !self.widened {
                break;
            }
        }
        self.problems.sort_by_key(|problem| problem.position);
        self.problems.dedup();
        self.problems
    }

    pub(super) fn report(&mut self, position: Position, width: usize, message: String, hint: Option<String>) {
        self.problems.push(Problem { position, width, message, hint });
    }

    fn script(&mut self, ast: &'a AST) {
        self.block(ast.statements());
        for function in &self.facts.functions {
            let this = function.this_type.as_ref().filter(|_| !self.facts.assigns_this).and_then(|name| self.types.get(name.as_str()));
            self.frame = Frame {
                base: 0,
                this: this.copied().map_or(Type::ANY, Type::of),
                in_function: true,
                sees_more: self.facts.evals || self.facts.sees_caller(&function.name),
            };
            self.body(function, &[], &[]);
        }
        self.frame = Frame { base: 0, this: Type::ANY, in_function: false, sees_more: self.facts.evals };
    }

    /// Walks the body of a function with the variables that it captured, which keep their identity, and the types of its arguments as
    /// far as they are known.
    fn body(&mut self, function: &'a Function, captured: &[Variable<'a>], given: &[Type]) {
        let outer = self.frame;
        self.frame.base = self.scope.len();
        for (at, name) in function.params.iter().enumerate() {
            let first = at.checked_sub(captured.len()).and_then(|at| given.get(at)).copied().unwrap_or(Type::ANY);
            let parameter = Variable { name, origin: Origin::Parameter(&function.name, at), first };
            self.scope.push(captured.get(at).map_or(parameter, |variable| Variable { name, ..*variable }));
        }
        self.block(&function.body);
        self.scope.truncate(self.frame.base);
        self.frame = outer;
    }

    /// Walks statements in a scope of their own; returns the type of the last.
    fn block(&mut self, statements: &'a [Stmt]) -> Type {
        let mark = self.scope.len();
        let last = statements.iter().fold(Type::ANY, |_, stmt| self.statement(stmt));
        self.scope.truncate(mark);
        last
    }

    fn statement(&mut self, statement: &'a Stmt) -> Type {
        match statement {
            Stmt::Expr(expression) => return self.expression(expression),
            Stmt::FnCall(call, position) => return self.call(call, *position),
            Stmt::Block(block) => return self.block(block.statements()),
            Stmt::If(flow, _) => return self.branches(flow),
            Stmt::Switch(switch, _) => return self.switch(&switch.0, &switch.1),
            Stmt::While(flow, _) | Stmt::Do(flow, ..) => {
                self.expression(&flow.expr);
                self.block(flow.body.statements());
            }
            Stmt::For(parts, _) => self.for_loop(&parts.0, parts.1.as_ref(), &parts.2),
            Stmt::Var(variable, flags, _) => self.declare(&variable.0.name, variable.0.pos, &variable.1, *flags),
            Stmt::Assignment(assignment) => self.assign(&assignment.0, &assignment.1),
            Stmt::TryCatch(flow, _) => self.try_catch(flow),
            Stmt::BreakLoop(Some(value), ..) | Stmt::Return(Some(value), ..) => _ = self.expression(value),
            Stmt::Import(import, _) => _ = self.expression(&import.0),
            Stmt::Export(export, _) => _ = self.variable(&export.0.name, export.0.pos),
            _ => {}
        }
        Type::ANY
    }

    fn branches(&mut self, flow: &'a FlowControl) -> Type {
        self.expression(&flow.expr);
        let then = self.block(flow.body.statements());
        let otherwise = self.block(flow.branch.statements());
        then.join(otherwise)
    }

    fn switch(&mut self, value: &'a Expr, cases: &'a SwitchCasesCollection) -> Type {
        self.expression(value);
        let mut types = Vec::new();
        for case in &cases.expressions {
            self.expression(&case.lhs);
            types.push(self.expression(&case.rhs));
        }
        if cases.def_case.is_some() { Type::join_all(types) } else { Type::ANY }
    }

    fn for_loop(&mut self, item: &'a Ident, counter: Option<&'a Ident>, flow: &'a FlowControl) {
        let list = self.expression(&flow.expr);
        let mark = self.scope.len();
        self.scope.push(Variable { name: &item.name, origin: Origin::Declared(item.pos), first: list.element() });
        if let Some(counter) = counter {
            self.scope.push(Variable { name: &counter.name, origin: Origin::Declared(counter.pos), first: Type::INT });
        }
        self.block(flow.body.statements());
        self.scope.truncate(mark);
    }

    fn try_catch(&mut self, flow: &'a FlowControl) {
        self.block(flow.body.statements());
        let mark = self.scope.len();
        if let Expr::Variable(caught, _, position) = &flow.expr {
            self.scope.push(Variable { name: &caught.1, origin: Origin::Declared(*position), first: Type::ANY });
        }
        self.block(flow.branch.statements());
        self.scope.truncate(mark);
    }

    fn declare(&mut self, name: &'a str, position: Position, value: &'a Expr, flags: ASTFlags) {
        let first = self.expression(value);
        let is_global = flags.contains(ASTFlags::CONSTANT) && !self.frame.in_function && self.facts.top.get(name) == Some(&true);
        if is_global {
            self.globals.entry(name).and_modify(|known| *known = known.join(first)).or_insert(first);
        }
        self.scope.push(Variable { name, origin: Origin::Declared(position), first });
    }

    fn assign(&mut self, operator: &'a OpAssignment, pair: &'a BinaryExpr) {
        let value = self.expression(&pair.rhs);
        let operator = operator.get_op_assignment_info().map(|info| info.5);
        match &pair.lhs {
            Expr::Variable(name, _, position) if name.2.is_empty() => {
                let before = self.variable(&name.1, *position);
                let after = operator.map_or(value, |operator| before.after(operator, value));
                match self.named(&name.1) {
                    Some(Named::Variable(variable)) => self.widen(variable, after),
                    Some(Named::Constant(_)) => {
                        let hint = format!("write `let {} = …` for a variable of that name", name.1);
                        self.report(*position, name.1.chars().count(), format!("`{}` is a constant", name.1), Some(hint));
                    }
                    _ => {}
                }
            }
            Expr::ThisPtr(..) => {}
            target => {
                self.chain(target, true);
                self.assign_element(target, value);
            }
        }
    }

    /// `list[i] = value`.
    fn assign_element(&mut self, target: &'a Expr, value: Type) {
        if let Some((Expr::Variable(name, ..), steps)) = chain(target)
            && let [Step::Index(_)] = steps.as_slice()
            && let Some(Named::Variable(variable)) = self.named(&name.1)
            && self.current(variable).word() == "array"
        {
            self.widen(variable, value.list());
        }
    }

    /// Notes that a variable is of another type too.
    fn widen(&mut self, variable: Variable<'a>, with: Type) {
        let before = self.current(variable);
        let after = before.join(with);
        if after != before && variable.origin != Origin::Constant {
            self.assigned.insert(variable.origin, after);
            self.widened = true;
        }
    }

    /// Returns the type that a variable has wherever it is used.
    pub(super) fn current(&self, variable: Variable<'a>) -> Type {
        self.assigned.get(&variable.origin).map_or(variable.first, |assigned| variable.first.join(*assigned))
    }

    pub(super) fn expression(&mut self, expression: &'a Expr) -> Type {
        match expression {
            Expr::StringConstant(..) => Type::STRING,
            Expr::IntegerConstant(..) => Type::INT,
            Expr::FloatConstant(..) => Type::FLOAT,
            Expr::BoolConstant(..) => Type::BOOL,
            Expr::CharConstant(..) => Type::CHAR,
            Expr::DynamicConstant(value, _) => value.clone().try_cast().map_or(Type::ANY, |closure| self.closure(&closure, &[], &[])),
            Expr::InterpolatedString(parts, _) => {
                for part in parts {
                    self.expression(part);
                }
                Type::STRING
            }
            Expr::Array(items, _) => {
                let types: Vec<Type> = items.iter().map(|item| self.expression(item)).collect();
                Type::join_all(types).list()
            }
            Expr::Map(map, _) => {
                for (_, value) in &map.0 {
                    self.expression(value);
                }
                Type::MAP
            }
            Expr::Variable(name, _, position) if name.2.is_empty() => self.variable(&name.1, *position),
            Expr::Variable(name, _, position) => self.qualified(&name.2, &name.1, *position),
            Expr::ThisPtr(_) => self.frame.this,
            Expr::Stmt(block) => self.block(block.statements()),
            Expr::FnCall(call, position) => self.call(call, *position),
            Expr::Dot(..) | Expr::Index(..) => self.chain(expression, false),
            Expr::And(sides, _) | Expr::Or(sides, _) => {
                for side in &**sides {
                    self.expression(side);
                }
                Type::BOOL
            }
            Expr::Coalesce(sides, _) => {
                // A value whose type is known is never `()`, so `??` gives it.
                let types: Vec<Type> = sides.iter().map(|side| self.expression(side)).collect();
                types.first().copied().unwrap_or(Type::ANY)
            }
            Expr::Custom(syntax, _) => {
                for input in &syntax.inputs {
                    self.expression(input);
                }
                Type::ANY
            }
            _ => Type::ANY,
        }
    }

    /// Walks a closure. `captured` are the expressions that it was given for its first parameters, `given` the types of what it will be
    /// given for the others.
    pub(super) fn closure(&mut self, closure: &FnPtr, captured: &'a [Expr], given: &[Type]) -> Type {
        for variable in captured {
            self.expression(variable);
        }
        if let Some(function) = self.facts.closures.get(closure.fn_name()) {
            let captured: Vec<Variable> = captured.iter().map(|argument| self.captured(argument)).collect();
            let this = std::mem::replace(&mut self.frame.this, Type::ANY);
            self.body(function, &captured, given);
            self.frame.this = this;
        }
        Type::CLOSURE
    }

    fn captured(&self, argument: &Expr) -> Variable<'a> {
        let unknown = Variable { name: "", origin: Origin::Constant, first: Type::ANY };
        let Expr::Variable(name, ..) = argument else { return unknown };
        match self.named(&name.1) {
            Some(Named::Variable(variable)) => variable,
            Some(Named::Constant(first)) => Variable { first, ..unknown },
            _ => unknown,
        }
    }

    fn chain(&mut self, expression: &'a Expr, is_target: bool) -> Type {
        let Some((root, steps)) = chain(expression) else { return self.expression(expression) };
        let mut value = self.expression(root);
        let mut through = None;
        let last = steps.len() - 1;
        for (at, step) in steps.iter().enumerate() {
            match step {
                Step::Property(name, position) if at == last && is_target => self.set_property(value, name, *position),
                Step::Property(name, position) => {
                    value = self.property(value, through, name, *position);
                    through = Some(*name);
                }
                Step::Method(call, position) => {
                    let (returned, arguments) = self.method(value, through, call, *position);
                    self.changed_by(root, &call.name, &arguments, at == 0);
                    value = returned;
                    through = None;
                }
                Step::Index(index) => {
                    let by = self.expression(index);
                    value = value.indexed(by);
                    through = None;
                }
            }
        }
        value
    }

    /// Notes what a method does to the variable that it is called on, itself or something in it.
    pub(super) fn changed_by(&mut self, receiver: &Expr, method: &str, arguments: &[Type], itself: bool) {
        let Expr::Variable(name, ..) = receiver else { return };
        let Some(Named::Variable(variable)) = self.named(&name.1).filter(|_| name.2.is_empty()) else { return };
        if self.facts.assigns_this {
            return self.widen(variable, Type::ANY);
        }
        if !itself || self.current(variable).word() != "array" || self.keeps_elements(method) {
            return;
        }
        let with = match (method, arguments) {
            ("push" | "insert", [.., item]) => item.list(),
            ("append", [list]) if list.word() == "array" => *list,
            _ => Type::ARRAY,
        };
        self.widen(variable, with);
    }

    /// Returns whether it is a method of the engine's arrays that leaves the elements of the type that they are.
    fn keeps_elements(&self, method: &str) -> bool {
        let is_own = self.builtins.method_counts(Some("array"), method).next().is_some();
        is_own && !FILL.contains(&method) && self.facts.counts(method).is_none()
    }
}

//! `a.b(…)[c].d` as a root and its steps. The engine nests such a chain to the right, and marks where an index ends.

use rhai::{ASTFlags, Expr, FnCallExpr, Position};

/// What is done with the value so far.
pub(super) enum Step<'a> {
    Property(&'a str, Position),
    Method(&'a FnCallExpr, Position),
    Index(&'a Expr),
}

/// Takes a chain apart; nothing for other expressions.
pub(super) fn chain(expression: &Expr) -> Option<(&Expr, Vec<Step<'_>>)> {
    let mut link = Link::of(expression)?;
    let root = link.head;
    let mut steps = Vec::new();
    while let Some(next) = Link::of(link.tail).filter(|_| !link.ends) {
        steps.push(step(next.head, link.by_index));
        link = next;
    }
    steps.push(step(link.tail, link.by_index));
    Some((root, steps))
}

struct Link<'a> {
    head: &'a Expr,
    tail: &'a Expr,
    by_index: bool,
    /// Whether the tail is a whole index, and no further step.
    ends: bool,
}

impl<'a> Link<'a> {
    fn of(expression: &'a Expr) -> Option<Link<'a>> {
        match expression {
            Expr::Dot(pair, ..) => Some(Link { head: &pair.lhs, tail: &pair.rhs, by_index: false, ends: false }),
            Expr::Index(pair, flags, _) => {
                Some(Link { head: &pair.lhs, tail: &pair.rhs, by_index: true, ends: flags.contains(ASTFlags::BREAK) })
            }
            _ => None,
        }
    }
}

fn step(expression: &Expr, by_index: bool) -> Step<'_> {
    match expression {
        Expr::Property(names, position) if !by_index => Step::Property(&names.2, *position),
        Expr::MethodCall(call, position) if !by_index => Step::Method(call, *position),
        index => Step::Index(index),
    }
}

//! The interpreter: one engine with all words, limits that no script can exceed, and errors that say where.

use super::api;
use super::catalogue::{Catalogue, Shape};
use super::check::{self, Builtins, Problem};
use super::expect;
use super::fault::{Fault, Place};
use super::import::Imports;
use super::registry::Registry;
use super::session::Session;
use super::source::Sources;
use crate::error::{Error, Kind};
use crate::kernel::signal;
use crate::lab::{Link, Netns};
use crate::near;
use rhai::{AST, Array, Dynamic, Engine, EvalAltResult, NativeCallContext, OptimizationLevel, Scope};
use std::rc::Rc;

/// How deep calls may nest: a recursion without end is told as such, long before the stack is full.
const CALL_LEVELS: usize = 100;

/// An interpreter of the language.
pub struct Interpreter {
    engine: Rc<Engine>,
    catalogue: Rc<Catalogue>,
    sources: Sources,
    builtins: Builtins,
}

impl std::fmt::Debug for Interpreter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Interpreter").finish_non_exhaustive()
    }
}

impl Default for Interpreter {
    fn default() -> Interpreter {
        Interpreter::new()
    }
}

impl Interpreter {
    /// Makes an interpreter that can check; to run, it needs a [session](Interpreter::serve).
    pub fn new() -> Interpreter {
        let mut engine = Engine::new();
        // Dead branches are checked too, and every call keeps its place.
        engine.set_optimization_level(OptimizationLevel::None);
        engine.set_max_call_levels(CALL_LEVELS).set_max_expr_depths(256, 256);
        engine.set_fail_on_invalid_map_property(true);
        let sources = Sources::default();
        engine.set_module_resolver(Imports::new(sources.clone()));
        let builtins = Builtins::of(&engine);
        engine.register_type_with_name::<Netns>("Netns").register_type_with_name::<Link>("Link").register_type_with_name::<Fault>("Error");
        engine.register_fn("==", |a: Netns, b: Netns| a == b).register_fn("!=", |a: Netns, b: Netns| a != b);
        let same = |a: &Link, b: &Link| a.netns() == b.netns() && a.index() == b.index();
        engine.register_fn("==", move |a: Link, b: Link| same(&a, &b)).register_fn("!=", move |a: Link, b: Link| !same(&a, &b));
        expect::register(&mut engine);
        let mut registry = Registry::default();
        api::register(&mut registry);
        register_lists(&mut registry);
        let catalogue = Rc::new(registry.into_engine(&mut engine));
        engine.on_progress(|_| (signal::count() > 0).then(|| Dynamic::from("interrupted")));
        Interpreter { engine: Rc::new(engine), catalogue, sources, builtins }
    }

    /// Lets scripts run in a session.
    pub fn serve(&mut self, session: &Session) {
        let engine = Rc::get_mut(&mut self.engine).expect("an interpreter serves one session, before it runs anything");
        engine.set_default_tag(Dynamic::from(session.clone()));
        let (root, args) = (session.lab().root(), api::args(session));
        // Names that are there from the beginning, in functions and closures too, unless a script has its own of that name.
        #[allow(deprecated, reason = "the engine calls it volatile, not deprecated")]
        engine.on_var(move |name, _, context| {
            let constant = match name {
                "root" => Dynamic::from(root.clone()),
                "args" => Dynamic::from(args.clone()),
                _ => return Ok(None),
            };
            Ok((!context.scope().contains(name)).then_some(constant))
        });
        let teller = session.clone();
        engine.on_print(move |text| teller.tell(&super::event::Event::Print(text.to_string())));
        let teller = session.clone();
        engine.on_debug(move |text, _, _| teller.tell(&super::event::Event::Print(text.to_string())));
        session.set_engine(&self.engine);
    }

    /// Returns all words of the language.
    pub fn catalogue(&self) -> &Rc<Catalogue> {
        &self.catalogue
    }

    /// Returns the texts that were compiled.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Compiles a text.
    ///
    /// # Errors
    ///
    /// The syntax error, with its place.
    pub fn compile(&self, name: &str, text: &str) -> Result<AST, Box<Fault>> {
        // A `#!` line is for the system that starts the script; the engine does not know it.
        let body = match text.starts_with("#!") {
            true => format!("//{text}"),
            false => text.to_string(),
        };
        self.sources.add(name, text);
        let mut ast = self.engine.compile(&body).map_err(|error| {
            let place = Place::of(Some(name), error.position());
            let error = Error::thrown(in_our_words(&error.err_type().to_string()));
            Box::new(Fault { error, place, trail: Vec::new() })
        })?;
        ast.set_source(name);
        Ok(ast)
    }

    /// Lists all that is wrong in a script and can be known before it runs; `imported` are the files that it imports, and those
    /// import.
    pub fn check(&self, ast: &AST, imported: &[&AST]) -> Vec<Problem> {
        check::check_importing(ast, imported, &self.builtins, &self.catalogue)
    }

    /// Lists all that is wrong in an input to a session, whose variables are there already: their names, and the words of their types.
    pub fn check_input(&self, ast: &AST, variables: &[(String, String)]) -> Vec<Problem> {
        check::check_knowing(ast, variables, &self.builtins, &self.catalogue)
    }

    /// Runs a script in a scope; returns its last value.
    ///
    /// # Errors
    ///
    /// What it threw and did not catch, with the place.
    pub fn run(&self, ast: &AST, scope: &mut Scope) -> Result<Dynamic, Box<Fault>> {
        let source = ast.source().unwrap_or_default().to_string();
        self.engine.eval_ast_with_scope::<Dynamic>(scope, ast).map_err(|thrown| Box::new(explain(&thrown, &source, Some(&self.catalogue))))
    }
}

/// A list of our values prints as `ip` prints it: one below the other, without brackets.
fn register_lists(registry: &mut Registry) {
    for name in ["print", "to_string"] {
        rhai::FuncRegistration::new(name)
            .in_global_namespace()
            .set_into_module(&mut registry.globals, |ctx: NativeCallContext, list: &mut Array| -> String { list_text(&ctx, list) });
    }
}

fn list_text(ctx: &NativeCallContext, list: &[Dynamic]) -> String {
    let ours = list.first().is_some_and(|first| {
        !(first.is_string()
            || first.is_int()
            || first.is_float()
            || first.is_bool()
            || first.is_array()
            || first.is_map()
            || first.is_unit())
    });
    let text = |name: &str, value: &Dynamic| {
        ctx.call_native_fn::<rhai::ImmutableString>(name, (value.clone(),)).map_or_else(|_| format!("{value:?}"), |text| text.to_string())
    };
    let joined = |name: &str, between: &str| list.iter().map(|value| text(name, value)).collect::<Vec<_>>().join(between);
    if ours { joined("to_string", "\n") } else { format!("[{}]", joined("to_debug", ", ")) }
}

/// Makes one error of what the engine returns: the innermost cause, with the place and the calls that led there.
pub(crate) fn explain(thrown: &EvalAltResult, source: &str, catalogue: Option<&Catalogue>) -> Fault {
    let mut trail = Vec::new();
    let mut source = source.to_string();
    let mut inner = thrown;
    loop {
        match inner {
            EvalAltResult::ErrorInFunctionCall(name, at, cause, position) => {
                trail.push((name.clone(), Place::of(Some(&source), *position)));
                if !at.is_empty() {
                    source.clone_from(at);
                }
                inner = cause;
            }
            EvalAltResult::ErrorInModule(path, cause, position) => {
                trail.push((format!("import {path}"), Place::of(Some(&source), *position)));
                if !path.is_empty() {
                    source.clone_from(path);
                }
                inner = cause;
            }
            _ => break,
        }
    }
    trail.reverse();
    let position = inner.position();
    if let EvalAltResult::ErrorRuntime(value, _) = inner
        && let Some(fault) = value.clone().try_cast::<Fault>()
    {
        let place = fault.place.or_else(|| Place::of(Some(&source), position));
        return Fault { place, trail, ..fault };
    }
    Fault { error: plain(inner, catalogue), place: Place::of(Some(&source), position), trail }
}

/// Says in our words what the engine says in its own.
fn plain(thrown: &EvalAltResult, catalogue: Option<&Catalogue>) -> Error {
    use EvalAltResult::*;
    let run = |cause: String| Error::thrown(cause);
    match thrown {
        ErrorRuntime(value, _) => Error::thrown(value.to_string()),
        ErrorTerminated(reason, _) if reason.to_string() == "interrupted" => Error::interrupted(),
        ErrorFunctionNotFound(signature, _) => function_not_found(signature, catalogue),
        ErrorVariableNotFound(name, _) => run(format!("unknown variable `{name}`")),
        ErrorPropertyNotFound(name, _) => run(format!("this map has no property `{name}`")),
        ErrorDotExpr(what, _) => property_not_found(what, catalogue),
        ErrorStackOverflow(_) => {
            run(format!("more than {CALL_LEVELS} calls inside one another")).because("a function that calls itself needs an end")
        }
        ErrorMismatchDataType(wanted, got, _) => run(format!("{} was expected here, and this is {}", article(wanted), article(got))),
        ErrorMismatchOutputType(wanted, got, _) => run(format!("{} was expected here, and this is {}", article(wanted), article(got))),
        ErrorModuleNotFound(path, _) => {
            Error::new(Kind::NotFound, "import", format!("`{path}`"), "there is no such script beside this one")
        }
        other => {
            // Every other text of the engine is a sentence of its own, followed by the place.
            let text = other.to_string();
            let text = text.rsplit_once(" (line ").map_or(text.as_str(), |(sentence, _)| sentence);
            run(in_our_words(text))
        }
    }
}

/// The engine begins a sentence with a capital, and quotes names with ' where we use backticks.
fn in_our_words(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    (first + chars.as_str()).replace('\'', "`")
}

fn article(word: &str) -> String {
    let bare = word.rsplit("::").next().unwrap_or(word);
    let bare = match bare {
        "i64" => "int",
        "f64" => "float",
        "&str" | "ImmutableString" | "String" | "&str | ImmutableString | String" => "string",
        "Fn" => "closure",
        other => other,
    };
    if bare.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O']) { format!("an {bare}") } else { format!("a {bare}") }
}

/// `name (Type, Type)`: says what the word takes, or which word may have been meant.
fn function_not_found(signature: &str, catalogue: Option<&Catalogue>) -> Error {
    let (path, types) = signature.split_once(" (").unwrap_or((signature, ")"));
    let types: Vec<&str> = types.trim_end_matches(')').split(", ").filter(|t| !t.is_empty()).collect();
    let name = path.rsplit("::").next().unwrap_or(path).trim();
    let error = |cause: String| Error::new(Kind::BadArgument, "call", format!("`{}`", path.trim()), cause);
    let got = if types.is_empty() { "nothing".to_string() } else { types.iter().map(|t| article(t)).collect::<Vec<_>>().join(" and ") };
    let Some(catalogue) = catalogue else { return error(format!("no such function takes {got}")) };
    let receiver = types.first().map(|t| t.rsplit("::").next().unwrap_or(t));
    if let Some(receiver) = receiver.filter(|r| catalogue.types().contains(r))
        && catalogue.methods(receiver, name).next().is_none()
    {
        let owners: Vec<&str> = catalogue.types().into_iter().filter(|ty| catalogue.methods(ty, name).next().is_some()).collect();
        let error = error(format!("{} has no such verb", article(receiver)));
        return match owners.is_empty() {
            true => error.maybe_hint(member_hint(name, receiver, catalogue)),
            false => error.because(format!("{} has it", owners.iter().map(|owner| article(owner)).collect::<Vec<_>>().join(", "))),
        };
    }
    let known: Vec<_> = catalogue
        .entries()
        .iter()
        .filter(|e| e.name == name && !matches!(e.shape, Shape::Property { .. }))
        .filter(|e| e.receiver.is_none() || e.receiver == receiver)
        .collect();
    if let Some(entry) = known.first() {
        let rest = if entry.receiver.is_some() { &types[1..] } else { &types[..] };
        let got = if rest.is_empty() { "nothing".to_string() } else { rest.iter().map(|t| article(t)).collect::<Vec<_>>().join(" and ") };
        return error(format!("it takes other arguments than {got}")).hint(entry.signature());
    }
    let module = path.trim().split_once("::").map(|(module, _)| module);
    let candidates = catalogue.entries().iter().filter(|e| e.module == module).map(|e| e.name);
    error(format!("no such function takes {got}")).maybe_hint(near::did_you_mean(name, candidates))
}

/// `Unknown property 'x' - a getter is not registered for type 'T'`.
fn property_not_found(text: &str, catalogue: Option<&Catalogue>) -> Error {
    let mut quoted = text.split('\'').skip(1).step_by(2);
    let (Some(name), Some(receiver)) = (quoted.next(), quoted.next()) else {
        return Error::thrown(in_our_words(text));
    };
    let receiver = receiver.rsplit("::").next().unwrap_or(receiver);
    let error = Error::new(Kind::BadArgument, "use property", format!("`{name}`"), format!("{} has no such property", article(receiver)));
    error.maybe_hint(catalogue.and_then(|catalogue| member_hint(name, receiver, catalogue)))
}

/// The nearest name that a value of that type has, or where all of them are told.
fn member_hint(name: &str, receiver: &str, catalogue: &Catalogue) -> Option<String> {
    let near = near::did_you_mean(name, catalogue.members(receiver).map(|member| member.name));
    near.or_else(|| catalogue.members(receiver).next().map(|_| format!("what it has: labsh doc {receiver}")))
}

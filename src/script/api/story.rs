//! What makes a script a story: `section`, `note`, `sleep`, `args`, `param`, `world`, `temp_dir`, `skip`.

use super::super::catalogue::{Entry, Shape};
use super::super::event::Event;
use super::super::fault::Scripted;
use super::super::registry::{Registry, finish, words};
use super::super::session::{Call, Session};
use crate::error::{Error, Kind, Result};
use crate::lab::wait::{self, parse_span};
use rhai::{Array, Dynamic, Map};

/// Reads `NAME=VALUE` or `--NAME=VALUE` among the arguments, as the type of the default.
fn param(call: &Call, name: &str, default: Dynamic) -> Result<Dynamic> {
    let given = call.session.args().iter().rev().find_map(|arg| {
        let (key, value) = arg.trim_start_matches('-').split_once('=')?;
        (key == name).then(|| value.to_string())
    });
    let Some(text) = given else { return Ok(default) };
    let wrong = |takes: &str| Error::new(Kind::BadArgument, "read parameter", format!("`{name}={text}`"), format!("it takes {takes}"));
    if default.is_int() {
        return text.parse::<i64>().map(Dynamic::from).map_err(|_| wrong("a whole number"));
    }
    if default.is_float() {
        return text.parse::<f64>().map(Dynamic::from).map_err(|_| wrong("a number"));
    }
    if default.is_bool() {
        return text.parse::<bool>().map(Dynamic::from).map_err(|_| wrong("true or false"));
    }
    Ok(Dynamic::from(text))
}

pub(super) fn register(registry: &mut Registry) {
    constant(
        registry,
        "root",
        "Netns",
        "The world's root namespace. `route::add(…)` and `root.route.add(…)` are the same.",
        "expect(root.is_root);",
    );
    constant(registry, "args", "array", "The arguments of the script, as strings.", "expect(args.is_empty());");
    words!(registry, Session, [function];
        /// Begins a section of the story, with its title.
        ///
        /// Errors: none.
        ///
        /// ```rhai
        /// section("1. Two namespaces");
        /// ```
        fn section(session, call, title: &str) -> () {
            session.tell(&Event::Section(title.to_string()));
            Ok(())
        }

        /// Tells the reader something.
        ///
        /// Errors: none.
        ///
        /// ```rhai
        /// note("A new namespace has only a loopback link, and that is down.");
        /// ```
        fn note(session, call, text: &str) -> () {
            session.tell(&Event::Note(text.to_string()));
            Ok(())
        }

        /// Lets time pass. To wait for something to happen, use `eventually`, `wait_until`, `wait_port` …
        ///
        /// Errors: `bad-argument` for what is no duration; what a closure of `lab::at` throws meanwhile.
        ///
        /// ```rhai
        /// sleep("1ms");
        /// ```
        fn sleep(session, call, duration: &str) -> () { wait::sleep(call.lab(), parse_span(duration)?) }

        /// Returns a parameter of the script: `labsh run star.rhai hosts=5` sets `hosts`. The default gives the type.
        ///
        /// Errors: `bad-argument`.
        ///
        /// ```rhai
        /// expect(param("hosts", 3) == 3);
        /// ```
        fn param(session, call, name: &str, default: Dynamic as "any") -> Dynamic { param(call, name, default) }

        /// Returns a parameter of the script, and says what it is for.
        ///
        /// Errors: `bad-argument` when what was given is of another type than the default.
        ///
        /// ```rhai
        /// expect(param("hosts", 3, "how many hosts there are") == 3);
        /// ```
        fn param(session, call, name: &str, default: Dynamic as "any", meaning: &str) -> Dynamic { param(call, name, default) }

        /// Returns the world that the lab is in: a map with `kind` (`sandbox`, `host` or `named`), and the `name` of a named lab or `()`.
        ///
        /// ```rhai
        /// expect(world().kind == "sandbox" && world().name == ());
        /// ```
        fn world(session, call) -> Map {
            let name = session.lab().name().map_or(Dynamic::UNIT, |name| Dynamic::from(name.to_string()));
            Ok(Map::from([("kind".into(), session.lab().world().word().into()), ("name".into(), name)]))
        }

        /// Returns a folder of the script's own, which is removed at the end.
        ///
        /// Errors: `not-permitted` or `failed`, with the errno of mkdir(2).
        ///
        /// ```rhai
        /// shell(`echo hi > ${temp_dir()}/greeting`);
        /// ```
        fn temp_dir(session, call) -> String {
            let dir = session.temp_dir().map_err(|e| crate::kernel::Failure::from(e).doing("make a temporary folder", ""))?;
            Ok(dir.to_string_lossy().into_owned())
        }
    );
    words!(registry, Session, [function_in "lab"];
        /// Turns off, or on again, that the programs of the lab know each namespace by its name (an /etc/hosts of the lab's own).
        ///
        /// Errors: none.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// blue.addr.add("10.0.0.2/32", #{ dev: "lo" });
        /// expect(exec("cat /etc/hosts").stdout.contains("10.0.0.2 blue"));
        /// lab::names(false);
        /// expect(!exec("cat /etc/hosts").stdout.contains("blue"));
        /// ```
        fn names(session, call, on: bool) -> () {
            session.lab().set_names(on);
            Ok(())
        }
    );
    // The engine's own `sleep` takes bare seconds, and could not be interrupted.
    for_bare_numbers::<i64>(registry);
    for_bare_numbers::<f64>(registry);
    register_skip(registry);
}

fn for_bare_numbers<T: rhai::Variant + Clone + std::fmt::Display>(registry: &mut Registry) {
    rhai::FuncRegistration::new("sleep")
        .in_global_namespace()
        .set_into_module(&mut registry.globals, |ctx: rhai::NativeCallContext, number: T| -> Scripted<()> {
            finish(&ctx, |_| parse_span(&number.to_string()).map(|_| ()))
        });
}

/// `skip` ends the script without an error, which no word of [`words!`] can.
fn register_skip(registry: &mut Registry) {
    rhai::FuncRegistration::new("skip").in_global_namespace().set_into_module(
        &mut registry.globals,
        |ctx: rhai::NativeCallContext, reason: &str| -> Scripted<()> {
            Session::of(&ctx).skip(reason);
            Err(Box::new(rhai::EvalAltResult::ErrorTerminated(Dynamic::from("skip"), ctx.call_position())))
        },
    );
    registry.catalogue.add(Entry {
        module: None,
        receiver: None,
        name: "skip",
        shape: Shape::Function,
        params: vec![super::super::catalogue::Param { name: "reason", takes: "string" }],
        options: None,
        returns: "()",
        elements: None,
        doc: "Ends the script because this machine cannot run it, and says why. The exit status is 4.\n\nErrors: none.\n\n\
              ```rhai\nif false { skip(\"this kernel has no VLAN devices\"); }\n```"
            .to_string(),
    });
}

fn constant(registry: &mut Registry, name: &'static str, returns: &'static str, sentence: &str, example: &str) {
    registry.catalogue.add(Entry {
        module: None,
        receiver: None,
        name,
        shape: Shape::Constant,
        params: Vec::new(),
        options: None,
        returns,
        elements: (returns == "array").then_some("string"),
        doc: format!("{sentence}\n\n```rhai\n{example}\n```"),
    });
}

/// The arguments as scripts see them.
pub(crate) fn args(session: &Session) -> Array {
    session.args().iter().map(|arg| Dynamic::from(arg.clone())).collect()
}

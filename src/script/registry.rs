//! Registration: a word is written once, with its documentation, and becomes a method of a handle, a function of a module that
//! acts in root, or both, and an entry of the catalogue.

use super::catalogue::{Catalogue, Entry, Options, Param, Shape};
use super::fault::{Scripted, raise};
use super::session::{Call, Session};
use crate::error::Result;
use rhai::{Array, Dynamic, Engine, FnPtr, ImmutableString, Map, Module, NativeCallContext};
use std::collections::BTreeMap;

/// A type that scripts see, by its name there.
pub(crate) trait ScriptType {
    /// Its name.
    const WORD: &'static str;
}

macro_rules! script_types {
    ($($ty:ty = $word:literal),* $(,)?) => { $(impl $crate::script::registry::ScriptType for $ty { const WORD: &'static str = $word; })* };
}
pub(crate) use script_types;

script_types! {
    &str = "string", String = "string", ImmutableString = "string", i64 = "int", f64 = "float", bool = "bool", () = "()",
    Session = "Session", Map = "map", Array = "array", FnPtr = "closure", Dynamic = "any",
}

/// A value that a word returns, and what scripts get for it.
pub(crate) trait IntoScript {
    /// What the engine holds.
    type Out: rhai::Variant + Clone;
    /// The name of its type.
    const WORD: &'static str;
    /// The name of its elements' type, if it is an array of one type.
    const ELEMENTS: Option<&'static str> = None;
    /// Converts it.
    fn into_script(self) -> Self::Out;
}

macro_rules! returned {
    ($($ty:ty),* $(,)?) => { $(
        impl $crate::script::registry::IntoScript for $ty {
            type Out = $ty;
            const WORD: &'static str = <$ty as $crate::script::registry::ScriptType>::WORD;
            fn into_script(self) -> $ty { self }
        }
    )* };
}
pub(crate) use returned;

returned!(String, i64, f64, bool, (), Map, Dynamic);

impl<T: ScriptType + rhai::Variant + Clone> IntoScript for Vec<T> {
    type Out = Array;
    const WORD: &'static str = "array";
    const ELEMENTS: Option<&'static str> = Some(T::WORD);
    fn into_script(self) -> Array {
        self.into_iter().map(Dynamic::from).collect()
    }
}

impl<T: ScriptType + rhai::Variant + Clone> IntoScript for Option<T> {
    type Out = Dynamic;
    const WORD: &'static str = "any";
    fn into_script(self) -> Dynamic {
        self.map_or(Dynamic::UNIT, Dynamic::from)
    }
}

/// What a word acts on when it is called without a handle.
pub(crate) trait AtRoot {
    /// Makes the receiver in the world's root namespace.
    fn at_root(session: &Session) -> Self;
}

impl AtRoot for Session {
    fn at_root(session: &Session) -> Session {
        session.clone()
    }
}

/// Collects the words; [`Registry::into_engine`] hands them to an engine.
#[derive(Default)]
pub(crate) struct Registry {
    pub(crate) globals: Module,
    modules: BTreeMap<&'static str, Module>,
    pub(crate) catalogue: Catalogue,
}

/// The faces of a word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Faces {
    /// A method only.
    Method,
    /// A method, and a function of this module that acts in root.
    Module(&'static str),
    /// A method, and a plain function that acts in root.
    Global,
    /// A plain function only.
    Function,
    /// A function of this module only.
    FunctionIn(&'static str),
}

/// What the macro knows of a word.
pub(crate) struct Word {
    pub(crate) name: &'static str,
    pub(crate) params: Vec<Param>,
    pub(crate) options: Option<&'static Options>,
    pub(crate) returns: &'static str,
    pub(crate) elements: Option<&'static str>,
    pub(crate) doc: &'static str,
}

impl Registry {
    pub(crate) fn module(&mut self, name: &'static str) -> &mut Module {
        self.modules.entry(name).or_default()
    }

    /// Enters a word under each of its faces.
    pub(crate) fn describe(&mut self, receiver: &'static str, faces: Faces, word: Word) {
        let entry = |module, receiver: Option<&'static str>, shape| Entry {
            module,
            receiver,
            name: word.name,
            shape,
            params: word.params.clone(),
            options: word.options,
            returns: word.returns,
            elements: word.elements,
            doc: clean(word.doc),
        };
        if let Faces::Module(module) | Faces::FunctionIn(module) = faces {
            self.catalogue.add(entry(Some(module), None, Shape::Function));
        }
        if matches!(faces, Faces::Global | Faces::Function) {
            self.catalogue.add(entry(None, None, Shape::Function));
        }
        if matches!(faces, Faces::Method | Faces::Module(_) | Faces::Global) {
            self.catalogue.add(entry(None, Some(receiver), Shape::Method));
        }
    }

    /// Enters a property.
    pub(crate) fn describe_property(&mut self, receiver: &'static str, settable: bool, word: Word) {
        self.catalogue.add(Entry {
            module: None,
            receiver: Some(receiver),
            name: word.name,
            shape: Shape::Property { settable },
            params: word.params,
            options: None,
            returns: word.returns,
            elements: word.elements,
            doc: clean(word.doc),
        });
    }

    /// Hands everything to an engine, and returns the catalogue.
    pub(crate) fn into_engine(self, engine: &mut Engine) -> Catalogue {
        engine.register_global_module(self.globals.into());
        for (name, module) in self.modules {
            engine.register_static_module(name, module.into());
        }
        self.catalogue
    }
}

/// Runs a word and throws its error from the place of the call.
pub(crate) fn finish<T: IntoScript>(ctx: &NativeCallContext, work: impl FnOnce(&Call) -> Result<T>) -> Scripted<T::Out> {
    match work(&Call::new(ctx)) {
        Ok(value) => Ok(value.into_script()),
        Err(error) => raise(ctx, error),
    }
}

/// A doc comment's lines begin with the space that follows `///`.
fn clean(doc: &str) -> String {
    let lines: Vec<&str> = doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n").trim().to_string()
}

/// Registers words that act on a receiver:
/// `words!(registry, Routes, [module "route"]; /// doc … fn add(this, call, dst: &str; opts: TABLE) -> R { … } …)`.
///
/// The faces are `[method]`, `[module "m"]` (a method, and `m::word` in root), `[global]` (a method, and `word` in root), `[function]`
/// and `[function_in "m"]`. A parameter may say what it takes in the script's words: `target: Dynamic as "string|Netns"`. An option map
/// may be left out.
macro_rules! words {
    ($registry:expr, $ty:ty, $faces:tt;) => {};
    ($registry:expr, $ty:ty, $faces:tt;
        $(#[doc = $doc:literal])* fn $name:ident($this:ident, $call:ident $(, $arg:ident: $at:ty $(as $takes:literal)?)*) -> $ret:ty $body:block
        $($rest:tt)*
    ) => {
        {
            #[allow(unused_variables, reason = "not every word needs its receiver and its call")]
            fn word_body($this: &mut $ty, $call: &$crate::script::session::Call $(, $arg: $at)*) -> $crate::error::Result<$ret> $body
            let registry: &mut $crate::script::registry::Registry = $registry;
            words!(@put $faces registry, $ty, $name, $ret, [$($arg: $at),*], [], |this, call| word_body(this, call $(, $arg)*));
            registry.describe(<$ty as $crate::script::registry::ScriptType>::WORD, words!(@faces $faces), $crate::script::registry::Word {
                name: words!(@name $name),
                params: vec![$(words!(@param $arg, $at $(, $takes)?)),*],
                options: None,
                returns: <$ret as $crate::script::registry::IntoScript>::WORD,
                elements: <$ret as $crate::script::registry::IntoScript>::ELEMENTS,
                doc: concat!($($doc, "\n"),*),
            });
        }
        words!($registry, $ty, $faces; $($rest)*);
    };
    ($registry:expr, $ty:ty, $faces:tt;
        $(#[doc = $doc:literal])* fn $name:ident($this:ident, $call:ident $(, $arg:ident: $at:ty $(as $takes:literal)?)*; $opts:ident: $table:path) -> $ret:ty $body:block
        $($rest:tt)*
    ) => {
        {
            #[allow(unused_variables, reason = "not every word needs its receiver and its call")]
            fn word_body($this: &mut $ty, $call: &$crate::script::session::Call $(, $arg: $at)*, $opts: $crate::script::options::Opts) -> $crate::error::Result<$ret> $body
            let registry: &mut $crate::script::registry::Registry = $registry;
            words!(@put $faces registry, $ty, $name, $ret, [$($arg: $at),*], [],
                |this, call| word_body(this, call $(, $arg)*, $crate::script::options::Opts::none()));
            words!(@put $faces registry, $ty, $name, $ret, [$($arg: $at),*], [map: rhai::Map],
                |this, call| word_body(this, call $(, $arg)*, $crate::script::options::Opts::read(map, &$table, words!(@label $faces $name))?));
            registry.describe(<$ty as $crate::script::registry::ScriptType>::WORD, words!(@faces $faces), $crate::script::registry::Word {
                name: words!(@name $name),
                params: vec![$(words!(@param $arg, $at $(, $takes)?)),*],
                options: Some(&$table),
                returns: <$ret as $crate::script::registry::IntoScript>::WORD,
                elements: <$ret as $crate::script::registry::IntoScript>::ELEMENTS,
                doc: concat!($($doc, "\n"),*),
            });
        }
        words!($registry, $ty, $faces; $($rest)*);
    };
    (@put [method] $($what:tt)*) => { words!(@method $($what)*) };
    (@put [module $module:literal] $registry:ident, $($what:tt)*) => {
        words!(@method $registry, $($what)*);
        words!(@root ($registry.module($module)), $($what)*)
    };
    (@put [global] $registry:ident, $($what:tt)*) => {
        words!(@method $registry, $($what)*);
        words!(@root (&mut $registry.globals), $($what)*)
    };
    (@put [function] $registry:ident, $($what:tt)*) => { words!(@root (&mut $registry.globals), $($what)*) };
    (@put [function_in $module:literal] $registry:ident, $($what:tt)*) => { words!(@root ($registry.module($module)), $($what)*) };
    (@method $registry:ident, $ty:ty, $name:ident, $ret:ty, [$($arg:ident: $at:ty),*], [$($map:ident: $mt:ty)?], |$this:ident, $call:ident| $work:expr) => {
        rhai::FuncRegistration::new(words!(@name $name)).in_global_namespace().set_into_module(&mut $registry.globals,
            |ctx: rhai::NativeCallContext, $this: &mut $ty $(, $arg: $at)* $(, $map: $mt)?|
            -> $crate::script::fault::Scripted<<$ret as $crate::script::registry::IntoScript>::Out> {
                $crate::script::registry::finish::<$ret>(&ctx, |$call| $work)
            });
    };
    (@root ($module:expr), $ty:ty, $name:ident, $ret:ty, [$($arg:ident: $at:ty),*], [$($map:ident: $mt:ty)?], |$this:ident, $call:ident| $work:expr) => {
        rhai::FuncRegistration::new(words!(@name $name)).set_into_module($module,
            |ctx: rhai::NativeCallContext $(, $arg: $at)* $(, $map: $mt)?|
            -> $crate::script::fault::Scripted<<$ret as $crate::script::registry::IntoScript>::Out> {
                $crate::script::registry::finish::<$ret>(&ctx, |$call| {
                    let $this = &mut <$ty as $crate::script::registry::AtRoot>::at_root(&$call.session);
                    $work
                })
            });
    };
    (@faces [method]) => { $crate::script::registry::Faces::Method };
    (@faces [module $module:literal]) => { $crate::script::registry::Faces::Module($module) };
    (@faces [global]) => { $crate::script::registry::Faces::Global };
    (@faces [function]) => { $crate::script::registry::Faces::Function };
    (@faces [function_in $module:literal]) => { $crate::script::registry::Faces::FunctionIn($module) };
    (@label [module $module:literal] $name:ident) => { concat!($module, ".", stringify!($name)) };
    (@label $faces:tt $name:ident) => { stringify!($name) };
    (@name $name:ident) => { stringify!($name).trim_start_matches("r#") };
    (@param $arg:ident, $at:ty) => {
        $crate::script::catalogue::Param { name: stringify!($arg), takes: <$at as $crate::script::registry::ScriptType>::WORD }
    };
    (@param $arg:ident, $at:ty, $takes:literal) => {
        $crate::script::catalogue::Param { name: stringify!($arg), takes: $takes }
    };
}
pub(crate) use words;

/// Registers properties of a type that can be read: `properties!(registry, Link; /// doc … fn mtu(this, call) -> i64 { … } …)`.
macro_rules! properties {
    ($registry:expr, $ty:ty; $($(#[doc = $doc:literal])* fn $name:ident($this:ident, $call:ident) -> $ret:ty $body:block)*) => { $({
        #[allow(unused_variables, reason = "not every property needs its call")]
        fn word_body($this: &mut $ty, $call: &$crate::script::session::Call) -> $crate::error::Result<$ret> $body
        let registry: &mut $crate::script::registry::Registry = $registry;
        rhai::FuncRegistration::new_getter(stringify!($name).trim_start_matches("r#")).set_into_module(&mut registry.globals,
            |ctx: rhai::NativeCallContext, this: &mut $ty|
            -> $crate::script::fault::Scripted<<$ret as $crate::script::registry::IntoScript>::Out> {
                $crate::script::registry::finish::<$ret>(&ctx, |call| word_body(this, call))
            });
        registry.describe_property(<$ty as $crate::script::registry::ScriptType>::WORD, false, $crate::script::registry::Word {
            name: stringify!($name).trim_start_matches("r#"),
            params: Vec::new(),
            options: None,
            returns: <$ret as $crate::script::registry::IntoScript>::WORD,
            elements: <$ret as $crate::script::registry::IntoScript>::ELEMENTS,
            doc: concat!($($doc, "\n"),*),
        });
    })* };
}
pub(crate) use properties;

/// Lets scripts print a type: as a statement of `print`, in a string, in a list.
pub(crate) fn printable<T: rhai::Variant + Clone>(registry: &mut Registry, text: fn(&T) -> String) {
    for name in ["to_string", "to_debug"] {
        rhai::FuncRegistration::new(name).in_global_namespace().set_into_module(&mut registry.globals, move |value: &mut T| text(value));
    }
}

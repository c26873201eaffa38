//! `import "path" as name`: other scripts, relative to the one that imports, each run once, with their text kept for messages.

use super::source::Sources;
use rhai::{Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Returns the file that an import means: beside the script `source` unless it is absolute; `.rhai` is added.
pub fn file(source: Option<&str>, path: &str) -> PathBuf {
    let folder = source.and_then(|source| Path::new(source).parent()).unwrap_or(Path::new(""));
    let mut file = folder.join(path);
    if file.extension().is_none_or(|extension| extension != "rhai") {
        file.as_mut_os_string().push(".rhai");
    }
    file
}

/// Finds, compiles and runs what is imported.
pub(super) struct Imports {
    sources: Sources,
    done: RefCell<HashMap<PathBuf, Shared<Module>>>,
    under_way: RefCell<Vec<PathBuf>>,
}

impl Imports {
    pub(super) fn new(sources: Sources) -> Imports {
        Imports { sources, done: RefCell::default(), under_way: RefCell::default() }
    }
}

impl ModuleResolver for Imports {
    fn resolve(&self, engine: &Engine, source: Option<&str>, path: &str, at: Position) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let file = file(source, path);
        if let Some(module) = self.done.borrow().get(&file) {
            return Ok(module.clone());
        }
        let name = file.to_string_lossy().into_owned();
        if self.under_way.borrow().contains(&file) {
            let text = format!("`{name}` imports itself");
            return Err(Box::new(EvalAltResult::ErrorRuntime(text.into(), at)));
        }
        let text = std::fs::read_to_string(&file).map_err(|_| EvalAltResult::ErrorModuleNotFound(path.to_string(), at))?;
        self.sources.add(&name, &text);
        let in_module = |cause| Box::new(EvalAltResult::ErrorInModule(name.clone(), cause, at));
        let mut ast = engine.compile(&text).map_err(|error| in_module(Box::new(error.into())))?;
        ast.set_source(name.as_str());
        self.under_way.borrow_mut().push(file.clone());
        let module = Module::eval_ast_as_new(Scope::new(), &ast, engine);
        self.under_way.borrow_mut().pop();
        let module: Shared<Module> = module.map_err(in_module)?.into();
        self.done.borrow_mut().insert(file, module.clone());
        Ok(module)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_beside_the_script() {
        assert_eq!(file(Some("scripts/a.rhai"), "lib/b"), Path::new("scripts/lib/b.rhai"));
        assert_eq!(file(Some("a.rhai"), "b.rhai"), Path::new("b.rhai"));
        assert_eq!(file(Some("scripts/a.rhai"), "/opt/b"), Path::new("/opt/b.rhai"));
        assert_eq!(file(Some("scripts/a.rhai"), "../v1.2"), Path::new("scripts/../v1.2.rhai"));
    }
}

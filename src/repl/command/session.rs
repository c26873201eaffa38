//! The session itself: `.trace`, `.time`, `.load`, `.save`, `.edit`, `.reset`, `.quit`.

use super::super::shell::Shell;
use crate::error::{Error, Kind, Result};
use crate::kernel::Failure;
use crate::runner::scripts;
use crate::world;
use rhai::{AST, Scope};
use std::path::{Path, PathBuf};

fn on_off(word: &str, now: bool) -> Result<bool> {
    match word {
        "on" => Ok(true),
        "off" => Ok(false),
        "" => Ok(!now),
        other => Err(Error::new(Kind::BadArgument, "read", format!("`{other}`"), "it is on or off")),
    }
}

pub(super) fn trace(shell: &Shell, word: &str) -> Result<()> {
    let on = on_off(word, shell.session.traces())?;
    shell.session.set_trace(on);
    shell.say(&shell.paint.dim(if on { "each step is told as its `ip` line" } else { "steps are not told" }));
    Ok(())
}

pub(super) fn time(shell: &Shell, word: &str) -> Result<()> {
    shell.timing.set(on_off(word, shell.timing.get())?);
    Ok(())
}

fn file(name: &str) -> Result<PathBuf> {
    match name.trim_matches('"') {
        "" => Err(Error::new(Kind::BadArgument, "use", "a file", "its name is missing").hint("for example `.save lab.rhai`")),
        name => Ok(match (name.strip_prefix("~/"), std::env::var_os("HOME")) {
            (Some(rest), Some(home)) => Path::new(&home).join(rest),
            _ => PathBuf::from(name),
        }),
    }
}

pub(super) fn load(shell: &Shell, name: &str) -> Result<()> {
    let path = file(name)?;
    let text = match path.exists() {
        true => scripts::read(&path)?,
        false => scripts::Script::find(name)?.text,
    };
    shell.run_text(&text);
    Ok(())
}

pub(super) fn save(shell: &Shell, name: &str) -> Result<()> {
    let path = file(name)?;
    let text = shell.script_text();
    let failed = |e: std::io::Error| Failure::from(e).doing("save", format!("`{}`", path.display()));
    if path.is_dir() {
        return Err(Error::new(Kind::BadArgument, "save", format!("`{}`", path.display()), "this is a folder"));
    }
    std::fs::write(&path, &text).map_err(failed)?;
    let count = shell.kept.borrow().len();
    let statements = if count == 1 { "1 input".to_string() } else { format!("{count} inputs") };
    shell.say(&shell.paint.dim(&format!("{statements} in {}; `labsh run {}` runs them", path.display(), path.display())));
    Ok(())
}

pub(super) fn edit(shell: &Shell, name: &str) -> Result<()> {
    let failed = |e: std::io::Error| Failure::from(e).doing("edit", "");
    let (path, temporary) = match name {
        "" => (std::env::temp_dir().join(format!("labsh-edit-{}.rhai", std::process::id())), true),
        name => (file(name)?, false),
    };
    if temporary {
        std::fs::write(&path, shell.last_input.borrow().as_bytes()).map_err(failed)?;
    }
    let editor = ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()));
    let editor = editor.unwrap_or_else(|| "vi".to_string());
    // $EDITOR may bring options along.
    let words = ["sh".to_string(), "-c".to_string(), format!("{editor} \"$0\""), path.display().to_string()].to_vec();
    let status = super::stand::foreground(shell, &shell.lab().root(), words)?;
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    if temporary {
        let _ = std::fs::remove_file(&path);
    }
    if status == 0 && !text.trim().is_empty() {
        shell.run_text(text.trim_end());
    }
    Ok(())
}

pub(super) fn reset(shell: &Shell, _: &str) -> Result<()> {
    let lab = shell.lab();
    if lab.world() != world::Kind::Sandbox {
        let error = Error::new(Kind::Unsupported, "reset", format!("the {} world", lab.world().word()), "it is not this session's own");
        return Err(error.hint(shell.farewell()));
    }
    shell.scope.replace(Scope::new());
    shell.functions.replace(AST::empty());
    shell.here.replace(lab.root());
    shell.kept.borrow_mut().clear();
    shell.changes.forget();
    for server in shell.servers.borrow_mut().drain(..) {
        server.stop()?;
    }
    lab.end_processes();
    for netns in lab.list_netns()? {
        netns.del()?;
    }
    for link in lab.root().links()?.iter().filter(|link| link.index() != 1) {
        // A veth takes its other end along.
        match link.del() {
            Err(error) if error.kind() != Kind::NotFound => return Err(error),
            _ => {}
        }
    }
    shell.say(&shell.paint.dim("the lab is empty again"));
    Ok(())
}

pub(super) fn quit(shell: &Shell, _: &str) -> Result<()> {
    shell.leaving.set(true);
    Ok(())
}

//! Where one stands: `.cd`, `.sh`, `.help`, and `!program`.

use super::super::help;
use super::super::shell::Shell;
use crate::error::Result;
use crate::lab::{Netns, Program};
use serde_json::json;
use std::time::Duration;

/// How long a program may run whose output is captured; the one who asked can interrupt it.
const LONG: Duration = Duration::from_secs(24 * 3600);

pub(super) fn help(shell: &Shell, words: &str) -> Result<()> {
    let command = words.is_empty() || super::find(words.trim_start_matches('.')).is_some();
    shell.say(&if command { super::help(shell, words.trim_start_matches('.')) } else { help::answer(shell, words) });
    Ok(())
}

pub(super) fn cd(shell: &Shell, name: &str) -> Result<()> {
    let there = match name {
        "" | "-" | "/" | ".." | "~" => shell.lab().root(),
        name => shell.lab().get_netns(name)?,
    };
    shell.here.replace(there);
    Ok(())
}

pub(in crate::repl) fn shell(shell: &Shell, name: &str) -> Result<()> {
    let netns = super::netns(shell, name)?;
    let program = std::env::var("SHELL").ok().filter(|program| !program.is_empty()).unwrap_or_else(|| "/bin/sh".to_string());
    shell.say(&shell.paint.dim(&format!("{program} in netns `{}`; `exit` comes back", netns.name())));
    foreground(shell, &netns, vec![program]).map(|_| ())
}

/// Runs a program with the terminal; tells its exit status if it is not 0.
pub(in crate::repl) fn foreground(shell: &Shell, netns: &Netns, words: Vec<String>) -> Result<i32> {
    let mut program = Program::new(words)?;
    program.env.push(("LABSH_NETNS".to_string(), netns.name().to_string()));
    if shell.face.is_json() {
        return captured(shell, netns, program);
    }
    let status = shell.news.while_held(|| netns.foreground(&program))?;
    match status {
        0 => {}
        signal if signal > 128 => shell.say(&shell.paint.dim(&format!("signal {} ended it", signal - 128))),
        status => shell.say(&shell.paint.dim(&format!("exit status {status}"))),
    }
    Ok(status)
}

/// Where no terminal is, the output of a program is part of the answer.
fn captured(shell: &Shell, netns: &Netns, mut program: Program) -> Result<i32> {
    program.timeout = LONG;
    let exec = netns.try_exec(&program)?;
    shell.face.emit(json!({ "event": "program", "status": exec.status, "stdout": exec.stdout, "stderr": exec.stderr }));
    Ok(exec.status)
}

/// `!line`: a shell reads it, in the current namespace.
pub(in crate::repl) fn program(shell: &Shell, line: &str) -> Result<()> {
    let line = line.trim_start_matches('!').trim();
    let words = ["sh", "-c", line].map(str::to_string).to_vec();
    foreground(shell, &shell.here(), words).map(|_| ())
}

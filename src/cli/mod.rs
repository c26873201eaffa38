//! The command line: one file per subcommand.

mod attach;
mod check;
mod clean;
mod doc;
mod doctor;
mod down;
mod env;
mod exec;
mod generate;
mod logs;
mod ls;
mod program;
mod repl;
mod run;
mod sandbox;
mod scripts;
mod up;

use crate::error::Error;
use crate::iproute::program::Program;
use crate::kernel::signal;
use crate::lab::Lab;
use crate::runner::diagnostic::Finding;
use crate::runner::report::{Human, Json, Report};
use crate::script::{Fault, Sources};
use crate::world::World;
use crate::world::named::{self, NamedLab};
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::rc::Rc;

/// The exit status when the world could not be entered.
const NO_WORLD: i32 = 3;

/// A lab shell for Linux network namespaces: scripts and a REPL, without root, that leave nothing behind.
///
/// Without a subcommand: the REPL on a terminal, else a script from standard input.
#[derive(Debug, Parser)]
#[command(name = "labsh", version, max_term_width = 100, after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER_HELP: &str = "Exit status: 0 fine, 1 a script or a claim failed, 2 wrong use, 3 the world could not be entered, \
4 the script was skipped, 130 interrupted.";

/// Options of labsh as a whole.
#[derive(Debug, Clone, Args)]
struct Global {
    /// Work in the machine's own namespaces (needs root), not in a private sandbox.
    #[arg(long, global = true)]
    host: bool,
    /// Leave at the end what was made (in the host world), or keep a named lab whose script failed.
    #[arg(long, global = true)]
    keep: bool,
    /// Tell each step as the `ip` line that does the same.
    #[arg(long, global = true)]
    trace: bool,
    /// One JSON object a line.
    #[arg(long, global = true)]
    json: bool,
    /// Tell only what fails.
    #[arg(short, long, global = true)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check a script, and run it in a fresh lab.
    Run(run::Run),
    /// Check scripts without running anything.
    Check(check::Check),
    /// List the scripts that labsh carries, or print one.
    Scripts(scripts::Scripts),
    /// Try things by hand; with --json, a line protocol for editors and notebooks.
    #[command(after_long_help = crate::repl::PROTOCOL_HELP)]
    Repl,
    /// Print the reference of the language, or of one word.
    Doc(doc::Doc),
    /// Make a named lab that stays, and run a script in it.
    Up(up::Up),
    /// List the named labs.
    Ls,
    /// Open the REPL in a named lab.
    Attach(attach::Attach),
    /// Run a program in a named lab, with the terminal.
    Exec(exec::Exec),
    /// Print what the background processes of a named lab have written.
    Logs(logs::Logs),
    /// Print where the namespaces of a named lab are, for other tools.
    Env(env::Env),
    /// Take named labs away.
    Down(down::Down),
    /// Tell what this machine can do, and what is missing.
    Doctor,
    /// Remove what runs in the host world left that died.
    Clean(clean::Clean),
    /// Run a program or a shell script in a fresh sandbox.
    Sandbox(sandbox::Sandbox),
    /// Be `ip`: act on the namespace that labsh runs in.
    #[command(disable_help_flag = true)]
    Ip(program::Words),
    /// Be `bridge`.
    #[command(disable_help_flag = true)]
    Bridge(program::Words),
    /// Be `tc`.
    #[command(disable_help_flag = true)]
    Tc(program::Words),
    /// Serve editors: what is wrong, completion, explanations (Language Server Protocol, on standard input and output).
    Lsp,
    /// Print the completions for a shell.
    Completions(generate::Completions),
    /// Print the manual page.
    Man,
}

impl Global {
    fn report(&self) -> Rc<dyn Report> {
        if self.json { Rc::new(Json) } else { Rc::new(Human::new(self.quiet)) }
    }

    /// Enters the world, that of a named lab if one is named; in a sandbox, the process that returns is another one than before.
    fn enter(&self, named: Option<&NamedLab>) -> Result<Lab, i32> {
        self.enter_by(named, World::enter_named)
    }

    /// As [`Global::enter`], for a script, whose servers and processes go on in a named lab when it has ended.
    fn enter_for_script(&self, named: Option<&NamedLab>) -> Result<Lab, i32> {
        self.enter_by(named, World::stay_in_named)
    }

    fn enter_by(&self, named: Option<&NamedLab>, enter_named: fn(&NamedLab) -> crate::error::Result<World>) -> Result<Lab, i32> {
        let world = match named {
            Some(lab) => enter_named(lab),
            None if self.host => World::enter_host(),
            None => World::enter_sandbox(),
        };
        let entered = world.and_then(|world| {
            signal::catch().map_err(|failure| failure.doing("catch signals", ""))?;
            Lab::new(world)
        });
        entered.map_err(|error| self.complain(error, NO_WORLD))
    }

    /// Finds a named lab.
    fn find(&self, name: &str) -> Result<NamedLab, i32> {
        named::find(name).map_err(|error| self.complain(error, 1))
    }

    /// Tells an error that has no place in a script; returns the exit status.
    fn complain(&self, error: Error, status: i32) -> i32 {
        self.report().fault(&Fault { error, place: None, trail: Vec::new() }, &Sources::default());
        status
    }
}

/// Runs labsh; returns the exit status.
pub fn main(args: impl IntoIterator<Item = OsString>) -> i32 {
    let args: Vec<OsString> = args.into_iter().collect();
    if let Some((program, words)) = program::called(&args) {
        return program::run(program, &words);
    }
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return error.exit_code();
        }
    };
    let global = &cli.global;
    let status = match cli.command {
        Some(Command::Run(run)) => run.execute(global),
        Some(Command::Check(check)) => check.execute(global),
        Some(Command::Scripts(scripts)) => scripts.execute(global),
        Some(Command::Repl) => repl::execute(global),
        Some(Command::Doc(doc)) => doc.execute(global),
        Some(Command::Up(up)) => up.execute(global),
        Some(Command::Ls) => ls::execute(global),
        Some(Command::Attach(attach)) => attach.execute(global),
        Some(Command::Exec(exec)) => exec.execute(global),
        Some(Command::Logs(logs)) => logs.execute(global),
        Some(Command::Env(env)) => env.execute(global),
        Some(Command::Down(down)) => down.execute(global),
        Some(Command::Doctor) => doctor::execute(global),
        Some(Command::Clean(clean)) => clean.execute(global),
        Some(Command::Sandbox(sandbox)) => sandbox.execute(global),
        Some(Command::Ip(words)) => Ok(words.execute(Program::Ip)),
        Some(Command::Bridge(words)) => Ok(words.execute(Program::Bridge)),
        Some(Command::Tc(words)) => Ok(words.execute(Program::Tc)),
        Some(Command::Lsp) => crate::repl::run_language_server().map_err(|error| global.complain(error, 1)),
        Some(Command::Completions(completions)) => completions.execute(),
        Some(Command::Man) => generate::man(),
        None if std::io::stdin().is_terminal() => repl::execute(global),
        None => run::execute_stdin(global),
    };
    status.unwrap_or_else(|status| status)
}

/// Prints what the user asked for; a reader that went away is no failure.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Tells what the check found; returns whether there was nothing.
fn tell_findings(global: &Global, findings: &[Finding], sources: &Sources) -> bool {
    let report = global.report();
    findings.iter().for_each(|finding| report.finding(finding, sources));
    findings.is_empty()
}

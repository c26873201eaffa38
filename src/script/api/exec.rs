//! `exec`, `try_exec`, `shell`: the user's programs, to their end.

use super::super::catalogue::{Key, Options};
use super::super::options::Opts;
use super::super::reading;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use crate::error::Result;
use crate::iproute::sentence;
use crate::lab::{Exec, Netns, Program};
use rhai::Dynamic;

script_types! { Exec = "Exec" }
returned!(Exec);

pub(super) const HOW: Options = Options {
    keys: &[
        Key { name: "input", takes: "string", help: "what it reads from standard input", nested: None },
        Key { name: "timeout", takes: "string", help: "how long it may run; \"60s\" if not said", nested: None },
        Key { name: "env", takes: "map", help: "environment variables beside those of labsh", nested: None },
        Key { name: "cwd", takes: "string", help: "working directory", nested: None },
    ],
};

/// Adds the options to a program.
pub(super) fn with(program: Program, opts: &Opts) -> Result<Program> {
    Ok(Program {
        input: opts.string("input")?.map(String::into_bytes),
        timeout: opts.duration("timeout")?.unwrap_or(program.timeout),
        env: opts.strings("env")?,
        cwd: opts.string("cwd")?,
        ..program
    })
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Exec>(registry, |exec| exec.stdout.trim_end().to_string());
    words!(registry, Netns, [global];
        /// Runs a program to its end, as `ip netns exec`. A line is split by the shell's rules for quotes; a list is taken as it is.
        ///
        /// Errors: `command-failed` for a status other than 0, with the end of its standard error; `not-found`; `timeout`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// expect(blue.exec("echo 'hello from blue'").stdout == "hello from blue\n");
        /// expect(blue.exec(["echo", "a  b"]).lines == ["a  b"]);
        /// expect(blue.exec("cat", #{ input: "fed" }).stdout == "fed");
        /// ```
        fn exec(netns, call, command: Dynamic as "string|array"; opts: HOW) -> Exec {
            let program = with(reading::program(&command)?, &opts)?;
            call.step(|| sentence::program(netns, &program));
            netns.exec(&program)
        }

        /// Runs a program to its end, and returns its status whatever it is.
        ///
        /// Errors: `not-found`, `timeout`.
        ///
        /// ```rhai
        /// let result = try_exec("false");
        /// expect(result.status == 1 && !result.ok);
        /// ```
        fn try_exec(netns, call, command: Dynamic as "string|array"; opts: HOW) -> Exec {
            let program = with(reading::program(&command)?, &opts)?;
            call.step(|| sentence::program(netns, &program));
            netns.try_exec(&program)
        }

        /// Hands a line to `sh -c`: pipes, redirections, variables.
        ///
        /// Errors: as `exec`.
        ///
        /// ```rhai
        /// expect(shell("echo one two | wc -w").stdout.contains("2"));
        /// ```
        fn shell(netns, call, line: &str; opts: HOW) -> Exec {
            let program = with(Program::shell(line), &opts)?;
            call.step(|| sentence::program(netns, &program));
            netns.exec(&program)
        }
    );
    properties!(registry, Exec;
        /// The exit status; 128 + N if signal N ended it.
        ///
        /// ```rhai
        /// expect(exec("true").status == 0);
        /// ```
        fn status(exec, call) -> i64 { Ok(i64::from(exec.status)) }

        /// Whether the status is 0.
        ///
        /// ```rhai
        /// expect(exec("true").ok);
        /// ```
        fn ok(exec, call) -> bool { Ok(exec.status == 0) }

        /// Its standard output, whole.
        ///
        /// ```rhai
        /// expect(exec("echo hi").stdout == "hi\n");
        /// ```
        fn stdout(exec, call) -> String { Ok(exec.stdout.clone()) }

        /// Its standard error, whole.
        ///
        /// ```rhai
        /// expect(shell("echo oh >&2").stderr == "oh\n");
        /// ```
        fn stderr(exec, call) -> String { Ok(exec.stderr.clone()) }

        /// The lines of its standard output.
        ///
        /// ```rhai
        /// expect(shell("echo a; echo b").lines == ["a", "b"]);
        /// ```
        fn lines(exec, call) -> Vec<String> { Ok(exec.stdout.lines().map(str::to_string).collect()) }

        /// How long it ran, in ms.
        ///
        /// ```rhai
        /// expect(exec("true").time > 0.0);
        /// ```
        fn time(exec, call) -> f64 { Ok(exec.time.as_secs_f64() * 1e3) }
    );
}

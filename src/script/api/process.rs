//! `start`, and the handle of a background process.

use super::super::reading;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use super::exec::{HOW, with};
use crate::iproute::sentence;
use crate::lab::process::{Process, parse_signal};
use crate::lab::wait::parse_span;
use crate::lab::{Exec, Netns};
use rhai::Dynamic;
use std::time::Duration;

script_types! { Process = "Process" }
returned!(Process);

/// How long a wait takes when nothing else is said.
const DEADLINE: Duration = Duration::from_secs(10);

pub(super) fn register(registry: &mut Registry) {
    printable::<Process>(registry, |process| {
        let state = process.status().map_or_else(|| "running".to_string(), |status| format!("ended with status {status}"));
        format!("pid {} `{}` in {}: {state}", process.pid(), process.command(), process.netns().name())
    });
    words!(registry, Netns, [global];
        /// Starts a program in the background. It ends with the lab, with all that it started.
        ///
        /// Errors: `not-found`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// let sleeper = blue.start("sleep 60");
        /// expect(sleeper.running);
        /// sleeper.kill();
        /// expect(sleeper.wait().status == 143);
        /// ```
        fn start(netns, call, command: Dynamic as "string|array"; opts: HOW) -> Process {
            let program = with(reading::program(&command)?, &opts)?;
            call.step(|| sentence::program(netns, &program) + " &");
            netns.start(&program)
        }
    );
    words!(registry, Process, [method];
        /// Waits until it has ended, at most ten seconds, and returns what it left.
        ///
        /// Errors: `timeout`.
        ///
        /// ```rhai
        /// expect(start("echo done").wait().stdout == "done\n");
        /// ```
        fn wait(process, call) -> Exec { process.wait(DEADLINE) }

        /// Waits until it has ended, and returns what it left.
        ///
        /// Errors: `timeout`; `bad-argument` for what is no duration.
        ///
        /// ```rhai
        /// let sleeper = start("sleep 60");
        /// expect_error(|| sleeper.wait("20ms"), "timeout");
        /// ```
        fn wait(process, call, within: &str) -> Exec { process.wait(parse_span(within)?) }

        /// Waits until somebody listens on a TCP port of its namespace, at most ten seconds.
        ///
        /// Errors: `command-failed` when it ends before; `timeout`.
        ///
        /// ```rhai
        /// let quick = start("true");
        /// expect_error(|| quick.wait_port(8080), "command-failed");
        /// ```
        fn wait_port(process, call, port: i64) -> Process {
            process.wait_port(reading::port(port)?, DEADLINE)?;
            Ok(process.clone())
        }

        /// Waits until somebody listens on a TCP port of its namespace.
        ///
        /// Errors: `command-failed` when it ends before; `timeout`; `bad-argument`.
        ///
        /// ```rhai
        /// let sleeper = start("sleep 60");
        /// expect_error(|| sleeper.wait_port(8080, "20ms"), "timeout");
        /// ```
        fn wait_port(process, call, port: i64, within: &str) -> Process {
            process.wait_port(reading::port(port)?, parse_span(within)?)?;
            Ok(process.clone())
        }

        /// Waits until its output matches a regular expression, at most ten seconds, and returns what matched.
        ///
        /// Errors: `command-failed` when it ends before; `timeout`.
        ///
        /// ```rhai
        /// let talker = start(["sh", "-c", "echo listening on port 4711; sleep 60"]);
        /// expect(talker.wait_output("port ([0-9]+)") == "4711");
        /// ```
        fn wait_output(process, call, pattern: &str) -> String { process.wait_output(pattern, DEADLINE) }

        /// Waits until its output matches a regular expression, and returns what matched.
        ///
        /// Errors: `command-failed` when it ends before; `timeout`; `bad-argument` for what is no regular expression.
        ///
        /// ```rhai
        /// let sleeper = start("sleep 60");
        /// expect_error(|| sleeper.wait_output("ready", "20ms"), "timeout");
        /// ```
        fn wait_output(process, call, pattern: &str, within: &str) -> String { process.wait_output(pattern, parse_span(within)?) }

        /// Sends SIGTERM to it and all that it started.
        ///
        /// Errors: none; one that has ended stays as it is.
        ///
        /// ```rhai
        /// let sleeper = start("sleep 60");
        /// sleeper.kill();
        /// expect(sleeper.wait().status == 143);
        /// ```
        fn kill(process, call) -> Process {
            process.kill(parse_signal("TERM")?)?;
            Ok(process.clone())
        }

        /// Sends a signal to it and all that it started, by name or number.
        ///
        /// Errors: `bad-argument` for what is no signal.
        ///
        /// ```rhai
        /// let sleeper = start("sleep 60");
        /// sleeper.kill("INT");
        /// expect(sleeper.wait().status == 130);
        /// ```
        fn kill(process, call, signal: &str) -> Process {
            process.kill(parse_signal(signal)?)?;
            Ok(process.clone())
        }
    );
    properties!(registry, Process;
        /// Its process id.
        ///
        /// ```rhai
        /// expect(start("sleep 60").pid > 1);
        /// ```
        fn pid(process, call) -> i64 { Ok(i64::from(process.pid())) }

        /// The program and its arguments.
        ///
        /// ```rhai
        /// expect(start("sleep 60").command == "sleep 60");
        /// ```
        fn command(process, call) -> String { Ok(process.command().to_string()) }

        /// Whether it runs.
        ///
        /// ```rhai
        /// expect(start("sleep 60").running);
        /// ```
        fn running(process, call) -> bool { Ok(process.status().is_none()) }

        /// Its exit status, or `()` while it runs.
        ///
        /// ```rhai
        /// expect(start("sleep 60").status == ());
        /// ```
        fn status(process, call) -> Option<i64> { Ok(process.status().map(i64::from)) }

        /// What it has written so far, to both streams.
        ///
        /// ```rhai
        /// let talker = start(["sh", "-c", "echo out; echo err >&2"]);
        /// talker.wait();
        /// expect(talker.output.contains("out") && talker.output.contains("err"));
        /// ```
        fn output(process, call) -> String { Ok(process.output()) }

        /// What it has written so far to standard output.
        ///
        /// ```rhai
        /// let talker = start("echo hi");
        /// talker.wait();
        /// expect(talker.stdout == "hi\n");
        /// ```
        fn stdout(process, call) -> String { Ok(process.stdout()) }

        /// What it has written so far to standard error.
        ///
        /// ```rhai
        /// let talker = start(["sh", "-c", "echo oh >&2"]);
        /// talker.wait();
        /// expect(talker.stderr == "oh\n");
        /// ```
        fn stderr(process, call) -> String { Ok(process.stderr()) }
    );
}

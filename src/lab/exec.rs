//! Running the user's programs in a namespace, as `ip netns exec` does: its /sys, and /etc/netns/NAME over /etc.

use super::{Netns, wait};
use crate::error::{Error, Kind, Result};
use crate::kernel::watch::Watch;
use crate::kernel::{self, Failure, Signal, process};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;

/// How long a program may run when nothing else is said.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A program and how it is to run.
#[derive(Debug, Clone)]
pub struct Program {
    /// Program and arguments.
    pub words: Vec<String>,
    /// Standard input; empty if nothing is given.
    pub input: Option<Vec<u8>>,
    /// How long it may run.
    pub timeout: Duration,
    /// Environment variables beside those of labsh.
    pub env: Vec<(String, String)>,
    /// Working directory, if not that of labsh.
    pub cwd: Option<String>,
}

impl Program {
    /// Takes words as they are.
    ///
    /// # Errors
    ///
    /// `bad-argument` when there is no word.
    pub fn new(words: Vec<String>) -> Result<Program> {
        if words.is_empty() {
            return Err(Error::new(Kind::BadArgument, "exec", "``", "there is no program to run"));
        }
        Ok(Program { words, input: None, timeout: DEADLINE, env: Vec::new(), cwd: None })
    }

    /// Splits a line by the shell's rules for quotes; nothing else of a shell is in it.
    ///
    /// # Errors
    ///
    /// `bad-argument` for an open quote.
    pub fn parse(line: &str) -> Result<Program> {
        let words = shlex::split(line).ok_or_else(|| {
            Error::new(Kind::BadArgument, "exec", format!("`{line}`"), "a quote is open, or a backslash stands at the end")
        })?;
        Program::new(words)
    }

    /// Hands a line to `sh -c`.
    pub fn shell(line: &str) -> Program {
        let words = ["sh", "-c", line].map(str::to_string).to_vec();
        Program { words, input: None, timeout: DEADLINE, env: Vec::new(), cwd: None }
    }

    /// Returns it as one would type it.
    pub fn line(&self) -> String {
        match self.words.as_slice() {
            [sh, c, line] if sh == "sh" && c == "-c" => line.clone(),
            words => shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" ")),
        }
    }
}

/// What a program that has ended left.
#[derive(Debug, Clone)]
pub struct Exec {
    /// Exit status; 128 + N if signal N ended it.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// How long it ran.
    pub time: Duration,
}

impl Netns {
    /// Runs a program to its end; a status other than 0 is no failure here.
    ///
    /// # Errors
    ///
    /// `not-found` when there is no such program; `timeout` when it had to be killed.
    pub fn try_exec(&self, program: &Program) -> Result<Exec> {
        let begin = Instant::now();
        let mut child = self.spawn(program)?;
        let pid = child.id();
        let lab = self.lab();
        let failed = |failure: Failure| failure.doing("exec", format!("`{}`", program.line())).in_netns(self.name());
        let mut output = Output::default();
        let finished = lab.run_within(program.timeout, collect(&mut child, program.input.clone(), &mut output));
        if !matches!(finished, Ok(Some(Ok(())))) {
            let _ = process::kill_group(pid, Signal::SIGKILL);
        }
        let status = child.wait().map_err(|e| failed(e.into()))?;
        match finished? {
            Some(done) => done.map_err(failed)?,
            None => {
                let cause = format!("still running after {}, so it was killed", wait::span(program.timeout));
                let error = Error::new(Kind::Timeout, "exec", format!("`{}`", program.line()), cause).in_netns(self.name());
                let tail = last_lines(&text(output.stderr)).or_else(|| last_lines(&text(output.stdout)));
                return Err(match tail {
                    Some(tail) => error.because(format!("its output ends with: {tail}")),
                    None => error.because("it had no output"),
                });
            }
        }
        Ok(Exec { status: code(status), stdout: text(output.stdout), stderr: text(output.stderr), time: begin.elapsed() })
    }

    /// Runs a program to its end.
    ///
    /// # Errors
    ///
    /// As [`Netns::try_exec`], and `command-failed` for a status other than 0, with the end of its standard error.
    pub fn exec(&self, program: &Program) -> Result<Exec> {
        let exec = self.try_exec(program)?;
        if exec.status == 0 {
            return Ok(exec);
        }
        let how = match exec.status {
            signal if signal > 128 => format!("signal {} ended it", signal - 128),
            status => format!("exit status {status}"),
        };
        let error = Error::new(Kind::CommandFailed, "exec", format!("`{}`", program.line()), how).in_netns(self.name());
        let tail = last_lines(&exec.stderr).or_else(|| last_lines(&exec.stdout));
        Err(match tail {
            Some(tail) => error.because(tail),
            None => error,
        })
    }

    /// Runs a program with the terminal of labsh to its end, and returns its exit status (128 + N if signal N ended it).
    ///
    /// # Errors
    ///
    /// `not-found` when there is no such program.
    pub fn foreground(&self, program: &Program) -> Result<i32> {
        let command = self.command(program)?;
        kernel::terminal::run(&self.kernel()?, self.mounts()?, command).map_err(|failure| self.explain_spawn(program, &failure))
    }

    /// Becomes a program in this namespace: this process is replaced, and keeps its terminal. Returns only if it cannot.
    pub fn become_program(&self, words: &[String]) -> Result<Error> {
        let program = Program::new(words.to_vec())?;
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(std::env::current_dir().unwrap_or_else(|_| "/".into()));
        self.lab().write_names();
        let failure = process::become_program(&self.kernel()?, self.mounts()?.as_ref(), command);
        Ok(self.explain_spawn(&program, &failure))
    }

    /// Starts a program in a process group of its own, its three streams as pipes.
    pub(crate) fn spawn(&self, program: &Program) -> Result<Child> {
        let mut command = self.command(program)?;
        command.process_group(0);
        command.stdin(if program.input.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        process::spawn(&self.kernel()?, self.mounts()?, command).map_err(|failure| self.explain_spawn(program, &failure))
    }

    fn explain_spawn(&self, program: &Program, failure: &Failure) -> Error {
        let name = program.words.first().map_or("", String::as_str);
        // execvp(3) says EACCES as soon as one folder of PATH cannot be read, though no folder has the program.
        let nowhere = failure.is(kernel::Errno::EACCES) && !name.contains('/') && !is_in_path(name);
        let failure = if nowhere { &kernel::Errno::ENOENT.into() } else { failure };
        let error = failure.doing("exec", format!("`{}`", program.line())).in_netns(self.name());
        match failure.errno() {
            kernel::Errno::ENOENT => no_such_program(error, name),
            kernel::Errno::EACCES if process::is_on_noexec(name) => {
                error.because(format!("the file system of `{name}` is mounted `noexec`: no program of it may run"))
            }
            kernel::Errno::EACCES => error.because(format!("`{name}` is not executable")),
            _ => error,
        }
    }

    fn command(&self, program: &Program) -> Result<Command> {
        let failed = |failure: &Failure| failure.doing("exec", format!("`{}`", program.line())).in_netns(self.name());
        let Some((name, arguments)) = program.words.split_first() else {
            return Err(Error::new(Kind::BadArgument, "exec", "``", "there is no program to run"));
        };
        self.lab().write_names();
        let own = std::env::current_dir().map_err(|e| failed(&e.into()));
        let folder = match &program.cwd {
            Some(folder) => own?.join(folder),
            None => own?,
        };
        if !folder.is_dir() {
            let cause = format!("there is no folder `{}`", folder.display());
            return Err(Error::new(Kind::NotFound, "exec", format!("`{}`", program.line()), cause).in_netns(self.name()));
        }
        let mut command = Command::new(name);
        command.args(arguments).envs(program.env.iter().cloned()).current_dir(folder);
        if let Some(run) = self.lab().ledger().run()? {
            // By this mark `clean` knows the processes of a run that died.
            command.env(process::RUN, run);
        }
        Ok(command)
    }
}

fn is_in_path(name: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).exists()))
}

fn no_such_program(error: Error, name: &str) -> Error {
    if name.contains('/') {
        return error.because(format!("there is no file `{name}`, or the interpreter that its first line names is missing"));
    }
    let error = error.because(format!("no folder of PATH has a program `{name}`"));
    match name {
        "ping" | "ping6" => error.hint("labsh pings by itself: ping(\"10.0.0.1\")"),
        "curl" | "wget" => error.hint("labsh gets pages by itself: http_get(\"http://10.0.0.1:8080\")"),
        "python3" | "python" => error.hint("labsh serves pages by itself: http_server(8080)"),
        _ => error,
    }
}

#[derive(Default)]
struct Output {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// Feeds a child and reads all it says, until it has ended and closed its streams.
async fn collect(child: &mut Child, input: Option<Vec<u8>>, output: &mut Output) -> kernel::Result<()> {
    let ended = Watch::new(process::pidfd(child.id())?)?;
    let stdin = child.stdin.take().map(OwnedFd::from);
    let feed = async {
        if let (Some(pipe), Some(input)) = (stdin, input) {
            // A program that does not read all of its input is right to do so (EPIPE).
            let _ = pipe::Sender::from_owned_fd(pipe)?.write_all(&input).await;
        }
        Ok::<(), Failure>(())
    };
    let (stdout, stderr) = (child.stdout.take().map(OwnedFd::from), child.stderr.take().map(OwnedFd::from));
    let Output { stdout: out, stderr: err } = output;
    let read = async |pipe: Option<OwnedFd>, to: &mut Vec<u8>| {
        if let Some(pipe) = pipe {
            pipe::Receiver::from_owned_fd(pipe)?.read_to_end(to).await?;
        }
        Ok::<(), Failure>(())
    };
    let talk = async {
        let (fed, out, err) = futures_util::join!(feed, read(stdout, out), read(stderr, err));
        fed.and(out).and(err)
    };
    // A daemon that it left behind may hold the streams open: then what was said until the end is all there is.
    tokio::pin!(talk);
    tokio::select! {
        done = &mut talk => { done?; ended.readable().await; Ok(()) }
        () = ended.readable() => match tokio::time::timeout(Duration::from_millis(200), talk).await {
            Ok(done) => done,
            Err(_) => Ok(()),
        },
    }
}

pub(crate) fn code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The last three lines that say something, on one line.
pub(crate) fn last_lines(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    (!lines.is_empty()).then(|| lines[lines.len().saturating_sub(3)..].join(" | "))
}

//! Running labsh: the script and what it is given, what it left, and claims about that. Each run has a folder of its own, a process
//! group of its own and a deadline; one that hangs is killed, and the trial fails with its output.

use super::harness::search_path;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::time::{Duration, Instant};

/// Longer than any run takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// The user that is nobody in particular.
pub const NOBODY: u32 = 65534;

/// The binary under test.
pub fn labsh() -> PathBuf {
    std::env::var_os("LABSH_BIN").map_or_else(|| env!("CARGO_BIN_EXE_labsh").into(), PathBuf::from)
}

static COPY: OnceLock<Folder> = OnceLock::new();

/// A copy of the binary that every user can reach.
fn labsh_for_others() -> PathBuf {
    let folder = COPY.get_or_init(|| {
        let folder = Folder::new();
        let copy = folder.path().join("labsh");
        // By a program of its own: a child that another trial starts meanwhile would hold the file open for writing, and ETXTBSY come of it.
        let copied = Command::new("cp").arg(labsh()).arg(&copy).status().expect("run cp");
        assert!(copied.success(), "copy the binary");
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("make the copy executable");
        folder
    });
    folder.path().join("labsh")
}

/// The binary for this user.
pub fn binary(user: Option<u32>) -> PathBuf {
    if user.is_some() { labsh_for_others() } else { labsh() }
}

/// Takes away what the test process itself made.
pub fn clean() {
    if let Some(folder) = COPY.get() {
        let _ = fs::remove_dir_all(folder.path());
    }
}

/// A folder that everybody can read and that goes at the end.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("labsh-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("make a folder");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).expect("open the folder");
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).expect("write a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::set_permissions(&self.0, fs::Permissions::from_mode(0o700));
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A run that is prepared.
pub struct Lab {
    folder: Folder,
    around: Vec<String>,
    options: Vec<String>,
    words: Vec<String>,
    env: Vec<(String, String)>,
    input: Option<Vec<u8>>,
    user: Option<u32>,
    deadline: Duration,
    own_group: bool,
    stdin: Option<Stdio>,
    terminal: Option<(Stdio, Stdio)>,
}

impl Lab {
    /// `labsh run script.rhai` in a folder of its own.
    pub fn script(text: &str) -> Lab {
        let lab = Lab::command(&["run", "script.rhai"]);
        lab.folder.write("script.rhai", text);
        lab
    }

    /// `labsh WORDS`.
    pub fn command(words: &[&str]) -> Lab {
        Lab {
            folder: Folder::new(),
            around: Vec::new(),
            options: Vec::new(),
            words: words.iter().map(|word| word.to_string()).collect(),
            env: Vec::new(),
            input: None,
            user: None,
            deadline: DEADLINE,
            own_group: true,
            stdin: None,
            terminal: None,
        }
    }

    /// An option of labsh, before the subcommand.
    pub fn option(mut self, option: &str) -> Lab {
        self.options.push(option.to_string());
        self
    }

    /// A word behind what is there: an argument of the script.
    pub fn arg(mut self, word: &str) -> Lab {
        self.words.push(word.to_string());
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Lab {
        self.env.push((name.to_string(), value.to_string()));
        self
    }

    pub fn input(mut self, text: impl AsRef<[u8]>) -> Lab {
        self.input = Some(text.as_ref().to_vec());
        self
    }

    /// As another user; only root can.
    pub fn user(mut self, id: u32) -> Lab {
        self.user = Some(id);
        self
    }

    pub fn deadline(mut self, deadline: Duration) -> Lab {
        self.deadline = deadline;
        self
    }

    /// Another file in the folder in which labsh runs.
    pub fn file(self, name: &str, text: impl AsRef<[u8]>) -> Lab {
        self.folder.write(name, text);
        self
    }

    /// A program that runs labsh: `unshare -n labsh …`.
    pub fn inside(mut self, words: &[&str]) -> Lab {
        self.around = words.iter().map(|word| word.to_string()).collect();
        self
    }

    /// A terminal as standard input, and as output and error.
    pub fn terminal(mut self, stdin: Stdio, stdout: Stdio, stderr: Stdio) -> Lab {
        (self.stdin, self.terminal, self.own_group) = (Some(stdin), Some((stdout, stderr)), false);
        self
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs it to its end.
    #[track_caller]
    pub fn run(self) -> Run {
        let deadline = self.deadline;
        self.start().end_within(deadline)
    }

    /// Starts it.
    #[track_caller]
    pub fn start(self) -> Running {
        let binary = binary(self.user);
        let words: Vec<String> =
            self.around.into_iter().chain([binary.to_string_lossy().into_owned()]).chain(self.options).chain(self.words).collect();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(self.folder.path()).env("PATH", search_path()).env_remove("NO_COLOR").envs(self.env);
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        if self.own_group {
            command.process_group(0);
        }
        command.stdin(self.stdin.unwrap_or_else(|| if self.input.is_some() { Stdio::piped() } else { Stdio::null() }));
        let (stdout, stderr) = self.terminal.unwrap_or_else(|| (Stdio::piped(), Stdio::piped()));
        command.stdout(stdout).stderr(stderr);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("start {words:?}: {error}"));
        if let (Some(mut pipe), Some(input)) = (child.stdin.take(), self.input) {
            std::thread::spawn(move || {
                let _ = pipe.write_all(&input);
            });
        }
        let stdout = Stream::read(child.stdout.take());
        let stderr = Stream::read(child.stderr.take());
        let pid = child.id() as i32;
        let ended = Arc::new((Mutex::new(None), Condvar::new()));
        wait_in_thread(child, ended.clone());
        Running { pid, own_group: self.own_group, stdout, stderr, ended, begin: Instant::now(), folder: self.folder }
    }
}

type Ended = Arc<(Mutex<Option<ExitStatus>>, Condvar)>;

fn wait_in_thread(mut child: Child, ended: Ended) {
    std::thread::spawn(move || {
        let status = child.wait().expect("wait for labsh");
        *ended.0.lock().unwrap() = Some(status);
        ended.1.notify_all();
    });
}

/// A stream that is read as it comes.
#[derive(Clone)]
pub struct Stream(Arc<(Mutex<SoFar>, Condvar)>);

/// What was read, and whether that was all.
type SoFar = (Vec<u8>, bool);

impl Stream {
    pub fn read(pipe: Option<impl Read + Send + 'static>) -> Stream {
        let stream = Stream(Arc::new((Mutex::new((Vec::new(), pipe.is_none())), Condvar::new())));
        let Some(mut pipe) = pipe else { return stream };
        let copy = stream.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 65536];
            loop {
                let count = pipe.read(&mut buffer).unwrap_or(0);
                let mut state = copy.0.0.lock().unwrap();
                state.0.extend_from_slice(&buffer[..count]);
                state.1 = count == 0;
                copy.0.1.notify_all();
                if state.1 {
                    return;
                }
            }
        });
        stream
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.0.lock().unwrap().0).into_owned()
    }

    /// Waits until the text holds this, or the stream has ended; returns whether it does.
    pub fn wait_for(&self, part: &str, within: Duration) -> bool {
        let has = |state: &SoFar| String::from_utf8_lossy(&state.0).contains(part);
        let (state, _) = self.0.1.wait_timeout_while(self.0.0.lock().unwrap(), within, |state| !has(state) && !state.1).unwrap();
        has(&state)
    }

    fn wait_end(&self, within: Duration) -> bool {
        let (state, _) = self.0.1.wait_timeout_while(self.0.0.lock().unwrap(), within, |state| !state.1).unwrap();
        state.1
    }
}

/// A run that is going on. Dropped, it is killed.
pub struct Running {
    pub pid: i32,
    own_group: bool,
    stdout: Stream,
    stderr: Stream,
    ended: Ended,
    begin: Instant,
    folder: Folder,
}

impl Running {
    /// Waits until standard output holds this.
    #[track_caller]
    pub fn wait_for(&self, part: &str) {
        if !self.stdout.wait_for(part, DEADLINE) {
            panic!("`{part}` did not come\n--- stdout\n{}\n--- stderr\n{}", self.stdout.text(), self.stderr.text());
        }
    }

    /// A signal to this process alone.
    pub fn signal(&self, signal: Signal) {
        let _ = kill(Pid::from_raw(self.pid), signal);
    }

    /// A signal to the process group, as a terminal sends it.
    pub fn signal_group(&self, signal: Signal) {
        let _ = killpg(Pid::from_raw(self.pid), signal);
    }

    pub fn has_ended(&self) -> bool {
        self.ended.0.lock().unwrap().is_some()
    }

    /// Waits for its end; what runs longer is killed, and the trial fails.
    #[track_caller]
    pub fn end_within(self, deadline: Duration) -> Run {
        let begin = Instant::now();
        let status = {
            let (lock, condition) = &*self.ended;
            *condition.wait_timeout_while(lock.lock().unwrap(), deadline, |status| status.is_none()).unwrap().0
        };
        let waited = begin.elapsed();
        if status.is_none() {
            self.stop();
        }
        // A process that it left may hold the pipes open: that is a failure of its own.
        let drained = [&self.stdout, &self.stderr].map(|stream| stream.wait_end(Duration::from_secs(10)));
        let run = Run {
            status: status.map(|status| status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))).unwrap_or(-1),
            stdout: self.stdout.text(),
            stderr: self.stderr.text(),
            waited,
            time: self.begin.elapsed(),
        };
        assert!(status.is_some(), "still running after {deadline:?}, so it was killed\n{run}");
        assert_eq!(drained, [true, true], "somebody still holds standard output or error open\n{run}");
        run
    }

    /// Waits for its end, and looks at its folder before that goes.
    #[track_caller]
    pub fn end_and_look<T>(mut self, look: impl FnOnce() -> T) -> (Run, T) {
        let folder = std::mem::replace(&mut self.folder, Folder::new());
        let run = self.end_within(DEADLINE);
        let seen = look();
        drop(folder);
        (run, seen)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn stop(&self) {
        if !self.has_ended() {
            self.signal(Signal::SIGKILL);
            if self.own_group {
                self.signal_group(Signal::SIGKILL);
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a run left.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
    /// From the call that waited for the end.
    pub waited: Duration,
    /// From the start.
    pub time: Duration,
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let cut = |text: &str| match text.char_indices().nth(8000) {
            Some((place, _)) => format!("{}… ({} bytes)", &text[..place], text.len()),
            None => text.to_string(),
        };
        write!(f, "--- status {} after {:?}\n--- stdout\n{}\n--- stderr\n{}", self.status, self.time, cut(&self.stdout), cut(&self.stderr))
    }
}

impl Run {
    #[track_caller]
    pub fn status_is(self, status: i32) -> Run {
        assert_eq!(self.status, status, "the exit status is another\n{self}");
        self
    }

    #[track_caller]
    pub fn ok(self) -> Run {
        self.status_is(0)
    }

    /// Standard output, whole, without what differs from run to run.
    #[track_caller]
    pub fn stdout_is(self, expected: &str) -> Run {
        assert_eq!(scrub(&self.stdout), expected, "standard output is another\n{self}");
        self
    }

    /// Standard error, whole, without what differs from run to run.
    #[track_caller]
    pub fn stderr_is(self, expected: &str) -> Run {
        assert_eq!(scrub(&self.stderr), expected, "standard error is another\n{self}");
        self
    }

    #[track_caller]
    pub fn stderr_has(self, part: &str) -> Run {
        assert!(self.stderr.contains(part), "standard error lacks `{part}`\n{self}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("standard output is no JSON ({error})\n{self}"))
    }

    /// Standard output as one JSON object a line.
    #[track_caller]
    pub fn events(&self) -> Vec<serde_json::Value> {
        let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("no JSON ({error}): {line}\n{self}"));
        self.stdout.lines().map(parse).collect()
    }
}

/// Replaces what differs from run to run: MAC addresses, process ids, interface indexes and spans of time.
pub fn scrub(text: &str) -> String {
    let rules = [
        (r"\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b", "MAC"),
        (r"\bpid [0-9]+\b", "pid PID"),
        (r"@if[0-9]+\b", "@ifN"),
        (r"\bin [0-9.]+ (us|ms|s|min)\b", "in TIME"),
        (r"time_ms.:[0-9.]+", "time_ms\":TIME"),
    ];
    rules.iter().fold(text.to_string(), |text, (pattern, with)| {
        regex_lite::Regex::new(pattern).expect("the pattern is right").replace_all(&text, *with).into_owned()
    })
}

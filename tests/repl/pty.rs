//! A terminal with labsh in it: types, and waits until the screen shows what it should.

use nix::pty::{Winsize, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};
use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long something may take on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);

/// What the editor writes when it begins to read, and when it has read: bracketed paste on and off.
const READS: &str = "\x1b[?2004h";
const HAS_READ: &str = "\x1b[?2004l";

/// How labsh is started.
pub struct Setup {
    pub rows: u16,
    pub columns: u16,
    /// Where programs are found.
    pub path: String,
    pub env: Vec<(&'static str, String)>,
    pub inputrc: &'static str,
}

impl Default for Setup {
    fn default() -> Setup {
        let env = vec![("TERM", "xterm".to_string()), ("NO_COLOR", "1".to_string())];
        Setup { rows: 24, columns: 80, path: "/bin:/usr/bin".to_string(), env, inputrc: "" }
    }
}

/// The binary under test.
pub fn labsh() -> PathBuf {
    std::env::var_os("LABSH_BIN").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_labsh")), PathBuf::from)
}

/// A new folder; who makes it removes it.
pub fn folder(name: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = std::env::temp_dir().join(format!("labsh-{name}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

pub struct Terminal {
    pub child: Child,
    columns: u16,
    master: File,
    slave: OwnedFd,
    output: Receiver<Vec<u8>>,
    parser: vt100::Parser,
    /// All that was written, for what has scrolled away.
    pub log: String,
    begun: Vec<u8>,
    home: PathBuf,
}

impl Terminal {
    /// Starts labsh in a terminal of 80×24.
    pub fn start() -> Terminal {
        Terminal::with(Setup::default())
    }

    /// Starts labsh as a session of its own.
    pub fn with(setup: Setup) -> Terminal {
        let home = folder("repl");
        if !setup.inputrc.is_empty() {
            std::fs::write(home.join(".inputrc"), setup.inputrc).expect("the folder can be written");
        }
        let size = Winsize { ws_row: setup.rows, ws_col: setup.columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(Some(&size), None).expect("there is a pty");
        let stream = || Stdio::from(pty.slave.try_clone().expect("a descriptor can be copied"));
        let mut command = Command::new(labsh());
        command.stdin(stream()).stdout(stream()).stderr(stream());
        command.env("HOME", &home).env("PATH", &setup.path).current_dir(&home);
        for name in ["XDG_STATE_HOME", "INPUTRC", "NO_COLOR", "EDITOR", "VISUAL", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        command.envs(setup.env);
        // SAFETY: only system calls between fork and exec.
        unsafe {
            command.pre_exec(|| {
                nix::unistd::setsid()?;
                nix::libc::ioctl(0, nix::libc::TIOCSCTTY as _, 0);
                Ok(())
            });
        }
        let child = command.spawn().expect("labsh starts");
        let master = File::from(pty.master);
        let mut reader = master.try_clone().expect("a descriptor can be copied");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let mut terminal = Terminal {
            child,
            master,
            slave: pty.slave,
            output,
            columns: setup.columns,
            parser: vt100::Parser::new(lines(setup.rows), lines(setup.columns), 0),
            log: String::new(),
            begun: Vec::new(),
            home,
        };
        terminal.wait("the first prompt", |t| t.last_line() == "lab>");
        terminal
    }

    /// Types as a keyboard does.
    pub fn keys(&mut self, text: &str) {
        self.master.write_all(text.as_bytes()).expect("the terminal takes input");
    }

    /// Pastes as a terminal does (bracketed paste).
    pub fn paste(&mut self, text: &str) {
        let text = text.replace('\n', "\r");
        self.keys(&format!("\x1b[200~{text}\x1b[201~"));
    }

    /// Types a line, and waits for the prompt that follows what it printed. Returns what it printed.
    pub fn line(&mut self, text: &str) -> String {
        self.act(&format!("{text}\r"))
    }

    /// Types keys that end an input, and waits for the prompt that follows. Returns what was written meanwhile.
    pub fn act(&mut self, keys: &str) -> String {
        let before = self.log.len();
        self.keys(keys);
        self.wait(&format!("the prompt after `{}`", keys.escape_debug()), |t| t.prompted(before));
        self.log[before..].to_string()
    }

    /// Whether the editor has taken an input since then, and waits for the next one.
    pub fn prompted(&self, since: usize) -> bool {
        let new = &self.log[since..];
        let reads = new.rfind(READS);
        reads.is_some() && reads > new.rfind(HAS_READ) && self.at_prompt()
    }

    /// Whether the cursor stands behind a prompt with nothing typed.
    pub fn at_prompt(&self) -> bool {
        let last = self.last_line();
        last.ends_with('>') && (last.starts_with("lab") || last.starts_with("host")) && !last.contains(' ')
    }

    /// Whether the editor has painted the line to its end: it marks what belongs together (synchronized update).
    pub fn is_settled(&self) -> bool {
        self.log.rfind("\x1b[?2026l") > self.log.rfind("\x1b[?2026h")
    }

    fn take(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        self.begun.extend_from_slice(bytes);
        // A character may come in two pieces.
        let whole = match std::str::from_utf8(&self.begun) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => self.begun.len(),
        };
        let rest = self.begun.split_off(whole);
        self.log += &String::from_utf8_lossy(&std::mem::replace(&mut self.begun, rest));
    }

    /// Waits until the screen fulfils a condition.
    pub fn wait(&mut self, what: &str, condition: impl Fn(&Terminal) -> bool) {
        let end = Instant::now() + DEADLINE;
        loop {
            while let Ok(bytes) = self.output.try_recv() {
                self.take(&bytes);
            }
            if condition(self) {
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left.min(Duration::from_millis(20))) {
                Ok(bytes) => self.take(&bytes),
                Err(_) if Instant::now() >= end => panic!("{what} did not come; the screen:\n{}", self.screen()),
                Err(_) => {}
            }
        }
    }

    /// Waits until a condition holds, or the time has passed.
    pub fn wait_for(&mut self, time: Duration, condition: impl Fn(&Terminal) -> bool) {
        let end = Instant::now() + time;
        while !condition(self) && Instant::now() < end {
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(5)) {
                self.take(&bytes);
            }
        }
    }

    pub fn wait_text(&mut self, text: &str) {
        self.wait(&format!("`{text}`"), |t| t.screen().contains(text));
    }

    /// The screen, without empty lines at the end.
    pub fn screen(&self) -> String {
        self.parser.screen().contents().trim_end().to_string()
    }

    /// The line in which the cursor stands.
    pub fn last_line(&self) -> String {
        let (row, _) = self.parser.screen().cursor_position();
        self.parser.screen().rows(0, self.columns).nth(usize::from(row)).unwrap_or_default().trim_end().to_string()
    }

    /// Whether the terminal's line discipline works as it does for a shell.
    pub fn is_cooked(&self) -> bool {
        let modes = tcgetattr(self.slave.as_fd()).expect("it is a terminal");
        modes.local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG)
    }

    /// Tells the kernel another size; it sends SIGWINCH.
    pub fn resize(&mut self, rows: u16, columns: u16) {
        self.columns = columns;
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: the pointer is to a value that lives through the call.
        unsafe { nix::libc::ioctl(self.master.as_raw_fd(), nix::libc::TIOCSWINSZ as _, &raw const size) };
        self.parser.screen_mut().set_size(lines(rows), lines(columns));
    }

    /// Waits for the end; returns the exit status.
    pub fn end(&mut self) -> Option<i32> {
        let end = Instant::now() + DEADLINE;
        loop {
            while let Ok(bytes) = self.output.try_recv() {
                self.take(&bytes);
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.code();
            }
            assert!(Instant::now() < end, "labsh does not end; the screen:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn history(&self) -> String {
        std::fs::read_to_string(self.home.join(".local/state/labsh/history")).unwrap_or_default()
    }

    pub fn home(&self) -> &std::path::Path {
        &self.home
    }
}

fn lines(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a screen has lines")
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

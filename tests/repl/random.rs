//! Keys and pastes that make no sense: nothing panics, the lab stays, the prompt comes back, and the terminal is left as it was.
//!
//! LABSH_FUZZ says how many keys (1000 if it is not set), LABSH_FUZZ_SEED where they begin. Ctrl-D, which leaves, and `!`, which would
//! run what the keys happen to spell, are left out.

use crate::pty::{Setup, Terminal};
use crate::{CTRL_C, CTRL_D};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::time::{Duration, Instant};

/// Keys between two looks whether all is well.
const ROUND: usize = 50;

/// Numbers that look random and are the same each time (xorshift64*, G. Marsaglia).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.next() % all.len()]
    }
}

/// Control keys, as a terminal sends them.
const CONTROLS: &[&str] = &[
    "\r",
    "\r",
    "\r",
    "\n",
    "\t",
    "\t",
    "\x7f",
    "\x08",
    "\x01",
    "\x02",
    "\x03",
    "\x05",
    "\x06",
    "\x07",
    "\x0b",
    "\x0c",
    "\x0e",
    "\x10",
    "\x12",
    "\x14",
    "\x15",
    "\x16",
    "\x17",
    "\x18",
    "\x19",
    "\x1a",
    "\x1b",
    "\x1c",
    "\x1f",
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1b[H",
    "\x1b[F",
    "\x1b[3~",
    "\x1bb",
    "\x1bf",
    "\x1bd",
    "\x1b[1;5C",
    "\x1b[1;5D",
    "\x1b[5~",
    "\x1b[Z",
    "\x1bOP",
];
/// What people would type.
const WORDS: &[&str] = &[
    "let a = ",
    "mark.",
    "mark.link(\"",
    "netns::add(\"r",
    "root.route.add(\"default\", #{ ",
    "ip ",
    "ip link show",
    "sudo ip netns exec mark ",
    ".show",
    ".links",
    ".trace ",
    ".watch",
    ".watch off",
    "help",
    "help(route)",
    "fn f(x) { ",
    "for i in 0..3 { ",
    "mark ping -c 1 ",
    "`${",
    "日本",
    "é",
    "😀",
    "/* ",
    "// ",
    "[1, 2",
    "#{ a: ",
    "throw \"",
    "ifconfig",
    "* ip -br addr",
    ".ns",
    ".world",
    ".time on",
];

#[test]
fn random_keys_do_no_harm() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let keys: usize = number("LABSH_FUZZ").unwrap_or(1000);
    let seed: usize = number("LABSH_FUZZ_SEED").unwrap_or(20_230_221);
    let mut numbers = Numbers(seed as u64 | 1);
    let mut t = Terminal::start();
    t.line("let mark = netns::add(\"mark\");");
    for round in 0..keys.div_ceil(ROUND) {
        let typed: Vec<String> = (0..ROUND).map(|_| key(&mut numbers)).collect();
        if numbers.next().is_multiple_of(8) {
            let (rows, columns) = (numbers.next() % 40 + 8, numbers.next() % 150 + 20);
            t.resize(rows as u16, columns as u16);
        }
        let before = t.log.len();
        for key in &typed {
            t.keys(key);
        }
        t.resize(24, 80);
        let told = format!("seed {seed}, round {round}: {typed:?}");
        let seen = |t: &Terminal| t.log[before..].contains(&format!("\n\"mark {round}\"\r\n")) && t.at_prompt();
        let begin = Instant::now();
        while !seen(&t) {
            // Out of whatever was begun, a search or a list of candidates too. What is typed together with a Ctrl-C goes with it.
            let now = t.log.len();
            t.keys(CTRL_C);
            t.wait_for(Duration::from_millis(500), |t| t.prompted(now));
            t.keys(&format!("\x15netns::get(\"mark\").name + \" {round}\"\r"));
            t.wait_for(Duration::from_secs(2), seen);
            assert!(begin.elapsed() < Duration::from_secs(20), "the prompt is stuck after {told}\n{}", t.screen());
        }
        assert!(!t.log[before..].contains("a bug in labsh") && !t.log[before..].contains("panicked"), "{told}\n{}", &t.log[before..]);
    }
    assert!(t.line("netns::list().len() > 0").contains("true"));
    t.keys(CTRL_D);
    assert_eq!(t.end(), Some(0));
    assert!(t.is_cooked());
}

#[test]
fn a_kill_amid_random_keys_leaves_the_terminal_as_it_was() {
    let mut numbers = Numbers(7);
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let mut t = Terminal::with(Setup { rows: 50, columns: 200, ..Setup::default() });
        for _ in 0..40 {
            t.keys(&key(&mut numbers));
        }
        kill(Pid::from_raw(t.child.id() as i32), signal).expect("it runs");
        assert_eq!(t.end(), Some(143), "{signal}; the screen:\n{}", t.screen());
        assert!(t.is_cooked());
    }
}

fn key(numbers: &mut Numbers) -> String {
    match numbers.next() % 20 {
        0..7 => numbers.of(CONTROLS).to_string(),
        7..11 => numbers.of(WORDS).to_string(),
        11 => {
            let lines: Vec<String> = (0..numbers.next() % 6).map(|_| text(numbers)).collect();
            format!("\x1b[200~{}\x1b[201~", lines.join("\r"))
        }
        _ => printable(numbers).to_string(),
    }
}

fn text(numbers: &mut Numbers) -> String {
    (0..numbers.next() % 30)
        .map(|_| if numbers.next().is_multiple_of(6) { numbers.of(WORDS).to_string() } else { printable(numbers).to_string() })
        .collect()
}

fn printable(numbers: &mut Numbers) -> char {
    loop {
        let c = char::from(b' ' + (numbers.next() % 95) as u8);
        if c != '!' {
            return c;
        }
    }
}

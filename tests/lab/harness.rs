//! Trials named as claims, what each needs, and waiting for conditions. A trial whose program is missing is ignored with the
//! reason; with LABSH_TESTS_NEED_ALL=1 it fails.

use libtest_mimic::{Completion, Failed, Trial};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// All trials, in the order of the index.
#[derive(Default)]
pub struct Suite(pub Vec<Trial>);

impl Suite {
    /// Adds a claim. Among `needs`, `root` is the user, everything else a program.
    pub fn claim(&mut self, module: &str, name: &str, needs: &'static [&'static str], test: impl FnOnce() + Send + 'static) {
        let module = module.rsplit("::").next().unwrap_or(module);
        self.0.push(Trial::ignorable_test(format!("{module}::{name}"), move || {
            if needs.contains(&"root") && !is_root() {
                return Ok(Completion::ignored_with("needs root"));
            }
            let missing: Vec<&str> = needs.iter().copied().filter(|need| *need != "root" && find_program(need).is_none()).collect();
            if !missing.is_empty() {
                let reason = format!("needs {}, which this machine does not have", missing.join(" and "));
                return if need_all() { Err(Failed::from(reason)) } else { Ok(Completion::ignored_with(reason)) };
            }
            test();
            Ok(Completion::Completed)
        }));
    }
}

/// Adds functions as claims: `claims! { suite: a_name; another_name needs "ip" "root"; }`.
macro_rules! claims {
    ($suite:ident: $($name:ident $(needs $($need:literal)+)?;)+) => {
        $($suite.claim(module_path!(), stringify!($name), &[$($($need),+)?], $name);)+
    };
}
pub(crate) use claims;

fn need_all() -> bool {
    std::env::var("LABSH_TESTS_NEED_ALL").is_ok_and(|value| value == "1")
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    nix::unistd::getuid().is_root()
}

/// Where programs are looked for: ordinary users often have no sbin in their PATH.
pub fn search_path() -> String {
    let own = std::env::var("PATH").unwrap_or_default();
    format!("{own}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin")
}

/// Finds a program.
pub fn find_program(name: &str) -> Option<PathBuf> {
    search_path().split(':').map(|folder| Path::new(folder).join(name)).find(|path| path.is_file())
}

/// Asks until the condition holds; fails with what was last seen.
#[track_caller]
pub fn eventually(what: &str, within: Duration, mut condition: impl FnMut() -> Result<(), String>) {
    let begin = Instant::now();
    loop {
        match condition() {
            Ok(()) => return,
            Err(seen) if begin.elapsed() >= within => panic!("{what}: not within {within:?}; last seen: {seen}"),
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// Claims that something takes less time than this: the best of a few attempts, since the machine may be busy with something else.
#[track_caller]
pub fn at_best_within(what: &str, bound: Duration, mut attempt: impl FnMut() -> Duration) {
    let mut seen = Vec::new();
    for _ in 0..5 {
        let took = attempt();
        if took < bound {
            return;
        }
        seen.push(took);
    }
    panic!("{what} takes {seen:?}, and is to take less than {bound:?}");
}

/// Small random numbers that are the same in each run (xorshift64); LABSH_TESTS_SEED gives others.
pub struct Chance(u64);

impl Chance {
    pub fn new() -> Chance {
        let seed = std::env::var("LABSH_TESTS_SEED").ok().and_then(|text| text.parse().ok());
        Chance(seed.unwrap_or(20_240_229_u64).max(1))
    }

    /// Begins elsewhere; small seeds differ in few bits.
    pub fn seeded(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).max(1))
    }

    /// Returns a number below the bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// How often a trial with an element of chance is repeated: LABSH_TESTS_TIMES, or the usual number.
pub fn times(usual: usize) -> usize {
    std::env::var("LABSH_TESTS_TIMES").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

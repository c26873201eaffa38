//! End-to-end tests: each trial runs the built binary in a sandbox of its own and is named as what it claims.
//!
//! - `language`: every example of the reference runs, and every word has one.
//! - `witness`: what is set through labsh is what `ip -j` and `bridge -j` see, and the other way round; `--trace` is the truth.
//! - `probes`: ping, TCP and HTTP say what the network did, with errno and sender.
//! - `programs`: exec, shell and start keep streams, status, deadline and namespace apart, and leave no process.
//! - `world`: the sandbox is private, takes signals, and nothing is left of it after any death.
//! - `host`: the host world gives the machine back as it was.
//! - `journal`: what a run of the host world was killed over, `labsh clean` takes away, and nothing else.
//! - `named`: labs that stay: entered, listed, taken down wholly, and by nobody but their owner.
//! - `topology`: what is drawn reaches all of itself, and nothing is left of it when it fails.
//! - `torture`: random commands, deaths and stops leave nothing.
//! - `refusals`: where no sandbox can be entered, the very reason is told.
//! - `cli`: options, exit statuses, JSON, colour, the scripts and the reference.
//!
//! LABSH_BIN names another binary than the one that cargo built, LABSH_TESTS_DIR another copy of this folder; LABSH_TESTS_NEED_ALL=1 lets a trial fail, not be ignored, when a
//! program is missing; LABSH_TESTS_TIMES and LABSH_TESTS_SEED are for the trials with an element of chance, LABSH_TESTS_LABS for the number of
//! labs that are up at once, LABSH_TESTS_CALLS=all for each call at which a run of the host world is killed, LABSH_TORTURE=STEPS:SEED.

#[path = "lab/cli.rs"]
mod cli;
#[path = "lab/harness.rs"]
mod harness;
#[path = "lab/host.rs"]
mod host;
#[path = "lab/journal.rs"]
mod journal;
#[path = "lab/language.rs"]
mod language;
#[path = "lab/named.rs"]
mod named;
#[path = "lab/outside.rs"]
mod outside;
#[path = "lab/probes.rs"]
mod probes;
#[path = "lab/programs.rs"]
mod programs;
#[path = "lab/refusals.rs"]
mod refusals;
#[path = "lab/run.rs"]
mod run;
#[path = "lab/topology.rs"]
mod topology;
#[path = "lab/torture.rs"]
mod torture;
#[path = "lab/witness.rs"]
mod witness;
#[path = "lab/world.rs"]
mod world;

use libtest_mimic::Arguments;

fn main() {
    let mut suite = harness::Suite::default();
    language::trials(&mut suite);
    witness::trials(&mut suite);
    probes::trials(&mut suite);
    programs::trials(&mut suite);
    world::trials(&mut suite);
    host::trials(&mut suite);
    journal::trials(&mut suite);
    named::trials(&mut suite);
    topology::trials(&mut suite);
    torture::trials(&mut suite);
    refusals::trials(&mut suite);
    cli::trials(&mut suite);
    let conclusion = libtest_mimic::run(&Arguments::from_args(), suite.0);
    run::clean();
    conclusion.exit();
}

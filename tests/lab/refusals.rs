//! Where a sandbox cannot be entered: the very reason is told, with its own way out, and the exit status is 3. Each is provoked in
//! an outer user namespace.

use super::harness::{Suite, claims};
use super::run::{Lab, Run};

pub fn trials(suite: &mut Suite) {
    claims! { suite:
        no_user_namespaces_are_allowed needs "unshare" "setpriv";
        no_network_namespaces_are_allowed needs "unshare";
        a_masked_proc needs "unshare" "mount";
        a_seccomp_filter needs "python3";
        the_doctor_says_the_same needs "unshare" "setpriv";
    }
}

fn refused(words: &[&str], inside: &[&str], message: &str) -> Run {
    Lab::command(words).file("script.rhai", "print(1);").inside(inside).run().status_is(3).stdout_is("").stderr_is(message)
}

/// As root, labsh does without a user namespace; so it has no capability either.
const NO_USER: &str = r#"echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$@""#;

fn no_user_namespaces_are_allowed() {
    refused(
        &["run", "script.rhai"],
        &["unshare", "-Ur", "sh", "-c", NO_USER, "sh"],
        "error: cannot enter a sandbox
  = No space left on device (ENOSPC)
  = the step that failed: create new namespaces
  = this machine allows no user namespaces (user.max_user_namespaces = 0)
  = try: sudo sysctl user.max_user_namespaces=10000, or run labsh with sudo
",
    );
}

fn no_network_namespaces_are_allowed() {
    refused(
        &["run", "script.rhai"],
        &["unshare", "-Ur", "sh", "-c", r#"echo 0 > /proc/sys/user/max_net_namespaces; exec "$@""#, "sh"],
        "error: cannot enter a sandbox
  = No space left on device (ENOSPC)
  = the step that failed: create new namespaces
  = the limit on namespaces is reached (user.max_net_namespaces = 0)
  = try: sudo sysctl user.max_net_namespaces=10000, or run labsh with sudo
",
    );
}

/// As a container does: a part of /proc is covered, and the user is not root.
fn a_masked_proc() {
    let outer = r#"mount --bind /dev/null /proc/uptime && exec unshare -U --map-user=1000 --map-group=1000 "$@""#;
    refused(
        &["run", "script.rhai"],
        &["unshare", "-Urmpf", "--mount-proc", "sh", "-c", outer, "sh"],
        "error: cannot enter a sandbox
  = Operation not permitted (EPERM)
  = the step that failed: mount a private /proc
  = a container hides parts of /proc, and the kernel then refuses a new one
  = try: docker run --security-opt systempaths=unconfined, or --privileged
",
    );
}

/// clone(2) with any flag of a new namespace fails with EPERM, as under Docker's filter.
const FILTER: &str = r#"
import ctypes, os, platform, struct, sys
clone = {"x86_64": 56, "aarch64": 220}[platform.machine()]
code = [(0x20, 0, 0, 0), (0x15, 0, 3, clone), (0x20, 0, 0, 16), (0x45, 0, 1, 0x7e020000), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7fff0000)]
filter = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in code))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(filter)))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(program), 0, 0): sys.exit(99)
os.execv(sys.argv[1], sys.argv[1:])
"#;

fn a_seccomp_filter() {
    refused(
        &["run", "script.rhai"],
        &["python3", "-c", FILTER],
        "error: cannot enter a sandbox
  = Operation not permitted (EPERM)
  = the step that failed: create new namespaces
  = a container's seccomp filter or security module forbids new namespaces
  = try: docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined, or run labsh with sudo
",
    );
}

fn the_doctor_says_the_same() {
    let run = Lab::command(&["doctor"]).inside(&["unshare", "-Ur", "sh", "-c", NO_USER, "sh"]).run().status_is(3);
    let line = "world    sandbox          no   No space left on device (ENOSPC); this machine allows no user namespaces (user.max_user_namespaces = 0) (try: sudo sysctl user.max_user_namespaces=10000, or run labsh with sudo)\n";
    assert!(run.stdout.ends_with(line), "{run}");
    let run = Lab::command(&["doctor"]).option("--json").inside(&["unshare", "-Ur", "sh", "-c", NO_USER, "sh"]).run().status_is(3);
    let last = run.events().pop().expect("a row");
    assert_eq!((last["name"].as_str(), last["ok"].as_bool()), (Some("sandbox"), Some(false)), "{run}");
    assert_eq!(last["hint"].as_str(), Some("sudo sysctl user.max_user_namespaces=10000, or run labsh with sudo"), "{run}");
}

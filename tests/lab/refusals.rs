//! Where a sandbox cannot be entered: the very reason is told, with its own way out, and the exit status is 3. Each is provoked in
//! an outer user namespace.

use super::harness::{Suite, claims, is_root};
use super::run::{Lab, Run};

pub fn trials(suite: &mut Suite) {
    claims! { suite:
        no_user_namespaces_are_allowed needs "unshare" "setpriv";
        no_network_namespaces_are_allowed needs "unshare";
        a_masked_proc needs "unshare" "mount";
        a_seccomp_filter needs "python3";
        what_other_machines_refuse needs "unshare" "mount" "python3";
        no_tun_device needs "unshare" "mount";
        a_program_on_a_noexec_mount needs "unshare" "mount";
        the_doctor_tells_all_that_it_tried;
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
  = root would need no user namespace, but this process lacks CAP_SYS_ADMIN
  = try: sudo sysctl user.max_user_namespaces=10000, or docker run --cap-add SYS_ADMIN --cap-add NET_ADMIN
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
  = try: sudo sysctl user.max_net_namespaces=10000
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

const FILTERED: &str = "error: cannot enter a sandbox
  = Operation not permitted (EPERM)
  = the step that failed: create new namespaces
";

fn a_seccomp_filter() {
    let way_out = "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined";
    let other = if is_root() { "" } else { ", or run labsh with sudo" };
    let why = "a container's seccomp filter or security module forbids new namespaces";
    refused(&["run", "script.rhai"], &["python3", "-c", FILTER], &format!("{FILTERED}  = {why}\n  = try: {way_out}{other}\n"));
    if is_root() {
        // As Docker has it: root, with a filter and without the capability.
        let words = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin", "python3", "-c", FILTER];
        let lacks = "root would need no user namespace, but this process lacks CAP_SYS_ADMIN";
        let other = ", or docker run --cap-add SYS_ADMIN --cap-add NET_ADMIN";
        refused(&["run", "script.rhai"], &words, &format!("{FILTERED}  = {why}\n  = {lacks}\n  = try: {way_out}{other}\n"));
    }
}

/// The settings and names of other machines, played by files over those of /proc; the filter refuses as they would.
fn what_other_machines_refuse() {
    for (file, text, why, way_out) in [
        (
            "/proc/sys/kernel/unprivileged_userns_clone",
            "0",
            "this machine lets only root create user namespaces (kernel.unprivileged_userns_clone = 0)",
            "sudo sysctl kernel.unprivileged_userns_clone=1",
        ),
        (
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "AppArmor takes the rights away in user namespaces (kernel.apparmor_restrict_unprivileged_userns = 1)",
            "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        (
            "/proc/sys/kernel/osrelease",
            "4.4.0-19041-Microsoft",
            "WSL 1 has no namespaces of its own: it is no Linux kernel",
            "wsl --set-version DISTRIBUTION 2, in a Windows terminal",
        ),
        (
            "/proc/version",
            "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016",
            "gVisor stands in for the kernel here, and has no network namespaces to give",
            "docker run --runtime=runc",
        ),
    ] {
        let outer = format!(
            "echo '{text}' > text && {{ if test {file} = /proc/version; then mount --bind text {file}; else mount -t tmpfs tmpfs /proc/sys/kernel && cp text {file}; fi; }} && exec python3 -c \"$0\" \"$@\""
        );
        refused(
            &["run", "script.rhai"],
            &["unshare", "-Urm", "sh", "-c", &outer, FILTER],
            &format!("{FILTERED}  = {why}\n  = try: {way_out}\n"),
        );
    }
}

fn no_tun_device() {
    let outer = "mount -t tmpfs tmpfs /dev/net && exec \"$@\"";
    let inside = ["unshare", "-Urm", "sh", "-c", outer, "sh"];
    let script = "link::add(\"t0\", \"tun\");";
    let run = Lab::command(&["run", "script.rhai"]).file("script.rhai", script).inside(&inside).run().status_is(1).stdout_is("");
    run.stderr_has(
        "error: cannot add tun link `t0` in netns `root`
",
    )
    .stderr_has("\n  = this machine has no /dev/net/tun\n");
    let run = Lab::command(&["doctor"]).inside(&inside).run().ok();
    let line = "device   /dev/net/tun     no   there is no /dev/net/tun (try: sudo modprobe tun; in a container: docker run --device /dev/net/tun)\n";
    assert!(run.stdout.contains(line), "{run}");
}

/// A program of a file system that is mounted so that none may run.
fn a_program_on_a_noexec_mount() {
    let outer = "mkdir m && mount -t tmpfs -o noexec,nosuid tmpfs m && cp /bin/true m/ && exec \"$@\"";
    let script = "exec(\"m/true\");";
    let run = Lab::command(&["-q", "run", "script.rhai"]).file("script.rhai", script).inside(&["unshare", "-Urm", "sh", "-c", outer, "sh"]);
    run.run().status_is(1).stdout_is("").stderr_has("\n  = the file system of `m/true` is mounted `noexec`: no program of it may run\n");
}

fn the_doctor_tells_all_that_it_tried() {
    let run = Lab::command(&["doctor"]).run().ok().stderr_is("");
    let line = |group: &str, name: &str| {
        let found = run.stdout.lines().find(|line| line.starts_with(&format!("{group:<8} {name:<16} ")));
        found.unwrap_or_else(|| panic!("no line of {group} {name}\n{run}")).to_string()
    };
    for (group, name) in [("world", "sandbox"), ("link", "veth"), ("link", "bridge"), ("script", "article")] {
        assert!(line(group, name).ends_with(" yes"), "{run}");
    }
    let rows = Lab::command(&["doctor"]).option("--json").run().ok().events();
    assert_eq!(rows.len() + 1, run.stdout.lines().count(), "{run}");
    for row in rows {
        let (group, name) = (row["group"].as_str().unwrap(), row["name"].as_str().unwrap());
        let missing = row["ok"] == false;
        assert_eq!(line(group, name).split_whitespace().any(|word| word == "no"), missing, "{row}\n{run}");
        if missing && ["link", "qdisc", "nftables"].contains(&group) {
            let hint = row["hint"].as_str().unwrap_or_else(|| panic!("no way out in {row}"));
            assert!(hint.contains("modprobe ") || hint.contains("a kernel with CONFIG_"), "{row}");
        }
    }
}

fn the_doctor_says_the_same() {
    let run = Lab::command(&["doctor"]).inside(&["unshare", "-Ur", "sh", "-c", NO_USER, "sh"]).run().status_is(3);
    let line = "world    sandbox          no   No space left on device (ENOSPC); root would need no user namespace, but this process lacks CAP_SYS_ADMIN (try: sudo sysctl user.max_user_namespaces=10000, or docker run --cap-add SYS_ADMIN --cap-add NET_ADMIN)\nscript   article          no   there is no world to run it in\n";
    assert!(run.stdout.ends_with(line), "{run}");
    let run = Lab::command(&["doctor"]).option("--json").inside(&["unshare", "-Ur", "sh", "-c", NO_USER, "sh"]).run().status_is(3);
    let rows = run.events();
    let last = rows.iter().find(|row| row["name"] == "sandbox").expect("a row");
    assert_eq!((last["name"].as_str(), last["ok"].as_bool()), (Some("sandbox"), Some(false)), "{run}");
    assert_eq!(
        last["hint"].as_str(),
        Some("sudo sysctl user.max_user_namespaces=10000, or docker run --cap-add SYS_ADMIN --cap-add NET_ADMIN"),
        "{run}"
    );
}

//! Why a machine refuses a sandbox: the very knob that forbids it, and the ways out.

use super::host;
use crate::error::Error;
use crate::kernel::Failure;
use nix::errno::Errno;
use nix::unistd::getuid;
use std::fs;

/// A setting of the machine that can forbid user namespaces.
struct Knob {
    file: &'static str,
    forbids: fn(&str) -> bool,
    says: &'static str,
    way_out: &'static str,
}

/// A system that is no Linux kernel, or only looks like one.
struct System {
    file: &'static str,
    mark: &'static str,
    says: &'static str,
    way_out: &'static str,
}

const SYSTEMS: [System; 2] = [
    System {
        file: "/proc/sys/kernel/osrelease",
        // WSL 2 has a kernel of its own, and calls it `microsoft`.
        mark: "-Microsoft",
        says: "WSL 1 has no namespaces of its own: it is no Linux kernel",
        way_out: "wsl --set-version DISTRIBUTION 2, in a Windows terminal",
    },
    System {
        file: "/proc/version",
        // The version that gVisor gives to all programs (pkg/sentry/kernel/version.go).
        mark: "Sun Jan 10 15:06:54 PST 2016",
        says: "gVisor stands in for the kernel here, and has no network namespaces to give",
        way_out: "docker run --runtime=runc",
    },
];

const KNOBS: [Knob; 3] = [
    Knob {
        file: "/proc/sys/kernel/unprivileged_userns_clone",
        forbids: |value| value == "0",
        says: "this machine lets only root create user namespaces (kernel.unprivileged_userns_clone = 0)",
        way_out: "sudo sysctl kernel.unprivileged_userns_clone=1",
    },
    Knob {
        file: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        forbids: |value| value == "1",
        says: "AppArmor takes the rights away in user namespaces (kernel.apparmor_restrict_unprivileged_userns = 1)",
        way_out: "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    },
    Knob {
        file: "/proc/sys/user/max_user_namespaces",
        forbids: |value| value == "0",
        says: "this machine allows no user namespaces (user.max_user_namespaces = 0)",
        way_out: "sudo sysctl user.max_user_namespaces=10000",
    },
];

/// Makes the error for a step of entering a sandbox.
pub(super) fn explain(step: &str, failure: &Failure) -> Error {
    let error = failure.doing("enter a sandbox", "").because(format!("the step that failed: {step}"));
    if let Some(system) = SYSTEMS.iter().find(|system| fs::read_to_string(system.file).is_ok_and(|text| text.contains(system.mark))) {
        return error.because(system.says).hint(system.way_out);
    }
    if !matches!(failure.errno(), Errno::EPERM | Errno::ENOSPC | Errno::EUSERS | Errno::EACCES) {
        return error;
    }
    if let Some(knob) = KNOBS.iter().find(|knob| fs::read_to_string(knob.file).is_ok_and(|value| (knob.forbids)(value.trim()))) {
        return otherwise(error.because(knob.says), knob.way_out);
    }
    // ENOSPC is the limit on namespaces, not a full disk (namespaces(7)).
    if (failure.is(Errno::ENOSPC) || failure.is(Errno::EUSERS))
        && let Some((limit, knob)) = lowest_limit()
    {
        return otherwise(
            error.because(format!("the limit on namespaces is reached ({knob} = {limit})")),
            &format!("sudo sysctl {knob}=10000"),
        );
    }
    if step.contains("/proc") {
        return error
            .because("a container hides parts of /proc, and the kernel then refuses a new one")
            .hint("docker run --security-opt systempaths=unconfined, or --privileged");
    }
    let error = error.because("a container's seccomp filter or security module forbids new namespaces");
    otherwise(error, "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined")
}

/// The way out, or the other one: root needs no user namespace, but a capability that containers take away from it.
fn otherwise(error: Error, way_out: &str) -> Error {
    match getuid().is_root() {
        false => error.hint(format!("{way_out}, or run labsh with sudo")),
        true if host::capable(host::CAP_SYS_ADMIN) => error.hint(way_out),
        true => error
            .because("root would need no user namespace, but this process lacks CAP_SYS_ADMIN")
            .hint(format!("{way_out}, or docker run --cap-add SYS_ADMIN --cap-add NET_ADMIN")),
    }
}

/// The lowest of the limits on the kinds of namespaces that a sandbox has.
fn lowest_limit() -> Option<(u64, String)> {
    let kinds = ["user", "net", "mnt", "pid", "uts", "ipc"];
    let limit = |kind: &&str| {
        let knob = format!("max_{kind}_namespaces");
        let value = fs::read_to_string(format!("/proc/sys/user/{knob}")).ok()?;
        Some((value.trim().parse().ok()?, format!("user.{knob}")))
    };
    // The first of equals: user namespaces are what is limited most often.
    kinds.iter().filter_map(limit).min_by_key(|(value, _)| *value)
}

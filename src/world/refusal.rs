//! Why a machine refuses a sandbox: the very knob that forbids it, and the ways out.

use crate::error::Error;
use crate::kernel::Failure;
use nix::errno::Errno;
use std::fs;

/// A setting of the machine that can forbid user namespaces.
struct Knob {
    file: &'static str,
    forbids: fn(&str) -> bool,
    says: &'static str,
    way_out: &'static str,
}

const KNOBS: [Knob; 3] = [
    Knob {
        file: "/proc/sys/kernel/unprivileged_userns_clone",
        forbids: |value| value == "0",
        says: "this machine lets only root create user namespaces (kernel.unprivileged_userns_clone = 0)",
        way_out: "sudo sysctl kernel.unprivileged_userns_clone=1, or run labsh with sudo",
    },
    Knob {
        file: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        forbids: |value| value == "1",
        says: "AppArmor takes the rights away in user namespaces (kernel.apparmor_restrict_unprivileged_userns = 1)",
        way_out: "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run labsh with sudo",
    },
    Knob {
        file: "/proc/sys/user/max_user_namespaces",
        forbids: |value| value == "0",
        says: "this machine allows no user namespaces (user.max_user_namespaces = 0)",
        way_out: "sudo sysctl user.max_user_namespaces=10000, or run labsh with sudo",
    },
];

/// Makes the error for a step of entering a sandbox.
pub(super) fn explain(step: &str, failure: &Failure) -> Error {
    let error = failure.doing("enter a sandbox", "").because(format!("the step that failed: {step}"));
    if !matches!(failure.errno(), Errno::EPERM | Errno::ENOSPC | Errno::EUSERS | Errno::EACCES) {
        return error;
    }
    if let Some(knob) = KNOBS.iter().find(|knob| fs::read_to_string(knob.file).is_ok_and(|value| (knob.forbids)(value.trim()))) {
        return error.because(knob.says).hint(knob.way_out);
    }
    // ENOSPC is the limit on namespaces, not a full disk (namespaces(7)).
    if (failure.is(Errno::ENOSPC) || failure.is(Errno::EUSERS))
        && let Some((limit, knob)) = lowest_limit()
    {
        return error
            .because(format!("the limit on namespaces is reached ({knob} = {limit})"))
            .hint(format!("sudo sysctl {knob}=10000, or run labsh with sudo"));
    }
    if step.contains("/proc") {
        return error
            .because("a container hides parts of /proc, and the kernel then refuses a new one")
            .hint("docker run --security-opt systempaths=unconfined, or --privileged");
    }
    error
        .because("a container's seccomp filter or security module forbids new namespaces")
        .hint("docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined, or run labsh with sudo")
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

//! `labsh tc` and `labsh bridge` beside the real ones: each sequence of tests/tc/ is run twice in a fresh sandbox, once by the programs of
//! iproute2 and once by labsh called by their names. Exit statuses, standard output, standard error and the state at the end, as the real
//! programs tell it, must be the same; usages, which labsh has in its own words, are left out.
//!
//! `# needs: a b` at the head names features of the kernel; a sequence whose feature is missing is ignored, with the reason. `# lacks: a` is
//! for kernels without it. LABSH_BIN names another binary than the one that cargo built, LABSH_TESTS_DIR another folder than tests.

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What stands before each sequence: two pairs, of which one end each is a port of a bridge. Without IPv6 nothing is sent by itself.
const STAGE: &str = r#"
for f in all default; do echo 1 > /proc/sys/net/ipv6/conf/$f/disable_ipv6; done
/sbin/ip link add br0 address 02:00:00:00:00:10 type bridge mcast_snooping 0
/sbin/ip link add eth0 address 02:00:00:00:00:01 type veth peer name eth1 address 02:00:00:00:00:02
/sbin/ip link add eth2 address 02:00:00:00:00:03 type veth peer name eth3 address 02:00:00:00:00:04
for l in eth0 eth2; do /sbin/ip link set $l master br0; done
for l in br0 eth0 eth1 eth2 eth3; do /sbin/ip link set $l up; done
tries=0
while [ "$(/sbin/bridge link | grep -c forwarding)" != 2 ] && [ $tries -lt 200 ]; do tries=$((tries + 1)); sleep 0.05; done
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
"#;

/// The state at the end, told by the real programs.
const STATE: &str = r#"
echo '## state'
for d in eth0 eth1 eth2; do
  /sbin/tc -j -s -d qdisc show dev $d; /sbin/tc -s -d class show dev $d; /sbin/tc -s -d filter show dev $d
  /sbin/tc -d filter show dev $d ingress; /sbin/tc -d filter show dev $d egress
done
/sbin/bridge -j -d link; /sbin/bridge fdb | sort; /sbin/bridge -d mdb | sort; /sbin/bridge vlan
"#;

const FEATURES: &str = r#"
/sbin/ip link add name e0 numtxqueues 4 type veth peer name f0; /sbin/ip link set e0 up
for q in netem fq_codel fq sfq prio codel cake hfsc drr qfq pie fq_pie hhf sfb multiq skbprio plug; do /sbin/tc qdisc add dev e0 root $q && echo $q; /sbin/tc qdisc del dev e0 root; done
red="limit 60KB avpkt 1000 bandwidth 10mbit"
for q in "red $red" "choke limit 100 bandwidth 10mbit" "gred setup vqs 2 default 1" "ets bands 2" "cbs" "etf clockid CLOCK_TAI" \
  "taprio num_tc 1 map 0 queues 1@0 base-time 1 sched-entry S 01 300000 clockid CLOCK_TAI" "mqprio num_tc 1 map 0 queues 1@0 hw 0"; do
  /sbin/tc qdisc add dev e0 root handle 1: $q && echo ${q%% *}; /sbin/tc qdisc del dev e0 root
done
/sbin/tc qdisc add dev e0 clsact
/sbin/tc filter add dev e0 egress matchall classid 1:1 && echo matchall
/sbin/tc filter add dev e0 egress protocol ip flower dst_ip 1.2.3.4 && echo flower
/sbin/tc filter add dev e0 egress protocol ip handle 6 fw classid 1:1 && echo fw
/sbin/tc filter add dev e0 egress protocol ip u32 match u32 0 0 action pass && echo gact
/sbin/tc filter add dev e0 egress protocol ip u32 match u32 0 0 action police rate 1mbit burst 10k && echo police
f="/sbin/tc filter add dev e0 egress protocol ip"
for k in basic "route to 1"; do $f $k classid 1:1 && echo ${k%% *}; done
$f handle 1: cgroup && echo cgroup; $f handle 1 flow hash keys src divisor 2 && echo flow
u="$f u32 match u32 0 0 action"
for a in "skbedit mark 1" "pedit munge ip ttl set 3" "csum ip" "tunnel_key unset" "sample rate 1 group 1" "simple sdata x" connmark ctinfo "ct clear" \
  "skbmod swap mac" "ife decode" "gate sched-entry open 1000000"; do $u $a && echo ${a%% *}; done
$u vlan pop && echo vlan_action; $u mpls dec_ttl && echo mpls_action; $u nat ingress 1.1.1.1 2.2.2.2 && echo nat_action
$u bpf bytecode "1,6 0 0 1" && echo bpf_action
/sbin/ip link add name filters type bridge vlan_filtering 1 && echo vlan_filtering
"#;

fn labsh() -> PathBuf {
    std::env::var_os("LABSH_BIN").map_or_else(|| env!("CARGO_BIN_EXE_labsh").into(), PathBuf::from)
}

fn folder() -> PathBuf {
    let tests = std::env::var_os("LABSH_TESTS_DIR").map(PathBuf::from);
    tests.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")).join("tc")
}

/// Runs a shell script in a sandbox.
fn sandbox(script: &str, path: &str) -> Result<String, Failed> {
    let output = Command::new(labsh()).args(["sandbox", "sh", "-c", script]).env("PATH", path).output();
    let output = output.map_err(|error| Failed::from(format!("labsh cannot be started: {error}")))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!("the sandbox failed: {stderr}").into()),
    }
}

/// The script of a sequence: after each line its status, what it said and what it said on standard error, up to a usage.
fn script(lines: &str) -> String {
    let mut script = STAGE.to_string();
    for line in lines.lines().filter(|line| !line.starts_with('#')) {
        let told = line.replace('\'', "'\\''");
        script += &format!(
            "echo '## {told}'\n{{ {line}\n}} >out 2>err </dev/null; echo \"status $?\"\ncat out; sed -n '/^Usage/q;s/^/! /p' err\n"
        );
    }
    script + STATE + "exit 0\n"
}

/// Takes out what differs from one run to the next: handles that the kernel chose, ages and timers.
fn scrub(text: &str) -> String {
    let chosen = |word: &str| {
        let digits = word.get(..4).is_some_and(|four| four.starts_with('8') && four.chars().all(|c| c.is_ascii_hexdigit()));
        digits && word[4..].starts_with(':')
    };
    let text = aged(text);
    // Between spaces and quotes, so that it is found in JSON, too.
    let words = text.split_inclusive([' ', '"', '\n']);
    words.map(|word| if chosen(word) { format!("8xxx{}", &word[4..]) } else { word.to_string() }).collect()
}

/// Without how long ago something was made and used, which is not told at all where it was in this very tick of the clock.
fn aged(text: &str) -> String {
    let mut out = text.to_string();
    for (before, after) in
        [(" installed ", " sec"), (" used ", " sec"), (" expires ", " sec"), (",\"installed\":", ""), (",\"last_used\":", "")]
    {
        let parts: Vec<&str> = out.split(before).collect();
        let rest = parts[1..].iter().map(|part| {
            let digits = part.trim_start_matches(|c: char| c.is_ascii_digit());
            digits.strip_prefix(after).map_or_else(|| format!("{before}{part}"), str::to_string)
        });
        out = parts[0].to_string() + &rest.collect::<String>();
    }
    out
}

/// Compares a sequence. Counters and carriers move by themselves, so what differs once may be that; what differs three times is labsh's.
fn check(lines: &str, programs: &Path) -> Result<(), Failed> {
    check_once(lines, programs).or_else(|_| check_once(lines, programs)).or_else(|_| check_once(lines, programs))
}

fn check_once(lines: &str, programs: &Path) -> Result<(), Failed> {
    let script = script(lines);
    let usual = "/usr/sbin:/usr/bin:/sbin:/bin";
    let real = scrub(&sandbox(&script, usual)?);
    let ours = scrub(&sandbox(&script, &format!("{}:{usual}", programs.display()))?);
    if real == ours {
        return Ok(());
    }
    // Command by command.
    let parts = |text: &str| text.split("## ").map(str::to_string).collect::<Vec<String>>();
    let differ: Vec<String> = parts(&real)
        .into_iter()
        .zip(parts(&ours))
        .filter(|(real, ours)| real != ours)
        .map(|(real, ours)| format!("--- iproute2\n{real}--- labsh\n{ours}"))
        .collect();
    Err(differ.join("\n").into())
}

fn main() {
    let arguments = Arguments::from_args();
    let missing = ["/sbin/tc", "/sbin/ip", "/sbin/bridge"].into_iter().find(|program| !Path::new(program).exists());
    let known: BTreeSet<String> = match missing {
        Some(_) => BTreeSet::new(),
        None => sandbox(&format!("{{ {FEATURES} }} 2>/dev/null; exit 0"), "/usr/sbin:/usr/bin:/sbin:/bin")
            .unwrap_or_default()
            .lines()
            .map(str::to_string)
            .collect(),
    };
    // labsh by the names of the programs.
    let programs = std::env::temp_dir().join(format!("labsh-tc-{}", std::process::id()));
    let _ = std::fs::create_dir_all(&programs);
    let binary = std::fs::canonicalize(labsh()).unwrap_or_else(|_| labsh());
    for name in ["tc", "bridge"] {
        let _ = std::os::unix::fs::symlink(&binary, programs.join(name));
    }
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder()).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    names.sort();
    let mut trials = Vec::new();
    for path in names.into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "sh")) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let lines = std::fs::read_to_string(&path).unwrap_or_default();
        let said = |key: &str| lines.lines().find_map(|line| line.strip_prefix(key).map(str::to_string)).unwrap_or_default();
        let (needs, lacks) = (said("# needs: "), said("# lacks: "));
        let reason = missing.map(|program| format!("this machine has no {program}"));
        let reason = reason
            .or_else(|| needs.split_whitespace().find(|need| !known.contains(*need)).map(|need| format!("this kernel has no {need}")));
        let reason = reason
            .or_else(|| lacks.split_whitespace().find(|lack| known.contains(*lack)).map(|lack| format!("for kernels without {lack}")));
        let programs = programs.clone();
        trials.push(Trial::ignorable_test(name, move || match reason {
            Some(reason) => Ok(Completion::ignored_with(reason)),
            None => check(&lines, &programs).map(|()| Completion::Completed),
        }));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let _ = std::fs::remove_dir_all(&programs);
    conclusion.exit();
}

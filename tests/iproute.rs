//! `labsh ip` against the real `ip`: each sequence of tests/iproute is run twice, each time in a sandbox of its own, with the real programs
//! and with labsh called by their names first in PATH. Compared are every command's exit status and what it wrote, and, as the real program
//! tells it, what there is in the end.
//!
//! The words are those of iproute2 6.1; where the machine has another one, which words its own differently, the statuses and the end are
//! compared. A sequence says with `# needs:` which kinds of links it makes; a kernel that lacks one ignores it, with the reason. One that
//! says `# lacks:` is for kernels without.

use libtest_mimic::{Arguments, Failed, Trial};
use regex_lite::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

/// The version whose words labsh speaks.
const WORDS_OF: &str = "iproute2-6.1.";

/// Runs each line of its input, and writes the line, the exit status and both outputs, with marks between them. Names of links that the
/// kernel makes by itself, and addresses that come when a link is up, would come when they like.
const DRIVER: &str = r#"
echo 1 > /proc/sys/net/ipv6/conf/default/addr_gen_mode
mkdir -p /run/driver
while IFS= read -r line; do
    case $line in ''|'#'*) continue ;; esac
    sh -c "$line" > /run/driver/out 2> /run/driver/err < /dev/null
    status=$?
    printf '\036%s\037%s\037' "$line" "$status"
    cat /run/driver/out
    printf '\037'
    cat /run/driver/err
done
"#;

/// What there is in the end, as the real program tells it.
const END: &[&str] = &[
    "REAL -d -j link",
    "REAL -j addr",
    "REAL route show table all",
    "REAL -6 route show table all",
    "REAL rule",
    "REAL -6 rule",
    "REAL neigh",
    "REAL nexthop",
    "REAL netns",
    "for n in $(REAL netns | cut -d' ' -f1 | sort); do REAL -n $n -j link; REAL -n $n -4 -j addr; REAL -n $n route; done",
];

/// Waits until the kernel has freed the namespaces that were deleted, and with them the other ends of their links: it frees them in order.
const FREED: &str = "REAL netns add last && REAL link add last type veth peer name last netns last && REAL netns del last; tries=0; \
                     while REAL link show last >/dev/null 2>&1 && [ $tries -lt 200 ]; do tries=$((tries + 1)); sleep 0.05; done";

/// The kinds of links that a sequence may need, and how one is made.
const KINDS: &[(&str, &str)] = &[
    ("dummy", "ip link add x0 type dummy"),
    ("vlan", "ip link add a0 type veth peer name b0 && ip link add x0 link a0 type vlan id 5"),
    ("bond", "ip link add x0 type bond"),
    ("vrf", "ip link add x0 type vrf table 5"),
    ("ipvlan", "ip link add a0 type veth peer name b0 && ip link add x0 link a0 type ipvlan"),
    ("ifb", "ip link add x0 type ifb"),
    ("gre", "ip link add x0 type gre remote 192.0.2.1"),
    ("ipip", "ip link add x0 type ipip remote 192.0.2.1"),
    ("sit", "ip link add x0 type sit remote 192.0.2.1"),
    ("geneve", "ip link add x0 type geneve id 5 remote 192.0.2.1"),
    ("tun", "ip tuntap add x0 mode tun"),
    ("xfrm", "ip xfrm policy count"),
    ("mptcp", "ip mptcp limits"),
    ("l2tp", "ip l2tp show tunnel"),
    (
        "esp",
        "ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 5 mode tunnel enc aes 0x00112233445566778899aabbccddeeff auth sha1 0x00",
    ),
];

struct Real {
    path: String,
    same_words: bool,
}

/// One command: the line, the exit status, and what it wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    line: String,
    status: String,
    out: String,
    err: String,
}

fn labsh() -> PathBuf {
    std::env::var_os("LABSH_BIN").map_or_else(|| env!("CARGO_BIN_EXE_labsh").into(), PathBuf::from)
}

fn folder() -> PathBuf {
    let tests = std::env::var_os("LABSH_TESTS_DIR").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), PathBuf::from);
    tests.join("iproute")
}

/// The real program, if the machine has it.
fn real() -> Option<Real> {
    let path = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"].into_iter().find(|path| Path::new(path).exists())?;
    let version = Command::new(path).arg("-V").output().ok()?;
    let text = String::from_utf8_lossy(&version.stdout).into_owned();
    (text.contains("iproute2-")).then(|| Real { path: path.to_string(), same_words: text.contains(WORDS_OF) })
}

/// A folder in which labsh has the names of the programs; it goes with the tests.
fn names() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("labsh-iproute-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder can be made");
        for name in ["ip", "bridge", "tc"] {
            std::os::unix::fs::symlink(labsh(), folder.join(name)).expect("a link can be made");
        }
        folder
    })
}

/// Runs lines in a fresh sandbox.
fn run(lines: &str, own: bool) -> Result<Vec<Step>, Failed> {
    let path = std::env::var("PATH").unwrap_or_default();
    let system = format!("{path}:/usr/sbin:/sbin");
    let path = if own { format!("{}:{system}", names().display()) } else { system };
    let mut child = Command::new(labsh())
        .args(["sandbox", "sh", "-c", DRIVER])
        .env("PATH", path)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().expect("it has an input");
    let lines = lines.to_string();
    // It reads while it writes.
    let feeder = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output()?;
    let _ = feeder.join();
    if !output.status.success() {
        return Err(format!("the sandbox failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let steps = text.split('\u{1e}').skip(1).map(|step| {
        let mut parts = step.splitn(4, '\u{1f}').map(str::to_string);
        let mut next = || parts.next().unwrap_or_default();
        Step { line: next(), status: next(), out: next(), err: next() }
    });
    Ok(steps.collect())
}

/// Takes out what differs from one sandbox to the next: addresses that the kernel drew, time, and states that settle later.
fn scrub(text: &str) -> String {
    static RULES: OnceLock<Vec<(Regex, &'static str)>> = OnceLock::new();
    let rules = RULES.get_or_init(|| {
        [
            // Whole lines and objects about addresses that follow from a hardware address.
            (r"(?m)^.*(fe80::[0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}:|fe80::/64|ff00::/8).*\n( +valid_lft.*\n)?", ""),
            (r#",?\{"family":"inet6","local":"fe80:[^{}]*\}"#, ""),
            (r"\b[0-9a-f]{4}\.[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}\b", "BRIDGE"),
            (r"\b[0-9a-f]{4}\.MAC\b", "BRIDGE"),
            (r"\b[0-9]+sec\b", "SECONDS"),
            (r#""(valid|preferred)_life_time":[0-9]{1,9}\b"#, "LIFETIME"),
            (r#"\b([a-z_]+_timer)"?:? *[0-9]+\.[0-9]+"#, "$1"),
            (r#""NO-CARRIER",?|NO-CARRIER,?"#, ""),
            (r#""(tentative)":true,|tentative "#, ""),
            (r#"\bstate (UP|DOWN|LOWERLAYERDOWN|UNKNOWN|DORMANT)\b"#, "state STATE"),
            (r#""operstate": ?"[A-Z]+""#, "OPERSTATE"),
            (r#""carrier_changes":[0-9]+"#, "CHANGES"),
            (r#"state (disabled|blocking|listening|learning|forwarding)"#, "state STATE"),
            (r#""state":"(disabled|blocking|listening|learning|forwarding)""#, "STATE"),
            (r"(?m)^(\S+ +)(UP|DOWN|LOWERLAYERDOWN|UNKNOWN|DORMANT) +", "${1}STATE "),
            (r"\blinkdown ", ""),
            (r#""linkdown",?"#, ""),
        ]
        .into_iter()
        .map(|(pattern, with)| (Regex::new(pattern).expect("the pattern is right"), with))
        .collect()
    });
    // What a sequence has chosen stays: it begins like one of these.
    static MAC: OnceLock<Regex> = OnceLock::new();
    let mac = MAC.get_or_init(|| Regex::new(r"\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b").expect("the pattern is right"));
    let chosen = ["02:00:00:00:00:", "02:11:22:33:44:", "00:00:00:", "ff:ff:ff:", "33:33:00:00:00:", "01:00:5e:"];
    let text = mac.replace_all(text, |found: &regex_lite::Captures| match chosen.iter().any(|begin| found[0].starts_with(begin)) {
        true => found[0].to_string(),
        false => "MAC".to_string(),
    });
    rules.iter().fold(text.into_owned(), |text, (rule, with)| rule.replace_all(&text, *with).into_owned())
}

fn settle(mut step: Step) -> Step {
    step.out = scrub(&step.out);
    step.err = scrub(&step.err);
    // The kernel keeps neighbours in an order that it draws.
    if step.line.contains("nei") || step.line.starts_with("ip n ") || step.line == "ip n" {
        let mut lines: Vec<&str> = step.out.lines().collect();
        lines.sort_unstable();
        step.out = lines.join("\n");
    }
    // Help is each program's own.
    if ["Usage:", "-", "where "].iter().any(|begin| step.err.starts_with(begin)) || step.out.starts_with("Usage:") || is_help(&step.line) {
        step.err = "help".to_string();
        step.out = String::new();
    }
    // A sentence with help behind it: the sentence is what counts.
    if let Some(at) = step.err.find("\nUsage: ") {
        step.err.truncate(at + 1);
    }
    step
}

fn is_help(line: &str) -> bool {
    matches!(line, "ip" | "ip -h" | "ip route add" | "ip nexthop add") || line.ends_with(" help")
}

fn lines_of(script: &str, real: &Real) -> String {
    let freed = script.contains("netns del").then_some(FREED);
    let end: String = freed.iter().chain(END).map(|line| line.replace("REAL", &real.path) + "\n").collect();
    format!("{script}\n{end}")
}

/// Compares a sequence. The kernel settles some things a moment later (carriers, and the routes and addresses that follow them), so what
/// differs once may be that; what differs three times is labsh's.
fn compare(name: &str, real: &Real) -> Result<(), Failed> {
    compare_once(name, real).or_else(|_| compare_once(name, real)).or_else(|_| compare_once(name, real))
}

fn compare_once(name: &str, real: &Real) -> Result<(), Failed> {
    let script = fs::read_to_string(folder().join(name))?;
    let lines = lines_of(&script, real);
    let (theirs, ours) = (run(&lines, false)?, run(&lines, true)?);
    let mut wrong = Vec::new();
    if theirs.len() != ours.len() {
        wrong.push(format!("{} commands were run, and {} with labsh", theirs.len(), ours.len()));
    }
    for (theirs, ours) in theirs.into_iter().zip(ours) {
        let end = theirs.line.contains(&real.path);
        let (theirs, ours) = (settle(theirs), settle(ours));
        let same_words = real.same_words || end;
        // Where iproute2 explains at length, labsh says one line.
        let explained = theirs.err == "help" && !ours.err.is_empty();
        let same = theirs.status == ours.status && (!same_words || explained || (theirs.out == ours.out && theirs.err == ours.err));
        if !same {
            wrong.push(format!("{}\n{}", theirs.line, differences(&theirs, &ours)));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n\n").into()) }
}

fn differences(theirs: &Step, ours: &Step) -> String {
    let mut text = String::new();
    for (what, theirs, ours) in [("status", &theirs.status, &ours.status), ("out", &theirs.out, &ours.out), ("err", &theirs.err, &ours.err)]
    {
        if theirs != ours {
            let same = theirs.chars().zip(ours.chars()).take_while(|(a, b)| a == b).count().saturating_sub(60);
            let part = |text: &str| text.chars().skip(same).take(240).collect::<String>();
            let (theirs, ours) = (part(theirs), part(ours));
            text += &format!("  {what}, iproute2: {theirs:?}\n  {what}, labsh:    {ours:?}\n");
        }
    }
    text
}

/// Which kinds of links the kernel has.
fn features() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (name, make) in KINDS {
        let steps = run(&format!("{make}\n"), false).unwrap_or_default();
        if steps.first().is_some_and(|step| step.status == "0") {
            found.insert(name.to_string());
        }
    }
    found
}

/// Sentences of random words: labsh never panics, and never takes one that iproute2 cannot read.
fn fuzz(real: &Real) -> Result<(), Failed> {
    let lines = sentences(0x5eed, 240);
    let text = format!("ip link add v0 type veth peer name v1\nip link set v0 up\n{}\n", lines.join("\n"));
    let (theirs, ours) = (run(&text, false)?, run(&text, true)?);
    let mut wrong = Vec::new();
    for (theirs, ours) in theirs.iter().zip(&ours) {
        if ours.err.contains("panicked") {
            wrong.push(format!("{}: {}", ours.line, ours.err));
        }
        // 0: done; 2: the kernel refused; 255: cannot be read.
        if matches!(ours.status.as_str(), "0" | "2") && theirs.status == "255" {
            wrong.push(format!("{}: labsh took it ({}), iproute2 said {:?}", ours.line, ours.status, theirs.err));
        }
    }
    let _ = real;
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Nothing here that makes the kernel load what it does not have, or that is known to harm it.
const OBJECTS: [(&str, &[&str]); 6] = [
    (
        "link",
        &[
            "show",
            "set",
            "add",
            "del",
            "dev",
            "v0",
            "v1",
            "nope",
            "up",
            "down",
            "mtu",
            "1400",
            "name",
            "x1",
            "type",
            "veth",
            "bridge",
            "peer",
            "address",
            "02:00:00:00:00:07",
            "master",
            "nomaster",
            "alias",
            "group",
            "5",
            "promisc",
            "on",
            "off",
            "txqueuelen",
            "stp_state",
        ],
    ),
    (
        "addr",
        &[
            "show",
            "add",
            "del",
            "replace",
            "10.0.0.1/24",
            "10.0.0.2",
            "fd00::1/64",
            "dev",
            "v0",
            "v1",
            "nope",
            "label",
            "v0:1",
            "scope",
            "link",
            "peer",
            "10.0.0.9",
            "brd",
            "+",
            "nodad",
            "valid_lft",
            "1000",
            "preferred_lft",
            "forever",
            "to",
            "up",
            "permanent",
            "metric",
            "7",
        ],
    ),
    (
        "route",
        &[
            "show",
            "add",
            "del",
            "replace",
            "get",
            "10.2.0.0/16",
            "default",
            "10.0.0.2",
            "via",
            "dev",
            "v0",
            "nope",
            "metric",
            "5",
            "table",
            "100",
            "all",
            "proto",
            "static",
            "scope",
            "link",
            "src",
            "10.0.0.1",
            "mtu",
            "1400",
            "lock",
            "onlink",
            "blackhole",
            "nexthop",
            "weight",
            "from",
            "tos",
            "0x10",
            "fd00::/64",
        ],
    ),
    (
        "rule",
        &[
            "show",
            "add",
            "del",
            "from",
            "10.0.0.0/24",
            "to",
            "all",
            "table",
            "100",
            "main",
            "pref",
            "77",
            "fwmark",
            "5",
            "iif",
            "v0",
            "oif",
            "not",
            "blackhole",
            "ipproto",
            "tcp",
            "dport",
            "80",
            "uidrange",
            "0-5",
            "goto",
            "tos",
            "0x10",
        ],
    ),
    (
        "neigh",
        &[
            "show",
            "add",
            "del",
            "replace",
            "get",
            "10.0.0.2",
            "lladdr",
            "02:00:00:00:00:07",
            "dev",
            "v0",
            "nope",
            "nud",
            "permanent",
            "stale",
            "proxy",
            "router",
            "to",
            "all",
        ],
    ),
    (
        "nexthop",
        &["show", "add", "del", "get", "id", "1", "2", "via", "10.0.0.2", "dev", "v0", "nope", "group", "1/2", "blackhole", "onlink"],
    ),
];

fn sentences(seed: u64, count: usize) -> Vec<String> {
    let mut state = seed;
    // xorshift (Marsaglia, 2003): the same sentences each time.
    let mut draw = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let mut lines = Vec::new();
    for _ in 0..count {
        let (object, words) = OBJECTS[draw(OBJECTS.len())];
        let option = ["", "-4 ", "-6 ", "-j ", "-d ", "-o "][draw(6)];
        let mut line = format!("ip {option}{object}");
        for at in 0..1 + draw(8) {
            let verbs = words.iter().take_while(|word| matches!(**word, "show" | "set" | "add" | "del" | "replace" | "get")).count();
            let word = if at == 0 { words[draw(verbs)] } else { words[draw(words.len())] };
            line += &format!(" {word}");
        }
        lines.push(line);
    }
    lines
}

/// A program in a sandbox: its exit status is labsh's, that of a signal too, and what it writes passes through.
fn passes_through() -> Result<(), Failed> {
    let run = |words: &[&str]| Command::new(labsh()).arg("sandbox").args(words).output();
    let output = run(&["sh", "-c", "echo out; echo err >&2; exit 7"])?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if (output.status.code(), text(&output.stdout).as_str(), text(&output.stderr).as_str()) != (Some(7), "out\n", "err\n") {
        return Err(format!("{output:?}").into());
    }
    let killed = run(&["sh", "-c", "kill -TERM $$"])?;
    let missing = run(&["no-such-program-here"])?;
    match (killed.status.code(), missing.status.code()) {
        (Some(143), Some(127)) => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}

/// Where PATH has no iproute2, a sandbox's programs find labsh under its names.
fn stands_in() -> Result<(), Failed> {
    let shell = ["/bin/sh", "/usr/bin/sh"].into_iter().find(|path| Path::new(path).exists()).ok_or("no shell")?;
    let script = "ip link add v0 type veth peer name v1 && ip -o link show v0 && bridge -h 2>/dev/null; command -v tc";
    let output = Command::new(labsh()).args(["sandbox", shell, "-c", script]).env("PATH", "/nowhere").output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    match text.starts_with("3: v0@v1: <BROADCAST,MULTICAST,M-DOWN> mtu 1500") && text.ends_with("/run/labsh/bin/tc\n") {
        true => Ok(()),
        false => Err(format!("{output:?}").into()),
    }
}

fn main() {
    let arguments = Arguments::from_args();
    let mut sequences: Vec<String> = fs::read_dir(folder())
        .expect("the sequences are there")
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    sequences.retain(|name| name.ends_with(".sh"));
    sequences.sort();
    let real = real().map(Arc::new);
    let found = match (&real, arguments.list) {
        (Some(_), false) => features(),
        _ => BTreeSet::new(),
    };
    let must = std::env::var_os("LABSH_TESTS_NEED_ALL").is_some();
    let mut trials = Vec::new();
    for name in sequences {
        let script = fs::read_to_string(folder().join(&name)).unwrap_or_default();
        let needs = script.lines().find_map(|line| line.strip_prefix("# needs: ")).unwrap_or_default();
        let missing: Vec<&str> = needs.split_whitespace().filter(|kind| !found.contains(*kind)).collect();
        let lacks = script.lines().find_map(|line| line.strip_prefix("# lacks: ")).unwrap_or_default();
        let there: Vec<&str> = lacks.split_whitespace().filter(|kind| found.contains(*kind)).collect();
        let title = name.trim_end_matches(".sh").to_string();
        trials.push(match &real {
            Some(_) if !missing.is_empty() => {
                Trial::test(format!("{title} (this kernel has no {})", missing.join(", ")), || Ok(())).with_ignored_flag(true)
            }
            Some(_) if !there.is_empty() => {
                Trial::test(format!("{title} (for kernels without {})", there.join(", ")), || Ok(())).with_ignored_flag(true)
            }
            Some(real) => {
                let real = real.clone();
                Trial::test(title, move || compare(&name, &real))
            }
            None if must => Trial::test(title, || Err("the machine has no iproute2 to compare with".into())),
            None => Trial::test(format!("{title} (the machine has no iproute2)"), || Ok(())).with_ignored_flag(true),
        });
    }
    trials.push(Trial::test("a sandbox passes the exit status on", passes_through));
    trials.push(Trial::test("labsh stands in for ip", stands_in));
    if let Some(real) = real {
        trials.push(Trial::test("sentences of random words", move || fuzz(&real)));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let _ = fs::remove_dir_all(names());
    conclusion.exit();
}

//! The journal of the host world: whatever death a run dies, `labsh clean` gives the machine back as it was, and takes nothing of
//! anybody else. The machine is played by an outer network and mount namespace, as in `host`, with a /var/lib of its own.

use super::harness::{Suite, claims};
use super::host::{CHANGES, RICH, machine};
use super::run::{Lab, NOBODY, Run};
use std::time::Duration;

pub fn trials(suite: &mut Suite) {
    claims! { suite:
        clean_puts_back_what_a_run_killed_at_any_call_left needs "root" "unshare" "ip" "nft" "sysctl" "strace";
        clean_puts_back_what_a_run_killed_at_any_change_left needs "root" "unshare" "ip" "nft" "sysctl" "strace";
        clean_tells_what_it_removes_and_a_dry_run_removes_nothing needs "root" "unshare" "ip" "nft" "sysctl";
        clean_as_json needs "root" "unshare" "ip" "nft" "sysctl";
        a_namespace_of_somebody_else_survives needs "root" "unshare" "ip" "nft" "sysctl";
        what_the_machine_had_already_survives_a_killed_run needs "root" "unshare" "ip" "nft" "sysctl" "strace";
        two_runs_at_once_say_whose_an_object_is needs "root" "unshare" "ip" "nft" "sysctl";
        without_a_journal_nothing_is_made needs "root" "unshare" "ip" "nft" "sysctl" "mount";
        a_signal_takes_everything_away needs "root" "unshare" "ip" "nft" "sysctl" "setsid";
        a_process_that_ignores_sigterm_is_killed needs "root" "unshare" "ip" "nft" "sysctl";
        what_is_still_used_is_named_and_stays_until_it_is_not needs "root" "unshare" "ip" "nft" "sysctl";
        a_program_that_left_its_group_ends needs "root" "unshare" "ip" "nft" "sysctl" "setsid";
        a_run_of_another_boot_is_forgotten needs "root" "unshare" "ip" "nft" "sysctl";
        clean_needs_root needs "root";
    }
}

/// All kinds of objects of a journal, and attempts at what the machine has already.
const WORK: &str = r#"
let blue = netns::add("blue_ns");
let pair = veth::add("veth_root_ns", "veth_blue_ns");
pair.b.move_to(blue);
pair.a.addr.add("10.0.0.1/24");
pair.a.up();
pair.b.addr.add("10.0.0.2/24");
pair.b.up();
let br = bridge::add("br0", #{ up: true });
br.addr.add("10.1.0.1/24");
br.attach(veth::add("w0", "w1", #{ a: #{ up: true }, b: #{ netns: blue, up: true } }).a);
veth::add("x0", "x1", #{ a: #{ addr: "10.7.0.1/24", up: true }, b: #{ up: true } });
let h0 = link::get("h0");
let hbr = link::get("hbr");
try { h0.addr.add("192.168.0.194/24"); } catch {}
try { route::add("198.18.0.0/15", #{ via: "192.168.0.1" }); } catch {}
try { neigh::add("192.168.0.9", #{ dev: "h0", lladdr: "02:00:00:00:00:01" }); } catch {}
try { netns::add("other"); } catch {}
try { bridge::add("hbr"); } catch {}
h0.addr.add("192.168.7.1/24");
route::add("203.0.113.0/24", #{ via: "192.168.0.1" });
route::add("198.18.0.0/15", #{ via: "192.168.0.1", metric: 7 });
route::add("192.0.2.0/24", #{ type: "blackhole" });
neigh::add("192.168.0.77", #{ dev: "h0", lladdr: "02:00:00:00:00:77" });
sysctl::set("net.ipv4.ip_forward", 1);
sysctl::set("net.ipv4.conf.h0.rp_filter", 2);
hbr.attach("x0");
h0.set(#{ mtu: 1400 });
let other = netns::get("other");
other.link("lo").addr.add("10.99.0.1/32");
other.sysctl["net.ipv4.ip_forward"] = 1;
veth::add("y0", "y1", #{ b: #{ netns: other, up: true } });
veth::add("z0", "z1").b.move_to(other);
blue.start("sleep 611");
"#;

/// Runs a shell script on the played machine, with labsh as `$1` and a script as script.rhai.
#[track_caller]
fn on_machine(script: &str, act: &str) -> Run {
    on_machine_with("ip netns add other; ip -n other link set lo up", script, act)
}

#[track_caller]
fn on_machine_with(others: &str, script: &str, act: &str) -> Run {
    let others = format!("mount -t tmpfs tmpfs /var/lib; unset XDG_STATE_HOME; {others}");
    let outer = machine(&others, &format!("snapshot > before\n{act}"));
    let words = ["unshare", "-nmpf", "--mount-proc", "sh", "-c", &outer, "sh"];
    let run = Lab::command(&[]).file("script.rhai", script).inside(&words).deadline(Duration::from_secs(900)).run();
    assert_ne!(run.status, 99, "the machine is another than before\n{run}");
    run
}

/// A run that is killed when everything is built.
const KILLED: &str = r#"
mkfifo told
"$1" --host run script.rhai > told & labsh=$!
{ read line; kill -KILL $labsh; wait $labsh; } < told 2> /dev/null
"#;

const SAME: &str = "same || exit 99\n";

fn ready() -> String {
    format!("{WORK}print(\"ready\"); loop {{ sleep(\"1s\"); }}")
}

/// Each N-th of the calls that a build makes is where it is killed. LABSH_TESTS_CALLS=all takes all of them.
fn clean_puts_back_what_a_run_killed_at_any_call_left() {
    kill_at_calls(
        "ip netns add other; ip -n other link set lo up",
        WORK,
        "sendto write fdatasync mount umount2 openat setns unshare clone3 vfork unlink recvfrom",
        3,
    );
}

/// The same for what the machine had and a run changes.
fn clean_puts_back_what_a_run_killed_at_any_change_left() {
    kill_at_calls(RICH, CHANGES, "sendto write", 12);
}

fn kill_at_calls(others: &str, script: &str, calls: &str, samples: usize) {
    let all = std::env::var("LABSH_TESTS_CALLS").is_ok_and(|calls| calls == "all");
    let samples = if all { 100_000 } else { super::harness::times(samples) };
    let act = r#"
calls="CALLS"
strace -f -o log -e trace=$(echo $calls | tr ' ' ,) "$1" --host run script.rhai || exit 90
same || exit 99
wrong=0; tried=0
for name in $calls; do
    # The count of strace is that of each thread.
    most=$(grep -F " $name(" log | awk '{ n[$1]++; if (n[$1] > most) most = n[$1] } END { print most + 0 }')
    step=$(( (most + SAMPLES - 1) / SAMPLES )); test $step -gt 0 || step=1
    when=$(( step > 1 ? 1 + $$ % step : 1 ))
    while test $when -le $most; do
        strace -D -f -o /dev/null -e trace=$name -e inject=$name:signal=KILL:when=$when "$1" --host run script.rhai > out 2> error
        "$1" clean > cleaned 2>&1
        status=$?
        same 2> difference; changed=$?
        left=$(pgrep -x sleep; ls /var/lib/labsh)
        if test $changed != 0 || test $status != 0 && ! grep -q 'kept netns `other`' cleaned || test -n "$left"; then
            wrong=$((wrong + 1))
            echo "killed at $name $when: clean $status, left: $left"; cat cleaned difference
        fi
        tried=$((tried + 1))
        when=$((when + step))
    done
done
echo "tried $tried, wrong $wrong"
test $wrong = 0
"#;
    let run = on_machine_with(others, script, &act.replace("SAMPLES", &samples.to_string()).replace("CALLS", calls)).ok();
    println!("{}", run.stdout.trim_end());
}

fn clean_tells_what_it_removes_and_a_dry_run_removes_nothing() {
    let act = format!(
        r#"{KILLED}
# A bridge and its ports settle in their own time.
settled() {{ snapshot | sed -E 's/"(operstate|flags|address)":("[A-Z]*"|\[[^]]*\])//g; /fe80/d'; }}
settled > built
"$1" clean --dry-run > dry || exit 90
settled > after; diff built after >&2 || exit 99
pgrep -x sleep > /dev/null || exit 91
"$1" clean > wet || exit 92
{SAME}
pgrep -x sleep && exit 93
"$1" clean || exit 94
ls -A /var/lib/labsh
sed 's/^would kill/killed/; s/^would remove/removed/; s/^would put back/put back/' dry > expected
# One end of a wire takes the other along.
diff expected wet | grep '^>' && exit 95
cat wet
"#
    );
    let run = on_machine(&ready(), &act).ok();
    let (first, rest) = run.stdout.split_once('\n').unwrap_or_default();
    assert_eq!(first, "nothing is left of dead runs", "{run}");
    let rule = regex_lite::Regex::new(r"process [0-9]+").unwrap();
    let binary = super::run::labsh().to_string_lossy().into_owned();
    let told = rule.replace(rest, "process PID").replace(&binary, "labsh");
    for part in [
        "killed process PID `sleep 611`, of `labsh --host run script.rhai`\n",
        "removed netns `blue_ns`, of",
        "put back settings of link `h0` in netns `root`, of",
        "removed address 192.168.7.1/24 in netns `root`, of",
        "removed route to 203.0.113.0/24 in netns `root`, of",
        "removed neighbour 192.168.0.77 in netns `root`, of",
        "put back sysctl net.ipv4.ip_forward = 0 in netns `root`, of",
        "put back sysctl net.ipv4.ip_forward = 0 in netns `other`, of",
        "removed address 10.99.0.1/32 in netns `other`, of",
    ] {
        assert!(told.contains(part), "`{part}` was not said\n{told}");
    }
}

fn clean_as_json() {
    let script = "netns::add(\"blue_ns\"); sysctl::set(\"net.ipv4.ip_forward\", 1); print(\"ready\"); loop { sleep(\"1s\"); }";
    let act = format!("{KILLED}\"$1\" --json clean --dry-run; \"$1\" --json clean\n\"$1\" --json clean\n{SAME}");
    let run = on_machine(script, &act).ok();
    let told: Vec<_> =
        run.events().into_iter().map(|event| (event["what"].clone(), event["removed"].clone(), event["kept"].clone())).collect();
    let no = serde_json::Value::Null;
    let line = |what: &str, removed: bool| (what.into(), removed.into(), no.clone());
    assert_eq!(
        told,
        [
            line("would put back sysctl net.ipv4.ip_forward = 0 in netns `root`", false),
            line("would remove netns `blue_ns`", false),
            line("put back sysctl net.ipv4.ip_forward = 0 in netns `root`", true),
            line("removed netns `blue_ns`", true),
        ]
    );
}

fn a_namespace_of_somebody_else_survives() {
    let act = format!(
        r#"{KILLED}
ip netns del blue_ns && ip netns add blue_ns || exit 90
ip -n blue_ns link add theirs type bridge || exit 90
"$1" clean | grep blue_ns; "$1" clean
ip -n blue_ns link show theirs > /dev/null || exit 91
ip netns del blue_ns
{SAME}"#
    );
    let run = on_machine(&ready(), &act).ok();
    let binary = super::run::labsh().to_string_lossy().into_owned();
    assert_eq!(
        run.stdout.replace(&binary, "labsh"),
        "kept netns `blue_ns`: another namespace has that name now, of `labsh --host run script.rhai`\nnothing is left of dead runs\n",
        "{run}"
    );
}

/// Killed after the journal is written and before the kernel is asked, on what was there before: that is no object of the run.
fn what_the_machine_had_already_survives_a_killed_run() {
    for what in [
        "link::get(\"h0\").addr.add(\"192.168.0.194/24\");",
        "route::add(\"198.18.0.0/15\", #{ via: \"192.168.0.1\" });",
        "neigh::add(\"192.168.0.9\", #{ dev: \"h0\", lladdr: \"02:00:00:00:00:01\" });",
        "route::add(\"192.88.99.0/24\", #{ via: \"192.168.0.1\" });",
        "netns::add(\"other\");",
        "bridge::add(\"hbr\");",
        "netns::get(\"other\").link(\"lo\").addr.add(\"127.0.0.1/8\");",
    ] {
        let act = r#"
ip route add 192.88.99.0/24 via 192.168.0.1 metric 100
snapshot > before
strace -f -o log -e trace=sendto "$1" --host run script.rhai
most=$(grep -c 'sendto(' log)
when=1
while test $when -le $most; do
    strace -D -f -o /dev/null -e trace=sendto -e inject=sendto:signal=KILL:when=$when "$1" --host run script.rhai > /dev/null 2>&1
    "$1" clean > /dev/null 2>&1
    same || exit 99
    when=$((when + 1))
done"#;
        on_machine(what, act).ok();
    }
}

fn two_runs_at_once_say_whose_an_object_is() {
    let script = "netns::add(\"blue_ns\"); bridge::add(\"br0\"); print(\"ready\"); loop { sleep(\"1s\"); }";
    let act = format!(
        r#"
echo 'netns::add("blue_ns");' > second.rhai
echo 'bridge::add("br0");' > third.rhai
mkfifo told
"$1" --host run script.rhai > told & labsh=$!
{{ read line
"$1" -q --host run second.rhai; echo "status $?"
"$1" -q --host run third.rhai; echo "status $?"
"$1" clean
kill -KILL $labsh; wait $labsh; }} < told
"$1" -q --host run second.rhai; echo "status $?"
"$1" -q clean > /dev/null
{SAME}"#
    );
    let run = on_machine(script, &act).ok();
    assert_eq!(run.stdout, "status 1\nstatus 1\nnothing is left of dead runs\nstatus 1\n", "{run}");
    let binary = super::run::labsh().to_string_lossy().into_owned();
    let told: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("  = ") || line.starts_with("error")).collect();
    let told = super::run::scrub(&told.join("\n")).replace(&binary, "labsh");
    assert_eq!(
        told,
        "error: cannot add netns `blue_ns`
  = a network namespace with that name exists
  = it belongs to a running labsh: pid PID `labsh --host run script.rhai`
error: cannot add bridge link `br0` in netns `root`
  = File exists (EEXIST)
  = a link named `br0` exists already
  = it belongs to a running labsh: pid PID `labsh --host run script.rhai`
error: cannot add netns `blue_ns`
  = a network namespace with that name exists
  = a run that died left it: `labsh --host run script.rhai`
  = try: labsh clean",
        "{run}"
    );
}

fn without_a_journal_nothing_is_made() {
    for (mount, what, why) in [
        ("mount -o remount,ro /var/lib", "cannot use the folder `/var/lib/labsh`", "Read-only file system (EROFS)"),
        (
            "mkdir -m 700 /var/lib/labsh && mount -o remount,size=8k /var/lib && cat /dev/zero > /var/lib/filler 2> /dev/null; true",
            "cannot begin a journal in `/var/lib/labsh`",
            "No space left on device (ENOSPC)",
        ),
        (
            "mkdir -m 777 /var/lib/labsh && chmod 777 /var/lib/labsh",
            "cannot use the folder `/var/lib/labsh`",
            "others may enter it (mode 777)",
        ),
        (
            "mkdir -m 700 /var/lib/labsh && chown 65534 /var/lib/labsh",
            "cannot use the folder `/var/lib/labsh`",
            "it belongs to another user (uid 65534)",
        ),
    ] {
        for script in
            ["netns::add(\"blue_ns\");", "bridge::add(\"br0\");", "sysctl::set(\"net.ipv4.ip_forward\", 1);", "start(\"sleep 600\");"]
        {
            let act = format!(
                "{mount} || exit 90\n\"$1\" --host run script.rhai; echo \"status $?\"\npgrep -x sleep\n{SAME}ls -A /var/lib | grep -v -e filler -e '^labsh$'; ls -A /var/lib/labsh 2> /dev/null; true"
            );
            let run = on_machine(script, &act);
            assert!(run.stdout.starts_with("status 1\n"), "{mount}\n{run}");
            assert_eq!(run.stdout.lines().count(), 1, "{mount}\n{run}");
            run.stderr_has(&format!("error: {what}\n")).stderr_has(&format!("\n  = {why}\n"));
        }
    }
}

fn a_signal_takes_everything_away() {
    for (signal, status) in [("INT", 130), ("TERM", 130), ("HUP", 130)] {
        let act = format!(
            r#"
mkfifo told
"$1" --host run script.rhai > told & labsh=$!
{{ read line; kill -{signal} $labsh; wait $labsh; status=$?; }} < told
{SAME}
pgrep -x sleep; ls -A /var/lib/labsh 2> /dev/null
exit $status"#
        );
        on_machine(&ready(), &act).status_is(status).stdout_is("");
    }
    // Twice, from a terminal's point of view: to the whole group, while a process takes its time.
    let script = ready() + "";
    let script = script.replace(
        "print(\"ready\")",
        "start([\"sh\", \"-c\", \"trap '' TERM INT; echo up; while :; do sleep 1; done\"]).wait_output(\"up\"); print(\"ready\")",
    );
    let act = format!(
        r#"
mkfifo told
setsid "$1" --host run script.rhai > told & labsh=$!
{{ read line; kill -INT -$labsh; kill -INT -$labsh; kill -INT $labsh; wait $labsh; status=$?; }} < told
{SAME}
pgrep -x sleep; ls -A /var/lib/labsh 2> /dev/null
exit $status"#
    );
    on_machine(&script, &act).status_is(130).stdout_is("");
}

fn a_process_that_ignores_sigterm_is_killed() {
    let script =
        r#"netns::add("blue_ns").start(["sh", "-c", "trap '' TERM INT; echo up; while :; do sleep 0.1; done"]).wait_output("up");"#;
    let act = format!(
        "begin=$(date +%s%N); \"$1\" --host run script.rhai || exit 90; echo $(( ($(date +%s%N) - begin) / 1000000 ))\n{SAME}pgrep -x sh -P 1; true"
    );
    let run = on_machine(script, &act).ok();
    let time: u64 = run.stdout.trim().parse().unwrap_or_else(|_| panic!("{run}"));
    assert!((2000..8000).contains(&time), "the grace period is 2 s, it took {time} ms");
    run.stderr_has("SIGTERM did not end pid ").stderr_has(": SIGKILL follows after 2 s, at once on Ctrl-C twice\n");
}

fn what_is_still_used_is_named_and_stays_until_it_is_not() {
    let act = format!(
        r#"
mkfifo told answer
"$1" -q --host run script.rhai > told < /dev/null & labsh=$!
{{ read line
ip netns exec blue_ns sh -c 'echo up > answer; exec sleep 600' & user=$!
read line < answer
kill -INT $labsh; wait $labsh; echo "status $?"; }} < told
"$1" clean; echo "status $?"
kill $user; wait $user 2> /dev/null
"$1" clean
{SAME}"#
    );
    let run = on_machine("netns::add(\"blue_ns\"); print(\"ready\"); loop { sleep(\"1s\"); }", &act).ok();
    let binary = super::run::labsh().to_string_lossy().into_owned();
    assert_eq!(
        super::run::scrub(&run.stdout).replace(&binary, "labsh"),
        "status 130
kept netns `blue_ns`: used by pid PID `sleep 600`, of `labsh -q --host run script.rhai`
status 1
removed netns `blue_ns`, of `labsh -q --host run script.rhai`
",
        "{run}"
    );
    assert_eq!(
        super::run::scrub(&run.stderr),
        "error: cannot end the lab
  = 1 of its parts is still there
  = netns `blue_ns`: used by pid PID `sleep 600`
  = try: labsh clean, once nobody uses it
",
        "{run}"
    );
}

fn a_program_that_left_its_group_ends() {
    let script = r#"netns::add("blue_ns").exec(["sh", "-c", "setsid sleep 611 > /dev/null 2>&1 & true"]);"#;
    on_machine(script, &format!("\"$1\" --host run script.rhai || exit 90\n{SAME}pgrep -x sleep; true")).ok().stdout_is("");
}

fn a_run_of_another_boot_is_forgotten() {
    let script = "netns::add(\"blue_ns\"); print(\"ready\"); loop { sleep(\"1s\"); }";
    let act = format!(
        r#"{KILLED}
sed -i 's/"boot":"[^"]*"/"boot":"another"/' /var/lib/labsh/*.journal
"$1" clean; ls -A /var/lib/labsh
ip netns del blue_ns || exit 90
{SAME}"#
    );
    on_machine(script, &act).ok().stdout_is("nothing is left of dead runs\n");
}

fn clean_needs_root() {
    Lab::command(&["clean"]).user(NOBODY).run().status_is(3).stdout_is("").stderr_is(
        "error: cannot use the host world
  = this process lacks CAP_SYS_ADMIN and CAP_NET_ADMIN
  = try: run it with sudo, or without --host in a private sandbox, which needs no root
",
    );
}

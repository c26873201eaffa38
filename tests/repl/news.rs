//! What is told while one types: it comes above the prompt, and the line stays as it is.

use crate::CTRL_D;
use crate::pty::{Setup, Terminal};

#[test]
fn kernel_events_come_above_the_line_that_is_being_typed() {
    for (rows, columns) in [(24, 80), (50, 200)] {
        let mut t = Terminal::with(Setup { rows, columns, ..Setup::default() });
        t.line("let blue = netns::add(\"blue\");");
        t.line("veth::add(\"v0\", \"v1\", #{ a: #{ addr: \"10.0.0.1/24\", up: true }, b: #{ netns: blue } });");
        assert!(t.line(".watch").contains("all namespaces are watched"));
        // Something happens only after a file is there, while a line is half typed.
        let act = "until [ -e go ]; do sleep 0.05; done; echo 1 > /proc/sys/net/ipv6/conf/lo/disable_ipv6; echo went";
        t.line(&format!("let later = root.start([\"sh\", \"-c\", \"{act}\"]);"));
        t.keys("blue.link(\"v1\").mtu + 27");
        t.wait_text("lab> blue.link(\"v1\").mtu + 27");
        std::fs::write(t.home().join("go"), "").expect("the folder is ours");
        t.wait_text("later │ went");
        t.wait_text("later │ ended with 0");
        t.wait_text("[root] lo has lost ::1/128");
        t.wait("the line to be there again", |t| t.last_line() == "lab> blue.link(\"v1\").mtu + 27");
        assert!(t.act("\r").contains("\n1527\r\n"), "the line is whole: {}", t.screen());
        t.line("ip -n blue addr add 10.0.0.2/24 dev v1");
        t.line("ip -n blue link set v1 up");
        t.wait_text("[blue] v1 UP");
        t.wait_text("[root] v0 UP");
        t.wait_text("[blue] v1 has 10.0.0.2/24");
        t.wait_text("[blue] route: 10.0.0.0/24 dev v1");
        t.line("try_ping(\"10.0.0.9\", #{ timeout: \"10s\" }).ok");
        t.wait_text("[root] neighbour 10.0.0.9 on v0 FAILED");
        assert!(t.line(".watch off").contains("nothing is watched any more"));
    }
}

#[test]
fn one_namespace_can_be_watched_and_a_deleted_one_is_let_go() {
    let mut t = Terminal::start();
    t.line("let blue = netns::add(\"blue\"); let red = netns::add(\"red\");");
    assert!(t.line(".watch blue").contains("watched: blue"));
    t.line("red.link(\"lo\").up(); blue.link(\"lo\").up();");
    t.wait_text("[blue] lo UP");
    assert!(!t.log.contains("[red]"));
    t.line("veth::add(\"v0\", \"v1\", #{ b: #{ netns: blue } });");
    t.wait_text("[blue] v1 is there, DOWN");
    // Only with the last ear closed the kernel frees the namespace, and takes the other end along.
    t.line("blue.del();");
    assert!(t.line("eventually(\"10s\", || link::try_get(\"v0\") == ()); \"freed\"").contains("\"freed\""), "{}", t.screen());
    assert!(t.line(".watch bleu").contains("error:"));
}

#[test]
fn the_output_of_the_background_is_labelled_and_a_flood_is_counted() {
    let mut t = Terminal::start();
    t.line("let blue = netns::add(\"blue\"); blue.link(\"lo\").up();");
    t.line("let noisy = blue.start([\"sh\", \"-c\", \"seq 1 5000; printf 'a\\\\033[2Jb\\\\n'\"]);");
    t.wait_text("noisy │ ended with 0");
    assert!(t.log.contains("noisy │ 1\r\n"));
    assert!(t.log.contains("lines more; `.log NAME` has them"), "{}", t.screen());
    assert!(!t.log.contains("\x1b[2Jb"), "a program in the background does not clear the screen");
    assert!(t.line(".log noisy").contains("\n5000\r\n"));
    t.line("let web = blue.http_server(8080, \"hello\");");
    t.line("blue curl -s localhost:8080/page");
    t.wait_text("blue:8080 │ 127.0.0.1 \"GET /page\" 200");
}

#[test]
fn leaving_says_what_ends() {
    let mut t = Terminal::start();
    t.line("let blue = netns::add(\"blue\"); let nap = blue.start(\"sleep 1000\"); let web = blue.http_server(8080, \"hello\");");
    assert!(t.line(".ps").contains("sleep 1000"));
    t.keys(CTRL_D);
    assert_eq!(t.end(), Some(0));
    assert!(t.log.contains("ends with the session: nap (sleep 1000), web (http server blue:8080)"), "{}", t.screen());
}

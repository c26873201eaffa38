//! `ip("…")`, `bridge("…")` and `tc("…")` of scripts beside `labsh ip`, `labsh bridge` and `labsh tc`: each line of the sequences of
//! tests/iproute and tests/tc that needs no shell is said both ways, each time in a sandbox of its own. What the program accepts the
//! script accepts; what it refuses the script refuses, with an error of its own. (The answers are those of one printer.)

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Before each sequence: no addresses that come by themselves when a link is up.
const BEFORE: &str = "echo 1 > /proc/sys/net/ipv6/conf/default/addr_gen_mode";

/// Does a line, and prints whether it was accepted and the answer.
const SAID: &str = r#"
fn said(line) { try { print("\x1eyes\x1f" + line.call()); } catch (e) { print("\x1eno\x1f" + e.kind + " " + e); } }
"#;

/// What a script has no way to say: another process, several lines at once, and what a program tells of itself.
const ALONE: [&str; 8] = ["exec", "monitor", "-b ", "-batch", "-V", "-help", "help", "attach"];

fn labsh() -> PathBuf {
    std::env::var_os("LABSH_BIN").map_or_else(|| env!("CARGO_BIN_EXE_labsh").into(), PathBuf::from)
}

fn tests() -> PathBuf {
    std::env::var_os("LABSH_TESTS_DIR").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), PathBuf::from)
}

/// The lines of the sequences, by file.
fn sequences() -> Vec<(String, Vec<String>)> {
    let mut files: Vec<PathBuf> = ["iproute", "tc"]
        .iter()
        .flat_map(|folder| fs::read_dir(tests().join(folder)).expect("the sequences are there"))
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    let plain = |line: &str| {
        let program = line.split(' ').next().is_some_and(|word| matches!(word, "ip" | "bridge" | "tc"));
        program && !line.contains(['|', ';', '&', '$', '<', '>', '`', '*', '\\']) && !ALONE.iter().any(|word| line.contains(word))
    };
    files
        .iter()
        .map(|file| {
            let text = fs::read_to_string(file).expect("a sequence can be read");
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            (name, text.lines().map(str::trim).filter(|line| plain(line)).map(str::to_string).collect())
        })
        .collect()
}

/// Runs a program with its input, and returns what it wrote.
fn run(command: &mut Command, input: &str) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("labsh can be started");
    std::io::Write::write_all(&mut child.stdin.take().expect("it is piped"), input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Each line with whether it was accepted and the answer, as the programs have it.
fn by_programs(lines: &[String]) -> String {
    let mut shell = format!("{BEFORE}\nip() {{ $L ip \"$@\"; }}\nbridge() {{ $L bridge \"$@\"; }}\ntc() {{ $L tc \"$@\"; }}\n");
    for line in lines {
        let _ = writeln!(shell, "out=$({line} 2>/dev/null </dev/null) && status=yes || {{ status=no; out=; }}");
        let _ = writeln!(shell, "printf '\\036%s\\037%s' \"$status\" \"$out\"");
    }
    run(Command::new(labsh()).args(["sandbox", "sh"]).env("L", labsh()), &shell)
}

/// The same as scripts have it; what is refused has its kind behind it.
fn by_words(lines: &[String]) -> String {
    let mut script = String::from(SAID);
    let _ = writeln!(script, "shell({BEFORE:?});");
    for line in lines {
        let program = line.split(' ').next().unwrap_or_default();
        let _ = writeln!(script, "said(|| {program}({line:?}));");
    }
    run(Command::new(labsh()).arg("-q"), &script)
}

fn parts(text: &str) -> Vec<(&str, &str)> {
    text.split('\x1e').skip(1).filter_map(|part| part.split_once('\x1f')).map(|(said, answer)| (said, answer.trim_end())).collect()
}

#[test]
fn what_the_programs_accept_the_words_accept() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (name, lines) in sequences() {
        let (programs, words) = (by_programs(&lines), by_words(&lines));
        let (programs, words) = (parts(&programs), parts(&words));
        assert_eq!((programs.len(), words.len()), (lines.len(), lines.len()), "{name}");
        for ((line, program), word) in lines.iter().zip(&programs).zip(&words) {
            count += 1;
            match (program.0, word.0) {
                ("yes", "yes") => {}
                ("no", "no") if word.1.contains("cannot ") => {}
                _ if line == "ip route flush table 99" => {} // A table that is not there is empty.
                _ => wrong.push(format!("{name}: {line}\n  program {}: {}\n  words   {}: {}", program.0, program.1, word.0, word.1)),
            }
        }
    }
    assert!(count > 1000, "only {count} lines");
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
}

//! Wrong scripts, each with the whole message that it must give: tests/fails/NAME.rhai and NAME.stderr.
//!
//! `LABSH_UPDATE=1 cargo test --test fails` writes the messages anew; read the difference before you commit it.

use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    let tests = std::env::var_os("LABSH_TESTS_DIR").map(PathBuf::from);
    tests.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")).join("fails")
}

fn labsh() -> PathBuf {
    std::env::var_os("LABSH_BIN").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_labsh")), PathBuf::from)
}

fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(labsh()).args(arguments).current_dir(folder()).output().expect("labsh can be started");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn scripts() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .expect("tests/fails is there")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".rhai"))
        .collect();
    names.sort();
    names
}

#[test]
fn each_wrong_script_gives_its_whole_message() {
    let names = scripts();
    assert!(names.len() >= 100, "only {} scripts", names.len());
    let mut wrong = Vec::new();
    for name in &names {
        let expected = folder().join(name).with_extension("stderr");
        let (status, message) = run(&["-q", "run", name]);
        // What only a kernel says that lacks something, another cannot be made to say.
        if name.starts_with("lacks-") && status == Some(4) {
            continue;
        }
        if std::env::var_os("LABSH_UPDATE").is_some() {
            std::fs::write(&expected, &message).expect("the message can be written");
        }
        let known = std::fs::read_to_string(&expected).unwrap_or_default();
        if status != Some(1) || message != known {
            wrong.push(format!("{name}: status {status:?}\n--- expected\n{known}--- got\n{message}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), names.len(), wrong.join("\n"));
}

/// The names of the scripts whose fault is known without running them: `check` finds it, and nothing was built.
const KNOWN_BEFORE: [&str; 25] = [
    "builder-foreign-option",
    "shape-option",
    "route-nexthop-option",
    "unknown-module",
    "unknown-function",
    "unknown-function-in-module",
    "unknown-verb",
    "unknown-verb-of-a-call",
    "unknown-property",
    "property-called",
    "verb-not-called",
    "unknown-variable",
    "too-many-arguments",
    "too-few-arguments",
    "unknown-option",
    "unknown-option-inside",
    "wrong-type",
    "wrong-option-type",
    "syntax",
    "open-text",
    "several-problems",
    "function-sees-no-variables",
    "read-only-property",
    "wrong-in-import",
    "import-missing",
];

#[test]
fn check_finds_what_can_be_known_before() {
    for name in KNOWN_BEFORE {
        let script = format!("{name}.rhai");
        let expected = std::fs::read_to_string(folder().join(&script).with_extension("stderr")).unwrap_or_default();
        assert_eq!(run(&["check", &script]), (Some(1), expected), "{name}");
    }
}

#[test]
fn check_is_silent_about_what_only_a_run_can_show() {
    for name in scripts() {
        let known = KNOWN_BEFORE.iter().any(|known| name == format!("{known}.rhai")) || name == "not-utf8.rhai";
        if !known {
            assert_eq!(run(&["check", &name]), (Some(0), String::new()), "{name}");
        }
    }
}

#[test]
fn what_is_no_script_is_said_to_be_none() {
    let message = |name: &str| run(&["run", name]);
    assert_eq!(message("lib"), (Some(1), "error: cannot read script `lib`\n  = this is a folder\n".to_string()));
    assert_eq!(
        message("artikle"),
        (
            Some(1),
            "error: cannot read script `artikle`\n  = there is no such file, and no script of that name in labsh\n  = did you mean `article`?\n"
                .to_string()
        )
    );
}

//! A sample: one object with one setting. It is made through labsh and read by the real program; made by the real program, from the lines
//! that `--trace` tells, and read by labsh; and both dumps are equal.

use super::{STAGE, run, scrub, text};
use libtest_mimic::Failed;
use serde_json::Value;

pub struct Sample {
    pub name: String,
    /// Features of the kernel that it needs.
    pub needs: Vec<&'static str>,
    /// The script that makes it.
    pub make: String,
    /// The program that shows it as JSON.
    pub show: String,
    /// What that is to say, by JSON pointer: each is one check.
    pub wants: Vec<(String, Value)>,
    /// What labsh reads, in both worlds alike.
    pub read: String,
    /// What labsh reads, and where the program says the same, in both worlds.
    pub same: Vec<(String, &'static str)>,
}

impl Sample {
    /// How many checks it makes: what was set and read by the program, the told lines, and what labsh reads of both.
    pub fn checks(&self) -> usize {
        self.wants.len() + 2 + 2 * self.same.len()
    }
}

/// Whether a value of the program is the one that was set: it writes numbers as texts, hexadecimal ones, and leaves out what is off.
fn is(got: Option<&Value>, want: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::String(text) => match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok().map(|number| number as f64),
            None => text.parse().ok(),
        },
        other => other.as_f64(),
    };
    match (got, want) {
        (None | Some(Value::Null), Value::Bool(on)) => !on || got == Some(&Value::Null),
        (Some(Value::Bool(got)), Value::Bool(on)) => got == on,
        (Some(Value::Number(got)), Value::Bool(on)) => got.as_u64() == Some(u64::from(*on)),
        (Some(Value::String(got)), Value::Bool(on)) => (got == "on") == *on,
        (Some(got), Value::Number(_)) => number(got) == want.as_f64(),
        (Some(got), want) => got == want,
        (None, _) => false,
    }
}

/// What a run printed: the told lines, the program's JSON, labsh's reading, and its values beside those of the program.
struct Seen {
    told: String,
    json: Value,
    read: String,
    same: Vec<String>,
}

fn look(script: &str, sample: &Sample, options: &[&str]) -> Result<Seen, Failed> {
    let mut script = format!("{script}\nprint(\"@\" + shell(`{}`).stdout);\nprint(\"#\" + ({}));\n", sample.show, sample.read);
    for (expression, _) in &sample.same {
        script += &format!("print(\"=\" + ({expression}));\n");
    }
    let made = run(&script, options);
    let (stdout, stderr) = (text(&made.stdout), text(&made.stderr));
    if !made.status.success() {
        return Err(format!("the script failed:\n{script}\n{stdout}{stderr}").into());
    }
    let of = |mark: &str| stdout.lines().filter_map(|line| line.strip_prefix(mark)).map(str::to_string).collect::<Vec<String>>();
    let json = of("@").join("");
    let json = serde_json::from_str(&json).map_err(|error| Failed::from(format!("no JSON ({error}):\n{stdout}{stderr}")))?;
    let told = [stdout.as_str(), stderr.as_str()].concat();
    let told: Vec<&str> = told.lines().filter_map(|line| line.trim().strip_prefix("$ ")).collect();
    let told: Vec<&str> = told.into_iter().filter(|line| !line.starts_with("sh -c")).collect();
    Ok(Seen { told: told.join("\n"), json, read: of("#").join("\n"), same: of("=") })
}

pub fn check(sample: &Sample) -> Result<(), Failed> {
    let mut made = look(&format!("{STAGE}\n{};", sample.make), sample, &["--trace"])?;
    for (pointer, want) in &sample.wants {
        let got = made.json.pointer(pointer);
        if !is(got, want) {
            return Err(format!("{pointer} is {got:?}, not {want}, in\n{:#}", made.json).into());
        }
    }
    let lines = &made.told;
    let mut twin = look(&format!("let lines = `set -e\n{lines}`;\nshell(lines);"), sample, &["-q"])?;
    if made.read.is_empty() || made.read != twin.read {
        return Err(format!("labsh reads of its own\n{}\nand of what\n{lines}\nhas made\n{}", made.read, twin.read).into());
    }
    for seen in [&made, &twin] {
        for ((expression, pointer), value) in sample.same.iter().zip(&seen.same) {
            let said = match seen.json.pointer(pointer) {
                Some(Value::String(said)) => said.clone(),
                Some(said) => said.to_string(),
                None => String::new(),
            };
            if said != *value {
                return Err(format!("`{expression}` is {value}, and {pointer} is {said}, in\n{:#}", seen.json).into());
            }
        }
    }
    scrub(&mut made.json);
    scrub(&mut twin.json);
    match made.json == twin.json {
        true => Ok(()),
        false => Err(format!("the told lines make something else:\n{lines}\nlabsh: {:#}\nshell: {:#}", made.json, twin.json).into()),
    }
}

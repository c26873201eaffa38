//! What an input is made of: Rhai, dot-commands, programs, questions, and lines that people know from other tools.

use super::token::KEYWORDS;

/// A piece of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Rhai, perhaps many lines of it.
    Script(&'a str),
    /// `.name …`
    Command(&'a str),
    /// `!program …`
    Program(&'a str),
    /// `help …`, `….?`
    Help(&'a str),
    /// A line that begins with the name of a tool, or of a namespace.
    Tool(&'a str),
}

impl Part<'_> {
    /// Its text.
    pub(super) fn text(&self) -> &str {
        let (Part::Script(text) | Part::Command(text) | Part::Program(text) | Part::Help(text) | Part::Tool(text)) = self;
        text
    }
}

/// Tools whose lines are understood.
pub(super) const TOOLS: [&str; 17] = [
    "ip", "bridge", "sudo", "sysctl", "ping", "ping6", "curl", "wget", "ifconfig", "route", "arp", "brctl", "python3", "python", "tc",
    "nft", "iptables",
];

/// What the session knows of names.
pub(super) trait Names {
    /// Whether a variable has that name.
    fn variable(&self, name: &str) -> bool;
    /// Whether a namespace has that name.
    fn namespace(&self, name: &str) -> bool;
    /// Whether a Rhai text lacks its end.
    fn unfinished(&self, text: &str) -> bool;
}

/// Tells what a line is, if it is not Rhai.
fn other<'a>(line: &str, names: &dyn Names) -> Option<fn(&'a str) -> Part<'a>> {
    let line = line.trim();
    if is_command(line) {
        return Some(Part::Command);
    }
    if let Some(program) = line.strip_prefix('!') {
        return is_program(program, names).then_some(Part::Program);
    }
    if is_question(line) && !names.variable("help") {
        return Some(Part::Help);
    }
    is_tool(line, names).then_some(Part::Tool)
}

/// `.5` is a number, and `.up()` goes on with the line before.
fn is_command(line: &str) -> bool {
    let Some(rest) = line.strip_prefix('.') else { return false };
    let name = rest.split_whitespace().next().unwrap_or("");
    rest.is_empty()
        || name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '?') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '?')
}

/// `!x.is_up` is Rhai where `x` is a variable.
fn is_program(rest: &str, names: &dyn Names) -> bool {
    let word = rest.trim_start().split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
    !(rest.starts_with('(') || names.variable(word) || matches!(word, "true" | "false" | "root"))
}

fn is_question(line: &str) -> bool {
    let after = line.strip_prefix("help");
    let asks = after.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '(']) && !rest.trim_start().starts_with('='));
    let path = line.strip_suffix('?').map(str::trim_end);
    asks || path.is_some_and(|path| {
        path.is_empty() || path.chars().all(|c| c.is_alphanumeric() || "_.:()\"-# ".contains(c)) && !path.ends_with(['"', ')'])
    })
}

/// Words one after the other are no Rhai; `ip = 5` and `route.add(…)` are.
fn is_tool(line: &str, names: &dyn Names) -> bool {
    if line.starts_with("* ") || many(line).is_some() {
        return true;
    }
    let (first, rest) = line.split_once(char::is_whitespace).map_or((line, ""), |(first, rest)| (first, rest.trim_start()));
    let next = rest.split_whitespace().next().unwrap_or("");
    let tool = TOOLS.contains(&first);
    if !tool && (KEYWORDS.contains(&first) || !names.namespace(first)) {
        return false;
    }
    let variable = names.variable(first);
    match next.chars().next() {
        None => tool && !variable,
        Some('-') => !variable && next.len() > 1 && !next.starts_with("-="),
        Some(c) if c.is_alphanumeric() || c == '_' => !matches!(next, "in" | "as"),
        Some('/') => next.len() > 1 && next != "/=",
        Some('.' | '~') => next.starts_with("./") || next.starts_with("../") || next.starts_with("~/"),
        Some(c) => tool && !variable && matches!(c, '"' | '\'' | ':'),
    }
}

/// `/r[0-9]/ ip addr`: the expression, and what is to run.
pub(super) fn many(line: &str) -> Option<(&str, &str)> {
    let (pattern, rest) = line.strip_prefix('/')?.split_once('/')?;
    let rest = rest.strip_prefix(' ')?.trim();
    (!pattern.is_empty() && !pattern.starts_with(['/', '*']) && !rest.is_empty()).then_some((pattern, rest))
}

/// Splits an input into its parts, in order.
pub(super) fn parts<'a>(input: &'a str, names: &dyn Names) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut at = 0;
    while at < input.len() {
        let line_end = end_of_line(input, at);
        if input[at..line_end].trim().is_empty() {
            at = line_end;
            continue;
        }
        match other(&input[at..line_end], names) {
            Some(kind) => {
                let end = joined_end(input, at);
                parts.push(kind(input[at..end].trim()));
                at = end;
            }
            None => {
                let end = script_end(input, at, names);
                parts.push(Part::Script(input[at..end].trim_end()));
                at = end;
            }
        }
    }
    parts
}

fn end_of_line(input: &str, at: usize) -> usize {
    input[at..].find('\n').map_or(input.len(), |end| at + end + 1)
}

/// A backslash at the end joins the next line, as in a shell.
fn joined_end(input: &str, at: usize) -> usize {
    let mut end = end_of_line(input, at);
    while end < input.len() && input[at..end].trim_end().ends_with('\\') {
        end = end_of_line(input, end);
    }
    end
}

/// Rhai goes on to the next line that is something else, outside of its brackets and strings.
fn script_end(input: &str, at: usize, names: &dyn Names) -> usize {
    let mut end = end_of_line(input, at);
    while end < input.len() {
        let next = end_of_line(input, end);
        if other(&input[end..next], names).is_some() && !names.unfinished(&input[at..end]) {
            break;
        }
        end = next;
    }
    end
}

/// Returns whether an input goes on in the next line. An empty line ends whatever was begun.
pub(super) fn goes_on(input: &str, names: &dyn Names) -> bool {
    if input.ends_with('\n') || input.trim().is_empty() {
        return false;
    }
    match parts(input, names).last() {
        Some(Part::Script(text)) => names.unfinished(text),
        Some(Part::Tool(line) | Part::Program(line)) => line.ends_with('\\'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repl::unfinished;

    struct Some2;
    impl Names for Some2 {
        fn variable(&self, name: &str) -> bool {
            matches!(name, "blue" | "n")
        }
        fn namespace(&self, name: &str) -> bool {
            matches!(name, "blue_ns" | "h-1")
        }
        fn unfinished(&self, text: &str) -> bool {
            unfinished::unfinished(&rhai::Engine::new(), text)
        }
    }

    fn kind(line: &str) -> &'static str {
        match parts(line, &Some2).as_slice() {
            [Part::Script(_)] => "script",
            [Part::Command(_)] => "command",
            [Part::Program(_)] => "program",
            [Part::Help(_)] => "help",
            [Part::Tool(_)] => "tool",
            _ => "?",
        }
    }

    #[test]
    fn a_line_is_told_by_its_first_words() {
        for line in [
            "ip = 5",
            "ip + 1",
            "route.add(\"default\")",
            "n - 1",
            "blue_ns in names",
            "!blue.is_root",
            "!(1 == 2)",
            "ping(\"10.0.0.1\")",
            "a / b / c",
            "let ip = 4",
            "ipx link",
        ] {
            assert_eq!(kind(line), "script", "{line}");
        }
        for line in [
            "ip addr",
            "sudo ip netns list",
            "route",
            "route -n",
            "ping -c 1 10.0.0.1",
            "blue_ns ping red_ns",
            "h-1 ip addr",
            "* ip addr",
            "/r[0-9]/ ip addr",
            "ip -n blue_ns link",
            "python3 -m http.server 8080 &",
        ] {
            assert_eq!(kind(line), "tool", "{line}");
        }
        assert_eq!((kind(".cd blue_ns"), kind("!ls -l"), kind("help"), kind("help(route)")), ("command", "program", "help", "help"));
        assert_eq!((kind("blue.route.add?"), kind("netns::add?"), kind("\"why?\"")), ("help", "help", "script"));
    }

    #[test]
    fn a_paste_is_cut_where_the_language_changes() {
        let found = parts("fn f() {\n  ip\n}\nsudo ip netns add x\n\nlet a = 1;\nblue\n  .link(\"lo\")\n  .up();\n.ns\n", &Some2);
        assert_eq!(
            found,
            [
                Part::Script("fn f() {\n  ip\n}"),
                Part::Tool("sudo ip netns add x"),
                Part::Script("let a = 1;\nblue\n  .link(\"lo\")\n  .up();"),
                Part::Command(".ns"),
            ]
        );
    }

    #[test]
    fn an_input_goes_on_until_it_is_complete_or_a_line_is_empty() {
        assert!(goes_on("fn f() {", &Some2));
        assert!(!goes_on("fn f() {\n", &Some2));
        assert!(goes_on("ip link add a \\", &Some2));
        assert!(!goes_on("1 +* 2", &Some2));
    }
}

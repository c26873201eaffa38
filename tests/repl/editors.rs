//! `labsh lsp`, by a client that speaks the protocol.

use crate::pty::labsh;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const URI: &str = "file:///nowhere/lab.rhai";

struct Client {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next: u64,
}

impl Client {
    fn start() -> Client {
        let mut child = Command::new(labsh()).arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("labsh starts");
        let (input, output) = (child.stdin.take().expect("a pipe"), BufReader::new(child.stdout.take().expect("a pipe")));
        Client { child, input, output, next: 0 }
    }

    fn write(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).and_then(|()| self.input.flush()).expect("it reads");
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.output.read_line(&mut line).expect("it writes");
            match line.trim() {
                "" => break,
                header => length = header.strip_prefix("Content-Length: ").map_or(length, |n| n.parse().expect("a number")),
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).expect("the whole message");
        serde_json::from_slice(&body).expect("JSON")
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        self.write(&json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params }));
        let answer = self.read();
        assert_eq!(answer["id"], self.next, "{answer}");
        answer
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.write(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Opens a text, and returns what is wrong in it.
    fn open(&mut self, text: &str) -> Vec<Value> {
        self.tell("textDocument/didOpen", json!({ "textDocument": { "uri": URI, "languageId": "rhai", "version": 1, "text": text } }));
        let published = self.read();
        assert_eq!(published["method"], "textDocument/publishDiagnostics");
        published["params"]["diagnostics"].as_array().expect("a list").clone()
    }

    fn at(&mut self, method: &str, line: u32, character: u32) -> Value {
        let params = json!({ "textDocument": { "uri": URI }, "position": { "line": line, "character": character } });
        self.ask(method, params)["result"].clone()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_editor_is_told_what_is_wrong_and_what_may_follow() {
    let mut editor = Client::start();
    let able = editor.ask("initialize", json!({ "capabilities": {} }));
    assert_eq!(able["result"]["serverInfo"]["name"], "labsh");
    editor.tell("initialized", json!({}));
    let wrong = editor.open(
        "let blue = netns::add(\"blue\");\nlet a = \"😀\"; blue.lnik(\"lo\");\nblue.route.add(\"default\", #{ vai: \"10.0.0.1\" });\n",
    );
    let found: Vec<(u64, u64, u64, &str)> = wrong
        .iter()
        .map(|d| {
            let at = |end: &str, key: &str| d["range"][end][key].as_u64().expect("a number");
            (at("start", "line"), at("start", "character"), at("end", "character"), d["message"].as_str().expect("a text"))
        })
        .collect();
    assert!(matches!(found[0], (1, 19, 23, message) if message.contains("did you mean `link`?")), "{found:?}");
    assert!(matches!(found[1], (2, 29, 32, message) if message.contains("did you mean `via`?")), "{found:?}");
    editor.tell(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": URI, "version": 2 }, "contentChanges": [{ "text":
        "let blue = netns::add(\"blue\");\nblue.route.add(\"default\", #{ via: \"10.0.0.1\" });\nnetns::get(\"\nblue.li\n" }] }),
    );
    editor.read();
    let hover = editor.at("textDocument/hover", 1, 12);
    let text = hover["contents"]["value"].as_str().expect("a text");
    assert!(text.starts_with("### `Routes.add(dst: string") && text.contains("```rhai"), "{text}");
    assert_eq!(editor.at("textDocument/hover", 1, 31)["contents"]["value"], "`via` (string): gateway");
    assert_eq!(editor.at("textDocument/hover", 0, 5)["contents"]["value"], "`Netns`");
    let labels = |answer: &Value| {
        answer["items"].as_array().expect("a list").iter().map(|i| i["label"].as_str().expect("a text").to_string()).collect::<Vec<_>>()
    };
    let members = editor.at("textDocument/completion", 3, 7);
    assert!(labels(&members).contains(&"link(".to_string()), "{members}");
    let resolved = editor.ask("completionItem/resolve", members["items"][0].clone());
    assert!(resolved["result"]["documentation"]["value"].as_str().is_some_and(|text| text.contains("### `Netns.link")), "{resolved}");
    assert!(labels(&editor.at("textDocument/completion", 2, 12)).contains(&"blue".to_string()), "a name that the script gives");
    assert!(labels(&editor.at("textDocument/completion", 1, 29)).contains(&"via:".to_string()));
    let signature = editor.at("textDocument/signatureHelp", 1, 26);
    assert_eq!((&signature["activeParameter"], &signature["signatures"][0]["parameters"][0]["label"]), (&json!(1), &json!("dst: string")));
    assert_eq!(editor.ask("no/such", json!({}))["error"]["code"], -32601);
    editor.ask("shutdown", Value::Null);
    editor.tell("exit", Value::Null);
    assert!(editor.child.wait().expect("it ends").success());
}

#[test]
fn the_scripts_that_labsh_carries_are_right_for_an_editor_too() {
    let mut editor = Client::start();
    editor.ask("initialize", json!({ "capabilities": {} }));
    let article = Command::new(labsh()).args(["scripts", "article"]).output().expect("labsh runs");
    assert_eq!(editor.open(&String::from_utf8_lossy(&article.stdout)), Vec::<Value>::new());
}

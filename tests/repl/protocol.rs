//! `labsh repl --json`, as a notebook drives it.

use crate::pty::labsh;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub struct Notebook {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    next: u64,
    /// Events that belong to no request.
    pub news: Vec<Value>,
}

impl Notebook {
    pub fn start() -> Notebook {
        let mut command = Command::new(labsh());
        command.args(["repl", "--json"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("labsh starts");
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().expect("a pipe")));
        let mut notebook = Notebook { child, input, output, next: 0, news: Vec::new() };
        let ready = notebook.read();
        assert_eq!((&ready["event"], &ready["protocol"], &ready["world"]), (&json!("ready"), &json!(1), &json!("sandbox")));
        notebook
    }

    pub fn write(&mut self, request: &Value) {
        writeln!(self.input.as_mut().expect("it is open"), "{request}").expect("it reads");
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        assert_ne!(self.output.read_line(&mut line).expect("it writes"), 0, "labsh has ended");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Sends a request; returns the number that its events carry.
    fn send(&mut self, mut request: Value) -> u64 {
        self.next += 1;
        request["id"] = json!(self.next);
        self.write(&request);
        self.next
    }

    /// Reads until a request is done; the last event is `done`.
    fn answered(&mut self, id: u64) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let event = self.read();
            match event["id"] == id {
                true => events.push(event),
                false => self.news.push(event),
            }
            if events.last().is_some_and(|event| event["event"] == "done") {
                return events;
            }
        }
    }

    /// Types an input; returns the events that it gives.
    pub fn input(&mut self, text: &str) -> Vec<Value> {
        let id = self.send(json!({ "input": text }));
        self.answered(id)
    }

    /// Waits for an event that belongs to no request.
    fn wait_news(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Some(at) = self.news.iter().position(&is_it) {
                return self.news.remove(at);
            }
            let event = self.read();
            self.news.push(event);
        }
    }

    /// Closes the input, and returns the exit status.
    pub fn end(mut self) -> Option<i32> {
        self.input.take();
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Notebook {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap_or("?")).collect()
}

#[test]
fn inputs_give_values_errors_and_an_end() {
    let mut notebook = Notebook::start();
    let events = notebook.input("let blue = netns::add(\"blue\"); print(\"made\"); blue.link(\"lo\")");
    assert_eq!(names(&events), ["print", "value", "done"]);
    assert_eq!(
        (&events[1]["type"], &events[1]["value"]["name"], &events[1]["value"]["mtu"]),
        (&json!("Link"), &json!("lo"), &json!(65536))
    );
    assert_eq!((&events[2]["ok"], &events[2]["prompt"]), (&json!(true), &json!("lab>")));
    let events = notebook.input("let x = 1;\nblue.lnik(\"lo\")");
    assert_eq!(names(&events), ["error", "done"]);
    let span = json!({ "source": "input", "line": 2, "column": 6, "width": 4 });
    assert_eq!((&events[0]["span"], &events[0]["hint"]), (&span, &json!("did you mean `link`?")));
    let events = notebook.input("blue.link(\"eth0\")");
    assert_eq!((&events[0]["kind"], &events[0]["netns"], &events[1]["ok"]), (&json!("not-found"), &json!("blue"), &json!(false)));
    let events = notebook.input("ip netns list");
    assert_eq!(events[0]["text"], "blue");
    let events = notebook.input("!echo out; echo err >&2; exit 3");
    assert_eq!((&events[0]["stdout"], &events[0]["stderr"], &events[0]["status"]), (&json!("out\n"), &json!("err\n"), &json!(3)));
    let events = notebook.input("[#{ a: 1.5 }, true, (), \"text\"]");
    assert_eq!(events[0]["value"], json!([{ "a": 1.5 }, true, null, "text"]));
    assert_eq!(notebook.end(), Some(0));
}

#[test]
fn a_notebook_completes_asks_and_interrupts() {
    let mut notebook = Notebook::start();
    notebook.input("let blue = netns::add(\"blue\");");
    let id = notebook.send(json!({ "complete": "blue.is", "at": 7 }));
    let events = notebook.answered(id);
    assert_eq!((&events[0]["from"], &events[0]["candidates"][0]["text"]), (&json!(5), &json!("is_root")));
    for (text, finished) in [("fn f() {", false), ("1 + 1", true), ("ip netns list", true)] {
        let id = notebook.send(json!({ "finished": text }));
        assert_eq!(notebook.answered(id)[0]["finished"], finished, "{text}");
    }
    let id = notebook.send(json!({ "help": "route add" }));
    assert!(notebook.answered(id)[0]["text"].as_str().is_some_and(|text| text.contains("as `ip route add`")));
    // Interrupted before it has begun, or while it runs: it ends.
    let id = notebook.send(json!({ "input": "loop {}" }));
    notebook.write(&json!({ "interrupt": true }));
    let events = notebook.answered(id);
    assert_eq!((&events[0]["kind"], names(&events)), (&json!("interrupted"), vec!["error", "done"]));
    notebook.write(&json!({ "interrupt": true }));
    assert_eq!(notebook.input("1 + 1")[0]["value"], 2, "an interrupt that is for nobody does nothing");
    notebook.write(&json!("no request"));
    assert_eq!(notebook.wait_news(|event| event["kind"] == "protocol")["event"], "error");
}

#[test]
fn a_notebook_is_told_what_happens_meanwhile() {
    let mut notebook = Notebook::start();
    notebook.input(".watch");
    notebook.input("let blue = netns::add(\"blue\");");
    notebook.input("blue.link(\"lo\").up();");
    let event = notebook.wait_news(|event| event["event"] == "kernel");
    assert_eq!((&event["netns"], &event["object"], &event["text"]), (&json!("blue"), &json!("link"), &json!("lo UP")));
    notebook.input("let p = blue.start(\"echo hello\");");
    assert_eq!(notebook.wait_news(|event| event["event"] == "output")["text"], "hello");
    assert_eq!(notebook.wait_news(|event| event["event"] == "ended")["status"], 0);
    notebook.input("let web = blue.http_server(80, \"x\"); blue.http_get(\"http://localhost/\");");
    assert_eq!(notebook.wait_news(|event| event["event"] == "request")["port"], 80);
}

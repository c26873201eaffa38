//! `labsh lsp`: a language server on standard input and output (Language Server Protocol 3.17), for VS Code, Helix, Neovim and others.
//! What is wrong in a script comes from the check, everything else from the catalogue, as in the REPL. No lab is entered.

mod document;

use super::complete;
use super::cursor;
use super::ground::Ground;
use super::token::{Kind, tokens};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::runner::{self, scripts::Script};
use crate::script::catalogue::Entry;
use crate::script::{Interpreter, reference};
use document::{Document, path};
use lsp_server::{ErrorCode, Message, Notification, Request, Response};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::io::{BufReader, stdin, stdout};

/// What a diagnostic and a completion are (CompletionItemKind, DiagnosticSeverity in the protocol).
const SEVERITY_ERROR: u8 = 1;
const KIND_METHOD: u8 = 2;
const KIND_FUNCTION: u8 = 3;
const KIND_MODULE: u8 = 9;
const KIND_PROPERTY: u8 = 10;

/// More words than these are listed, not explained in full.
const IN_FULL: usize = 3;

/// Serves until the editor says `exit`; returns the exit status that the protocol wants.
///
/// # Errors
///
/// What keeps it from reading or writing.
pub fn run() -> Result<i32> {
    let failed = |error: std::io::Error| Error::new(ErrorKind::Failed, "talk to the editor", "", error.to_string());
    let mut server = Server { interpreter: Interpreter::new(), documents: HashMap::new(), shut_down: false };
    let mut input = BufReader::new(stdin());
    while let Some(message) = Message::read(&mut input).map_err(failed)? {
        let answers = match message {
            Message::Request(request) => vec![Message::Response(server.answer(request))],
            Message::Notification(told) if told.method == "exit" => return Ok(i32::from(!server.shut_down)),
            Message::Notification(told) => server.hear(&told).into_iter().map(Message::Notification).collect(),
            Message::Response(_) => Vec::new(),
        };
        for answer in answers {
            answer.write(&mut stdout().lock()).map_err(failed)?;
        }
    }
    Ok(0)
}

struct Server {
    interpreter: Interpreter,
    documents: HashMap<String, Document>,
    shut_down: bool,
}

impl Server {
    fn answer(&mut self, request: Request) -> Response {
        let Request { id, method, params } = request;
        let place = || {
            let document = self.documents.get(params["textDocument"]["uri"].as_str()?)?;
            Some((document, document.offset(&params["position"])))
        };
        let found = match method.as_str() {
            "initialize" => capabilities(),
            "shutdown" => {
                self.shut_down = true;
                Value::Null
            }
            "textDocument/completion" => place().map_or(Value::Null, |(document, at)| self.completions(&params, document, at)),
            "completionItem/resolve" => self.resolve(params),
            "textDocument/hover" => place().and_then(|(document, at)| self.hover(document, at)).unwrap_or_default(),
            "textDocument/signatureHelp" => place().and_then(|(document, at)| self.signature(document, at)).unwrap_or_default(),
            _ => return Response::new_err(id, ErrorCode::MethodNotFound as i32, format!("`{method}` is not served")),
        };
        Response::new_ok(id, found)
    }

    fn hear(&mut self, told: &Notification) -> Option<Notification> {
        let params = &told.params;
        let uri = params["textDocument"]["uri"].as_str()?.to_string();
        let text = match told.method.as_str() {
            "textDocument/didOpen" => params["textDocument"]["text"].as_str()?,
            // The whole text comes each time: that is what `capabilities` asks for.
            "textDocument/didChange" => params["contentChanges"].as_array()?.last()?["text"].as_str()?,
            "textDocument/didClose" => {
                self.documents.remove(&uri);
                return Some(publish(&uri, Vec::new()));
            }
            _ => return None,
        };
        let document = Document::new(text);
        let problems = self.problems(&uri, &document);
        self.documents.insert(uri.clone(), document);
        Some(publish(&uri, problems))
    }

    /// What the check finds.
    fn problems(&self, uri: &str, document: &Document) -> Vec<Value> {
        let script = Script { name: path(uri), text: document.text.clone() };
        let sources = self.interpreter.sources();
        let checked = runner::check(&self.interpreter, &script);
        let own = checked.findings.iter().filter(|finding| finding.place.as_ref().is_none_or(|place| place.source == script.name));
        let problem = |finding: &runner::diagnostic::Finding| {
            let (line, column) = finding.place.as_ref().map_or((1, 1), |place| (place.line, place.column));
            let width = finding.span(sources).unwrap_or(1).max(1);
            let message: Vec<&str> =
                [&finding.headline].into_iter().chain(&finding.notes).chain(&finding.hint).map(String::as_str).collect();
            let range = document.range_of(line, column, width);
            json!({ "range": range, "severity": SEVERITY_ERROR, "source": "labsh", "message": message.join("\n") })
        };
        own.map(problem).collect()
    }

    fn completions(&self, params: &Value, document: &Document, at: usize) -> Value {
        let (head, tail) = document.text.split_at(at);
        let ground = Ground::of_words(&self.interpreter);
        let (begin, mut candidates) = complete::script(&ground, head, tail);
        if in_text(head) && candidates.is_empty() {
            candidates.extend(names_in(&document.text, at).into_iter().map(complete::pair));
        }
        let range = document.range(begin, at);
        let data = json!({ "uri": params["textDocument"]["uri"], "begin": begin });
        let written = &head[begin..];
        let items: Vec<Value> = candidates
            .into_iter()
            .filter(|candidate| candidate.replacement.starts_with(written))
            .map(|candidate| {
                let label = candidate.replacement.trim_end_matches(['"', ' ']).to_string();
                let kind = match label.as_str() {
                    text if text.ends_with("::") => KIND_MODULE,
                    text if text.ends_with(':') => KIND_PROPERTY,
                    text if text.ends_with(['(', ')']) => {
                        if head[..begin].ends_with('.') {
                            KIND_METHOD
                        } else {
                            KIND_FUNCTION
                        }
                    }
                    _ => KIND_PROPERTY,
                };
                let detail = (candidate.display != candidate.replacement).then_some(candidate.display);
                let edit = json!({ "range": range, "newText": candidate.replacement });
                json!({ "label": label, "kind": kind, "detail": detail, "textEdit": edit, "data": data })
            })
            .collect();
        json!({ "isIncomplete": false, "items": items })
    }

    /// Adds the documentation to the candidate that the user looks at.
    fn resolve(&self, mut item: Value) -> Value {
        let doc = || {
            let document = self.documents.get(item["data"]["uri"].as_str()?)?;
            let begin = usize::try_from(item["data"]["begin"].as_u64()?).ok()?;
            let written = item["textEdit"]["newText"].as_str()?;
            let text = format!("{}{}", document.text.get(..begin)?, written.trim_end_matches(['(', ')', ' ', ':', '"']));
            self.explain(&text, text.len())
        };
        if let Some(doc) = doc() {
            item["documentation"] = json!({ "kind": "markdown", "value": doc });
        }
        item
    }

    fn hover(&self, document: &Document, at: usize) -> Option<Value> {
        let text = self.explain(&document.text, at)?;
        Some(json!({ "contents": { "kind": "markdown", "value": text } }))
    }

    /// What the word at a place is, in Markdown.
    fn explain(&self, text: &str, at: usize) -> Option<String> {
        let ground = Ground::of_words(&self.interpreter);
        let all = tokens(text);
        let explained = cursor::explain(&all, at, &ground)?;
        let many = explained.words.len() > IN_FULL;
        let text = |entry: &&Entry| match many {
            true => format!("- `{}`: {}", entry.signature(), entry.summary()),
            false => reference::entry_text(entry),
        };
        let mut parts: Vec<String> = explained.words.iter().map(text).collect();
        parts.dedup();
        parts.extend(explained.key.map(|key| format!("`{}` ({}): {}", key.name, key.takes, key.help)));
        parts.extend(explained.ty.map(|ty| format!("`{ty}`")));
        (!parts.is_empty()).then(|| parts.join("\n"))
    }

    fn signature(&self, document: &Document, at: usize) -> Option<Value> {
        let ground = Ground::of_words(&self.interpreter);
        let all = tokens(&document.text[..at]);
        let open = cursor::open_call(&all, &ground)?;
        let entry = open.entry(&ground)?;
        let mut parameters: Vec<Value> =
            entry.params.iter().map(|param| json!({ "label": format!("{}: {}", param.name, param.takes) })).collect();
        parameters
            .extend(entry.options.map(|options| json!({ "label": format!("#{{ {} }}", options.names().collect::<Vec<_>>().join(", ")) })));
        let signature = json!({ "label": entry.signature(), "documentation": entry.summary(), "parameters": parameters });
        Some(json!({ "signatures": [signature], "activeSignature": 0, "activeParameter": open.argument }))
    }
}

fn capabilities() -> Value {
    json!({
        "capabilities": {
            "positionEncoding": "utf-16",
            "textDocumentSync": { "openClose": true, "change": 1 },
            "completionProvider": { "triggerCharacters": [".", ":", "\"", "{", ","], "resolveProvider": true },
            "hoverProvider": true,
            "signatureHelpProvider": { "triggerCharacters": ["(", ","] },
        },
        "serverInfo": { "name": "labsh", "version": env!("CARGO_PKG_VERSION") },
    })
}

fn publish(uri: &str, diagnostics: Vec<Value>) -> Notification {
    Notification::new("textDocument/publishDiagnostics".to_string(), json!({ "uri": uri, "diagnostics": diagnostics }))
}

fn in_text(head: &str) -> bool {
    tokens(head).last().is_some_and(|last| last.kind == Kind::Text { closed: false } && last.end() == head.len())
}

/// The names that the script itself gives: the strings in it that could be one.
fn names_in(text: &str, at: usize) -> BTreeSet<String> {
    let is_name = |name: &&str| {
        (1..=64).contains(&name.len()) && name.chars().all(|c| c.is_alphanumeric() || "._-".contains(c)) && !name.starts_with('.')
    };
    // Around the cursor, an open quote would swallow what follows.
    let lines = text.split_inclusive('\n').scan(0, |begin, line| {
        let start = *begin;
        *begin += line.len();
        Some((start..*begin, line))
    });
    let elsewhere: String = lines.filter(|(range, _)| !range.contains(&at)).map(|(_, line)| line).collect();
    tokens(&elsewhere)
        .iter()
        .filter(|t| t.kind == Kind::Text { closed: true })
        .map(|t| t.inner())
        .filter(is_name)
        .map(str::to_string)
        .collect()
}

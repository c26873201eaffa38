//! `tc actions`: the actions by themselves, each kind with its table (tc-actions(8)).

use super::super::super::Run;
use super::super::super::output::Fields;
use super::super::super::stop::{Result, Stop};
use super::super::super::words::{Words, begins};
use super::super::illegal;
use super::{count, read_all, told};
use crate::kernel::attr::{self, Writer};
use crate::kernel::filter::action::{put_all, read_all as read_found};
use crate::kernel::talk::{CREATE, EXCL, REPLACE};

const RTM_NEWACTION: u16 = 48;
const RTM_DELACTION: u16 = 49;
const RTM_GETACTION: u16 = 50;
const TCA_ACT_TAB: u16 = 1;
/// TCA_ROOT_FLAGS: many in one message, and how many (linux/rtnetlink.h).
const ROOT_FLAGS: u16 = 2;
const ROOT_SINCE: u16 = 4;
const LARGE_DUMP: [u8; 8] = [1, 0, 0, 0, 1, 0, 0, 0];

const HELP: &str = "usage: tc actions { add | change | replace } action KIND OPTIONS ...\n       tc actions { get | delete } action KIND index INDEX ...\n\
       tc actions { ls | list | flush } action KIND\n";

/// `tc actions`: what it is told is done one after the other, as long as there are words.
pub(in super::super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let mut failed = Ok(());
    while let Some(verb) = words.take() {
        let done = match verb {
            _ if begins(verb, "add") => set(run, words, EXCL | CREATE),
            _ if begins(verb, "change") || begins(verb, "replace") => set(run, words, CREATE | REPLACE),
            _ if begins(verb, "delete") => some(run, words, RTM_DELACTION),
            _ if begins(verb, "get") => some(run, words, RTM_GETACTION),
            _ if begins(verb, "list") || begins(verb, "show") || begins(verb, "lst") => list(run, words),
            _ if begins(verb, "flush") => flush(run, words),
            _ if begins(verb, "help") => Err(usage()),
            _ => return Err(super::super::unread(format!("Command \"{verb}\" is unknown, try \"tc actions help\"."))),
        };
        match done {
            Err(stop) if stop.status == 255 => return Err(stop),
            Err(stop) => {
                let _ = run.out.flush();
                let _ = run.err.write_all(stop.text.as_bytes());
                failed = Err(Stop { text: String::new(), ..stop });
            }
            Ok(()) => {}
        }
    }
    failed
}

fn usage() -> Stop {
    Stop { text: HELP.to_string(), whole: true, ..Stop::silent(255) }
}

fn talking(stop: Stop) -> Stop {
    match stop.status {
        2 => Stop { text: format!("{}We have an error talking to the kernel\n", stop.text), status: 255, ..stop },
        _ => stop,
    }
}

fn set(run: &mut Run<'_>, words: &mut Words<'_>, flags: u16) -> Result {
    if words.done() {
        return Err(super::super::unread("Illegal \"action\""));
    }
    let actions = read_all(run, words)?;
    let mut message = Writer::new(&[0; 4]);
    message.nest(TCA_ACT_TAB, |table| put_all(table, &actions));
    run.change(RTM_NEWACTION, flags, &message.bytes()).map_err(talking)
}

/// Gets or deletes those of numbers.
fn some(run: &mut Run<'_>, words: &mut Words<'_>, message: u16) -> Result {
    let mut chosen: Vec<(&str, u32)> = Vec::new();
    while words.eat("action") {
        let kind = words.value()?;
        if !words.eat("index") {
            return Err(Stop::unreadable(format!("Error: no index specified action: {kind}")));
        }
        chosen.push((kind, count(words.value()?).ok_or_else(|| illegal("index"))?));
    }
    let mut table = Writer::new(&[0; 4]);
    table.nest(TCA_ACT_TAB, |table| {
        for (at, (kind, index)) in chosen.iter().enumerate() {
            table.nest(at as u16 + 1, |action| {
                action.text(1, kind);
                action.u32(3, *index);
            });
        }
    });
    let answer = match run.ask(message, 0, &table.bytes()).map_err(talking) {
        Ok(answer) => answer,
        // What is refused is left unread, and no verb begins with it.
        Err(stop) if !chosen.is_empty() && stop.status == 255 => {
            return Err(Stop { text: format!("{}Command \"action\" is unknown, try \"tc actions help\".\n", stop.text), ..stop });
        }
        Err(stop) => {
            run.say(stop.text.trim_end());
            return Ok(());
        }
    };
    if message == RTM_GETACTION {
        for message in answer.messages {
            print(run, &message.bytes);
        }
    }
    Ok(())
}

/// The kind that is listed or flushed.
fn kind_word<'a>(words: &mut Words<'a>) -> Result<&'a str> {
    words.eat("action");
    words.take().ok_or_else(usage)
}

fn list(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let kind = kind_word(words)?;
    let mut table = Writer::new(&[0; 4]);
    table.nest(TCA_ACT_TAB, |table| table.nest(1, |action| action.text(1, kind)));
    table.put(ROOT_FLAGS, &LARGE_DUMP);
    if words.peek().is_some_and(|word| begins(word, "since")) {
        words.take();
        let text = words.value()?;
        let millis = count(text).ok_or_else(|| Stop::invalid(text, "dump time \"since\" is invalid"))?;
        table.u32(ROOT_SINCE, millis);
    }
    let answers = run.dump(RTM_GETACTION, &table.bytes())?;
    if answers.is_empty() {
        run.print(&[]);
    }
    for answer in answers {
        print(run, &answer.bytes);
    }
    Ok(())
}

fn flush(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    const NLM_F_ROOT: u16 = 0x100;
    let kind = kind_word(words)?;
    let mut table = Writer::new(&[0; 4]);
    table.nest(TCA_ACT_TAB, |table| table.nest(1, |action| action.text(1, kind)));
    table.put(ROOT_FLAGS, &LARGE_DUMP);
    run.change(RTM_DELACTION, NLM_F_ROOT, &table.bytes()).map_err(|stop| match stop.status {
        2 => Stop { text: format!("{}We have an error flushing\n", stop.text), status: 1, ..stop },
        _ => stop,
    })
}

/// Prints the actions of an answer, which begins with how many there are.
fn print(run: &mut Run<'_>, bytes: &[u8]) {
    const ROOT_COUNT: u16 = 3;
    let attributes = bytes.get(4..).unwrap_or_default();
    let found = attr::find(attributes, TCA_ACT_TAB).map(read_found).unwrap_or_default();
    let mut all = Vec::new();
    let count = attr::find(attributes, ROOT_COUNT).map_or(0, attr::number);
    let mut total = Fields::new();
    total.both("total acts", count, format!("total acts {count}\n"));
    all.push(total);
    let list: Vec<Fields> = found.iter().map(|found| told(run, found, true)).collect();
    let mut actions = Fields::new();
    actions.objects("actions", list);
    all.push(actions);
    run.print(&all);
}

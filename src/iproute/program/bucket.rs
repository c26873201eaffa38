//! `ip nexthop bucket`: which next hop each bucket of a resilient group sends to.

use super::link::show::{is_show, is_vrf};
use super::nexthop::{HZ, NHA_ID, NHA_MASTER, NHA_OIF, NHMSG, id};
use super::output::{Fields, Value};
use super::route::show::flag_fields;
use super::stop::{Result, Stop};
use super::tc::number::significant;
use super::words::{Words, begins};
use super::{Run, usage};
use crate::kernel::attr::{self, Writer};

// linux/rtnetlink.h, linux/nexthop.h
const RTM_GETNEXTHOPBUCKET: u16 = 118;
const NHA_RES_BUCKET: u16 = 13;
const INDEX: u16 = 1;
const IDLE_TIME: u16 = 2;
const NH_ID: u16 = 3;

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let Some(verb) = words.take() else { return list(run, words) };
    match () {
        () if is_show(verb) => list(run, words),
        () if begins(verb, "get") => get(run, words),
        () if begins(verb, "help") => Err(usage::object("nexthop")),
        () => Err(Stop::unknown_command(verb, "ip nexthop")),
    }
}

fn list(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let mut question = Writer::new(&[0; NHMSG]);
    while let Some(word) = words.take() {
        match word {
            "dev" | "master" => {
                let name = words.value()?;
                let link = run.find_link(name)?.ok_or_else(|| Stop::invalid(name, "Device does not exist\n"))?;
                question.u32(if word == "dev" { NHA_OIF } else { NHA_MASTER }, link.index);
            }
            "vrf" => {
                let name = words.value()?;
                let link = run.find_link(name)?.filter(|link| is_vrf(run, link.index));
                question.u32(NHA_MASTER, link.ok_or_else(|| Stop::invalid(name, "Invalid VRF\n"))?.index);
            }
            "id" => question.u32(NHA_ID, id(words)?),
            "nhid" => {
                let chosen = id(words)?;
                question.nest(NHA_RES_BUCKET, |inner| inner.u32(NH_ID, chosen));
            }
            "help" => return Err(usage::object("nexthop")),
            other => return Err(Stop::invalid(other, "")),
        }
    }
    let messages = run.dump(RTM_GETNEXTHOPBUCKET, &question.bytes()).map_err(|_| Stop { status: 2, ..Stop::exit("Dump terminated") })?;
    let objects: Vec<Fields> = messages.iter().map(|message| described(&message.bytes)).collect();
    run.print(&objects);
    Ok(())
}

fn get(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut group, mut index) = (None, None);
    while let Some(word) = words.take() {
        match word {
            "id" => group = Some(id(words)?),
            "index" => index = Some(words.number::<u16>("invalid bucket index value")?),
            other => return Err(Stop::invalid(other, "")),
        }
    }
    let (Some(group), Some(index)) = (group, index) else { return Err(usage::object("nexthop")) };
    let mut question = Writer::new(&[0; NHMSG]);
    question.u32(NHA_ID, group);
    question.nest(NHA_RES_BUCKET, |inner| inner.u16(INDEX, index));
    let answer = run.ask(RTM_GETNEXTHOPBUCKET, 0, &question.bytes())?;
    let objects: Vec<Fields> = answer.messages.iter().map(|message| described(&message.bytes)).collect();
    run.print(&objects);
    Ok(())
}

/// Returns hundredths of a second as seconds, for JSON and as text: six digits at most.
pub(super) fn seconds(ticks: u64) -> (Value, String) {
    let text = significant(ticks as f64 / HZ as f64, 6);
    (Value::Raw(text.clone()), text)
}

fn described(bytes: &[u8]) -> Fields {
    let mut fields = Fields::new();
    let find = |kind| attr::find(bytes.get(NHMSG..).unwrap_or_default(), kind);
    if let Some(id) = find(NHA_ID).map(attr::number) {
        fields.both("id", id, format!("id {id} "));
    }
    if let Some(inner) = find(NHA_RES_BUCKET) {
        let number = |kind| attr::find(inner, kind).map_or(0, attr::number);
        let mut bucket = Fields::new();
        bucket.both("index", number(INDEX), format!("index {} ", number(INDEX)));
        let (value, text) = seconds(number(IDLE_TIME));
        bucket.both("idle_time", value, format!("idle_time {text} "));
        bucket.both("nhid", number(NH_ID), format!("nhid {} ", number(NH_ID)));
        fields.object("bucket", bucket);
    }
    flag_fields(&mut fields, attr::u32_at(bytes, 4));
    fields.text("\n");
    fields
}

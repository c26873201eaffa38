//! `ip link show`: what a link says about itself. `ip addr` prints the same first lines.

use super::super::Run;
use super::super::names::Of;
use super::super::output::{Fields, Value};
use super::super::stop::Result;
use super::super::words::Words;
use super::{IFINFOMSG, RTM_GETLINK, RTM_NEWLINK};
use crate::kernel::attr;

/// Prints the links that the words choose.
pub fn links(run: &mut Run<'_>, _: &mut Words<'_>) -> Result {
    let question = attr::Writer::new(&[0; IFINFOMSG]);
    let messages = run.dump(RTM_GETLINK, &question.bytes())?;
    let mut objects = Vec::new();
    for message in messages.iter().filter(|message| message.kind == RTM_NEWLINK) {
        objects.push(link(run, &message.bytes));
    }
    run.print(&objects);
    Ok(())
}

/// Describes a link, as the message of the kernel has it.
pub fn link(run: &mut Run<'_>, bytes: &[u8]) -> Fields {
    let mut fields = Fields::new();
    let attributes = attr::read(bytes.get(IFINFOMSG..).unwrap_or_default());
    let find = |kind: u16| attributes.iter().find(|(known, _)| *known == kind).map(|(_, value)| *value);
    let index = attr::u32_at(bytes, 4);
    fields.both("ifindex", index, format!("{index}: "));
    let name = find(3).map(attr::text).unwrap_or_default();
    fields.both("ifname", name.as_str(), format!("{name}: "));
    if let Some(mtu) = find(4).map(attr::number) {
        fields.both("mtu", mtu, format!("mtu {mtu} "));
    }
    let group = find(27).map_or(0, attr::number) as u32;
    fields.both("group", Of::Group.name(group), format!("group {} ", Of::Group.name(group)));
    fields.json("flags", Value::List(Vec::new()));
    let _ = run;
    fields.text("\n");
    fields
}

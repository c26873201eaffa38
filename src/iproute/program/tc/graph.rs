//! `tc -g class show`: the classes of a link as a tree.

use super::super::Run;
use super::super::output::Fields;
use super::super::stop::Result;
use super::{ROOT, class_text, counters, kind};
use crate::kernel::attr;
use crate::kernel::filter::action::Stats;
use crate::kernel::qdisc::{Place, RTM_GETTCLASS, TCA_KIND, TCA_OPTIONS};
use crate::kernel::talk::Message;

const TC_STATS2: u16 = 7;

/// A branch: whether it is the last of its kind, and whether others hang on it.
struct Branch {
    last: bool,
    forks: bool,
}

/// Prints the tree.
pub(super) fn show(run: &mut Run<'_>, index: u32) -> Result {
    let classes = run.dump(RTM_GETTCLASS, &Place { index, handle: 0, parent: 0 }.header())?;
    let mut out = String::new();
    let roots: Vec<&Message> = classes.iter().rev().filter(|class| at(class, 12) == ROOT).collect();
    level(run, &mut out, &classes, &roots, &mut Vec::new());
    run.write(&out);
    Ok(())
}

fn at(class: &Message, place: usize) -> u32 {
    attr::u32_at(&class.bytes, place)
}

fn indent(path: &[Branch]) -> String {
    path.iter().map(|branch| if branch.last { "     " } else { "|    " }).collect()
}

fn level(run: &Run<'_>, out: &mut String, all: &[Message], list: &[&Message], path: &mut Vec<Branch>) {
    // No tree of the kernel's is so deep.
    const DEEPEST: usize = 16;
    for (place, class) in list.iter().enumerate() {
        let children: Vec<&Message> =
            all.iter().filter(|child| at(child, 12) == at(class, 8) && path.len() < DEEPEST && at(child, 8) != at(class, 8)).collect();
        let before = indent(path);
        path.push(Branch { last: place + 1 == list.len(), forks: !children.is_empty() });
        let attributes = class.bytes.get(20..).unwrap_or_default();
        let name = attr::find(attributes, TCA_KIND).map(attr::text).unwrap_or_default();
        let options = attr::find(attributes, TCA_OPTIONS).unwrap_or_default();
        let (told, _) = kind::class(&run.options, &name, options, attributes);
        *out += &format!("{before}+---({}) {name} {}\n", class_text(at(class, 8)), told.words());
        if run.options.stats > 0
            && let Some(stats) = attr::find(attributes, TC_STATS2)
        {
            *out += &stats_text(stats, path);
        }
        let (last, forks) = path.last().map_or((true, false), |own| (own.last, own.forks));
        level(run, out, all, &children, path);
        if last {
            *out += &format!("{before}{}\n", if forks { "     " } else { "" });
        }
        path.pop();
    }
}

/// The counters, and the line that leads on to the next class.
fn stats_text(stats: &[u8], path: &[Branch]) -> String {
    let own = path.last();
    let (last, forks) = own.map_or((true, false), |own| (own.last, own.forks));
    let deep = if path.len() > 1 { " " } else { "" };
    let lead = format!("{}{}{deep}", indent(path), if forks { "|    " } else { "     " });
    let mut fields = Fields::new();
    counters(&mut fields, Stats::read(stats), &lead);
    let mut text = fields.words() + "\n";
    match (forks, last) {
        (true, _) => text += &format!("{}|\n", indent(path)),
        (false, false) => text += &format!("{} \n", indent(path)),
        (false, true) => {}
    }
    text
}

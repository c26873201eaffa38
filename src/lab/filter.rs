//! Filters of a link (`tc filter`): what sorts packets into classes, drops, copies or redirects them.

use super::Link;
use super::qdisc::handle_text;
use crate::error::{Error, Kind, Result};
use crate::kernel::filter::{self, AT_EGRESS, AT_INGRESS, Filter, Place, Spec};
use crate::kernel::qdisc::{INGRESS, Mode, ROOT};

/// Reads where a filter hangs: `ingress`, `egress`, `root`, or a discipline or class as `1:`.
///
/// # Errors
///
/// `bad-argument`.
pub fn parse_parent(text: &str) -> Result<u32> {
    match text {
        "ingress" => Ok(AT_INGRESS),
        "egress" => Ok(AT_EGRESS),
        other => super::qdisc::parse_handle(other),
    }
}

/// Writes where a filter hangs.
pub fn parent_text(parent: u32) -> String {
    match parent {
        AT_INGRESS => "ingress".to_string(),
        AT_EGRESS => "egress".to_string(),
        other => handle_text(other),
    }
}

impl Link {
    /// Sets a filter.
    ///
    /// # Errors
    ///
    /// `exists`; `not-found` without the discipline that it hangs on; `unsupported` when the kernel lacks the filter or its action.
    pub fn set_filter(&self, place: Place, spec: &Spec, mode: Mode) -> Result<()> {
        let doing = match mode {
            Mode::Add => "add filter",
            Mode::Replace => "replace filter",
            Mode::Change => "change filter",
        };
        let subject = || format!("`{}` of link `{}`", spec.looks.kind(), self.name());
        let set = self.netns().ask(doing, subject, async |socket| filter::add(socket, place, spec, mode).await);
        set.map_err(|error| self.explain_filter(error, place, spec))
    }

    fn explain_filter(&self, error: Error, place: Place, spec: &Spec) -> Error {
        let said = error.kernel().unwrap_or_default().to_string();
        let lacks = |what: String, hint: Option<&str>| {
            let lacking = Error::new(Kind::Unsupported, error.operation(), error.subject(), format!("this kernel has no {what}"));
            let lacking = lacking.with_errno(
                error.errno().map(|name| crate::error::Errno { name: name.to_string(), text: String::new() }),
                error.kernel().map(str::to_string),
            );
            let lacking = lacking.in_netns(self.netns().name());
            hint.map_or_else(|| lacking.clone(), |hint| lacking.clone().hint(hint))
        };
        if said.contains("classifier not found") {
            let hint = match spec.looks.kind() {
                "u32" => None,
                "matchall" => Some("u32 without matches takes everything, too"),
                _ => Some("u32 is in most kernels: filter.add(\"u32\", #{ matches: [\"ip dst 10.0.0.1/32\"], … })"),
            };
            return lacks(format!("{} filter", spec.looks.kind()), hint);
        }
        if said.contains("TC action") {
            let kinds: Vec<&str> = spec.actions.iter().map(|action| action.kind()).filter(|kind| *kind != "mirred").collect();
            let kinds = if spec.police.is_some() { vec!["police"] } else { kinds };
            return lacks(format!("action {}", kinds.join(", ")), None);
        }
        match error.errno() {
            Some("EEXIST") => error.because("there is such a filter already").hint("use filter.replace"),
            Some("EINVAL" | "ENOENT") if !self.has_place(place.parent) => {
                let error = error.because(format!("there is nothing at `{}` that a filter could hang on", parent_text(place.parent)));
                match place.parent {
                    AT_INGRESS | AT_EGRESS => error.hint("link.qdisc.add(\"clsact\")"),
                    _ => error.hint("link.qdisc.add(\"htb\", #{ handle: \"1:\" })"),
                }
            }
            _ => error,
        }
    }

    fn has_place(&self, parent: u32) -> bool {
        let found = self.qdiscs().unwrap_or_default();
        match parent {
            AT_INGRESS => found.iter().any(|qdisc| qdisc.parent == INGRESS),
            AT_EGRESS => found.iter().any(|qdisc| qdisc.kind == "clsact"),
            0 | ROOT => found.iter().any(|qdisc| qdisc.parent == ROOT && qdisc.handle != 0),
            other => found.iter().any(|qdisc| qdisc.handle == other & 0xffff_0000),
        }
    }

    /// Deletes filters: one by its number, all of a priority, or all of a place.
    ///
    /// # Errors
    ///
    /// `not-found`.
    pub fn del_filter(&self, place: Place, kind: Option<&str>) -> Result<()> {
        let subject = || format!("of link `{}` at `{}`", self.name(), parent_text(if place.parent == 0 { ROOT } else { place.parent }));
        let gone = self.netns().ask("delete filter", subject, async |socket| filter::del(socket, place, kind).await);
        gone.map_err(|error| match error.errno() {
            Some("ENOENT" | "EINVAL") => {
                let cause = "there is no such filter";
                Error::new(Kind::NotFound, "delete filter", subject(), cause).in_netns(self.netns().name())
            }
            _ => error,
        })
    }

    /// Lists its filters: those of one place, or of all places.
    pub fn filters(&self, parent: Option<u32>) -> Result<Vec<Filter>> {
        let index = self.index();
        let mut places = vec![parent.unwrap_or(0)];
        if parent.is_none() {
            let clsact = self.qdiscs()?.into_iter().find(|qdisc| qdisc.parent == INGRESS);
            match clsact.as_ref().map(|qdisc| qdisc.kind.as_str()) {
                Some("clsact") => places.extend([AT_INGRESS, AT_EGRESS]),
                Some(_) => places.push(AT_INGRESS),
                None => {}
            }
        }
        let mut found = Vec::new();
        for place in places {
            found.extend(self.netns().ask("list filters", String::new, async |socket| filter::list(socket, index, place).await)?);
        }
        Ok(found)
    }
}

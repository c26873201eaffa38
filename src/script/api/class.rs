//! `link.class.…` and `class::…`: the classes of a discipline, between which a link's rate is shared out.

use super::super::catalogue::{Options, key};
use super::super::options::Opts;
use super::super::registry::{AtRoot, Registry, properties, returned, script_types, words};
use super::super::session::{Call, Session};
use super::qdisc::{Qdisc, layer};
use crate::error::{Error, Kind, Result};
use crate::iproute::queueing;
use crate::kernel::qdisc::{Class, ClassSpec, Curve, Curves, Mode, Rate};
use crate::lab::qdisc::{parse_handle, usual_burst};
use crate::lab::{Link, Netns, units, wait};
use rhai::{Dynamic, Map};

/// The classes of a link, or of a namespace's links.
#[derive(Clone)]
pub(crate) struct Classes {
    netns: Netns,
    link: Option<Link>,
}
script_types! { Classes = "Classes" }
returned!(Classes);

impl AtRoot for Classes {
    fn at_root(session: &Session) -> Classes {
        Classes { netns: session.lab().root(), link: None }
    }
}

const CLASS: Options = Options {
    keys: &[
        key("dev", "Link|string", "the link, where the handle is not one"),
        key("kind", "string", "htb, hfsc, drr or qfq; htb if not said"),
        key("parent", "string", "discipline or class, as \"1:\"; the discipline of the handle if not said"),
        key("rate", "string", "what it is sure of (htb)"),
        key("ceil", "string", "what it may borrow up to; the rate if not said (htb)"),
        key("burst", "int|string", "bytes sent at once (htb)"),
        key("cburst", "int|string", "bytes sent at once when it borrows (htb)"),
        key("prio", "int", "the lower is served first, 0 to 7 (htb)"),
        key("quantum", "int|string", "bytes at its turn (htb, drr)"),
        key("overhead", "int", "bytes added to each packet (htb)"),
        key("mpu", "int", "a packet counts as so many bytes at least (htb)"),
        key("linklayer", "string", "ethernet, or atm for cells of 53 bytes (htb)"),
        key("rt", "map|string", "what it is sure of (hfsc)"),
        key("ls", "map|string", "its share of what is left (hfsc)"),
        key("sc", "map|string", "both at once (hfsc)"),
        key("ul", "map|string", "what it gets at most (hfsc)"),
        key("weight", "int", "its share (qfq)"),
        key("maxpkt", "int|string", "its largest packet in bytes (qfq)"),
    ],
};

const PLACE: Options = Options { keys: &[key("dev", "Link|string", "the link, where the handle is not one")] };

const KINDS: [(&str, &[&str]); 4] = [
    ("htb", &["rate", "ceil", "burst", "cburst", "prio", "quantum", "overhead", "mpu", "linklayer"]),
    ("hfsc", &["rt", "ls", "sc", "ul"]),
    ("drr", &["quantum"]),
    ("qfq", &["weight", "maxpkt"]),
];

pub(super) fn register(registry: &mut Registry) {
    words!(registry, Classes, [module "class"];
        /// Makes a class, as `tc class add`: of htb if no other `kind` is said, or of hfsc, drr, qfq. It hangs on the discipline of its handle, or
        /// on the class that `parent` names.
        ///
        /// A curve of hfsc is a rate, or a first rate for some time and then another: `#{ m1: "1mbit", d: "10ms", m2: "500kbit" }`.
        ///
        /// Errors: `exists`; `not-found` without the discipline; `bad-argument` for an option that the kind does not take.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("htb", #{ handle: "1:", default_class: "10" });
        /// pair.a.class.add("1:1", #{ rate: "100mbit" });
        /// pair.a.class.add("1:10", #{ parent: "1:1", rate: "10mbit", ceil: "20mbit", prio: 1 });
        /// expect(pair.a.class.list().some(|c| c.handle == "1:10" && c.options.ceil == 20000000));
        /// ```
        fn add(classes, call, handle: &str; opts: CLASS) -> Classes { set(classes, call, handle, &opts, Mode::Add) }

        /// Changes a class that is there, while traffic flows.
        ///
        /// Errors: `not-found`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("htb", #{ handle: "1:" });
        /// pair.a.class.add("1:1", #{ rate: "100mbit" }).change("1:1", #{ rate: "50mbit" });
        /// expect(pair.a.class.list()[0].options.rate == 50000000);
        /// ```
        fn change(classes, call, handle: &str; opts: CLASS) -> Classes { set(classes, call, handle, &opts, Mode::Change) }

        /// Makes a class, or changes the one that is there.
        ///
        /// Errors: `not-found` without the discipline; `bad-argument` for an option that the kind does not take.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("htb", #{ handle: "1:" });
        /// pair.a.class.add("1:1", #{ rate: "100mbit" }).replace("1:1", #{ rate: "50mbit" });
        /// expect(pair.a.class.list()[0].options.rate == 50000000);
        /// ```
        fn replace(classes, call, handle: &str; opts: CLASS) -> Classes { set(classes, call, handle, &opts, Mode::Replace) }

        /// Deletes a class.
        ///
        /// Errors: `not-found`; `busy` while something hangs on it.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("htb", #{ handle: "1:" });
        /// pair.a.class.add("1:1", #{ rate: "100mbit" }).del("1:1");
        /// expect(pair.a.class.list().is_empty());
        /// ```
        fn del(classes, call, handle: &str; opts: PLACE) -> Classes {
            let (link, number) = (classes.link(&opts, "delete")?, parse_handle(handle)?);
            call.step(|| queueing::class_del(&link, number));
            link.del_class(number)?;
            Ok(classes.clone())
        }

        /// Lists the classes of the link.
        ///
        /// Errors: `bad-argument` when it is not said of which link; `not-found` for one that is not there.
        ///
        /// ```rhai
        /// expect(root.link("lo").class.list().is_empty());
        /// ```
        fn list(classes, call; opts: PLACE) -> Vec<Qdisc> {
            let link = classes.link(&opts, "list")?;
            let dev = link.name();
            Ok(link.classes()?.into_iter().map(|state| Qdisc { state, dev: dev.clone(), class: true }).collect())
        }
    );
    properties!(registry, Link;
        /// Its classes: `link.class.add("1:10", #{ rate: "8mbit" })`.
        ///
        /// ```rhai
        /// expect(root.link("lo").class.list().is_empty());
        /// ```
        fn class(link, call) -> Classes { Ok(Classes { netns: link.netns(), link: Some(link.clone()) }) }
    );
    properties!(registry, Netns;
        /// The classes of its links: `ns.class.list(#{ dev: "eth0" })`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// expect(blue.class.list(#{ dev: "lo" }).is_empty());
        /// ```
        fn class(netns, call) -> Classes { Ok(Classes { netns: netns.clone(), link: None }) }
    );
}

impl Classes {
    fn link(&self, opts: &Opts, verb: &str) -> Result<Link> {
        opts.link_of(self.link.as_ref(), &self.netns, verb, "class")
    }
}

fn set(classes: &Classes, call: &Call, handle: &str, opts: &Opts, mode: Mode) -> Result<Classes> {
    let (link, number) = (classes.link(opts, "set")?, parse_handle(handle)?);
    let kinds = KINDS.map(|(kind, _)| kind);
    let kind = opts.word("kind", &kinds, |word| KINDS.iter().find(|(kind, _)| *kind == word))?.unwrap_or(&KINDS[0]);
    if let Some(key) = opts.given().find(|key| !matches!(*key, "dev" | "kind" | "parent") && !kind.1.contains(key)) {
        return Err(opts.unfit(key, format!("a class of {} has no such option", kind.0)).hint(format!("it takes {}", kind.1.join(", "))));
    }
    let size = |key| -> Result<Option<u32>> { Ok(opts.size(key)?.map(|bytes| u32::try_from(bytes).unwrap_or(u32::MAX))) };
    let class = match kind.0 {
        "hfsc" => {
            let both = curve(opts, "sc")?;
            let curves =
                Curves { real_time: curve(opts, "rt")?.or(both), link_share: curve(opts, "ls")?.or(both), upper_limit: curve(opts, "ul")? };
            if curves.real_time.is_none() && curves.link_share.is_none() {
                return Err(missing(handle, "a curve", "#{ sc: \"10mbit\" }"));
            }
            ClassSpec::Hfsc(curves)
        }
        "drr" => ClassSpec::Drr(size("quantum")?),
        "qfq" => ClassSpec::Qfq(opts.number("weight", 1..=1024)?, size("maxpkt")?),
        _ => {
            let rate = opts.rate("rate")?.ok_or_else(|| missing(handle, "a rate", "#{ rate: \"10mbit\" }"))?;
            let ceil = opts.rate("ceil")?.unwrap_or(rate);
            ClassSpec::Htb(Class {
                rate: layer(opts, Rate::plain(rate))?,
                ceil: layer(opts, Rate::plain(ceil))?,
                burst: size("burst")?.unwrap_or_else(|| usual_burst(rate)),
                cburst: size("cburst")?.unwrap_or_else(|| usual_burst(ceil)),
                prio: opts.number("prio", 0..=7)?.unwrap_or(0),
                // What the kernel would take by itself is too large for fast classes, and it complains in its log.
                quantum: size("quantum")?.unwrap_or_else(|| u32::try_from(rate / 8 / 10).unwrap_or(u32::MAX).clamp(1514, 60_000)),
            })
        }
    };
    let parent = opts.string("parent")?.map_or(Ok(number & 0xffff_0000), |parent| parse_handle(&parent))?;
    call.step(|| queueing::class_set(&link, mode, &class, parent, number));
    link.add_class(parent, number, &class, mode)?;
    Ok(classes.clone())
}

fn missing(handle: &str, what: &str, example: &str) -> Error {
    Error::new(Kind::BadArgument, "add class", format!("`{handle}`"), format!("it needs {what}")).hint(format!("add {example}"))
}

/// Reads a curve: a rate, or a map of two rates and a time.
fn curve(opts: &Opts, key: &'static str) -> Result<Option<Curve>> {
    let Some(value) = opts.any(key) else { return Ok(None) };
    if let Ok(text) = value.clone().into_string() {
        return Ok(Some(Curve { then: units::parse_rate(&text)?, ..Curve::default() }));
    }
    let wrong = || opts.unfit(key, "it takes a rate, or #{ m1: \"1mbit\", d: \"10ms\", m2: \"500kbit\" }");
    let map = value.try_cast::<Map>().ok_or_else(wrong)?;
    let text = |value: &Dynamic| value.clone().into_string().map_err(|_| wrong());
    let mut curve = Curve::default();
    for (key, value) in &map {
        match key.as_str() {
            "m1" => curve.first = units::parse_rate(&text(value)?)?,
            "d" => curve.micros = u32::try_from(wait::parse_span(&text(value)?)?.as_micros()).unwrap_or(u32::MAX),
            "m2" => curve.then = units::parse_rate(&text(value)?)?,
            _ => return Err(wrong()),
        }
    }
    Ok(Some(curve))
}

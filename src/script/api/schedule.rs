//! What happens meanwhile: `lab::at`, `lab::partition`.

use super::super::catalogue::{Options, key};
use super::super::engine::explain;
use super::super::options::Opts;
use super::super::reading;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use super::super::session::{Call, Session};
use crate::error::{Error, Kind, Result};
use crate::iproute::sentence;
use crate::kernel::rule::Rule;
use crate::lab::Netns;
use crate::lab::partition::Partition;
use crate::lab::schedule::Plan;
use crate::lab::wait::parse_span;
use rhai::{Array, Dynamic, FnPtr};
use std::time::Duration;

script_types! { Plan = "Plan", Partition = "Partition" }
returned!(Plan, Partition);

const CUT: Options = Options { keys: &[key("heal", "string", "when it heals by itself, as in \"2s\"")] };

/// Plans a closure. What it has caught of handles, lists and maps it gets as copies: the script may be waiting in a call on one of them,
/// and the engine lends each to one at a time.
#[allow(deprecated, reason = "the engine calls it volatile, not deprecated")]
fn at(call: &Call, after: Duration, mut closure: FnPtr) -> Plan {
    for caught in closure.iter_curry_mut() {
        let plain = caught.is_int() || caught.is_bool() || caught.is_float() || caught.is_string() || caught.is_char() || caught.is_unit();
        if !plain {
            *caught = caught.flatten_clone();
        }
    }
    let (stored, session) = (call.ctx.store_data(), call.session.clone());
    call.lab().plan(after, move || {
        let Some(engine) = session.engine() else { return Ok(()) };
        let ctx = stored.create_context(&engine);
        closure.call_within_context::<Dynamic>(&ctx, ()).map(|_| ()).map_err(|thrown| {
            let fault = explain(&thrown, ctx.call_source().unwrap_or_default(), None);
            let place = fault.place.map(|place| format!(" in {} line {}", place.source, place.line)).unwrap_or_default();
            match fault.error.kind() {
                Kind::Interrupted => fault.error,
                _ => fault.error.because(format!("this was planned with lab::at{place}")),
            }
        })
    })
}

fn group(call: &Call, list: Array) -> Result<Vec<Netns>> {
    list.iter().map(|item| reading::netns(item, call.lab())).collect()
}

fn tell(session: &Session) -> impl FnMut(&Netns, &'static str, &Rule) {
    move |netns, verb, rule| session.step(|| sentence::rule_change(netns, verb, rule))
}

fn cut(call: &Call, groups: Vec<Array>, opts: &Opts) -> Result<Partition> {
    let heal = opts.duration("heal")?;
    let groups = groups.into_iter().map(|list| group(call, list)).collect::<Result<Vec<_>>>()?;
    if groups.iter().any(Vec::is_empty) {
        return Err(Error::new(Kind::BadArgument, "partition", "the lab", "a group is empty"));
    }
    let partition = Partition::cut(&groups, &mut tell(&call.session))?;
    if let Some(after) = heal {
        let (partition, session) = (partition.clone(), call.session.clone());
        call.lab().plan(after, move || partition.heal(&mut tell(&session)));
    }
    Ok(partition)
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Plan>(registry, |plan| {
        match (plan.is_ahead(), plan.is_done()) {
            (true, _) => "planned",
            (_, true) => "done",
            _ => "cancelled",
        }
        .to_string()
    });
    printable::<Partition>(registry, |partition| if partition.is_healed() { "healed" } else { "cut" }.to_string());
    words!(registry, Session, [function_in "lab"];
        /// Plans a closure for later, counted from now, and goes on at once. It is called, on time, while the script waits in something
        /// else: a ping, a sleep, a program that runs to its end, `eventually` …; where the script computes and never waits, it is called
        /// at its next wait. One is called at a time. What it throws is thrown by that wait. What is still planned when the script ends
        /// does not happen.
        ///
        /// The closure has its own copies of the handles, lists and maps that it uses; numbers, strings and booleans it shares with the
        /// script.
        ///
        /// Errors: `bad-argument` for what is no duration.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// let pair = connect(root, blue, #{ subnet: "10.0.0.0/24" });
        /// lab::at("300ms", || pair.a.down());
        /// let result = try_ping("10.0.0.2", #{ count: 60, interval: "10ms", timeout: "100ms" });
        /// expect(result.received > 0 && result.received < 60);
        /// expect(!pair.a.is_up);
        /// ```
        fn at(session, call, after: &str, deed: FnPtr) -> Plan { Ok(at(call, parse_span(after)?, deed)) }

        /// Cuts two groups of namespaces off from one another, however they are connected: each drops what comes in from an address of
        /// the other group, and who sends learns nothing. Within a group all goes on. `heal()` joins them again, and `heal: "2s"` does it
        /// by itself, as what `lab::at` plans. Addresses that come later are not known.
        ///
        /// Errors: `bad-argument` for a namespace in both groups or without an address; `unsupported` for one that labsh did not make.
        /// Nothing is cut then.
        ///
        /// ```rhai
        /// let hosts = ["a", "b", "c"].map(|name| host(name));
        /// lan("sw", hosts, #{ subnet: "10.0.0.0/24" });
        /// let cut = lab::partition([hosts[0], hosts[1]], [hosts[2]]);
        /// hosts[0].ping(hosts[1]);
        /// expect(!hosts[0].try_ping(hosts[2], #{ timeout: "100ms" }).ok);
        /// cut.heal();
        /// hosts[0].ping(hosts[2]);
        /// lab::partition(["a"], ["b"], #{ heal: "20ms" });
        /// eventually("5s", || hosts[0].try_ping(hosts[1], #{ timeout: "50ms" }).ok);
        /// ```
        fn partition(session, call, a: Array, b: Array; opts: CUT) -> Partition { cut(call, vec![a, b], &opts) }

        /// Cuts three groups of namespaces off from one another.
        ///
        /// Errors: as with two.
        ///
        /// ```rhai
        /// let hosts = ["a", "b", "c"].map(|name| host(name));
        /// lan("sw", hosts, #{ subnet: "10.0.0.0/24" });
        /// lab::partition([hosts[0]], [hosts[1]], [hosts[2]]);
        /// expect(!hosts[1].try_ping(hosts[2], #{ timeout: "100ms" }).ok);
        /// ```
        fn partition(session, call, a: Array, b: Array, c: Array; opts: CUT) -> Partition { cut(call, vec![a, b, c], &opts) }
    );
    words!(registry, Plan, [method];
        /// Gives it up, if it is still ahead.
        ///
        /// Errors: none, also when it is too late.
        ///
        /// ```rhai
        /// let plan = lab::at("10ms", || link::get("lo").down());
        /// plan.cancel();
        /// sleep("30ms");
        /// expect(link::get("lo").is_up && !plan.done);
        /// ```
        fn cancel(plan, call) -> () {
            plan.cancel();
            Ok(())
        }
    );
    properties!(registry, Plan;
        /// Whether it was done.
        ///
        /// ```rhai
        /// let times = 0;
        /// let plan = lab::at("1ms", || times += 1);
        /// expect(!plan.done);
        /// wait_until("5s", || plan.done);
        /// expect(times == 1);
        /// ```
        fn done(plan, call) -> bool { Ok(plan.is_done()) }
    );
    words!(registry, Partition, [method];
        /// Joins the groups again; a second time is no error.
        ///
        /// Errors: `not-found` when somebody took its rules away; a namespace that is gone is no error.
        ///
        /// ```rhai
        /// let pair = connect(host("a"), host("b"));
        /// let cut = lab::partition(["a"], ["b"]);
        /// cut.heal();
        /// netns::get("a").ping(netns::get("b"));
        /// ```
        fn heal(partition, call) -> Partition {
            partition.heal(&mut tell(&call.session))?;
            Ok(partition.clone())
        }
    );
    properties!(registry, Partition;
        /// Whether the groups are joined again.
        ///
        /// ```rhai
        /// connect(host("a"), host("b"));
        /// let cut = lab::partition(["a"], ["b"]);
        /// expect(!cut.healed && cut.heal().healed);
        /// ```
        fn healed(partition, call) -> bool { Ok(partition.is_healed()) }
    );
}

//! What the check finds, and what it must not: right scripts of every shape.

use super::super::catalogue::{Catalogue, Entry, Key, Options, Param, Shape};
use super::{Builtins, Problem, check, check_importing, imports};
use rhai::{AST, Engine, OptimizationLevel};

static END: Options = Options {
    keys: &[
        Key { name: "netns", takes: "Netns", help: "", nested: None },
        Key { name: "mtu", takes: "int", help: "", nested: None },
        Key { name: "up", takes: "bool", help: "", nested: None },
        Key { name: "addr", takes: "string|array", help: "", nested: None },
    ],
};

static PAIR: Options = Options {
    keys: &[
        Key { name: "a", takes: "map", help: "", nested: Some(&END) },
        Key { name: "b", takes: "map", help: "", nested: Some(&END) },
        Key { name: "ends", takes: "array", help: "", nested: Some(&END) },
    ],
};

static ROUTE: Options = Options {
    keys: &[
        Key { name: "via", takes: "string", help: "", nested: None },
        Key { name: "dev", takes: "Link|string", help: "", nested: None },
        Key { name: "metric", takes: "int", help: "", nested: None },
        Key { name: "weight", takes: "float", help: "", nested: None },
    ],
};

/// `name(param: takes, …)`, with `{…}` for an option map.
fn entry(place: &str, shape: Shape, params: &[(&'static str, &'static str)], returns: &'static str) -> Entry {
    let place: &'static str = Box::leak(place.to_string().into_boxed_str());
    let (module, receiver, name) = match (place.split_once("::"), place.split_once('.')) {
        (Some((module, name)), _) => (Some(module), None, name),
        (_, Some((receiver, name))) => (None, Some(receiver), name),
        _ => (None, None, place),
    };
    let params = params.iter().map(|(name, takes)| Param { name, takes }).collect();
    let (returns, elements) = returns.split_once(' ').map_or((returns, None), |(list, item)| (list, Some(item)));
    Entry { module, receiver, name, shape, params, options: None, returns, elements, doc: String::new() }
}

fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::default();
    let mut function = |place, params: &[(&'static str, &'static str)], returns, options| {
        catalogue.add(Entry { options, ..entry(place, Shape::Function, params, returns) });
    };
    function("netns::add", &[("name", "string")], "Netns", None);
    function("netns::get", &[("name", "string")], "Netns", None);
    function("netns::try_get", &[("name", "string")], "any", None);
    function("netns::list", &[], "array Netns", None);
    function("netns::del", &[("name", "string")], "()", None);
    function("link::list", &[], "array Link", None);
    function("link::get", &[("name", "string")], "Link", None);
    function("route::add", &[("dst", "string")], "Routes", Some(&ROUTE));
    function("route::list", &[], "array Route", None);
    function("addr::list", &[], "array", None);
    function("neigh::list", &[], "array", None);
    function("veth::add", &[("a", "string"), ("b", "string")], "Pair", Some(&PAIR));
    function("exec", &[("command", "string|array")], "Exec", None);
    function("sleep", &[("duration", "string")], "()", None);
    function("section", &[("title", "string")], "()", None);
    function("param", &[("name", "string"), ("default", "any")], "any", None);
    function("param", &[("name", "string"), ("default", "any"), ("meaning", "string")], "any", None);
    function("eventually", &[("within", "string"), ("condition", "closure")], "()", None);
    function("expect_error", &[("closure", "closure")], "()", None);
    function("expect_error", &[("closure", "closure"), ("what", "string")], "()", None);
    let mut method = |place, params: &[(&'static str, &'static str)], returns, options| {
        catalogue.add(Entry { options, ..entry(place, Shape::Method, params, returns) });
    };
    method("Netns.link", &[("name", "string")], "Link", None);
    method("Netns.del", &[], "()", None);
    method("Netns.exec", &[("command", "string|array")], "Exec", None);
    method("Netns.ping", &[("target", "string|Netns")], "Ping", None);
    method("Links.list", &[], "array Link", None);
    method("Links.get", &[("name", "string")], "Link", None);
    method("Addrs.add", &[("cidr", "string")], "Addrs", None);
    method("Addrs.del", &[("cidr", "string")], "Addrs", None);
    method("Addrs.list", &[], "array Addr", None);
    method("Routes.add", &[("dst", "string")], "Routes", Some(&ROUTE));
    method("Routes.list", &[], "array Route", None);
    method("Link.up", &[], "Link", None);
    method("Link.down", &[], "Link", None);
    method("Link.set", &[], "Link", Some(&END));
    method("Link.rename", &[("name", "string")], "Link", None);
    method("Link.move_to", &[("netns", "Netns|string")], "Link", None);
    method("Link.move_to", &[("netns", "Netns|string"), ("name", "string")], "Link", None);
    method("Link.master", &[("bridge", "Link|string")], "Link", None);
    method("Link.del", &[], "()", None);
    for (place, returns) in [
        ("Netns.name", "string"),
        ("Netns.id", "int"),
        ("Netns.is_root", "bool"),
        ("Netns.link", "Links"),
        ("Netns.addr", "Addrs"),
        ("Netns.neigh", "Neighs"),
        ("Netns.route", "Routes"),
        ("Netns.sysctl", "Sysctls"),
        ("Link.name", "string"),
        ("Link.mtu", "int"),
        ("Link.state", "string"),
        ("Link.netns", "Netns"),
        ("Link.master", "any"),
        ("Link.addr", "Addrs"),
        ("Pair.a", "Link"),
        ("Pair.b", "Link"),
        ("Exec.stdout", "string"),
        ("Exec.lines", "array string"),
        ("Ping.ok", "bool"),
        ("Addr.ip", "string"),
        ("Route.dst", "string"),
        ("Neighs.count", "int"),
    ] {
        catalogue.add(entry(place, Shape::Property { settable: false }, &[], returns));
    }
    catalogue.add(entry("Link.alias", Shape::Property { settable: true }, &[], "string"));
    catalogue.add(entry("Sysctls.get", Shape::Method, &[("key", "string")], "string"));
    catalogue.add(entry("root", Shape::Constant, &[], "Netns"));
    catalogue.add(entry("args", Shape::Constant, &[], "array string"));
    catalogue
}

fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.set_optimization_level(OptimizationLevel::None);
    let next = |symbols: &[rhai::ImmutableString], ahead: &str, _: &mut rhai::Dynamic| {
        Ok(match symbols.len() {
            1 => Some("(".into()),
            2 | 4 if symbols[symbols.len() - 1] != ")" => Some("$expr$".into()),
            3 => Some(if ahead == "," { "," } else { ")" }.into()),
            5 => Some(")".into()),
            _ => None,
        })
    };
    engine.register_custom_syntax_with_state_raw("expect", next, false, |_, _, _| Ok(().into()));
    engine
}

fn compile(script: &str) -> AST {
    engine().compile(script).unwrap_or_else(|error| panic!("{error}\n{script}"))
}

fn told(problems: Vec<Problem>) -> Vec<String> {
    let told = |problem: Problem| {
        let (line, column) = (problem.position.line().unwrap(), problem.position.position().unwrap());
        let hint = problem.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{line}:{column}+{} {}{hint}", problem.width, problem.message)
    };
    problems.into_iter().map(told).collect()
}

fn problems(script: &str) -> Vec<String> {
    told(check(&compile(script), &Builtins::of(&engine()), &catalogue()))
}

#[track_caller]
fn wrong(script: &str, expected: &[&str]) {
    assert_eq!(problems(script), expected, "{script}");
}

#[track_caller]
fn right(script: &str) {
    wrong(script, &[]);
}

#[test]
fn unknown_functions_and_modules() {
    wrong(r#"netns::ad("blue");"#, &["1:8+2 unknown function `netns::ad` (did you mean `add`?)"]);
    wrong(r#"rout::add("default");"#, &["1:1+4 unknown module `rout` (did you mean `route`?)"]);
    wrong(r#"address::list();"#, &["1:1+7 unknown module `address` (did you mean `addr`?)"]);
    wrong(r#"neighbour::show();"#, &["1:1+9 unknown module `neighbour` (did you mean `neigh`?)"]);
    wrong(r#"neigh::show();"#, &["1:8+4 unknown function `neigh::show` (did you mean `list`?)"]);
    wrong(r#"netns::create("blue");"#, &["1:8+6 unknown function `netns::create` (did you mean `add`?)"]);
    wrong(r#"sction("1");"#, &["1:1+6 unknown function `sction` (did you mean `section`?)"]);
    wrong(r#"fn serve(n) { n } srve(1);"#, &["1:19+4 unknown function `srve` (did you mean `serve`?)"]);
    wrong("xyzzy();", &["1:1+5 unknown function `xyzzy`"]);
    wrong("rename(1, 2, 3);", &["1:1+6 unknown function `rename` (call it on a Link: it is a verb)"]);
    wrong("try_get(1);", &["1:1+7 unknown function `try_get` (did you mean `netns::try_get`?)"]);
    wrong("netns(1);", &["1:1+5 unknown function `netns` (write `netns::…`: it is a module)"]);
    let hint = "write `f.call(…)` if the variable holds a closure";
    wrong("let f = || 1; f();", &[&format!("1:15+1 unknown function `f` ({hint})")]);
}

#[test]
fn numbers_of_arguments() {
    wrong(r#"route::add("default", #{}, 3);"#, &["1:8+3 `route::add` takes 1 or 2 arguments (dst, options), got 3"]);
    wrong("sleep();", &["1:1+5 `sleep` takes 1 argument (duration), got 0"]);
    wrong(r#"param("x");"#, &["1:1+5 `param` takes 2 or 3 arguments (name, default, meaning), got 1"]);
    wrong("print(1, 2);", &["1:1+5 `print` takes 0 or 1 arguments, got 2"]);
    wrong("fn f(a, b) { a + b } f(1);", &["1:22+1 `f` takes 2 arguments, got 1"]);
    wrong("root.link(\"lo\").up(1);", &["1:17+2 `Link.up` takes no arguments, got 1"]);
    wrong("root.route.add();", &["1:12+3 `route.add` takes 1 or 2 arguments (dst, options), got 0"]);
    wrong(r#""abc".len(1);"#, &["1:7+3 `len` takes no arguments, got 1"]);
    wrong("fn f(x) { x.move_to() } f(1);", &["1:13+7 `move_to` takes 1 or 2 arguments (netns, name), got 0"]);
}

#[test]
fn verbs_that_a_handle_lacks() {
    wrong(r#"let a = netns::add("a"); a.lnik("lo");"#, &["1:28+4 a Netns has no verb `lnik` (did you mean `link`?)"]);
    wrong("const A = root; A.link(\"lo\").dwon();", &["1:30+4 a Link has no verb `dwon` (did you mean `down`?)"]);
    wrong("root.len();", &["1:6+3 a Netns has no verb `len` (what it has: labsh doc Netns)"]);
    wrong("netns::list()[0].lnik(\"lo\");", &["1:18+4 a Netns has no verb `lnik` (did you mean `link`?)"]);
    wrong("for n in netns::list() { n.pnig(\"::1\"); }", &["1:28+4 a Netns has no verb `pnig` (did you mean `ping`?)"]);
    wrong("for (l, i) in [root] { l.pnig(i) }", &["1:26+4 a Netns has no verb `pnig` (did you mean `ping`?)"]);
    wrong("root.route.ad(\"default\");", &["1:12+2 `route` has no verb `ad` (did you mean `add`?)"]);
    wrong("root.addr.show();", &["1:11+4 `addr` has no verb `show` (did you mean `list`?)"]);
    wrong("root.link(\"lo\").addr.remove(\"::1/128\");", &["1:22+6 `addr` has no verb `remove` (did you mean `del`?)"]);
    wrong("root.neighbour.list();", &["1:6+9 a Netns has no property `neighbour` (did you mean `neigh`?)"]);
    wrong(r#"exec("ls").lines[0].lenght();"#, &["1:21+6 a string has no method `lenght` (did you mean `len`?)"]);
    wrong("[1].pushh(2);", &["1:5+5 an array has no method `pushh` (did you mean `push`?)"]);
    wrong("`a${1}`.to_uper();", &["1:9+7 a string has no method `to_uper` (did you mean `to_upper`?)"]);
    wrong("let x = if true { root } else { netns::get(\"a\") }; x.lnik()", &["1:54+4 a Netns has no verb `lnik` (did you mean `link`?)"]);
    wrong("let x = switch 1 { 1 => root, _ => root }; x.lnik()", &["1:46+4 a Netns has no verb `lnik` (did you mean `link`?)"]);
    wrong("let x = { let y = root; y }; x.lnik()", &["1:32+4 a Netns has no verb `lnik` (did you mean `link`?)"]);
    wrong("fn Netns.serve() { this.lnik() } root.serve();", &["1:25+4 a Netns has no verb `lnik` (did you mean `link`?)"]);
    wrong("root\n    .link(\"lo\")\n    .up()\n    .donw();", &["4:6+4 a Link has no verb `donw` (did you mean `down`?)"]);
}

#[test]
fn properties_that_a_handle_lacks() {
    wrong("root.nmae;", &["1:6+4 a Netns has no property `nmae` (did you mean `name`?)"]);
    wrong("let p = veth::add(\"a\", \"b\"); p.c;", &["1:32+1 a Pair has no property `c` (what it has: labsh doc Pair)"]);
    wrong("root.name();", &["1:6+4 `name` is a property of Netns (write it without `()`)"]);
    wrong("root.link(\"lo\").up;", &["1:17+2 `up` is a verb of Link (write `up()`)"]);
    wrong("root.ping;", &["1:6+4 `ping` is a verb of Netns (write `ping(…)`)"]);
    wrong("\"a\".to_upper;", &["1:5+8 `to_upper` is a method of string (write `to_upper()`)"]);
    wrong("\"a\".foo;", &["1:5+3 a string has no property `foo`"]);
    wrong("root.link(\"lo\").mtu.foo;", &["1:21+3 an int has no property `foo`"]);
    wrong("let l = link::get(\"lo\"); l.mtu = 1400;", &["1:28+3 property `mtu` of Link cannot be set (write `set(#{ mtu: … })`)"]);
    wrong("let l = link::get(\"lo\"); l.master = 1;", &["1:28+6 property `master` of Link cannot be set (write `master(…)`)"]);
    wrong("let l = link::get(\"lo\"); l.name = \"x\";", &["1:28+4 property `name` of Link cannot be set"]);
    wrong("let l = link::get(\"lo\"); l.nmae = \"x\";", &["1:28+4 a Link has no property `nmae` (did you mean `name`?)"]);
}

#[test]
fn receivers_of_unknown_type() {
    wrong("fn f(x) { x.lnik(\"lo\") } f(root);", &["1:13+4 no type has a verb `lnik` (did you mean `link`?)"]);
    let hint = "write it without `()`: it is a property of Link";
    wrong("fn f(x) { x.mtu() } f(root);", &[&format!("1:13+3 no type has a verb `mtu` ({hint})")]);
    wrong("addr::list().map(|a| a.lnik(\"lo\"));", &["1:24+4 no type has a verb `lnik` (did you mean `link`?)"]);
    right("fn f(x) { x.foo; x.bar.baz } f(#{});");
    right("fn f(x) { x.run(1) } f(#{ run: |n| n });");
    right("fn f(x) { x.run(1) } let m = #{}; m.run = |n| n; f(m);");
    right("fn f(x) { x.run(1) } let m = #{}; m[\"run\"] = |n| n; f(m);");
    // A file of functions only is imported by others, who give it what they like.
    right("fn f(x) { x.run(1) }");
    right("fn f(x) { x.serve() } fn serve() { this.exec(\"x\") } f(root);");
    right("let m = #{ a: 1 }; m.whatever(); m.b;");
}

#[test]
fn option_maps() {
    wrong("root.route.add(\"default\", #{ vai: \"::1\" });", &["1:30+3 unknown option `vai` of `route.add` (did you mean `via`?)"]);
    let takes = "it takes via, dev, metric, weight";
    wrong("route::add(\"default\", #{ gateway: \"::1\" });", &[&format!("1:26+7 unknown option `gateway` of `route::add` ({takes})")]);
    wrong("route::add(\"default\", #{ metric: \"big\" });", &["1:34+5 `route::add` takes an int for `metric`, got a string"]);
    wrong("route::add(\"default\", #{ dev: 1 });", &["1:31+1 `route::add` takes a Link or a string for `dev`, got an int"]);
    wrong("route::add(\"default\", #{ dev: root });", &["1:31+4 `route::add` takes a Link or a string for `dev`, got a Netns"]);
    wrong(
        "veth::add(\"a\", \"b\", #{ a: #{ mtuu: 1400 } });",
        &["1:30+4 unknown option `mtuu` of `a` in `veth::add` (did you mean `mtu`?)"],
    );
    wrong("veth::add(\"a\", \"b\", #{ a: 5 });", &["1:27+1 `veth::add` takes a map for `a`, got an int"]);
    wrong(
        "veth::add(\"a\", \"b\", #{ ends: [#{ mtu: true }, #{ colour: 1 }] });",
        &[
            "1:39+4 `veth::add` takes an int for `mtu`, got a bool",
            "1:50+6 unknown option `colour` of `ends` in `veth::add` (it takes netns, mtu, up, addr)",
        ],
    );
    wrong("route::add(\"default\", \"via\");", &["1:23+5 `route::add` takes a map for `options`, got a string"]);
    right("root.route.add(\"default\", #{ \"via\": \"::1\", dev: link::get(\"lo\"), metric: (), weight: 1 });");
    right("let how = #{ gateway: 1 }; root.route.add(\"default\", how);");
    right("let m = #{ lnik: 1 }; let n = #{ mtu: \"big\", nested: #{ via: 1 } }; print(n);");
    right("let b = root; veth::add(\"a\", \"b\", #{ a: #{ netns: b, addr: [\"10.0.0.1/24\"] }, b: #{ up: 1 == 1 } });");
}

#[test]
fn arguments_of_a_wrong_type() {
    wrong("sleep(5);", &["1:7+1 `sleep` takes a string for `duration`, got an int"]);
    wrong("section(-1.5);", &["1:9+4 `section` takes a string for `title`, got a float"]);
    wrong("root.link(1 + 2);", &["1:11+1 `Netns.link` takes a string for `name`, got an int"]);
    wrong("root.ping(link::get(\"lo\"));", &["1:11+1 `Netns.ping` takes a string or a Netns for `target`, got a Link"]);
    wrong("eventually(\"1s\", true);", &["1:18+4 `eventually` takes a closure for `condition`, got a bool"]);
    wrong("eventually(|| true, \"1s\");", &["1:12+1 `eventually` takes a string for `within`, got a closure"]);
    wrong("expect_error(\"x\", || 1);", &["1:14+3 `expect_error` takes a closure for `closure`, got a string"]);
    wrong("exec(#{});", &["1:6+2 `exec` takes a string or an array for `command`, got a map"]);
    right("fn ready() { true } eventually(\"1s\", ready); eventually(\"1s\", Fn(\"ready\")); exec([\"a\"]); sleep(`${1}s`);");
    right("let l = link::get(\"lo\"); l.move_to(root); l.move_to(\"blue\", \"eth0\"); l.master(l).master(\"br0\");");
    right("param(\"hosts\", 3); param(\"hosts\", [1], \"how many\"); root.ping(root); root.ping(\"::1\");");
}

#[test]
fn unknown_variables() {
    wrong("let blue = 1; print(bleu);", &["1:21+4 unknown variable `bleu` (did you mean `blue`?)"]);
    wrong("rot.link(\"lo\");", &["1:1+3 unknown variable `rot` (did you mean `root`?)"]);
    wrong("netns.add(\"blue\");", &["1:1+5 unknown variable `netns` (write `netns::…`: it is a module)"]);
    wrong("let s = sleep;", &["1:9+5 unknown variable `sleep` (write `sleep(…)`: it is a function)"]);
    let hint = "pass `blue` as an argument: a `fn` does not see the script's variables";
    wrong("let blue = root; fn f() { blue.up() } f();", &[&format!("1:27+4 unknown variable `blue` ({hint})")]);
    wrong(
        "const MTU = 1400; fn f() { MTU } f();",
        &["1:28+3 unknown variable `MTU` (write `global::MTU`: so a `fn` sees the script's constants)"],
    );
    wrong("const MTU = 1400; fn f() { global::MUT } f();", &["1:36+3 unknown constant `global::MUT` (did you mean `MTU`?)"]);
    wrong("{ let x = 1; } x;", &["1:16+1 unknown variable `x`"]);
    wrong("let f = || nobody + 1; f.call();", &["1:12+6 unknown variable `nobody`"]);
    wrong("let f = || { let g = |a| a + nobody; g.call(1) }; f.call();", &["1:30+6 unknown variable `nobody`"]);
    wrong("x = 5;", &["1:1+1 unknown variable `x`"]);
    wrong("let x = x;", &["1:9+1 unknown variable `x`"]);
    wrong("expect(nobody == 1, `${noone}`);", &["1:8+6 unknown variable `nobody`", "1:24+5 unknown variable `noone`"]);
    wrong("try { 1 } catch (e) { print(ee) }", &["1:29+2 unknown variable `ee` (did you mean `e`?)"]);
    wrong("export nobody;", &["1:8+6 unknown variable `nobody`"]);
    wrong("root = 5;", &["1:1+4 `root` is a constant (write `let root = …` for a variable of that name)"]);
    wrong("netns::list;", &["1:8+4 `netns::list` is a function (write `netns::list(…)`)"]);
    wrong("netns::MAX;", &["1:8+3 unknown constant `netns::MAX`"]);
}

#[test]
fn all_problems_are_listed_once_and_in_order() {
    wrong(
        "fn f(a) {\n    a.lnik();\n    rout::add(a);\n}\nlet g = || root.nmae + nobody;\nf(1, 2);\nroot.pnig(g);",
        &[
            "2:7+4 no type has a verb `lnik` (did you mean `link`?)",
            "3:5+4 unknown module `rout` (did you mean `route`?)",
            "5:17+4 a Netns has no property `nmae` (did you mean `name`?)",
            "5:24+6 unknown variable `nobody`",
            "6:1+1 `f` takes 1 argument, got 2",
            "7:6+4 a Netns has no verb `pnig` (did you mean `ping`?)",
        ],
    );
    wrong("if false { let b = root; expect_error(|| b.pnig()); }", &["1:44+4 a Netns has no verb `pnig` (did you mean `ping`?)"]);
}

#[test]
fn captured_variables_keep_their_type() {
    wrong("let b = root; eventually(\"1s\", || b.lnik());", &["1:37+4 a Netns has no verb `lnik` (did you mean `link`?)"]);
    wrong("let b = root; let f = || { let g = || b.lnik(); g.call() };", &["1:41+4 a Netns has no verb `lnik` (did you mean `link`?)"]);
    wrong("let b = root; [1].map(|x| b.lnik(x));", &["1:29+4 a Netns has no verb `lnik` (did you mean `link`?)"]);
    right("let b = root; let f = || b.up(); b = link::get(\"lo\"); f.call();");
    right("let b = root; let f = || { b = link::get(\"lo\"); }; f.call(); b.up();");
    right("let b = root; let f = |b| b.up(); f.call(link::get(\"lo\"));");
}

#[test]
fn closures_get_the_elements_of_a_list() {
    wrong("netns::list().map(|n| n.nmae);", &["1:25+4 a Netns has no property `nmae` (did you mean `name`?)"]);
    wrong("let x = 1; link::list().sort(|a, b| a.mtu - b.mut - x);", &["1:47+3 a Link has no property `mut` (did you mean `mtu`?)"]);
    wrong("link::list().filter(|l, i| l.mtu > i)[0].dwon();", &["1:42+4 a Link has no verb `dwon` (did you mean `down`?)"]);
    right("netns::list().map(|n| n.name).filter(|n| n.len() > 1); let l = [root]; l.push(1); l.map(|x| x.foo);");
    right("fn map(f) { f.call(1) } netns::list().map(|n| n.abs()); link::list().for_each(|i| this.mtu + i);");
    right("netns::list().map(|n| { n = n.name; n.len() }); netns::list().reduce(|sum, n| (sum ?? 0) + n.id, 0);");
}

#[test]
fn a_type_holds_only_if_it_holds_everywhere() {
    right("let x = root; x = link::get(\"lo\"); x.up();");
    right("let x = root; while true { x.up(); x = link::get(\"lo\"); }");
    right("let x = root; let y = x; x = y.link(\"lo\"); let z = x; z.up();");
    right("let x; x = link::get(\"lo\"); x.up(); x = root; x.ping(\"::1\");");
    right("let x = (); if true { x = root; } x.ping(\"::1\");");
    right("let x = if true { root }; x.up();");
    right("let x = if true { root } else { link::get(\"lo\") }; x.up();");
    right("let x = switch 1 { 1 => root, 2 => link::get(\"lo\") }; x.up();");
    right("let x = 1; x += 1.5; x.floor(); let s = \"a\"; s += 1; s.len(); let c = 'a'; c += 'b'; c.len();");
    right("let l = [root]; l.push(link::get(\"lo\")); l[1].up();");
    right("let l = [root]; push(l, link::get(\"lo\")); l[1].up();");
    right("let l = [root]; l += link::get(\"lo\"); l[1].up();");
    right("let l = [root]; l += [link::get(\"lo\")]; l[1].up();");
    right("let l = [root]; l[0] = link::get(\"lo\"); l[0].up();");
    right("let l = [root]; let f = || l.insert(0, link::get(\"lo\")); f.call(); for x in l { x.up(); }");
    right("let l = [root]; l.pad(3, 1); l[2].abs(); let m = [root]; m.set(0, 1); m[0].abs();");
    wrong("let l = [root]; l.reverse(); l.to_string(); l[0].up();", &["1:50+2 a Netns has no verb `up` (what it has: labsh doc Netns)"]);
    right("let l = [root]; l.splice(0, 1, [link::get(\"lo\")]); for x in l { x.up(); }");
    right("fn become() { this = link::get(\"lo\"); } let x = root; x.become(); x.up();");
    right("fn grow() { this.push(link::get(\"lo\")); } let l = [root]; l.grow(); l[1].up();");
    right("let l = []; for n in netns::list() { l.push(n.link(\"lo\")); } l[0].up(); for x in l { x.up() }");
    right("let x = root; eval(\"x = 5\"); x.up(); y.z();");
    right("let n = netns::try_get(\"a\"); n.ping(\"::1\"); let m = netns::try_get(\"a\") ?? root; m.ping(\"::1\");");
    wrong("let l = [root]; l.push(netns::add(\"a\")); l[1].up();", &["1:47+2 a Netns has no verb `up` (what it has: labsh doc Netns)"]);
    wrong("let l = []; l.push(root); l.psh(root);", &["1:29+3 an array has no method `psh` (did you mean `push`?)"]);
}

#[test]
fn right_scripts() {
    right("let blue = netns::add(\"blue\"); print(netns::list()); print(blue.link.list()); blue.link(\"lo\").up().down();");
    right(
        "let p = veth::add(\"a\", \"b\", #{ a: #{ netns: root } }); p.a.master(\"br0\"); p.a.master == (); root.link.get(\"lo\").master;",
    );
    right("fn fact(n) { if n < 2 { 1 } else { n * fact(n - 1) } } fact(5).to_string();");
    right("fn outer(x) { inner(x, 1) } fn inner(x, y) { let z = x + y; z } outer(1);");
    right("fn web(ns) { ns.exec(\"x\").stdout } root.web(); fn web() { this.exec(\"x\") }");
    right("fn int.double() { this * 2 } fn Netns.serve(port) { this.exec(`x ${port}`) } 5.double(); root.serve(80);");
    right("const MTU = 1400; fn mtu() { global::MTU + 1 } mtu();");
    right("fn f() { root.link(\"lo\").up(); args.len() + args[0].len() } let g = || root.link(\"lo\").up(); f();");
    right("let root = 5; root += 1; root.to_string();");
    right("let m = #{ run: |x| x + 1, n: #{ deep: [1, 2] } }; m.run(1); m.n.deep[0].to_string(); m[\"n\"].deep.len(); m.keys();");
    right("let x = 1; let x = root; x.link(\"lo\"); { let x = \"s\"; x.len(); } x.ping(\"::1\");");
    right("try { netns::get(\"x\") } catch (e) { expect(e.kind == \"not-found\"); print(`${e}: ${e.message.len()}`); throw e; }");
    right(
        "let s = switch args.len() { 0 => \"none\", 1 | 2 if true => \"some\", 3..10 => { let x = 1; `many ${x}` } _ => throw \"no\" }; s.len();",
    );
    right("let x = netns::try_get(\"a\"); x?.link(\"lo\")?.up(); x ?? root; let y = x?.name ?? \"none\"; y.len();");
    right("let a = [[1, 2], [3]]; a[0][1] += 1; a[1][0].to_string(); let m = #{ a: a }; m.a[0][1] = 5; m.a[0].len(); a[a[0][0]].len();");
    right("let i = 0; while i < 3 { i += 1; if i == 2 { continue; } break; } do { i -= 1; } until i < 0; loop { break 5; }");
    right(
        "for i in 0..3 { print(i + 1); i.to_float(); } for (l, i) in link::list() { print(`${i}: ${l.name}`); } for c in \"abc\" { c.to_upper(); }",
    );
    right(
        "let f = |x, y| x + y; f.call(1, 2); f.curry(1).call(2); call(f, 1, 2); curry(f, 1); f.name; let g = Fn(\"print\"); type_of(g).len();",
    );
    right("let names = netns::list().filter(|n| n.name != \"x\").map(|n| n.name); names.sort(); expect(names == [\"a\"], \"why\");");
    right("root.link(\"lo\")\n    .up()\n    // then\n    .addr.add(\"10.0.0.1/8\")\n    .add(\"10.0.0.2/8\");");
    right("let up = 5; let link = root.link(\"lo\"); link.up(); let netns = link.netns; netns.ping(\"::1\"); up.to_string();");
    right("let r = root.sysctl[\"net.ipv4.ip_forward\"]; let n = root; n.sysctl[\"a\"] = 1; n.sysctl.get(\"a\").len();");
    right("up(link::get(\"lo\")); del(root); \"ls\".exec(); let e = exec(\"ls\"); e.stdout.split(\"\\n\").len(); e.lines.len;");
    right(
        "let t = timestamp(); t.elapsed > 1.0; \"a\" in [\"a\"]; \"k\" !in #{}; 1 in 0..3; (1..3).start; root.to_string(); to_string(root); root.type_of();",
    );
    right(
        "let l = link::get(\"lo\"); l.alias = \"x\"; l.alias += \"y\"; root == root; root.tag; !root.is_root; -1.abs(); (1 + 2).to_string();",
    );
    right("fn f() { x + 1 } let x = 1; f!();");
    right("fn f() { x + 1 } let x = 1; call!(Fn(\"f\"));");
    right(
        "let counter = 0; let bump = || { counter += 1; counter }; bump.call(); print(counter); let g = || { bump.call() + counter }; g.call();",
    );
    right(
        "expect(root.link(\"lo\").state == \"DOWN\"); expect(!root.is_root || (root.name == \"root\" && args.is_empty()), `why ${root.name}`);",
    );
    right("let x = { let y = 1; y + 1 }; let z = if x > 1 { \"a\" } else { \"b\" }; z.len(); let w = while false {}; w;");
    right("root.call(|| this.name); let m = #{ f: || this.name }; m.f(); [1].for_each(|| this += 1); exit(3);");
    right("export let a = 1; let b = 2; export b as c; private fn hidden() { 1 } hidden();");
    right("");
}

#[test]
fn imported_modules() {
    right(
        "import \"topology\" as topo; let t = topo::star(3, nobody::x); topo::MAX; t.anything(); root.serve(); topo::sub::f();"
            .replace("nobody::x", "1")
            .as_str(),
    );
    right("fn f() { topo::star(1) } import \"topology\" as topo; f();");
    right("let f = || topo::star(1); import \"a\" + \"b\" as topo; f.call();");
    right("import \"mine\" as netns; netns::anything(1, 2, 3);");
    wrong("import \"topology\" as topo; topology::star();", &["1:28+8 unknown module `topology` (did you mean `topo`?)"]);
    wrong("import nobody as topo;", &["1:8+6 unknown variable `nobody`"]);
    let (main, other) = (
        compile("import \"x\" as x; root.serve(1); root.srve(1); x::f().web(); x::f().gone();"),
        "fn Netns.serve(p) { p } fn f() { #{ web: || 1 } }",
    );
    let found = check_importing(&main, &[&compile(other)], &Builtins::of(&engine()), &catalogue());
    assert_eq!(told(found), ["1:38+4 a Netns has no verb `srve` (what it has: labsh doc Netns)", "1:68+4 no type has a verb `gone`"]);
}

#[test]
fn import_paths_are_listed() {
    let ast = compile("import \"b\" as b;\nfn f() { import \"a\" as a; }\nimport \"c\" + \"d\";\nlet g = || { import \"e\" as e; };");
    let found: Vec<String> = imports(&ast).into_iter().map(|(path, position)| format!("{path} {position:?}")).collect();
    assert_eq!(found, ["b 1:8", "a 2:17", "e 4:21"]);
}

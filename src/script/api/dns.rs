//! `dns_server`, `dns_query`, `resolve`, `nameserver`, and the files of /etc of a namespace's own.

use super::super::catalogue::{Options, key};
use super::super::options::Opts;
use super::super::reading;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use super::super::session::Call;
use crate::error::{Error, Kind, Result};
use crate::iproute::sentence;
use crate::lab::Netns;
use crate::lab::dns::{self, Code, DnsServer, Found, Query, Record, Request, Zone};
use rhai::{Array, Dynamic, Map};
use std::net::IpAddr;

/// The files of /etc of one namespace.
#[derive(Clone)]
pub(crate) struct Etc(Netns);
script_types! { DnsServer = "DnsServer", Request = "DnsRequest", Found = "DnsAnswer", Etc = "Etc" }
returned!(DnsServer, Request, Found, Etc);

const SERVE: Options =
    Options { keys: &[key("at", "string", "the only address to listen at"), key("port", "int", "UDP and TCP port; 53 if not said")] };

const RECORD: Options = Options {
    keys: &[
        key("addr", "string|array", "its addresses, of both families"),
        key("cname", "string", "the name that it is another name of"),
        key("ptr", "string", "the name that it points to"),
        key("txt", "string|array", "its texts"),
        key("ttl", "string", "how long others may remember it; \"60s\" if not said"),
        key("delay", "string", "how long the answer takes"),
        key("rcode", "string", "an answer without records: NXDOMAIN, SERVFAIL, REFUSED"),
    ],
};

const QUERY: Options = Options {
    keys: &[
        key("server", "string|Netns", "who is asked; the first of the namespace's resolv.conf if not said"),
        key("port", "int", "its port; 53 if not said"),
        key("tcp", "bool", "ask over TCP at once"),
        key("timeout", "string", "how long it may take; \"5s\" if not said"),
    ],
};

const RESOLVE: Options = Options { keys: &[key("timeout", "string", "how long it may take; \"5s\" if not said")] };

const NAMESERVER: Options = Options {
    keys: &[
        key("search", "string|array", "domains in which a short name is looked for"),
        key("timeout", "string", "how long a program waits for an answer, in whole seconds"),
        key("attempts", "int", "how often it asks"),
    ],
};

/// A value that is one text or a list of them.
fn texts(opts: &Opts, key: &str) -> Result<Vec<String>> {
    let Some(value) = opts.any(key) else { return Ok(Vec::new()) };
    let list = value.clone().try_cast::<Array>().unwrap_or_else(|| vec![value]);
    list.into_iter()
        .map(|item| item.into_string().map_err(|got| opts.unfit(key, format!("it takes a string or a list of them, not {got}"))))
        .collect()
}

/// Reads what is known of a name: an address, a list of them, a map, or `()` for a name that is not there.
fn record(name: &str, value: &Dynamic) -> Result<Record> {
    let wrong = |cause: &str| Error::new(Kind::BadArgument, "read DNS record", format!("`{name}`"), cause);
    if !is_name(name) {
        return Err(wrong("this is no name: labels of up to 63 letters, digits, `-` and `_`, with dots between"));
    }
    if value.is_unit() {
        return Ok(Record { code: Some(Code::NxDomain), ..Record::default() });
    }
    if let Some(map) = value.clone().try_cast::<Map>() {
        let opts = Opts::read(map, &RECORD, "DNS record")?;
        let code = opts.word("rcode", &["NXDOMAIN", "SERVFAIL", "REFUSED", "NOERROR", "FORMERR", "NOTIMP"], Code::named)?;
        let ips: Result<Vec<IpAddr>> = texts(&opts, "addr")?.iter().map(|text| reading::ip(text)).collect();
        let record = Record {
            ips: ips?,
            cname: opts.string("cname")?,
            ptr: opts.string("ptr")?,
            txt: texts(&opts, "txt")?,
            ttl: opts.duration("ttl")?.map(|ttl| u32::try_from(ttl.as_secs()).unwrap_or(u32::MAX)),
            delay: opts.duration("delay")?.unwrap_or_default(),
            code,
        };
        let alone = record.ips.is_empty() && record.ptr.is_none() && record.txt.is_empty();
        if record.cname.is_some() && !alone {
            return Err(wrong("a name with `cname` has nothing beside it").because("RFC 1034, section 3.6.2"));
        }
        if let Some(target) = record.cname.iter().chain(&record.ptr).find(|target| !is_name(target)) {
            return Err(wrong(&format!("`{target}` is no name")));
        }
        return Ok(record);
    }
    let list = value.clone().try_cast::<Array>().unwrap_or_else(|| vec![value.clone()]);
    let ips: Result<Vec<IpAddr>> = list
        .into_iter()
        .map(|item| match item.clone().into_string() {
            Ok(text) => reading::ip(&text),
            Err(_) => Err(wrong(&format!("it is an address, a list of them, a map, or (), not {}", reading::type_word(&item)))),
        })
        .collect();
    Ok(Record { ips: ips?, ..Record::default() })
}

fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'*'))
    };
    name.len() <= 253 && name.trim_end_matches('.').split('.').all(label)
}

fn query(netns: &Netns, call: &Call, name: &str, kind: &str, opts: &Opts) -> Result<Found> {
    let within = opts.duration("timeout")?.unwrap_or(dns::DEADLINE);
    let server = opts.any("server").map(|value| reading::target(&value, netns, within)).transpose()?;
    let query = Query {
        name: name.to_string(),
        kind: kind.to_string(),
        server,
        port: opts.number("port", 1..=65535)?.unwrap_or(53),
        tcp: opts.bool("tcp")?.unwrap_or(false),
        within,
    };
    call.step(|| {
        let at = query.server.map(|ip| format!(" @{ip}")).unwrap_or_default();
        sentence::exec(netns, &format!("dig{at} -p {} {name} {kind}", query.port))
    });
    netns.dns_query(&query)
}

fn nameserver(netns: &Netns, call: &Call, servers: &Dynamic, opts: &Opts) -> Result<Netns> {
    let list = servers.clone().try_cast::<Array>().unwrap_or_else(|| vec![servers.clone()]);
    let mut text = String::new();
    for server in list {
        text += &format!("nameserver {}\n", reading::target(&server, netns, dns::DEADLINE)?);
    }
    let search = texts(opts, "search")?;
    if !search.is_empty() {
        text += &format!("search {}\n", search.join(" "));
    }
    if let Some(timeout) = opts.duration("timeout")? {
        text += &format!("options timeout:{}\n", timeout.as_secs().max(1));
    }
    if let Some(attempts) = opts.number::<u8>("attempts", 1..=5)? {
        text += &format!("options attempts:{attempts}\n");
    }
    set_etc(netns, call, "resolv.conf", &text)?;
    Ok(netns.clone())
}

fn set_etc(netns: &Netns, call: &Call, file: &str, text: &str) -> Result<()> {
    call.step(|| {
        let folder = format!("/etc/netns/{}", netns.name());
        let quoted = format!("'{}'", text.replace('\'', "'\\''"));
        format!("mkdir -p {folder} && printf %s {quoted} > {folder}/{file}")
    });
    netns.set_etc(file, text)
}

pub(super) fn register(registry: &mut Registry) {
    printable::<DnsServer>(registry, |server| format!("DNS server on port {} in {}", server.port(), server.netns().name()));
    printable::<Request>(registry, |request| {
        let over = if request.tcp { " over TCP" } else { "" };
        format!("{} {} {} {}{over}", request.from, request.name, request.kind, request.code.word())
    });
    printable::<Found>(registry, |found| {
        let lines = found.records.iter().map(|(name, kind, ttl, data)| format!("{name}. {ttl} IN {kind} {data}"));
        let lines: Vec<String> = lines.collect();
        if lines.is_empty() { found.code.word().to_string() } else { lines.join("\n") }
    });
    printable::<Etc>(registry, |etc| etc.0.own_etc_files().join("\n"));
    words!(registry, Netns, [global];
        /// Starts a DNS server that answers from a map of names, over UDP and TCP. A name is worth an address, a list of them, a map
        /// (`addr`, `cname`, `ptr`, `txt`, `ttl`, `delay`, `rcode`), or `()` for a name that is not there, as all others are not
        /// (NXDOMAIN). `*.lab` stands for all names below `lab` that are not there themselves. The names of addresses (PTR) follow from
        /// the map. It listens when this returns, and ends with the lab.
        ///
        /// Errors: `exists` when somebody listens on that port; `bad-argument`.
        ///
        /// ```rhai
        /// let app = netns::add("app");
        /// let dns = netns::add("dns");
        /// connect(app, dns, #{ subnet: "10.0.0.0/24" });
        /// let server = dns.dns_server(#{
        ///     "web.lab": ["10.0.0.80", "2001:db8::80"],
        ///     "www.lab": #{ cname: "web.lab", ttl: "5m" },
        ///     "slow.lab": #{ addr: "10.0.0.81", delay: "20ms" },
        /// });
        /// app.nameserver(dns);
        /// expect(app.resolve("www.lab") == "10.0.0.80");
        /// expect(server.requests.some(|r| r.name == "www.lab" && r.type == "A"));
        /// ```
        fn dns_server(netns, call, names: Map; opts: SERVE) -> DnsServer {
            let mut zone = Zone::default();
            for (name, value) in &names {
                zone.set(name, record(name, value)?);
            }
            netns.dns_server(opts.ip("at")?, opts.number("port", 1..=65535)?.unwrap_or(53), zone)
        }

        /// Asks a DNS server for the addresses (A) of a name, as `dig`: the whole answer, also when it is that there is no such name. No
        /// program is run.
        ///
        /// Errors: `not-found` when no server is known; `refused`, `unreachable`, `timeout`.
        ///
        /// ```rhai
        /// dns_server(#{ "web.lab": "10.0.0.2" });
        /// let answer = dns_query("web.lab", #{ server: "127.0.0.1" });
        /// expect(answer.values == ["10.0.0.2"] && answer.authoritative);
        /// expect(dns_query("nobody.lab", #{ server: "127.0.0.1" }).rcode == "NXDOMAIN");
        /// ```
        fn dns_query(netns, call, name: &str; opts: QUERY) -> Found { query(netns, call, name, "A", &opts) }

        /// Asks a DNS server for the records of a type: A, AAAA, CNAME, PTR, TXT, NS, SOA, MX, SRV, ANY. For PTR an address will do.
        ///
        /// Errors: `bad-argument` for another type; as without it.
        ///
        /// ```rhai
        /// dns_server(#{ "web.lab": #{ addr: ["10.0.0.2", "2001:db8::2"], txt: "hi" } });
        /// expect(dns_query("web.lab", "AAAA", #{ server: "127.0.0.1" }).values == ["2001:db8::2"]);
        /// expect(dns_query("10.0.0.2", "PTR", #{ server: "127.0.0.1", tcp: true }).values == ["web.lab"]);
        /// expect(dns_query("web.lab", "TXT", #{ server: "127.0.0.1" }).values == ["hi"]);
        /// ```
        fn dns_query(netns, call, name: &str, kind: &str; opts: QUERY) -> Found { query(netns, call, name, kind, &opts) }

        /// Returns the address of a name as a program of the namespace would find it: by its /etc/hosts, its resolv.conf and its DNS
        /// server. The names of the lab's namespaces are known too.
        ///
        /// Errors: `not-found` for a name that nobody knows; `timeout`.
        ///
        /// ```rhai
        /// expect(resolve("localhost") == "127.0.0.1");
        /// expect_error(|| resolve("nobody.invalid"), "not-found");
        /// ```
        fn resolve(netns, call, name: &str; opts: RESOLVE) -> String {
            call.step(|| sentence::exec(netns, &format!("getent ahosts {name}")));
            Ok(netns.resolve(name, opts.duration("timeout")?.unwrap_or(dns::DEADLINE))?.to_string())
        }
    );
    words!(registry, Netns, [method];
        /// Says which DNS servers the programs of the namespace ask: a resolv.conf of its own, private to the lab. A server is an address
        /// or a Netns; several are a list.
        ///
        /// Errors: `unsupported` in the host world, where /etc/netns is the machine's; `bad-argument` in root.
        ///
        /// ```rhai
        /// let app = netns::add("app");
        /// app.nameserver("10.0.0.53", #{ search: "lab" });
        /// expect(app.exec("cat /etc/resolv.conf").stdout == "nameserver 10.0.0.53\nsearch lab\n");
        /// ```
        fn nameserver(netns, call, servers: Dynamic as "string|Netns|array"; opts: NAMESERVER) -> Netns {
            nameserver(netns, call, &servers, &opts)
        }
    );
    words!(registry, Etc, [method];
        /// Writes a file that the programs of the namespace see in place of that of /etc, as a file of /etc/netns/NAME is to
        /// `ip netns exec`; private to the lab.
        ///
        /// Errors: `not-found` when the machine has no such file to lay it over; `unsupported` in the host world; `bad-argument` in root.
        ///
        /// ```rhai
        /// let app = netns::add("app");
        /// app.etc.set("hosts", "10.0.0.2 web\n");
        /// expect(app.exec("cat /etc/hosts").stdout == "10.0.0.2 web\n");
        /// expect(!exec("cat /etc/hosts").stdout.contains("web"));
        /// ```
        fn set(etc, call, file: &str, text: &str) -> Etc {
            set_etc(&etc.0, call, file, text)?;
            Ok(etc.clone())
        }

        /// Returns a file of /etc as the programs of the namespace see it.
        ///
        /// Errors: `not-found`.
        ///
        /// ```rhai
        /// let app = netns::add("app");
        /// expect(app.etc.get("hosts").contains("localhost"));
        /// ```
        fn get(etc, call, file: &str) -> String { etc.0.etc(file) }

        /// Takes a file of the namespace's own away; its programs see that of the world again.
        ///
        /// Errors: `not-found`.
        ///
        /// ```rhai
        /// let app = netns::add("app");
        /// app.etc.set("hosts", "10.0.0.2 web\n").del("hosts");
        /// expect(app.exec("cat /etc/hosts").stdout.contains("localhost"));
        /// ```
        fn del(etc, call, file: &str) -> Etc {
            call.step(|| format!("rm /etc/netns/{}/{file}", etc.0.name()));
            etc.0.del_etc(file)?;
            Ok(etc.clone())
        }

        /// Lists the files of the namespace's own.
        ///
        /// ```rhai
        /// let app = netns::add("app");
        /// app.nameserver("10.0.0.53");
        /// expect(app.etc.list() == ["resolv.conf"]);
        /// ```
        fn list(etc, call) -> Vec<String> { Ok(etc.0.own_etc_files()) }
    );
    words!(registry, DnsServer, [method];
        /// Enters a name, or changes it; what it is worth is as `dns_server` takes it.
        ///
        /// Errors: `bad-argument`.
        ///
        /// ```rhai
        /// let server = dns_server(#{});
        /// server.set("web.lab", "10.0.0.2");
        /// expect(dns_query("web.lab", #{ server: "127.0.0.1" }).values == ["10.0.0.2"]);
        /// ```
        fn set(server, call, name: &str, value: Dynamic as "string|array|map|()") -> DnsServer {
            server.set(name, record(name, &value)?);
            Ok(server.clone())
        }

        /// Takes a name out.
        ///
        /// Errors: `not-found`.
        ///
        /// ```rhai
        /// let server = dns_server(#{ "web.lab": "10.0.0.2" });
        /// server.del("web.lab");
        /// expect(dns_query("web.lab", #{ server: "127.0.0.1" }).rcode == "NXDOMAIN");
        /// ```
        fn del(server, call, name: &str) -> DnsServer {
            server.remove(name)?;
            Ok(server.clone())
        }

        /// Stops the server; the port is free when this returns.
        ///
        /// Errors: none; a second time is no error.
        ///
        /// ```rhai
        /// let server = dns_server(#{});
        /// server.stop();
        /// expect_error(|| dns_query("web.lab", #{ server: "127.0.0.1" }), "ECONNREFUSED");
        /// ```
        fn stop(server, call) -> () { server.stop() }
    );
    register_properties(registry);
}

fn register_properties(registry: &mut Registry) {
    properties!(registry, Netns;
        /// Its own files of /etc: `ns.etc.set("hosts", "10.0.0.2 web\n")`.
        ///
        /// ```rhai
        /// expect(netns::add("app").etc.list().is_empty());
        /// ```
        fn etc(netns, call) -> Etc { Ok(Etc(netns.clone())) }
    );
    properties!(registry, DnsServer;
        /// Its port.
        ///
        /// ```rhai
        /// expect(dns_server(#{}, #{ port: 5353 }).port == 5353);
        /// ```
        fn port(server, call) -> i64 { Ok(i64::from(server.port())) }

        /// The log: who asked for what, the oldest first.
        ///
        /// ```rhai
        /// let server = dns_server(#{});
        /// dns_query("web.lab", "AAAA", #{ server: "127.0.0.1" });
        /// expect(server.requests[0].from == "127.0.0.1" && server.requests[0].name == "web.lab");
        /// ```
        fn requests(server, call) -> Vec<Request> { Ok(server.requests()) }
    );
    properties!(registry, Request;
        /// The address of who asked.
        ///
        /// ```rhai
        /// let server = dns_server(#{});
        /// dns_query("web.lab", #{ server: "127.0.0.1" });
        /// expect(server.requests[0].from == "127.0.0.1");
        /// ```
        fn from(request, call) -> String { Ok(request.from.to_string()) }

        /// The name, in lower case.
        ///
        /// ```rhai
        /// let server = dns_server(#{});
        /// dns_query("Web.Lab", #{ server: "127.0.0.1" });
        /// expect(server.requests[0].name == "web.lab");
        /// ```
        fn name(request, call) -> String { Ok(request.name.clone()) }

        /// The type that was asked for: `A`, `AAAA` …
        ///
        /// ```rhai
        /// let server = dns_server(#{});
        /// dns_query("web.lab", "TXT", #{ server: "127.0.0.1" });
        /// expect(server.requests[0].type == "TXT");
        /// ```
        fn r#type(request, call) -> String { Ok(request.kind.clone()) }

        /// The code of the answer: `NOERROR`, `NXDOMAIN` …
        ///
        /// ```rhai
        /// let server = dns_server(#{});
        /// dns_query("web.lab", #{ server: "127.0.0.1" });
        /// expect(server.requests[0].rcode == "NXDOMAIN");
        /// ```
        fn rcode(request, call) -> String { Ok(request.code.word().to_string()) }

        /// Whether it came over TCP.
        ///
        /// ```rhai
        /// let server = dns_server(#{});
        /// dns_query("web.lab", #{ server: "127.0.0.1", tcp: true });
        /// expect(server.requests[0].tcp);
        /// ```
        fn tcp(request, call) -> bool { Ok(request.tcp) }
    );
    properties!(registry, Found;
        /// The code: `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED` …
        ///
        /// ```rhai
        /// dns_server(#{ "bad.lab": #{ rcode: "SERVFAIL" } });
        /// expect(dns_query("bad.lab", #{ server: "127.0.0.1" }).rcode == "SERVFAIL");
        /// ```
        fn rcode(found, call) -> String { Ok(found.code.word().to_string()) }

        /// What the records of the type that was asked for say, without the aliases on the way.
        ///
        /// ```rhai
        /// dns_server(#{ "www.lab": #{ cname: "web.lab" }, "web.lab": ["10.0.0.2", "10.0.0.3"] });
        /// expect(dns_query("www.lab", #{ server: "127.0.0.1" }).values == ["10.0.0.2", "10.0.0.3"]);
        /// ```
        fn values(found, call) -> Vec<String> {
            let alone = found.records.iter().all(|(_, kind, ..)| kind == "CNAME");
            let shown = found.records.iter().filter(|(_, kind, ..)| alone || kind != "CNAME");
            Ok(shown.map(|(.., data)| data.clone()).collect())
        }

        /// All records of the answer: maps of `name`, `type`, `ttl` (seconds) and `value`.
        ///
        /// ```rhai
        /// dns_server(#{ "www.lab": #{ cname: "web.lab", ttl: "5m" }, "web.lab": "10.0.0.2" });
        /// let records = dns_query("www.lab", #{ server: "127.0.0.1" }).records;
        /// expect(records[0] == #{ name: "www.lab", type: "CNAME", ttl: 300, value: "web.lab" });
        /// expect(records[1].value == "10.0.0.2");
        /// ```
        fn records(found, call) -> Vec<Map> {
            let map = |(name, kind, ttl, data): &(String, String, u32, String)| {
                let values: [(&str, Dynamic); 4] = [
                    ("name", name.clone().into()), ("type", kind.clone().into()),
                    ("ttl", i64::from(*ttl).into()), ("value", data.clone().into()),
                ];
                values.into_iter().map(|(key, value)| (key.into(), value)).collect::<Map>()
            };
            Ok(found.records.iter().map(map).collect())
        }

        /// Whether the server knows it by itself.
        ///
        /// ```rhai
        /// dns_server(#{ "web.lab": "10.0.0.2" });
        /// expect(dns_query("web.lab", #{ server: "127.0.0.1" }).authoritative);
        /// ```
        fn authoritative(found, call) -> bool { Ok(found.authoritative) }

        /// Whether it came over TCP: asked for so, or because it was too long for a packet.
        ///
        /// ```rhai
        /// let many = [];
        /// for i in 1..100 { many.push(`10.0.0.${i}`); }
        /// dns_server(#{ "many.lab": many });
        /// let answer = dns_query("many.lab", #{ server: "127.0.0.1" });
        /// expect(answer.tcp && answer.values.len() == 99);
        /// ```
        fn tcp(found, call) -> bool { Ok(found.tcp) }

        /// Who answered.
        ///
        /// ```rhai
        /// dns_server(#{});
        /// expect(dns_query("web.lab", #{ server: "127.0.0.1" }).from == "127.0.0.1");
        /// ```
        fn from(found, call) -> String { Ok(found.from.ip().to_string()) }

        /// How long it took, in ms.
        ///
        /// ```rhai
        /// dns_server(#{ "slow.lab": #{ addr: "10.0.0.2", delay: "30ms" } });
        /// expect(dns_query("slow.lab", #{ server: "127.0.0.1" }).time >= 30.0);
        /// ```
        fn time(found, call) -> f64 { Ok(found.time.as_secs_f64() * 1e3) }
    );
}

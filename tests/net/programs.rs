//! DNS beside `dig`, WireGuard beside `wg`: what labsh serves and sets is what the real program sees, and both read the same.

use super::{run, text};
use libtest_mimic::Failed;

/// The names that the server has.
const NAMES: &str = r#"#{
    "web.lab": ["10.0.0.80", "2001:db8::80"],
    "two.lab": ["10.0.0.1", "10.0.0.2"],
    "www.lab": #{ cname: "web.lab", ttl: "5m" },
    "far.lab": #{ cname: "www.lab" },
    "text.lab": #{ txt: ["hello there", "a=b"] },
    "ptr.lab": #{ ptr: "web.lab" },
    "gone.lab": (),
    "broken.lab": #{ rcode: "SERVFAIL" },
    "closed.lab": #{ rcode: "REFUSED" },
    "loop.lab": #{ cname: "loop.lab" },
    "*.any.lab": "10.0.0.9",
    "a.b.c.lab": "10.0.0.10",
}"#;

/// What is asked.
pub const QUESTIONS: &[(&str, &str)] = &[
    ("web.lab", "A"),
    ("WEB.Lab", "A"),
    ("web.lab", "AAAA"),
    ("web.lab", "TXT"),
    ("web.lab", "MX"),
    ("two.lab", "A"),
    ("www.lab", "A"),
    ("www.lab", "CNAME"),
    ("far.lab", "AAAA"),
    ("text.lab", "TXT"),
    ("ptr.lab", "PTR"),
    ("80.0.0.10.in-addr.arpa", "PTR"),
    ("0.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "PTR"),
    ("gone.lab", "A"),
    ("nobody.lab", "A"),
    ("broken.lab", "A"),
    ("closed.lab", "A"),
    ("loop.lab", "A"),
    ("x.any.lab", "A"),
    ("x.y.any.lab", "A"),
    ("any.lab", "A"),
    ("c.lab", "A"),
    ("99.0.0.10.in-addr.arpa", "PTR"),
];

/// How many things are compared for each question: code and records, over UDP, without EDNS, and over TCP.
pub const DNS_CHECKS: usize = 6;

/// The server answers a question to `dig` as to labsh itself.
pub fn dns(name: &str, kind: &str) -> Result<(), Failed> {
    let mut script = format!("dns_server({NAMES});\nlet server = #{{ server: \"127.0.0.1\" }};\n");
    script += &format!("let own = dns_query(\"{name}\", \"{kind}\", server);\n");
    script +=
        "print(\"own \" + own.rcode + own.records.map(|r| ` ${r.name}/${r.ttl}/${r.type}/${r.value}`).reduce(|all, r| all + r, \"\"));\n";
    for way in ["", "+noedns", "+tcp"] {
        script += &format!(
            "print(\"dig \" + try_exec(\"dig {way} +tries=1 +time=5 @127.0.0.1 {name} {kind}\").stdout.split(\"\\n\").filter(|l| l != \"\").reduce(|all, l| all + \"|\" + l, \"\"));\n"
        );
    }
    let made = run(&script, &["-q"]);
    let out = text(&made.stdout);
    let own = out.lines().find_map(|line| line.strip_prefix("own ")).unwrap_or_default();
    let digs: Vec<String> = out.lines().filter_map(|line| line.strip_prefix("dig ")).map(read_dig).collect();
    if !made.status.success() || digs.len() != 3 {
        return Err(format!("the script failed:\n{out}{}", text(&made.stderr)).into());
    }
    match digs.iter().find(|dig| *dig != own) {
        None => Ok(()),
        Some(dig) => Err(format!("dig says\n{dig}\nlabsh says\n{own}\nin\n{out}").into()),
    }
}

/// What dig printed, in the shape of the labsh line: the status, then each record of the answer.
fn read_dig(printed: &str) -> String {
    let lines: Vec<&str> = printed.split('|').collect();
    let status = lines.iter().find_map(|line| line.split("status: ").nth(1)?.split(',').next());
    let mut said = status.unwrap_or("no status").to_string();
    let answers = lines.iter().skip_while(|line| !line.starts_with(";; ANSWER")).skip(1).take_while(|line| !line.starts_with(';'));
    for line in answers {
        let mut words = line.split_whitespace();
        let (name, ttl, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or_default(), words.nth(1).unwrap_or_default());
        let value = words.collect::<Vec<_>>().join(" ").replace('"', "");
        said += &format!(" {}/{ttl}/{kind}/{}", name.trim_end_matches('.'), value.trim_end_matches('.'));
    }
    said
}

const KEY: &str = "8GboYh0YF3q4m0mPDkCb8k1YmLhgMm5dQzWvS0y1dk0=";
const PEER: &str = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=";
const OTHER: &str = "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08=";
const PSK: &str = "Yk4aUDvx9bGzrXgW2cN0zqkQ3t1mZk2rUe5cQx7vJ9k=";

/// What a WireGuard link is given, and what `wg show x0 dump` says then.
pub fn wireguards() -> Vec<(String, String)> {
    let peer = |options: &str| format!("private_key: \"{KEY}\", peers: [#{{ public_key: \"{PEER}\"{options} }}]");
    let row = |options: String, want: &str| (options, want.to_string());
    vec![
        row(format!("private_key: \"{KEY}\""), KEY),
        row("listen_port: 51820".to_string(), "\t51820\toff"),
        row("fwmark: 7".to_string(), "\t0x7"),
        row("fwmark: \"0xabc\", listen_port: 1".to_string(), "\t1\t0xabc"),
        row(peer(""), PEER),
        row(peer(&format!(", preshared_key: \"{PSK}\"")), PSK),
        row(peer(", endpoint: \"192.0.2.2:51820\""), "\t192.0.2.2:51820\t"),
        row(peer(", endpoint: \"[2001:db8::2]:7\""), "\t[2001:db8::2]:7\t"),
        row(peer(", keepalive: \"25s\""), "\t25"),
        row(peer(", keepalive: \"65535s\""), "\t65535"),
        row(peer(", allowed_ips: \"10.0.0.2\""), "\t10.0.0.2/32\t"),
        row(peer(", allowed_ips: [\"0.0.0.0/0\", \"::/0\"]"), "\t0.0.0.0/0,::/0\t"),
        row(peer(", allowed_ips: [\"10.1.0.0/16\", \"2001:db8:1::/48\", \"10.2.0.0/16\"]"), "10.2.0.0/16"),
        row(
            format!(
                "private_key: \"{KEY}\", peers: [#{{ public_key: \"{PEER}\" }}, #{{ public_key: \"{OTHER}\", allowed_ips: \"10.9.0.0/24\" }}]"
            ),
            OTHER,
        ),
    ]
}

/// What is set is what `wg` shows; what `wg` sets from the told lines is what labsh reads.
pub fn wireguard(options: &str, want: &str) -> Result<(), Failed> {
    let joined = ".lines.reduce(|all, line| if all == \"\" { line } else { all + \"\\n\" + line }, \"\")";
    let look = "print(\"@\" + shell(\"wg show x0 dump | tr '\\\\n' '|'\").stdout);\nlet w = link::get(\"x0\").wireguard;\n\
                print(\"#\" + [w.public_key, w.private_key, w.listen_port, w.fwmark].to_string());\n\
                for p in w.peers { print(\"#\" + [p.public_key, p.preshared_key, p.endpoint, p.allowed_ips, p.keepalive, p.handshake].to_string()); }\n\
                print(\"=\" + (w.to_string() == shell(\"wg show x0\")JOINED));\n"
        .replace("JOINED", joined);
    let seen = |script: &str, options: &[&str]| -> Result<(Vec<String>, String), Failed> {
        let made = run(&format!("{script}\n{look}"), options);
        let (stdout, stderr) = (text(&made.stdout), text(&made.stderr));
        if !made.status.success() {
            return Err(format!("the script failed:\n{script}\n{stdout}{stderr}").into());
        }
        let told: Vec<&str> = stdout.lines().chain(stderr.lines()).filter_map(|line| line.trim().strip_prefix("$ ")).collect();
        let told: Vec<&str> = told.into_iter().filter(|line| !line.starts_with("sh -c")).collect();
        let seen = stdout.lines().filter(|line| line.starts_with(['@', '#', '='])).map(str::to_string).collect();
        Ok((seen, told.join("\n")))
    };
    let (made, lines) = seen(&format!("link::add(\"x0\", \"wireguard\", #{{ {options} }});"), &["--trace"])?;
    if !made[0].replace('|', "\n").contains(want) {
        return Err(format!("`{want}` is not in\n{}", made[0]).into());
    }
    if made.last().map(String::as_str) != Some("=true") {
        return Err(format!("labsh does not print what wg prints:\n{made:?}").into());
    }
    // A link that is set up listens at a port that the kernel chooses; here none is up.
    let (twin, _) = seen(&format!("let lines = `set -e\n{lines}`;\nshell(lines);"), &["-q"])?;
    match made == twin {
        true => Ok(()),
        false => Err(format!("the told lines make something else:\n{lines}\n{made:?}\n{twin:?}").into()),
    }
}

//! `http_get` and `http_server`.

use super::super::catalogue::{Key, Options};
use super::super::options::Opts;
use super::super::reading;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use super::super::session::Call;
use crate::error::{Error, Kind, Result};
use crate::iproute::sentence;
use crate::lab::Netns;
use crate::lab::http::{Access, Content, DEADLINE, Http, HttpServer};
use rhai::Map;
use std::path::PathBuf;

script_types! { Http = "Http", HttpServer = "HttpServer", Access = "Access" }
returned!(Http, HttpServer);

const GET: Options =
    Options { keys: &[Key { name: "timeout", takes: "string", help: "how long it may take; \"10s\" if not said", nested: None }] };

const SERVE: Options = Options {
    keys: &[
        Key { name: "at", takes: "string", help: "the only address to listen at", nested: None },
        Key { name: "folder", takes: "string", help: "serve the files of this folder", nested: None },
        Key { name: "status", takes: "int", help: "status of every answer; 200 if not said", nested: None },
    ],
};

fn serve(netns: &Netns, call: &Call, port: i64, body: Option<&str>, opts: &Opts) -> Result<HttpServer> {
    let port = reading::port(port)?;
    let status = opts.number("status", 100..=599)?.unwrap_or(200);
    let content = match (body, opts.string("folder")?) {
        (Some(_), Some(_)) => {
            return Err(Error::new(Kind::BadArgument, "serve on port", format!("{port}"), "it is either a body or a folder"));
        }
        (Some(body), None) => Content::Body(body.to_string(), status),
        (None, folder) => Content::Folder(PathBuf::from(folder.unwrap_or_else(|| ".".to_string()))),
    };
    call.step(|| sentence::exec(netns, &format!("python3 -m http.server {port} &")));
    netns.http_server(opts.ip("at")?, port, content)
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Http>(registry, |http| http.body.trim_end().to_string());
    printable::<HttpServer>(registry, |server| format!("HTTP server on port {} in {}", server.port(), server.netns().name()));
    printable::<Access>(registry, access_line);
    words!(registry, Netns, [global];
        /// Gets a page. The host may be the name of a namespace. No program is run.
        ///
        /// Errors: `refused`, `unreachable`, `timeout`, with the errno of connect(2); `not-found` for a name that nobody knows;
        /// `bad-argument` for what is no URL.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// blue.link("lo").up();
        /// blue.http_server(8080, "hello from blue");
        /// let page = blue.http_get("http://localhost:8080");
        /// expect(page.status == 200 && page.body == "hello from blue");
        /// ```
        fn http_get(netns, call, url: &str; opts: GET) -> Http {
            call.step(|| sentence::exec(netns, &format!("curl {url}")));
            netns.http_get(url, opts.duration("timeout")?.unwrap_or(DEADLINE))
        }

        /// Serves the files of a folder, the working directory if none is said, as `python3 -m http.server`. It listens when this
        /// returns, and ends with the lab.
        ///
        /// Errors: `exists` when somebody listens on that port; `not-found` for a folder that is not there.
        ///
        /// ```rhai
        /// let dir = temp_dir();
        /// shell(`echo hi > ${dir}/page`);
        /// http_server(8080, #{ folder: dir });
        /// expect(http_get("http://localhost:8080/page").body == "hi\n");
        /// ```
        fn http_server(netns, call, port: i64; opts: SERVE) -> HttpServer { serve(netns, call, port, None, &opts) }

        /// Serves the same body for every path.
        ///
        /// Errors: `exists` when somebody listens on that port; `not-found` when the namespace has not the address `at`; `bad-argument`.
        ///
        /// ```rhai
        /// http_server(8080, "busy", #{ status: 503 });
        /// expect(http_get("http://localhost:8080").status == 503);
        /// ```
        fn http_server(netns, call, port: i64, body: &str; opts: SERVE) -> HttpServer { serve(netns, call, port, Some(body), &opts) }
    );
    words!(registry, HttpServer, [method];
        /// Stops the server; the port is free when this returns.
        ///
        /// Errors: none; a second time is no error.
        ///
        /// ```rhai
        /// let server = http_server(8080, "hi");
        /// server.stop();
        /// expect_error(|| http_get("http://localhost:8080"), "ECONNREFUSED");
        /// ```
        fn stop(server, call) -> () { server.stop() }
    );
    properties!(registry, HttpServer;
        /// The URL by which its own namespace reaches it.
        ///
        /// ```rhai
        /// expect(http_server(8080, "hi").url == "http://localhost:8080");
        /// ```
        fn url(server, call) -> String { Ok(server.url()) }

        /// Its port.
        ///
        /// ```rhai
        /// expect(http_server(8080, "hi").port == 8080);
        /// ```
        fn port(server, call) -> i64 { Ok(i64::from(server.port())) }

        /// The access log: who asked for what, the oldest first.
        ///
        /// ```rhai
        /// let server = http_server(8080, "hi");
        /// http_get("http://localhost:8080/page");
        /// expect(server.requests[0].from == "127.0.0.1" && server.requests[0].path == "/page");
        /// ```
        fn requests(server, call) -> Vec<Access> { Ok(server.requests()) }
    );
    properties!(registry, Access;
        /// The address of who asked.
        ///
        /// ```rhai
        /// let server = http_server(8080, "hi");
        /// http_get("http://localhost:8080");
        /// expect(server.requests[0].from == "127.0.0.1");
        /// ```
        fn from(access, call) -> String { Ok(access.from.to_string()) }

        /// `GET` …
        ///
        /// ```rhai
        /// let server = http_server(8080, "hi");
        /// http_get("http://localhost:8080");
        /// expect(server.requests[0].method == "GET");
        /// ```
        fn method(access, call) -> String { Ok(access.method.clone()) }

        /// The path.
        ///
        /// ```rhai
        /// let server = http_server(8080, "hi");
        /// http_get("http://localhost:8080/a");
        /// expect(server.requests[0].path == "/a");
        /// ```
        fn path(access, call) -> String { Ok(access.path.clone()) }

        /// The status of the answer.
        ///
        /// ```rhai
        /// let server = http_server(8080, "hi");
        /// http_get("http://localhost:8080");
        /// expect(server.requests[0].status == 200);
        /// ```
        fn status(access, call) -> i64 { Ok(i64::from(access.status)) }
    );
    properties!(registry, Http;
        /// The status, for example 200.
        ///
        /// ```rhai
        /// http_server(8080, "hi");
        /// expect(http_get("http://localhost:8080").status == 200);
        /// ```
        fn status(http, call) -> i64 { Ok(i64::from(http.status)) }

        /// The body.
        ///
        /// ```rhai
        /// http_server(8080, "hi");
        /// expect(http_get("http://localhost:8080").body == "hi");
        /// ```
        fn body(http, call) -> String { Ok(http.body.clone()) }

        /// The headers: a map with names in lower case.
        ///
        /// ```rhai
        /// http_server(8080, "hi");
        /// expect(http_get("http://localhost:8080").headers["content-length"] == "2");
        /// ```
        fn headers(http, call) -> Map { Ok(http.headers.iter().map(|(name, value)| (name.as_str().into(), value.clone().into())).collect()) }

        /// The address of who answered.
        ///
        /// ```rhai
        /// http_server(8080, "hi");
        /// expect(http_get("http://localhost:8080").from == "127.0.0.1");
        /// ```
        fn from(http, call) -> String { Ok(http.from.ip().to_string()) }

        /// How long it took, in ms.
        ///
        /// ```rhai
        /// http_server(8080, "hi");
        /// expect(http_get("http://localhost:8080").time < 1000.0);
        /// ```
        fn time(http, call) -> f64 { Ok(http.time.as_secs_f64() * 1e3) }
    );
}

fn access_line(access: &Access) -> String {
    format!("{} {} {} {}", access.from, access.method, access.path, access.status)
}

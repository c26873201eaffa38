//! HTTP: a client that keeps the errno, and a server with a fixed body or a folder, whose access log tells who asked.

use super::news::{Listener, News};
use super::{Netns, wait};
use crate::error::{Error, Kind, Result};
use crate::kernel::{Errno, Failure, tcp};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use std::cell::RefCell;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// How long a request may take when nothing else is said.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// How many servers were started.
static SERVERS: AtomicU64 = AtomicU64::new(0);

/// An answer to a request.
#[derive(Debug, Clone)]
pub struct Http {
    /// Status, for example 200.
    pub status: u16,
    /// Body.
    pub body: String,
    /// Headers in their order; names in lower case.
    pub headers: Vec<(String, String)>,
    /// Who answered.
    pub from: SocketAddr,
    /// How long it took.
    pub time: Duration,
}

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub struct Access {
    /// Who asked.
    pub from: IpAddr,
    /// `GET` …
    pub method: String,
    /// The path.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
}

impl std::fmt::Display for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} \"{} {}\" {}", self.from, self.method, self.path, self.status)
    }
}

/// What a server serves.
#[derive(Debug, Clone)]
pub enum Content {
    /// The same body for every path.
    Body(String, u16),
    /// The files of a folder; a folder is listed.
    Folder(PathBuf),
}

/// A server in the background. Cheap to clone; it ends with the lab.
#[derive(Debug, Clone)]
pub struct HttpServer(Rc<Server>);

#[derive(Debug)]
struct Server {
    number: u64,
    netns: Netns,
    at: SocketAddr,
    log: Arc<Mutex<Vec<Access>>>,
    task: RefCell<Option<JoinHandle<()>>>,
}

impl Netns {
    /// Gets a page.
    ///
    /// # Errors
    ///
    /// `bad-argument` for what is no URL; `refused`, `unreachable`, `timeout` with the errno of connect(2).
    pub fn http_get(&self, url: &str, within: Duration) -> Result<Http> {
        let begin = Instant::now();
        let (uri, host, port) = parse_url(url)?;
        let to = SocketAddr::new(self.resolve(&host, within)?, port);
        let subject = format!("`{url}`");
        let left = within.saturating_sub(begin.elapsed());
        let answer = self.lab().run_within(left, async {
            let stream = self.connect(to, None).await?;
            fetch(stream, &uri, &host, port).await
        })?;
        let Some(answer) = answer else {
            let cause = format!("no answer within {}", wait::span(within));
            return Err(Error::new(Kind::Timeout, "get", subject, cause).in_netns(self.name()));
        };
        let (response, body) = answer.map_err(|failure| self.explain_connect(failure.doing("get", subject)))?;
        let headers = response.headers().iter().map(|(k, v)| (k.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned()));
        Ok(Http {
            status: response.status().as_u16(),
            body: String::from_utf8_lossy(&body).into_owned(),
            headers: headers.collect(),
            from: to,
            time: begin.elapsed(),
        })
    }

    /// Starts a server. It listens when this returns.
    ///
    /// # Errors
    ///
    /// `exists` when somebody listens on that port; `not-found` for a folder that is not there.
    pub fn http_server(&self, at: Option<IpAddr>, port: u16, content: Content) -> Result<HttpServer> {
        if let Content::Folder(folder) = &content
            && !folder.is_dir()
        {
            let cause = "there is no such folder";
            return Err(Error::new(Kind::NotFound, "serve folder", format!("`{}`", folder.display()), cause).in_netns(self.name()));
        }
        let netns = self.kernel()?;
        let listen = |ip| tcp::listen(&netns, SocketAddr::new(ip, port));
        let listener = match at {
            Some(ip) => listen(ip),
            // Both families in one socket, or IPv4 alone where IPv6 is off.
            None => listen(IpAddr::V6(Ipv6Addr::UNSPECIFIED)).or_else(|failure| match failure.errno() {
                Errno::EAFNOSUPPORT | Errno::EADDRNOTAVAIL => listen(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
                _ => Err(failure),
            }),
        };
        let failed = |failure: Failure| self.explain_listen(failure, port);
        let listener = listener.map_err(failed)?;
        let bound = listener.local_addr().map_err(|e| failed(e.into()))?;
        let log = Arc::new(Mutex::new(Vec::new()));
        let background = self.lab().background();
        let listener = background.enter(|| tokio::net::TcpListener::from_std(listener)).map_err(|e| failed(e.into()))?;
        let place = self.lab().listener().map(|told| (told, self.name().to_string(), bound.port()));
        let task = background.spawn(serve(listener, Arc::new(content), Log { kept: log.clone(), place }));
        self.lab().remember_server(self, task.abort_handle());
        let number = SERVERS.fetch_add(1, Ordering::Relaxed);
        Ok(HttpServer(Rc::new(Server { number, netns: self.clone(), at: bound, log, task: RefCell::new(Some(task)) })))
    }

    pub(super) fn explain_listen(&self, failure: Failure, port: u16) -> Error {
        let error = failure.doing("listen on port", format!("{port}")).in_netns(self.name());
        match failure.errno() {
            Errno::EADDRINUSE => error.because("somebody in this namespace listens on it already"),
            Errno::EADDRNOTAVAIL => error.because("no link of this namespace has that address"),
            Errno::EACCES => error.because("ports below 1024 need CAP_NET_BIND_SERVICE"),
            _ => error,
        }
    }
}

impl HttpServer {
    /// Returns whether it still listens.
    pub fn is_running(&self) -> bool {
        self.0.task.borrow().as_ref().is_some_and(|task| !task.is_finished())
    }

    /// Returns its number: servers are counted as they are started.
    pub fn number(&self) -> u64 {
        self.0.number
    }

    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.0.at.port()
    }

    /// Returns the URL by which its own namespace reaches it.
    pub fn url(&self) -> String {
        match self.0.at.ip() {
            ip if ip.is_unspecified() => format!("http://localhost:{}", self.port()),
            IpAddr::V6(ip) => format!("http://[{ip}]:{}", self.port()),
            IpAddr::V4(ip) => format!("http://{ip}:{}", self.port()),
        }
    }

    /// Returns the namespace that it listens in.
    pub fn netns(&self) -> &Netns {
        &self.0.netns
    }

    /// Returns the access log: who asked for what, the oldest first.
    pub fn requests(&self) -> Vec<Access> {
        self.0.log.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// Stops listening, and waits until the port is free.
    pub fn stop(&self) -> Result<()> {
        let Some(task) = self.0.task.take() else { return Ok(()) };
        task.abort();
        self.0.netns.lab().run_within(Duration::from_secs(5), async {
            let _ = task.await;
        })?;
        Ok(())
    }
}

async fn fetch(stream: tokio::net::TcpStream, uri: &Uri, host: &str, port: u16) -> std::result::Result<(Response<()>, Bytes), Failure> {
    let broken = |error: hyper::Error| Failure::new(Errno::EPROTO, Some(error.to_string()));
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::get(path)
        .header("host", if port == 80 { host.to_string() } else { format!("{host}:{port}") })
        .header("user-agent", concat!("labsh/", env!("CARGO_PKG_VERSION")))
        .header("connection", "close")
        .body(Empty::<Bytes>::new())
        .map_err(|e| Failure::new(Errno::EINVAL, Some(e.to_string())))?;
    let talk = async {
        let response = sender.send_request(request).await.map_err(broken)?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(broken)?.to_bytes();
        Ok((Response::from_parts(head, ()), body))
    };
    // The connection only moves while it is polled; it ends with the answer.
    tokio::pin!(talk);
    tokio::select! {
        answer = &mut talk => answer,
        ended = connection => { ended.map_err(broken)?; talk.await }
    }
}

fn parse_url(url: &str) -> Result<(Uri, String, u16)> {
    let wrong = |cause: &str| Error::new(Kind::BadArgument, "get", format!("`{url}`"), cause).hint("write it as http://10.0.0.1:8080/path");
    let full = if url.contains("://") { url.to_string() } else { format!("http://{url}") };
    let uri: Uri = full.parse().map_err(|_| wrong("this is no URL"))?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") => return Err(wrong("https is not supported: a lab has no certificates")),
        _ => return Err(wrong("only http:// is supported")),
    }
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| wrong("it names no host"))?.to_string();
    let behind = uri.authority().and_then(|authority| authority.as_str().rsplit(['@', ']']).next()?.split_once(':'));
    let port = match (uri.port_u16(), behind) {
        (Some(port), _) => port,
        (None, Some((_, port))) if !port.is_empty() => return Err(wrong(&format!("`{port}` is no port; there are 1 to 65535"))),
        _ => 80,
    };
    Ok((uri, host, port))
}

/// Where a server writes who asked for what: the log, and whoever listens to the lab.
#[derive(Clone)]
struct Log {
    kept: Arc<Mutex<Vec<Access>>>,
    place: Option<(Listener, String, u16)>,
}

impl Log {
    fn push(&self, access: Access) {
        if let Some((listener, netns, port)) = &self.place {
            listener.tell(News::Request { netns: netns.clone(), port: *port, text: access.to_string() });
        }
        self.kept.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(access);
    }
}

async fn serve(listener: tokio::net::TcpListener, content: Arc<Content>, log: Log) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, peer)) = listener.accept().await else { continue };
        let (content, log) = (content.clone(), log.clone());
        connections.spawn(async move {
            let answer = service_fn(move |request| {
                let response = respond(&content, &request);
                let access = Access {
                    from: peer.ip().to_canonical(),
                    method: request.method().to_string(),
                    path: request.uri().path().to_string(),
                    status: response.status().as_u16(),
                };
                log.push(access);
                async move { Ok::<_, Infallible>(response) }
            });
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

fn respond(content: &Content, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let (status, kind, body) = match content {
        Content::Body(body, status) => (*status, "text/plain; charset=utf-8", Bytes::from(body.clone())),
        Content::Folder(folder) => match read_below(folder, request.uri().path()) {
            Some((kind, bytes)) => (200, kind, bytes),
            None => (404, "text/plain; charset=utf-8", Bytes::from_static(b"not found\n")),
        },
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    if let Ok(kind) = kind.parse() {
        response.headers_mut().insert("content-type", kind);
    }
    response
}

/// Reads a file below a folder, or lists a folder; nothing above it can be reached.
fn read_below(folder: &Path, path: &str) -> Option<(&'static str, Bytes)> {
    let below = Path::new(path.trim_start_matches('/'));
    if below.components().any(|part| !matches!(part, Component::Normal(_))) {
        return None;
    }
    let file = folder.join(below).canonicalize().ok()?;
    if !file.starts_with(folder.canonicalize().ok()?) {
        return None;
    }
    if !file.is_dir() {
        return Some(("application/octet-stream", std::fs::read(&file).ok()?.into()));
    }
    let index = file.join("index.html");
    if index.is_file() {
        return Some(("text/html; charset=utf-8", std::fs::read(index).ok()?.into()));
    }
    let mut names: Vec<String> = std::fs::read_dir(&file).ok()?.filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    Some(("text/plain; charset=utf-8", (names.join("\n") + "\n").into()))
}

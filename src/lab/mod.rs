//! What people hold: namespaces, links, processes, probes. Everything is asked of the kernel at the time of asking.
//!
//! A [`Lab`] belongs to one thread. It drives the netlink sockets and the probes on a current-thread runtime of its own, and keeps
//! a second thread for what must go on while the script does something else: servers, and the output of background processes.

pub mod addr;
pub mod address;
pub mod alter;
pub mod background;
mod before;
pub mod dns;
mod etc;
pub mod eventlog;
pub mod exec;
pub mod fdb;
pub mod features;
pub mod filter;
pub mod http;
pub mod ledger;
pub mod link;
mod names;
pub mod neigh;
pub mod netconf;
pub mod netns;
pub mod newlink;
pub mod news;
pub mod partition;
pub mod ping;
pub mod process;
pub mod qdisc;
pub mod resolve;
pub mod route;
pub mod rule;
pub mod schedule;
pub mod snapshot;
pub mod sysctl;
pub mod tcp;
mod undo;
pub mod units;
pub mod veth;
pub mod wait;
pub mod wireguard;

pub use exec::{Exec, Program};
pub use link::Link;
pub use netns::Netns;
pub use process::Process;
pub use undo::Cleaned;

use crate::error::{Error, Kind, Result};
use crate::kernel::{self, signal, watch};
use crate::name::NetnsName;
use crate::near;
use crate::world::{self, World};
use background::Background;
use ledger::Ledger;
use netns::Held;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::path::Path;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::task::AbortHandle;

/// A lab: the namespaces of a world, and what was started in them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Lab(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    runtime: Runtime,
    world: World,
    root: Rc<Held>,
    held: RefCell<HashMap<u64, Weak<Held>>>,
    ledger: Ledger,
    schedule: schedule::Schedule,
    processes: RefCell<Vec<Process>>,
    background: OnceCell<Background>,
    listener: RefCell<Option<news::Listener>>,
    /// Parameters that were set since the first snapshot.
    parameters: RefCell<Option<Vec<snapshot::Parameter>>>,
    listeners: RefCell<Vec<(u64, AbortHandle)>>,
    teller: RefCell<Option<Teller>>,
    servers: RefCell<Vec<AbortHandle>>,
    names: Cell<bool>,
    names_stale: Cell<bool>,
    cables_numbered: Cell<u32>,
}

/// How people are told.
struct Teller(Box<dyn Fn(&str)>);

impl std::fmt::Debug for Teller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Teller").finish_non_exhaustive()
    }
}

/// How long a process may take to end before that is told.
const SHORT: Duration = Duration::from_millis(200);

impl Lab {
    /// Makes a lab of the world that this process stands in.
    pub fn new(world: World) -> Result<Lab> {
        let failed = |failure: kernel::Failure| failure.doing("open the lab", "");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| failed(e.into()))?;
        let root = Held::new("root".to_string(), kernel::Netns::current().map_err(failed)?, None);
        let ledger = Ledger::new(world.kind() == world::Kind::Host);
        Ok(Lab(Rc::new(Inner {
            runtime,
            world,
            root: Rc::new(root),
            held: RefCell::default(),
            ledger,
            schedule: schedule::Schedule::default(),
            processes: RefCell::default(),
            background: OnceCell::new(),
            listener: RefCell::default(),
            parameters: RefCell::default(),
            listeners: RefCell::default(),
            teller: RefCell::default(),
            servers: RefCell::default(),
            names: Cell::new(true),
            names_stale: Cell::new(true),
            cables_numbered: Cell::new(0),
        })))
    }

    /// Returns the kind of world that the lab is in.
    pub fn world(&self) -> world::Kind {
        self.0.world.kind()
    }

    /// Returns the world's root namespace.
    pub fn root(&self) -> Netns {
        Netns::new(self.clone(), self.0.root.clone())
    }

    /// Counts the cables whose network nobody chose, from 0.
    pub fn number_cable(&self) -> u32 {
        let number = self.0.cables_numbered.get();
        self.0.cables_numbered.set(number + 1);
        number
    }

    /// Makes a namespace (`ip netns add`).
    ///
    /// # Errors
    ///
    /// `exists`, `bad-name`, `not-permitted`.
    pub fn add_netns(&self, name: &str) -> Result<Netns> {
        self.add_netns_with(name, &[])
    }

    /// Makes a namespace whose parameters have these values; one that the kernel does not have is passed over.
    ///
    /// # Errors
    ///
    /// As [`Lab::add_netns`], and `bad-argument` for a value.
    pub fn add_netns_with(&self, name: &str, parameters: &'static [(&'static str, &'static str)]) -> Result<Netns> {
        let name = NetnsName::parse(name)?;
        let note = self.0.ledger.netns_noter(name.as_str())?;
        let before = |inode| note(inode).and_then(|()| kernel::sysctl::set_here(parameters));
        let made = kernel::Netns::create(name.as_str(), self.0.runtime.handle(), before);
        let (netns, socket) = made.map_err(|failure| {
            self.0.ledger.abandon_netns();
            let error = failure.doing("add netns", format!("`{name}`"));
            match failure.is(kernel::Errno::EEXIST) {
                true => {
                    let error = Error::new(Kind::Exists, "add netns", format!("`{name}`"), "a network namespace with that name exists");
                    match self.world() {
                        world::Kind::Host => ledger::owner_hint(
                            &self.0.ledger,
                            error,
                            |made| matches!(made, ledger::Made::Netns(n, _) if n == name.as_str()),
                        ),
                        _ => error,
                    }
                }
                false => error,
            }
        })?;
        self.names_changed();
        self.0.ledger.enter_netns(name.as_str(), netns.inode());
        Ok(self.hold(Held::new(name.as_str().to_string(), netns, Some(socket))))
    }

    /// Returns the namespace of a name.
    ///
    /// # Errors
    ///
    /// `not-found`, with the nearest name that exists.
    pub fn get_netns(&self, name: &str) -> Result<Netns> {
        if name == self.0.root.name() {
            return Ok(self.root());
        }
        let name = NetnsName::parse(name)?;
        let netns = kernel::Netns::named(name.as_str()).map_err(|failure| self.no_such_netns(name.as_str(), &failure))?;
        let known = self.0.held.borrow().get(&netns.inode()).and_then(Weak::upgrade);
        match known.filter(|held| held.name() == name.as_str()) {
            Some(held) => Ok(Netns::new(self.clone(), held)),
            None => Ok(self.hold(Held::new(name.as_str().to_string(), netns, None))),
        }
    }

    fn no_such_netns(&self, name: &str, failure: &kernel::Failure) -> Error {
        let subject = format!("`{name}`");
        if !failure.is(kernel::Errno::ENOENT) {
            return failure.doing("find netns", subject);
        }
        let names = kernel::netns::names().unwrap_or_default();
        let error = Error::new(Kind::NotFound, "find netns", subject, "there is no network namespace with that name");
        match near::did_you_mean(name, names.iter().map(String::as_str)) {
            Some(hint) => error.hint(hint),
            None if names.is_empty() => error.because("no namespace has been made yet"),
            None => error.because(format!("there are: {}", names.join(", "))),
        }
    }

    /// Opens a namespace that somebody else made: behind a path, or that of a process. It is never deleted by us.
    ///
    /// # Errors
    ///
    /// `not-found`; `bad-argument` for a file that is no network namespace; `not-permitted`.
    pub fn adopt(&self, path: &Path, name: &str) -> Result<Netns> {
        let failed = |failure: kernel::Failure| {
            let error = failure.doing("open netns", format!("`{name}`"));
            match failure.errno() {
                kernel::Errno::ENOENT => error.because(format!("there is no `{}`", path.display())),
                kernel::Errno::EINVAL => error.because(format!("`{}` is no network namespace", path.display())),
                kernel::Errno::EACCES | kernel::Errno::EPERM => error.because("the process belongs to another user"),
                _ => error,
            }
        };
        let netns = kernel::Netns::open_checked(path).map_err(failed)?;
        if netns.inode() == self.0.root.inode() {
            return Ok(self.root());
        }
        match self.name_of(netns.inode()) {
            Some(known) => self.get_netns(&known),
            None => Ok(self.hold(Held::new(name.to_string(), netns, None).adopted())),
        }
    }

    /// Returns the name of a namespace, by its inode, if it has one (`ip netns identify`).
    pub fn name_of(&self, inode: u64) -> Option<String> {
        let names = kernel::netns::names().unwrap_or_default();
        names.into_iter().find(|name| kernel::netns::name_inode(name) == Some(inode))
    }

    /// Lists the named namespaces, sorted by name.
    pub fn list_netns(&self) -> Result<Vec<Netns>> {
        let names = kernel::netns::names().map_err(|failure| failure.doing("list namespaces", ""))?;
        // One that went away meanwhile, or a file that is no namespace, is not listed.
        Ok(names.iter().filter_map(|name| self.get_netns(name).ok()).collect())
    }

    fn hold(&self, held: Held) -> Netns {
        let held = Rc::new(held);
        self.0.held.borrow_mut().insert(held.inode(), Rc::downgrade(&held));
        Netns::new(self.clone(), held)
    }

    /// Returns the record of what is to be undone at the end.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// Returns the thread for what goes on meanwhile.
    pub(crate) fn background(&self) -> &Background {
        self.0.background.get_or_init(Background::start)
    }

    /// Returns the processes that were started in the background.
    pub fn processes(&self) -> Vec<Process> {
        self.0.processes.borrow().clone()
    }

    pub(crate) fn remember(&self, process: &Process) {
        self.0.processes.borrow_mut().push(process.clone());
    }

    /// Runs a request to the end on the lab's runtime.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.runtime.block_on(work)
    }

    /// Runs something that may take long: it ends at its deadline with nothing, and on Ctrl-C with `interrupted`. Meanwhile what was
    /// planned is done when it is due.
    pub(crate) fn run_within<T>(&self, deadline: Duration, work: impl Future<Output = T>) -> Result<Option<T>> {
        if signal::count() > 0 {
            return Err(Error::interrupted());
        }
        let mut work = std::pin::pin!(async { tokio::time::timeout(deadline, work).await.ok() });
        loop {
            let due = self.0.schedule.next().map(tokio::time::Instant::from_std);
            let wait = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            let done = self.run(async {
                tokio::select! {
                    done = &mut work => Ok(Some(done)),
                    () = watch::interrupted() => Err(Error::interrupted()),
                    () = wait => Ok(None),
                }
            })?;
            match done {
                Some(done) => return Ok(done),
                None => self.do_due()?,
            }
        }
    }

    /// Ends what was started in the background, the newest first: by SIGTERM, and what has not ended after the grace period by SIGKILL.
    pub fn end_processes(&self) {
        let processes = self.0.processes.take();
        let asked: Vec<&Process> = processes.iter().rev().filter(|process| process.ask_to_end()).collect();
        let begin = Instant::now();
        let slow: Vec<&Process> = asked.into_iter().filter(|process| !process.ends_within(SHORT, begin)).collect();
        if !slow.is_empty() {
            let names: Vec<String> = slow.iter().map(|process| format!("pid {} `{}`", process.pid(), process.command())).collect();
            let span = wait::span(process::GRACE);
            self.tell(&format!("SIGTERM did not end {}: SIGKILL follows after {span}, at once on Ctrl-C twice", names.join(", ")));
            slow.iter().for_each(|process| {
                process.ends_within(process::GRACE, begin);
            });
        }
        processes.iter().rev().for_each(Process::kill_rest);
    }

    /// From now on, tells what people should know while something takes its time.
    pub fn tell_by(&self, tell: impl Fn(&str) + 'static) {
        self.0.teller.replace(Some(Teller(Box::new(tell))));
    }

    fn tell(&self, text: &str) {
        if let Some(Teller(tell)) = self.0.teller.borrow().as_ref() {
            tell(text);
        }
    }

    /// Returns the name of a named lab.
    pub fn name(&self) -> Option<&str> {
        self.0.world.name()
    }

    /// Returns whether the world has an /etc/hosts of its own.
    pub(crate) fn has_own_hosts(&self) -> bool {
        self.world() != world::Kind::Host
    }

    /// Returns whether something goes on in the background: a process, or a server.
    pub fn is_busy(&self) -> bool {
        self.processes().iter().any(|process| process.status().is_none()) || self.0.servers.borrow().iter().any(|task| !task.is_finished())
    }

    /// Goes on in the background of a named lab until that is taken down, while the command that the user started ends with `status`.
    pub fn linger(&self, status: i32) {
        self.write_names();
        self.0.world.detach(status);
        for process in self.processes() {
            process.wait_out();
        }
        while self.is_busy() {
            std::thread::park();
        }
    }

    /// Remembers what listens in a namespace in the background, and would keep it alive: it ends with the namespace.
    pub(crate) fn remember_listener(&self, netns: &Netns, task: AbortHandle) {
        let mut listeners = self.0.listeners.borrow_mut();
        listeners.retain(|(_, task)| !task.is_finished());
        listeners.push((netns.id(), task));
    }

    /// As [`remember_listener`](Self::remember_listener), for a server: a script that started it goes on in a named lab.
    pub(crate) fn remember_server(&self, netns: &Netns, task: AbortHandle) {
        self.remember_listener(netns, task.clone());
        let mut servers = self.0.servers.borrow_mut();
        servers.retain(|task| !task.is_finished());
        servers.push(task);
    }

    /// Ends what listens in a namespace, and waits until it has let go.
    pub(crate) fn end_listeners(&self, netns: &Netns) {
        let tasks: Vec<AbortHandle> =
            self.0.listeners.borrow().iter().filter(|(inode, _)| *inode == netns.id()).map(|(_, task)| task.clone()).collect();
        if tasks.is_empty() {
            // Sockets that are let go of are closed when the runtime goes on: those of many namespaces then end together, and the kernel
            // frees the namespaces in one go.
            return;
        }
        tasks.iter().for_each(AbortHandle::abort);
        self.run(async {
            let ended = async {
                while tasks.iter().any(|task| !task.is_finished()) {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            };
            let _ = tokio::time::timeout(Duration::from_secs(5), ended).await;
        });
    }

    /// Says that what is made in the host world stays, so that the script may also delete what it did not make.
    pub fn keep(&self) {
        self.0.ledger.give_up();
    }

    /// Ends the lab: processes first, then, in the host world, what was made, in reverse order.
    ///
    /// # Errors
    ///
    /// `leftovers`, with every object that could not be taken away, and who holds it.
    pub fn end(&self) -> Result<()> {
        self.0.schedule.clear();
        self.end_processes();
        self.0.ledger.end_strays();
        let left = self.0.ledger.undo(self);
        self.0.world.leave();
        if left.is_empty() {
            return Ok(());
        }
        let count = left.len();
        let error = Error::new(
            Kind::Leftovers,
            "end the lab",
            "",
            format!("{count} of its parts {} still there", if count == 1 { "is" } else { "are" }),
        );
        let error = error.hint("labsh clean, once nobody uses it");
        Err(left.into_iter().fold(error, Error::because))
    }
}

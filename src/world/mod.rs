//! Where a lab lives: a private sandbox that the kernel dismantles when labsh ends, or the machine's own root namespace.

mod host;
mod join;
pub mod journal;
pub mod named;
mod programs;
mod refusal;
mod sandbox;
mod state;
mod supervise;

use crate::error::Result;
use named::NamedLab;

/// The /etc/hosts of a sandbox or named lab.
pub const HOSTS: &str = "/run/labsh/hosts";

/// The kind of world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// New user, network, mount, process, host name and IPC namespaces; `root` is the sandbox's own root namespace.
    Sandbox,
    /// The machine's real root namespace; names appear in /run/netns.
    Host,
    /// A sandbox that outlives the command, held by its own init process.
    Named,
}

impl Kind {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Sandbox => "sandbox",
            Kind::Host => "host",
            Kind::Named => "named",
        }
    }
}

/// A named lab that this process made, and that ends with it, by whatever death.
#[derive(Debug)]
pub struct Founded {
    /// The lab.
    pub lab: NamedLab,
    tie: sandbox::Tie,
}

impl Founded {
    /// Lets it outlive this process.
    pub fn let_go(self) {
        self.tie.cut();
    }
}

/// The world that this process stands in.
#[derive(Debug)]
pub struct World {
    kind: Kind,
    name: Option<String>,
    made_names_folder: bool,
    detach: Option<join::Detach>,
}

impl World {
    /// Enters a fresh sandbox. Returns only in the process that is to do the work; two others wait for it: the one that was
    /// called, which passes signals and the exit status on, and the init of the sandbox. Must be called before any thread exists.
    ///
    /// # Errors
    ///
    /// `not-permitted` or `unsupported`, with the very knob of this machine that forbids it.
    pub fn enter_sandbox() -> Result<World> {
        sandbox::enter()?;
        programs::into_path();
        Ok(World::new(Kind::Sandbox))
    }

    /// Stays in the machine's own namespaces.
    ///
    /// # Errors
    ///
    /// `not-permitted` without CAP_SYS_ADMIN and CAP_NET_ADMIN.
    pub fn enter_host() -> Result<World> {
        let made_names_folder = host::enter()?;
        Ok(World { made_names_folder, ..World::new(Kind::Host) })
    }

    /// Checks whether this process may work in the host world.
    ///
    /// # Errors
    ///
    /// As [`World::enter_host`].
    pub fn may_enter_host() -> Result<()> {
        host::check()
    }

    /// Makes a named lab, which ends with this process until it is [let go](Founded::let_go). Must be called before any thread exists.
    ///
    /// # Errors
    ///
    /// `exists`, `bad-name`, and as [`World::enter_sandbox`]; nothing is left then.
    pub fn found(name: &str, script: &[String]) -> Result<Founded> {
        let new = named::reserve(name)?;
        match sandbox::found(new.lock()) {
            Ok((init, tie)) => Ok(Founded { lab: new.publish(init.as_raw(), script)?, tie }),
            Err(error) => {
                new.abandon();
                Err(error)
            }
        }
    }

    /// Enters a named lab. Returns only in a new process inside. Must be called before any thread exists.
    ///
    /// # Errors
    ///
    /// `not-permitted`, `not-found`.
    pub fn enter_named(lab: &NamedLab) -> Result<World> {
        join::enter(lab)?;
        programs::into_path();
        Ok(World { name: Some(lab.name.clone()), ..World::new(Kind::Named) })
    }

    /// Enters a named lab to do what may go on in it when the command has ended. Returns only in a new process inside. Must be called
    /// before any thread exists.
    ///
    /// # Errors
    ///
    /// As [`World::enter_named`].
    pub fn stay_in_named(lab: &NamedLab) -> Result<World> {
        let world = World::enter_named(lab)?;
        Ok(World { detach: Some(join::stay()?), ..world })
    }

    /// Does something in a process of its own, which may enter a world, and returns its exit status. Must be called before any
    /// thread exists.
    pub fn apart(work: impl FnOnce() -> i32) -> Result<i32> {
        supervise::apart(work).map_err(|failure| failure.doing("start a process", ""))
    }

    fn new(kind: Kind) -> World {
        World { kind, name: None, made_names_folder: false, detach: None }
    }

    /// Returns the name of a named lab.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Lets the command that the user started end with this status, while this process goes on in the named lab.
    pub fn detach(&self, status: i32) {
        if let Some(detach) = &self.detach {
            detach.tell(status);
        }
    }

    /// Returns its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Takes away what entering made and nobody uses.
    pub fn leave(&self) {
        if self.made_names_folder {
            host::remove_names_folder();
        }
    }
}

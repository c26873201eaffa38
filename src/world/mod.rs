//! Where a lab lives: a private sandbox that the kernel dismantles when labsh ends, or the machine's own root namespace.

mod host;
mod refusal;
mod sandbox;
mod supervise;

use crate::error::Result;

/// The kind of world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// New user, network, mount, process, host name and IPC namespaces; `root` is the sandbox's own root namespace.
    Sandbox,
    /// The machine's real root namespace; names appear in /run/netns.
    Host,
}

impl Kind {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Sandbox => "sandbox",
            Kind::Host => "host",
        }
    }
}

/// The world that this process stands in.
#[derive(Debug)]
pub struct World {
    kind: Kind,
    made_names_folder: bool,
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
        Ok(World { kind: Kind::Sandbox, made_names_folder: false })
    }

    /// Stays in the machine's own namespaces.
    ///
    /// # Errors
    ///
    /// `not-permitted` without CAP_SYS_ADMIN and CAP_NET_ADMIN.
    pub fn enter_host() -> Result<World> {
        Ok(World { kind: Kind::Host, made_names_folder: host::enter()? })
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

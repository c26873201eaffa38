//! What the kernel says when it refuses: an errno and, where there is one, its own sentence (extended acknowledgement).

use crate::error::{self, Error, Kind};
use nix::errno::Errno;
use std::{fmt, io};

/// A result whose error is the kernel's.
pub type Result<T> = std::result::Result<T, Failure>;

/// A refusal of the kernel, or of a system call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    errno: Errno,
    sentence: Option<String>,
}

impl Failure {
    /// Makes a failure from an errno as the kernel gave it.
    pub fn new(errno: Errno, sentence: Option<String>) -> Failure {
        Failure { errno, sentence }
    }

    /// Returns whether it is this errno.
    pub fn is(&self, errno: Errno) -> bool {
        self.errno == errno
    }

    /// Returns the errno.
    pub fn errno(&self) -> Errno {
        self.errno
    }

    /// Returns the kernel's sentence, for example `Nexthop has invalid gateway`.
    pub fn sentence(&self) -> Option<&str> {
        self.sentence.as_deref()
    }

    /// Returns the class that scripts match on.
    pub fn kind(&self) -> Kind {
        use Errno::*;
        // What tc asks for and no module brings: not a thing that is missing, but one that cannot be.
        const LACKS: [&str; 4] = ["qdisc kind is unknown", "qdisc not found", "classifier not found", "TC action module"];
        match self.errno {
            ENOENT if self.sentence().is_some_and(|text| LACKS.iter().any(|lack| text.contains(lack))) => Kind::Unsupported,
            EEXIST | EADDRINUSE => Kind::Exists,
            ENOENT | ENODEV | ESRCH | EADDRNOTAVAIL | ENXIO => Kind::NotFound,
            ENETUNREACH | EHOSTUNREACH | ENETDOWN | EHOSTDOWN => Kind::Unreachable,
            ECONNREFUSED | ECONNRESET | EPIPE => Kind::Refused,
            ETIMEDOUT => Kind::Timeout,
            EBUSY => Kind::Busy,
            EPERM | EACCES | EROFS => Kind::NotPermitted,
            EOPNOTSUPP | EAFNOSUPPORT | EPROTONOSUPPORT | ENOSYS => Kind::Unsupported,
            EINVAL | ERANGE => Kind::BadArgument,
            _ => Kind::Failed,
        }
    }

    /// Adds what was attempted on what.
    pub fn doing(&self, operation: impl Into<String>, subject: impl Into<String>) -> Error {
        Error::new(self.kind(), operation, subject, self.words()).with_errno(Some(self.named()), self.sentence.clone())
    }

    fn named(&self) -> error::Errno {
        error::Errno { name: format!("{:?}", self.errno), text: self.words() }
    }

    /// The words of the C library, which every other program uses too.
    pub fn words(&self) -> String {
        let text = io::Error::from(self.errno).to_string();
        text.split(" (os error").next().unwrap_or_default().to_string()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?}", self.words(), self.errno)?;
        if let Some(sentence) = &self.sentence {
            write!(f, ", kernel: {sentence}")?;
        }
        f.write_str(")")
    }
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Failure {
        Failure { errno, sentence: None }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.raw_os_error() {
            Some(code) => Errno::from_raw(code).into(),
            None => Failure { errno: Errno::EIO, sentence: Some(error.to_string()) },
        }
    }
}

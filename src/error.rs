//! The one error of labsh: what was attempted on which object in which namespace, why it failed, and what to try.
//!
//! Every layer returns this type. `kernel` knows only errnos ([`crate::kernel::Failure`]); the layers above add the operation,
//! and hints where the neighbours of the object are known. Front ends add `error:`, the place in the script and colour.

use std::fmt;

/// A result whose error says why.
pub type Result<T> = std::result::Result<T, Error>;

/// The stable class of an [`Error`], which scripts match on (`e.kind`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is its slug")]
pub enum Kind {
    Exists,
    NotFound,
    BadName,
    BadArgument,
    UnknownOption,
    Unreachable,
    Refused,
    Timeout,
    Busy,
    NotPermitted,
    Unsupported,
    CommandFailed,
    Expectation,
    Interrupted,
    Leftovers,
    Failed,
}

impl Kind {
    /// Every class.
    pub const ALL: [Kind; 16] = [
        Kind::Exists,
        Kind::NotFound,
        Kind::BadName,
        Kind::BadArgument,
        Kind::UnknownOption,
        Kind::Unreachable,
        Kind::Refused,
        Kind::Timeout,
        Kind::Busy,
        Kind::NotPermitted,
        Kind::Unsupported,
        Kind::CommandFailed,
        Kind::Expectation,
        Kind::Interrupted,
        Kind::Leftovers,
        Kind::Failed,
    ];

    /// Returns the word that scripts compare with, for example `not-found`.
    pub fn slug(self) -> &'static str {
        match self {
            Kind::Exists => "exists",
            Kind::NotFound => "not-found",
            Kind::BadName => "bad-name",
            Kind::BadArgument => "bad-argument",
            Kind::UnknownOption => "unknown-option",
            Kind::Unreachable => "unreachable",
            Kind::Refused => "refused",
            Kind::Timeout => "timeout",
            Kind::Busy => "busy",
            Kind::NotPermitted => "not-permitted",
            Kind::Unsupported => "unsupported",
            Kind::CommandFailed => "command-failed",
            Kind::Expectation => "expectation",
            Kind::Interrupted => "interrupted",
            Kind::Leftovers => "leftovers",
            Kind::Failed => "failed",
        }
    }
}

/// An errno by its name in the kernel's headers and its text in the C library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errno {
    /// For example `ENETUNREACH`.
    pub name: String,
    /// For example `Network is unreachable`.
    pub text: String,
}

/// What was attempted, on what, where, why it failed, and what to try.
#[derive(Debug, Clone)]
pub struct Error(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    kind: Kind,
    operation: String,
    subject: String,
    netns: Option<String>,
    cause: String,
    errno: Option<Errno>,
    kernel: Option<String>,
    reasons: Vec<String>,
    fix: Option<String>,
}

impl Error {
    /// Makes the error that reads `cannot OPERATION SUBJECT: CAUSE`. The subject brings its own backticks where it is a name.
    pub fn new(kind: Kind, operation: impl Into<String>, subject: impl Into<String>, cause: impl Into<String>) -> Error {
        Error(Box::new(Parts {
            kind,
            operation: operation.into(),
            subject: subject.into(),
            netns: None,
            cause: cause.into(),
            errno: None,
            kernel: None,
            reasons: Vec::new(),
            fix: None,
        }))
    }

    /// Makes the error of a claim that did not hold; `cause` says what was found instead.
    pub fn expectation(claim: impl Into<String>, cause: impl Into<String>) -> Error {
        Error::new(Kind::Expectation, "expect", claim, cause)
    }

    /// Makes the error of a step that Ctrl-C or a signal ended.
    pub fn interrupted() -> Error {
        Error::new(Kind::Interrupted, "go on", "", "interrupted")
    }

    /// Makes the error of a script's own `throw "…"`: its text stands alone.
    pub fn thrown(text: impl Into<String>) -> Error {
        Error::new(Kind::Failed, "", text, "")
    }

    /// Says of which kind it is, where the errno alone would mislead.
    pub fn of_kind(mut self, kind: Kind) -> Error {
        self.0.kind = kind;
        self
    }

    /// Names the namespace in which the operation was tried.
    pub fn in_netns(mut self, name: impl Into<String>) -> Error {
        self.0.netns.get_or_insert_with(|| name.into());
        self
    }

    /// Adds the errno, and the kernel's own sentence if it gave one.
    pub fn with_errno(mut self, errno: Option<Errno>, kernel: Option<String>) -> Error {
        self.0.errno = errno;
        self.0.kernel = kernel;
        self
    }

    /// Adds a line that explains the cause from the state of the objects beside it.
    pub fn because(mut self, reason: impl Into<String>) -> Error {
        self.0.reasons.push(reason.into());
        self
    }

    /// Adds what the reader can do.
    pub fn hint(mut self, fix: impl Into<String>) -> Error {
        self.0.fix = Some(fix.into());
        self
    }

    /// Adds a hint if there is one.
    pub fn maybe_hint(self, fix: Option<String>) -> Error {
        match fix {
            Some(fix) => self.hint(fix),
            None => self,
        }
    }

    /// Returns the class of the error.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Returns what was attempted, for example `add route`.
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// Returns on what it was attempted.
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Returns the name of the namespace in which it was attempted, if it was in one.
    pub fn netns(&self) -> Option<&str> {
        self.0.netns.as_deref()
    }

    /// Returns the name of the errno, if the kernel gave one.
    pub fn errno(&self) -> Option<&str> {
        self.0.errno.as_ref().map(|e| e.name.as_str())
    }

    /// Returns the kernel's own sentence (its extended acknowledgement), if it gave one.
    pub fn kernel(&self) -> Option<&str> {
        self.0.kernel.as_deref()
    }

    /// Returns the lines that explain the cause.
    pub fn reasons(&self) -> &[String] {
        &self.0.reasons
    }

    /// Returns what the reader can do, if something specific can be said.
    pub fn fix(&self) -> Option<&str> {
        self.0.fix.as_deref()
    }

    /// Returns the first half of the message: what could not be done, and where.
    pub fn headline(&self) -> String {
        let Parts { kind, operation, subject, netns, .. } = &*self.0;
        match kind {
            Kind::Interrupted => return "interrupted".to_string(),
            Kind::Expectation => return format!("expected {subject}"),
            _ if operation.is_empty() => return subject.clone(),
            _ => {}
        }
        let mut line = format!("cannot {operation}");
        if !subject.is_empty() {
            line += &format!(" {subject}");
        }
        if let Some(netns) = netns {
            line += &format!(" in netns `{netns}`");
        }
        line
    }

    /// Returns the second half of the message: the cause, the errno in brackets after plain words, the kernel's sentence.
    pub fn cause(&self) -> String {
        let Parts { cause, errno, kernel, .. } = &*self.0;
        let errno_part = match (errno, kernel) {
            (Some(e), Some(k)) => format!("{}, kernel: {k}", e.name),
            (Some(e), None) => e.name.clone(),
            (None, Some(k)) => format!("kernel: {k}"),
            (None, None) => return cause.clone(),
        };
        format!("{cause} ({errno_part})")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind {
            Kind::Interrupted => f.write_str("interrupted"),
            _ if self.0.cause.is_empty() => f.write_str(&self.headline()),
            _ => write!(f, "{}: {}", self.headline(), self.cause()),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_operation_subject_netns_cause_errno_and_the_kernels_sentence() {
        let errno = Errno { name: "ENETUNREACH".into(), text: "Network is unreachable".into() };
        let error = Error::new(Kind::Unreachable, "add route", "`default via 10.0.0.1`", "Network is unreachable")
            .with_errno(Some(errno), Some("Nexthop has invalid gateway".into()))
            .in_netns("blue_ns");
        assert_eq!(
            error.to_string(),
            "cannot add route `default via 10.0.0.1` in netns `blue_ns`: Network is unreachable \
             (ENETUNREACH, kernel: Nexthop has invalid gateway)"
        );
        assert_eq!(error.kind().slug(), "unreachable");
    }

    #[test]
    fn a_failed_claim_reads_as_expected_and_found() {
        let error = Error::expectation("`blue.link(\"lo\").state == \"UP\"`", "left was `DOWN`");
        assert_eq!(error.to_string(), "expected `blue.link(\"lo\").state == \"UP\"`: left was `DOWN`");
    }
}

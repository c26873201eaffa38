//! How a command ends before its end: what is said on standard error, and the exit status.

use crate::kernel::Failure;

/// A result whose error has been put into iproute2's words.
pub type Result<T = ()> = std::result::Result<T, Stop>;

/// The end of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// What is said on standard error, with its line ends.
    pub text: String,
    /// The exit status.
    pub status: i32,
    /// Whether it ends a whole batch, `-force` or not: what cannot be read does, what the kernel refuses does not.
    pub whole: bool,
    /// What the kernel said, where it was the kernel.
    pub failure: Option<Failure>,
}

/// The status of what cannot be read (-1, as a byte).
const UNREADABLE: i32 = 255;
/// The status of what is wrong and was found so before the kernel was asked.
const WRONG: i32 = 1;
/// The status of what the kernel refused.
const REFUSED: i32 = 2;

impl Stop {
    /// Ends with a sentence and a status; a batch goes on if it was asked to.
    pub fn new(text: impl Into<String>, status: i32) -> Stop {
        Stop { text: text.into() + "\n", status, whole: false, failure: None }
    }

    /// Ends with a sentence, as what is wrong does (1).
    pub fn wrong(text: impl Into<String>) -> Stop {
        Stop::new(text, WRONG)
    }

    /// Ends with a sentence and 1, and the whole batch with it.
    pub fn exit(text: impl Into<String>) -> Stop {
        Stop { whole: true, ..Stop::new(text, WRONG) }
    }

    /// Ends with a sentence, as what cannot be read does (255).
    pub fn unreadable(text: impl Into<String>) -> Stop {
        Stop { whole: true, ..Stop::new(text, UNREADABLE) }
    }

    /// A value that does not fit its word.
    pub fn invalid(argument: &str, message: &str) -> Stop {
        Stop::unreadable(format!("Error: argument \"{argument}\" is wrong: {message}"))
    }

    /// A word that comes twice.
    pub fn duplicate(word: &str, second: &str) -> Stop {
        Stop::unreadable(format!("Error: duplicate \"{word}\": \"{second}\" is the second value."))
    }

    /// A word that comes twice, or is none.
    pub fn garbage(word: &str, second: &str) -> Stop {
        Stop::unreadable(format!("Error: either \"{word}\" is duplicate, or \"{second}\" is a garbage."))
    }

    /// A word that is needed.
    pub fn missing(word: &str) -> Stop {
        Stop::unreadable(format!("Error: argument \"{word}\" is required"))
    }

    /// A line that ends too early.
    pub fn incomplete() -> Stop {
        Stop::unreadable("Command line is not complete. Try option \"help\"")
    }

    /// A verb that the object does not have.
    pub fn unknown_command(word: &str, program: &str) -> Stop {
        Stop::unreadable(format!("Command \"{word}\" is unknown, try \"{program} help\"."))
    }

    /// A link that is not there.
    pub fn no_device(name: &str) -> Stop {
        Stop::wrong(format!("Cannot find device \"{name}\""))
    }

    /// What the kernel refused.
    pub fn refused(failure: &Failure) -> Stop {
        Stop { failure: Some(failure.clone()), ..Stop::new(told(failure), REFUSED) }
    }

    /// A list that the kernel refused to tell.
    pub fn dump(failure: &Failure) -> Stop {
        Stop { whole: true, failure: Some(failure.clone()), ..Stop::wrong(format!("{}\nDump terminated", told(failure))) }
    }

    /// The end of a command that has said all already.
    pub fn silent(status: i32) -> Stop {
        Stop { text: String::new(), status, whole: false, failure: None }
    }
}

fn told(failure: &Failure) -> String {
    match failure.sentence() {
        Some(sentence) if sentence.ends_with(['.', '\n']) => format!("Error: {}", sentence.trim_end()),
        Some(sentence) => format!("Error: {sentence}."),
        None => format!("RTNETLINK answers: {}", failure.words()),
    }
}

use std::error::Error;
use std::fmt;

/// Why an input cannot be sent. Nothing left this machine.
#[derive(Debug)]
#[non_exhaustive]
pub enum EncodeError {
    /// A member that travels in the path is empty, which would make the path another operation's.
    #[non_exhaustive]
    EmptyLabel {
        /// The member's name on the wire, such as `appId`.
        label: &'static str,
    },
    /// A member that travels in the path is `.` or `..`. URL libraries and proxies rewrite such a
    /// path into another operation's.
    #[non_exhaustive]
    DotLabel {
        /// The member's name on the wire.
        label: &'static str,
    },
    /// The operation's path names a label that its `to_request` does not give.
    #[non_exhaustive]
    MissingLabel {
        /// The member's name in the path.
        label: &'static str,
    },
    /// The target is longer than `http::Uri` takes (65,534 bytes).
    #[non_exhaustive]
    TargetTooLong {
        /// The length in bytes, percent-encoded.
        length: usize,
    },
    /// A member cannot be written as JSON. The shapes of this API always can; a shape of one's own
    /// may not.
    Body(serde_json::Error),
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyLabel { label } => write!(f, "{label} is empty"),
            Self::DotLabel { label } => {
                write!(
                    f,
                    "{label} is `.` or `..`, which has another meaning in a path"
                )
            }
            Self::MissingLabel { label } => write!(f, "the path's label {label} is not given"),
            Self::TargetTooLong { length } => {
                write!(
                    f,
                    "the target is {length} bytes long, more than a URI takes"
                )
            }
            Self::Body(_) => f.write_str("a member cannot be written as JSON"),
        }
    }
}

impl Error for EncodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Body(error) => Some(error),
            _ => None,
        }
    }
}

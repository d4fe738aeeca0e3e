use std::fmt;

use http::StatusCode;

/// The errors of this API. Every operation has the same four.
///
/// Open: a code that this list does not have is kept as it is. Any text becomes a code with `From`,
/// and [`as_str`](Self::as_str) gives the text back; AWS's documentation has other names for two of
/// the codes, which become the service model's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// `BadRequestException`, 400: the request is not one that can be carried out.
    BadRequest,
    /// `NotFoundException`, 404: something that the request names does not exist.
    NotFound,
    /// `TooManyRequestsException`, 429, in AWS's documentation `LimitExceededException`: go slower.
    TooManyRequests,
    /// `GatewayTimeoutException`, 504, in AWS's documentation `InternalServiceException`: the
    /// service failed, and may have carried out the request.
    GatewayTimeout,
    #[doc(hidden)]
    Unknown(UnknownCode),
}

impl ErrorCode {
    /// The code as the service model spells it, or an unknown one as it came.
    pub fn as_str(&self) -> &str {
        match self {
            Self::BadRequest => "BadRequestException",
            Self::NotFound => "NotFoundException",
            Self::TooManyRequests => "TooManyRequestsException",
            Self::GatewayTimeout => "GatewayTimeoutException",
            Self::Unknown(UnknownCode(text)) => text,
        }
    }

    /// The error that a status stands for when no code was sent.
    pub(crate) fn of_status(status: StatusCode) -> Option<Self> {
        Some(match status.as_u16() {
            400 => Self::BadRequest,
            404 => Self::NotFound,
            429 => Self::TooManyRequests,
            504 => Self::GatewayTimeout,
            _ => return None,
        })
    }

    /// Whether it is one of the codes by which the AWS SDKs (retry behaviour 2.1) know throttling.
    pub(crate) fn is_throttling(&self) -> bool {
        matches!(
            self.as_str(),
            "BandwidthLimitExceeded"
                | "EC2ThrottledException"
                | "LimitExceededException"
                | "PriorRequestNotComplete"
                | "ProvisionedThroughputExceededException"
                | "RequestLimitExceeded"
                | "RequestThrottled"
                | "RequestThrottledException"
                | "SlowDown"
                | "ThrottledException"
                | "Throttling"
                | "ThrottlingException"
                | "TooManyRequestsException"
                | "TransactionInProgressException"
        )
    }
}

impl From<&str> for ErrorCode {
    fn from(code: &str) -> Self {
        match code {
            "BadRequestException" => Self::BadRequest,
            "NotFoundException" => Self::NotFound,
            "TooManyRequestsException" | "LimitExceededException" => Self::TooManyRequests,
            "GatewayTimeoutException" | "InternalServiceException" => Self::GatewayTimeout,
            _ => Self::Unknown(UnknownCode(code.into())),
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A code that this version does not know. Made by `From` of [`ErrorCode`] alone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UnknownCode(Box<str>);

impl fmt::Debug for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

use http::Method;

use super::ServerOperation;
use super::path::{matches, tail};
use crate::Operation;

/// The operations, and which one a request is for.
macro_rules! routes {
    ($($operation:ident: $input:ident,)*) => {
        /// An operation of the service, by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Route {
            $(
                #[doc = concat!("[`", stringify!($input), "`](models::", stringify!($input), ")")]
                $operation,
            )*
        }

        impl Route {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$operation),*];

            /// The name in the service model.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$operation => models::$input::NAME,)*
                }
            }

            /// The HTTP method.
            pub fn method(self) -> Method {
                match self {
                    $(Self::$operation => models::$input::METHOD,)*
                }
            }

            /// The path, with its labels in braces.
            pub fn path(self) -> &'static str {
                match self {
                    $(Self::$operation => models::$input::PATH,)*
                }
            }

            /// What the path ends in, behind its last label.
            fn tail(self) -> &'static str {
                match self {
                    $(Self::$operation => const { tail(models::$input::PATH) },)*
                }
            }

            /// Whether the operation only reads.
            pub fn read_only(self) -> bool {
                match self {
                    $(Self::$operation => models::$input::READ_ONLY,)*
                }
            }

            /// What `visitor` makes of the operation's input type.
            pub fn visit<V: RouteVisitor>(self, visitor: V) -> V::Output {
                match self {
                    $(Self::$operation => visitor.visit::<models::$input>(),)*
                }
            }
        }
    };
}

/// What can be done with the input type of an operation that is known by its [`Route`] alone.
pub trait RouteVisitor {
    /// What comes of it.
    type Output;

    /// Does it.
    fn visit<O: ServerOperation + 'static>(self) -> Self::Output;
}

routes! {
    CreateBackendStorage: CreateBackendStorageInput,
    DeleteBackendStorage: DeleteBackendStorageInput,
    GetBackendJob: GetBackendJobInput,
    GetBackendStorage: GetBackendStorageInput,
    ImportBackendStorage: ImportBackendStorageInput,
    ListBackendJobs: ListBackendJobsInput,
    ListS3Buckets: ListS3BucketsInput,
    UpdateBackendJob: UpdateBackendJobInput,
    UpdateBackendStorage: UpdateBackendStorageInput,
}

impl Route {
    /// The operation of this name, spelled as in the service model.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|route| route.name() == name)
    }

    /// The operation that a request with `method` and `path` is for. `path` is the request's as it
    /// came, percent-encoded; a label matches one segment that is not empty.
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        // How a path ends tells most of them apart.
        Self::ALL.iter().copied().find(|route| {
            path.ends_with(route.tail())
                && route.method() == *method
                && matches(route.path(), path, |_, _| {})
        })
    }
}

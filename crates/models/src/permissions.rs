use crate::string_enum::string_enum;
use crate::wire::{Dense, members, read_members};

/// Who may do what with the stored objects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "builder", derive(bon::Builder))]
#[non_exhaustive]
pub struct BackendStoragePermissions {
    /// What signed-in users may do. Required; an empty list is sent as one.
    #[cfg_attr(feature = "builder", builder(into))]
    pub authenticated: Vec<AuthenticatedElement>,
    /// What everybody may do. On the wire it is `unAuthenticated`.
    #[cfg_attr(feature = "builder", builder(into))]
    pub un_authenticated: Option<Vec<UnAuthenticatedElement>>,
}

members!(BackendStoragePermissions {
    authenticated: required "authenticated" via Dense<AuthenticatedElement>,
    un_authenticated: optional "unAuthenticated" via Dense<UnAuthenticatedElement>,
});

string_enum! {
    /// One thing that signed-in users may do.
    AuthenticatedElement {
        /// Read objects.
        Read = "READ",
        /// Create objects and change them.
        CreateAndUpdate = "CREATE_AND_UPDATE",
        /// Delete objects.
        Delete = "DELETE",
    }
}

string_enum! {
    /// One thing that everybody may do, signed in or not.
    UnAuthenticatedElement {
        /// Read objects.
        Read = "READ",
        /// Create objects and change them.
        CreateAndUpdate = "CREATE_AND_UPDATE",
        /// Delete objects.
        Delete = "DELETE",
    }
}

/// Permissions in an answer of the service, where a missing list counts as an empty one.
pub(crate) struct ReceivedPermissions {
    authenticated: Vec<AuthenticatedElement>,
    un_authenticated: Option<Vec<UnAuthenticatedElement>>,
}

read_members!(ReceivedPermissions {
    authenticated: filled "authenticated" via Dense<AuthenticatedElement> = Vec::new(),
    un_authenticated: optional "unAuthenticated" via Dense<UnAuthenticatedElement>,
});

impl From<ReceivedPermissions> for BackendStoragePermissions {
    fn from(received: ReceivedPermissions) -> Self {
        let ReceivedPermissions {
            authenticated,
            un_authenticated,
        } = received;
        Self {
            authenticated,
            un_authenticated,
        }
    }
}

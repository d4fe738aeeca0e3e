//! Storage resources.

use clap::{Args, Subcommand};
use models::{AuthenticatedElement, UnAuthenticatedElement};
use operations::server::Route;
use serde_json::{Map, Value, json};

use super::{Place, Waiting, with};
use crate::call::Call;
use crate::failure::Failure;
use crate::spelling;

/// Storage resources of a backend environment
///
/// The service has no operation that lists them: `jobs list` tells what was done to them, and
/// `buckets list` which buckets there are.
#[derive(Subcommand)]
pub(crate) enum Storage {
    /// Create a storage resource (CreateBackendStorage)
    Create {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        resource: Resource,
        /// The S3 bucket to create; the service makes up a name without it
        #[arg(long, visible_alias = "bucket-name", value_name = "NAME")]
        bucket: Option<String>,
        #[command(flatten)]
        permissions: Permissions,
        #[command(flatten)]
        service: Service,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Import an S3 bucket as a storage resource (ImportBackendStorage)
    Import {
        #[command(flatten)]
        place: Place,
        /// The S3 bucket
        #[arg(long, visible_alias = "bucket-name", value_name = "NAME")]
        bucket: String,
        #[command(flatten)]
        service: Service,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Read how a storage resource is configured (GetBackendStorage)
    Get {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        resource: Resource,
    },
    /// Change who may do what (UpdateBackendStorage)
    Update {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        resource: Resource,
        #[command(flatten)]
        permissions: Permissions,
        #[command(flatten)]
        service: Service,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Delete a storage resource (DeleteBackendStorage)
    ///
    /// On a terminal it asks first; elsewhere it needs --yes.
    Delete {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        resource: Resource,
        #[command(flatten)]
        service: Service,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        waiting: Waiting,
    },
}

#[derive(Args)]
pub(crate) struct Resource {
    /// The storage resource
    #[arg(long, visible_alias = "resource-name", value_name = "NAME")]
    name: String,
}

#[derive(Args)]
pub(crate) struct Service {
    /// The service that holds the objects
    #[arg(
        long,
        visible_alias = "service-name",
        value_name = "NAME",
        default_value = "S3"
    )]
    service: String,
}

#[derive(Args)]
pub(crate) struct Permissions {
    /// What signed-in users may do: read, write, delete, separated by commas; none for nothing
    #[arg(long, value_name = "LIST")]
    authenticated: String,
    /// What everybody may do, in the same form; left out, nothing is said of it
    #[arg(long, visible_alias = "un-authenticated", value_name = "LIST")]
    unauthenticated: Option<String>,
}

impl Storage {
    pub(crate) fn call(self) -> Result<Call, Failure> {
        let mut confirm = None;
        let (route, input, wait) = match self {
            Self::Create {
                place,
                resource,
                bucket,
                permissions,
                service,
                waiting,
            } => {
                let config = json!({
                    "bucketName": bucket,
                    "permissions": permissions.input()?,
                    "serviceName": service.service,
                });
                let config = with(Map::new(), config);
                let more = json!({ "resourceName": resource.name, "resourceConfig": config });
                (
                    Route::CreateBackendStorage,
                    with(place.input(), more),
                    waiting.wait(),
                )
            }
            Self::Import {
                place,
                bucket,
                service,
                waiting,
            } => {
                let more = json!({ "bucketName": bucket, "serviceName": service.service });
                (
                    Route::ImportBackendStorage,
                    with(place.input(), more),
                    waiting.wait(),
                )
            }
            Self::Get { place, resource } => {
                let more = json!({ "resourceName": resource.name });
                (Route::GetBackendStorage, with(place.input(), more), None)
            }
            Self::Update {
                place,
                resource,
                permissions,
                service,
                waiting,
            } => {
                let config = json!({
                    "permissions": permissions.input()?,
                    "serviceName": service.service,
                });
                let more = json!({ "resourceName": resource.name, "resourceConfig": config });
                (
                    Route::UpdateBackendStorage,
                    with(place.input(), more),
                    waiting.wait(),
                )
            }
            Self::Delete {
                place,
                resource,
                service,
                yes,
                waiting,
            } => {
                if !yes {
                    let Place { app_id, env } = &place;
                    let name = &resource.name;
                    confirm = Some(format!("Delete storage {name} of {app_id}/{env}?"));
                }
                let more = json!({ "resourceName": resource.name, "serviceName": service.service });
                (
                    Route::DeleteBackendStorage,
                    with(place.input(), more),
                    waiting.wait(),
                )
            }
        };
        Ok(Call {
            confirm,
            wait,
            ..Call::new(route, input)
        })
    }
}

impl Permissions {
    fn input(&self) -> Result<Value, Failure> {
        let known: Vec<_> = AuthenticatedElement::KNOWN
            .iter()
            .map(AuthenticatedElement::as_str)
            .collect();
        let authenticated = list("--authenticated", &self.authenticated, &known)?;
        let known: Vec<_> = UnAuthenticatedElement::KNOWN
            .iter()
            .map(UnAuthenticatedElement::as_str)
            .collect();
        let everybody = self.unauthenticated.as_deref();
        let everybody = everybody
            .map(|text| list("--unauthenticated", text, &known))
            .transpose()?;
        let lists = json!({ "authenticated": authenticated, "unAuthenticated": everybody });
        Ok(with(Map::new(), lists))
    }
}

/// A list of permissions, in the service's spelling or ours.
fn list(flag: &str, text: &str, known: &[&'static str]) -> Result<Vec<&'static str>, Failure> {
    if matches!(text.trim(), "" | "none") {
        return Ok(Vec::new());
    }
    let words = text.split(',').map(str::trim);
    words
        .map(|word| {
            let plain = word.to_uppercase().replace('-', "_");
            let meant = match plain.as_str() {
                "WRITE" => "CREATE_AND_UPDATE",
                other => other,
            };
            known
                .iter()
                .find(|known| **known == meant)
                .copied()
                .ok_or_else(|| {
                    let failure = Failure::usage(format!("{flag} has {word:?}"));
                    let words = ["read", "write", "delete"]
                        .into_iter()
                        .chain(known.iter().copied());
                    match spelling::nearest(word, words) {
                        Some(near) => failure.hint(format!("did you mean {near}?")),
                        None => {
                            failure.hint("it takes read, write and delete, separated by commas")
                        }
                    }
                })
        })
        .collect()
}

//! What is sent: requests as clients sign them, ready to be written to a socket.

use std::net::SocketAddr;
use std::time::SystemTime;

use bytes::Bytes;
use http::Request;
use operations::models::*;
use operations::{Endpoint, Operation};
use serde_json::{Value, json};
use signing::{Credentials, Signer};

use super::{Outcome, Script};
use crate::shapes::{APP, permissions};

/// The environment that is only read from.
const READ: &str = "staging";

/// What the emulator holds at the start: `resources` of them and their buckets and jobs in the
/// environment `staging`, and an environment for each connection to make its changes in.
pub fn seed(resources: usize, connections: usize) -> Value {
    let storage = (0..resources).map(|number| {
        json!({
            "resourceName": resource(number),
            "bucketName": format!("{}-{APP}-{READ}", resource(number)),
            "permissions": {
                "authenticated": ["READ", "CREATE_AND_UPDATE", "DELETE"],
                "unAuthenticated": ["READ"],
            },
        })
    });
    let jobs = (0..10).map(|number| {
        json!({
            "jobId": job(number),
            "operation": "CreateBackendStorage",
            "createTime": 1_617_375_907_613_u64,
            "updateTime": 1_617_375_909_613_u64,
            "status": "COMPLETED",
        })
    });
    let read = json!({
        "backendEnvironmentName": READ,
        "storage": storage.collect::<Vec<_>>(),
        "jobs": jobs.collect::<Vec<_>>(),
    });
    let changed = (0..connections)
        .map(|connection| json!({ "backendEnvironmentName": environment(connection) }));
    let environments: Vec<_> = std::iter::once(read).chain(changed).collect();
    json!({ "apps": [{ "appId": APP, "environments": environments }] })
}

/// Ten requests of a connection: a resource is made, read, updated, read and deleted; between, four
/// more that read another environment, and one that lists buckets.
fn mix(address: SocketAddr, connection: usize) -> Outcome<Vec<Vec<u8>>> {
    let signed = Signed::new(address, "amplifybackend")?;
    let place = environment(connection);
    let create = CreateBackendStorageResourceConfig::builder()
        // One for all, so that the list of buckets stays as long as it is.
        .bucket_name(format!("{}-{APP}-{READ}", resource(0)))
        .permissions(permissions())
        .service_name(ServiceName::S3)
        .build();
    let create = CreateBackendStorageInput::builder()
        .app_id(APP)
        .backend_environment_name(&place)
        .resource_config(create)
        .resource_name("photos")
        .build();
    let delete = DeleteBackendStorageInput::builder()
        .app_id(APP)
        .backend_environment_name(&place)
        .resource_name("photos")
        .service_name(ServiceName::S3)
        .build();
    Ok(vec![
        signed.operation(&create)?,
        signed.operation(&get(READ, resource(connection % 10)))?,
        signed.operation(&get_job(connection % 10))?,
        signed.operation(&get(&place, "photos"))?,
        signed.operation(&update(&place, "photos"))?,
        signed.operation(&ListS3BucketsInput::builder().build())?,
        signed.operation(&get(&place, "photos"))?,
        signed.operation(&get_job((connection + 1) % 10))?,
        signed.operation(&get(READ, resource((connection + 1) % 10)))?,
        signed.operation(&delete)?,
    ])
}

/// A script for each of so many connections: ten requests of all kinds, over and over.
///
/// # Errors
///
/// An address that is no endpoint.
pub fn mixes(address: SocketAddr, connections: usize) -> Outcome<Vec<Script>> {
    (0..connections)
        .map(|connection| Ok(Script::new(mix(address, connection)?)))
        .collect()
}

/// Signs the requests of [`mixes`] anew, and leaves each where it is: a signature holds for five minutes.
///
/// # Errors
///
/// An address that is no endpoint.
pub fn sign_again(scripts: &mut [Script], address: SocketAddr) -> Outcome<()> {
    for (connection, script) in scripts.iter_mut().enumerate() {
        script.requests = mix(address, connection)?.into();
    }
    Ok(())
}

/// GetBackendStorage, UpdateBackendStorage and ListS3Buckets for resources all over the environment.
///
/// # Errors
///
/// An address that is no endpoint.
pub fn sizes(address: SocketAddr, resources: usize) -> Outcome<[Vec<Vec<u8>>; 3]> {
    let signed = Signed::new(address, "amplifybackend")?;
    // No divisor of either size, so that neither is gone through in order.
    let names: Vec<_> = (0..1_000)
        .map(|number| resource(number * 7_919 % resources))
        .collect();
    let gets = names.iter().map(|name| signed.operation(&get(READ, name)));
    let updates = names
        .iter()
        .map(|name| signed.operation(&update(READ, name)));
    Ok([
        gets.collect::<Outcome<_>>()?,
        updates.collect::<Outcome<_>>()?,
        list_buckets(address)?,
    ])
}

/// ListS3Buckets.
///
/// # Errors
///
/// An address that is no endpoint.
pub fn list_buckets(address: SocketAddr) -> Outcome<Vec<Vec<u8>>> {
    let signed = Signed::new(address, "amplifybackend")?;
    let request = signed.operation(&ListS3BucketsInput::builder().build())?;
    Ok(vec![request])
}

/// For S3 itself: the requests that make so many buckets, and the one that lists them.
///
/// # Errors
///
/// An address that is no endpoint.
pub fn s3_list_buckets(address: SocketAddr, buckets: usize) -> Outcome<[Vec<Vec<u8>>; 2]> {
    let signed = Signed::new(address, "s3")?;
    let url = |path: &str| format!("http://{address}/{path}");
    let make = (0..buckets).map(|number| {
        let name = resource(number);
        signed.request(Request::put(url(&name)).body(Bytes::new())?)
    });
    let list = signed.request(Request::get(url("")).body(Bytes::new())?)?;
    Ok([make.collect::<Outcome<_>>()?, vec![list]])
}

struct Signed {
    endpoint: Endpoint,
    signer: Signer,
    credentials: Credentials,
}

impl Signed {
    fn new(address: SocketAddr, service: &str) -> Outcome<Self> {
        Ok(Self {
            endpoint: Endpoint::new(&format!("http://{address}"))?,
            signer: Signer::new("us-east-1", service),
            // What the emulator accepts where nothing else was said.
            credentials: Credentials::new("local", "local"),
        })
    }

    fn operation(&self, operation: &impl Operation) -> Outcome<Vec<u8>> {
        self.request(operation.to_request(&self.endpoint)?)
    }

    /// The request as it stands on the wire.
    fn request(&self, mut request: Request<Bytes>) -> Outcome<Vec<u8>> {
        self.signer
            .sign(&mut request, &self.credentials, SystemTime::now())?;
        let uri = request.uri();
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let mut wire = format!(
            "{} {target} HTTP/1.1\r\nhost: {authority}\r\n",
            request.method()
        );
        for (name, value) in request.headers() {
            wire.push_str(&format!("{name}: {}\r\n", value.to_str()?));
        }
        wire.push_str(&format!("content-length: {}\r\n\r\n", request.body().len()));
        let mut wire = wire.into_bytes();
        wire.extend_from_slice(request.body());
        Ok(wire)
    }
}

fn get(environment: &str, name: impl Into<String>) -> GetBackendStorageInput {
    GetBackendStorageInput::builder()
        .app_id(APP)
        .backend_environment_name(environment)
        .resource_name(name)
        .build()
}

fn get_job(number: usize) -> GetBackendJobInput {
    GetBackendJobInput::builder()
        .app_id(APP)
        .backend_environment_name(READ)
        .job_id(job(number))
        .build()
}

fn update(environment: &str, name: impl Into<String>) -> UpdateBackendStorageInput {
    let config = UpdateBackendStorageResourceConfig::builder()
        .permissions(permissions())
        .service_name(ServiceName::S3)
        .build();
    UpdateBackendStorageInput::builder()
        .app_id(APP)
        .backend_environment_name(environment)
        .resource_config(config)
        .resource_name(name)
        .build()
}

fn environment(connection: usize) -> String {
    format!("env{connection}")
}

fn resource(number: usize) -> String {
    format!("photos{number}")
}

fn job(number: usize) -> String {
    format!("4e8f6b0a-6f0e-4c0d-9a3b-1f2e3d4c5b{number:02}")
}

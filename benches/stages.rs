//! The stages of a call, each by itself, and whole calls: defined once for the benches, which take
//! their time, for `counts`, which counts what they need, and for the tests.
//!
//! - `build/*` makes an input, `encode/*` its request, `decode/*` an output of a response.
//! - `sign`, `sign-new-key`, `presign`, `verify`: a CreateBackendStorage request, the key kept or
//!   not; `sign-64-KiB` has a body of that size, `sign-aws-sigv4` is AWS's own signer.
//! - `send`: a signed request out and its response in, over a kept connection on loopback.
//! - `emulator/*`: a signed request answered in this process, signature checked.
//! - `call`, `call-raw-hyper`: CreateBackendStorage on loopback, with our client, and prebuilt and
//!   unsigned over hyper alone. `call-official-sdk` (feature `peers`) is the same with AWS's crate.
//! - `first-call`: a client made anew, and its first call.
//!
//! What goes over a socket is answered by a server in the same thread, so that both ends count.

#![allow(clippy::missing_panics_doc, reason = "a bench fails the short way")]

use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use amplify_backend::{Client, Credentials, Endpoint, Region};
use bytes::Bytes;
use emulator::{Emulator, Snapshot};
use http::Request;
use operations::Operation;
use operations::server::ServerOperation;
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::json;
use signing::{Signer, Verifier};
use tokio::runtime::Runtime;
use transport::{HyperTransport, Transport};

use crate::raw::{self, RESPONSE};
use crate::shapes::{self, Visit, every_operation};
use crate::signers;

/// How much work is prepared at a time: little, as in a client, so that its memory stays warm and
/// comes from the allocator's caches.
const BATCH: u64 = 8;

/// Something that can be done any number of times, and measured while it is.
pub struct Stage {
    /// What it is called in results.
    pub name: String,
    /// What is done how often, and who runs the part that is to be measured.
    #[expect(clippy::type_complexity, reason = "written once")]
    run: Box<dyn FnMut(u64, &mut dyn FnMut(&mut dyn FnMut()))>,
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Stage").field(&self.name).finish()
    }
}

impl Stage {
    /// One that works on what `prepare` makes. Only `work` is measured, and neither `prepare` nor
    /// dropping what comes of it.
    fn new<I: 'static, O: 'static>(
        name: impl Into<String>,
        prepare: impl Fn() -> I + 'static,
        work: impl Fn(I) -> O + 'static,
    ) -> Self {
        let run = move |times: u64, measure: &mut dyn FnMut(&mut dyn FnMut())| {
            for batch in batches(times) {
                let mut inputs = batch.map(|_| prepare()).collect::<Vec<_>>().into_iter();
                let mut outputs = Vec::with_capacity(inputs.len());
                measure(&mut || {
                    outputs.extend(inputs.by_ref().map(|input| work(black_box(input))))
                });
                black_box(outputs);
            }
        };
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }

    /// The same for what waits. What comes of it is dropped at once.
    fn waiting<I: 'static, O: 'static>(
        name: impl Into<String>,
        runtime: &Rc<Runtime>,
        prepare: impl Fn() -> I + 'static,
        work: impl AsyncFn(I) -> O + 'static,
    ) -> Self {
        let runtime = Rc::clone(runtime);
        let run = move |times: u64, measure: &mut dyn FnMut(&mut dyn FnMut())| {
            for batch in batches(times) {
                let mut inputs = batch.map(|_| prepare()).collect::<Vec<_>>().into_iter();
                measure(&mut || {
                    runtime.block_on(async {
                        for input in inputs.by_ref() {
                            black_box(work(black_box(input)).await);
                        }
                    });
                });
            }
        };
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }

    /// Does it so many times. `measure` is given the work, in pieces, and must do each once.
    pub fn run(&mut self, times: u64, mut measure: impl FnMut(&mut dyn FnMut())) {
        (self.run)(times, &mut measure);
    }

    /// How long so many of it take.
    pub fn time(&mut self, times: u64) -> Duration {
        let mut took = Duration::ZERO;
        self.run(times, |work| {
            let start = Instant::now();
            work();
            took += start.elapsed();
        });
        took
    }
}

fn batches(times: u64) -> impl Iterator<Item = std::ops::Range<u64>> {
    (0..times.div_ceil(BATCH)).map(move |batch| batch * BATCH..times.min((batch + 1) * BATCH))
}

/// All stages.
pub fn all() -> Vec<Stage> {
    let mut operations = Operations::default();
    every_operation(&mut operations);
    let mut stages = operations.0;
    stages.extend(signing());
    stages.extend(calls());
    stages.extend(emulated(10));
    stages
}

/// The stages whose names those are, in that order.
pub fn named<const N: usize>(names: [&str; N]) -> [Stage; N] {
    let mut all = all();
    names.map(|name| {
        let found = all.iter().position(|stage| stage.name == name);
        all.swap_remove(found.expect("there is a stage of each of these names"))
    })
}

/// `build`, `encode` and `decode` of every operation.
#[derive(Default)]
struct Operations(Vec<Stage>);

impl Visit for Operations {
    fn operation<O>(&mut self, input: fn() -> O, output: fn() -> O::Output)
    where
        O: ServerOperation<Output: DeserializeOwned + 'static> + Serialize + Clone + 'static,
    {
        let endpoint = Endpoint::new("https://example.com").expect("a URL");
        let built = input();
        let response = O::to_response(&output());
        let name = |stage| format!("{stage}/{}", O::NAME);
        self.0.extend([
            Stage::new(name("build"), || (), move |()| input()),
            Stage::new(
                name("encode"),
                || (),
                move |()| built.to_request(&endpoint).expect("it can be sent"),
            ),
            Stage::new(
                name("decode"),
                move || response.clone(),
                |response| O::parse_response(response).expect("an output"),
            ),
        ]);
    }
}

fn signing() -> [Stage; 6] {
    let unsigned = || signers::request(signers::SMALL);
    let keys = || signers::credentials(None);
    let sign = |signer: &Signer, request: &mut Request<Bytes>, keys: &Credentials| {
        let signed = signer.sign(request, keys, signers::at());
        signed.expect("it can be signed");
    };
    let signed = move || {
        let mut request = unsigned();
        sign(&signers::ours(), &mut request, &keys());
        request
    };
    let kept_key = move || {
        let (signer, credentials) = (signers::ours(), keys());
        move |mut request| {
            sign(&signer, &mut request, &credentials);
            request
        }
    };
    let new_key = move |(signer, credentials, mut request)| {
        sign(&signer, &mut request, &credentials);
        (signer, credentials, request)
    };
    let (presigner, credentials) = (signers::ours(), keys());
    let presign = move |mut request| {
        let time = Duration::from_secs(900);
        let signed = presigner.presign(&mut request, &credentials, signers::at(), time);
        signed.expect("it can be signed");
        request
    };
    let (verifier, known) = (Verifier::new(signers::ours()), keys());
    let verify = move |request| {
        let verified = verifier.verify(&request, |_| Some(known.clone()), signers::at());
        verified.expect("it was signed for this");
        request
    };
    let aws = signers::aws_sigv4(None, None);
    let aws_sigv4 = move |mut request| {
        aws(&mut request);
        request
    };
    [
        Stage::new("sign", unsigned, kept_key()),
        Stage::new("sign-64-KiB", || signers::request(1 << 16), kept_key()),
        Stage::new(
            "sign-new-key",
            move || (signers::ours(), keys(), unsigned()),
            new_key,
        ),
        Stage::new("sign-aws-sigv4", unsigned, aws_sigv4),
        Stage::new("presign", unsigned, presign),
        Stage::new("verify", signed, verify),
    ]
}

fn calls() -> Vec<Stage> {
    let runtime = Rc::new(raw::runtime());
    let address = runtime.block_on(raw::serve_here());
    let endpoint = endpoint(&format!("http://{address}"));
    let nothing = || ();

    let transport = HyperTransport::new();
    let signer = Signer::new("us-east-1", "amplifybackend");
    let signed = {
        let prebuilt = request_to(&endpoint);
        move || {
            let mut request = prebuilt.clone();
            let signed = signer.sign(&mut request, &signers::credentials(None), SystemTime::now());
            signed.expect("it can be signed");
            request
        }
    };
    let send = async move |request: Request<Bytes>| {
        let response = transport.send(request).await.expect("the server answers");
        assert_eq!(response.body(), RESPONSE);
    };

    let input = shapes::create_backend_storage();
    let client = client(&endpoint);
    let call = async move |()| client.send(&input).await.expect("the server answers");

    let first_call = {
        let (input, endpoint) = (shapes::create_backend_storage(), endpoint.clone());
        async move |()| {
            let client = self::client(&endpoint);
            client.send(&input).await.expect("the server answers")
        }
    };

    let sender = runtime.block_on(raw::connect(address));
    let sender = tokio::sync::Mutex::new(sender);
    let prebuilt = request_to(&endpoint);
    let bare = async move |()| {
        raw::exchange(&mut *sender.lock().await, raw::unsigned(&prebuilt)).await;
    };

    let stages = vec![
        Stage::waiting("send", &runtime, signed, send),
        Stage::waiting("call", &runtime, nothing, call),
        Stage::waiting("first-call", &runtime, nothing, first_call),
        Stage::waiting("call-raw-hyper", &runtime, nothing, bare),
    ];
    #[cfg(feature = "peers")]
    let stages = {
        let client = crate::sdk::client(&endpoint);
        let call = async move |()| crate::sdk::call(&client).await;
        let mut stages = stages;
        stages.push(Stage::waiting("call-official-sdk", &runtime, nothing, call));
        stages
    };
    stages
}

/// What the emulator answers in this process, with so many resources in an environment.
pub fn emulated(resources: usize) -> Vec<Stage> {
    let runtime = Rc::new(raw::runtime());
    let storage = (0..resources).map(|number| {
        let name = match number {
            0 => "photos".to_owned(),
            _ => format!("photos{number}"),
        };
        json!({ "resourceName": name, "bucketName": format!("{name}-staging") })
    });
    let seed = json!({ "apps": [{
        "appId": shapes::APP,
        "environments": [{
            "backendEnvironmentName": "staging",
            "storage": storage.collect::<Vec<_>>(),
            "jobs": [{
                "jobId": shapes::get_backend_job().job_id,
                "operation": "CreateBackendStorage",
                "createTime": 1_617_375_907_613_u64,
                "updateTime": 1_617_375_909_613_u64,
                "status": "COMPLETED",
            }],
        }],
    }] });
    let emulator = Emulator::builder()
        .credentials([signers::credentials(None)])
        .seed(serde_json::from_value::<Snapshot>(seed).expect("a snapshot"))
        // So that the log is full, and each entry takes the place of another.
        .request_log(50)
        .build()
        .expect("nothing of it is on disk");
    let answer = |name: &str, requests: Vec<Request<Bytes>>| {
        let signer = Signer::new("us-east-1", "amplifybackend");
        let transport = emulator.transport();
        let prepare = move || {
            let mut requests = requests.clone();
            for request in &mut requests {
                let signed = signer.sign(request, &signers::credentials(None), SystemTime::now());
                signed.expect("it can be signed");
            }
            requests
        };
        let answer = async move |requests: Vec<Request<Bytes>>| {
            for request in requests {
                let response = transport
                    .send(request)
                    .await
                    .expect("it breaks nothing off");
                assert_eq!(response.status(), 200, "{response:?}");
            }
        };
        Stage::waiting(format!("emulator/{name}"), &runtime, prepare, answer)
    };
    fn request(operation: &impl Operation) -> Request<Bytes> {
        let endpoint = Endpoint::new("http://127.0.0.1:4242").expect("a URL");
        operation.to_request(&endpoint).expect("it can be sent")
    }
    let get = request(&shapes::get_backend_storage());
    let job = request(&shapes::get_backend_job());
    let list = request(&operations::models::ListS3BucketsInput::builder().build());
    let update = request(&shapes::update_backend_storage());
    let delete = request(&shapes::delete_backend_storage());
    let create = request(&shapes::create_backend_storage());
    vec![
        answer("GetBackendStorage", vec![get]),
        answer("GetBackendJob", vec![job]),
        answer("ListS3Buckets", vec![list]),
        answer("UpdateBackendStorage", vec![update]),
        answer(
            "DeleteBackendStorage+CreateBackendStorage",
            vec![delete, create],
        ),
    ]
}

fn request_to(endpoint: &Endpoint) -> Request<Bytes> {
    let input = shapes::create_backend_storage();
    input.to_request(endpoint).expect("the input can be sent")
}

/// A client of ours for a server at `endpoint`.
pub fn client(endpoint: &Endpoint) -> Client {
    client_over(HyperTransport::new(), endpoint)
}

/// The same over another transport.
pub fn client_over<T: Transport>(transport: T, endpoint: &Endpoint) -> Client<T> {
    Client::over(transport)
        .region(region())
        .credentials(signers::credentials(None))
        .endpoint(endpoint.clone())
        .build()
}

/// Where a server of this machine is.
pub fn endpoint(url: &str) -> Endpoint {
    Endpoint::new(url).expect("an address is an endpoint")
}

fn region() -> Region {
    Region::new("us-east-1").expect("it is one")
}

//! Requests a second, by connections: the emulator with signatures enforced and its log on, against
//! a bare hyper server that reads the same requests and answers fixed bytes of the same size. Each
//! on a thread of its own in this process; `examples/emulator_load` puts them into processes.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use amplify_backend_benches::load::requests::{mix, seed};
use amplify_backend_benches::load::{End, Script, load};
use amplify_backend_benches::raw;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use emulator::{Emulator, Snapshot};
use tokio::runtime::Runtime;

fn by_connections(criterion: &mut Criterion) {
    let runtime = raw::runtime();
    let mut group = criterion.benchmark_group("emulator");
    group.throughput(Throughput::Elements(1)).sample_size(10);
    for connections in [1, 8, 64, 512] {
        let emulator = serve_emulator(connections);
        let length = {
            let mut scripts = signed(emulator, connections);
            let end = End::Requests(1_000);
            let load = load(&runtime, emulator, &mut scripts, end).expect("all are answered");
            usize::try_from(load.mean_body()).expect("a body fits into memory")
        };
        let bare = raw::serve_reading(length);
        for (name, address) in [("ours", emulator), ("raw-hyper", bare)] {
            group.bench_function(BenchmarkId::new(name, connections), |bencher| {
                bencher.iter_custom(|times| {
                    time(&runtime, address, signed(emulator, connections), times)
                });
            });
        }
    }
}

fn time(runtime: &Runtime, to: SocketAddr, mut scripts: Vec<Script>, times: u64) -> Duration {
    let load = load(runtime, to, &mut scripts, End::Requests(times));
    load.expect("all are answered").took()
}

/// Anew each time: a signature holds for five minutes.
fn signed(emulator: SocketAddr, connections: usize) -> Vec<Script> {
    (0..connections)
        .map(|connection| Script::new(mix(emulator, connection).expect("an endpoint")))
        .collect()
}

fn serve_emulator(connections: usize) -> SocketAddr {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let seed = serde_json::from_value::<Snapshot>(seed(10, connections));
        let emulator = Emulator::builder().seed(seed.expect("a snapshot")).build();
        raw::runtime().block_on(async {
            let server = emulator
                .expect("nothing of it is on disk")
                .serve("127.0.0.1:0");
            let server = server.expect("loopback has a port");
            tell.send(server.local_addr()).expect("someone waits");
            std::future::pending::<()>().await;
        });
    });
    told.recv().expect("the server starts")
}

criterion_group!(benches, by_connections);
criterion_main!(benches);

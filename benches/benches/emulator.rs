//! Requests a second, by connections: the emulator with signatures enforced and its log on, against
//! a bare hyper server that reads the same requests and answers fixed bytes of the same size. Each
//! on a thread of its own in this process; `examples/emulator_load` puts them into processes.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;

use amplify_backend_benches::load::requests::{mixes, seed, sign_again};
use amplify_backend_benches::load::{End, load};
use amplify_backend_benches::raw;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use emulator::{Emulator, Snapshot};

fn by_connections(criterion: &mut Criterion) {
    let runtime = raw::runtime();
    let mut group = criterion.benchmark_group("emulator");
    group.throughput(Throughput::Elements(1)).sample_size(10);
    for connections in [1, 8, 64, 512] {
        let emulator = serve_emulator(connections);
        let mut ours = mixes(emulator, connections).expect("an endpoint");
        let end = End::Requests(1_000);
        let warm = load(&runtime, emulator, &mut ours, end).expect("all are answered");
        let length = usize::try_from(warm.mean_body()).expect("a body fits into memory");
        let bare = raw::serve_reading(length);
        let mut theirs = ours.clone();
        for (name, address, scripts) in [
            ("ours", emulator, &mut ours),
            ("raw-hyper", bare, &mut theirs),
        ] {
            group.bench_function(BenchmarkId::new(name, connections), |bencher| {
                bencher.iter_custom(|times| {
                    sign_again(scripts, emulator).expect("an endpoint");
                    let load = load(&runtime, address, scripts, End::Requests(times));
                    load.expect("all are answered").took()
                });
            });
        }
    }
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

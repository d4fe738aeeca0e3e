//! A client from the shared files: reading them alone, finding all settings in them, and the client.
//!
//! Twenty profiles with ten properties each; the region stands in the last one.

use std::path::Path;
use std::{env, fs, process};

use amplify_backend::Config;
use amplify_backend::config::Environment;
use criterion::{Criterion, criterion_group, criterion_main};

fn from_files(criterion: &mut Criterion) {
    let folder = env::temp_dir().join(format!("amplify-backend-benches-{}", process::id()));
    fs::create_dir_all(&folder).expect("a folder for temporary files");
    let config = folder.join("config");
    let credentials = folder.join("credentials");
    fs::write(&config, sections("profile ", "region = eu-west-1\n")).expect("room for a file");
    let key = "aws_access_key_id = AKID\naws_secret_access_key = s\n";
    fs::write(&credentials, sections("", key)).expect("room for a file");

    let load = || {
        Config::builder()
            .environment(Environment::process())
            .config_file(config.as_path())
            .credentials_file(credentials.as_path())
            .profile("p19")
            .load()
            .expect("the files are in order")
    };
    let read = |path: &Path| fs::read_to_string(path).expect("the file is there");

    let mut group = criterion.benchmark_group("configuration");
    group.bench_function("read-files", |bencher| {
        bencher.iter(|| (read(&config), read(&credentials)));
    });
    group.bench_function("load", |bencher| bencher.iter(load));
    group.bench_function("client", |bencher| {
        bencher.iter(|| load().client().expect("a region is set"));
    });
    group.finish();
    fs::remove_dir_all(&folder).expect("the folder is ours");
}

fn sections(prefix: &str, properties: &str) -> String {
    let more: String = (0..10)
        .map(|n| format!("property_{n} = value {n}\n"))
        .collect();
    let section = |n| format!("[{prefix}p{n}]\n{properties}{more}\n");
    (0..20).map(section).collect()
}

criterion_group!(benches, from_files);
criterion_main!(benches);

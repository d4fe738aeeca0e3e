#!/usr/bin/env bash
# What load the emulator bears, beside moto's S3 too: puts moto into target/moto, and runs the
# example emulator_load with it. Arguments are passed on: `benches/moto.sh moto` is that part alone.
set -euo pipefail
cd "$(dirname "$0")/.."

# Its dependencies are whatever pip finds for this version: only speed is compared.
moto=5.2.5
if ! target/moto/bin/pip show moto 2>/dev/null | grep -q -x "Version: $moto"; then
    python3 -m venv target/moto
    target/moto/bin/pip install --quiet "moto[server]==$moto"
fi
cargo build --release --locked -p amplify-backend-cli
cargo run --release --locked -p amplify-backend-benches --example emulator_load -- \
    --moto "$PWD/target/moto/bin/moto_server" "$@"

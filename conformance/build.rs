//! The cases are built into the library: it is built anew where there is another one.

fn main() {
    println!("cargo::rerun-if-changed=fixtures");
}

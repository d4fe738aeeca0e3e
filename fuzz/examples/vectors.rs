//! Writes the inputs that are elsewhere, `amplify_backend_fuzz::vectors`, into the folder that is
//! its argument, one folder a target, for libFuzzer to begin from.

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::args_os().nth(1).expect("the folder to write into"));
    for (index, (target, input)) in amplify_backend_fuzz::vectors::all()?.iter().enumerate() {
        let folder = root.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("vector-{index}")), input)?;
    }
    Ok(())
}

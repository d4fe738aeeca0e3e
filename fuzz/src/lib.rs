//! What holds for any input, one module a target: its `check` takes the input and panics where the
//! property does not hold. libFuzzer calls it with what it makes up, `cargo test` with the files
//! that are kept in `corpus/` and with the cases in [`vectors`].

extern crate operations as amplify_backend_operations;

pub mod canonical;
pub mod connection;
pub mod endpoints;
pub mod fixtures;
pub mod labels;
pub mod profiles;
pub mod requests;
pub mod responses;
pub mod verify;

pub mod vectors;

mod message;
#[path = "../../crates/operations/tests/support/with_care.rs"]
mod with_care;

/// The program of one target: under cargo-fuzz libFuzzer's, else one that checks the files that are
/// its arguments, to look into an input with a debugger and without nightly.
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|input: &[u8]| $crate::$name::check(input));

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            for path in std::env::args_os().skip(1) {
                $crate::$name::check(&std::fs::read(path)?);
            }
            Ok(())
        }
    };
}

/// Calls a generic function once with the input of each operation.
macro_rules! with_each_operation {
    ($function:ident($($argument:expr),* $(,)?)) => {
        $function::<models::CreateBackendStorageInput>($($argument),*);
        $function::<models::DeleteBackendStorageInput>($($argument),*);
        $function::<models::GetBackendJobInput>($($argument),*);
        $function::<models::GetBackendStorageInput>($($argument),*);
        $function::<models::ImportBackendStorageInput>($($argument),*);
        $function::<models::ListBackendJobsInput>($($argument),*);
        $function::<models::ListS3BucketsInput>($($argument),*);
        $function::<models::UpdateBackendJobInput>($($argument),*);
        $function::<models::UpdateBackendStorageInput>($($argument),*);
    };
}
use with_each_operation;

/// Whether `text` is safe to show: one line, nothing that moves a terminal's cursor.
fn is_one_line(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use operations::Operation;
    use operations::server::Route;

    #[test]
    fn each_operation_is_called_once() {
        fn note<O: Operation>(names: &mut Vec<&str>) {
            names.push(O::NAME);
        }
        let mut names = Vec::new();
        with_each_operation!(note(&mut names));
        let all: Vec<_> = Route::ALL.iter().map(|route| route.name()).collect();
        assert_eq!(names, all);
    }
}

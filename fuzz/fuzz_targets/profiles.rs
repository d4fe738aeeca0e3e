#![cfg_attr(fuzzing, no_main)]
//! See [`amplify_backend_fuzz::profiles`].

amplify_backend_fuzz::target!(profiles);

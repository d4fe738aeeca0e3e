#![cfg_attr(fuzzing, no_main)]
//! See [`amplify_backend_fuzz::connection`].

amplify_backend_fuzz::target!(connection);

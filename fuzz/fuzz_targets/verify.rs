#![cfg_attr(fuzzing, no_main)]
//! See [`amplify_backend_fuzz::verify`].

amplify_backend_fuzz::target!(verify);

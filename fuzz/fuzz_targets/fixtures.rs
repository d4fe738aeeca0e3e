#![cfg_attr(fuzzing, no_main)]
//! See [`amplify_backend_fuzz::fixtures`].

amplify_backend_fuzz::target!(fixtures);

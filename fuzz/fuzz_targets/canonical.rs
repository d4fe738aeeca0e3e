#![cfg_attr(fuzzing, no_main)]
//! See [`amplify_backend_fuzz::canonical`].

amplify_backend_fuzz::target!(canonical);

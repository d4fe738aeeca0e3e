#![cfg_attr(fuzzing, no_main)]
//! See [`amplify_backend_fuzz::endpoints`].

amplify_backend_fuzz::target!(endpoints);

#![cfg_attr(fuzzing, no_main)]
//! See [`amplify_backend_fuzz::requests`].

amplify_backend_fuzz::target!(requests);

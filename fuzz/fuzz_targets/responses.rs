#![cfg_attr(fuzzing, no_main)]
//! See [`amplify_backend_fuzz::responses`].

amplify_backend_fuzz::target!(responses);

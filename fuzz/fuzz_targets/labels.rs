#![cfg_attr(fuzzing, no_main)]
//! See [`amplify_backend_fuzz::labels`].

amplify_backend_fuzz::target!(labels);

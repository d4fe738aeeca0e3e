//! The official credential chain scenarios hold.

#![allow(clippy::unwrap_used, reason = "a test fails the short way")]

use amplify_backend_conformance::official::{credential_chain, vectors};

/// The table in the documentation of credentials says the same.
const SCENARIOS: [&str; 20] = [
    "e2e_fips_and_dual_stack_sso",
    "ecs_assume_role",
    "ecs_credentials",
    "eks_pod_identity_credentials",
    "environment_variables",
    "imds_assume_role",
    "imds_config_with_no_creds",
    "imds_default_chain_error",
    "imds_default_chain_retries",
    "imds_default_chain_success",
    "imds_disabled",
    "prefer_environment",
    "profile_name",
    "profile_overrides_web_identity",
    "profile_static_keys",
    "sso_assume_role",
    "sso_no_token_file",
    "web_identity_token_env",
    "web_identity_token_profile",
    "web_identity_token_source_profile",
];

#[test]
fn every_scenario_holds() {
    let Some(vectors) = vectors().unwrap() else {
        return;
    };
    let report = credential_chain::run(&vectors);
    assert!(report.failed.is_empty(), "{report}");
    assert_eq!(report.held, SCENARIOS);
}

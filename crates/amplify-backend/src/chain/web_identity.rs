//! A role for a web identity, such as that of a Kubernetes service account.

use std::path::Path;

use super::context::Context;
use super::profile::Profile;
use super::{Found, absent, sts};
use crate::CredentialsError;

/// Each setting by its variable, or else by its property in the profile, as the AWS CLI does it.
pub(super) async fn ask(context: &Context, profile: &Profile<'_>, by_variables: bool) -> Found {
    let setting = |variable: &str, property: &str| {
        let variable = by_variables.then(|| context.variable(variable)).flatten();
        variable.or_else(|| profile.get(property).map(str::to_owned))
    };
    let file = setting("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    let Some(file) = file else {
        return match by_variables {
            true => absent(format!(
                "AWS_WEB_IDENTITY_TOKEN_FILE is not set, nor web_identity_token_file in profile {}",
                profile.name
            )),
            false => profile.lacks("web_identity_token_file"),
        };
    };
    let Some(role) = setting("AWS_ROLE_ARN", "role_arn") else {
        return Err(CredentialsError::new(
            "there is a web identity token, and AWS_ROLE_ARN or role_arn says no role for it",
        )
        .into());
    };
    let token = context
        .read("the web identity token", Path::new(&file))
        .await?;
    let session_name = setting("AWS_ROLE_SESSION_NAME", "role_session_name");
    let session_name = sts::session_name(context, session_name.as_deref());
    let call = sts::Call {
        action: "AssumeRoleWithWebIdentity",
        parameters: &[
            ("RoleArn", Some(&role)),
            ("RoleSessionName", Some(&session_name)),
            ("WebIdentityToken", Some(token.trim())),
        ],
        signed_by: None,
        place: "web identity",
    };
    Ok(call.send(context, &sts::region(context)?).await?)
}

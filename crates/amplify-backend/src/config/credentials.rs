//! Credentials of the environment and of the profile.

use signing::Credentials;

use super::lookup::Lookup;
use super::{
    Config, ConfigError, Environment, Origin, ProfileFiles, Property, Section, Setting, shown,
};
use crate::credentials::{CredentialsError, ProvideCredentials, from_variables};

/// The keys in the environment, or else those of the profile.
///
/// A profile that was named in code goes before the environment: its keys were asked for. In either
/// place an access key id alone is an error. A profile that gets its credentials in another way,
/// such as by assuming a role, needs the feature `credential-chain`.
#[derive(Clone, Debug)]
pub struct ProfileCredentials {
    environment: Environment,
    files: ProfileFiles,
    profile: Setting<String>,
}

impl ProfileCredentials {
    /// Those that `config` leads to.
    pub fn of(config: &Config) -> Self {
        Self {
            environment: config.environment.clone(),
            files: config.files().clone(),
            profile: config.profile.clone(),
        }
    }

    fn find(&self) -> Result<Credentials, CredentialsError> {
        let mut lacking = "";
        if self.profile.origin != Origin::Code {
            if self.environment.variable("AWS_ACCESS_KEY_ID").is_some() {
                let text = |name: &str| self.environment.variable(name)?.into_string().ok();
                return from_variables(text);
            }
            lacking = "AWS_ACCESS_KEY_ID is not set, and ";
        }
        let name = self.profile.value.escape_debug();
        let lookup = Lookup {
            environment: &self.environment,
            files: &self.files,
            profile: &self.profile,
        };
        let Some(section) = lookup.section()? else {
            return Err(CredentialsError::absent(format!(
                "{lacking}there is no profile {name}{}",
                self.where_looked()
            )));
        };
        match keys(section)? {
            Some(credentials) => Ok(credentials),
            None => Err(CredentialsError::absent(format!(
                "{lacking}profile {name} has no aws_access_key_id{}",
                self.where_looked()
            ))),
        }
    }

    fn where_looked(&self) -> String {
        let files = [self.files.config(), self.files.credentials()];
        let mut text = String::new();
        for (path, word) in files.into_iter().flatten().zip(["in", "or"]) {
            text.push_str(&format!(" {word} {}", shown::path(path)));
        }
        text
    }
}

impl ProvideCredentials for ProfileCredentials {
    async fn provide(&self) -> Result<Credentials, CredentialsError> {
        self.find()
    }
}

/// The properties with which a profile says that its credentials come from elsewhere, in the order
/// in which the AWS CLI heeds them. The last one gives way to keys in the credentials file.
const ELSEWHERE: [&str; 5] = [
    "role_arn",
    "web_identity_token_file",
    "sso_session",
    "sso_start_url",
    "credential_process",
];

/// The keys of a profile, if it has some.
fn keys(section: &Section) -> Result<Option<Credentials>, CredentialsError> {
    let id = section.set("aws_access_key_id");
    let elsewhere = ELSEWHERE
        .into_iter()
        .find_map(|name| Some((name, section.set(name)?)));
    match (elsewhere, id) {
        (Some(("credential_process", _)), Some(id)) if id.is_in_credentials_file() => {}
        (Some((name, property)), _) => return Err(needs_the_chain(name, property)),
        (None, _) => {}
    }
    id.map(|id| key(section, id)).transpose()
}

/// The key with this id. Its secret may stand in the other file, since the two are merged. A session
/// token stands beside the id: one in the other file was left there by another key.
pub(crate) fn key(section: &Section, id: &Property) -> Result<Credentials, CredentialsError> {
    let Some(secret) = section.set("aws_secret_access_key") else {
        return Err(CredentialsError::new(format!(
            "aws_access_key_id is set in {} and aws_secret_access_key is not",
            id.origin()
        )));
    };
    // The first is what botocore called it once.
    let token = ["aws_security_token", "aws_session_token"]
        .into_iter()
        .filter_map(|name| section.set(name))
        .find(|token| token.is_in_credentials_file() == id.is_in_credentials_file());
    let token = token.map(Property::value).unwrap_or_default();
    Ok(Credentials::new(id.value(), secret.value()).with_session_token(token))
}

fn needs_the_chain(name: &str, property: &Property) -> CredentialsError {
    CredentialsError::new(format!(
        "{} gets its credentials with {name}, for which amplify-backend must be built with its \
         feature credential-chain",
        property.origin()
    ))
}

impl From<ConfigError> for CredentialsError {
    fn from(error: ConfigError) -> Self {
        Self::new("the credentials of the profile cannot be read").with_source(error)
    }
}

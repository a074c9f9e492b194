//! Where AWS keys may be beside options and environment, as the environment of a call says.

use crate::options::{Environment, variable};
use crate::secret::Secret;

/// Where AWS keys may be, as the environment of a call says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwsPlaces {
    pub(crate) credentials_file: Option<String>,
    pub(crate) config_file: Option<String>,
    pub(crate) web_identity: Option<WebIdentity>,
    pub(crate) sts_url: Option<String>,
    pub(crate) container: Option<Container>,
    pub(crate) instance_url: Option<String>,
}

/// A role, and the token that it is taken on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WebIdentity {
    pub(crate) token_file: String,
    pub(crate) role_arn: String,
    pub(crate) session_name: Option<String>,
}

/// The service of the container that lends keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Container {
    pub(crate) url: String,
    pub(crate) token: Option<Secret>,
    pub(crate) token_file: Option<String>,
}

const CONTAINER_HOST: &str = "http://169.254.170.2";
const INSTANCE_HOST: &str = "http://169.254.169.254";

impl AwsPlaces {
    pub(crate) fn of(env: &dyn Environment) -> Self {
        let variable = |name: &str| variable(env, name);
        let home = variable("HOME").or_else(|| variable("USERPROFILE"));
        let below_home = |file: &str| home.as_ref().map(|home| format!("{home}/.aws/{file}"));
        let file = |name: &str, file: &str| variable(name).or_else(|| below_home(file));
        let token_file = variable("AWS_WEB_IDENTITY_TOKEN_FILE");
        let role_arn = variable("AWS_ROLE_ARN");
        let web_identity = token_file.zip(role_arn).map(|(token_file, role_arn)| WebIdentity {
            token_file,
            role_arn,
            session_name: variable("AWS_ROLE_SESSION_NAME"),
        });
        let relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
        let url = relative.map(|path| format!("{CONTAINER_HOST}{path}"));
        let url = url.or_else(|| variable("AWS_CONTAINER_CREDENTIALS_FULL_URI"));
        let container = url.map(|url| Container {
            url,
            token: variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").map(Secret::new),
            token_file: variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
        });
        let disabled = variable("AWS_EC2_METADATA_DISABLED")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let instance = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
        let instance = instance.unwrap_or_else(|| INSTANCE_HOST.to_owned());
        Self {
            credentials_file: file("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            config_file: file("AWS_CONFIG_FILE", "config"),
            web_identity,
            sts_url: variable("AWS_ENDPOINT_URL_STS"),
            container,
            instance_url: (!disabled).then(|| instance.trim_end_matches('/').to_owned()),
        }
    }
}

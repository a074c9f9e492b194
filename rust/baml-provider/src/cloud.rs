//! What a client on AWS or Google Cloud needs: region, project, and where its credentials are.
//!
//! Credentials are data here. What has to be read or fetched is named, and the runtime fills it in.

use crate::address::Address;
use crate::aws_options::AwsOptions;
use crate::entra::EntraOptions;
use crate::error::ProviderError;
use crate::google_options::GoogleOptions;
use crate::options::{Environment, Options};
use crate::provider::{Provider, ReplyShape};

/// Variables that tell where credentials and regions are, beside the providers' own keys.
pub const CLOUD_VARIABLES: [&str; 26] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_ENDPOINT_URL_STS",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_APPLICATION_CREDENTIALS_CONTENT",
    "AZURE_AUTHORITY_HOST",
    "CLOUDSDK_CONFIG",
    "GCE_METADATA_HOST",
    "HOME",
    "USERPROFILE",
    "APPDATA",
];

/// The cloud of a client.
#[derive(Clone, Debug)]
pub enum Cloud {
    /// None: the key, if any, is among the headers.
    None,
    /// Amazon Bedrock.
    Aws(Box<AwsOptions>),
    /// Azure with the credentials of an application.
    Azure(EntraOptions),
    /// Google Vertex AI.
    Google(Box<GoogleOptions>),
}

impl Cloud {
    pub(crate) fn take(
        provider: Provider,
        address: &Address,
        options: &mut Options,
        env: &dyn Environment,
    ) -> Result<Self, ProviderError> {
        match provider {
            Provider::AwsBedrock => Ok(Self::Aws(Box::new(AwsOptions::take(options, env)?))),
            Provider::VertexAi => {
                Ok(Self::Google(Box::new(GoogleOptions::take(address, options, env)?)))
            }
            _ => Ok(address.entra.clone().map_or(Self::None, Self::Azure)),
        }
    }

    pub(crate) fn reply_shape(&self, provider: Provider) -> ReplyShape {
        match (self, provider) {
            (Self::Google(google), _) if google.speaks_anthropic => ReplyShape::Anthropic,
            (Self::Google(_), _) | (_, Provider::GoogleAi) => ReplyShape::Google,
            (Self::Aws(_), _) => ReplyShape::Bedrock,
            (_, Provider::Anthropic) => ReplyShape::Anthropic,
            (_, Provider::OpenAiResponses) => ReplyShape::Responses,
            _ => ReplyShape::OpenAi,
        }
    }

    /// Takes the model's name where it is part of the address, and only looks at it where it is
    /// part of the body.
    pub(crate) fn take_model(
        &self,
        provider: Provider,
        options: &mut Options,
    ) -> Result<Option<String>, ProviderError> {
        match provider {
            Provider::GoogleAi | Provider::VertexAi => options.take_text("model"),
            Provider::AwsBedrock => match self {
                Self::Aws(aws) => Ok(Some(aws.model.clone())),
                _ => Ok(None),
            },
            _ => Ok(options.peek_text("model").map(str::to_owned)),
        }
    }
}

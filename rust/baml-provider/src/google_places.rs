//! Where Google credentials may be where nobody named them, as the environment of a call says.

use crate::options::{Environment, variable};

/// Where Google credentials may be, as the environment of a call says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GooglePlaces {
    pub(crate) default_file: Option<String>,
    pub(crate) metadata_url: String,
}

const METADATA_HOST: &str = "metadata.google.internal";
const DEFAULT_FILE: &str = "application_default_credentials.json";

impl GooglePlaces {
    pub(crate) fn of(env: &dyn Environment) -> Self {
        let variable = |name: &str| variable(env, name);
        let folder = variable("CLOUDSDK_CONFIG")
            .or_else(|| variable("HOME").map(|home| format!("{home}/.config/gcloud")))
            .or_else(|| variable("APPDATA").map(|data| format!("{data}/gcloud")));
        let host = variable("GCE_METADATA_HOST").unwrap_or_else(|| METADATA_HOST.to_owned());
        Self {
            default_file: folder.map(|folder| format!("{folder}/{DEFAULT_FILE}")),
            metadata_url: format!("http://{host}"),
        }
    }
}

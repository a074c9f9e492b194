//! AWS's shared configuration files: sections of `key = value` lines.
//!
//! Invariant: unknown lines are passed over; the credentials file beats the configuration file.

use crate::aws_signature::AwsKeys;

/// What the two files say of one profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) keys: Option<AwsKeys>,
    pub(crate) region: Option<String>,
    pub(crate) role_arn: Option<String>,
    pub(crate) session_name: Option<String>,
    pub(crate) web_identity_token_file: Option<String>,
    /// A way to credentials that is not supported here, by its key.
    pub(crate) unsupported: Option<&'static str>,
}

const UNSUPPORTED: [&str; 5] =
    ["sso_session", "sso_start_url", "credential_process", "source_profile", "credential_source"];

impl Profile {
    /// Reads one profile out of both files; nothing where neither has it.
    pub(crate) fn read(credentials: &str, config: &str, name: &str) -> Option<Self> {
        let in_config = match name {
            "default" => section(config, |header| matches!(header, "default" | "profile default")),
            _ => section(config, |header| {
                header.strip_prefix("profile ").is_some_and(|own| own.trim() == name)
            }),
        };
        let in_credentials = section(credentials, |header| header == name);
        if in_config.is_none() && in_credentials.is_none() {
            return None;
        }
        let credentials = in_credentials.unwrap_or_default();
        let config = in_config.unwrap_or_default();
        let find = |key: &str| {
            let of = |lines: &[(String, String)]| {
                lines.iter().find(|(own, _)| own == key).map(|(_, value)| value.clone())
            };
            of(&credentials).or_else(|| of(&config)).filter(|value| !value.is_empty())
        };
        let keys = match (find("aws_access_key_id"), find("aws_secret_access_key")) {
            (Some(id), Some(secret)) => Some(AwsKeys::new(id, secret, find("aws_session_token"))),
            _ => None,
        };
        Some(Self {
            keys,
            region: find("region"),
            role_arn: find("role_arn"),
            session_name: find("role_session_name"),
            web_identity_token_file: find("web_identity_token_file"),
            unsupported: UNSUPPORTED.into_iter().find(|key| find(key).is_some()),
        })
    }
}

/// The lines of the first section whose header is `wanted`.
fn section(text: &str, wanted: impl Fn(&str) -> bool) -> Option<Vec<(String, String)>> {
    let mut lines: Option<Vec<(String, String)>> = None;
    let mut inside = false;
    for line in text.lines() {
        // An indented line belongs to the nested value above it.
        let indented = line.starts_with([' ', '\t']);
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            inside = wanted(header.trim());
            if inside {
                lines.get_or_insert_default();
            }
        } else if let (true, false, Some((key, value))) = (inside, indented, line.split_once('=')) {
            let value = value.split(" #").next().unwrap_or_default().trim();
            let pair = (key.trim().to_ascii_lowercase(), value.to_owned());
            lines.get_or_insert_default().push(pair);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIALS: &str = "[default]\naws_access_key_id = D\naws_secret_access_key=DS\n\n\
        [work]\naws_access_key_id=W # mine\naws_secret_access_key = a=b+c/\n\
        aws_session_token = T\n";
    const CONFIG: &str = "# notes\n[default]\nregion = eu-west-1\ns3 =\n  region = nested\n\
        [profile work]\nregion=us-east-1\naws_access_key_id = beaten\n\
        [profile sso]\nsso_session = x\n[profile pod]\nrole_arn = arn:r\n\
        web_identity_token_file = /t\n";

    #[test]
    fn both_files_are_read_and_credentials_win() {
        let work = Profile::read(CREDENTIALS, CONFIG, "work").expect("there");
        let token = Some("T".to_owned());
        assert_eq!(work.keys, Some(AwsKeys::new("W", "a=b+c/", token)));
        assert_eq!(work.region.as_deref(), Some("us-east-1"));
        let default = Profile::read(CREDENTIALS, CONFIG, "default").expect("there");
        assert_eq!(default.region.as_deref(), Some("eu-west-1"));
        assert_eq!(default.keys.map(|keys| keys.access_key_id).as_deref(), Some("D"));
    }

    #[test]
    fn other_ways_to_credentials_are_named() {
        let sso = Profile::read("", CONFIG, "sso").expect("there");
        assert_eq!((sso.keys, sso.unsupported), (None, Some("sso_session")));
        let pod = Profile::read("", CONFIG, "pod").expect("there");
        assert_eq!(pod.web_identity_token_file.as_deref(), Some("/t"));
        assert_eq!(Profile::read(CREDENTIALS, CONFIG, "nobody"), None);
        assert_eq!(Profile::read("[", "]\n=\n[x", "y"), None);
    }
}

//! The search for AWS keys where neither options nor environment hold them.
//!
//! Profile files, then web identity, then the container's credentials, then the instance's.
//! Invariant: a profile that was asked for by name ends the search, with keys or with an error.

use std::collections::VecDeque;

use serde_json::Value as Json;
use url::form_urlencoded;

use crate::address_policy;
use crate::aws_options::AwsOptions;
use crate::aws_places::{AwsPlaces, Container, WebIdentity};
use crate::aws_profile::Profile;
use crate::aws_signature::AwsKeys;
use crate::chain::{Distance, Fetch, Step};
use crate::error::ProviderError;
use crate::request::Header;
use crate::secret::Secret;

/// Keys with the time when they stop to hold, and what else was learned on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundKeys {
    /// The keys.
    pub keys: AwsKeys,
    /// Seconds since 1970, where they are lent for a time.
    pub expires_at: Option<u64>,
}

const INSTANCE_ROLES: &str = "/latest/meta-data/iam/security-credentials/";

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct AwsSearchOutcome {
    /// The keys, where they were looked for.
    pub keys: Option<FoundKeys>,
    /// The region of the profile.
    pub region: Option<String>,
}

/// What a search looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The profile's region.
    Region,
    /// Keys, wherever they are.
    Keys,
}

/// A search under way.
#[derive(Debug)]
pub struct AwsSearch {
    client: String,
    /// The profile, and whether somebody asked for it by name.
    profile: (String, bool),
    region: Option<String>,
    places: AwsPlaces,
    wanted: Wanted,
    pending: VecDeque<Place>,
    waiting: Waiting,
    credentials: String,
    looked: Vec<&'static str>,
}

#[derive(Debug)]
enum Place {
    Profile,
    WebIdentity(WebIdentity),
    Container(Container),
    Instance(String),
}

#[derive(Debug)]
enum Waiting {
    Nothing,
    Credentials,
    Config,
    IdentityToken(WebIdentity),
    Lent,
    ContainerToken(Container),
    SessionToken(String),
    RoleName { url: String, token: String },
}

type Outcome = Result<AwsSearchOutcome, ProviderError>;

impl AwsOptions {
    /// The search for the region, in files only; nothing where it is known.
    pub fn search_region(&self, client: &str) -> Option<AwsSearch> {
        self.region.is_none().then(|| AwsSearch::new(client, self, Wanted::Region))
    }

    /// The search for keys.
    pub fn search_keys(&self, client: &str) -> AwsSearch {
        AwsSearch::new(client, self, Wanted::Keys)
    }

    /// Takes over what a search found.
    pub fn provide(&mut self, found: AwsSearchOutcome) {
        self.region = self.region.take().or(found.region);
        if let Some(found) = found.keys {
            self.keys = Some(found.keys);
        }
    }
}

impl AwsSearch {
    pub(crate) fn new(client: &str, aws: &AwsOptions, wanted: Wanted) -> Self {
        let places = aws.places.clone();
        let named = aws.profile.is_some();
        let profile = (aws.profile.clone().unwrap_or_else(|| "default".to_owned()), named);
        let mut pending = VecDeque::from([Place::Profile]);
        if !named && wanted == Wanted::Keys {
            pending.extend(places.web_identity.clone().map(Place::WebIdentity));
            pending.extend(places.container.clone().map(Place::Container));
            pending.extend(places.instance_url.clone().map(Place::Instance));
        }
        Self {
            client: client.to_owned(),
            profile,
            region: aws.region.clone(),
            places,
            wanted,
            pending,
            waiting: Waiting::Nothing,
            credentials: String::new(),
            looked: Vec::new(),
        }
    }

    /// Takes the answer to the step before (nothing at first) and says what to do next.
    pub fn step(&mut self, answer: Option<&[u8]>) -> Step<Outcome> {
        let answer = answer.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        match std::mem::replace(&mut self.waiting, Waiting::Nothing) {
            Waiting::Nothing => self.next_place(),
            Waiting::Credentials => {
                self.credentials = answer.unwrap_or_default();
                self.read(self.places.config_file.clone(), Waiting::Config)
            }
            Waiting::Config => self.read_profile(&answer.unwrap_or_default()),
            Waiting::IdentityToken(identity) => self.exchange(&identity, answer),
            Waiting::Lent => match answer.as_deref().and_then(read_lent_keys) {
                Some(keys) => self.found(keys),
                None => self.next_place(),
            },
            Waiting::ContainerToken(mut container) => {
                container.token = answer.map(|token| Secret::new(token.trim()));
                container.token_file = None;
                self.ask_container(container)
            }
            Waiting::SessionToken(url) => match answer {
                Some(token) => {
                    let request = instance_request(format!("{url}{INSTANCE_ROLES}"), &token);
                    self.fetch(request, Waiting::RoleName { url, token })
                }
                None => self.next_place(),
            },
            Waiting::RoleName { url, token } => match answer {
                Some(role) => {
                    let role = role.lines().next().unwrap_or_default().trim();
                    let request = instance_request(format!("{url}{INSTANCE_ROLES}{role}"), &token);
                    self.fetch(request, Waiting::Lent)
                }
                None => self.next_place(),
            },
        }
    }

    fn next_place(&mut self) -> Step<Outcome> {
        match self.pending.pop_front() {
            None if self.wanted == Wanted::Region => {
                Step::Done(Ok(AwsSearchOutcome { keys: None, region: self.region.take() }))
            }
            None => self.nowhere(),
            Some(Place::Profile) => {
                self.looked.push("profile files");
                self.read(self.places.credentials_file.clone(), Waiting::Credentials)
            }
            Some(Place::WebIdentity(identity)) => {
                self.looked.push("web identity");
                self.read(Some(identity.token_file.clone()), Waiting::IdentityToken(identity))
            }
            Some(Place::Container(container)) => {
                self.looked.push("container");
                match container.token_file.clone() {
                    Some(file) => self.read(Some(file), Waiting::ContainerToken(container)),
                    None => self.ask_container(container),
                }
            }
            Some(Place::Instance(url)) => {
                self.looked.push("instance metadata");
                let mut request = Fetch::get(format!("{url}/latest/api/token"), Vec::new());
                request.method = "PUT";
                let lifetime = Header::new("x-aws-ec2-metadata-token-ttl-seconds", "21600");
                request.headers.push(lifetime);
                self.fetch(request, Waiting::SessionToken(url))
            }
        }
    }

    /// Reads a file, or goes on as if there were none where nobody knows its path.
    fn read(&mut self, path: Option<String>, waiting: Waiting) -> Step<Outcome> {
        self.waiting = waiting;
        match path {
            Some(path) => Step::Read(path),
            None => self.step(None),
        }
    }

    fn fetch(&mut self, request: Fetch, waiting: Waiting) -> Step<Outcome> {
        self.waiting = waiting;
        Step::Fetch(request)
    }

    fn read_profile(&mut self, config: &str) -> Step<Outcome> {
        let profile = Profile::read(&self.credentials, config, &self.profile.0);
        let (name, named) = self.profile.clone();
        let Some(profile) = profile else {
            if named {
                return self.fail(&format!("there is no profile `{name}` in the AWS files"));
            }
            return self.next_place();
        };
        self.region = self.region.take().or(profile.region);
        if self.wanted == Wanted::Region {
            return self.next_place();
        }
        if let Some(keys) = profile.keys {
            return self.found(FoundKeys { keys, expires_at: None });
        }
        if let (Some(token_file), Some(role_arn)) =
            (profile.web_identity_token_file, profile.role_arn)
        {
            let session_name = profile.session_name;
            let identity = WebIdentity { token_file, role_arn, session_name };
            self.pending.push_front(Place::WebIdentity(identity));
            return self.next_place();
        }
        match profile.unsupported {
            Some(key) => {
                self.fail(&format!("profile `{name}` uses `{key}`, which is not supported"))
            }
            None if named => self.fail(&format!("profile `{name}` holds no keys")),
            None => self.next_place(),
        }
    }

    fn exchange(&mut self, identity: &WebIdentity, token: Option<String>) -> Step<Outcome> {
        let Some(token) = token else { return self.next_place() };
        let url = match (&self.places.sts_url, &self.region) {
            (Some(url), _) => url.clone(),
            (None, Some(region)) => format!("https://sts.{region}.amazonaws.com/"),
            (None, None) => "https://sts.amazonaws.com/".to_owned(),
        };
        let session = identity.session_name.as_deref().unwrap_or("bamlwire");
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("Action", "AssumeRoleWithWebIdentity")
            .append_pair("Version", "2011-06-15")
            .append_pair("RoleArn", &identity.role_arn)
            .append_pair("RoleSessionName", session)
            .append_pair("WebIdentityToken", token.trim())
            .finish();
        let headers = vec![Header::new("content-type", "application/x-www-form-urlencoded")];
        let form = Some(Secret::new(form));
        let request = Fetch { method: "POST", url, headers, form, distance: Distance::Far };
        self.fetch(request, Waiting::Lent)
    }

    fn ask_container(&mut self, container: Container) -> Step<Outcome> {
        if !address_policy::may_lend_credentials(&container.url) {
            return self.fail(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or an address of this machine",
            );
        }
        let token = container.token.as_ref();
        let headers = token.map(|token| Header::new("authorization", token.reveal()));
        let request = Fetch::get(container.url, headers.into_iter().collect());
        self.fetch(request, Waiting::Lent)
    }

    fn found(&mut self, keys: FoundKeys) -> Step<Outcome> {
        self.pending.clear();
        Step::Done(Ok(AwsSearchOutcome { keys: Some(keys), region: self.region.take() }))
    }

    fn nowhere(&mut self) -> Step<Outcome> {
        let looked = self.looked.join(", ");
        self.fail(&format!(
            "no AWS keys: set access_key_id and secret_access_key, or AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY (looked in: {looked})"
        ))
    }

    fn fail(&mut self, message: &str) -> Step<Outcome> {
        self.pending.clear();
        Step::Done(Err(ProviderError::Credentials {
            client: self.client.as_str().into(),
            message: message.to_owned(),
        }))
    }
}

fn instance_request(url: String, token: &str) -> Fetch {
    Fetch::get(url, vec![Header::new("x-aws-ec2-metadata-token", token.trim())])
}

/// Keys that are lent for a time: JSON of a container or an instance, or XML of the token service.
fn read_lent_keys(text: &str) -> Option<FoundKeys> {
    let json: Option<Json> = serde_json::from_str(text).ok();
    let field = |names: [&str; 2]| match &json {
        Some(json) => {
            let found = names.iter().find_map(|name| json.get(*name)?.as_str());
            found.map(str::to_owned)
        }
        None => names.iter().find_map(|name| xml_text(text, name)).map(str::to_owned),
    };
    let id = field(["AccessKeyId", "AccessKeyId"])?;
    let secret = field(["SecretAccessKey", "SecretAccessKey"])?;
    let token = field(["Token", "SessionToken"]);
    let expires_at = field(["Expiration", "Expiration"]).and_then(|time| seconds_of(&time));
    Some(FoundKeys { keys: AwsKeys::new(id, secret, token), expires_at })
}

/// The text of the first element of this name; the token service sends nothing that is escaped.
fn xml_text<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

/// Seconds since 1970 of `2030-01-02T03:04:05Z`.
fn seconds_of(time: &str) -> Option<u64> {
    let number = |range: std::ops::Range<usize>| time.get(range)?.parse::<u64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    if !(1970..10_000).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin in March here, so that the leap day is the last of a year.
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leaps = years / 4 - years / 100 + years / 400;
    let days = years * 365 + leaps + (months * 153 + 2) / 5 + day - 1;
    let days = days.checked_sub(719_468)?;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_known_moments() {
        assert_eq!(seconds_of("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds_of("2000-02-29T00:00:00Z"), Some(951_782_400));
        assert_eq!(seconds_of("2015-08-30T12:36:00Z"), Some(1_440_938_160));
        assert_eq!(seconds_of("2099-12-31T23:59:59.123Z"), Some(4_102_444_799));
        assert_eq!(seconds_of("soon"), None);
    }
}

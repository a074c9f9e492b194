//! The search for Google credentials: a file that is named, the default file, the metadata server.
//!
//! Invariant: a file that is named ends the search; the default file and the machine come only
//! where nobody named one.

use crate::chain::{Fetch, Step};
use crate::error::ProviderError;
use crate::google_credentials::{GoogleCredentials, Token};
use crate::google_options::{GoogleOptions, GoogleSource};
use crate::google_places::GooglePlaces;
use crate::request::Header;

const PROJECT: &str = "/computeMetadata/v1/project/project-id";
const TOKEN: &str = "/computeMetadata/v1/instance/service-accounts/default/token";

/// What a search found: credentials that a token can be asked with, or a token.
#[derive(Clone, Debug)]
pub enum GoogleFound {
    /// Credentials of a file.
    Credentials(GoogleCredentials),
    /// A token of the machine itself.
    Token {
        /// The token.
        token: Token,
        /// The machine's project.
        project_id: Option<String>,
    },
}

/// A search under way.
#[derive(Debug)]
pub struct GoogleSearch {
    client: String,
    places: GooglePlaces,
    waiting: Waiting,
    project_id: Option<String>,
}

#[derive(Debug)]
enum Waiting {
    Start(Option<String>),
    NamedFile(String),
    DefaultFile,
    Project,
    Token,
}

type Outcome = Result<GoogleFound, ProviderError>;

impl GoogleOptions {
    /// The search for credentials; nothing where they are known, or none are needed.
    pub fn search(&self, client: &str) -> Option<GoogleSearch> {
        let known = self.credentials.is_some() || self.machine_token.is_some();
        (!known && !self.brings_key).then(|| GoogleSearch::new(client, self))
    }

    /// Takes over what a search found.
    pub fn provide(&mut self, found: GoogleFound) {
        match found {
            GoogleFound::Credentials(credentials) => self.credentials = Some(credentials),
            GoogleFound::Token { token, project_id } => {
                self.machine_token = Some(token);
                self.project_id = self.project_id.take().or(project_id);
            }
        }
    }
}

impl GoogleSearch {
    pub(crate) fn new(client: &str, google: &GoogleOptions) -> Self {
        let named = match &google.source {
            GoogleSource::File(path) => Some(path.clone()),
            _ => None,
        };
        Self {
            client: client.to_owned(),
            places: google.places.clone(),
            waiting: Waiting::Start(named),
            project_id: None,
        }
    }

    /// Takes the answer to the step before (nothing at first) and says what to do next.
    pub fn step(&mut self, answer: Option<&[u8]>) -> Step<Outcome> {
        match std::mem::replace(&mut self.waiting, Waiting::Token) {
            Waiting::Start(Some(path)) => {
                self.waiting = Waiting::NamedFile(path.clone());
                Step::Read(path)
            }
            Waiting::Start(None) => match self.places.default_file.clone() {
                Some(path) => {
                    self.waiting = Waiting::DefaultFile;
                    Step::Read(path)
                }
                None => self.ask(PROJECT, Waiting::Project),
            },
            Waiting::NamedFile(path) => match answer {
                Some(text) => Step::Done(self.parse(text)),
                None => self.fail(&format!("the file {path} cannot be read")),
            },
            Waiting::DefaultFile => match answer {
                Some(text) => Step::Done(self.parse(text)),
                None => self.ask(PROJECT, Waiting::Project),
            },
            Waiting::Project => match answer {
                Some(project) => {
                    self.project_id = Some(String::from_utf8_lossy(project).trim().to_owned());
                    self.ask(TOKEN, Waiting::Token)
                }
                None => self.nowhere(),
            },
            Waiting::Token => match answer.map(|body| Token::parse(&self.client, body)) {
                Some(Ok(token)) => {
                    let project_id = self.project_id.take();
                    Step::Done(Ok(GoogleFound::Token { token, project_id }))
                }
                Some(Err(problem)) => Step::Done(Err(problem)),
                None => self.nowhere(),
            },
        }
    }

    fn parse(&self, text: &[u8]) -> Outcome {
        let text = String::from_utf8_lossy(text);
        GoogleCredentials::parse(&self.client, &text).map(GoogleFound::Credentials)
    }

    fn ask(&mut self, path: &str, waiting: Waiting) -> Step<Outcome> {
        self.waiting = waiting;
        let url = format!("{}{path}", self.places.metadata_url);
        Step::Fetch(Fetch::get(url, vec![Header::new("metadata-flavor", "Google")]))
    }

    fn nowhere(&self) -> Step<Outcome> {
        self.fail(
            "no Google credentials: set options.credentials, GOOGLE_APPLICATION_CREDENTIALS or \
             GOOGLE_APPLICATION_CREDENTIALS_CONTENT (looked for the default file and the metadata \
             server)",
        )
    }

    fn fail(&self, message: &str) -> Step<Outcome> {
        Step::Done(Err(ProviderError::Credentials {
            client: self.client.as_str().into(),
            message: message.to_owned(),
        }))
    }
}

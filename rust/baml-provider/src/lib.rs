//! Per provider: messages → HTTP request (plain data), and reply bytes → events.
//!
//! It may use `baml-schema` and `baml-prompt`. No I/O, no clock, no retries: whatever needs a
//! socket (media to download, tokens to fetch) is told as data, and `baml-runtime` does it.
//!
//! Invariants: any cut of the bytes gives the same events; a secret never shows in `Debug` or an
//! error.
//!
//! Data flow: baml-prompt ─► **baml-provider** ─► bytes out;
//! bytes in ─► **baml-provider** ─► baml-reply
#![forbid(unsafe_code)]

mod address;
pub mod address_policy;
pub mod aws_chain;
pub mod aws_options;
pub mod aws_places;
mod aws_profile;
pub mod aws_signature;
mod body;
mod build;
pub mod chain;
pub mod client;
pub mod cloud;
pub mod decode;
pub mod directory;
pub mod entra;
pub mod error;
pub mod event;
pub mod finish;
mod frame;
pub mod google_chain;
pub mod google_credentials;
pub mod google_options;
pub mod google_places;
pub mod http_options;
pub mod media;
pub mod media_rules;
pub mod options;
pub mod provider;
mod reply;
pub mod request;
pub mod roles;
pub mod secret;
pub mod sniff;
mod sse;
pub mod strategy;

pub use address::default_key_variable;
pub use address_policy::AddressPolicy;
pub use aws_chain::{AwsSearch, AwsSearchOutcome, FoundKeys};
pub use aws_options::AwsOptions;
pub use aws_places::AwsPlaces;
pub use aws_signature::{AwsKeys, SigningScope};
pub use build::build_request;
pub use chain::{Distance, Fetch, Step};
pub use client::ResolvedClient;
pub use cloud::{CLOUD_VARIABLES, Cloud};
pub use decode::{Decoder, decode_whole};
pub use directory::{Directory, Registry, STRATEGY_DEPTH_MAX};
pub use entra::EntraOptions;
pub use error::ProviderError;
pub use event::{Event, FailureKind, ProviderFailure, Usage, WholeReply};
pub use finish::{FinishRules, is_cut};
pub use google_chain::{GoogleFound, GoogleSearch};
pub use google_credentials::{GoogleCredentials, Token, TokenRequest};
pub use google_options::{GoogleOptions, GoogleSource};
pub use google_places::GooglePlaces;
pub use http_options::HttpOptions;
pub use media::{MediaFetch, MediaMismatch, media_fetches, replace_media};
pub use options::Environment;
pub use provider::{Provider, ReplyShape};
pub use request::{Delivery, Header, HttpRequest, Signing};
pub use roles::{RoleMetadata, RoleRules};
pub use secret::Secret;
pub use strategy::{Strategy, StrategyKind};

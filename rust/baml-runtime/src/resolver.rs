//! Looking up the hosts of media, with the addresses checked that come out.
//!
//! Invariant: a host passes only if every address that it may lead to passes.

use std::error::Error as Cause;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use baml_provider::AddressPolicy;
use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

/// Looks names up and refuses addresses that media may not come from.
#[derive(Clone)]
pub(crate) struct CheckedResolver;

type Found = Result<std::vec::IntoIter<SocketAddr>, Box<dyn Cause + Send + Sync>>;

impl Service<Name> for CheckedResolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Box<dyn Cause + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Found> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            let policy = AddressPolicy::default();
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> = found.collect();
            for address in &addresses {
                policy.check_ip(name.as_str(), address.ip())?;
            }
            Ok(addresses.into_iter())
        })
    }
}

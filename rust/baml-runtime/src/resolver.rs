//! Looking up the hosts of media, with the addresses checked that come out.
//!
//! Invariant: a host passes only if every address that it may lead to passes.

use std::net::SocketAddr;

use baml_provider::AddressPolicy;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Looks names up and refuses addresses that media may not come from.
pub(crate) struct CheckedResolver;

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let policy = AddressPolicy::default();
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> = found.collect();
            for address in &addresses {
                policy.check_ip(name.as_str(), address.ip())?;
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

//! Which addresses media may be fetched from: they are the user's data, and a server that fetches
//! what anybody names can be made to read what only it may read.
//!
//! Invariant: names are checked before they are looked up and addresses after, so a harmless name
//! for a forbidden address does not pass. Redirects have to be checked like first addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::error::ProviderError;

/// The rule for fetched addresses. By default everything but link-local and metadata addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressPolicy {
    /// Where set, only these hosts: `example.com`, or `*.example.com` for all names below it.
    pub allowed_hosts: Option<Vec<String>>,
}

/// Names under which clouds offer credentials to anybody on the machine.
const METADATA_NAMES: [&str; 5] = [
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "instance-data",
    "instance-data.ec2.internal",
];

/// Metadata services outside the link-local ranges: Alibaba, Azure, Oracle.
const METADATA_V4: [Ipv4Addr; 3] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(192, 0, 0, 192),
];

/// The same in IPv6: AWS, Google.
const METADATA_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

impl AddressPolicy {
    /// Checks an address before its host is looked up.
    pub fn check(&self, url: &str) -> Result<(), ProviderError> {
        let refuse = |reason: &str| {
            Err(ProviderError::RefusedAddress { url: shown(url), reason: reason.to_owned() })
        };
        let Ok(parsed) = Url::parse(url) else { return refuse("it is not an address") };
        if !matches!(parsed.scheme(), "http" | "https") {
            return refuse("only http and https addresses are fetched");
        }
        let reason = match parsed.host() {
            None => Some("it has no host"),
            Some(Host::Domain(name)) => refused_name(name),
            Some(Host::Ipv4(ip)) => refused_ip(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => refused_ip(IpAddr::V6(ip)),
        };
        if let Some(reason) = reason {
            return refuse(reason);
        }
        let host = parsed.host_str().unwrap_or_default();
        match &self.allowed_hosts {
            Some(allowed) if !allowed.iter().any(|pattern| matches(pattern, host)) => {
                refuse("its host is not on the list of allowed hosts")
            }
            _ => Ok(()),
        }
    }

    /// Checks an address that a host's name led to.
    pub fn check_ip(&self, url: &str, ip: IpAddr) -> Result<(), ProviderError> {
        match refused_ip(ip) {
            Some(reason) => {
                Err(ProviderError::RefusedAddress { url: shown(url), reason: reason.to_owned() })
            }
            None => Ok(()),
        }
    }
}

/// Whether credentials may be asked for at this address: over TLS, or on this machine itself.
pub(crate) fn may_lend_credentials(url: &str) -> bool {
    let Ok(parsed) = Url::parse(url) else { return false };
    let lenders_v4 = [Ipv4Addr::new(169, 254, 170, 2), Ipv4Addr::new(169, 254, 170, 23)];
    let lender_v6 = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23);
    match (parsed.scheme(), parsed.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Ipv4(ip))) => ip.is_loopback() || lenders_v4.contains(&ip),
        ("http", Some(Host::Ipv6(ip))) => ip.is_loopback() || ip == lender_v6,
        ("http", Some(Host::Domain(name))) => name == "localhost",
        _ => false,
    }
}

/// An address without what may be secret in it: user, password, query and fragment.
fn shown(url: &str) -> String {
    let Ok(mut parsed) = Url::parse(url) else { return "(not an address)".to_owned() };
    if parsed.cannot_be_a_base() {
        return format!("{}:…", parsed.scheme());
    }
    parsed.set_query(None);
    parsed.set_fragment(None);
    let _ = parsed.set_password(None);
    let _ = parsed.set_username("");
    parsed.into()
}

fn matches(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.trim_end_matches('.'));
    match pattern.strip_prefix("*.") {
        Some(parent) => host.strip_suffix(parent).is_some_and(|start| start.ends_with('.')),
        None => pattern == host,
    }
}

fn refused_name(name: &str) -> Option<&'static str> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    METADATA_NAMES.contains(&name.as_str()).then_some("it is a cloud's metadata service")
}

fn refused_ip(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) => refused_v4(ip),
        IpAddr::V6(ip) => refused_v6(ip),
    }
}

fn refused_v4(ip: Ipv4Addr) -> Option<&'static str> {
    if ip.is_link_local() {
        return Some("it is a link-local address, where clouds keep credentials");
    }
    if METADATA_V4.contains(&ip) {
        return Some("it is a cloud's metadata service");
    }
    if ip.octets()[0] == 0 || ip.is_multicast() || ip.is_broadcast() {
        return Some("it is not the address of one machine");
    }
    None
}

fn refused_v6(ip: Ipv6Addr) -> Option<&'static str> {
    if let Some(inner) = inner_v4(ip) {
        return refused_v4(inner);
    }
    if ip.is_unicast_link_local() {
        return Some("it is a link-local address");
    }
    if METADATA_V6.contains(&ip) {
        return Some("it is a cloud's metadata service");
    }
    if ip.is_unspecified() || ip.is_multicast() {
        return Some("it is not the address of one machine");
    }
    None
}

/// The IPv4 address inside: mapped, compatible, NAT64 or 6to4.
fn inner_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = ip.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] => Some(join(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some(join(high, low)),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(join(high, low)),
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_local_and_metadata_addresses_are_refused_however_they_are_written() {
        let policy = AddressPolicy::default();
        for url in [
            "http://169.254.169.254/latest/meta-data/",
            "http://2852039166/",
            "http://0xA9.0xFE.0xA9.0xFE/",
            "http://0251.0376.0251.0376/",
            "http://[::ffff:169.254.169.254]/",
            "http://[64:ff9b::a9fe:a9fe]/",
            "http://[2002:a9fe:a9fe::]/",
            "http://[fe80::1]/",
            "http://[fd00:ec2::254]/",
            "http://METADATA.google.internal./computeMetadata/v1/",
            "http://100.100.100.200/",
            "http://0.0.0.0/",
            "http://[::]/",
            "ftp://example.com/a.png",
            "file:///etc/passwd",
            "gs://bucket/a.png",
            "not an address",
        ] {
            assert!(policy.check(url).is_err(), "{url}");
        }
        for url in [
            "https://example.com/a.png",
            "http://127.0.0.1:9/a",
            "http://[::1]/",
            "http://10.0.0.1/",
        ] {
            assert_eq!(policy.check(url), Ok(()), "{url}");
        }
        let ip = IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2));
        assert!(policy.check_ip("http://harmless.example/", ip).is_err());
    }

    #[test]
    fn allowed_hosts_are_the_only_ones() {
        let hosts = vec!["a.example".to_owned(), "*.B.example".to_owned()];
        let policy = AddressPolicy { allowed_hosts: Some(hosts) };
        for url in ["https://a.example/x", "https://c.b.example/", "https://A.EXAMPLE:8080/"] {
            assert_eq!(policy.check(url), Ok(()), "{url}");
        }
        for url in ["https://b.example/", "https://xb.example/", "https://a.example.evil/"] {
            assert!(policy.check(url).is_err(), "{url}");
        }
    }

    #[test]
    fn refusals_show_no_secrets() {
        let error = AddressPolicy::default().check("http://u:p@169.254.1.1/x?sig=s#f");
        let text = error.expect_err("refused").to_string();
        assert!(text.contains("http://169.254.1.1/x:"), "{text}");
        assert!(!text.contains("sig") && !text.contains("u:p"), "{text}");
    }
}

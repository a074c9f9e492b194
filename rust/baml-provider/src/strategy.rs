//! What a fallback or round-robin client chooses from.
//!
//! Invariant: the members are names; who they are, and whether they form a cycle, others decide.

use smol_str::SmolStr;

use crate::error::ProviderError;
use crate::options::Options;
use crate::provider::Provider;

/// How a client chooses among its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrategyKind {
    /// The first, and on its failure the next.
    Fallback,
    /// By turns.
    RoundRobin {
        /// The first turn's member; any at random where nobody says.
        start: Option<i64>,
    },
}

/// The members of a client that only chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strategy {
    /// How it chooses.
    pub kind: StrategyKind,
    /// Names of clients, or `provider/model`; never empty.
    pub members: Vec<SmolStr>,
}

impl Strategy {
    pub(crate) fn take(
        provider: Provider,
        options: &mut Options,
    ) -> Result<Option<Self>, ProviderError> {
        if !provider.is_strategy() {
            return Ok(None);
        }
        let members = options.take_texts("strategy")?.unwrap_or_default();
        if members.is_empty() {
            return Err(options.error("strategy must name at least one client"));
        }
        let kind = if provider == Provider::Fallback {
            StrategyKind::Fallback
        } else {
            let start = match options.take("start") {
                None => None,
                Some(value) => {
                    Some(value.as_i64().ok_or_else(|| options.error("start must be an int"))?)
                }
            };
            StrategyKind::RoundRobin { start }
        };
        Ok(Some(Self { kind, members: members.into_iter().map(SmolStr::from).collect() }))
    }

    /// The member whose turn it is, `turn` attempts after the first; `random` stands for a `start`
    /// that nobody set.
    pub fn member(&self, turn: u64, random: u64) -> &SmolStr {
        let count = self.members.len() as u64;
        let first = match self.kind {
            StrategyKind::Fallback => 0,
            StrategyKind::RoundRobin { start: None } => random % count,
            StrategyKind::RoundRobin { start: Some(start) } => (start as u64) % count,
        };
        &self.members[((first + turn % count) % count) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_go_round_from_the_start() {
        let strategy = |start| Strategy {
            kind: StrategyKind::RoundRobin { start },
            members: vec!["a".into(), "b".into()],
        };
        assert_eq!(strategy(Some(1)).member(0, 0), "b");
        assert_eq!(strategy(Some(1)).member(1, 0), "a");
        assert_eq!(strategy(None).member(2, 7), "b");
        assert_eq!(strategy(Some(-1)).member(0, 0), "b");
    }
}

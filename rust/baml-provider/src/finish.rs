//! Which finish reasons a client accepts.
//!
//! Invariant: a missing reason always passes; letter case does not count.

use crate::error::ProviderError;
use crate::options::Options;

/// `finish_reason_allow_list` or `finish_reason_deny_list`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FinishRules {
    /// Every reason is accepted.
    #[default]
    Any,
    /// Only these are.
    Allow(Vec<String>),
    /// All but these are.
    Deny(Vec<String>),
}

impl FinishRules {
    pub(crate) fn take(options: &mut Options) -> Result<Self, ProviderError> {
        let allow = options.take_texts("finish_reason_allow_list")?;
        let deny = options.take_texts("finish_reason_deny_list")?;
        match (allow, deny) {
            (None, None) => Ok(Self::Any),
            (Some(reasons), None) => Ok(Self::Allow(reasons)),
            (None, Some(reasons)) => Ok(Self::Deny(reasons)),
            (Some(_), Some(_)) => Err(options.error(
                "finish_reason_allow_list and finish_reason_deny_list cannot be used together",
            )),
        }
    }

    /// Whether a reply that finished so is accepted.
    pub fn accept(&self, reason: Option<&str>) -> bool {
        let Some(reason) = reason else { return true };
        let listed = |reasons: &[String]| {
            reasons.iter().any(|known| known.to_lowercase() == reason.to_lowercase())
        };
        match self {
            Self::Any => true,
            Self::Allow(reasons) => listed(reasons),
            Self::Deny(reasons) => !listed(reasons),
        }
    }
}

/// Whether a provider's finish reason says that the reply stops before its end: for its length, or
/// because a filter or the service itself broke it off.
pub fn is_cut(reason: &str) -> bool {
    const CUT: [&str; 20] = [
        "length",
        "max_tokens",
        "max_output_tokens",
        "model_context_window_exceeded",
        "model_length",
        "incomplete",
        "pause_turn",
        "content_filter",
        "content_filtered",
        "guardrail_intervened",
        "safety",
        "recitation",
        "language",
        "blocklist",
        "prohibited_content",
        "spii",
        "refusal",
        "failed",
        "cancelled",
        "error",
    ];
    CUT.iter().any(|cut| cut.eq_ignore_ascii_case(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_ignore_case_and_let_a_missing_reason_pass() {
        let allow = FinishRules::Allow(vec!["stop".into()]);
        assert!(allow.accept(Some("STOP")) && allow.accept(None) && !allow.accept(Some("length")));
        let deny = FinishRules::Deny(vec!["Length".into()]);
        assert!(deny.accept(Some("stop")) && deny.accept(None) && !deny.accept(Some("length")));
        assert!(FinishRules::Any.accept(Some("length")));
    }

    #[test]
    fn reasons_that_cut_are_known_in_any_case() {
        for cut in ["length", "MAX_TOKENS", "max_tokens", "SAFETY", "content_filter"] {
            assert!(is_cut(cut), "{cut}");
        }
        for whole in ["stop", "STOP", "end_turn", "completed", "tool_use", "stop_sequence", ""] {
            assert!(!is_cut(whole), "{whole}");
        }
    }
}

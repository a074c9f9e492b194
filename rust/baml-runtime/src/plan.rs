//! Which client is asked next: retries, fallbacks and turns, as a walk that is taken one step at a
//! time.
//!
//! Invariants: within one walk a round-robin client goes to the next member each time that the walk
//! comes to it; for the walks after it, each attempt under it was a turn. The walk is as deep as
//! strategies may nest and ends after [`ATTEMPTS_MAX`] steps.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use baml_provider::{Directory, Environment, ResolvedClient, STRATEGY_DEPTH_MAX, StrategyKind};
use baml_schema::{RetryPolicy, RetryStrategy};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::call::of_provider;
use crate::error::Error;
use crate::sync::{Mutex, lock};

/// Attempts of one call; policies that nest may multiply far beyond what anybody means.
pub const ATTEMPTS_MAX: u32 = 1000;

/// The longest wait that a `Retry-After` can cause where the policy sets no bound.
const ASKED_MAX_MS: u64 = 10_000;

/// Frames that one walk looks at: enough for every attempt, and an end for rounds of nobody.
const VISITS_MAX: u32 = 16 * ATTEMPTS_MAX;

/// The turns of round-robin clients: the project's live as long as the runtime.
#[derive(Default)]
pub struct Turns(Mutex<FxHashMap<SmolStr, Turn>>);

struct Turn {
    next: u64,
    random: u64,
}

impl Turns {
    fn take(&self, name: &SmolStr) -> (u64, u64) {
        let mut turns = lock(&self.0);
        let turn = turns
            .entry(name.clone())
            .or_insert_with(|| Turn { next: 0, random: RandomState::new().hash_one(0) });
        turn.next += 1;
        (turn.next - 1, turn.random)
    }
}

/// What a walk needs to know.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// Where clients are found.
    pub directory: Directory<'a>,
    /// Where variables are found.
    pub env: &'a dyn Environment,
    /// Turns of the project's clients.
    pub turns: &'a Turns,
    /// Turns of clients that exist for this call alone.
    pub own_turns: &'a Turns,
}

impl Ground<'_> {
    fn turns_of(&self, name: &SmolStr) -> &Turns {
        let mut own = self.directory.registry.clients.iter();
        if own.any(|own| own.name == *name) { self.own_turns } else { self.turns }
    }
}

/// The walk of one call.
pub struct Walk {
    frames: Vec<Frame>,
    steps: u32,
    visits: u32,
    /// Clients that are not asked again.
    passed_over: Vec<SmolStr>,
    /// Round-robin clients that the walk came to.
    rounds: FxHashMap<SmolStr, Round>,
    /// The limit of a strategy that ran out of time since the last attempt.
    overran: Option<u64>,
}

/// A round-robin client as one walk sees it.
struct Round {
    /// The turn of the first visit.
    first: u64,
    random: u64,
    visits: u64,
    /// Whether no attempt has used the turn that was taken on the first visit.
    fresh: bool,
}

/// One attempt to make.
pub struct Step {
    /// Whom to ask.
    pub client: Box<ResolvedClient>,
    /// How long to wait if it fails.
    pub delay: Duration,
    /// The longest wait that the provider may ask for instead; none if it is not listened to, or
    /// if somebody else is asked next.
    pub asked_max: Option<Duration>,
    /// Whether the client is asked again although it refused the request.
    pub retries_refused: bool,
    /// When the strategies around it run out of time, with their limit.
    pub deadline: Option<(Instant, u64)>,
    /// When waiting longer is of no use: a strategy that would ask next runs out of time.
    pub wait_until: Option<Instant>,
}

/// A strategy under way.
struct Members {
    names: Vec<SmolStr>,
    next: usize,
    deadline: Option<(Instant, u64)>,
    /// The round-robin client whose choice this is.
    turn_of: Option<SmolStr>,
}

enum Frame {
    Visit(SmolStr),
    Body(Box<ResolvedClient>),
    Rounds { client: Box<ResolvedClient>, policy: RetryPolicy, next: u32 },
    Members(Members),
}

impl Frame {
    fn deadline(&self) -> Option<(Instant, u64)> {
        match self {
            Self::Members(members) => members.deadline,
            _ => None,
        }
    }

    /// Whether somebody may still be asked because of it.
    fn has_more(&self) -> bool {
        match self {
            Self::Visit(_) | Self::Body(_) => true,
            Self::Rounds { policy, next, .. } => *next <= policy.retries_max,
            Self::Members(members) => members.next < members.names.len(),
        }
    }
}

impl Walk {
    /// A walk that begins at a client.
    pub fn new(start: SmolStr) -> Self {
        Self {
            frames: vec![Frame::Visit(start)],
            steps: 0,
            visits: 0,
            passed_over: Vec::new(),
            rounds: FxHashMap::default(),
            overran: None,
        }
    }

    /// The next attempt; none if nobody is left to be asked.
    pub fn next(&mut self, ground: Ground<'_>) -> Result<Option<Step>, Error> {
        while let Some(frame) = self.frames.pop() {
            self.visits += 1;
            if self.is_overrun(&frame) {
                continue;
            }
            if self.visits > VISITS_MAX {
                return Ok(None);
            }
            if self.frames.len() > 4 * STRATEGY_DEPTH_MAX {
                return Err(Error::invalid("strategies are nested too deeply, or in a cycle"));
            }
            match frame {
                Frame::Visit(name) => {
                    let client = Box::new(resolve(ground, &name)?);
                    let policy = match client.retry_policy() {
                        None => None,
                        Some(policy) => Some(find_policy(ground, policy)?),
                    };
                    self.frames.push(match policy {
                        Some(policy) => Frame::Rounds { client, policy, next: 0 },
                        None => Frame::Body(client),
                    });
                }
                Frame::Rounds { client, policy, next } => {
                    if next <= policy.retries_max {
                        let body = Frame::Body(client.clone());
                        self.frames.push(Frame::Rounds { client, policy, next: next + 1 });
                        self.frames.push(body);
                    }
                }
                Frame::Members(mut members) => {
                    if let Some(name) = members.names.get(members.next).cloned() {
                        members.next += 1;
                        self.frames.push(Frame::Members(members));
                        self.frames.push(Frame::Visit(name));
                    }
                }
                Frame::Body(client) => {
                    if let Some(step) = self.enter(client, ground)? {
                        if self.frames.is_empty() {
                            // The last that is asked: it may take long.
                            self.frames = Vec::new();
                        }
                        return Ok(Some(step));
                    }
                }
            }
        }
        Ok(None)
    }

    /// The limit, in milliseconds, of a strategy that ran out of time after the last attempt.
    pub fn overran(&self) -> Option<u64> {
        self.overran
    }

    /// Whether a strategy that this frame is, or lies in, has no time left.
    fn is_overrun(&mut self, frame: &Frame) -> bool {
        if !frame.has_more() {
            return false;
        }
        let now = Instant::now();
        let around = self.frames.iter().chain(std::iter::once(frame));
        let mut deadlines = around.filter_map(Frame::deadline);
        let overrun = deadlines.find(|(at, _)| *at <= now);
        if let Some((_, limit)) = overrun {
            self.overran = Some(limit);
        }
        overrun.is_some()
    }

    /// Asks a client no more: it would say the same again.
    pub fn pass_over(&mut self, client: SmolStr) {
        self.passed_over.push(client);
    }

    fn enter(
        &mut self,
        client: Box<ResolvedClient>,
        ground: Ground<'_>,
    ) -> Result<Option<Step>, Error> {
        let Some(strategy) = client.strategy() else {
            if self.passed_over.contains(client.name()) {
                return Ok(None);
            }
            self.steps += 1;
            self.overran = None;
            if self.steps > ATTEMPTS_MAX {
                return Err(Error::invalid(format!("more than {ATTEMPTS_MAX} attempts")));
            }
            self.move_turns_on(ground);
            let policy = self.policy();
            return Ok(Some(Step {
                client,
                delay: policy
                    .map_or(Duration::ZERO, |(policy, round)| wait(policy.strategy, round)),
                asked_max: self.own_policy().and_then(asked_max),
                retries_refused: self.retries_refused(),
                deadline: self.deadline(),
                wait_until: self.wait_until(),
            }));
        };
        let (names, turn_of) = match strategy.kind {
            StrategyKind::Fallback => (strategy.members.clone(), None),
            StrategyKind::RoundRobin { .. } => {
                let (turn, random) = self.turn(client.name(), ground);
                (vec![strategy.member(turn, random).clone()], Some(client.name().clone()))
            }
        };
        let limit = client.http().total_timeout_ms.filter(|limit| *limit > 0);
        let deadline = limit.map(|limit| (Instant::now() + Duration::from_millis(limit), limit));
        let members = Members { names, next: 0, deadline, turn_of };
        self.frames.push(Frame::Members(members));
        Ok(None)
    }

    /// The turn of a round-robin client that the walk comes to.
    fn turn(&mut self, name: &SmolStr, ground: Ground<'_>) -> (u64, u64) {
        let round = self.rounds.entry(name.clone()).or_insert_with(|| {
            let (first, random) = ground.turns_of(name).take(name);
            Round { first, random, visits: 0, fresh: true }
        });
        round.visits += 1;
        (round.first + round.visits - 1, round.random)
    }

    fn move_turns_on(&mut self, ground: Ground<'_>) {
        for frame in &self.frames {
            let Frame::Members(members) = frame else { continue };
            let Some(name) = &members.turn_of else { continue };
            let Some(round) = self.rounds.get_mut(name) else { continue };
            if !std::mem::replace(&mut round.fresh, false) {
                ground.turns_of(name).take(name);
            }
        }
    }

    /// The policy that says how long to wait after the attempt that comes now, with its round: the
    /// innermost with a round left.
    fn policy(&self) -> Option<(&RetryPolicy, u32)> {
        self.frames.iter().rev().find_map(|frame| match frame {
            Frame::Rounds { policy, next, .. } if *next <= policy.retries_max => {
                Some((policy, *next))
            }
            _ => None,
        })
    }

    /// The policy of the client that is asked now, if it has a round left.
    fn own_policy(&self) -> Option<&RetryPolicy> {
        match self.frames.last() {
            Some(Frame::Rounds { policy, next, .. }) if *next <= policy.retries_max => Some(policy),
            _ => None,
        }
    }

    fn retries_refused(&self) -> bool {
        let mut frames = self.frames.iter();
        frames.any(
            |frame| matches!(frame, Frame::Rounds { policy, .. } if policy.options.retry_refused),
        )
    }

    /// The deadline of whoever asks next, and of the strategies around it.
    fn wait_until(&self) -> Option<Instant> {
        let next = self.frames.iter().rposition(Frame::has_more)?;
        self.frames[..=next].iter().filter_map(Frame::deadline).map(|(at, _)| at).min()
    }

    fn deadline(&self) -> Option<(Instant, u64)> {
        self.frames.iter().filter_map(Frame::deadline).min()
    }
}

fn resolve(ground: Ground<'_>, name: &str) -> Result<ResolvedClient, Error> {
    ground.directory.resolve(name, ground.env).map_err(|problem| of_provider(&problem))
}

fn find_policy(ground: Ground<'_>, name: &SmolStr) -> Result<RetryPolicy, Error> {
    let policies = &ground.directory.schema.retry_policies;
    policies.get(name).map(|policy| (**policy).clone()).ok_or_else(|| {
        let known: Vec<&str> = policies.keys().map(SmolStr::as_str).collect();
        Error::invalid(format!(
            "retry policy `{name}` does not exist; there are: {}",
            known.join(", ")
        ))
    })
}

/// The longest wait that a provider can ask for under a policy.
fn asked_max(policy: &RetryPolicy) -> Option<Duration> {
    let of_strategy = match policy.strategy {
        RetryStrategy::Constant { .. } => ASKED_MAX_MS,
        RetryStrategy::Exponential { delay_max_ms, .. } => delay_max_ms,
    };
    let limit = policy.options.retry_after_max_ms.unwrap_or(of_strategy);
    (!policy.options.ignore_retry_after).then_some(Duration::from_millis(limit))
}

/// The wait before attempt `round + 1`, `round` from 1: already the first one is multiplied.
fn wait(strategy: RetryStrategy, round: u32) -> Duration {
    match strategy {
        RetryStrategy::Constant { delay_ms } => Duration::from_millis(delay_ms),
        RetryStrategy::Exponential { delay_ms, multiplier, delay_max_ms } => {
            let power = multiplier.powi(round.min(i32::MAX as u32) as i32);
            let grown = delay_ms as f64 * power;
            let limited = if grown.is_finite() { grown.max(0.0) } else { f64::MAX };
            Duration::from_millis((limited as u64).min(delay_max_ms))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_the_first_on_and_stop_at_the_limit() {
        let strategy =
            RetryStrategy::Exponential { delay_ms: 100, multiplier: 2.0, delay_max_ms: 300 };
        let waits: Vec<u128> = (1..4).map(|round| wait(strategy, round).as_millis()).collect();
        assert_eq!(waits, [200, 300, 300]);
        let endless =
            RetryStrategy::Exponential { delay_ms: 1, multiplier: 9.0, delay_max_ms: 10_000 };
        assert_eq!(wait(endless, u32::MAX).as_millis(), 10_000);
    }
}

//! The task of one call: attempts until one gives a reply, nobody is left, or the wire is tripped.
//!
//! ```text
//!   queue ─► attempt ─► reply complete ─► (drain) ─► over
//!              ▲  └──► failed ─► wait ─┐
//!              └──────────────────────┘
//! ```
//! Invariants: the feed gets exactly one end unless the wire was tripped; when it was, the work is
//! dropped at once wherever it waits, and with it the socket; a panic becomes an end as well.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use baml_provider::ResolvedClient;
use futures_util::FutureExt;
use tokio::sync::Semaphore;

use crate::activity::{Counted, Counters, Running};
use crate::attempt::{Attempt, Replied, drain};
use crate::call::Call;
use crate::error::{AttemptFailure, Error, ErrorKind, TimeLimit};
use crate::feed::{End, Feed};
use crate::pace::Pace;
use crate::plan::{Ground, Step, Turns, Walk};
use crate::record::Record;
use crate::transport::{Transport, timeout};
use crate::tripwire::Tripwire;

/// Statuses that say that the request itself is wrong: the same client would say the same again.
const REFUSALS: [u16; 5] = [400, 401, 403, 404, 422];

/// What the tasks of one runtime share.
pub struct Shared {
    /// The way out.
    pub transport: Transport,
    /// Turns of round-robin clients.
    pub turns: Turns,
    /// What runs.
    pub counters: Arc<Counters>,
    /// How often the workers look for news.
    pub(crate) pace: Arc<Pace>,
    /// Calls that may run at once, where there is a limit.
    pub slots: Option<Semaphore>,
    /// How long a call may wait for a slot.
    pub queue_ms: u64,
}

/// A call on its way.
pub struct Task {
    /// The call.
    pub call: Call,
    /// Where its text and its end go.
    pub feed: Arc<Feed>,
    /// Where the rest goes.
    pub record: Arc<Record>,
    /// What ends it early.
    pub tripwire: Tripwire,
    /// What it shares with others.
    pub shared: Arc<Shared>,
}

impl Task {
    /// Runs to the end.
    pub async fn run(self: Box<Self>) {
        let _running = Running::new(&self.shared.counters, Counted::Task);
        let work = AssertUnwindSafe(self.work()).catch_unwind();
        tokio::select! {
            biased;
            () = self.tripwire.tripped() => {}
            outcome = work => {
                if outcome.is_err() {
                    let error = Error::internal("a defect in the library ended the call");
                    self.feed.end(End::Failed(Box::new(error)));
                }
            }
        }
    }

    async fn work(&self) {
        match self.attempts().await {
            Ok(replied) => {
                self.feed.end(End::Complete);
                if let Some(mut exchange) = replied.exchange {
                    drain(&mut exchange).await;
                }
            }
            Err(error) => self.feed.end(End::Failed(Box::new(error))),
        }
    }

    async fn attempts(&self) -> Result<Replied, Error> {
        let _slot = self.slot().await?;
        let own_turns = Turns::default();
        let env = self.call.env();
        let mut walk = Walk::new(self.call.start());
        let mut failures: Vec<AttemptFailure> = Vec::new();
        let mut last: Option<Box<Error>> = None;
        loop {
            let ground = Ground {
                directory: self.call.directory(),
                env,
                turns: &self.shared.turns,
                own_turns: &own_turns,
            };
            let next = walk.next(ground);
            let Some(Step { client, deadline, delay, asked_max, retries_refused, wait_until }) =
                next.map_err(|error| with_attempts(error, &failures))?
            else {
                let overran = walk.overran().map(|limit| timeout(TimeLimit::Total, limit));
                let error = overran.or(last.map(|error| *error));
                let error = error.unwrap_or_else(|| Error::internal("no client was asked"));
                return Err(with_attempts(error, &failures));
            };
            let name = client.name().clone();
            let error = match self.attempt(client, deadline).await {
                Ok(replied) => return Ok(replied),
                Err(error) => Box::new(error),
            };
            failures.push(error.as_attempt());
            if !error.is_retryable() {
                return Err(with_attempts(*error, &failures));
            }
            let refused = error.status().is_some_and(|status| REFUSALS.contains(&status));
            if refused && !retries_refused {
                walk.pass_over(name);
            } else {
                let wait = self.wait(&error, delay, asked_max);
                pause(wait, wait_until).await;
            }
            last = Some(error);
        }
    }

    async fn attempt(
        &self,
        client: Box<ResolvedClient>,
        deadline: Option<(Instant, u64)>,
    ) -> Result<Replied, Error> {
        let number = self.feed.with_text(|reply| {
            self.record.begin_attempt(client.name(), client.provider().as_str(), reply)
        });
        self.feed.begin_attempt(number);
        let attempt = Attempt {
            call: &self.call,
            transport: &self.shared.transport,
            pace: &self.shared.pace,
            feed: &self.feed,
            record: &self.record,
        };
        let result = attempt.run(client, deadline).await;
        self.record.end_attempt(result.as_ref().err());
        result
    }

    async fn slot(&self) -> Result<Option<tokio::sync::SemaphorePermit<'_>>, Error> {
        let Some(slots) = &self.shared.slots else { return Ok(None) };
        let limit = self.shared.queue_ms;
        let wait = Duration::from_millis(if limit == 0 { u64::MAX / 2000 } else { limit });
        match tokio::time::timeout(wait, slots.acquire()).await {
            Ok(Ok(slot)) => Ok(Some(slot)),
            Ok(Err(_)) => Err(Error::internal("the queue of calls was closed")),
            Err(_) => Err(timeout(TimeLimit::Queue, limit)),
        }
    }

    /// As long as the policy says, or as the provider asks if that is longer.
    fn wait(&self, error: &Error, delay: Duration, asked_max: Option<Duration>) -> Duration {
        let asked = match error.kind {
            ErrorKind::Http { retry_after, .. } if self.call.heeds_retry_after => retry_after,
            _ => None,
        };
        let asked = asked.zip(asked_max).map(|(asked, limit)| asked.min(limit));
        asked.map_or(delay, |asked| asked.max(delay))
    }
}

/// Waits, but not beyond the time of the strategies that would ask next.
async fn pause(wait: Duration, until: Option<Instant>) {
    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
    let wait = left.map_or(wait, |left| left.min(wait));
    if wait > Duration::ZERO {
        tokio::time::sleep(wait).await;
    }
}

/// The error with all attempts behind it.
fn with_attempts(mut error: Error, failures: &[AttemptFailure]) -> Error {
    error.attempts = failures.to_vec();
    error
}

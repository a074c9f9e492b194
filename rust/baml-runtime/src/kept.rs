//! What was granted for a time and is of use to others: tokens, keys that were lent.
//!
//! Invariants:
//! 1. Nothing is handed out after it expires.
//! 2. Of those who want the same thing at once, one asks for it and the others wait; if
//!    the one gives up (aborted, failed, out of time), the next asks.
//! 3. At most [`PLACES_MAX`] things are kept.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashMap;
use tokio::sync::Mutex as Turn;

use crate::error::Error;
use crate::sync::{Mutex, lock};

/// Things that are kept; beyond them each call asks for itself.
const PLACES_MAX: usize = 64;

/// Things by name, each until it expires.
pub struct Kept<T> {
    places: Mutex<FxHashMap<String, Arc<Turn<Place<T>>>>>,
}

type Place<T> = Option<(T, Instant)>;

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { places: Mutex::default() }
    }
}

impl<T: Clone> Kept<T> {
    /// The thing that is kept under a name, or what `ask` gets: it says until when that holds, or
    /// that it is not to be kept.
    pub async fn get<F>(&self, name: String, ask: impl FnOnce() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<(T, Option<Instant>), Error>>,
    {
        let Some(place) = self.place(name) else { return Ok(ask().await?.0) };
        let mut place = place.lock().await;
        if let Some((thing, until)) = &*place
            && *until > Instant::now()
        {
            return Ok(thing.clone());
        }
        *place = None;
        let (thing, until) = ask().await?;
        *place = until.map(|until| (thing.clone(), until));
        Ok(thing)
    }

    fn place(&self, name: String) -> Option<Arc<Turn<Place<T>>>> {
        let mut places = lock(&self.places);
        if let Some(place) = places.get(&name) {
            return Some(Arc::clone(place));
        }
        if places.len() >= PLACES_MAX {
            let now = Instant::now();
            // Whoever asks at this moment holds its place.
            places.retain(|_, place| match place.try_lock() {
                Ok(place) => place.as_ref().is_some_and(|(_, until)| *until > now),
                Err(_) => true,
            });
        }
        let room = places.len() < PLACES_MAX;
        room.then(|| Arc::clone(places.entry(name).or_default()))
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn things_are_asked_for_once_until_they_expire() {
        let kept = Kept::default();
        let asked = AtomicUsize::new(0);
        let ask = |seconds| {
            let number = asked.fetch_add(1, Ordering::SeqCst);
            let until = Instant::now() + Duration::from_secs(seconds);
            async move { Ok((number, Some(until))) }
        };
        let get = |name: &str, seconds| kept.get(name.to_owned(), move || ask(seconds));
        assert_eq!(get("a", 60).await, Ok(0));
        assert_eq!(get("a", 60).await, Ok(0), "kept");
        assert_eq!(get("b", 0).await, Ok(1), "another name");
        assert_eq!(get("b", 60).await, Ok(2), "expired at once");
    }

    #[tokio::test]
    async fn those_who_want_the_same_wait_for_one_answer() {
        let kept = Kept::default();
        let asked = AtomicUsize::new(0);
        let get = || {
            kept.get("a".to_owned(), || async {
                asked.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Ok((7, Some(Instant::now() + Duration::from_mins(1))))
            })
        };
        let all = futures_util::future::join_all((0..20).map(|_| get())).await;
        assert!(all.iter().all(|one| *one == Ok(7)));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn one_who_gives_up_lets_the_next_ask() {
        let kept = Kept::default();
        let until = || Some(Instant::now() + Duration::from_mins(1));
        {
            let never = kept.get("a".to_owned(), std::future::pending);
            let waited = tokio::time::timeout(Duration::from_millis(5), never).await;
            assert!(waited.is_err());
        }
        let failed = kept.get("a".to_owned(), || async { Err(Error::internal("no")) }).await;
        assert!(failed.is_err(), "a failure is not kept");
        assert_eq!(kept.get("a".to_owned(), || async { Ok((3, until())) }).await, Ok(3));
    }

    #[tokio::test]
    async fn room_is_bounded_and_made_by_what_expired() {
        let kept = Kept::default();
        let now = Instant::now();
        let later = now + Duration::from_mins(1);
        for number in 0..PLACES_MAX {
            let until = if number == 0 { now } else { later };
            let got = kept.get(number.to_string(), || async { Ok((0, Some(until))) }).await;
            assert_eq!(got, Ok(0));
        }
        assert!(kept.get("new".to_owned(), || async { Ok((1, Some(later))) }).await.is_ok());
        let beyond = kept.get("beyond".to_owned(), || async { Ok((2, Some(later))) }).await;
        assert_eq!(beyond, Ok(2), "no room is no failure");
        assert_eq!(lock(&kept.places).len(), PLACES_MAX);
    }
}

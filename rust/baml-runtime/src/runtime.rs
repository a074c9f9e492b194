//! A loaded project with the workers that run its calls.
//!
//! Invariants:
//! 1. No thread exists before the first stream starts.
//! 2. Every stream's tripwire hangs on the runtime's, so closing the runtime ends every stream.
//! 3. The last owner may let go anywhere, even on a worker: workers are told to stop, not awaited.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::activity::{Activity, of_process};
use crate::error::Error;
use crate::feed::{End, Feed};
use crate::ready::{Bell, ReadyQueue, Signal};
use crate::record::Record;
use crate::stream::{Form, Partials, Parts, ReaderSource, Stream, reason};
use crate::tripwire::Tripwire;

/// A runtime.
pub struct Runtime {
    queue: Arc<ReadyQueue>,
    tripwire: Tripwire,
}

impl Runtime {
    /// Loads the project that the configuration holds.
    pub fn new(config: &[u8], bell: Box<dyn Bell>) -> Result<Self, Error> {
        let _: Json = serde_json::from_slice(config)
            .map_err(|problem| Error::invalid(format!("the configuration: {problem}")))?;
        Ok(Self { queue: Arc::new(ReadyQueue::new(bell)), tripwire: Tripwire::new() })
    }

    /// Starts a call; its news are told under `tag`.
    pub fn start(
        &self,
        request: &[u8],
        tripwire: Option<&Tripwire>,
        tag: u64,
    ) -> Result<Stream, Error> {
        let _: Json = serde_json::from_slice(request)
            .map_err(|problem| Error::invalid(format!("the request: {problem}")))?;
        let signal = Arc::new(Signal::new(Arc::clone(&self.queue), tag));
        let parents: Vec<&Tripwire> = std::iter::once(&self.tripwire).chain(tripwire).collect();
        let own = Tripwire::with_parents(&parents);
        own.wake_on_trip(Arc::clone(&signal).into());
        let feed = Arc::new(Feed::new(signal));
        feed.end(End::Failed(Box::new(Error::internal("calls are not wired yet"))));
        let source: ReaderSource = Box::new(|| unreachable!("no attempt begins"));
        Ok(Stream::new(Parts {
            feed,
            tripwire: own,
            source,
            form: Form::Wire,
            partials: Partials::Whole,
            record: Arc::new(Record::new("")),
        }))
    }

    /// What the project declares.
    pub fn describe(&self) -> Result<Vec<u8>, Error> {
        Err(Error::internal("not wired yet"))
    }

    /// The prompt of a call.
    pub fn prompt(&self, _request: &[u8]) -> Result<Vec<u8>, Error> {
        Err(Error::internal("not wired yet"))
    }

    /// The HTTP request of a call.
    pub fn request(&self, _request: &[u8]) -> Result<Vec<u8>, Error> {
        Err(Error::internal("not wired yet"))
    }

    /// A reply's value.
    pub fn parse(&self, _request: &[u8]) -> Result<Vec<u8>, Error> {
        Err(Error::internal("not wired yet"))
    }

    /// What runs.
    pub fn activity(&self) -> Activity {
        of_process()
    }

    /// Moves the tags of streams with news into `tags`.
    pub fn ready(&self, tags: &mut [u64]) -> usize {
        self.queue.drain(tags)
    }

    /// Ends every stream and wakes whoever waits for news.
    pub fn close(&self) {
        self.tripwire.abort(reason::CLOSED);
        self.queue.ring();
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.close();
    }
}

/// Diagnoses sources.
pub fn check(_files: &[u8]) -> Result<Vec<u8>, Error> {
    Err(Error::internal("not wired yet"))
}

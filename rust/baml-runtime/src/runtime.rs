//! A loaded project with the workers that run its calls.
//!
//! Invariants:
//! 1. No thread exists before the first stream starts.
//! 2. Every stream's tripwire hangs on the runtime's, so closing the runtime ends every stream.
//! 3. The last owner may let go anywhere, even on a worker: workers are told to stop, not awaited.
//! 4. Workers belong to the process that made the runtime; a fork of it has none and is told so.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, OnceLock};

use baml_provider::AddressPolicy;
use baml_reply::Reach;
use indexmap::IndexMap;
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::activity::{Activity, Counters};
use crate::attempt::first_request;
use crate::call::{Call, of_provider, prompt_json};
use crate::call_log::CallLog;
use crate::describe::{describe, names};
use crate::error::Error;
use crate::feed::Feed;
use crate::launch::Launches;
use crate::log::{self, Log};
use crate::plan::Turns;
use crate::project::Project;
use crate::ready::{Bell, ReadyQueue, Signal};
use crate::record::{Record, RecordLimits};
use crate::request::{CallRequest, Mode};
use crate::stream::{Form, Partials, Parts, Stream, reason};
use crate::sync::{Mutex, lock};
use crate::task::{Shared, Task};
use crate::transport::Transport;
use crate::tripwire::Tripwire;
use crate::{explained, plain, reading, wire};

/// Threads for look-ups of names and for files.
const BLOCKING_THREADS_MAX: usize = 16;
/// Workers beyond this are a mistake.
const WORKERS_MAX: usize = 1024;

/// A runtime.
pub struct Runtime {
    project: Project,
    queue: Arc<ReadyQueue>,
    log: Arc<Log>,
    tripwire: Tripwire,
    shared: Arc<Shared>,
    record_limits: RecordLimits,
    worker_threads: usize,
    workers: OnceLock<tokio::runtime::Runtime>,
    /// Held while the workers are made.
    starting: Mutex<()>,
    launches: Launches,
    /// The process that made it.
    process: u32,
}

/// The configuration of a runtime.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Path → text.
    pub files: IndexMap<String, String>,
    /// Workers; 0 means one for each core.
    pub worker_threads: usize,
    /// Calls that may run at once; 0 means any number.
    pub in_flight_max: usize,
    /// How long a call may wait for its turn; 0 means for ever.
    pub queue_timeout_ms: u64,
    /// Raw events of one attempt that its record keeps.
    pub record_events_max: Option<usize>,
    /// Bytes of raw events and bodies that the record of one call keeps.
    pub record_bytes_max: Option<usize>,
    /// Where set, media are fetched from these hosts only: `example.com`, `*.example.com`.
    pub media_hosts: Option<Vec<String>>,
    /// What is logged; nothing if absent.
    pub log: log::Config,
}

impl Runtime {
    /// Loads the project that the configuration (JSON) holds.
    pub fn new(config: &[u8], bell: Box<dyn Bell>) -> Result<Self, Error> {
        let config: Config = serde_json::from_slice(config).map_err(|problem| {
            Error::invalid(format!("the configuration cannot be read: {problem}"))
        })?;
        if config.worker_threads > WORKERS_MAX {
            return Err(Error::invalid(format!("worker_threads must not exceed {WORKERS_MAX}")));
        }
        let standard = RecordLimits::default();
        let record_limits = RecordLimits {
            events_max: config.record_events_max.unwrap_or(standard.events_max),
            bytes_max: config.record_bytes_max.unwrap_or(standard.bytes_max),
        };
        let counters = Arc::new(Counters::default());
        let limit = Some(config.in_flight_max).filter(|limit| *limit > 0);
        let queue = Arc::new(ReadyQueue::new(bell));
        let shared = Shared {
            transport: Transport::new(
                Arc::clone(&counters),
                AddressPolicy { allowed_hosts: config.media_hosts.clone() },
            ),
            turns: Turns::default(),
            counters,
            pace: Arc::clone(queue.pace()),
            slots: limit.map(|limit| Semaphore::new(limit.min(Semaphore::MAX_PERMITS))),
            queue_ms: config.queue_timeout_ms,
        };
        Ok(Self {
            project: Project::load(&config.files)?,
            log: Arc::new(Log::new(config.log, Arc::clone(&queue))),
            queue,
            tripwire: Tripwire::new(),
            shared: Arc::new(shared),
            record_limits,
            worker_threads: config.worker_threads,
            workers: OnceLock::new(),
            starting: Mutex::new(()),
            launches: Launches::default(),
            process: std::process::id(),
        })
    }

    /// Starts a call (JSON); its news are told under `tag`.
    pub fn start(
        &self,
        request: &[u8],
        tripwire: Option<&Tripwire>,
        tag: u64,
    ) -> Result<Stream, Error> {
        let request = CallRequest::parse(request)?;
        let (form, partials) = (request.form(Form::Wire), request.partials());
        let call = Call::new(&self.project, request)?;
        let workers = self.workers()?;
        let signal = Arc::new(Signal::new(Arc::clone(&self.queue), tag));
        let parents: Vec<&Tripwire> = std::iter::once(&self.tripwire).chain(tripwire).collect();
        let own = Tripwire::with_parents(&parents);
        own.wake_on_trip(Arc::clone(&signal).into());
        // Only changes can be told without the rest.
        let passes = call.target.is_plain_text()
            && (partials == Partials::Off || partials.are_changes(form));
        let feed = if passes { Feed::in_blocks(signal) } else { Feed::new(signal) };
        let feed = Arc::new(feed);
        let log = CallLog::new(&self.log, tag, &call.function.name);
        let streamed = call.mode == Mode::Stream;
        let record = Record::new(&call.function.name, streamed, self.record_limits, log);
        let record = Arc::new(record);
        let (target, noted) = (Arc::clone(&call.target), Arc::clone(&record));
        let source = if passes {
            reading::passing(target, noted, Arc::clone(&feed))
        } else {
            reading::source(target, noted)
        };
        let task = Box::new(Task {
            call,
            feed: Arc::clone(&feed),
            record: Arc::clone(&record),
            tripwire: own.clone(),
            shared: Arc::clone(&self.shared),
        });
        self.launches.start(workers.handle(), task.run());
        Ok(Stream::new(Parts { feed, tripwire: own, source, form, partials, record }))
    }

    /// What the project declares (JSON).
    pub fn describe(&self) -> Result<Vec<u8>, Error> {
        Ok(describe(self.project.schema()).to_string().into_bytes())
    }

    /// The names of the functions and of the variables that a call may need (JSON).
    pub fn names(&self) -> Result<Vec<u8>, Error> {
        Ok(names(self.project.schema()).to_string().into_bytes())
    }

    /// The prompt of a call (JSON).
    pub fn prompt(&self, request: &[u8]) -> Result<Vec<u8>, Error> {
        let call = Call::new(&self.project, CallRequest::parse(request)?)?;
        let (start, env) = (call.start(), call.env());
        let client = call.directory().first_leaf(&start, env, random());
        let client = client.map_err(|problem| of_provider(&problem))?;
        let messages = call.render(&client)?;
        Ok(prompt_json(&client, &messages).to_string().into_bytes())
    }

    /// The HTTP request of a call (JSON). Waits for media and tokens.
    pub fn request(&self, request: &[u8]) -> Result<Vec<u8>, Error> {
        let call = Call::new(&self.project, CallRequest::parse(request)?)?;
        let work = async {
            tokio::select! {
                biased;
                () = self.tripwire.tripped() => Err(Error::aborted(reason::CLOSED)),
                request = first_request(&call, &self.shared.transport, random()) => request,
            }
        };
        let request = self.workers()?.block_on(work)?;
        let headers: serde_json::Map<String, serde_json::Value> =
            request.headers.into_iter().map(|header| (header.name, header.value.into())).collect();
        let shown = serde_json::json!({
            "method": request.method, "url": request.url, "headers": headers,
            "body": request.body,
        });
        Ok(shown.to_string().into_bytes())
    }

    /// The value of a reply, in the form that was asked for, or else as JSON. Nothing for a partial
    /// that may not be shown. With `explain` how it was read instead, even where it does not fit.
    pub fn parse(&self, request: &[u8]) -> Result<Vec<u8>, Error> {
        let request = CallRequest::parse(request)?;
        let (form, partial) = (request.form(Form::Json), request.partial);
        let text = request.text.clone();
        let explained = request.explain;
        let (call, _) = Call::without_arguments(&self.project, request)?;
        if explained {
            let reach = if partial { Reach::Partial } else { Reach::Whole };
            return Ok(explained::explain(&call.target, &text, reach).to_string().into_bytes());
        }
        let value = if partial {
            baml_reply::parse_partial(&call.target, &text)
        } else {
            baml_reply::parse(&call.target, &text).map(Some)
        };
        let value = value.map_err(|problem| reading::refused(&problem, &text, String::new()))?;
        Ok(match (value, form) {
            (None, _) => Vec::new(),
            (Some(value), Form::Wire) => wire::whole(&value),
            (Some(value), Form::Json) => plain::json(&value).to_string().into_bytes(),
        })
    }

    /// What runs.
    pub fn activity(&self) -> Activity {
        self.shared.counters.read()
    }

    /// Moves the tags of streams with news into `tags`.
    pub fn ready(&self, tags: &mut [u64]) -> usize {
        self.queue.drain(tags)
    }

    /// Takes what was logged (JSON); nothing if nothing was.
    pub fn logs(&self) -> Option<Vec<u8>> {
        self.log.take()
    }

    /// Ends every stream and wakes whoever waits for news.
    pub fn close(&self) {
        self.tripwire.abort(reason::CLOSED);
        self.queue.ring();
    }

    /// The workers, made now if there are none. A failure, such as no descriptor left, is not
    /// remembered: the next call tries again.
    fn workers(&self) -> Result<&tokio::runtime::Runtime, Error> {
        if self.process != std::process::id() {
            return Err(Error::invalid(
                "this process is a fork of the one that loaded the runtime; load one here",
            ));
        }
        if let Some(workers) = self.workers.get() {
            return Ok(workers);
        }
        let _one = lock(&self.starting);
        if let Some(workers) = self.workers.get() {
            return Ok(workers);
        }
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let queue = Arc::clone(&self.queue);
        builder
            .enable_io()
            .enable_time()
            .thread_name("bamlwire")
            .on_thread_park(move || queue.pace().idle(|| queue.settle()))
            .max_blocking_threads(BLOCKING_THREADS_MAX);
        if self.worker_threads > 0 {
            builder.worker_threads(self.worker_threads);
        }
        let made = builder.build().map_err(|problem| {
            Error::transport(true, format!("no worker can be started: {problem}"))
        })?;
        Ok(self.workers.get_or_init(|| made))
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.close();
        if let Some(workers) = self.workers.take() {
            workers.shutdown_background();
        }
    }
}

fn random() -> u64 {
    RandomState::new().hash_one(0)
}

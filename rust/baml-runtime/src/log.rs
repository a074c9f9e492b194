//! The log of one runtime: entries wait in a bounded ring until the owner takes them.
//!
//! Invariants: nothing is written anywhere and nobody is called; entries hold no credential, and
//! prompts and replies only where asked; what finds the ring full is dropped and counted, and the
//! count goes out with the next entries.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::ready::ReadyQueue;
use crate::sync::{Mutex, lock};

/// Entries that wait; more than a busy runtime makes while its owner takes a batch.
const ENTRIES_MAX: usize = 4096;
/// Bytes of entries that wait, for those who log prompts and replies.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of one prompt or reply in an entry.
const CONTENT_BYTES_MAX: usize = 64_000;

/// How much an entry matters, the gravest first.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Level {
    #[default]
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// What a runtime logs.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Entries of this level and graver ones; off if absent.
    pub level: Level,
    /// Prompts and replies too.
    pub content: bool,
}

/// The log of one runtime.
pub struct Log {
    config: Config,
    queue: Arc<ReadyQueue>,
    ring: Mutex<Ring>,
}

#[derive(Default)]
struct Ring {
    entries: VecDeque<String>,
    bytes: usize,
    dropped: u64,
    /// The owner was told of what is there.
    told: bool,
}

impl Log {
    /// An empty log whose owner is woken through `queue`.
    pub fn new(config: Config, queue: Arc<ReadyQueue>) -> Self {
        Self { config, queue, ring: Mutex::default() }
    }

    /// Whether entries of this level are wanted.
    pub fn wants(&self, level: Level) -> bool {
        level <= self.config.level
    }

    /// Whether prompts and replies are wanted.
    pub fn wants_content(&self) -> bool {
        self.config.content
    }

    /// Adds an entry if its level is wanted. Attributes that are null are left out.
    pub fn add<'a>(
        &self,
        level: Level,
        message: &str,
        attributes: impl Iterator<Item = &'a (&'static str, Json)>,
    ) {
        if !self.wants(level) {
            return;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let given = attributes.filter(|(_, value)| !value.is_null());
        let entry = json!({
            "time_us": now.as_micros() as u64,
            "level": level.name(),
            "message": message,
            "attributes": given.map(|(name, value)| json!([name, value])).collect::<Vec<_>>(),
        });
        self.push(entry.to_string());
    }

    /// Takes all entries (JSON, see `bindings/WIRE.md`); nothing if there are none.
    pub fn take(&self) -> Option<Vec<u8>> {
        let taken = std::mem::take(&mut *lock(&self.ring));
        if taken.entries.is_empty() && taken.dropped == 0 {
            return None;
        }
        let mut out = String::with_capacity(taken.bytes + taken.entries.len() + 64);
        out.push_str("{\"entries\":[");
        for (at, entry) in taken.entries.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            out.push_str(entry);
        }
        out.push_str(&format!("],\"dropped\":{}}}", taken.dropped));
        Some(out.into_bytes())
    }

    fn push(&self, entry: String) {
        let mut ring = lock(&self.ring);
        if ring.entries.len() >= ENTRIES_MAX || ring.bytes + entry.len() > BYTES_MAX {
            ring.dropped += 1;
        } else {
            ring.bytes += entry.len();
            ring.entries.push_back(entry);
        }
        let tells = !std::mem::replace(&mut ring.told, true);
        drop(ring);
        if tells {
            self.queue.ring();
        }
    }
}

impl Level {
    /// The name that crosses the ABI.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// A prompt or reply as an entry holds it.
pub fn content(mut text: String) -> Json {
    if text.len() > CONTENT_BYTES_MAX {
        let whole = text.len();
        text.truncate(text.floor_char_boundary(CONTENT_BYTES_MAX));
        text.push_str(&format!("… (cut; {whole} bytes in all)"));
    }
    text.into()
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;
    use crate::ready::Bell;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Clone, Default)]
    struct Count(Arc<AtomicUsize>);
    impl Bell for Count {
        fn ring(&self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn log(level: Level) -> (Arc<Log>, Count) {
        let count = Count::default();
        let queue = Arc::new(ReadyQueue::new(Box::new(count.clone())));
        (Arc::new(Log::new(Config { level, content: false }, queue)), count)
    }

    fn taken(log: &Log) -> Option<Json> {
        log.take().map(|bytes| serde_json::from_slice(&bytes).expect("a batch is JSON"))
    }

    #[test]
    fn only_wanted_levels_enter_and_the_bell_rings_once_a_batch() {
        let (log, count) = log(Level::Warn);
        let none = || [].iter();
        log.add(Level::Info, "not wanted", none());
        assert_eq!((taken(&log), count.0.load(Ordering::SeqCst)), (None, 0));
        log.add(Level::Warn, "one", [("status", 500.into()), ("client", Json::Null)].iter());
        log.add(Level::Error, "two", none());
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
        let batch = taken(&log).expect("two entries");
        assert_eq!(batch["entries"][0]["message"], "one");
        assert_eq!(batch["entries"][0]["attributes"], json!([["status", 500]]));
        assert_eq!(
            (&batch["entries"][1]["level"], &batch["dropped"]),
            (&json!("error"), &json!(0))
        );
        log.add(Level::Warn, "three", none());
        assert_eq!(count.0.load(Ordering::SeqCst), 2, "the next batch is told anew");
    }

    #[test]
    fn a_full_ring_drops_and_says_how_many() {
        let (log, _) = log(Level::Info);
        for _ in 0..ENTRIES_MAX + 3 {
            log.add(Level::Info, "entry", [].iter());
        }
        let batch = taken(&log).expect("entries");
        assert_eq!(batch["entries"].as_array().map(Vec::len), Some(ENTRIES_MAX));
        assert_eq!(batch["dropped"], 3);
        let long = "x".repeat(BYTES_MAX / 2);
        for _ in 0..3 {
            log.add(Level::Info, &long, [].iter());
        }
        let batch = taken(&log).expect("entries");
        assert_eq!(
            (batch["entries"].as_array().map(Vec::len), &batch["dropped"]),
            (Some(1), &json!(2))
        );
        assert_eq!(taken(&log), None);
    }

    #[test]
    fn long_content_is_cut_on_a_character() {
        let text = content("é".repeat(CONTENT_BYTES_MAX));
        let text = text.as_str().expect("a text");
        assert!(text.len() < CONTENT_BYTES_MAX + 64);
        assert!(text.ends_with("… (cut; 128000 bytes in all)"));
    }
}

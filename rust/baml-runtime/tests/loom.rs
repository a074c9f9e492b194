//! Every interleaving of the parts that threads share: tripwire, ready queue, feed with its stream,
//! handle table. Run by `scripts/loom`.
//!
//! What must hold: exactly one terminal state, no lost wake-up, no partial after an abort returned,
//! one winner of every abort and every removal.
#![cfg(feature = "loom")]

#[path = "loom/handle.rs"]
mod handle;
#[path = "loom/news.rs"]
mod news;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use baml_runtime::call_log::CallLog;
use baml_runtime::error::Error;
use baml_runtime::feed::{End, Feed};
use baml_runtime::log::Log;
use baml_runtime::ready::{ReadyQueue, Signal};
use baml_runtime::record::{Record, RecordLimits};
use baml_runtime::stream::{Change, Form, Partials, Parts, ReplyReader};
use baml_runtime::{Bell, Status, Stream, Table, Tripwire};
use baml_schema::Value;
use loom::thread;

/// Tries a check in every interleaving, and says how many there were. One alone would mean that the
/// code no longer goes through loom's types, and that nothing is shown.
fn model(check: impl Fn() + Send + Sync + 'static) {
    let tried = Arc::new(AtomicUsize::new(0));
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = None;
    builder.check({
        let tried = Arc::clone(&tried);
        move || {
            tried.fetch_add(1, Ordering::SeqCst);
            check();
        }
    });
    let tried = tried.load(Ordering::SeqCst);
    let here = std::thread::current();
    println!("{}: {tried} interleavings", here.name().unwrap_or("a model"));
    assert!(tried > 1, "nothing was interleaved");
}

/// Remembers that it rang. Plain, as a descriptor of the system would.
#[derive(Clone, Default)]
struct Rung(Arc<AtomicBool>);

impl Bell for Rung {
    fn ring(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Shows what it has; any text is a value.
#[derive(Default)]
struct Echo {
    reply: Arc<String>,
    read: usize,
}

impl Echo {
    fn value(&self) -> Value {
        Value::string(&self.reply[..self.read])
    }
}

impl ReplyReader for Echo {
    fn exchange(&mut self, reply: &mut Arc<String>) {
        std::mem::swap(&mut self.reply, reply);
    }

    fn read_on(&mut self) {
        self.read = self.reply.len();
    }

    fn partial(&mut self) -> Option<Value> {
        Some(self.value())
    }

    fn changes(&mut self) -> Option<Change> {
        None
    }

    fn finish(&mut self) -> Result<Value, Error> {
        Ok(self.value())
    }
}

struct Scene {
    queue: Arc<ReadyQueue>,
    rung: Rung,
    feed: Arc<Feed>,
    stream: Arc<Stream>,
}

fn scene() -> Scene {
    let rung = Rung::default();
    Scene { rung: rung.clone(), ..scene_with(Box::new(rung)) }
}

fn scene_with(bell: Box<dyn Bell>) -> Scene {
    let rung = Rung::default();
    let queue = Arc::new(ReadyQueue::new(bell));
    let signal = Arc::new(Signal::new(Arc::clone(&queue), 7));
    let tripwire = Tripwire::new();
    tripwire.wake_on_trip(Arc::clone(&signal).into());
    let feed = Arc::new(Feed::new(signal));
    let log = Arc::new(Log::new(Default::default(), Arc::clone(&queue)));
    let log = CallLog::new(&log, 7, "F");
    let stream = Arc::new(Stream::new(Parts {
        feed: Arc::clone(&feed),
        tripwire,
        source: Box::new(|| Box::new(Echo::default())),
        form: Form::Json,
        partials: Partials::Whole,
        record: Arc::new(Record::new("F", true, RecordLimits::default(), log)),
    }));
    Scene { queue, rung, feed, stream }
}

fn is_terminal(status: Status) -> bool {
    matches!(status, Status::Done | Status::Failed | Status::Aborted)
}

#[test]
fn abort_and_disarm_one_of_them_wins() {
    model(|| {
        let wire = Tripwire::new();
        let other = wire.clone();
        let aborting = thread::spawn(move || other.abort(3));
        let disarmed = wire.disarm();
        let aborted = aborting.join().expect("no panic");
        assert!(aborted != disarmed);
        assert_eq!(wire.reason(), aborted.then_some(3));
    });
}

#[test]
fn aborts_of_two_threads_one_is_the_first() {
    model(|| {
        let wire = Tripwire::new();
        let other = wire.clone();
        let second = thread::spawn(move || other.abort(1));
        let first = wire.abort(2);
        let second = second.join().expect("no panic");
        assert!(first != second);
        assert_eq!(wire.reason(), Some(if first { 2 } else { 1 }));
    });
}

#[test]
fn child_made_during_an_abort_is_tripped() {
    model(|| {
        let parent = Tripwire::new();
        let other = parent.clone();
        let aborting = thread::spawn(move || other.abort(4));
        let child = Tripwire::with_parents(&[&parent]);
        assert!(aborting.join().expect("no panic"));
        assert_eq!(child.reason(), Some(4));
    });
}

#[test]
fn waiter_of_an_abort_always_wakes() {
    model(|| {
        let wire = Tripwire::new();
        let other = wire.clone();
        let aborting = thread::spawn(move || other.abort(5));
        // Loom reports a deadlock if the wake-up is lost.
        loom::future::block_on(wire.tripped());
        assert!(aborting.join().expect("no panic"));
    });
}

#[test]
fn text_told_during_a_poll_is_never_lost() {
    model(|| {
        let Scene { queue, rung, feed, stream } = scene();
        let writing = thread::spawn({
            let feed = Arc::clone(&feed);
            move || {
                feed.begin_attempt(1);
                assert!(feed.append("a"));
                feed.tell_text();
                feed.end(End::Complete);
            }
        });
        let mut tags = [0; 2];
        let mut ended = false;
        rung.0.store(false, Ordering::SeqCst);
        if queue.drain(&mut tags) > 0 {
            ended |= is_terminal(stream.poll().status);
        }
        writing.join().expect("no panic");
        // Whoever follows the bell from here on reaches the end.
        while !ended {
            assert!(rung.0.swap(false, Ordering::SeqCst), "the bell is silent before the end");
            while queue.drain(&mut tags) > 0 {
                assert_eq!(tags[0], 7);
                ended |= is_terminal(stream.poll().status);
            }
        }
    });
}

#[test]
fn abort_during_completion_leaves_one_terminal_state() {
    model(|| {
        let Scene { feed, stream, .. } = scene();
        let aborting = thread::spawn({
            let stream = Arc::clone(&stream);
            move || {
                let first = stream.abort(2);
                (first, stream.poll().status)
            }
        });
        feed.begin_attempt(1);
        feed.append("a");
        feed.end(End::Complete);
        // The text is shown before the end is looked at.
        let seen = match stream.poll().status {
            Status::Partial | Status::Pending => stream.poll().status,
            seen => seen,
        };
        let (first, after) = aborting.join().expect("no panic");
        // Nothing but a terminal state may come after an abort returned.
        assert!(is_terminal(after), "{after:?}");
        assert_eq!(first, after == Status::Aborted);
        assert!(!is_terminal(seen) || seen == after);
        assert_eq!(stream.poll().status, after);
    });
}

#[test]
fn abort_wakes_whoever_waits_for_news() {
    model(|| {
        let Scene { queue, rung, stream, .. } = scene();
        let aborting = thread::spawn({
            let stream = Arc::clone(&stream);
            move || stream.abort(1)
        });
        let mut tags = [0];
        let early = queue.drain(&mut tags) > 0;
        assert!(aborting.join().expect("no panic"));
        assert!(early || (rung.0.load(Ordering::SeqCst) && queue.drain(&mut tags) > 0));
        assert_eq!(stream.poll().status, Status::Aborted);
    });
}

#[test]
fn removal_of_one_handle_succeeds_once() {
    model(|| {
        let table = Arc::new(Table::new(1));
        let handle = table.insert(Arc::new(()));
        let removed = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let (table, removed) = (Arc::clone(&table), Arc::clone(&removed));
                thread::spawn(move || {
                    if table.remove(handle).is_some() {
                        removed.fetch_add(1, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        drop(table.get(handle));
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
        assert_eq!(removed.load(Ordering::SeqCst), 1);
        assert!(table.get(handle).is_none());
        assert_eq!(table.live(), 0);
    });
}

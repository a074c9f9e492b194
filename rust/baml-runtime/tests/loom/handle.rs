//! The handle table and what stands behind a stream's handle, from several threads at once. Under
//! loom the table has one shard, so a freed slot is taken again at once.

use std::sync::Arc;

use baml_runtime::feed::End;
use baml_runtime::stream::reason::CLOSED;
use baml_runtime::{Status, Stream, Table};
use loom::thread;

use crate::{Scene, is_terminal, model, scene};

#[test]
fn stale_handle_never_names_what_took_its_slot() {
    model(|| {
        let table = Arc::new(Table::new(1));
        let old = table.insert("old");
        let replacing = thread::spawn({
            let table = Arc::clone(&table);
            move || {
                let gone = table.remove(old);
                (gone, table.insert("new"))
            }
        });
        let doubled = thread::spawn({
            let table = Arc::clone(&table);
            move || (table.get(old), table.remove(old))
        });
        let seen = table.get(old);
        assert!(seen.is_none() || seen == Some("old"), "{seen:?}");
        let (gone, new) = replacing.join().expect("no panic");
        let (found, doubled) = doubled.join().expect("no panic");
        assert!(found.is_none() || found == Some("old"), "{found:?}");
        // One of the two removals had it; the other found nothing, and never the new one.
        assert_eq!([gone, doubled].iter().flatten().collect::<Vec<_>>(), [&"old"]);
        assert_ne!(new, old);
        assert_eq!((table.get(old), table.get(new)), (None, Some("new")));
        assert_eq!(table.live(), 1);
    });
}

#[test]
fn insertions_of_two_threads_get_handles_of_their_own() {
    model(|| {
        let table = Arc::new(Table::new(1));
        let freed = table.insert(0);
        table.remove(freed);
        let threads: Vec<_> = [1, 2]
            .map(|object| {
                let table = Arc::clone(&table);
                thread::spawn(move || {
                    let handle = table.insert(object);
                    assert_eq!(table.get(handle), Some(object));
                    handle
                })
            })
            .into();
        let handles: Vec<u64> =
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect();
        assert_ne!(handles[0], handles[1]);
        assert!(!handles.contains(&freed) && !handles.contains(&0));
        assert_eq!(
            handles.iter().map(|one| table.get(*one)).collect::<Vec<_>>(),
            [Some(1), Some(2)]
        );
        assert_eq!(table.live(), 2);
    });
}

/// What `bamlwire_stream_free` does.
fn free(table: &Table<Arc<Stream>>, handle: u64) -> Option<bool> {
    table.remove(handle).map(|stream| stream.abort(CLOSED))
}

#[test]
fn free_during_completion_abort_and_poll_leaves_one_end() {
    model(|| {
        let Scene { feed, stream, .. } = scene();
        let table = Arc::new(Table::new(2));
        let held = Arc::clone(&stream);
        let handle = table.insert(stream);
        let freeing = thread::spawn({
            let table = Arc::clone(&table);
            move || {
                let first = free(&table, handle);
                // Whoever freed it reaches nothing by its handle any more.
                assert!(table.get(handle).is_none());
                first
            }
        });
        let completing = thread::spawn(move || {
            feed.begin_attempt(1);
            feed.append("a");
            feed.end(End::Complete);
        });
        let polled = table.get(handle).map(|stream| stream.poll().status);
        let aborted = table.get(handle).map(|stream| stream.abort(1));
        let freed = freeing.join().expect("no panic");
        completing.join().expect("no panic");
        let first = freed.expect("nobody else freed it");
        assert!(free(&table, handle).is_none(), "freed twice");
        let end = held.poll().status;
        assert!(is_terminal(end), "{end:?}");
        // One of the three is the end, and whoever was told that it was the one, was.
        let ends = [first, aborted == Some(true), end == Status::Done];
        assert_eq!(ends.iter().filter(|one| **one).count(), 1, "{ends:?}");
        assert!(polled.is_none_or(|seen| !is_terminal(seen) || seen == end));
        assert_eq!((held.poll().status, table.live()), (end, 0));
    });
}

#[test]
fn last_owner_that_goes_during_an_abort_is_no_harm() {
    model(|| {
        let Scene { feed, stream, .. } = scene();
        let other = Arc::clone(&stream);
        let dropping = thread::spawn(move || drop(other));
        let completing = thread::spawn(move || {
            feed.begin_attempt(1);
            feed.end(End::Complete);
        });
        stream.abort(1);
        drop(stream);
        dropping.join().expect("no panic");
        completing.join().expect("no panic");
    });
}

//! The ready queue with somebody who sleeps until the bell rings, and the newest-partial slot with
//! several who poll. A lost wake-up is a sleeper that loom finds asleep for ever.

use std::sync::Arc;

use baml_runtime::feed::{End, Feed};
use baml_runtime::ready::{ReadyQueue, Signal};
use baml_runtime::{Bell, Poll, Status, Stream};
use loom::sync::{Condvar, Mutex};
use loom::thread;

use crate::{Scene, is_terminal, model, scene, scene_with};

/// A bell that somebody can sleep under.
#[derive(Clone, Default)]
struct Alarm(Arc<(Mutex<bool>, Condvar)>);

impl Bell for Alarm {
    fn ring(&self) {
        *self.0.0.lock().expect("no panic") = true;
        self.0.1.notify_one();
    }
}

impl Alarm {
    fn sleep(&self) {
        let mut rung = self.0.0.lock().expect("no panic");
        while !*rung {
            rung = self.0.1.wait(rung).expect("no panic");
        }
        *rung = false;
    }
}

#[test]
fn sleeper_sees_the_tags_of_all_streams() {
    model(|| {
        let alarm = Alarm::default();
        let queue = Arc::new(ReadyQueue::new(Box::new(alarm.clone())));
        let threads: Vec<_> = [1, 2]
            .map(|tag| {
                let signal = Signal::new(Arc::clone(&queue), tag);
                thread::spawn(move || signal.tell())
            })
            .into();
        let mut seen = [false; 3];
        // Room for one tag at a time: the bell must ring again for what is left.
        let mut tags = [0];
        while !(seen[1] && seen[2]) {
            alarm.sleep();
            if queue.drain(&mut tags) > 0 {
                seen[tags[0] as usize] = true;
            }
        }
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
    });
}

#[test]
fn sleeper_reaches_the_end_of_a_reply() {
    model(|| {
        let alarm = Alarm::default();
        let Scene { queue, feed, stream, .. } = scene_with(Box::new(alarm.clone()));
        let writing = thread::spawn(move || {
            feed.begin_attempt(1);
            feed.append("a");
            feed.tell_text();
            feed.end(End::Complete);
        });
        assert_eq!(follow(&alarm, &queue, &stream).status, Status::Done);
        writing.join().expect("no panic");
    });
}

#[test]
fn sleeper_reaches_the_end_by_an_abort() {
    model(|| {
        let alarm = Alarm::default();
        let Scene { queue, feed, stream, .. } = scene_with(Box::new(alarm.clone()));
        let aborting = thread::spawn({
            let stream = Arc::clone(&stream);
            move || stream.abort(1)
        });
        let writing = thread::spawn(move || feed.begin_attempt(1));
        assert_eq!(follow(&alarm, &queue, &stream).status, Status::Aborted);
        assert!(aborting.join().expect("no panic"));
        writing.join().expect("no panic");
    });
}

/// Sleeps and polls until the end, as the dispatcher of a runtime does.
fn follow(alarm: &Alarm, queue: &ReadyQueue, stream: &Stream) -> Poll {
    let mut tags = [0];
    loop {
        alarm.sleep();
        while queue.drain(&mut tags) > 0 {
            let news = stream.poll();
            if is_terminal(news.status) {
                return news;
            }
        }
    }
}

/// The answer of one poll, if it was a value, with what numbers it.
fn shown(poll: &Poll) -> Option<(u64, String)> {
    let text = || String::from_utf8_lossy(&poll.data).into_owned();
    matches!(poll.status, Status::Partial | Status::Done).then(|| (poll.sequence, text()))
}

#[test]
fn polls_of_two_threads_show_each_partial_once_and_in_order() {
    model(|| {
        let Scene { feed, stream, .. } = scene();
        feed.begin_attempt(1);
        feed.append("a");
        let writing = thread::spawn(move || {
            feed.append("b");
            feed.end(End::Complete);
        });
        let other = thread::spawn({
            let stream = Arc::clone(&stream);
            move || shown(&stream.poll())
        });
        let mut all = vec![shown(&stream.poll()), other.join().expect("no panic")];
        writing.join().expect("no panic");
        let end = loop {
            let news = stream.poll();
            all.push(shown(&news));
            if is_terminal(news.status) {
                break news;
            }
        };
        assert_eq!(shown(&end).map(|(_, text)| text).as_deref(), Some("\"ab\""));
        let mut all: Vec<_> = all.into_iter().flatten().collect();
        all.sort();
        all.dedup();
        let numbers: Vec<u64> = all.iter().map(|(sequence, _)| *sequence).collect();
        assert_eq!(numbers, (1..=all.len() as u64).collect::<Vec<_>>(), "{all:?}");
        assert!(all.is_sorted_by_key(|(_, text)| text.len()), "{all:?}");
    });
}

#[test]
fn new_attempt_during_a_poll_mixes_nothing() {
    model(|| {
        let Scene { feed, stream, .. } = scene();
        feed.begin_attempt(1);
        feed.append("a");
        let writing = thread::spawn({
            let feed: Arc<Feed> = Arc::clone(&feed);
            move || {
                feed.begin_attempt(2);
                feed.append("b");
                feed.end(End::Complete);
            }
        });
        let text_of = |attempt| if attempt == 1 { "\"a\"" } else { "\"b\"" };
        for _ in 0..2 {
            let news = stream.poll();
            if let Some((_, text)) = shown(&news) {
                assert!(text == text_of(news.attempt) || text == "\"\"", "{news:?}");
            }
        }
        writing.join().expect("no panic");
        let end = std::iter::repeat_with(|| stream.poll()).find(|news| is_terminal(news.status));
        let end = end.expect("it ends");
        assert_eq!((end.attempt, shown(&end).map(|(_, text)| text)), (2, Some("\"b\"".into())));
    });
}

//! A runtime under test: starts calls, many at once, polls them when the bell rings, and sees that
//! nothing is left of them.
//!
//! Invariant: whatever is waited for has a bound; a test that reaches it fails with what it saw.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use baml_runtime::activity::Activity;
use baml_runtime::{Bell, Poll, Runtime, Status, Stream};
use serde_json::{Value as Json, json};

/// Nothing may take longer.
pub(crate) const BOUND: Duration = Duration::from_mins(1);

/// Why the harness woke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// Some stream has news.
    Rung,
    /// The server holds the connection of this call.
    Held(usize),
}

struct Ring(Sender<Wake>);

impl Bell for Ring {
    fn ring(&self) {
        let _ = self.0.send(Wake::Rung);
    }
}

/// A runtime and its bell.
pub(crate) struct Harness {
    pub(crate) runtime: Runtime,
    woken: Receiver<Wake>,
    wake: Sender<Wake>,
}

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) status: Status,
    /// The value, or the error.
    pub(crate) data: Json,
    /// The partials before it.
    pub(crate) partials: Vec<Json>,
    /// The record of the call.
    pub(crate) info: Json,
}

impl Ending {
    /// `done`, or the error's kind; a timeout with the name of its limit.
    pub(crate) fn outcome(&self) -> String {
        if self.status == Status::Done {
            return "done".to_owned();
        }
        let kind = self.data["kind"].as_str().expect("errors have a kind");
        match self.data["limit"].as_str() {
            Some(limit) => format!("{kind} ({limit})"),
            None => kind.to_owned(),
        }
    }
}

struct Running {
    stream: Stream,
    partials: Vec<Json>,
    started: Instant,
}

impl Harness {
    pub(crate) fn new(project: &str) -> Self {
        Self::with(project, &json!({}))
    }

    /// A harness whose runtime has further options.
    pub(crate) fn with(project: &str, options: &Json) -> Self {
        let (wake, woken) = channel();
        let bell = Box::new(Ring(wake.clone()));
        Self::belled(project, options, bell, (wake, woken))
    }

    /// A harness whose streams are polled without being told: their bell is another.
    pub(crate) fn deaf(project: &str, bell: impl Bell + 'static) -> Self {
        Self::belled(project, &json!({}), Box::new(bell), channel())
    }

    fn belled(
        project: &str,
        options: &Json,
        bell: Box<dyn Bell>,
        (wake, woken): (Sender<Wake>, Receiver<Wake>),
    ) -> Self {
        let mut config = json!({ "files": { "main.baml": project }, "worker_threads": 2 });
        for (key, value) in options.as_object().into_iter().flatten() {
            config[key] = value.clone();
        }
        let runtime = Runtime::new(config.to_string().as_bytes(), bell);
        Self { runtime: runtime.expect("the project loads"), woken, wake }
    }

    /// What a server calls when it holds a connection: the call is the number in `/f/NUMBER/…`.
    pub(crate) fn on_hold(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let wake = self.wake.clone();
        move |path: &str| {
            let _ = wake.send(Wake::Held(number_in(path)));
        }
    }

    pub(crate) fn start(&self, request: &Json, tag: u64) -> Stream {
        self.runtime.start(request.to_string().as_bytes(), None, tag).expect("the call starts")
    }

    /// Runs one call to its end.
    pub(crate) fn call(&self, request: &Json) -> Ending {
        let mut endings = self.calls(1, 1, |_| request.clone(), |_, _| {});
        endings.remove(0)
    }

    /// Runs calls `0..count`, so many at once, to their ends. `held` is told of each call whose
    /// connection the server holds.
    pub(crate) fn calls(
        &self,
        count: usize,
        at_once: usize,
        request: impl Fn(usize) -> Json,
        held: impl Fn(usize, &Stream),
    ) -> Vec<Ending> {
        let mut endings: Vec<Option<Ending>> = (0..count).map(|_| None).collect();
        let mut running: Vec<Option<Running>> = (0..count).map(|_| None).collect();
        let (mut next, mut ended) = (0, 0);
        while ended < count {
            while next < count && next - ended < at_once {
                let stream = self.start(&request(next), next as u64 + 1);
                let started = Instant::now();
                running[next] = Some(Running { stream, partials: Vec::new(), started });
                next += 1;
            }
            for wake in self.wakes() {
                match wake {
                    Wake::Held(index) => {
                        if let Some(running) = running.get(index).and_then(Option::as_ref) {
                            held(index, &running.stream);
                        }
                    }
                    Wake::Rung => {
                        for index in self.ready() {
                            ended += usize::from(poll(&mut running[index], &mut endings[index]));
                        }
                    }
                }
            }
        }
        endings.into_iter().map(|ending| ending.expect("every call ended")).collect()
    }

    fn wakes(&self) -> Vec<Wake> {
        let first = self.woken.recv_timeout(BOUND).expect("news come within the bound");
        std::iter::once(first).chain(self.woken.try_iter()).collect()
    }

    fn ready(&self) -> Vec<usize> {
        let mut tags = [0; 64];
        let count = self.runtime.ready(&mut tags);
        tags[..count].iter().map(|tag| *tag as usize - 1).collect()
    }

    /// Waits until nothing runs any more.
    pub(crate) fn settle(&self) {
        let begun = Instant::now();
        while self.runtime.activity() != Activity::default() {
            assert!(begun.elapsed() < BOUND, "left over: {:?}", self.runtime.activity());
            std::thread::yield_now();
        }
    }
}

/// Polls a call until it has no news; true if it ended now.
fn poll(running: &mut Option<Running>, ending: &mut Option<Ending>) -> bool {
    loop {
        let Some(call) = running.as_mut() else { return false };
        let poll = call.stream.poll();
        match poll.status {
            Status::Pending => return false,
            Status::Partial => call.partials.push(data(&poll)),
            status => {
                assert!(call.started.elapsed() < BOUND, "too late");
                assert_eq!(call.stream.poll(), poll, "a terminal state stays");
                let partials = std::mem::take(&mut call.partials);
                let info = call.stream.info();
                *ending = Some(Ending { status, data: data(&poll), partials, info });
                *running = None;
                return true;
            }
        }
    }
}

fn data(poll: &Poll) -> Json {
    serde_json::from_slice(&poll.data).expect("JSON was asked for")
}

/// The number in `/f/NUMBER/…`.
pub(crate) fn number_in(path: &str) -> usize {
    let number = path.strip_prefix("/f/").and_then(|rest| rest.split('/').next());
    number.and_then(|number| number.parse().ok()).expect("a path of ours")
}

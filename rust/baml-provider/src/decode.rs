//! Reply bytes → events, for every provider, and whole replies.
//!
//! ```text
//! reading ──End──► ended (what follows is not read) ; reading ──unreadable bytes──► ended
//! ```
//! Invariants: any cut of the bytes gives the same events; once a failure of its framing ended a
//! stream nothing follows; memory is bounded by the framing's own limits.

use crate::client::ResolvedClient;
use crate::event::{Event, FailureKind, ProviderFailure, WholeReply};
use crate::frame::{Frame, FrameReader};
use crate::provider::{Provider, ReplyShape};
use crate::reply::{self, AnswerPart};
use crate::sse::{EVENT_BYTES_MAX, SseEvent, SseReader};

/// The decoder of one streamed reply.
#[derive(Debug)]
pub struct Decoder {
    framing: Framing,
    progress: Progress,
}

#[derive(Debug)]
enum Framing {
    Sse(SseReader),
    Frames(FrameReader),
}

#[derive(Debug)]
struct Progress {
    shape: ReplyShape,
    answer: AnswerPart,
    /// Events so far, comments not counted.
    events: u64,
    /// Events that said something: neither an end marker nor unreadable.
    readable: u64,
    finished: bool,
    /// The last event could not be read.
    troubled: bool,
    failed: bool,
    ended: bool,
}

/// Told of each event: its name, its data, and what was made of it.
pub type Note<'a> = &'a mut dyn FnMut(&str, &str, &[Event]);

impl Decoder {
    /// A decoder for a stream that answers this client.
    pub fn new(client: &ResolvedClient) -> Self {
        Self::of_shape(client.reply_shape(), client.provider == Provider::AwsBedrock)
    }

    fn of_shape(shape: ReplyShape, framed: bool) -> Self {
        let framing = if framed {
            Framing::Frames(FrameReader::default())
        } else {
            Framing::Sse(SseReader::default())
        };
        let progress = Progress {
            shape,
            answer: AnswerPart::default(),
            events: 0,
            readable: 0,
            finished: false,
            troubled: false,
            failed: false,
            ended: false,
        };
        Self { framing, progress }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<Event>) {
        self.push_noting(bytes, out, &mut |_, _, _| {});
    }

    /// Takes the next bytes; `note` gets the name and the data of each event as it came, and what
    /// was made of it. The name is empty where the stream gave none.
    pub fn push_noting(&mut self, bytes: &[u8], out: &mut Vec<Event>, note: Note<'_>) {
        let progress = &mut self.progress;
        if progress.ended {
            return;
        }
        let problem = match &mut self.framing {
            Framing::Sse(reader) => reader
                .push(bytes, &mut |event| progress.event(event, out, note))
                .err()
                .map(|_| too_long()),
            Framing::Frames(reader) => reader
                .push(bytes, &mut |frame| progress.frame(&frame, out, note))
                .err()
                .map(|problem| {
                    ProviderFailure::new(
                        FailureKind::Unreadable,
                        format!("a frame of the stream cannot be read: {}", problem.0),
                        "",
                    )
                }),
        };
        if let Some(failure) = problem {
            progress.fail(failure, out);
        }
    }

    /// The body ended, as a body should. (After a broken connection there is nothing to finish.)
    pub fn finish(&mut self, out: &mut Vec<Event>) {
        self.finish_noting(out, &mut |_, _, _| {});
    }

    /// As [`finish`](Self::finish), with `note` as in [`push_noting`](Self::push_noting).
    pub fn finish_noting(&mut self, out: &mut Vec<Event>, note: Note<'_>) {
        let progress = &mut self.progress;
        if progress.ended {
            return;
        }
        let problem = match &mut self.framing {
            Framing::Sse(reader) => reader
                .finish(&mut |event| progress.event(event, out, note))
                .err()
                .map(|_| too_long()),
            Framing::Frames(reader) => reader.is_cut().then(|| {
                let message = "the stream ended in the middle of a frame";
                ProviderFailure::new(FailureKind::Unreadable, message, "")
            }),
        };
        if let Some(failure) = problem {
            progress.fail(failure, out);
        } else if !progress.ended {
            progress.close(out);
        }
    }

    /// How many events came so far; comments do not count. It grows with every sign of life.
    pub fn events_seen(&self) -> u64 {
        self.progress.events
    }

    /// Whether the end marker came, or the stream can no longer be read: more bytes change nothing.
    pub fn is_ended(&self) -> bool {
        self.progress.ended
    }
}

/// What cannot be read because the stream ended within it is no failure of the reply.
fn mark_cut(said: &mut Event) {
    if let Event::Failure(failure) = said
        && failure.kind == FailureKind::Unreadable
    {
        failure.kind = FailureKind::Cut;
        "the stream ended within an event".clone_into(&mut failure.message);
    }
}

fn too_long() -> ProviderFailure {
    let message = format!("an event of the stream is longer than {EVENT_BYTES_MAX} bytes");
    ProviderFailure::new(FailureKind::Unreadable, message, "")
}

impl Progress {
    fn event(&mut self, event: SseEvent<'_>, out: &mut Vec<Event>, note: Note<'_>) {
        if self.ended {
            return;
        }
        self.events += 1;
        let start = out.len();
        if !event.data.is_empty() {
            self.read(&event, out);
        }
        // Else it is a sign of life, and nothing else.
        note(event.name, event.data, &out[start..]);
    }

    fn read(&mut self, event: &SseEvent<'_>, out: &mut Vec<Event>) {
        let start = out.len();
        if event.unframed {
            reply::read_unframed(self.shape, &mut self.answer, event.data, out);
            if out.len() == start {
                // An empty list: no event at all.
                return;
            }
        } else {
            reply::read_event(self.shape, &mut self.answer, event.name, event.data, out);
        }
        if event.unended {
            out[start..].iter_mut().for_each(mark_cut);
        }
        self.take_stock(start, out);
        if !reply::is_end_marker(event.data) {
            self.recover(start, out);
        }
    }

    fn frame(&mut self, frame: &Frame, out: &mut Vec<Event>, note: Note<'_>) {
        if self.ended {
            return;
        }
        let data = String::from_utf8_lossy(&frame.payload);
        self.events += 1;
        let start = out.len();
        match frame.message_type.as_str() {
            "exception" => out.push(Event::Failure(reply::bedrock::exception(&frame.name, &data))),
            "error" => {
                let mut failure =
                    ProviderFailure::new(FailureKind::Reported, frame.error.clone(), &*data);
                failure.code = Some(frame.name.clone());
                out.push(Event::Failure(failure));
            }
            _ => reply::read_event(self.shape, &mut self.answer, &frame.name, &data, out),
        }
        self.take_stock(start, out);
        self.recover(start, out);
        note(&frame.name, &data, &out[start..]);
    }

    /// Tells that an event could be read after one that could not.
    fn recover(&mut self, start: usize, out: &mut Vec<Event>) {
        let unread = |event: &Event| match event {
            Event::Failure(failure) => failure.kind != FailureKind::Reported,
            _ => false,
        };
        let troubled = out[start..].iter().any(unread);
        if std::mem::replace(&mut self.troubled, troubled) && !troubled {
            out.insert(start, Event::Resumed);
        }
    }

    fn take_stock(&mut self, start: usize, out: &mut Vec<Event>) {
        let news = &out[start..];
        let unreadable = |event: &Event| match event {
            Event::Failure(failure) => {
                matches!(failure.kind, FailureKind::Unreadable | FailureKind::Cut)
            }
            _ => false,
        };
        let marker_only = news == [Event::End];
        if !marker_only && !news.iter().any(unreadable) {
            self.readable += 1;
        }
        self.finished |= news.iter().any(|event| matches!(event, Event::Finish(_)));
        self.failed |= news.iter().any(|event| match event {
            Event::Failure(failure) => failure.kind != FailureKind::Cut,
            _ => false,
        });
        if news.contains(&Event::End) {
            self.ended = true;
            self.report_silence(out);
        }
    }

    /// A stream that was nothing but its end is a failure, unless another one was told.
    fn report_silence(&mut self, out: &mut Vec<Event>) {
        if self.readable == 0 && !self.failed {
            let message = "the stream ended without saying anything";
            self.fail(ProviderFailure::new(FailureKind::Silent, message, ""), out);
        }
    }

    fn fail(&mut self, failure: ProviderFailure, out: &mut Vec<Event>) {
        self.ended = true;
        self.failed = true;
        out.push(Event::Failure(failure));
    }

    fn close(&mut self, out: &mut Vec<Event>) {
        self.ended = true;
        self.report_silence(out);
        // Gemini and Bedrock have no end marker of their own: the finish reason stands for it.
        if self.finished && matches!(self.shape, ReplyShape::Google | ReplyShape::Bedrock) {
            out.push(Event::End);
        }
    }
}

/// Reads a reply that came at once, with its HTTP status.
pub fn decode_whole(
    client: &ResolvedClient,
    status: u16,
    body: &[u8],
) -> Result<WholeReply, ProviderFailure> {
    let text = String::from_utf8_lossy(body);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if !(200..300).contains(&status) {
        return Err(reply::error_body(status, text));
    }
    let mut reply = reply::read_whole(client.reply_shape(), text);
    if let Err(failure) = &mut reply
        && failure.kind == FailureKind::Unreadable
    {
        text.clone_into(&mut failure.raw);
    }
    reply
}

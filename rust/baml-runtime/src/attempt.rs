//! One attempt: a prompt rendered for one client, sent, and its answer read to the end.
//!
//! Invariants: what the answer says goes into the feed and the record as it comes; an attempt ends
//! in exactly one `Result`; every wait is under a limit of the client or a named one.

use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use baml_provider::{
    Decoder, Delivery, Event, FailureKind, FinishRules, HttpRequest, ProviderFailure,
    ResolvedClient, decode_whole,
};
use http::header::HeaderMap;
use tokio::io::ReadBuf;

use crate::call::{Call, of_provider};
use crate::credentials::now_seconds;
use crate::error::{BODY_BYTES_MAX, Error, ErrorKind, Stage, TimeLimit};
use crate::events::Piece;
use crate::feed::{Feed, REPLY_BYTES_MAX};
use crate::http_client::Ask;
use crate::pace::Pace;
use crate::preparation;
use crate::record::Record;
use crate::request::Mode;
use crate::retry_after::retry_after;
use crate::secrets::Secrets;
use crate::transport::{self, Deadline, Exchange, Limits, Transport, room};

/// How long the rest of a reply is read after its end marker, so that the connection can be kept.
const DRAIN_MS: u64 = 250;
/// How long text waits for more after text was told of: pieces that a server sends in one go are
/// one partial, or two.
const COALESCING: Duration = Duration::from_millis(1);
/// So many times in a row text has to come within that time before the socket is read only as often
/// as text is told of.
const CROWDED: u8 = 3;
/// Bytes of a broken event that a message shows.
const SHOWN_BYTES_MAX: usize = 500;

/// What an attempt works with.
pub struct Attempt<'a> {
    /// The call.
    pub call: &'a Call,
    /// The way out.
    pub transport: &'a Transport,
    /// Told of each piece.
    pub(crate) pace: &'a Pace,
    /// Where the text goes.
    pub feed: &'a Feed,
    /// Where the rest goes.
    pub record: &'a Record,
}

/// A request that is ready to go out.
struct Prepared {
    ask: Box<Ask>,
    /// What nobody is told if an error repeats it.
    secrets: Secrets,
    delivery: Delivery,
}

/// An answer that began.
struct Opened {
    exchange: Box<Exchange>,
    delivery: Delivery,
    /// What nobody is told if the answer repeats it.
    secrets: Secrets,
}

/// A reply that came to its end.
pub struct Replied {
    /// What is left to be read, if the connection may still be of use.
    pub exchange: Option<Box<Exchange>>,
}

/// What an answer said beside its text.
#[derive(Default)]
struct Heard {
    finish_reason: Option<String>,
    /// Trouble that only counts if nothing good follows.
    trouble: Option<ProviderFailure>,
    /// The trouble is the provider's own report: it counts whatever follows.
    reported: bool,
    ended: bool,
    /// The body came to its end.
    closed: bool,
    /// How long the reply is by now.
    said: usize,
    /// There is text that was not told of.
    untold: bool,
    /// When text was told of.
    told: Option<Instant>,
    /// How often in a row text came right after text was told of.
    crowded: u8,
}

impl Attempt<'_> {
    /// Asks one client.
    pub async fn run(
        &self,
        client: Box<ResolvedClient>,
        total: Option<(Instant, u64)>,
    ) -> Result<Replied, Error> {
        let name = client.name().clone();
        let result = self.ask(client, total).await;
        result.map_err(|error| error.of_client(name.as_str()))
    }

    async fn ask(
        &self,
        mut client: Box<ResolvedClient>,
        total: Option<(Instant, u64)>,
    ) -> Result<Replied, Error> {
        let limits = Limits::new(client.http(), total);
        // What a request needs while it is made is large, and given back before the long wait.
        let opened = Box::pin(self.open(&mut client, limits)).await?;
        match opened.delivery {
            Delivery::Stream => {
                let (decoder, rules) = (Decoder::new(&client), client.finish_rules().clone());
                drop(client);
                let mut listening = Listening::new(self, opened.exchange, decoder);
                let over = poll_fn(|context| listening.poll(context)).await;
                Box::pin(self.heard(listening, over, rules, opened.secrets)).await
            }
            Delivery::Whole => Box::pin(self.whole(opened, &client)).await,
        }
    }

    /// Asks, and waits until the answer begins.
    async fn open(&self, client: &mut ResolvedClient, limits: Limits) -> Result<Opened, Error> {
        // A request as data is larger than what is sent of it, and nobody needs it while that goes
        // out and the answer is awaited.
        let Prepared { ask, secrets, delivery } = Box::pin(self.prepared(client, limits)).await?;
        let exchange = self.send(ask, &secrets, limits).await;
        let exchange = exchange.map_err(|error| secrets.hide_in(error))?;
        Ok(Opened { exchange: Box::new(exchange), delivery, secrets })
    }

    /// The request, noted down and ready to go out.
    async fn prepared(
        &self,
        client: &mut ResolvedClient,
        limits: Limits,
    ) -> Result<Prepared, Error> {
        let mut messages = self.call.render(client)?;
        // What most requests do not need is large: it is made room for where it is needed.
        let prepare = Box::pin(preparation::prepare(self.transport, client, &mut messages));
        limits.within(prepare).await?;
        let delivery = match self.call.mode {
            Mode::Stream if client.supports_streaming() => Delivery::Stream,
            _ => Delivery::Whole,
        };
        let finish = preparation::finished_request(self.transport, client, &messages, delivery);
        let made = limits.within(Box::pin(finish)).await;
        self.record.prompt(messages);
        let (request, body) = made?;
        let secrets = Secrets::of(&request);
        self.record.request(&request, &body, secrets.clone(), delivery == Delivery::Stream);
        let ask = transport::outgoing(&request, body, client.http());
        let ask = ask.map_err(|error| secrets.hide_in(error))?;
        Ok(Prepared { ask, secrets, delivery })
    }

    async fn send(
        &self,
        ask: Box<Ask>,
        secrets: &Secrets,
        limits: Limits,
    ) -> Result<Exchange, Error> {
        let (exchange, headers) = self.transport.send(ask, limits).await?;
        self.record.answer(exchange.status, &headers);
        if (200..300).contains(&exchange.status) {
            return Ok(exchange);
        }
        Err(Box::pin(self.http_error(exchange, headers, secrets)).await)
    }

    /// The error of an answer whose status says that it is none.
    async fn http_error(
        &self,
        mut exchange: Exchange,
        headers: HeaderMap,
        secrets: &Secrets,
    ) -> Error {
        let (status, request_id) = (exchange.status, exchange.request_id.take());
        // An error page that breaks off is still an error page.
        let body = exchange.beginning(BODY_BYTES_MAX).await;
        let body = String::from_utf8_lossy(&body);
        let body = secrets.hide(&body).into_owned();
        self.record.body(body.as_bytes());
        let text = |name: &str| headers.get(name)?.to_str().ok();
        let retry_after = retry_after(text, now_seconds());
        let message = format!("the provider answered with status {status}: {}", shown(&body));
        let kind = ErrorKind::Http { status, body, request_id, retry_after };
        Error::new(kind, message)
    }

    async fn whole(&self, opened: Opened, client: &ResolvedClient) -> Result<Replied, Error> {
        let Opened { mut exchange, secrets, .. } = opened;
        let finish = self.take_whole(client, &mut exchange).await;
        let finish = finish.map_err(|error| secrets.hide_in(error))?;
        self.record.replied(true);
        self.judge(client.finish_rules(), finish.as_deref())?;
        Ok(Replied { exchange: None })
    }

    async fn take_whole(
        &self,
        client: &ResolvedClient,
        exchange: &mut Exchange,
    ) -> Result<Option<String>, Error> {
        let body = exchange.rest(REPLY_BYTES_MAX).await?;
        self.record.body(&body);
        let reply = decode_whole(client, exchange.status, &body)
            .map_err(|problem| failure(exchange, Delivery::Whole, problem))?;
        self.record.first_token();
        self.record.usage(reply.usage);
        self.record.reasoning(&reply.reasoning);
        self.record.refusal(&reply.refusal);
        if let Some(reason) = &reply.finish_reason {
            self.record.finish_reason(reason.clone());
        }
        self.append(&reply.text)?;
        Ok(reply.finish_reason)
    }

    /// What comes of a streamed answer that is over.
    async fn heard(
        &self,
        listening: Listening<'_>,
        over: Result<(), Error>,
        rules: FinishRules,
        secrets: Secrets,
    ) -> Result<Replied, Error> {
        let Listening { mut heard, mut exchange, decoder, .. } = listening;
        over.map_err(|error| secrets.hide_in(error))?;
        let is_said = |trouble: &ProviderFailure| {
            heard.reported || decoder.is_ended() && trouble.kind != FailureKind::Unreadable
        };
        if heard.trouble.as_ref().is_some_and(is_said) && !heard.closed {
            // The server has said all that it had to say, and may be about to end its answer.
            drain(&mut exchange).await;
        }
        if let Some(trouble) = heard.trouble.take() {
            let error = failure(&exchange, Delivery::Stream, trouble);
            return Err(secrets.hide_in(error));
        }
        self.record.replied(heard.ended);
        if let Err(error) = self.judge(&rules, heard.finish_reason.as_deref()) {
            drain(&mut exchange).await;
            return Err(error);
        }
        Ok(Replied { exchange: heard.ended.then_some(exchange) })
    }

    fn hear(&self, event: Event, heard: &mut Heard) -> Result<(), Error> {
        match event {
            Event::Resumed => {
                if let Some(trouble) = heard.trouble.take() {
                    self.record.warning(format!("an event was passed over: {}", trouble.message));
                }
            }
            Event::Text(piece) => {
                self.say(&piece, heard)?;
            }
            Event::Answer(answer) => self.complete(&answer, heard)?,
            Event::Reasoning(piece) => {
                self.record.reasoning(&piece);
                self.feed.reasoned();
                heard.untold = true;
            }
            Event::Refusal(piece) => self.record.refusal(&piece),
            Event::Usage(usage) => self.record.usage(usage),
            Event::Finish(reason) => {
                self.record.finish_reason(reason.clone());
                heard.finish_reason = Some(reason);
            }
            Event::End => heard.ended = true,
            Event::Failure(failure) if failure.kind == FailureKind::Cut => {
                self.record.warning(failure.message);
            }
            Event::Failure(failure) => {
                heard.reported |= failure.kind == FailureKind::Reported;
                heard.trouble = Some(failure);
            }
        }
        Ok(())
    }

    /// Adds what the pieces left out of the whole answer.
    fn complete(&self, answer: &str, heard: &mut Heard) -> Result<(), Error> {
        match self.feed.with_text(|text| answer.strip_prefix(text)) {
            Some("") => {}
            Some(rest) => self.say(rest, heard)?,
            None => {
                let message = "the reply's pieces are other than the answer told at its end";
                self.record.warning(message.to_owned());
            }
        }
        Ok(())
    }

    /// Adds a piece that was streamed.
    fn say(&self, piece: &str, heard: &mut Heard) -> Result<(), Error> {
        if heard.said == 0 {
            self.record.first_token();
        }
        self.append(piece)?;
        heard.said += piece.len();
        heard.untold = true;
        Ok(())
    }

    fn append(&self, piece: &str) -> Result<(), Error> {
        if piece.is_empty() || self.feed.append(piece) {
            return Ok(());
        }
        Err(Error::transport(false, format!("the reply is longer than {REPLY_BYTES_MAX} bytes")))
    }

    /// Whether the client accepts how the reply ended.
    fn judge(&self, rules: &FinishRules, reason: Option<&str>) -> Result<(), Error> {
        if rules.accept(reason) {
            return Ok(());
        }
        let kind = ErrorKind::FinishReason {
            reason: reason.map(str::to_owned),
            raw_reply: self.feed.text(),
            prompt: self.record.prompt_text(),
        };
        let reason = reason.unwrap_or("none");
        Err(Error::new(
            kind,
            format!("the reply ended with a reason that is not allowed: {reason}"),
        ))
    }
}

/// A streamed answer that is being read.
struct Listening<'a> {
    attempt: &'a Attempt<'a>,
    exchange: Box<Exchange>,
    decoder: Decoder,
    heard: Heard,
    /// The last sign of life.
    last: Instant,
}

impl<'a> Listening<'a> {
    fn new(attempt: &'a Attempt<'a>, exchange: Box<Exchange>, decoder: Decoder) -> Self {
        Self { attempt, exchange, decoder, heard: Heard::default(), last: Instant::now() }
    }

    /// Takes all that is at hand; ready once the answer is over.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.rests(context) {
            return Poll::Pending;
        }
        let mut room = room();
        loop {
            let mut read = ReadBuf::uninit(&mut room);
            let limit = self.next_limit();
            match self.exchange.poll_read(context, &mut read, limit) {
                Poll::Ready(Ok(())) if self.take(read.filled())? => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(())) => {
                    // More may be at hand, but will be so as well when there is something to tell.
                    if read.remaining() > 0 && self.rests(context) {
                        return Poll::Pending;
                    }
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.tell(context);
                    return Poll::Pending;
                }
            }
        }
    }

    /// The limit of the time until the next event.
    fn next_limit(&self) -> Option<Deadline> {
        let limits = self.exchange.limits();
        let (limit, milliseconds) = match self.decoder.events_seen() {
            0 => (TimeLimit::FirstToken, limits.first_token_ms),
            _ => (TimeLimit::Idle, limits.idle_ms),
        };
        milliseconds.map(|milliseconds| {
            let at = self.last + Duration::from_millis(milliseconds);
            Deadline { at, limit, milliseconds }
        })
    }

    /// Takes the next bytes; none are the end. True if the answer is over.
    fn take(&mut self, bytes: &[u8]) -> Result<bool, Error> {
        let seen = self.decoder.events_seen();
        let record = self.attempt.record;
        let keeps_raw = record.keeps_raw();
        let mut saying = Saying { at: self.heard.said, is_known: !self.heard.reported };
        let mut note = |_: &str, data: &str, brought: &[Event]| {
            let piece = saying.piece(brought);
            if keeps_raw {
                record.event(data, piece);
            }
        };
        // Not kept: thousands wait, and few read at once.
        let mut events = Vec::new();
        self.heard.closed = bytes.is_empty();
        if self.heard.closed {
            self.decoder.finish_noting(&mut events, &mut note);
        } else {
            self.decoder.push_noting(bytes, &mut events, &mut note);
        }
        let pieces = self.decoder.events_seen() - seen;
        self.attempt.pace.count(pieces);
        if pieces > 0 {
            self.last = Instant::now();
        }
        for event in events {
            if !self.heard.reported {
                self.attempt.hear(event, &mut self.heard)?;
            }
        }
        let heard = &self.heard;
        Ok(heard.reported || heard.ended || heard.closed || self.decoder.is_ended())
    }

    /// Tells of what came, once nothing more is at hand, so that pieces that arrive together are
    /// one partial; and not twice within a moment.
    fn tell(&mut self, context: &mut Context<'_>) {
        if !self.heard.untold {
            return;
        }
        let now = Instant::now();
        match self.due().filter(|due| *due > now) {
            Some(due) => {
                self.heard.crowded = self.heard.crowded.saturating_add(1);
                if self.exchange.poll_alarm(context, due).is_ready() {
                    context.waker().wake_by_ref();
                }
            }
            None => {
                let soon = self.due().is_some_and(|due| due + COALESCING > now);
                self.heard.crowded = if soon { self.heard.crowded } else { 0 };
                self.heard.untold = false;
                if self.attempt.feed.tell_text() {
                    self.heard.told = Some(now);
                }
            }
        }
    }

    /// When text may be told of again.
    fn due(&self) -> Option<Instant> {
        self.heard.told.map(|told| told + COALESCING)
    }

    /// Whether the socket is left alone until text may be told of again: where pieces come so fast
    /// that several are told of at once, they wait with the system, and are read at once.
    fn rests(&mut self, context: &mut Context<'_>) -> bool {
        if !self.heard.untold || self.heard.crowded < CROWDED {
            return false;
        }
        let Some(due) = self.due().filter(|due| *due > Instant::now()) else { return false };
        self.exchange.poll_alarm(context, due).is_pending()
    }
}

/// Where in the reply the pieces of the events will stand that are being read.
struct Saying {
    at: usize,
    /// What comes is added to the reply, and where.
    is_known: bool,
}

impl Saying {
    /// The piece that an event brought, if it is the only one.
    fn piece<'a>(&mut self, brought: &'a [Event]) -> Option<Piece<'a>> {
        let (mut piece, mut count) = (None, 0);
        for event in brought {
            match event {
                Event::Text(text) if self.is_known && !text.is_empty() => {
                    piece = Some(Piece { text, at: self.at });
                    self.at += text.len();
                    count += 1;
                }
                // What it adds is found out later, or nothing is added any more.
                Event::Answer(_) => self.is_known = false,
                Event::Failure(failure) if failure.kind == FailureKind::Reported => {
                    self.is_known = false;
                }
                _ => {}
            }
        }
        piece.filter(|_| count == 1)
    }
}

/// A reply whose status promised more than it held.
fn failure(exchange: &Exchange, delivery: Delivery, failure: ProviderFailure) -> Error {
    let mut body = failure.raw;
    body.truncate(body.floor_char_boundary(BODY_BYTES_MAX));
    let said = match failure.kind {
        FailureKind::Reported => "the provider reported an error",
        FailureKind::Unreadable | FailureKind::Unexpected => "the reply cannot be understood",
        FailureKind::NoAnswer => "the reply holds no answer",
        FailureKind::Silent => "the reply is empty",
        FailureKind::Cut => "the reply was cut",
    };
    let kind = if delivery == Delivery::Whole && failure.kind == FailureKind::Unreadable {
        let (status, request_id) = (exchange.status, exchange.request_id.clone());
        ErrorKind::Http { status, body, request_id, retry_after: None }
    } else {
        let request_id = exchange.request_id.clone();
        ErrorKind::Transport { connecting: false, code: failure.code, request_id, body }
    };
    Error::new(kind, format!("{said}: {}", shown(&failure.message)))
}

/// Reads what is left of a finished reply for a moment, so that its connection can be kept.
pub async fn drain(exchange: &mut Exchange) {
    let _ = tokio::time::timeout(Duration::from_millis(DRAIN_MS), exchange.skip()).await;
}

fn shown(text: &str) -> &str {
    let text = text.trim();
    if text.is_empty() { "(nothing)" } else { &text[..text.floor_char_boundary(SHOWN_BYTES_MAX)] }
}

/// The request of a call as its first client gets it, for those who want to see or send it.
pub async fn first_request(
    call: &Call,
    transport: &Transport,
    random: u64,
) -> Result<HttpRequest, Error> {
    let start = call.start();
    let env = call.env();
    let client = call.directory().first_leaf(&start, env, random);
    let mut client = client.map_err(|problem| of_provider(&problem))?;
    let mut messages = call.render(&client)?;
    let limits = Limits::new(client.http(), None);
    let prepare = preparation::prepare(transport, &mut client, &mut messages);
    limits.within(prepare).await.map_err(|error| error.at(Stage::Build))?;
    let delivery = match call.mode {
        Mode::Stream => Delivery::Stream,
        Mode::Call => Delivery::Whole,
    };
    let build = preparation::unsigned_request(transport, &client, &messages, delivery);
    limits.within(build).await.map_err(|error| error.at(Stage::Build))
}

//! HTTP/1.1 as a client speaks it, as plain bytes: a request's head written, an answer's head and
//! body read. No sockets.
//!
//! Streams spend their life here, so what lies between two pieces is small: a body is read in the
//! buffer in which it came, and nothing is kept of it but where it stands. Libraries keep 25 KB and
//! a task for each connection.
//!
//! Invariants: any cut of the bytes gives the same body; what is read before it can be understood
//! is bounded; a body whose end is not certain never leaves a connection to be used again (section
//! 6.3 of RFC 9112).

use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, TRANSFER_ENCODING};
use http::{HeaderValue, Method};

/// Headers of one answer.
const HEADERS_MAX: usize = 100;
/// Bytes of one answer's head.
const HEAD_BYTES_MAX: usize = 400 * 1024;
/// Bytes of empty lines before an answer.
const EMPTY_BYTES_MAX: usize = 16;
/// Bytes of a body's framing that say nothing: extensions of chunks, headers behind the body.
const EXTRAS_BYTES_MAX: u32 = 16 * 1024;
/// Digits of a chunk's size: more do not fit into 64 bits.
const SIZE_DIGITS_MAX: u8 = 16;

/// Bytes that are no answer in HTTP/1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

const NOT_HTTP: Malformed = Malformed("the answer is not HTTP/1.1");
const BROKEN_CHUNKS: Malformed = Malformed("the chunks of the body are broken");

/// The beginning of an answer.
#[derive(Debug)]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The reader of what follows.
    pub body: BodyReader,
    /// The connection may be used again once the body was read to its end.
    pub is_kept: bool,
}

/// The head of a request for `target` at `host` with a body of so many bytes.
pub fn request_head(
    method: &Method,
    target: &str,
    host: &str,
    headers: &HeaderMap,
    body_bytes: usize,
) -> Vec<u8> {
    const LINE_BYTES: usize = 64;
    let mut out = Vec::with_capacity(target.len() + (headers.len() + 3) * LINE_BYTES);
    let mut put = |parts: &[&[u8]]| parts.iter().for_each(|part| out.extend_from_slice(part));
    put(&[method.as_str().as_bytes(), b" ", target.as_bytes(), b" HTTP/1.1\r\n"]);
    put(&[b"host: ", host.as_bytes(), b"\r\n"]);
    // How long the body is and where it goes is said once, here.
    let told = |name: &&HeaderName| [HOST, CONTENT_LENGTH, TRANSFER_ENCODING].contains(name);
    for (name, value) in headers.iter().filter(|(name, _)| !told(name)) {
        put(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
    }
    if body_bytes > 0 || method == Method::POST || method == Method::PUT {
        put(&[b"content-length: ", body_bytes.to_string().as_bytes(), b"\r\n"]);
    }
    put(&[b"\r\n"]);
    out
}

/// Reads the head of an answer from the beginning of `bytes`: the head and how long it is, or
/// nothing if it is not there as a whole. `looked_at` bytes were there before and did not suffice.
/// What only announces an answer (1xx) is a head of its own, without a body.
pub fn read_head(bytes: &[u8], looked_at: usize) -> Result<Option<(Head, usize)>, Malformed> {
    // Empty lines before a head are not its end.
    let begun = bytes.iter().take(EMPTY_BYTES_MAX + 1).position(|byte| !b"\r\n".contains(byte));
    let Some(begun) = begun else {
        let too_many = bytes.len() > EMPTY_BYTES_MAX;
        return if too_many { Err(NOT_HTTP) } else { Ok(None) };
    };
    // The three bytes before the new ones may be the beginning of the end.
    let from = looked_at.saturating_sub(3).max(begun);
    let ends = memchr::memchr_iter(b'\n', &bytes[from..]).map(|at| &bytes[from + at + 1..]);
    if !ends.into_iter().any(|rest| rest.starts_with(b"\n") || rest.starts_with(b"\r\n")) {
        let too_long = bytes.len() > HEAD_BYTES_MAX;
        return if too_long { Err(Malformed("the headers are too long")) } else { Ok(None) };
    }
    let mut room = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut parsed = httparse::Response::new(&mut room);
    let length = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length <= HEAD_BYTES_MAX => length,
        Ok(httparse::Status::Complete(_)) => return Err(Malformed("the headers are too long")),
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Malformed("too many headers")),
        Err(_) => return Err(NOT_HTTP),
    };
    let (status, version) = (parsed.code.unwrap_or_default(), parsed.version.unwrap_or_default());
    let mut headers = HeaderMap::with_capacity(parsed.headers.len());
    for header in parsed.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes());
        let value = HeaderValue::from_bytes(header.value);
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(Malformed("a header cannot be read"));
        };
        headers.append(name, value);
    }
    let (body, is_certain) = framing(status, &headers)?;
    let is_kept = is_certain && keeps_alive(version, &headers);
    Ok(Some((Head { status, headers, body, is_kept }, length)))
}

/// How the body ends, and whether that is beyond doubt.
fn framing(status: u16, headers: &HeaderMap) -> Result<(BodyReader, bool), Malformed> {
    let reader = |state| BodyReader { state, extras: 0, has_excess: false, broken: None };
    if status < 200 || status == 204 || status == 304 {
        return Ok((reader(State::Ended), true));
    }
    let length = content_length(headers)?;
    let codings = tokens(headers, &TRANSFER_ENCODING);
    let mut codings = codings.filter(|coding| !coding.eq_ignore_ascii_case("identity")).peekable();
    if codings.peek().is_some() {
        let is_chunked = codings.all(|coding| coding.eq_ignore_ascii_case("chunked"));
        if !is_chunked {
            return Err(Malformed("the body is encoded in a way that nobody asked for"));
        }
        return Ok((reader(State::Size { value: 0, digits: 0 }), length.is_none()));
    }
    Ok(match length {
        Some(0) => (reader(State::Ended), true),
        Some(length) => (reader(State::Length(length)), true),
        None => (reader(State::UntilClosed), false),
    })
}

fn content_length(headers: &HeaderMap) -> Result<Option<u64>, Malformed> {
    let mut found = None;
    for text in tokens(headers, &CONTENT_LENGTH) {
        let digits_only = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let length = text.parse().ok().filter(|_| digits_only);
        let length: u64 = length.ok_or(Malformed("the length of the body is no number"))?;
        if found.is_some_and(|before| before != length) {
            return Err(Malformed("the length of the body is told twice"));
        }
        found = Some(length);
    }
    Ok(found)
}

fn keeps_alive(version: u8, headers: &HeaderMap) -> bool {
    let says =
        |word: &str| tokens(headers, &CONNECTION).any(|option| option.eq_ignore_ascii_case(word));
    !says("close") && (version == 1 || says("keep-alive"))
}

/// The words of a header, wherever they stand.
fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter();
    // A line that is no text is a word that fits nowhere.
    lines.flat_map(|line| line.to_str().unwrap_or("?").split(',')).map(str::trim)
}

/// Moves up to `most` bytes from `at` to `kept`, and says how many.
fn move_to_front(bytes: &mut [u8], at: &mut usize, kept: &mut usize, most: u64) -> u64 {
    let count = (bytes.len() - *at).min(usize::try_from(most).unwrap_or(usize::MAX));
    if *at != *kept {
        bytes.copy_within(*at..*at + count, *kept);
    }
    *at += count;
    *kept += count;
    count as u64
}

/// Whether a byte may stand in the name of a header.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The reader of one body.
#[derive(Clone, Debug)]
pub struct BodyReader {
    state: State,
    /// Bytes of framing that said nothing.
    extras: u32,
    has_excess: bool,
    /// What is told once that which came before it was taken.
    broken: Option<Malformed>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// So many bytes are left.
    Length(u64),
    /// It ends with the connection.
    UntilClosed,
    /// In the size of a chunk.
    Size {
        value: u64,
        digits: u8,
    },
    /// Behind the size of a chunk.
    Extension {
        value: u64,
    },
    /// The line feed behind the size.
    SizeEnd {
        value: u64,
    },
    /// So many bytes of the chunk are left.
    Data(u64),
    /// The line end behind a chunk.
    DataReturn,
    DataEnd,
    /// At the start of a line behind the last chunk, in the name of a header and in its value.
    Trailer,
    TrailerName,
    TrailerValue,
    /// The line feed of the empty line.
    LastEnd,
    Ended,
}

impl BodyReader {
    /// Takes the next bytes and moves what is the body's to their front: how many that is. What is
    /// wrong behind it is told by the next call.
    pub fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Malformed> {
        let (mut at, mut kept) = (0, 0);
        while at < bytes.len() && self.broken.is_none() {
            match self.state {
                State::Length(left) => {
                    let taken = move_to_front(bytes, &mut at, &mut kept, left);
                    self.state =
                        if taken == left { State::Ended } else { State::Length(left - taken) };
                }
                State::UntilClosed => _ = move_to_front(bytes, &mut at, &mut kept, u64::MAX),
                State::Data(left) => {
                    let taken = move_to_front(bytes, &mut at, &mut kept, left);
                    self.state =
                        if taken == left { State::DataReturn } else { State::Data(left - taken) };
                }
                State::Ended => {
                    self.has_excess = true;
                    break;
                }
                _ => match self.framed(bytes[at]) {
                    Ok(state) => (self.state, at) = (state, at + 1),
                    Err(problem) => self.broken = Some(problem),
                },
            }
        }
        match self.broken {
            Some(problem) if kept == 0 => Err(problem),
            _ => Ok(kept),
        }
    }

    /// The state behind one byte of framing.
    fn framed(&mut self, byte: u8) -> Result<State, Malformed> {
        Ok(match (self.state, byte) {
            (State::Size { value, digits }, byte) if byte.is_ascii_hexdigit() => {
                if digits == SIZE_DIGITS_MAX {
                    return Err(Malformed("a chunk is too large"));
                }
                let digit = (byte as char).to_digit(16).unwrap_or_default();
                State::Size { value: value << 4 | u64::from(digit), digits: digits + 1 }
            }
            (State::Size { digits: 0, .. }, _) => {
                return Err(Malformed("the size of a chunk is no number"));
            }
            (State::Size { value, .. } | State::Extension { value }, b'\r') => {
                State::SizeEnd { value }
            }
            (State::Size { value, .. }, b';' | b' ' | b'\t') => State::Extension { value },
            (State::Extension { .. }, b'\n') => return Err(BROKEN_CHUNKS),
            (State::Extension { value }, _) => {
                self.pass()?;
                State::Extension { value }
            }
            (State::SizeEnd { value: 0 }, b'\n') => State::Trailer,
            (State::SizeEnd { value }, b'\n') => State::Data(value),
            (State::DataReturn, b'\r') => State::DataEnd,
            (State::DataEnd, b'\n') => State::Size { value: 0, digits: 0 },
            (State::Trailer, b'\r') => State::LastEnd,
            (State::Trailer | State::TrailerName, byte) if is_token(byte) => {
                self.pass()?;
                State::TrailerName
            }
            (State::TrailerName, b':') => State::TrailerValue,
            (State::TrailerValue, b'\n') => State::Trailer,
            (State::TrailerValue, b'\t' | b'\r' | b' '..) => {
                self.pass()?;
                State::TrailerValue
            }
            (State::LastEnd, b'\n') => State::Ended,
            _ => return Err(BROKEN_CHUNKS),
        })
    }

    fn pass(&mut self) -> Result<(), Malformed> {
        self.extras += 1;
        if self.extras > EXTRAS_BYTES_MAX {
            return Err(Malformed("the framing of the body is too long"));
        }
        Ok(())
    }

    /// The connection has ended.
    pub fn close(&mut self) -> Result<(), Malformed> {
        if let Some(problem) = self.broken {
            return Err(problem);
        }
        match self.state {
            State::Ended | State::UntilClosed => {
                self.state = State::Ended;
                Ok(())
            }
            _ => Err(Malformed("the body broke off")),
        }
    }

    /// Nothing more belongs to the body.
    pub fn is_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Bytes came behind the body that nobody asked for.
    pub fn has_excess(&self) -> bool {
        self.has_excess
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    fn head(text: &str) -> Result<Option<(Head, usize)>, Malformed> {
        read_head(text.as_bytes(), 0)
    }

    fn whole(text: &str) -> Head {
        let (head, length) = head(text).expect("well-formed").expect("whole");
        assert_eq!(length, text.len());
        head
    }

    /// The body that bytes hold when they come in these pieces, and whether it ended.
    fn body(reader: &BodyReader, pieces: &[&[u8]]) -> Result<(Vec<u8>, bool), Malformed> {
        let (mut reader, mut out) = (reader.clone(), Vec::new());
        for piece in pieces {
            let mut piece = piece.to_vec();
            let kept = reader.read(&mut piece)?;
            out.extend_from_slice(&piece[..kept]);
        }
        Ok((out, reader.is_ended()))
    }

    const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

    #[test]
    fn request_head_tells_length_and_host_once() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("host", "other"), ("content-length", "9"), ("x-a", "b")] {
            let name = HeaderName::from_static(name);
            headers.insert(name, HeaderValue::from_static(value));
        }
        let head = request_head(&Method::POST, "/v1?k=1", "h:80", &headers, 3);
        let expected = "POST /v1?k=1 HTTP/1.1\r\nhost: h:80\r\nx-a: b\r\ncontent-length: 3\r\n\r\n";
        assert_eq!(String::from_utf8_lossy(&head), expected);
        let head = request_head(&Method::GET, "/", "h", &HeaderMap::new(), 0);
        assert_eq!(head, b"GET / HTTP/1.1\r\nhost: h\r\n\r\n");
    }

    #[test]
    fn head_is_found_wherever_it_is_cut() {
        let text = "HTTP/1.1 200 OK\r\na: b\r\ncontent-length: 5\r\n\r\nhello";
        let length = text.len() - 5;
        for cut in 0..text.len() {
            let found = head(&text[..cut]).expect("well-formed");
            assert_eq!(found.map(|(_, length)| length), (cut >= length).then_some(length));
            let found = read_head(text.as_bytes(), cut.min(length - 1)).expect("well-formed");
            assert_eq!(found.map(|(head, length)| (head.status, length)), Some((200, length)));
        }
    }

    #[test]
    fn empty_lines_before_a_head_are_passed_over_wherever_they_are_cut() {
        let most = "\n".repeat(EMPTY_BYTES_MAX);
        for (text, status) in [
            ("\r\n\r\nHTTP/1.1 200 OK\r\n\r\n".to_owned(), Ok(Some(200))),
            (most.clone() + "HTTP/1.1 200 OK\r\n\r\n", Ok(Some(200))),
            (most.clone() + "\n", Err(NOT_HTTP)),
            (most, Ok(None)),
            ("\r\n\r\nHTTPz".to_owned(), Ok(None)),
            ("\r\n\r\nHTTPz\r\n\r\n".to_owned(), Err(NOT_HTTP)),
        ] {
            for cut in 0..text.len() {
                let before = head(&text[..cut]).expect("well-formed so far");
                assert!(before.is_none(), "{text:?} cut at {cut}");
                let found = read_head(text.as_bytes(), cut);
                let found = found.map(|found| found.map(|(head, _)| head.status));
                assert_eq!(found, status, "{text:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn connections_are_kept_only_where_that_is_certain() {
        let kept = |rest: &str| whole(&format!("HTTP/1.{rest}\r\n\r\n")).is_kept;
        assert!(kept("1 200 OK\r\ncontent-length: 1"));
        assert!(kept("1 204 No") && kept("1 304 Same\r\ncontent-length: 9"));
        assert!(kept("1 200 OK\r\ncontent-length: 1, 1\r\ncontent-length: 1"));
        assert!(kept("1 200 OK\r\ntransfer-encoding: chunked"));
        assert!(kept("0 200 OK\r\ncontent-length: 1\r\nconnection: Keep-Alive"));
        assert!(!kept("0 200 OK\r\ncontent-length: 1"));
        assert!(!kept("1 200 OK\r\ncontent-length: 1\r\nconnection: x, close"));
        assert!(!kept("1 200 OK"), "it ends with the connection");
        assert!(!kept("1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked"));
    }

    #[test]
    fn heads_that_contradict_themselves_or_never_end_are_refused() {
        for bad in [
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: \r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
            "HTTP/2 200 OK\r\n\r\n",
            "220 mail.example\r\n\r\n",
            "HTTP/1.1 200 OK\r\na b\r\n\r\n",
            "HTTP/1.1 200 OK\r\na: b\r\n folded\r\n\r\n",
            "HTTP/1.1 200 OK\r\na : b\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 1, 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551616\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: \u{e4}\r\n\r\n",
        ] {
            assert!(head(bad).is_err(), "{bad:?}");
        }
        let many = |count| format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(count));
        assert_eq!(whole(&many(HEADERS_MAX)).headers.len(), HEADERS_MAX);
        assert_eq!(head(&many(HEADERS_MAX + 1)).err(), Some(Malformed("too many headers")));
        let long = "HTTP/1.1 200 OK\r\na: ".to_owned() + &"b".repeat(HEAD_BYTES_MAX);
        assert_eq!(head(&long).err(), Some(Malformed("the headers are too long")));
    }

    #[test]
    fn answers_that_have_no_body_end_at_once() {
        for head in ["100 Continue", "204 No", "304 Same\r\ncontent-length: 9"] {
            assert!(whole(&format!("HTTP/1.1 {head}\r\n\r\n")).body.is_ended(), "{head}");
        }
        assert!(whole("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").body.is_ended());
        assert!(!whole("HTTP/1.1 200 OK\r\n\r\n").body.is_ended());
    }

    #[test]
    fn chunks_read_the_same_wherever_they_are_cut() {
        let text = b"5;a=b\r\nhello\r\n0a\r\n, world!!!\r\n0\r\nx: y\r\n\r\n";
        let reader = whole(CHUNKED).body;
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let pieces = [&text[..first], &text[first..second], &text[second..]];
                let expected = (b"hello, world!!!".to_vec(), true);
                assert_eq!(body(&reader, &pieces), Ok(expected), "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn chunks_that_are_broken_are_refused() {
        let reader = whole(CHUNKED).body;
        let body = |reader: &BodyReader, pieces: &[&[u8]]| body(reader, &[pieces, &[b""]].concat());
        for bad in [
            "x\r\n",
            "\r\n",
            "-1\r\n",
            "1\nab",
            "1\r\nab",
            "1\r\na\n",
            "0\r\n\n",
            "1;\n",
            "0\r\na\r\n\r\n",
        ] {
            assert!(body(&reader, &[bad.as_bytes()]).is_err(), "{bad:?}");
        }
        let digits = |count| "0".repeat(count) + "\r\n\r\n";
        assert!(body(&reader, &[digits(usize::from(SIZE_DIGITS_MAX)).as_bytes()]).is_ok());
        assert!(body(&reader, &[digits(usize::from(SIZE_DIGITS_MAX) + 1).as_bytes()]).is_err());
        let extras = |count| format!("1;{}\r\na", "x".repeat(count));
        let most = EXTRAS_BYTES_MAX as usize;
        assert!(body(&reader, &[extras(most).as_bytes()]).is_ok());
        assert!(body(&reader, &[extras(most + 1).as_bytes()]).is_err());
    }

    #[test]
    fn what_came_before_a_broken_chunk_is_given_first() {
        let mut reader = whole(CHUNKED).body;
        let mut bytes = b"1\r\naxx".to_vec();
        assert_eq!(reader.read(&mut bytes), Ok(1));
        assert_eq!(bytes[0], b'a');
        assert!(reader.clone().close().is_err());
        assert!(reader.read(&mut b"\r\n0\r\n\r\n".to_vec()).is_err());
    }

    #[test]
    fn bodies_that_break_off_are_told_from_those_that_end() {
        let ends = |text: &str, sent: &[u8]| {
            let mut reader = whole(text).body;
            reader.read(&mut sent.to_vec()).expect("well-formed");
            (reader.clone().close().is_ok(), reader.has_excess())
        };
        let counted = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";
        assert_eq!(ends(counted, b"a"), (false, false));
        assert_eq!(ends(counted, b"ab"), (true, false));
        assert_eq!(ends(counted, b"abc"), (true, true));
        assert_eq!(ends("HTTP/1.1 200 OK\r\n\r\n", b"abc"), (true, false));
        assert_eq!(ends(CHUNKED, b"0\r\n"), (false, false));
        assert_eq!(ends(CHUNKED, b"0\r\n\r\n"), (true, false));
    }
}

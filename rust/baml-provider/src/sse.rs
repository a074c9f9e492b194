//! Server-sent events: bytes → events, whatever the pieces the bytes come in.
//!
//! Invariant: the events depend on the bytes alone, not on where they were cut; memory is bounded
//! by [`EVENT_BYTES_MAX`]. A byte order mark at the start is skipped, `\n`, `\r\n` and `\r` end a
//! line, comments vanish, several `data` lines are one text, and an `error` line is one of an event
//! of that name. A stream that begins as JSON has no events in it: its end gives it whole.

use std::borrow::Cow;

use memchr::memchr2;

/// An event beyond this is refused: no provider sends one, and an endless line may not fill memory.
pub(crate) const EVENT_BYTES_MAX: usize = 16 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An event of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SseEvent<'a> {
    /// Its name; empty where the stream gave none.
    pub(crate) name: &'a str,
    /// Its data lines, joined by line feeds.
    pub(crate) data: &'a str,
    /// It is the whole stream, which came as JSON instead of events.
    pub(crate) unframed: bool,
    /// The stream ended before the empty line that ends it.
    pub(crate) unended: bool,
}

/// What ended an event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Line,
    OfStream,
}

/// A line or event is longer than [`EVENT_BYTES_MAX`]; the stream cannot be read any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// The reader of one stream.
#[derive(Debug, Default)]
pub(crate) struct SseReader {
    /// The start of a line whose end has not come yet.
    line: Vec<u8>,
    /// The data lines of the event so far, each followed by a line feed.
    data: Vec<u8>,
    name: Vec<u8>,
    /// The last byte was a carriage return: a line feed right after it belongs to the same end.
    after_return: bool,
    /// At least one line has been read, so a byte order mark may no longer come.
    started: bool,
    /// A line with something on it has been read: whether these are events is settled.
    settled: bool,
    /// These are no events, but one JSON document: all lines are data.
    unframed: bool,
}

impl SseReader {
    /// Takes the next bytes and gives each event that they complete to `sink`.
    pub(crate) fn push(
        &mut self,
        mut bytes: &[u8],
        sink: &mut dyn FnMut(SseEvent<'_>),
    ) -> Result<(), TooLong> {
        while !bytes.is_empty() {
            if let Some((data, rest)) = self.plain_event(bytes) {
                (self.started, self.settled, self.after_return) = (true, true, false);
                let data = readable(data);
                sink(SseEvent { name: "", data: &data, unframed: false, unended: false });
                bytes = rest;
                continue;
            }
            if self.after_return {
                self.after_return = false;
                if bytes[0] == b'\n' {
                    bytes = &bytes[1..];
                    continue;
                }
            }
            let Some(end) = memchr2(b'\n', b'\r', bytes) else {
                self.line.extend_from_slice(bytes);
                return self.check_size();
            };
            self.after_return = bytes[end] == b'\r';
            self.end_line(&bytes[..end], sink)?;
            bytes = &bytes[end + 1..];
        }
        Ok(())
    }

    /// The data of an event that stands at the front of the bytes as most do, whole and of one
    /// line, and what follows it: no buffer is needed for it.
    fn plain_event<'b>(&self, bytes: &'b [u8]) -> Option<(&'b [u8], &'b [u8])> {
        let begun = [&self.line, &self.data, &self.name].iter().any(|part| !part.is_empty());
        let line = bytes.strip_prefix(b"data:").filter(|_| !begun && !self.unframed)?;
        let (data, rest) = line.split_at(memchr2(b'\n', b'\r', line)?);
        let rest = rest.strip_prefix(b"\n\n").filter(|_| data.len() < EVENT_BYTES_MAX)?;
        Some((data.strip_prefix(b" ").unwrap_or(data), rest))
    }

    /// The bytes have ended: a last line and a last event need no line end after them.
    pub(crate) fn finish(&mut self, sink: &mut dyn FnMut(SseEvent<'_>)) -> Result<(), TooLong> {
        if !self.line.is_empty() {
            self.end_line(b"", sink)?;
        }
        self.dispatch(End::OfStream, sink);
        Ok(())
    }

    fn end_line(&mut self, rest: &[u8], sink: &mut dyn FnMut(SseEvent<'_>)) -> Result<(), TooLong> {
        if self.line.is_empty() {
            return self.read_line(rest, sink);
        }
        let mut line = std::mem::take(&mut self.line);
        line.extend_from_slice(rest);
        let outcome = self.read_line(&line, sink);
        line.clear();
        self.line = line;
        outcome
    }

    fn read_line(
        &mut self,
        line: &[u8],
        sink: &mut dyn FnMut(SseEvent<'_>),
    ) -> Result<(), TooLong> {
        let line =
            if self.started { line } else { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) };
        self.started = true;
        if !self.settled && !line.is_empty() {
            self.settled = true;
            self.unframed = matches!(line.trim_ascii_start().first(), Some(b'{' | b'['));
        }
        if self.unframed {
            return self.keep(line);
        }
        if line.is_empty() {
            self.dispatch(End::Line, sink);
            return Ok(());
        }
        let (field, value) = match memchr::memchr(b':', line) {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &line[line.len()..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => self.keep(value),
            b"event" => {
                self.name.clear();
                self.name.extend_from_slice(value);
                self.check_size()
            }
            // Servers of llama.cpp up to 2025 tell of an error in a field of their own.
            b"error" if value.starts_with(b"{") => {
                self.name.clear();
                self.name.extend_from_slice(b"error");
                self.keep(value)
            }
            _ => Ok(()),
        }
    }

    fn keep(&mut self, line: &[u8]) -> Result<(), TooLong> {
        self.data.extend_from_slice(line);
        self.data.push(b'\n');
        self.check_size()
    }

    fn dispatch(&mut self, end: End, sink: &mut dyn FnMut(SseEvent<'_>)) {
        if self.data.pop().is_some() {
            let (name, data) = (readable(&self.name), readable(&self.data));
            let unframed = self.unframed;
            let unended = end == End::OfStream && !unframed;
            sink(SseEvent { name: &name, data: &data, unframed, unended });
        }
        self.data.clear();
        self.name.clear();
    }

    fn check_size(&self) -> Result<(), TooLong> {
        let bytes = self.line.len().max(self.data.len()).max(self.name.len());
        if bytes > EVENT_BYTES_MAX { Err(TooLong) } else { Ok(()) }
    }
}

/// Text as it came, or with signs in place of what is none: the check alone is the faster way.
fn readable(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut events = Vec::new();
        let mut reader = SseReader::default();
        let mut sink = |event: SseEvent<'_>| events.push((event.name.into(), event.data.into()));
        for piece in pieces {
            reader.push(piece, &mut sink).expect("short enough");
        }
        reader.finish(&mut sink).expect("short enough");
        events
    }

    fn data(text: &[u8]) -> Vec<String> {
        read(&[text]).into_iter().map(|(_, data)| data).collect()
    }

    #[test]
    fn line_ends_of_all_kinds_read_the_same() {
        for end in ["\n", "\r\n", "\r"] {
            let text =
                format!("data: a{end}data: b{end}{end}: note{end}event: e{end}data:c{end}{end}");
            assert_eq!(
                read(&[text.as_bytes()]),
                [(String::new(), "a\nb".to_owned()), ("e".to_owned(), "c".to_owned())]
            );
        }
    }

    #[test]
    fn mark_at_the_start_and_missing_blank_line_lose_nothing() {
        assert_eq!(data("\u{feff}data: x\n\ndata: [DONE]".as_bytes()), ["x", "[DONE]"]);
        assert_eq!(data("data: \u{feff}y\n\n".as_bytes()), ["\u{feff}y"]);
    }

    #[test]
    fn events_without_data_and_unknown_fields_vanish() {
        assert_eq!(data(b"event: ping\n\nid: 4\nretry: 9\nnonsense\ndata\n\n"), [""]);
    }

    #[test]
    fn errors_in_a_field_of_their_own_are_events_of_that_name() {
        assert_eq!(
            read(&[b"data: 1\n\nerror: {\"code\":400}\n\nerror: no object\n\n"]),
            [(String::new(), "1".to_owned()), ("error".to_owned(), "{\"code\":400}".to_owned())]
        );
    }

    #[test]
    fn json_in_place_of_events_is_one_text() {
        assert_eq!(data(b"\n {\n\n\"data\": 1\r\n}"), [" {\n\n\"data\": 1\n}"]);
        assert_eq!(data(b": hello\n{\"a\": 1}\n\ndata: 1\n\n"), ["1"], "events it is");
    }

    #[test]
    fn any_cut_gives_the_same_events() {
        let text = [
            "\u{feff}event: e\r\ndata: \u{e5}\u{1f980}\r\rdata: 1\ndata:  2\n\n:c\r\n\r\n",
            "data: z\n\ndata:y\n\ndata: x\n\nevent: f\ndata: w\n\ndata\n\ndata: v\n\n\n",
            "data: u\r\n\ndata: t",
        ]
        .concat();
        let whole = read(&[text.as_bytes()]);
        let data: Vec<&str> = whole.iter().map(|(_, data)| data.as_str()).collect();
        let expected = ["\u{e5}\u{1f980}", "1\n 2", "z", "y", "x", "w", "", "v", "u", "t"];
        assert_eq!(data, expected);
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let bytes = text.as_bytes();
                let cut = read(&[&bytes[..first], &bytes[first..second], &bytes[second..]]);
                assert_eq!(cut, whole, "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn size_at_the_limit_is_read_and_one_more_is_refused() {
        let line = |extra: usize| {
            let mut line = b"data: ".to_vec();
            line.resize(EVENT_BYTES_MAX + extra, b'x');
            line
        };
        let mut reader = SseReader::default();
        assert_eq!(reader.push(&line(0), &mut |_| {}), Ok(()));
        let mut reader = SseReader::default();
        assert_eq!(reader.push(&line(1), &mut |_| {}), Err(TooLong));
    }
}

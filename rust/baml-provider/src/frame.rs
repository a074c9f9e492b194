//! AWS event-stream frames: bytes → headers and payload, with both checksums compared.
//!
//! Invariant: a frame is given out only when it is whole and both of its checksums hold; memory is
//! bounded by [`FRAME_BYTES_MAX`]. The layout: total length, header length and their CRC-32 (four
//! bytes each, big-endian), headers, payload, CRC-32 of all before it.

/// The service's own limit for a message is 16 MiB of payload; a frame beyond it is refused.
pub(crate) const FRAME_BYTES_MAX: usize = 17 << 20;

const PRELUDE_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;
const STRING_HEADER: u8 = 7;

/// A frame whose checksums hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    /// `event`, `exception` or `error`.
    pub(crate) message_type: String,
    /// The kind of the event or exception.
    pub(crate) name: String,
    /// What an `error` says.
    pub(crate) error: String,
    /// The JSON.
    pub(crate) payload: Vec<u8>,
}

/// Bytes that are not frames; the stream cannot be read any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadFrame(pub(crate) &'static str);

/// The reader of one stream of frames.
#[derive(Debug, Default)]
pub(crate) struct FrameReader {
    pending: Vec<u8>,
}

impl FrameReader {
    /// Takes the next bytes and gives each frame that they complete to `sink`.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        sink: &mut dyn FnMut(Frame),
    ) -> Result<(), BadFrame> {
        self.pending.extend_from_slice(bytes);
        let mut start = 0;
        while let Some(length) = frame_length(&self.pending[start..])? {
            let end = start + length;
            if self.pending.len() < end {
                break;
            }
            sink(read_frame(&self.pending[start..end])?);
            start = end;
        }
        self.pending.drain(..start);
        Ok(())
    }

    /// Whether the bytes ended in the middle of a frame.
    pub(crate) fn is_cut(&self) -> bool {
        !self.pending.is_empty()
    }
}

fn frame_length(bytes: &[u8]) -> Result<Option<usize>, BadFrame> {
    let Some(prelude) = bytes.get(..PRELUDE_BYTES) else { return Ok(None) };
    if crc32(&prelude[..8]) != number(&prelude[8..]) {
        return Err(BadFrame("the checksum of its lengths is wrong"));
    }
    let total = number(prelude) as usize;
    let headers = number(&prelude[4..]) as usize;
    if total > FRAME_BYTES_MAX {
        return Err(BadFrame("it is too long"));
    }
    if total < PRELUDE_BYTES + CHECKSUM_BYTES || headers > total - PRELUDE_BYTES - CHECKSUM_BYTES {
        return Err(BadFrame("its lengths contradict each other"));
    }
    Ok(Some(total))
}

fn read_frame(bytes: &[u8]) -> Result<Frame, BadFrame> {
    let (content, checksum) = bytes.split_at(bytes.len() - CHECKSUM_BYTES);
    if crc32(content) != number(checksum) {
        return Err(BadFrame("its checksum is wrong"));
    }
    let headers_end = PRELUDE_BYTES + number(&bytes[4..]) as usize;
    let mut frame = Frame { payload: content[headers_end..].to_vec(), ..Frame::default() };
    let mut headers = &content[PRELUDE_BYTES..headers_end];
    while !headers.is_empty() {
        headers = read_header(headers, &mut frame).ok_or(BadFrame("a header is cut"))?;
    }
    Ok(frame)
}

/// Reads one header and gives back what follows it.
fn read_header<'a>(bytes: &'a [u8], frame: &mut Frame) -> Option<&'a [u8]> {
    let (&length, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(length))?;
    let (&kind, rest) = rest.split_first()?;
    let size = match kind {
        0 | 1 => 0,
        2 => 1,
        3 => 2,
        4 => 4,
        5 | 8 => 8,
        9 => 16,
        6 | STRING_HEADER => {
            let (size, rest) = rest.split_at_checked(2)?;
            let size = usize::from(u16::from_be_bytes([size[0], size[1]]));
            let (value, rest) = rest.split_at_checked(size)?;
            if kind == STRING_HEADER {
                keep_header(name, &String::from_utf8_lossy(value), frame);
            }
            return Some(rest);
        }
        _ => return None,
    };
    Some(rest.split_at_checked(size)?.1)
}

fn keep_header(name: &[u8], value: &str, frame: &mut Frame) {
    let slot = match name {
        b":message-type" => &mut frame.message_type,
        b":event-type" | b":exception-type" | b":error-code" => &mut frame.name,
        b":error-message" => &mut frame.error,
        _ => return,
    };
    slot.clear();
    slot.push_str(value);
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

const CRC_TABLE: [u32; 256] = crc_table();

const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut value = at as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { 0xEDB8_8320 ^ (value >> 1) } else { value >> 1 };
            bit += 1;
        }
        table[at] = value;
        at += 1;
    }
    table
}

/// CRC-32 as in IEEE 802.3.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, byte| {
        CRC_TABLE[((crc ^ u32::from(*byte)) & 0xFF) as usize] ^ (crc >> 8)
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A frame with text headers.
    pub(crate) fn encode(headers: &[(&str, &str)], payload: &str) -> Vec<u8> {
        let mut head = Vec::new();
        for (name, value) in headers {
            head.push(name.len() as u8);
            head.extend_from_slice(name.as_bytes());
            head.push(STRING_HEADER);
            head.extend_from_slice(&(value.len() as u16).to_be_bytes());
            head.extend_from_slice(value.as_bytes());
        }
        let total = PRELUDE_BYTES + head.len() + payload.len() + CHECKSUM_BYTES;
        let mut frame = (total as u32).to_be_bytes().to_vec();
        frame.extend_from_slice(&(head.len() as u32).to_be_bytes());
        frame.extend_from_slice(&crc32(&frame).to_be_bytes());
        frame.extend_from_slice(&head);
        frame.extend_from_slice(payload.as_bytes());
        frame.extend_from_slice(&crc32(&frame).to_be_bytes());
        frame
    }

    #[test]
    fn checksum_of_the_standard_text_is_the_standard_value() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_changed_byte_anywhere_is_noticed() {
        let frame = encode(&[(":message-type", "event"), (":event-type", "x")], "{}");
        for at in 0..frame.len() {
            let mut broken = frame.clone();
            broken[at] ^= 1;
            let mut frames = Vec::new();
            let outcome = FrameReader::default().push(&broken, &mut |frame| frames.push(frame));
            assert!(outcome.is_err() && frames.is_empty(), "byte {at}");
        }
    }

    #[test]
    fn headers_of_every_type_are_passed_over() {
        let mut frame = Frame::default();
        let bytes = b"\x01a\x00\x01b\x02\x09\x01c\x04\0\0\0\x01\x01d\x090123456789abcdef";
        let mut rest: &[u8] = bytes;
        for _ in 0..4 {
            rest = read_header(rest, &mut frame).expect("whole");
        }
        assert!(rest.is_empty());
        assert_eq!(read_header(b"\x01a\x0a", &mut frame), None);
        assert_eq!(read_header(b"\x05a", &mut frame), None);
    }
}

//! The MIME type of bytes, by their first few.
//!
//! Invariant: always an answer; what nobody knows is `application/octet-stream`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const UNKNOWN: &str = "application/octet-stream";

/// As many bytes as the longest pattern looks at.
const HEAD_BYTES: usize = 16;

/// Patterns at the start of a file.
const STARTS: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\0\0\x01\0", "image/vnd.microsoft.icon"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
    (b"%PDF", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/x-flac"),
    (b"#!AMR\n", "audio/amr"),
    (b"MThd", "audio/midi"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"FLV\x01", "video/x-flv"),
    (b"\0\0\x01\xba", "video/mpeg"),
    (b"\0\0\x01\xb3", "video/mpeg"),
];

/// Forms of a RIFF file, four bytes after its size.
const RIFF: &[(&[u8], &str)] =
    &[(b"WEBP", "image/webp"), (b"WAVE", "audio/x-wav"), (b"AVI ", "video/x-msvideo")];

/// Brands of an ISO media file.
const BRANDS: &[(&[u8], &str)] = &[
    (b"heic", "image/heif"),
    (b"heix", "image/heif"),
    (b"mif1", "image/heif"),
    (b"avif", "image/avif"),
    (b"avis", "image/avif"),
    (b"M4A ", "audio/m4a"),
    (b"qt  ", "video/quicktime"),
    (b"M4V ", "video/x-m4v"),
];

/// The MIME type of a file that begins so.
pub fn mime_type(bytes: &[u8]) -> &'static str {
    let find = |table: &[(&[u8], &'static str)], bytes: &[u8]| {
        table.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, mime)| *mime)
    };
    if bytes.starts_with(b"RIFF") && bytes.len() >= 12 {
        return find(RIFF, &bytes[8..]).unwrap_or(UNKNOWN);
    }
    if bytes.len() >= 12 && &bytes[4..8] == b"ftyp" {
        return find(BRANDS, &bytes[8..]).unwrap_or("video/mp4");
    }
    find(STARTS, bytes).unwrap_or(UNKNOWN)
}

/// The MIME type of a file in base64, by its head only.
pub(crate) fn base64_type(data: &str) -> &'static str {
    let digits = HEAD_BYTES.div_ceil(3) * 4;
    let head: String = data.chars().filter(|c| !c.is_ascii_whitespace()).take(digits).collect();
    let bytes = STANDARD.decode(&head).unwrap_or_default();
    mime_type(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_files_are_known() {
        assert_eq!(mime_type(b"\x89PNG\r\n\x1a\n\0\0"), "image/png");
        assert_eq!(mime_type(b"RIFF\0\0\0\0WEBPVP8 "), "image/webp");
        assert_eq!(mime_type(b"\0\0\0\x18ftypisom"), "video/mp4");
        assert_eq!(mime_type(b"\0\0\0\x18ftypheic"), "image/heif");
        assert_eq!(mime_type(b"??"), UNKNOWN);
        assert_eq!(mime_type(b""), UNKNOWN);
        assert_eq!(mime_type(b"RIFF"), UNKNOWN);
    }

    #[test]
    fn base64_is_looked_into() {
        assert_eq!(base64_type("JVBERi0xLjQK"), "application/pdf");
        assert_eq!(base64_type("SUQzBAAAAAAA"), "audio/mpeg");
        assert_eq!(base64_type("not base64 at all!"), UNKNOWN);
    }
}

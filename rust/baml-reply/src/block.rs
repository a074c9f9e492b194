//! A triple-quoted text: its lines without the indentation that they share.
//!
//! Blank lines at its beginning and a blank last line do not count. Invariant: what is written
//! stays as long as no line is indented less than those before it; each byte is read once but for
//! that.

/// So often a line may be indented less than all before it. From then on an open text is shown as
/// it is written, so that reading stays linear.
const MARGINS_MAX: u32 = 32;

/// What was made of a triple-quoted text so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    /// The lines as they are shown.
    text: String,
    /// Its length without quotes that are only shown for now.
    written: usize,
    /// How often it began anew.
    pub(crate) begun: u32,
    /// Where the indentation that the lines share stands in the raw text; none before there is one.
    margin: Option<(usize, usize)>,
    /// How often that became less.
    margins: u32,
    /// Where it begins in the raw text.
    first: usize,
    /// How far that is read.
    read: usize,
    /// Where the current line begins.
    line: usize,
    /// Whether something else than space stands in the current line.
    is_text: bool,
}

impl Block {
    /// The text as it looks now.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The part of it that stays while no line is indented less than the others.
    pub(crate) fn sure_text(&self) -> &str {
        let written = &self.text[..self.written];
        // What may be the end of its line goes with that.
        written.strip_suffix('\r').unwrap_or(written)
    }

    /// A text behind a first line that does not count, of which `first` bytes were shown.
    pub(crate) fn after(first: usize) -> Self {
        Self { begun: 1, ..Self::from(first) }
    }

    /// A text that begins at byte `first` of the raw one.
    fn from(first: usize) -> Self {
        Self { first, read: first, line: first, ..Self::default() }
    }

    /// Reads the raw text up to its end.
    pub(crate) fn read(&mut self, raw: &str) {
        self.text.truncate(self.written);
        self.read_to(raw, raw.len());
        self.written = self.text.len();
    }

    fn read_to(&mut self, raw: &str, end: usize) {
        while self.read < end {
            let rest = &raw[self.read..end];
            if self.is_text {
                let length = rest.find('\n').unwrap_or(rest.len());
                self.text.push_str(&rest[..length]);
                self.read += length;
            } else {
                let space = rest.find(|c: char| c == '\n' || !c.is_whitespace());
                self.read += space.unwrap_or(rest.len());
            }
            match raw.as_bytes()[..end].get(self.read) {
                Some(b'\n') => self.end_line(),
                Some(_) => self.begin_text(raw),
                None => {}
            }
        }
    }

    /// Shows, until more is read, quotes of which it is not known yet whether the text ends there.
    pub(crate) fn hold(&mut self, raw: &str, held: &str) {
        if !self.is_text {
            if !self.text.is_empty() {
                self.text.push('\n');
            }
            let margin = self.margin.map_or(usize::MAX, |(_, length)| length);
            self.text.push_str(raw.get(self.line.saturating_add(margin)..).unwrap_or_default());
        }
        self.text.push_str(held);
    }

    /// The text that has ended.
    pub(crate) fn end(mut self, raw: &str) -> String {
        self.read(raw);
        if self.margins > MARGINS_MAX {
            self = Self { margin: self.margin, ..Self::from(self.first) };
            self.read(raw);
        }
        self.text
    }

    fn end_line(&mut self) {
        if self.is_text {
            if self.text.ends_with('\r') {
                self.text.pop();
            }
        } else if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.read += 1;
        self.line = self.read;
        self.is_text = false;
    }

    /// The first character of a line that is no space.
    fn begin_text(&mut self, raw: &str) {
        let indent = raw[self.line..self.read].bytes();
        let margin = match self.margin {
            None => indent.take_while(|byte| is_indent(*byte)).count(),
            Some((start, length)) => {
                let known = raw[start..start + length].bytes();
                known.zip(indent).take_while(|(a, b)| a == b).count()
            }
        };
        let before = self.margin.map(|(_, length)| length);
        self.margin = Some((self.line, margin));
        if before.is_some_and(|before| margin < before) {
            self.margins += 1;
            if self.margins <= MARGINS_MAX + 1 {
                self.again(raw);
            }
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.is_text = true;
        let margin = if self.margins > MARGINS_MAX { 0 } else { margin };
        self.text.push_str(&raw[self.line + margin..self.read]);
    }

    /// Writes the lines before the current one with the margin that is known now.
    fn again(&mut self, raw: &str) {
        let (margin, margins) = (self.margin, self.margins);
        let mut anew = Self { margin, margins, begun: self.begun + 1, ..Self::from(self.first) };
        anew.read_to(raw, self.line);
        *self = Self { read: self.read, ..anew };
    }
}

fn is_indent(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `raw` looks like after each of its characters was read on its own.
    fn read(raw: &str) -> Vec<String> {
        let mut block = Block::default();
        let ends = raw.char_indices().map(|(at, c)| at + c.len_utf8());
        let shown = |end| {
            block.read(&raw[..end]);
            block.text().to_owned()
        };
        ends.map(shown).collect()
    }

    #[test]
    fn lines_lose_the_indentation_they_share() {
        let cases = [
            ("\n    d\n  e\n    f\n", "  d\ne\n  f"),
            ("\n\n    d\n\n    e\n\n  ", "d\n\ne\n"),
            ("   x\n   y", "x\ny"),
            ("\r\n  a\r\n  b\r\n", "a\nb"),
            ("\n\tx\n  y", "\tx\n  y"),
            ("\n    a\n      \n    b", "a\n\nb"),
            ("  a  \n  b  \n  ", "a  \nb  "),
            (" \n \n ", ""),
        ];
        for (raw, wanted) in cases {
            assert_eq!(Block::default().end(raw), wanted, "{raw:?}");
            let last = read(raw).pop().unwrap_or_default();
            assert_eq!(last.trim_end_matches('\r'), wanted, "{raw:?}, one by one");
        }
    }

    #[test]
    fn open_text_grows_while_no_line_is_indented_less() {
        let shown = read("\n    def f():\n        return 1\n\n    x\n");
        for (before, after) in shown.iter().zip(&shown[1..]) {
            assert!(after.starts_with(before), "{before:?} became {after:?}");
        }
    }

    #[test]
    fn ever_smaller_margins_are_followed_to_a_bound() {
        let lines = (0..400).rev().map(|indent| format!("{}x\n", " ".repeat(indent)));
        let raw: String = lines.collect();
        let mut block = Block::default();
        block.read(&raw);
        assert_eq!(block.begun, MARGINS_MAX + 1);
        assert_eq!(block.text().len(), raw.len() - 1);
        assert_eq!(block.end(&raw), raw.trim_end());
        let shifted = raw.replace('\n', "\n ");
        let shifted = format!(" {}", shifted.trim_end());
        assert_eq!(Block::default().end(&shifted), raw.trim_end());
    }
}

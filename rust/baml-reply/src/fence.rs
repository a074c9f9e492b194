//! The lines that open and close fenced blocks, told apart one character at a time.
//!
//! Invariant: an opening and a closing line are known as such at their line feed.

/// What a character made of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Nothing special.
    Plain,
    /// It may yet become a closing fence.
    MayClose,
    /// A block begins after this character.
    Opens,
    /// The block ends here if the reply does; a line feed makes it sure, anything else undoes it.
    Ends,
    /// The block has ended before this line feed.
    Closes,
}

/// Where in a line the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// At its start, or after white space there.
    Start,
    /// After one or two backticks at its start.
    Ticks(u8),
    /// After three, and so many characters of a language's name.
    Name(u32),
    /// After three in an open block.
    Closing,
    /// Anywhere else.
    Inside,
}

/// The state within the current line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fence {
    at: At,
}

impl Fence {
    /// At the start of the reply.
    pub(crate) fn new() -> Self {
        Self { at: At::Start }
    }

    /// Whether only a line feed can change anything.
    pub(crate) fn is_idle(self) -> bool {
        self.at == At::Inside
    }

    /// Whether the open block ends here if the reply does.
    pub(crate) fn is_closing(self) -> bool {
        self.at == At::Closing
    }

    /// Reads one character; `in_block` says whether a closing fence is looked for.
    pub(crate) fn feed(&mut self, c: char, in_block: bool) -> Line {
        if c == '\n' {
            let opens = matches!(self.at, At::Name(1..)) && !in_block;
            let closes = self.at == At::Closing;
            self.at = At::Start;
            return match (opens, closes) {
                (true, _) => Line::Opens,
                (_, true) => Line::Closes,
                _ => Line::MayClose,
            };
        }
        match (self.at, c) {
            (At::Start, ' ' | '\t') => Line::MayClose,
            (At::Start, '`') => {
                self.at = At::Ticks(1);
                Line::MayClose
            }
            (At::Ticks(1), '`') => {
                self.at = At::Ticks(2);
                Line::MayClose
            }
            (At::Ticks(2), '`') if in_block => {
                self.at = At::Closing;
                Line::Ends
            }
            (At::Ticks(2), '`') => {
                self.at = At::Name(0);
                Line::Plain
            }
            (At::Name(length), c) if c.is_ascii_alphanumeric() || c == ' ' => {
                self.at = At::Name(length + 1);
                Line::Plain
            }
            _ => {
                self.at = At::Inside;
                Line::Plain
            }
        }
    }
}

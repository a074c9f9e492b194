//! Strict JSON, recognised and not built: does the text so far spell one whole JSON value?
//!
//! Invariant: once dead, it stays dead; it reads each character once.

/// Containers inside one another that still count as strict JSON.
pub(crate) const STRICT_DEPTH_MAX: usize = 127;

/// The recogniser's state.
#[derive(Clone, Debug)]
pub(crate) struct Strict {
    state: State,
    /// For each open container, whether it is an object.
    open: Vec<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A value must come; in a fresh list `]` may.
    Value {
        or_end: bool,
    },
    /// A key must come; in a fresh object `}` may.
    Key {
        or_end: bool,
    },
    Colon,
    AfterValue,
    Text {
        key: bool,
    },
    Escape {
        key: bool,
    },
    Hex {
        key: bool,
        left: u8,
    },
    Number(Digits),
    Word(&'static str),
    Dead,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Digits {
    Minus,
    Zero,
    Int,
    Point,
    Fraction,
    Exponent,
    PowerSign,
    Power,
}

impl Strict {
    /// Before the first character.
    pub(crate) fn new() -> Self {
        Self { state: State::Value { or_end: false }, open: Vec::new() }
    }

    /// Whether more text could still make it strict JSON.
    pub(crate) fn is_alive(&self) -> bool {
        self.state != State::Dead
    }

    /// Whether the text so far is one JSON value.
    pub(crate) fn is_complete(&self) -> bool {
        let ended = match self.state {
            State::AfterValue => true,
            State::Number(digits) => digits.may_end(),
            _ => false,
        };
        ended && self.open.is_empty()
    }

    /// Reads one character.
    pub(crate) fn feed(&mut self, c: char) {
        self.state = match self.state {
            State::Dead => State::Dead,
            State::Text { key } => match c {
                '"' if key => State::Colon,
                '"' => State::AfterValue,
                '\\' => State::Escape { key },
                c if c < ' ' => State::Dead,
                _ => State::Text { key },
            },
            State::Escape { key } => match c {
                '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => State::Text { key },
                'u' => State::Hex { key, left: 4 },
                _ => State::Dead,
            },
            State::Hex { key, left } if c.is_ascii_hexdigit() => {
                if left == 1 {
                    State::Text { key }
                } else {
                    State::Hex { key, left: left - 1 }
                }
            }
            State::Hex { .. } => State::Dead,
            State::Word(rest) => match rest.strip_prefix(c) {
                Some("") => State::AfterValue,
                Some(rest) => State::Word(rest),
                None => State::Dead,
            },
            State::Number(digits) => match digits.next(c) {
                Some(digits) => State::Number(digits),
                None if digits.may_end() => self.between(State::AfterValue, c),
                None => State::Dead,
            },
            state => self.between(state, c),
        };
    }

    /// Reads a quoted text without anything special in it, or any few characters.
    pub(crate) fn feed_plain(&mut self, bytes: &[u8]) {
        match (self.state, bytes) {
            (State::Dead, _) => {}
            (_, [b'"', .., b'"']) => {
                self.feed('"');
                if self.is_in_text() {
                    self.feed('"');
                }
            }
            _ => bytes.iter().for_each(|byte| self.feed(char::from(*byte))),
        }
    }

    /// Reads text that is known to hold no quote, backslash or control character.
    pub(crate) fn is_in_text(&self) -> bool {
        matches!(self.state, State::Text { .. })
    }

    fn between(&mut self, state: State, c: char) -> State {
        if matches!(c, ' ' | '\t' | '\n' | '\r') {
            return state;
        }
        match (state, c) {
            (State::Value { .. }, '{') => self.push(true),
            (State::Value { .. }, '[') => self.push(false),
            (State::Value { or_end: true }, ']') | (State::Key { or_end: true }, '}') => self.pop(),
            (State::Value { .. }, '"') => State::Text { key: false },
            (State::Value { .. }, 't') => State::Word("rue"),
            (State::Value { .. }, 'f') => State::Word("alse"),
            (State::Value { .. }, 'n') => State::Word("ull"),
            (State::Value { .. }, '-') => State::Number(Digits::Minus),
            (State::Value { .. }, '0') => State::Number(Digits::Zero),
            (State::Value { .. }, '1'..='9') => State::Number(Digits::Int),
            (State::Key { .. }, '"') => State::Text { key: true },
            (State::Colon, ':') => State::Value { or_end: false },
            (State::AfterValue, ',') => match self.open.last() {
                Some(true) => State::Key { or_end: false },
                Some(false) => State::Value { or_end: false },
                None => State::Dead,
            },
            (State::AfterValue, '}') if self.open.last() == Some(&true) => self.pop(),
            (State::AfterValue, ']') if self.open.last() == Some(&false) => self.pop(),
            _ => State::Dead,
        }
    }

    fn push(&mut self, object: bool) -> State {
        if self.open.len() >= STRICT_DEPTH_MAX {
            return State::Dead;
        }
        self.open.push(object);
        if object { State::Key { or_end: true } } else { State::Value { or_end: true } }
    }

    fn pop(&mut self) -> State {
        self.open.pop();
        State::AfterValue
    }
}

impl Digits {
    fn may_end(self) -> bool {
        matches!(self, Self::Zero | Self::Int | Self::Fraction | Self::Power)
    }

    fn next(self, c: char) -> Option<Self> {
        match (self, c) {
            (Self::Minus, '0') => Some(Self::Zero),
            (Self::Minus, '1'..='9') | (Self::Int, '0'..='9') => Some(Self::Int),
            (Self::Zero | Self::Int, '.') => Some(Self::Point),
            (Self::Point | Self::Fraction, '0'..='9') => Some(Self::Fraction),
            (Self::Zero | Self::Int | Self::Fraction, 'e' | 'E') => Some(Self::Exponent),
            (Self::Exponent, '+' | '-') => Some(Self::PowerSign),
            (Self::Exponent | Self::PowerSign | Self::Power, '0'..='9') => Some(Self::Power),
            _ => None,
        }
    }
}

//! The forgiving reader: a machine that is fed one character at a time and grows a [`Tree`].
//!
//! It reads JSON and what models write instead of it; what a bare word or a quoted text does at
//! each character stands in `token.rs`. Invariant: on valid JSON it builds exactly that JSON, and
//! what it shows after n characters is what it would show had the reply ended there.

use crate::bare::{self, Bare};
use crate::bound::{Bound, DEPTH_MAX, ROOTS_MAX};
use crate::keys::KeyId;
use crate::print;
use crate::quoted::{self, Quote, Quoted};
use crate::text::Leaf;
use crate::token::{Place, Step};
use crate::tree::{NodeId, TextId, Tree};

/// The forgiving reader's state.
///
/// ```text
/// Idle ─quote─► Quoted ─end─► Idle        Idle ─/─► Slash ─/─► LineComment ─newline─► Idle
/// Idle ─other─► Bare   ─end─► Idle                        └─*─► BlockComment ─*/─► Idle
/// Idle ─{[─► Idle, one container deeper; ─}]─► Idle, one less
/// ```
#[derive(Debug)]
pub(crate) struct Machine {
    frames: Vec<Frame>,
    token: Token,
    /// Values outside any container, in order.
    pub roots: Vec<NodeId>,
    /// Whether every value outside any container is a bare word.
    bare_roots: bool,
    /// The most containers that were open at once.
    pub(crate) depth: usize,
    /// A bound that was passed; nothing is read after that.
    pub beyond: Option<Bound>,
}

#[derive(Debug)]
struct Frame {
    node: NodeId,
    is_object: bool,
    /// A key that waits for its value.
    key: Option<KeyId>,
}

#[derive(Debug)]
enum Token {
    Idle,
    Slash,
    LineComment,
    BlockComment { star: bool },
    Quoted(Quoted),
    Bare(Bare),
}

impl Machine {
    /// A machine before its first character.
    pub(crate) fn new() -> Self {
        Self {
            frames: Vec::new(),
            token: Token::Idle,
            roots: Vec::new(),
            bare_roots: true,
            depth: 0,
            beyond: None,
        }
    }

    /// Whether every container is closed and no token is open.
    pub(crate) fn is_between(&self) -> bool {
        self.frames.is_empty() && matches!(self.token, Token::Idle)
    }

    /// Whether its only value is a bare word that is a text.
    pub(crate) fn is_bare(&self, tree: &Tree) -> bool {
        self.roots.len() == 1 && self.bare_roots && tree.is_text(self.roots[0])
    }

    /// Reads the character at byte `at` of the reply.
    pub(crate) fn feed(&mut self, tree: &mut Tree, c: char, at: usize) {
        if self.beyond.is_some() {
            return;
        }
        let place = self.place();
        let step = match &mut self.token {
            Token::Idle => return self.between(tree, c, at),
            Token::Slash => return self.after_slash(tree, c, at),
            Token::LineComment => {
                if c == '\n' {
                    self.token = Token::Idle;
                }
                return;
            }
            Token::BlockComment { star } => {
                let ends = *star && c == '/';
                *star = c == '*';
                if ends {
                    self.token = Token::Idle;
                }
                return;
            }
            Token::Quoted(quoted) => quoted.feed(tree, c, at, place),
            Token::Bare(bare) => bare.feed(tree, c, at, place),
        };
        self.take(tree, step, c, at);
    }

    /// Whether it stands between two tokens inside a container.
    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.token, Token::Idle) && !self.frames.is_empty() && self.beyond.is_none()
    }

    /// Whether the innermost container is an object.
    pub(crate) fn is_in_object(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.is_object)
    }

    /// Takes a whole token from byte `at` on, where all of it and what ends it has arrived and
    /// leaves no doubt; returns how many bytes.
    pub(crate) fn feed_token(&mut self, tree: &mut Tree, at: usize) -> usize {
        let place = self.place();
        let bytes = &tree.source().as_bytes()[at..];
        if bytes[0] != b'"' {
            let length = bare::plain_word(bytes, place);
            if length > 0 {
                let leaf = bare::leaf_of(&tree.source()[at..at + length]);
                let node = tree.add_span(leaf, at, at + length);
                self.attach_ended(tree, node);
            }
            return length;
        }
        let length = quoted::plain_quoted(bytes, place);
        match (length, place) {
            (0, _) => {}
            (_, Place::Key) => {
                let key = tree.key_at(at + 1, at + length - 1);
                if let Some(frame) = self.frames.last_mut() {
                    frame.key = Some(key);
                }
            }
            _ => {
                let node = tree.add_span(Leaf::Text, at + 1, at + length - 1);
                self.attach_ended(tree, node);
            }
        }
        length
    }

    fn attach_ended(&mut self, tree: &mut Tree, node: NodeId) {
        self.attach(tree, node);
        if let Some(frame) = self.frames.last_mut() {
            frame.key = None;
        }
    }

    /// The quoted text that is open.
    pub(crate) fn quoted(&mut self) -> Option<&mut Quoted> {
        match &mut self.token {
            Token::Quoted(quoted) => Some(quoted),
            _ => None,
        }
    }

    /// Makes open tokens look as if the reply ended here; the next character undoes it.
    pub(crate) fn present(&mut self, tree: &mut Tree) {
        match &mut self.token {
            Token::Quoted(quoted) => quoted.present(tree),
            Token::Bare(bare) => bare.present(tree),
            _ => {}
        }
    }

    fn take(&mut self, tree: &mut Tree, step: Step, c: char, at: usize) {
        match step {
            Step::More => {}
            Step::Ended { again } => {
                self.end_token(tree);
                for held in at - again..at {
                    let byte = tree.source().as_bytes()[held];
                    self.feed(tree, char::from(byte), held);
                }
                self.feed(tree, c, at);
            }
            Step::EndedHere => self.end_token(tree),
            Step::Comment { block } => {
                self.withdraw(tree);
                self.token =
                    if block { Token::BlockComment { star: false } } else { Token::LineComment };
            }
        }
    }

    fn place(&self) -> Place {
        match self.frames.last() {
            None => Place::Outside,
            Some(frame) if !frame.is_object => Place::Item,
            Some(frame) if frame.key.is_some() => Place::Value,
            Some(_) => Place::Key,
        }
    }

    /// One character where no token is open.
    pub(crate) fn between(&mut self, tree: &mut Tree, c: char, at: usize) {
        match (c, self.place()) {
            ('}', Place::Key | Place::Value) | (']', Place::Item) => self.close(tree),
            (',' | ':', Place::Key | Place::Value) | (',', Place::Item) => {}
            ('{', _) => self.open(tree, true),
            ('[', _) => self.open(tree, false),
            ('/', Place::Value | Place::Key) => self.start_bare(tree, c, at),
            ('/', _) => self.token = Token::Slash,
            (c, _) if c.is_whitespace() => {}
            (c, _) => match Quote::opened_by(c) {
                Some(quote) => self.start_quoted(tree, quote),
                None => self.start_bare(tree, c, at),
            },
        }
    }

    fn after_slash(&mut self, tree: &mut Tree, c: char, at: usize) {
        match c {
            '/' => self.token = Token::LineComment,
            '*' => self.token = Token::BlockComment { star: false },
            _ => {
                self.token = Token::Idle;
                self.between(tree, c, at);
            }
        }
    }

    fn open(&mut self, tree: &mut Tree, is_object: bool) {
        if self.frames.len() >= DEPTH_MAX {
            self.beyond = Some(Bound::Depth);
            return;
        }
        let node = if is_object { tree.add_object() } else { tree.add_array() };
        if self.place() != Place::Key {
            self.attach(tree, node);
        }
        self.frames.push(Frame { node, is_object, key: None });
        self.depth = self.depth.max(self.frames.len());
    }

    fn close(&mut self, tree: &mut Tree) {
        let Some(frame) = self.frames.pop() else { return };
        tree.end_container(frame.node);
        match self.frames.last_mut() {
            Some(parent) if parent.is_object => {
                if parent.key.is_none() {
                    // A container stood where a key was expected: its text is the key.
                    parent.key = Some(tree.key_named(&print::key(tree, frame.node)));
                } else {
                    parent.key = None;
                }
            }
            _ => {}
        }
    }

    fn start_quoted(&mut self, tree: &mut Tree, quote: Quote) {
        self.bare_roots &= !self.frames.is_empty();
        let text = tree.open_text();
        let node = self.show(tree, text);
        self.token = Token::Quoted(Quoted::new(text, node, quote));
    }

    fn start_bare(&mut self, tree: &mut Tree, c: char, at: usize) {
        let slash = c == '/' && matches!(self.place(), Place::Key | Place::Value);
        let text = tree.open_text();
        let node = self.show(tree, text);
        let (open, source) = tree.text_mut(text);
        open.take(source, at, at + c.len_utf8());
        self.token = Token::Bare(Bare::new(text, node, slash));
    }

    /// Gives a text that is no key a node in its place.
    fn show(&mut self, tree: &mut Tree, text: TextId) -> Option<NodeId> {
        if self.place() == Place::Key {
            return None;
        }
        let node = tree.add_open_text(text);
        self.attach(tree, node);
        Some(node)
    }

    /// Puts a value where it belongs. The key stays until the value ends: it marks the place.
    fn attach(&mut self, tree: &mut Tree, node: NodeId) {
        match self.frames.last() {
            None if self.roots.len() < ROOTS_MAX => self.roots.push(node),
            None => self.beyond = Some(Bound::Roots),
            Some(frame) => tree.attach(frame.node, frame.key, node),
        }
    }

    /// A bare word turned out to be a comment: as if it had never begun.
    fn withdraw(&mut self, tree: &mut Tree) {
        let Token::Bare(bare) = &self.token else { return };
        if bare.node.is_some() {
            match self.frames.last() {
                None => {
                    self.roots.pop();
                }
                Some(frame) => tree.detach(frame.node),
            }
        }
    }

    fn end_token(&mut self, tree: &mut Tree) {
        let (text, node) = match &self.token {
            Token::Quoted(quoted) => (quoted.text, quoted.node),
            Token::Bare(bare) => (bare.text, bare.node),
            _ => return,
        };
        self.token = Token::Idle;
        let Some(frame) = self.frames.last_mut().filter(|frame| frame.is_object) else { return };
        frame.key = if node.is_none() { Some(tree.end_key(text)) } else { None };
    }
}

//! One stretch of a reply (all of it, a fenced block, what follows the last one) and its readings.
//!
//! The readings, best first: the stretch as strict JSON; every balanced object or list in it; the
//! forgiving reading of everything; the text itself. Invariant: each character is read once, and
//! once more at most when the brackets turn out not to match or lie inside a strict text.

use crate::bound::{Bound, PIECES_MAX};
use crate::machine::Machine;
use crate::number::Number;
use crate::quoted;
use crate::strict::Strict;
use crate::text::Leaf;
use crate::tree::{AnyOf, Kind, NodeId, Tree};

/// What a stretch may be read as when nothing in it looks like JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fallback {
    /// Its text.
    Text,
    /// Nothing: the stretch has no reading then.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// No bracket was seen: everything is read forgivingly.
    Words,
    /// Balanced pieces are read, what stands between them is not.
    Pieces,
    /// Brackets did not match: everything is read forgivingly.
    Whole,
}

/// A stretch that is being read.
#[derive(Debug)]
pub(crate) struct Region {
    start: usize,
    end: usize,
    fallback: Fallback,
    mode: Mode,
    strict: Strict,
    /// Reads the current piece, or everything.
    machine: Machine,
    /// Reads everything where the pieces tell something else than strict JSON would.
    whole: Option<Box<Machine>>,
    /// Open brackets of the current piece, counted without regard to quotes.
    brackets: Vec<char>,
    piece_start: usize,
    /// Where the brackets of the last piece ended inside a text or comment. Each closer that
    /// follows may be the one that ends it: up to there it is read once more.
    torn: Option<usize>,
    /// Whether the machine is reading a torn piece again.
    is_again: bool,
    pieces: Vec<NodeId>,
    piece: Option<NodeId>,
    /// The list of several containers that the machine found.
    piece_all: Option<NodeId>,
    all: Option<NodeId>,
    any: Option<NodeId>,
    scalar: Option<NodeId>,
    /// The most containers inside one another in the pieces that are read.
    depth: usize,
    /// A bound that the pieces passed.
    beyond: Option<Bound>,
}

impl Region {
    /// A stretch that begins at byte `start` of the reply.
    pub(crate) fn new(start: usize, fallback: Fallback) -> Self {
        Self {
            start,
            end: start,
            fallback,
            mode: if fallback == Fallback::Text { Mode::Words } else { Mode::Whole },
            strict: Strict::new(),
            machine: Machine::new(),
            whole: None,
            brackets: Vec::new(),
            piece_start: start,
            torn: None,
            is_again: false,
            pieces: Vec::new(),
            piece: None,
            piece_all: None,
            all: None,
            any: None,
            scalar: None,
            depth: 0,
            beyond: None,
        }
    }

    /// A stretch behind a fenced block, from byte `start` of the reply to byte `end`: it is read
    /// forgivingly, or else it is a text.
    pub(crate) fn rest(start: usize, end: usize, tree: &mut Tree) -> Self {
        let mut rest = Self { mode: Mode::Whole, ..Self::new(start, Fallback::Text) };
        rest.feed_stretch(tree, start, end);
        rest
    }

    /// Whether it holds a list or an object with something in it, so that it will always have a
    /// reading.
    pub(crate) fn has_parts(&self, tree: &Tree) -> bool {
        let holds = |root: &NodeId| match tree.kind(*root) {
            Kind::Array(items) => !items.is_empty(),
            Kind::Object(entries) => !entries.is_empty(),
            _ => false,
        };
        self.machine.depth > 1 || self.machine.roots.iter().any(holds)
    }

    /// Whether it holds a list or an object that has ended, and is read piece by piece.
    pub(crate) fn has_pieces(&self) -> bool {
        self.mode == Mode::Pieces && !self.pieces.is_empty()
    }

    /// Whether nothing but white space stands in it.
    pub(crate) fn is_blank(&self, tree: &Tree) -> bool {
        tree.source()[self.start..self.end].trim().is_empty()
    }

    /// The most containers that were open at once.
    pub(crate) fn depth(&self) -> usize {
        let whole = self.whole.as_ref().map_or(0, |whole| whole.depth);
        self.depth.max(self.machine.depth).max(whole)
    }

    /// A bound that was passed.
    pub(crate) fn beyond(&self) -> Option<Bound> {
        let whole = self.whole.as_ref().and_then(|whole| whole.beyond);
        self.beyond.or(self.machine.beyond).or(whole)
    }

    /// Reads the reply from byte `start` to byte `end`.
    pub(crate) fn feed_stretch(&mut self, tree: &mut Tree, start: usize, end: usize) {
        let mut at = start;
        while let Some(c) = tree.source()[at..end].chars().next() {
            self.feed(tree, c, at);
            at += c.len_utf8();
        }
    }

    /// Reads the character at byte `at` of the reply.
    pub(crate) fn feed(&mut self, tree: &mut Tree, c: char, at: usize) {
        self.end = at + c.len_utf8();
        let was_alive = self.strict.is_alive();
        self.strict.feed(c);
        if was_alive && !self.strict.is_alive() && self.mode == Mode::Pieces {
            self.whole = None;
        }
        if let Some(whole) = &mut self.whole {
            whole.feed(tree, c, at);
        }
        match self.mode {
            Mode::Whole => self.machine.feed(tree, c, at),
            Mode::Words if c != '{' && c != '[' => self.machine.feed(tree, c, at),
            Mode::Words => {
                self.mode = Mode::Pieces;
                self.start_piece(tree, c, at);
            }
            Mode::Pieces => self.feed_pieces(tree, c, at),
        }
    }

    /// Whether every character goes to its one machine.
    pub(crate) fn reads_runs(&self) -> bool {
        let reads_all = match self.mode {
            Mode::Words => false,
            Mode::Pieces => !self.brackets.is_empty(),
            Mode::Whole => true,
        };
        reads_all && self.whole.is_none()
    }

    /// Where that is so, takes what is plain inside the current text, from byte `at` of the reply
    /// on; returns how many bytes. White space at the end of a fenced block is none of it: a text
    /// is not shown with it yet, and the block ends before it.
    pub(crate) fn feed_run(&mut self, tree: &mut Tree, at: usize) -> usize {
        let holds_space = self.fallback == Fallback::Nothing;
        if self.machine.is_idle() {
            let end = self.end;
            let run = self.feed_tokens(tree, at);
            if holds_space {
                let kept = tree.source()[at..at + run].trim_end().len();
                self.end = if kept > 0 { at + kept } else { end };
            }
            return run;
        }
        if self.strict.is_alive() && !self.strict.is_in_text() {
            return 0;
        }
        let Some(quoted) = self.machine.quoted() else { return 0 };
        let Some(quote) = quoted.plain_until() else { return 0 };
        let mut run = quoted::plain_run(&tree.source().as_bytes()[at..], quote);
        if holds_space {
            run = tree.source()[at..at + run].trim_end().len();
        }
        if run > 0 {
            quoted.take_run(tree, at, at + run);
            self.end = at + run;
        }
        run
    }

    /// Takes whole tokens and what stands between them on the same line.
    fn feed_tokens(&mut self, tree: &mut Tree, from: usize) -> usize {
        let mut at = from;
        while let Some(byte) = tree.source().as_bytes().get(at).copied() {
            let length = match byte {
                b' ' | b',' => 1,
                b':' if self.machine.is_in_object() => 1,
                b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => self.machine.feed_token(tree, at),
                _ => 0,
            };
            if length == 0 {
                break;
            }
            self.strict.feed_plain(&tree.source().as_bytes()[at..at + length]);
            at += length;
        }
        self.end = self.end.max(at);
        at - from
    }

    fn feed_pieces(&mut self, tree: &mut Tree, c: char, at: usize) {
        if self.brackets.is_empty() {
            match c {
                '{' | '[' => {
                    self.keep_torn(tree);
                    if self.pieces.len() < PIECES_MAX {
                        self.start_piece(tree, c, at);
                    } else {
                        self.beyond = Some(Bound::Pieces);
                    }
                }
                '}' | ']' => self.read_on(tree),
                _ => {}
            }
            return;
        }
        match c {
            '{' | '[' => self.brackets.push(c),
            '}' | ']' => {
                let opener = if c == '}' { '{' } else { '[' };
                if self.brackets.last() != Some(&opener) {
                    self.read_whole(tree);
                    return;
                }
                self.brackets.pop();
            }
            _ => {}
        }
        self.machine.feed(tree, c, at);
        if self.brackets.is_empty() {
            self.end_piece(tree);
        }
    }

    fn start_piece(&mut self, tree: &mut Tree, c: char, at: usize) {
        self.machine = Machine::new();
        self.piece_start = at;
        self.piece = None;
        self.piece_all = None;
        self.brackets.push(c);
        self.machine.feed(tree, c, at);
    }

    fn end_piece(&mut self, tree: &mut Tree) {
        let is_torn = !self.machine.is_between();
        if self.strict.is_alive() && is_torn && self.pieces.is_empty() {
            // The brackets end inside a strict text: keep a second reading that goes on.
            self.whole = Some(Box::new(replay(tree, self.start, self.end)));
        }
        self.torn = is_torn.then_some(self.end);
        self.keep_piece(tree);
    }

    /// The current piece will not change again.
    fn keep_piece(&mut self, tree: &mut Tree) {
        self.depth = self.depth.max(self.machine.depth);
        if let Some(node) = self.present_piece(tree) {
            tree.settle(node);
            self.pieces.push(node);
        }
        self.piece = None;
        self.piece_all = None;
    }

    /// A closer that no opener waits for: the last piece, if it is torn, may reach up to here.
    fn read_on(&mut self, tree: &mut Tree) {
        let Some(torn) = self.torn else { return };
        if self.is_again {
            feed(&mut self.machine, tree, torn, self.end);
        } else if self.pieces.len() < PIECES_MAX {
            self.machine = replay(tree, self.piece_start, self.end);
            self.is_again = true;
        }
        self.torn = Some(self.end);
        if self.machine.is_between() {
            self.keep_torn(tree);
        }
    }

    /// A torn piece that was read again will not change any more.
    fn keep_torn(&mut self, tree: &mut Tree) {
        if std::mem::take(&mut self.is_again) {
            self.keep_piece(tree);
        }
        self.torn = None;
    }

    /// The brackets do not match: read it all again, forgivingly.
    fn read_whole(&mut self, tree: &mut Tree) {
        self.machine = replay(tree, self.start, self.end);
        (self.torn, self.is_again) = (None, false);
        self.whole = None;
        self.mode = Mode::Whole;
        self.beyond = None;
        self.pieces.clear();
        self.any = None;
        self.piece_all = None;
    }

    /// The node that stands for all readings, as if the reply ended here.
    pub(crate) fn present(&mut self, tree: &mut Tree) -> Option<NodeId> {
        let raw = (self.start, self.end);
        if self.strict.is_complete() {
            let value = self.strict_value(tree);
            return Some(self.set_any(tree, &[value], raw));
        }
        self.scalar = None;
        if self.mode == Mode::Pieces {
            let is_open = !self.brackets.is_empty() || self.is_again;
            let open = if is_open { self.present_piece(tree) } else { None };
            let count = self.pieces.len() + usize::from(open.is_some());
            if count == 1 {
                let only = self.pieces.first().copied().or(open);
                return Some(self.set_any(tree, only.as_slice(), raw));
            }
            return Some(self.present_pieces(tree, open, raw));
        }
        self.machine.present(tree);
        let choices = self.present_roots(tree)?;
        Some(self.set_any(tree, &choices, raw))
    }

    /// All pieces as a list first, then each.
    fn present_pieces(
        &mut self,
        tree: &mut Tree,
        open: Option<NodeId>,
        raw: (usize, usize),
    ) -> NodeId {
        let all = *self.all.get_or_insert_with(|| tree.add_gathered());
        let pieces = self.pieces.iter().copied().chain(open);
        if let Some(items) = tree.items_mut(all) {
            // Only the last of those shown before can have been another node.
            items.truncate(self.pieces.len());
            let known = items.len();
            items.extend(pieces.clone().skip(known));
        }
        let id = *self.any.get_or_insert_with(|| tree.add_any(AnyOf::default()));
        if let Some(any) = tree.any_mut(id) {
            any.raw = raw;
            if any.choices.first() != Some(&all) {
                any.choices.clear();
                any.choices.push(all);
            }
            any.choices.truncate(self.pieces.len() + 1);
            let known = any.choices.len() - 1;
            any.choices.extend(pieces.skip(known));
        }
        id
    }

    fn set_any(&mut self, tree: &mut Tree, choices: &[NodeId], raw: (usize, usize)) -> NodeId {
        let id = *self.any.get_or_insert_with(|| tree.add_any(AnyOf::default()));
        if let Some(any) = tree.any_mut(id) {
            any.choices.clear();
            any.choices.extend_from_slice(choices);
            any.fenced = self.fallback == Fallback::Nothing;
            any.raw = raw;
        }
        id
    }

    /// The current piece with all its own readings.
    fn present_piece(&mut self, tree: &mut Tree) -> Option<NodeId> {
        self.machine.present(tree);
        let raw = (self.piece_start, self.torn.unwrap_or(self.end));
        let id = *self.piece.get_or_insert_with(|| tree.add_any(AnyOf::default()));
        let choices = containers(tree, &self.machine.roots, &mut self.piece_all);
        if let Some(any) = tree.any_mut(id) {
            *any = AnyOf { choices, fenced: false, raw };
        }
        Some(id)
    }

    /// The readings of the forgiving machine over everything.
    fn present_roots(&mut self, tree: &mut Tree) -> Option<Vec<NodeId>> {
        let roots = &self.machine.roots;
        let is_text = |id: &NodeId| tree.is_text(*id);
        match roots.as_slice() {
            [only] if self.fallback == Fallback::Text || !self.machine.is_bare(tree) => {
                Some(vec![*only])
            }
            [_] => None,
            [] => match self.fallback {
                Fallback::Text => Some(Vec::new()),
                Fallback::Nothing => None,
            },
            all if all.iter().all(is_text) => (self.fallback == Fallback::Text).then(Vec::new),
            _ => {
                let choices = containers(tree, roots, &mut self.piece_all);
                (!choices.is_empty() || self.fallback == Fallback::Text).then_some(choices)
            }
        }
    }

    fn strict_value(&mut self, tree: &mut Tree) -> NodeId {
        if let Some(whole) = &mut self.whole {
            whole.present(tree);
            if let Some(root) = whole.roots.first() {
                return *root;
            }
        }
        let source = tree.source()[self.start..self.end].trim();
        if source.starts_with(['{', '['])
            && let Some(root) = self.machine.roots.first()
        {
            return *root;
        }
        if let Some(scalar) = self.scalar {
            return scalar;
        }
        let read = serde_json::from_str::<serde_json::Value>(source);
        let (leaf, text) = match read {
            Ok(serde_json::Value::String(string)) => (Leaf::Text, string),
            Ok(serde_json::Value::Bool(value)) => (Leaf::Bool(value), String::new()),
            Ok(serde_json::Value::Number(_)) => {
                // More digits may follow.
                let leaf = Number::read(source).map_or(Leaf::Null, Leaf::Number);
                return tree.add_leaf(leaf, "");
            }
            Ok(_) => (Leaf::Null, String::new()),
            // A number beyond all floats.
            Err(_) => {
                let source = source.to_owned();
                return tree.add_leaf(Leaf::Text, &source);
            }
        };
        let id = tree.add_leaf(leaf, &text);
        tree.set_closed(id, true);
        self.scalar = Some(id);
        id
    }
}

/// A machine that has read a stretch of the reply.
fn replay(tree: &mut Tree, start: usize, end: usize) -> Machine {
    let mut machine = Machine::new();
    feed(&mut machine, tree, start, end);
    machine
}

fn feed(machine: &mut Machine, tree: &mut Tree, start: usize, end: usize) {
    let mut at = start;
    while let Some(c) = tree.source()[at..end].chars().next() {
        machine.feed(tree, c, at);
        at += c.len_utf8();
    }
}

/// The objects and lists among `roots`; several of them also as one list.
fn containers(tree: &mut Tree, roots: &[NodeId], all: &mut Option<NodeId>) -> Vec<NodeId> {
    let found: Vec<NodeId> = roots.iter().filter(|id| tree.is_container(**id)).copied().collect();
    if found.len() < 2 {
        return found;
    }
    let all = *all.get_or_insert_with(|| tree.add_gathered());
    if let Some(items) = tree.items_mut(all) {
        items.clone_from(&found);
    }
    std::iter::once(all).chain(found).collect()
}

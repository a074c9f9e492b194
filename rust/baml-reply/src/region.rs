//! One stretch of a reply (all of it, a fenced block, what follows the last one) and its readings.
//!
//! The readings, best first: the stretch as strict JSON; every balanced object or list in it; the
//! forgiving reading of everything; the text itself. Invariant: each character is read once, and
//! once more at most when the brackets turn out not to match or lie inside a strict text.

use crate::machine::Machine;
use crate::strict::Strict;
use crate::tree::{AnyOf, Kind, NodeId, Number, Tree};

/// Objects and lists found in one stretch, beyond which further ones are ignored.
pub(crate) const PIECES_MAX: usize = 10_000;

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
#[derive(Clone, Debug)]
pub(crate) struct Region {
    start: usize,
    end: usize,
    fallback: Fallback,
    mode: Mode,
    strict: Strict,
    /// Reads the current piece, or everything.
    machine: Machine,
    /// Reads everything where the pieces tell something else than strict JSON would.
    whole: Option<Machine>,
    /// Open brackets of the current piece, counted without regard to quotes.
    brackets: Vec<char>,
    piece_start: usize,
    pieces: Vec<NodeId>,
    piece: Option<NodeId>,
    /// The list of several containers that the machine found.
    piece_all: Option<NodeId>,
    all: Option<NodeId>,
    any: Option<NodeId>,
    scalar: Option<NodeId>,
    /// The most containers inside one another in the pieces that are read.
    depth: usize,
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
            pieces: Vec::new(),
            piece: None,
            piece_all: None,
            all: None,
            any: None,
            scalar: None,
            depth: 0,
        }
    }

    /// Whether it holds a list or an object, so that it will always have a reading.
    pub(crate) fn has_container(&self) -> bool {
        self.machine.depth > 0 || !self.pieces.is_empty()
    }

    /// Whether nothing but white space stands in it.
    pub(crate) fn is_blank(&self, text: &str) -> bool {
        text[self.start..self.end].trim().is_empty()
    }

    /// The most containers that were open at once.
    pub(crate) fn depth(&self) -> usize {
        let whole = self.whole.as_ref().map_or(0, |whole| whole.depth);
        self.depth.max(self.machine.depth).max(whole)
    }

    /// Whether a bound was passed.
    pub(crate) fn is_too_deep(&self) -> bool {
        self.machine.too_deep || self.whole.as_ref().is_some_and(|whole| whole.too_deep)
    }

    /// Reads the character at byte `at`; `text` is the reply up to and including it.
    pub(crate) fn feed(&mut self, tree: &mut Tree, c: char, text: &str, at: usize) {
        self.end = at + c.len_utf8();
        let was_alive = self.strict.is_alive();
        self.strict.feed(c);
        if was_alive && !self.strict.is_alive() && self.mode == Mode::Pieces {
            self.whole = None;
        }
        if let Some(whole) = &mut self.whole {
            whole.feed(tree, c);
        }
        match self.mode {
            Mode::Whole => self.machine.feed(tree, c),
            Mode::Words if c != '{' && c != '[' => self.machine.feed(tree, c),
            Mode::Words => {
                self.mode = Mode::Pieces;
                self.start_piece(tree, c, at);
            }
            Mode::Pieces => self.feed_pieces(tree, c, text, at),
        }
    }

    /// How many bytes of `text` are plain inside the current text, for every reading at once.
    pub(crate) fn feed_run(&mut self, tree: &mut Tree, text: &str, at: usize) -> usize {
        if self.mode != Mode::Pieces || self.whole.is_some() || self.brackets.is_empty() {
            return 0;
        }
        if self.strict.is_alive() && !self.strict.is_in_text() {
            return 0;
        }
        let plain = text
            .bytes()
            .position(|byte| byte < b' ' || matches!(byte, b'{' | b'}' | b'[' | b']'))
            .unwrap_or(text.len());
        let taken = self.machine.feed_run(tree, &text[..plain]);
        if taken > 0 {
            self.end = at + taken;
        }
        taken
    }

    fn feed_pieces(&mut self, tree: &mut Tree, c: char, text: &str, at: usize) {
        if self.brackets.is_empty() {
            if (c == '{' || c == '[') && self.pieces.len() < PIECES_MAX {
                self.start_piece(tree, c, at);
            }
            return;
        }
        match c {
            '{' | '[' => self.brackets.push(c),
            '}' | ']' => {
                let opener = if c == '}' { '{' } else { '[' };
                if self.brackets.last() != Some(&opener) {
                    self.read_whole(tree, text);
                    return;
                }
                self.brackets.pop();
            }
            _ => {}
        }
        self.machine.feed(tree, c);
        if self.brackets.is_empty() {
            self.end_piece(tree, text);
        }
    }

    fn start_piece(&mut self, tree: &mut Tree, c: char, at: usize) {
        self.machine = Machine::new();
        self.piece_start = at;
        self.piece = None;
        self.piece_all = None;
        self.brackets.push(c);
        self.machine.feed(tree, c);
    }

    fn end_piece(&mut self, tree: &mut Tree, text: &str) {
        if self.strict.is_alive() && !self.machine.is_between() && self.pieces.is_empty() {
            // The brackets end inside a strict text: keep a second reading that goes on.
            self.whole = Some(self.replay(tree, text));
        }
        self.depth = self.depth.max(self.machine.depth);
        if let Some(node) = self.present_piece(tree) {
            close(tree, node);
            self.pieces.push(node);
        }
        self.piece = None;
    }

    /// The brackets do not match: read it all again, forgivingly.
    fn read_whole(&mut self, tree: &mut Tree, text: &str) {
        self.machine = self.replay(tree, text);
        self.whole = None;
        self.mode = Mode::Whole;
        self.pieces.clear();
        self.any = None;
        self.piece_all = None;
    }

    fn replay(&self, tree: &mut Tree, text: &str) -> Machine {
        let mut machine = Machine::new();
        for c in text[self.start..self.end].chars() {
            machine.feed(tree, c);
        }
        machine
    }

    /// The same for a fenced block: an open one is no text.
    pub(crate) fn present_block(
        &mut self,
        tree: &mut Tree,
        text: &str,
        closed: bool,
    ) -> Option<NodeId> {
        let is_text = |id: &NodeId| matches!(tree.node(*id).kind, Kind::Text);
        if !closed && !self.strict.is_complete() && self.machine.roots.iter().all(is_text) {
            return None;
        }
        self.present(tree, text)
    }

    /// The node that stands for all readings, as if the reply ended here.
    pub(crate) fn present(&mut self, tree: &mut Tree, text: &str) -> Option<NodeId> {
        let raw = (self.start, self.end);
        if self.strict.is_complete() {
            let value = self.strict_value(tree, text);
            return Some(self.set_any(tree, vec![value], raw));
        }
        self.scalar = None;
        if self.mode == Mode::Pieces {
            let open = if self.brackets.is_empty() { None } else { self.present_piece(tree) };
            let count = self.pieces.len() + usize::from(open.is_some());
            if count == 1 {
                let only = self.pieces.first().copied().or(open);
                return Some(self.set_any(tree, only.into_iter().collect(), raw));
            }
            return Some(self.present_pieces(tree, open, raw));
        }
        self.machine.present(tree);
        let choices = self.present_roots(tree)?;
        Some(self.set_any(tree, choices, raw))
    }

    /// All pieces as a list first, then each.
    fn present_pieces(
        &mut self,
        tree: &mut Tree,
        open: Option<NodeId>,
        raw: (usize, usize),
    ) -> NodeId {
        let all = *self.all.get_or_insert_with(|| tree.add(Kind::Array(Vec::new())));
        let pieces = self.pieces.iter().copied().chain(open);
        if let Kind::Array(items) = &mut tree.node_mut(all).kind {
            let known = items.len();
            // Only the last of those shown before can have been another node.
            items.truncate(known.min(self.pieces.len()));
            let known = items.len();
            items.extend(pieces.clone().skip(known));
        }
        let any = *self.any.get_or_insert_with(|| tree.add(Kind::AnyOf(AnyOf::default())));
        if let Kind::AnyOf(any) = &mut tree.node_mut(any).kind {
            any.raw = raw;
            if any.choices.first() != Some(&all) {
                any.choices.clear();
                any.choices.push(all);
            }
            any.choices.truncate(any.choices.len().min(self.pieces.len() + 1));
            let known = any.choices.len() - 1;
            any.choices.extend(pieces.skip(known));
        }
        any
    }

    fn set_any(&mut self, tree: &mut Tree, choices: Vec<NodeId>, raw: (usize, usize)) -> NodeId {
        let id = *self.any.get_or_insert_with(|| tree.add(Kind::AnyOf(AnyOf::default())));
        if let Kind::AnyOf(any) = &mut tree.node_mut(id).kind {
            any.choices = choices;
            any.fenced = self.fallback == Fallback::Nothing;
            any.raw = raw;
        }
        id
    }

    /// The current piece with all its own readings.
    fn present_piece(&mut self, tree: &mut Tree) -> Option<NodeId> {
        self.machine.present(tree);
        let raw = (self.piece_start, self.end);
        let choices = containers(tree, &self.machine.roots, &mut self.piece_all);
        let any = AnyOf { choices, fenced: false, raw };
        match self.piece {
            Some(id) => {
                tree.node_mut(id).kind = Kind::AnyOf(any);
                Some(id)
            }
            None => {
                self.piece = Some(tree.add(Kind::AnyOf(any)));
                self.piece
            }
        }
    }

    /// The readings of the forgiving machine over everything.
    fn present_roots(&mut self, tree: &mut Tree) -> Option<Vec<NodeId>> {
        let roots = &self.machine.roots;
        let is_text = |id: &NodeId| matches!(tree.node(*id).kind, Kind::Text);
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

    fn strict_value(&mut self, tree: &mut Tree, text: &str) -> NodeId {
        if let Some(whole) = &mut self.whole {
            whole.present(tree);
            if let Some(root) = whole.roots.first() {
                return *root;
            }
        }
        let source = text[self.start..self.end].trim();
        if source.starts_with(['{', '['])
            && let Some(root) = self.machine.roots.first()
        {
            return *root;
        }
        if let Some(scalar) = self.scalar {
            return scalar;
        }
        let id = tree.add(Kind::Null);
        let node = tree.node_mut(id);
        match serde_json::from_str::<serde_json::Value>(source) {
            Ok(serde_json::Value::String(string)) => {
                node.kind = Kind::Text;
                node.view = (0, string.len());
                node.raw = string;
                node.closed = true;
            }
            Ok(serde_json::Value::Bool(value)) => {
                node.kind = Kind::Bool(value);
                node.closed = true;
            }
            Ok(serde_json::Value::Number(_)) => {
                node.kind = Number::read(source).map_or(Kind::Null, Kind::Number);
                // More digits may follow.
                return id;
            }
            Ok(_) => node.closed = true,
            // A number beyond all floats.
            Err(_) => {
                node.kind = Kind::Text;
                node.raw = source.to_owned();
                node.view = (0, source.len());
                return id;
            }
        }
        self.scalar = Some(id);
        id
    }
}

/// The objects and lists among `roots`; several of them also as one list.
fn containers(tree: &mut Tree, roots: &[NodeId], all: &mut Option<NodeId>) -> Vec<NodeId> {
    let is_container =
        |id: &&NodeId| matches!(tree.node(**id).kind, Kind::Array(_) | Kind::Object(_));
    let found: Vec<NodeId> = roots.iter().filter(is_container).copied().collect();
    if found.len() < 2 {
        return found;
    }
    let all = *all.get_or_insert_with(|| tree.add(Kind::Array(Vec::new())));
    if let Kind::Array(items) = &mut tree.node_mut(all).kind {
        items.clone_from(&found);
    }
    std::iter::once(all).chain(found).collect()
}

/// Freezes a node and what is still open below its end.
fn close(tree: &mut Tree, id: NodeId) {
    let node = tree.node_mut(id);
    node.closed = true;
    node.settled = true;
}

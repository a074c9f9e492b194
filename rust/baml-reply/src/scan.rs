//! The whole reply: fenced blocks found while it arrives, each read as a [`Region`] of its own.
//!
//! Invariant: a character goes to the reading of the whole reply until a fenced block holds an
//! object or list that is not empty, to the block it stands in, and, until that does, to the
//! reading of what follows the last block that has ended; to nothing else.

use std::sync::Arc;

use crate::bound::{BLOCKS_MAX, Bound, LENGTH_MAX};
use crate::fence::{Fence, Line};
use crate::region::{Fallback, Region};
use crate::tree::{AnyOf, NodeId, Tree};

/// The reply's text and all that was made of it.
#[derive(Debug)]
pub(crate) struct Scan {
    /// The reply's text, and the loose tree that every reading shares.
    pub tree: Tree,
    /// The reading of the whole reply. It is large, and a reply that is itself the value has none.
    root: Option<Box<Region>>,
    /// Whether a block holds a container with something in it, so that the whole reply needs no
    /// reading of its own.
    root_done: bool,
    fence: Fence,
    /// Few replies have one, and what reads it is large.
    block: Option<Box<Region>>,
    /// How far the reply was read.
    read: usize,
    /// How far the reply was given to the open block: white space and half a closing fence wait.
    given: usize,
    blocks: Vec<NodeId>,
    rest: Option<Box<Region>>,
    /// Whether the reply held a list or object when its first block began: then it is read on until
    /// that block ends.
    root_holds: bool,
    all: Option<NodeId>,
    any: Option<NodeId>,
    /// The most containers inside one another in the blocks that have ended.
    depth: usize,
    /// A bound that was passed and will not be undone.
    beyond: Option<Bound>,
}

impl Scan {
    /// Before the first character.
    pub(crate) fn new() -> Self {
        Self {
            tree: Tree::default(),
            root: None,
            root_done: false,
            fence: Fence::new(),
            block: None,
            read: 0,
            given: 0,
            blocks: Vec::new(),
            rest: None,
            root_holds: false,
            all: None,
            any: None,
            depth: 0,
            beyond: None,
        }
    }

    /// The reply so far.
    pub(crate) fn text(&self) -> &str {
        self.tree.source()
    }

    /// A bound that was passed.
    pub(crate) fn beyond(&self) -> Option<Bound> {
        let root = self.root.as_deref().filter(|_| !self.root_done);
        let regions = [root, self.block.as_deref(), self.rest.as_deref()];
        self.beyond.or_else(|| regions.into_iter().flatten().find_map(Region::beyond))
    }

    /// Adds to the reply, unless it becomes too long.
    pub(crate) fn push(&mut self, piece: &str) {
        if self.text().len() + piece.len() > LENGTH_MAX {
            self.beyond = Some(Bound::Length);
        } else if self.beyond.is_none() {
            self.tree.push_source(piece);
        }
    }

    /// Puts another text in the place of the reply.
    pub(crate) fn exchange(&mut self, reply: &mut Arc<String>) {
        std::mem::swap(self.tree.source_mut(), reply);
    }

    /// Takes what is new of a reply that is itself the value. False if it went beyond a bound.
    pub(crate) fn read_text(&mut self) -> bool {
        if self.text().len() > LENGTH_MAX {
            self.beyond = Some(Bound::Length);
        }
        self.beyond.is_none()
    }

    /// The most containers that were open at once.
    pub(crate) fn depth(&self) -> usize {
        let regions = [self.root.as_deref(), self.block.as_deref(), self.rest.as_deref()];
        regions.into_iter().flatten().map(Region::depth).fold(self.depth, usize::max)
    }

    /// Reads what is new of the reply.
    pub(crate) fn read_on(&mut self) {
        if !self.read_text() {
            return;
        }
        self.root.get_or_insert_with(|| Box::new(Region::new(0, Fallback::Text)));
        let mut at = self.read;
        while let Some(byte) = self.text().as_bytes().get(at).copied() {
            // What may open or close something is never part of a run.
            let may_run = byte >= b' ' && !matches!(byte, b'{' | b'}' | b'[' | b']' | b'\\');
            let run = if may_run { self.feed_run(at) } else { 0 };
            if run > 0 {
                at += run;
                continue;
            }
            let c = match byte {
                0..0x80 => char::from(byte),
                _ => self.text()[at..].chars().next().unwrap_or(char::REPLACEMENT_CHARACTER),
            };
            self.feed(c, at);
            at += c.len_utf8();
        }
        self.read = at;
    }

    /// Plain text goes in one step to the only reading that wants it: that of the whole reply, or
    /// of the open block where that holds something.
    fn feed_run(&mut self, at: usize) -> usize {
        if !self.fence.is_idle() {
            return 0;
        }
        if !self.root_done {
            let alone = self.block.is_none() && self.rest.is_none() && self.blocks.is_empty();
            return match &mut self.root {
                Some(root) if alone && root.reads_runs() => root.feed_run(&mut self.tree, at),
                _ => 0,
            };
        }
        match &mut self.block {
            Some(block) if self.rest.is_none() && self.given == at && block.reads_runs() => {
                let run = block.feed_run(&mut self.tree, at);
                self.given += run;
                run
            }
            _ => 0,
        }
    }

    fn feed(&mut self, c: char, at: usize) {
        let line = self.fence.feed(c, self.block.is_some());
        let end = at + c.len_utf8();
        if !self.root_done
            && let Some(root) = &mut self.root
        {
            root.feed(&mut self.tree, c, at);
        }
        match line {
            Line::Opens if self.blocks.len() < BLOCKS_MAX => {
                match &mut self.rest {
                    Some(rest) => rest.feed(&mut self.tree, c, at),
                    None if self.blocks.is_empty() => {
                        self.rest = Some(Box::new(Region::rest(0, end, &mut self.tree)));
                    }
                    None => {}
                }
                let root_holds = self.root.as_ref().is_some_and(|root| root.has_pieces());
                self.root_holds = self.blocks.is_empty() && root_holds;
                self.given = end;
                self.block = Some(Box::new(Region::new(end, Fallback::Nothing)));
            }
            Line::Opens => self.beyond = Some(Bound::Blocks),
            Line::Closes => self.end_block(end),
            _ => self.feed_parts(c, at, line),
        }
    }

    fn feed_parts(&mut self, c: char, at: usize, line: Line) {
        if let Some(rest) = &mut self.rest {
            rest.feed(&mut self.tree, c, at);
        }
        let Some(block) = &mut self.block else { return };
        // What may be white space at the block's end, or its closing fence, is held back.
        if line == Line::MayClose || line == Line::Ends || c.is_whitespace() {
            return;
        }
        let end = at + c.len_utf8();
        block.feed_stretch(&mut self.tree, self.given, end);
        self.given = end;
        if (!self.root_done || self.rest.is_some()) && block.has_parts(&self.tree) {
            self.root_done = !self.root_holds;
            self.rest = None;
        }
    }

    fn end_block(&mut self, end: usize) {
        let Some(mut block) = self.block.take() else { return };
        self.depth = self.depth.max(block.depth());
        self.beyond = self.beyond.or(block.beyond());
        if let Some(node) = block.present(&mut self.tree) {
            self.tree.settle(node);
            self.blocks.push(node);
        }
        self.rest = Some(Box::new(Region::rest(end, end, &mut self.tree)));
        self.root_done |= std::mem::take(&mut self.root_holds);
    }

    /// The node that stands for all readings, as if the reply ended here.
    pub(crate) fn present(&mut self) -> NodeId {
        let open = self.block.as_mut().and_then(|block| block.present(&mut self.tree));
        let mut choices: Vec<NodeId> = self.blocks.iter().copied().chain(open).collect();
        if choices.is_empty() {
            let root = self.present_root();
            return root.unwrap_or_else(|| self.set_any(&[]));
        }
        let ends = self.block.is_none() || self.fence.is_closing();
        let rest = self.present_rest(ends);
        if choices.len() == 1 && rest.is_none() && ends {
            return self.set_any(&choices);
        }
        let all = *self.all.get_or_insert_with(|| self.tree.add_gathered());
        if let Some(items) = self.tree.items_mut(all) {
            items.clone_from(&choices);
        }
        choices.push(all);
        choices.extend(rest);
        self.set_any(&choices)
    }

    fn present_root(&mut self) -> Option<NodeId> {
        self.root.as_mut()?.present(&mut self.tree)
    }

    /// What stands behind the last block that has ended: with an open block all of that too, for as
    /// long as it is no object or list with something in it.
    fn present_rest(&mut self, ends: bool) -> Option<NodeId> {
        if !ends && self.root_holds && self.rest.is_none() {
            return self.present_root();
        }
        let rest = self.rest.as_mut().filter(|_| !ends || self.block.is_none())?;
        if rest.is_blank(&self.tree) { None } else { rest.present(&mut self.tree) }
    }

    fn set_any(&mut self, choices: &[NodeId]) -> NodeId {
        let raw = (0, self.text().len());
        let id = *self.any.get_or_insert_with(|| self.tree.add_any(AnyOf::default()));
        if let Some(any) = self.tree.any_mut(id) {
            any.choices.clear();
            any.choices.extend_from_slice(choices);
            (any.fenced, any.raw) = (false, raw);
        }
        id
    }
}

//! The loose tree that the readers build: nodes in one arena, named by id, shared by all readings.
//!
//! Coercion does not live here. Invariant: a node whose reader closed it never changes again; an
//! open node only grows, except for what `present` sets for one poll and the next byte undoes.

/// A node of a [`Tree`], by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub u32);

/// A number as it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    /// It fits an `i64`.
    Int(i64),
    /// It fits only a `u64`.
    Unsigned(u64),
    /// Anything else.
    Float(f64),
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text: `Node::text()`.
    Text,
    /// A list.
    Array(Vec<NodeId>),
    /// An object: keys as written, repeated ones included.
    Object(Vec<(String, NodeId)>),
    /// Several readings of one stretch of the reply.
    AnyOf(AnyOf),
}

/// Several readings of the same text, in the order in which they are preferred.
#[derive(Clone, Debug, Default)]
pub(crate) struct AnyOf {
    /// The readings.
    pub choices: Vec<NodeId>,
    /// Whether the stretch is a fenced block.
    pub fenced: bool,
    /// The stretch itself, as byte offsets of the reply.
    pub raw: (usize, usize),
}

/// One value in the loose tree.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// What it is.
    pub kind: Kind,
    /// Whether it will never change again.
    pub settled: bool,
    /// Whether it has ended.
    pub closed: bool,
    /// The characters of a text or of a bare word.
    pub raw: String,
    /// How many bytes of an open quoted text stay whatever follows; 0 where that is not known.
    pub sure: usize,
    /// The part of `raw` that counts.
    pub view: (usize, usize),
}

/// The arena.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

impl Node {
    /// The text that stays whatever follows.
    pub(crate) fn sure_text(&self) -> &str {
        if self.settled { self.text() } else { &self.raw[..self.sure] }
    }

    /// The text that counts.
    pub(crate) fn text(&self) -> &str {
        &self.raw[self.view.0..self.view.1]
    }
}

impl Tree {
    /// Adds an open node.
    pub(crate) fn add(&mut self, kind: Kind) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node {
            kind,
            settled: false,
            closed: false,
            raw: String::new(),
            sure: 0,
            view: (0, 0),
        });
        id
    }

    /// The node of an id of this tree.
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The node of an id of this tree, to change.
    pub(crate) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    /// Takes the newest node away again, when it is `id` and nothing refers to it.
    pub(crate) fn drop_newest(&mut self, id: NodeId) {
        if id.0 as usize + 1 == self.nodes.len() {
            self.nodes.pop();
        }
    }

    /// Puts a value under an open container.
    pub(crate) fn attach(&mut self, parent: NodeId, key: Option<String>, child: NodeId) {
        match (&mut self.node_mut(parent).kind, key) {
            (Kind::Array(items), _) => items.push(child),
            (Kind::Object(entries), Some(key)) => entries.push((key, child)),
            _ => {}
        }
    }

    /// Takes the newest value away from an open container, with the key that it had.
    pub(crate) fn detach(&mut self, parent: NodeId) -> Option<String> {
        match &mut self.node_mut(parent).kind {
            Kind::Array(items) => {
                items.pop();
                None
            }
            Kind::Object(entries) => entries.pop().map(|(key, _)| key),
            _ => None,
        }
    }
}

impl Number {
    /// Reads a bare word as a number, as permissive as `str::parse` but finite only.
    pub(crate) fn read(word: &str) -> Option<Self> {
        let first = word.as_bytes().first()?;
        if !first.is_ascii_digit() && !matches!(first, b'-' | b'+' | b'.') {
            return None;
        }
        if let Ok(int) = word.parse::<i64>() {
            return Some(Self::Int(int));
        }
        if let Ok(unsigned) = word.parse::<u64>() {
            return Some(Self::Unsigned(unsigned));
        }
        word.parse::<f64>().ok().filter(|float| float.is_finite()).map(Self::Float)
    }

    /// As a float.
    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Self::Int(int) => int as f64,
            Self::Unsigned(unsigned) => unsigned as f64,
            Self::Float(float) => float,
        }
    }
}

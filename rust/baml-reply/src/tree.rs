//! The loose tree that the readers build: nodes in one arena, named by id, shared by all readings.
//!
//! Coercion does not live here. Invariant: a node whose reader closed it never changes again; an
//! open node only grows, except for what `present` sets for one poll and the next byte undoes.
//! A node costs twelve bytes: texts are spans, the parts of closed lists and objects lie in one
//! vector each, and only what is open has a buffer of its own.

use std::sync::Arc;

use crate::keys::{KeyId, Keys};
use crate::number::Number;
use crate::text::{self, Leaf, OpenText, Span, Texts};

/// A node of a [`Tree`], by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub u32);

/// An open text of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextId(u32);

/// What a node is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind<'t> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(&'t str),
    /// A list.
    Array(&'t [NodeId]),
    /// An object, repeated keys included.
    Object(&'t [Entry]),
    /// Several readings of one stretch of the reply.
    AnyOf(&'t AnyOf),
}

/// One entry of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// Its key, as written.
    pub key: KeyId,
    /// Its value.
    pub value: NodeId,
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

/// Buffers of more parts are not kept for the next list or object.
const OPEN_PARTS_MAX: usize = 256;

/// One value, packed: what `high` and `low` mean depends on the tag.
#[derive(Clone, Copy, Debug)]
struct Node {
    tag: Tag,
    settled: bool,
    closed: bool,
    /// Whether a text that ended is another than it looked like while it was open.
    rewritten: bool,
    high: u32,
    low: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Null,
    False,
    True,
    Int,
    Unsigned,
    Float,
    Text,
    OpenText,
    /// A stretch of `items`.
    Array,
    OpenArray,
    /// A list that is not written as one: values that stand beside one another.
    Gathered,
    /// A stretch of `entries`.
    Object,
    OpenObject,
    AnyOf,
}

/// The arena.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    texts: Texts,
    nodes: Vec<Node>,
    items: Vec<NodeId>,
    entries: Vec<Entry>,
    keys: Keys,
    any_of: Vec<AnyOf>,
    open_texts: Slots<OpenText>,
    open_items: Slots<Vec<NodeId>>,
    open_entries: Slots<Vec<Entry>>,
}

/// Buffers of what is open, used again when it has closed.
#[derive(Debug, Default)]
struct Slots<T> {
    all: Vec<T>,
    free: Vec<u32>,
}

impl<T: Default> Slots<T> {
    fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.all.push(T::default());
            self.all.len() as u32 - 1
        })
    }
}

impl Tree {
    /// A tree whose only node is a text.
    pub(crate) fn of_text(text: &str, closed: bool) -> (Self, NodeId) {
        let mut tree = Self::default();
        tree.push_source(text);
        let id = tree.add(Tag::Text, 0, text.len() as u32);
        tree.set_closed(id, closed);
        (tree, id)
    }

    /// The reply so far.
    pub(crate) fn source(&self) -> &str {
        &self.texts.source
    }

    /// Adds to the reply.
    pub(crate) fn push_source(&mut self, piece: &str) {
        self.texts.push_source(piece);
    }

    /// The reply so far, to be put in the place of a longer one.
    pub(crate) fn source_mut(&mut self) -> &mut Arc<String> {
        &mut self.texts.source
    }

    fn add(&mut self, tag: Tag, high: u32, low: u32) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        let node = Node { tag, settled: false, closed: false, rewritten: false, high, low };
        text::push(&mut self.nodes, node);
        id
    }

    /// Adds what stands from byte `start` to byte `end` of the reply and has ended there.
    pub(crate) fn add_span(&mut self, leaf: Leaf, start: usize, end: usize) -> NodeId {
        let id = self.add(Tag::Null, 0, 0);
        self.set_leaf(id, leaf, Span::new(start, end));
        self.settle(id);
        id
    }

    /// Adds an open list.
    pub(crate) fn add_array(&mut self) -> NodeId {
        let slot = self.open_items.take();
        self.add(Tag::OpenArray, 0, slot)
    }

    /// Adds a list of values that stand beside one another.
    pub(crate) fn add_gathered(&mut self) -> NodeId {
        let slot = self.open_items.take();
        self.add(Tag::Gathered, 0, slot)
    }

    /// Whether a list is made of values that stand beside one another.
    pub(crate) fn is_gathered(&self, id: NodeId) -> bool {
        self.node(id).tag == Tag::Gathered
    }

    /// Adds an open object.
    pub(crate) fn add_object(&mut self) -> NodeId {
        let slot = self.open_entries.take();
        self.add(Tag::OpenObject, 0, slot)
    }

    /// Adds a node with several readings.
    pub(crate) fn add_any(&mut self, any: AnyOf) -> NodeId {
        self.any_of.push(any);
        self.add(Tag::AnyOf, 0, self.any_of.len() as u32 - 1)
    }

    /// Adds an open text that no node shows yet.
    pub(crate) fn open_text(&mut self) -> TextId {
        TextId(self.open_texts.take())
    }

    /// Adds a node that shows an open text.
    pub(crate) fn add_open_text(&mut self, text: TextId) -> NodeId {
        self.add(Tag::OpenText, 0, text.0)
    }

    /// Adds a value that has no parts, given its text.
    pub(crate) fn add_leaf(&mut self, leaf: Leaf, text: &str) -> NodeId {
        let id = self.add(Tag::Null, 0, 0);
        let span = if leaf == Leaf::Text { self.texts.copy(text) } else { Span::new(0, 0) };
        self.set_leaf(id, leaf, span);
        id
    }

    fn set_leaf(&mut self, id: NodeId, leaf: Leaf, span: Span) {
        let bits = |bits: u64| ((bits >> 32) as u32, bits as u32);
        let (tag, (high, low)) = match leaf {
            Leaf::Text => (Tag::Text, (span.start, span.end)),
            Leaf::Null => (Tag::Null, (0, 0)),
            Leaf::Bool(false) => (Tag::False, (0, 0)),
            Leaf::Bool(true) => (Tag::True, (0, 0)),
            Leaf::Number(Number::Int(int)) => (Tag::Int, bits(int as u64)),
            Leaf::Number(Number::Unsigned(int)) => (Tag::Unsigned, bits(int)),
            Leaf::Number(Number::Float(float)) => (Tag::Float, bits(float.to_bits())),
        };
        let node = self.node_mut(id);
        (node.tag, node.high, node.low) = (tag, high, low);
    }

    fn node(&self, id: NodeId) -> Node {
        self.nodes[id.0 as usize]
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    /// What a node is.
    pub(crate) fn kind(&self, id: NodeId) -> Kind<'_> {
        let node = self.node(id);
        let bits = u64::from(node.high) << 32 | u64::from(node.low);
        let part = node.high as usize..node.low as usize;
        let slot = node.low as usize;
        match node.tag {
            Tag::Null => Kind::Null,
            Tag::False => Kind::Bool(false),
            Tag::True => Kind::Bool(true),
            Tag::Int => Kind::Number(Number::Int(bits as i64)),
            Tag::Unsigned => Kind::Number(Number::Unsigned(bits)),
            Tag::Float => Kind::Number(Number::Float(f64::from_bits(bits))),
            Tag::Text => Kind::Text(self.texts.get(Span { start: node.high, end: node.low })),
            Tag::OpenText => {
                let open = &self.open_texts.all[slot];
                match open.leaf {
                    Leaf::Text => Kind::Text(open.text(self.source())),
                    Leaf::Null => Kind::Null,
                    Leaf::Bool(value) => Kind::Bool(value),
                    Leaf::Number(number) => Kind::Number(number),
                }
            }
            Tag::Array => Kind::Array(&self.items[part]),
            Tag::OpenArray | Tag::Gathered => Kind::Array(&self.open_items.all[slot]),
            Tag::Object => Kind::Object(&self.entries[part]),
            Tag::OpenObject => Kind::Object(&self.open_entries.all[slot]),
            Tag::AnyOf => Kind::AnyOf(&self.any_of[slot]),
        }
    }

    /// Whether a node will never change again.
    pub(crate) fn is_settled(&self, id: NodeId) -> bool {
        self.node(id).settled
    }

    /// Whether a node has ended.
    pub(crate) fn is_closed(&self, id: NodeId) -> bool {
        self.node(id).closed
    }

    /// Says whether a node has ended, for now.
    pub(crate) fn set_closed(&mut self, id: NodeId, closed: bool) {
        self.node_mut(id).closed = closed;
    }

    /// Says that a node has ended for good.
    pub(crate) fn settle(&mut self, id: NodeId) {
        let node = self.node_mut(id);
        node.closed = true;
        node.settled = true;
    }

    /// Whether a node is a text.
    pub(crate) fn is_text(&self, id: NodeId) -> bool {
        matches!(self.kind(id), Kind::Text(_))
    }

    /// Whether a node is a list or an object.
    pub(crate) fn is_container(&self, id: NodeId) -> bool {
        matches!(self.kind(id), Kind::Array(_) | Kind::Object(_))
    }

    /// Whether an open text is a bare word that may become `null`.
    pub(crate) fn may_be_null(&self, id: NodeId) -> bool {
        let node = self.node(id);
        let open = (node.tag == Tag::OpenText).then(|| &self.open_texts.all[node.low as usize]);
        open.is_some_and(|open| open.may_be_null(self.source()))
    }

    /// The part of a text that stays whatever follows.
    pub(crate) fn sure_text(&self, id: NodeId) -> &str {
        let node = self.node(id);
        match (node.tag, self.kind(id)) {
            (_, Kind::Text(text)) if node.settled => text,
            (Tag::OpenText, _) => self.open_texts.all[node.low as usize].sure_text(self.source()),
            _ => "",
        }
    }

    /// Tells where a text begins. While that stays the same, a text that grows keeps what was sure
    /// of it.
    pub(crate) fn text_start(&self, id: NodeId) -> Option<usize> {
        let node = self.node(id);
        match node.tag {
            Tag::OpenText => Some(self.open_texts.all[node.low as usize].start()),
            _ => (!node.rewritten).then_some(0),
        }
    }

    /// Says that a text that ended is another than it looked like.
    pub(crate) fn set_rewritten(&mut self, id: NodeId) {
        self.node_mut(id).rewritten = true;
    }

    /// An open text.
    pub(crate) fn text(&self, id: TextId) -> &OpenText {
        &self.open_texts.all[id.0 as usize]
    }

    /// An open text's characters.
    pub(crate) fn raw(&self, id: TextId) -> &str {
        self.text(id).raw(self.source())
    }

    /// An open text, to change, and the reply.
    pub(crate) fn text_mut(&mut self, id: TextId) -> (&mut OpenText, &str) {
        (&mut self.open_texts.all[id.0 as usize], &self.texts.source)
    }

    /// Ends a text: `node` is what it is taken for, for good.
    pub(crate) fn end_text(&mut self, id: TextId, node: NodeId) {
        let (span, leaf) = self.free_text(id);
        self.set_leaf(node, leaf, span);
        self.settle(node);
    }

    /// Ends a text that is a key.
    pub(crate) fn end_key(&mut self, id: TextId) -> KeyId {
        let (span, _) = self.free_text(id);
        self.keys.take(span, &self.texts)
    }

    /// The key that stands from byte `start` to byte `end` of the reply.
    pub(crate) fn key_at(&mut self, start: usize, end: usize) -> KeyId {
        self.keys.take(Span::new(start, end), &self.texts)
    }

    fn free_text(&mut self, id: TextId) -> (Span, Leaf) {
        let open = std::mem::take(&mut self.open_texts.all[id.0 as usize]);
        self.open_texts.free.push(id.0);
        let span = match open.place() {
            Ok(span) => span,
            Err(copy) => self.texts.copy(copy),
        };
        (span, open.leaf)
    }

    /// The text of a key.
    pub(crate) fn key(&self, id: KeyId) -> &str {
        self.texts.get(self.keys.span(id))
    }

    /// The key that is spelled so.
    pub(crate) fn key_named(&mut self, name: &str) -> KeyId {
        let span = self.texts.copy(name);
        self.keys.take(span, &self.texts)
    }

    /// Puts a value under an open container.
    pub(crate) fn attach(&mut self, parent: NodeId, key: Option<KeyId>, child: NodeId) {
        let Node { tag, low, .. } = self.node(parent);
        match (tag, key) {
            (Tag::OpenArray, _) => text::push(&mut self.open_items.all[low as usize], child),
            (Tag::OpenObject, Some(key)) => {
                let entry = Entry { key, value: child };
                text::push(&mut self.open_entries.all[low as usize], entry);
            }
            _ => {}
        }
    }

    /// Takes the newest value away from an open container.
    pub(crate) fn detach(&mut self, parent: NodeId) {
        let Node { tag, low, .. } = self.node(parent);
        match tag {
            Tag::OpenArray => drop(self.open_items.all[low as usize].pop()),
            Tag::OpenObject => drop(self.open_entries.all[low as usize].pop()),
            _ => {}
        }
    }

    /// Ends a list or an object.
    pub(crate) fn end_container(&mut self, id: NodeId) {
        self.settle(id);
        let Node { tag, low: slot, .. } = self.node(id);
        let at = slot as usize;
        let (tag, start, end) = match tag {
            Tag::OpenArray => {
                let range = pour(&mut self.open_items.all[at], &mut self.items);
                self.open_items.free.push(slot);
                (Tag::Array, range.0, range.1)
            }
            Tag::OpenObject => {
                let range = pour(&mut self.open_entries.all[at], &mut self.entries);
                self.open_entries.free.push(slot);
                (Tag::Object, range.0, range.1)
            }
            _ => return,
        };
        let node = self.node_mut(id);
        (node.tag, node.high, node.low) = (tag, start, end);
    }

    /// A gathered list's items, to change.
    pub(crate) fn items_mut(&mut self, id: NodeId) -> Option<&mut Vec<NodeId>> {
        let Node { tag, low, .. } = self.node(id);
        (tag == Tag::Gathered).then(|| &mut self.open_items.all[low as usize])
    }

    /// A node's readings, to change.
    pub(crate) fn any_mut(&mut self, id: NodeId) -> Option<&mut AnyOf> {
        let Node { tag, low, .. } = self.node(id);
        (tag == Tag::AnyOf).then(|| &mut self.any_of[low as usize])
    }
}

/// Moves all parts behind those of other nodes; returns where they are then.
fn pour<T: Copy>(from: &mut Vec<T>, to: &mut Vec<T>) -> (u32, u32) {
    let start = to.len() as u32;
    text::extend(to, from);
    if from.capacity() > OPEN_PARTS_MAX {
        *from = Vec::new();
    } else {
        from.clear();
    }
    (start, to.len() as u32)
}

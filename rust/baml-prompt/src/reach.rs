//! What a type reaches: its enums, classes and recursive aliases, in the order they are listed.
//!
//! Invariant: every class, enum and alias is visited once, so recursion ends; the cost is linear in
//! the part of the schema that is reached.

use std::collections::HashSet;

use baml_schema::{AliasId, ClassId, EnumId, Schema, Type, TypeKind};

/// All that a type mentions, directly or through fields.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// In the order of listing.
    pub(crate) enums: Vec<EnumId>,
    /// In the order of the visit.
    pub(crate) classes: Vec<ClassId>,
    /// Classes that contain themselves, in the order of listing.
    pub(crate) recursive: Vec<ClassId>,
    /// In the order of listing.
    pub(crate) aliases: Vec<AliasId>,
}

/// A class or alias, as a node of the graph of who mentions whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Node {
    Class(ClassId),
    Alias(AliasId),
}

impl Reach {
    /// Walks from `root`, the last mentioned first.
    pub(crate) fn of(schema: &Schema, root: &Type) -> Self {
        let mut reach = Self::default();
        let mut enums = HashSet::new();
        let mut nodes = HashSet::new();
        let mut order = Vec::new();
        let mut pending = vec![root];
        while let Some(ty) = pending.pop() {
            match &ty.kind {
                TypeKind::Enum(id) if enums.insert(*id) => reach.enums.push(*id),
                TypeKind::Class(id) if nodes.insert(Node::Class(*id)) => {
                    order.push(Node::Class(*id));
                    reach.classes.push(*id);
                    pending.extend(shown_fields(schema, *id));
                }
                TypeKind::Alias(id) if nodes.insert(Node::Alias(*id)) => {
                    order.push(Node::Alias(*id));
                    pending.push(&schema.alias(*id).ty);
                }
                _ => pending.extend(children(ty)),
            }
        }
        reach.list(schema, &order);
        reach
    }

    /// Lists cycles whole, in the order of declaration, where their first member was met.
    fn list(&mut self, schema: &Schema, order: &[Node]) {
        let components = Components::of(schema, order);
        let mut listed = HashSet::new();
        for node in order {
            let Some(members) = components.cycle(*node) else { continue };
            for member in members {
                match member {
                    Node::Class(id) if listed.insert(*member) => self.recursive.push(*id),
                    Node::Alias(id) if listed.insert(*member) => self.aliases.push(*id),
                    _ => {}
                }
            }
        }
    }
}

fn shown_fields(schema: &Schema, id: ClassId) -> impl Iterator<Item = &Type> {
    schema.class(id).fields.iter().filter(|field| !field.skip).map(|field| &field.ty)
}

fn children(ty: &Type) -> Vec<&Type> {
    match &ty.kind {
        TypeKind::List(item) => vec![item],
        TypeKind::Map(key, value) => vec![key, value],
        TypeKind::Union(variants) => variants.iter().collect(),
        _ => Vec::new(),
    }
}

/// The strongly connected components of a set of nodes (Tarjan, without recursion).
struct Components {
    /// The members of each cycle, in the order of declaration.
    cycles: Vec<Vec<Node>>,
    of: std::collections::HashMap<Node, usize>,
}

/// One node's place in the search.
struct Visit {
    node: Node,
    next: Vec<Node>,
}

#[derive(Default)]
struct Search {
    index: std::collections::HashMap<Node, usize>,
    low: std::collections::HashMap<Node, usize>,
    open: Vec<Node>,
    on_stack: HashSet<Node>,
}

impl Components {
    fn of(schema: &Schema, nodes: &[Node]) -> Self {
        let mut found = Self { cycles: Vec::new(), of: std::collections::HashMap::new() };
        let mut search = Search::default();
        for node in nodes {
            if !search.index.contains_key(node) {
                found.visit(schema, &mut search, *node);
            }
        }
        found
    }

    fn cycle(&self, node: Node) -> Option<&[Node]> {
        self.of.get(&node).map(|at| self.cycles[*at].as_slice())
    }

    fn visit(&mut self, schema: &Schema, search: &mut Search, root: Node) {
        let mut path = vec![search.enter(schema, root)];
        while let Some(visit) = path.last_mut() {
            let node = visit.node;
            match visit.next.pop() {
                Some(next) if !search.index.contains_key(&next) => {
                    path.push(search.enter(schema, next));
                }
                Some(next) if search.on_stack.contains(&next) => {
                    let seen = search.index[&next];
                    search.lower(node, seen);
                }
                Some(_) => {}
                None => {
                    path.pop();
                    if let Some(parent) = path.last() {
                        let low = search.low[&node];
                        search.lower(parent.node, low);
                    }
                    self.close(schema, search, node);
                }
            }
        }
    }

    /// Takes a finished component off the stack; a single node is a cycle if it mentions itself.
    fn close(&mut self, schema: &Schema, search: &mut Search, node: Node) {
        if search.low[&node] != search.index[&node] {
            return;
        }
        let mut members = Vec::new();
        while let Some(member) = search.open.pop() {
            search.on_stack.remove(&member);
            members.push(member);
            if member == node {
                break;
            }
        }
        if members.len() == 1 && !mentions(schema, node).contains(&node) {
            return;
        }
        members.sort_unstable();
        for member in &members {
            self.of.insert(*member, self.cycles.len());
        }
        self.cycles.push(members);
    }
}

impl Search {
    fn enter(&mut self, schema: &Schema, node: Node) -> Visit {
        let at = self.index.len();
        self.index.insert(node, at);
        self.low.insert(node, at);
        self.open.push(node);
        self.on_stack.insert(node);
        Visit { node, next: mentions(schema, node) }
    }

    fn lower(&mut self, node: Node, to: usize) {
        if let Some(low) = self.low.get_mut(&node) {
            *low = (*low).min(to);
        }
    }
}

/// The classes and aliases that a node's own text mentions.
fn mentions(schema: &Schema, node: Node) -> Vec<Node> {
    let mut pending: Vec<&Type> = match node {
        Node::Class(id) => shown_fields(schema, id).collect(),
        Node::Alias(id) => vec![&schema.alias(id).ty],
    };
    let mut found = Vec::new();
    while let Some(ty) = pending.pop() {
        match &ty.kind {
            TypeKind::Class(id) => found.push(Node::Class(*id)),
            TypeKind::Alias(id) => found.push(Node::Alias(*id)),
            _ => pending.extend(children(ty)),
        }
    }
    found
}

//! Circles in a graph of names: its strongly connected components, without recursion.

/// The components of the graph `edges[from] = [to, …]`, each after all that it points to.
/// Time and memory grow with the number of nodes and edges.
pub(crate) fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search {
        edges,
        index: vec![usize::MAX; edges.len()],
        low: vec![0; edges.len()],
        on_stack: vec![false; edges.len()],
        stack: Vec::new(),
        next: 0,
        found: Vec::new(),
    };
    for node in 0..edges.len() {
        if search.index[node] == usize::MAX {
            search.visit(node);
        }
    }
    search.found
}

/// The components that are circles, each in the order of its positions.
pub(crate) fn cycles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut found = components(edges);
    found.retain(|group| group.len() > 1 || edges[group[0]].contains(&group[0]));
    for group in &mut found {
        group.sort_unstable();
    }
    found.sort_unstable();
    found
}

/// Tarjan's algorithm with its call stack made explicit.
struct Search<'a> {
    edges: &'a [Vec<usize>],
    index: Vec<usize>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    next: usize,
    found: Vec<Vec<usize>>,
}

impl Search<'_> {
    fn visit(&mut self, root: usize) {
        let mut calls = vec![(root, 0)];
        self.enter(root);
        while let Some((node, edge)) = calls.pop() {
            let Some(&to) = self.edges[node].get(edge) else {
                self.leave(node);
                if let Some((parent, _)) = calls.last() {
                    self.low[*parent] = self.low[*parent].min(self.low[node]);
                }
                continue;
            };
            calls.push((node, edge + 1));
            if self.index[to] == usize::MAX {
                self.enter(to);
                calls.push((to, 0));
            } else if self.on_stack[to] {
                self.low[node] = self.low[node].min(self.index[to]);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.index[node] = self.next;
        self.low[node] = self.next;
        self.next += 1;
        self.stack.push(node);
        self.on_stack[node] = true;
    }

    fn leave(&mut self, node: usize) {
        if self.low[node] != self.index[node] {
            return;
        }
        let mut group = Vec::new();
        while let Some(member) = self.stack.pop() {
            self.on_stack[member] = false;
            group.push(member);
            if member == node {
                break;
            }
        }
        group.reverse();
        self.found.push(group);
    }
}

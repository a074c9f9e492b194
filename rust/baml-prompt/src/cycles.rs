//! Cycles in a graph of numbered nodes, in the order in which the official runtime lists them.
//!
//! The search starts at every node in turn and takes neighbours in ascending order; a cycle is
//! listed in the order in which the search met its members, turned so that the smallest comes
//! first.
//!
//! Invariant: linear in nodes and edges, and no recursion (Tarjan's components with a stack of its
//! own).

/// The members of each cycle; a node alone is one if it is its own neighbour.
#[derive(Debug, Default)]
pub(crate) struct Cycles {
    members: Vec<Vec<usize>>,
    of: Vec<Option<usize>>,
}

/// The neighbours of each node.
pub(crate) type Edges = Vec<std::collections::BTreeSet<usize>>;

impl Cycles {
    pub(crate) fn of(edges: &Edges) -> Self {
        let mut search = Search {
            edges,
            index: vec![None; edges.len()],
            low: vec![0; edges.len()],
            open: Vec::new(),
            is_open: vec![false; edges.len()],
            met: 0,
            found: Self { members: Vec::new(), of: vec![None; edges.len()] },
        };
        for node in 0..edges.len() {
            if search.index[node].is_none() {
                search.visit(node);
            }
        }
        search.found
    }

    /// The cycle that a node belongs to.
    pub(crate) fn opt_cycle(&self, node: usize) -> Option<&[usize]> {
        self.of[node].map(|at| self.members[at].as_slice())
    }
}

struct Search<'a> {
    edges: &'a Edges,
    index: Vec<Option<usize>>,
    low: Vec<usize>,
    open: Vec<usize>,
    is_open: Vec<bool>,
    met: usize,
    found: Cycles,
}

impl Search<'_> {
    fn visit(&mut self, root: usize) {
        let mut path = vec![self.enter(root)];
        while let Some((node, pending)) = path.last_mut() {
            let node = *node;
            match pending.pop() {
                Some(next) => match self.index[next] {
                    None => path.push(self.enter(next)),
                    Some(seen) if self.is_open[next] => self.low[node] = self.low[node].min(seen),
                    Some(_) => {}
                },
                None => {
                    path.pop();
                    if let Some((parent, _)) = path.last() {
                        self.low[*parent] = self.low[*parent].min(self.low[node]);
                    }
                    self.close(node);
                }
            }
        }
    }

    /// Opens a node; its neighbours wait in descending order, so that the smallest is popped first.
    fn enter(&mut self, node: usize) -> (usize, Vec<usize>) {
        self.index[node] = Some(self.met);
        self.low[node] = self.met;
        self.met += 1;
        self.open.push(node);
        self.is_open[node] = true;
        (node, self.edges[node].iter().rev().copied().collect())
    }

    fn close(&mut self, node: usize) {
        if Some(self.low[node]) != self.index[node] {
            return;
        }
        let start = self.open.iter().rposition(|open| *open == node).unwrap_or_default();
        let mut members = self.open.split_off(start);
        for member in &members {
            self.is_open[*member] = false;
        }
        if members.len() == 1 && !self.edges[node].contains(&node) {
            return;
        }
        let smallest = (0..members.len()).min_by_key(|at| members[*at]).unwrap_or_default();
        members.rotate_left(smallest);
        for member in &members {
            self.found.of[*member] = Some(self.found.members.len());
        }
        self.found.members.push(members);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(edges: &[&[usize]], expected: &[&[usize]]) {
        let edges: Edges = edges.iter().map(|to| to.iter().copied().collect()).collect();
        assert_eq!(Cycles::of(&edges).members, expected);
    }

    #[test]
    fn of_meets_members_in_search_order() {
        check(&[&[1], &[2], &[0, 3], &[0]], &[&[0, 1, 2, 3]]);
        check(&[&[2], &[3], &[0, 1], &[2]], &[&[0, 2, 1, 3]]);
    }

    #[test]
    fn of_turns_the_smallest_to_the_front() {
        check(&[&[2], &[2], &[1, 3], &[2]], &[&[1, 3, 2]]);
    }

    #[test]
    fn of_single_nodes_are_cycles_with_themselves_only() {
        check(&[&[], &[1], &[0]], &[&[1]]);
    }
}

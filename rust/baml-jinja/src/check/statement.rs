//! Statements: which variables they set for whom, and which of them are refused.
//!
//! Invariant: a macro's body is not looked at, since nothing is known of its arguments.

use minijinja::machinery::Span;
use minijinja::machinery::ast::{Expr, ForLoop, IfCond, Set, Stmt};

use super::catalogue::{STATEMENT, SYNTAX, UNCALLED, UNPACK};
use super::expression::{Finding, Inference};
use super::kind::Kind;
use super::scope::LOOP;

impl Inference<'_> {
    /// Looks at statements in turn.
    pub(crate) fn statements(&mut self, body: &[Stmt<'_>]) {
        for statement in body {
            self.statement(statement);
        }
    }

    /// Looks at one statement.
    pub(crate) fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(template) => self.statements(&template.children),
            Stmt::EmitExpr(emit) => self.emit(&emit.expr),
            Stmt::EmitRaw(_) | Stmt::Macro(_) => {}
            Stmt::ForLoop(each) => self.for_loop(each),
            Stmt::IfCond(choice) => self.choice(choice),
            Stmt::Set(set) => self.set(set),
            Stmt::SetBlock(set) => match &set.filter {
                Some(_) => self.refuse("set with a filter", set.span()),
                None => self.statements(&set.body),
            },
            Stmt::WithBlock(with) => self.refuse("with", with.span()),
            Stmt::FilterBlock(filter) => self.refuse("filter", filter.span()),
            Stmt::AutoEscape(escape) => self.refuse("autoescape", escape.span()),
            Stmt::CallBlock(call) => self.refuse("call", call.span()),
            Stmt::Do(call) => self.refuse("do", call.span()),
            Stmt::Block(block) => self.unknown("block", block.span()),
            Stmt::Import(import) => self.unknown("import", import.span()),
            Stmt::FromImport(import) => self.unknown("from", import.span()),
            Stmt::Extends(extends) => self.unknown("extends", extends.span()),
            Stmt::Include(include) => self.unknown("include", include.span()),
        }
    }

    fn refuse(&mut self, name: &str, span: Span) {
        let message = format!("statement {name} is not supported in prompts");
        self.findings.push(Finding { id: STATEMENT, span, message });
    }

    fn unknown(&mut self, name: &str, span: Span) {
        let message = format!("syntax error: unknown statement {name}");
        self.findings.push(Finding { id: SYNTAX, span, message });
    }

    fn emit(&mut self, expr: &Expr<'_>) {
        let kind = self.infer(expr);
        if let (Expr::Var(var), Kind::Function(name)) = (expr, kind) {
            let message = format!(
                "Function '{name}' referenced without parentheses. Did you mean '{name}()'?"
            );
            self.warn(UNCALLED, var.span(), message);
        }
    }

    fn set(&mut self, set: &Set<'_>) {
        let kind = self.infer(&set.expr);
        if let Expr::Var(var) = &set.target {
            self.scope.set(var.id, kind);
        }
    }

    fn choice(&mut self, choice: &IfCond<'_>) {
        self.infer(&choice.expr);
        self.scope.push();
        self.statements(&choice.true_body);
        let first = self.scope.pop();
        self.scope.push();
        self.statements(&choice.false_body);
        let second = self.scope.pop();
        self.scope.merge(first, second);
    }

    fn for_loop(&mut self, each: &ForLoop<'_>) {
        let iterated = self.infer(&each.iter);
        self.scope.push();
        self.scope.set("loop", Kind::Class(LOOP.into()));
        match &each.target {
            Expr::Var(var) => self.scope.set(var.id, element(&iterated)),
            Expr::List(targets) => {
                self.unpack(&targets.items, &element(&iterated), targets.span());
            }
            _ => {}
        }
        self.statements(&each.body);
        self.statements(&each.else_body);
        self.scope.pop();
    }

    /// Sets the variables of `for a, b in …`, as far as the elements are known to be of that shape.
    fn unpack(&mut self, targets: &[Expr<'_>], element: &Kind, span: Span) {
        let kinds: Vec<Kind> = match element {
            Kind::Tuple(items) if items.len() != targets.len() => {
                let message = format!("Expected {} items", items.len());
                self.warn(UNPACK, span, message);
                vec![Kind::Unknown; targets.len()]
            }
            Kind::Tuple(items) => items.clone(),
            Kind::List(item) => vec![(**item).clone(); targets.len()],
            _ => return,
        };
        for (target, kind) in targets.iter().zip(kinds) {
            if let Expr::Var(var) = target {
                self.scope.set(var.id, kind);
            }
        }
    }
}

/// What a loop over such a value yields.
fn element(iterated: &Kind) -> Kind {
    match iterated {
        Kind::List(item) => (**item).clone(),
        Kind::Map(key, _) => (**key).clone(),
        _ => Kind::Unknown,
    }
}

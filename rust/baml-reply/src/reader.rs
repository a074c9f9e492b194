//! The reader of one reply: text goes in as it arrives, partial values and the final one come out.
//!
//! Invariant: a partial after n bytes equals that of a fresh reader given those n bytes at once.

use std::sync::Arc;

use baml_schema::{Schema, Type, TypeKind, Value};

use crate::bound::Bound;
use crate::change::{Change, Differ, Shadow};
use crate::coerce::{Coercer, Wanted};
use crate::error::ReplyError;
use crate::explain::{Builder, Explanation, Reading};
use crate::found::{Flags, Outcome};
use crate::memory::Memory;
use crate::misfit::Misfit;
use crate::plan::{Mode, Plans};
use crate::reason::Reason;
use crate::scan::Scan;
use crate::words::Words;

/// Replies that nest deeper than this are coerced on a thread of their own, with a deep stack.
const DEEP_MIN: usize = 40;

/// That stack, enough for [`DEPTH_MAX`](crate::DEPTH_MAX) containers in an unoptimised build.
const DEEP_STACK_BYTES: usize = 256 << 20;

/// What a function promises, made ready for reading its replies. Shared by all its calls.
#[derive(Debug)]
pub struct Target {
    schema: Arc<Schema>,
    ty: Type,
    partial: Plans,
    whole: Plans,
}

/// Whether a reply is there as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It may go on.
    Partial,
    /// It is whole.
    Whole,
}

/// Reads one reply.
#[derive(Debug)]
pub struct Reader {
    target: Arc<Target>,
    scan: Scan,
    /// Made when a value is first read: it is large.
    memory: Option<Box<Memory>>,
    /// What partial values were last read for.
    polled_for: Option<Wanted>,
    /// The price of all liberties of the last whole reading.
    score: Option<i64>,
    /// What `changes` told, and how much of a reply that is itself the value.
    told: Option<Shadow>,
    told_text: Option<usize>,
}

impl Target {
    /// A target for values of type `ty`.
    pub fn new(schema: Arc<Schema>, ty: Type) -> Self {
        let partial = Plans::build(&schema, &ty, Mode::Partial);
        let whole = Plans::build(&schema, &ty, Mode::Final);
        Self { schema, ty, partial, whole }
    }

    /// The type.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// The schema that the type belongs to.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Whether the reply's text itself is the value, with nothing attached: what changes of the
    /// value is what was added to the reply.
    pub fn is_plain_text(&self) -> bool {
        self.is_text() && self.ty.constraints.is_empty() && !self.ty.stream.with_state
    }

    /// Whether the reply's text itself is the value.
    fn is_text(&self) -> bool {
        self.ty.kind == TypeKind::String
    }
}

impl Reader {
    /// A reader before the first byte.
    pub fn new(target: Arc<Target>) -> Self {
        Self {
            target,
            scan: Scan::new(),
            memory: None,
            polled_for: None,
            score: None,
            told: None,
            told_text: None,
        }
    }

    /// Takes more of the reply. Cheap: values are made when somebody asks.
    pub fn push(&mut self, piece: &str) {
        self.scan.push(piece);
        self.read_on();
    }

    /// Exchanges the reader's copy of the reply for `reply`, which must begin with all that was
    /// read of it. Whoever keeps the reply anyway lends it for as long as it takes to read on and
    /// to ask for values, so that there is no second copy of it in between.
    pub fn exchange(&mut self, reply: &mut Arc<String>) {
        self.scan.exchange(reply);
    }

    /// Takes what is new of a reply that was lent.
    pub fn read_on(&mut self) {
        if self.target.is_text() {
            self.scan.read_text();
        } else {
            self.scan.read_on();
        }
    }

    /// The reply so far.
    pub fn text(&self) -> &str {
        self.scan.text()
    }

    /// The value as far as it may be shown; none while nothing may.
    ///
    /// It stays valid as long as it is held, and shares all that has ended with later ones. Drop it
    /// before the next call: lists and maps that are still open are then grown in place, otherwise
    /// they are copied once.
    pub fn partial(&mut self) -> Result<Option<Value>, ReplyError> {
        let target = Arc::clone(&self.target);
        let outcome = self.read(&target.partial, Wanted::Values);
        self.guard(&target.partial, outcome)
    }

    /// What changed since the last call, to be applied in order to what that call made of the value
    /// (the first changes set the whole). None while nothing may be shown; what was told stays.
    ///
    /// Costs what lies on the open spine, whatever came before. Of a long text the last characters
    /// that may yet turn out otherwise, such as half an escape, come later than in `partial`.
    pub fn changes(&mut self) -> Result<Option<Vec<Change>>, ReplyError> {
        if self.target.is_plain_text() {
            return match self.scan.beyond() {
                Some(bound) => Err(ReplyError::Beyond(bound)),
                None => Ok(Some(self.text_changes())),
            };
        }
        let target = Arc::clone(&self.target);
        let outcome = self.read(&target.partial, Wanted::Changes);
        let value = self.guard(&target.partial, outcome)?;
        let Some((value, memory)) = value.zip(self.memory.as_deref()) else { return Ok(None) };
        let (tree, told) = (&self.scan.tree, &mut self.told);
        let differ = move || Differ::new(&target.partial, tree, memory).changes(&value, told);
        let depth = self.scan.depth();
        Ok(Some(with_stack(depth, differ).unwrap_or_default()))
    }

    /// The same where the reply itself is the value.
    fn text_changes(&mut self) -> Vec<Change> {
        let text = self.scan.text();
        let told = self.told_text.replace(text.len());
        let change = Change::of_text(&text[told.unwrap_or(0)..], told.is_none());
        change.into_iter().collect()
    }

    /// The final value: the reply is whole. The reader may be asked again and says the same.
    pub fn finish(&mut self) -> Result<Value, ReplyError> {
        let target = Arc::clone(&self.target);
        let partial = self.memory.take();
        let outcome = self.read(&target.whole, Wanted::Values);
        self.memory = partial;
        self.score = outcome.as_ref().ok().map(|found| found.score);
        match self.guard(&target.whole, outcome)? {
            Some(value) => Ok(value),
            None => Err(ReplyError::Unfit(Reason::new("nothing may be shown"))),
        }
    }

    /// The price of all liberties that the last `finish` took: 0 where nothing was guessed. None
    /// before, and where nothing fits.
    pub fn score(&self) -> Option<i64> {
        self.score
    }

    /// How the reply so far is read: as a whole one, or as one that may go on. Reads it again.
    pub fn explain(&mut self, reach: Reach) -> Result<Explanation, Bound> {
        let target = Arc::clone(&self.target);
        let plans = match reach {
            Reach::Whole => &target.whole,
            Reach::Partial => &target.partial,
        };
        if let Some(bound) = self.scan.beyond() {
            return Err(bound);
        }
        let root = self.scan.present();
        let is_text = self.target.is_text();
        let tree = &self.scan.tree;
        let work = move || {
            let mut memory = Memory::default();
            let mut coercer = Coercer::new(plans, tree, &mut memory).traced();
            let outcome = if is_text {
                coercer.whole_text(plans.root)
            } else {
                coercer.coerce_whole(plans.root, root)
            };
            let tracer = coercer.take_tracer().unwrap_or_default();
            let mut builder = Builder::new(Words { plans, tree }, &tracer);
            let reading = builder.root();
            (outcome, reading, builder.cut)
        };
        let told = with_stack(self.scan.depth(), work);
        let (outcome, reading, cut) = told.unwrap_or_else(|| (too_deep(), None, true));
        let score = outcome.as_ref().ok().map(|found| found.score);
        let root = reading.unwrap_or_else(|| Reading::of_text(plans, tree, score));
        let refused = match self.guard(plans, outcome) {
            Err(ReplyError::Unfit(reason)) => Some(reason),
            _ => None,
        };
        let score = score.filter(|_| refused.is_none());
        Ok(Explanation { score, refused, root, cut })
    }

    fn read(&mut self, plans: &Plans, wanted: Wanted) -> Outcome {
        if self.scan.beyond().is_some() {
            return Err(Misfit::said("beyond a bound"));
        }
        let is_text = self.target.is_text();
        let root = (!is_text).then(|| self.scan.present());
        if plans.mode == Mode::Partial && self.polled_for.replace(wanted) != Some(wanted) {
            // What the one kind of poll drops the other one needs.
            self.memory = None;
        }
        let memory = self.memory.get_or_insert_default();
        memory.begin_poll();
        let mut coercer = Coercer::new(plans, &self.scan.tree, memory);
        if wanted == Wanted::Changes {
            coercer = coercer.for_changes();
        }
        let Some(root) = root else { return coercer.whole_text(plans.root) };
        let coerce = move || match plans.mode {
            Mode::Final => coercer.coerce_whole(plans.root, root),
            Mode::Partial => coercer.coerce(plans.root, root),
        };
        with_stack(self.scan.depth(), coerce).unwrap_or_else(too_deep)
    }

    fn guard(&self, plans: &Plans, outcome: Outcome) -> Result<Option<Value>, ReplyError> {
        if let Some(bound) = self.scan.beyond() {
            return Err(ReplyError::Beyond(bound));
        }
        let words = Words { plans, tree: &self.scan.tree };
        let found = outcome.map_err(|misfit| ReplyError::Unfit(words.reason(&misfit)))?;
        if found.flags.has(Flags::FROM_TEXT) {
            let message = "a text stands where an object was promised";
            return Err(ReplyError::Unfit(Reason::new(message)));
        }
        Ok(found.shown())
    }
}

fn too_deep() -> Outcome {
    Err(Misfit::said("the reply nests too deep to be read here"))
}

/// Does work that calls itself for each level of so deep a reply; none if that did not go well.
fn with_stack<T: Send>(depth: usize, work: impl FnOnce() -> T + Send) -> Option<T> {
    if depth < DEEP_MIN {
        return Some(work());
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(DEEP_STACK_BYTES);
        thread.spawn_scoped(scope, work).ok()?.join().ok()
    })
}

/// The final value of a whole reply.
pub fn parse(target: &Arc<Target>, text: &str) -> Result<Value, ReplyError> {
    let mut reader = Reader::new(Arc::clone(target));
    reader.push(text);
    reader.finish()
}

/// How a reply is read.
pub fn explain(target: &Arc<Target>, text: &str, reach: Reach) -> Result<Explanation, Bound> {
    let mut reader = Reader::new(Arc::clone(target));
    reader.push(text);
    reader.explain(reach)
}

/// The partial value of a reply that may go on.
pub fn parse_partial(target: &Arc<Target>, text: &str) -> Result<Option<Value>, ReplyError> {
    let mut reader = Reader::new(Arc::clone(target));
    reader.push(text);
    reader.partial()
}

//! A loaded project: sources, schema, and what its functions promise, made ready once.
//!
//! Invariant: nothing here changes after loading but the cache of targets, which only grows up to
//! the number of functions.

use std::sync::Arc;

use baml_reply::Target;
use baml_schema::Schema;
use baml_syntax::{Diagnostic, render};
use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::error::{Error, ErrorKind};
use crate::sources::{diagnose, is_error};
use crate::sync::{Mutex, lock};

/// A project.
pub struct Project {
    schema: Arc<Schema>,
    targets: Mutex<FxHashMap<SmolStr, Arc<Target>>>,
}

impl Project {
    /// Loads the files (path → text). Any error among the diagnostics keeps it from loading.
    pub fn load(files: &IndexMap<String, String>) -> Result<Self, Error> {
        let (sources, schema, diagnostics) = diagnose(files);
        if diagnostics.iter().any(is_error) {
            let errors: Vec<Diagnostic> = diagnostics.into_iter().filter(is_error).collect();
            let kind = ErrorKind::Project(render::json(&errors, &sources));
            return Err(Error::new(kind, render::text(&errors, &sources)));
        }
        Ok(Self { schema: Arc::new(schema), targets: Mutex::default() })
    }

    /// What it declares.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// What a function of this project promises, made ready for reading replies.
    pub fn target(&self, function: &str) -> Option<Arc<Target>> {
        if let Some(target) = lock(&self.targets).get(function) {
            return Some(Arc::clone(target));
        }
        let returns = self.schema.functions.get(function)?.returns.clone();
        let target = Arc::new(Target::new(Arc::clone(&self.schema), returns));
        lock(&self.targets).insert(function.into(), Arc::clone(&target));
        Some(target)
    }
}

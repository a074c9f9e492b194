//! The order of attempts and the waits between them, against what the official runtime was seen to
//! do with nested strategies. No time passes here: the walk says whom it would ask, and how long it
//! would wait.

use std::collections::HashMap;

use baml_provider::{Directory, Registry};
use baml_runtime::plan::{Ground, Turns, Walk};
use baml_runtime::project::Project;
use baml_testkit::{records, testdata};
use indexmap::IndexMap;
use serde_json::Value as Json;

/// How much later than its wait a request came: what the attempt before it took, and chance.
const LATE_MS_MAX: u128 = 75;

fn texts<'a>(record: &'a Json, list: &str, key: &str) -> Vec<&'a str> {
    let items = record[list].as_array().expect("a list");
    items.iter().map(|item| item[key].as_str().expect("a text")).collect()
}

#[test]
fn walks_ask_in_the_recorded_order_and_wait_as_long() {
    let folder = testdata().join("stream/records");
    let source = std::fs::read_to_string(folder.join("nested.baml")).expect("the project");
    let files = IndexMap::from([("nested.baml".to_owned(), source)]);
    let project = Project::load(&files).expect("it loads");
    let schema = project.schema();
    let routes = ["a", "b", "c", "d"];
    let variables = routes.map(|route| (format!("FAKE_{}", route.to_uppercase()), route));
    let env: HashMap<String, &str> = variables.into_iter().collect();
    let env = |name: &str| env.get(name).map(|route| format!("http://h/{route}"));
    let registry = Registry::default();
    let mut compared = 0;
    for (id, record) in records(&folder.join("nested.jsonl")) {
        if record.get("waits_ms").is_none() || record.get("dead").is_some() {
            continue;
        }
        compared += 1;
        let (turns, own_turns) = (Turns::default(), Turns::default());
        let directory = Directory { schema, registry: &registry };
        let ground = Ground { directory, env: &env, turns: &turns, own_turns: &own_turns };
        let function = record["function"].as_str().expect("a function");
        let mut walk = Walk::new(directory.start(&schema.functions[function].client));
        let waits = record["waits_ms"].as_array().expect("a list");
        let mut wait = 0;
        for (at, route) in texts(&record, "server", "route").into_iter().enumerate() {
            let step = walk.next(ground).expect("a project of ours");
            let step = step.unwrap_or_else(|| panic!("{id}: nobody is asked as number {at}"));
            let asked = schema.clients[step.client.name()].options.get("base_url");
            let asked = format!("{asked:?}");
            let variable = format!("FAKE_{}", route.to_uppercase());
            assert!(asked.contains(&variable), "{id}: number {at} goes to {route}, not {asked}");
            if at > 0 {
                let seen = u128::from(waits[at - 1].as_u64().expect("milliseconds"));
                let fits = seen + 2 >= wait && seen <= wait + LATE_MS_MAX;
                assert!(fits, "{id}: waits {wait} ms before number {at}, seen {seen}");
            }
            wait = step.delay.as_millis();
        }
        if record["error"]["class"] == "BamlClientHttpError" {
            let more = walk.next(ground).expect("a project of ours");
            assert!(more.is_none(), "{id}: somebody is asked after the last");
        }
    }
    assert!(compared >= 25, "only {compared} records have waits");
}

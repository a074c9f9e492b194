//! How long a project takes to load: 2,000 lines in at most 5 ms, 10,000 in at most 25 ms.

use baml_syntax::SourceMap;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// A project of about so many lines: classes, enums, aliases and functions that refer to each other.
fn project(lines: usize) -> SourceMap {
    let mut sources = SourceMap::default();
    let client = "client<llm> C {\n  provider openai\n  options {\n    model \"m\"\n  }\n}\n";
    sources.add("clients.baml", client);
    let unit = |at: usize| {
        format!(
            "/// What unit {at} holds.\nclass Item{at} {{\n  id int @description(\"the number\")\n  \
             name string @alias(\"title\")\n  kind Kind{at}?\n  next Item{at}[]\n  \
             price float @check(positive, {{{{ this > 0 }}}})\n  tags map<string, string | int>\n}}\n\
             enum Kind{at} {{\n  Good @description(\"fine\")\n  Bad\n  Unknown\n}}\n\
             type Many{at} = Item{at}[] | Kind{at}\n\
             function Read{at}(text: string, more: Item{at}?) -> Many{at} {{\n  client C\n  \
             prompt #\"\n    Read this:\n    {{{{ text }}}}\n\n    {{{{ ctx.output_format }}}}\n  \"#\n}}\n"
        )
    };
    let size = unit(0).lines().count();
    for file in 0..10 {
        let units = lines / size / 10;
        let text: String = (0..units).map(|at| unit(file * units + at)).collect();
        sources.add(format!("part{file}.baml"), text);
    }
    sources
}

#[divan::bench(args = [2_000, 10_000])]
fn load(bencher: Bencher, lines: usize) {
    let sources = project(lines);
    let (_, found) = baml_schema::check(&sources);
    assert!(found.is_empty(), "{}", baml_syntax::render::text(&found, &sources));
    bencher.bench_local(|| baml_schema::check(black_box(&sources)));
}

//! Explanations of single replies: what is taken, what is not, and why; their bounds.

use std::sync::Arc;

use baml_reply::{
    Explanation, Liberty, READINGS_DEPTH_MAX, READINGS_MAX, Reach, Reading, ReplyError, Step,
    Target, explain, parse,
};
use baml_syntax::SourceMap;

const SOURCE: &str = "
enum Mood {
  HAPPY
  SAD @alias(\"down\")
}
class Pet { name string  age int }
class Person {
  name string
  age int?
  mood Mood
  pets Pet[]
  notes map<string, int>
}
class Cat { kind \"cat\"  lives int }
class Dog { kind \"dog\"  tricks string[] }
function P() -> Person { client \"openai/x\" prompt #\"\"# }
function U() -> Cat | Dog | string { client \"openai/x\" prompt #\"\"# }
function L() -> int[] { client \"openai/x\" prompt #\"\"# }
function S() -> string { client \"openai/x\" prompt #\"\"# }
function E() -> Mood { client \"openai/x\" prompt #\"\"# }
type Deep = Deep[] | int
function D() -> Deep { client \"openai/x\" prompt #\"\"# }
";

fn target(function: &str) -> Arc<Target> {
    let mut sources = SourceMap::default();
    sources.add("main.baml", SOURCE);
    let (schema, diagnostics) = baml_schema::check(&sources);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let ty = schema.functions[function].returns.clone();
    Arc::new(Target::new(Arc::new(schema), ty))
}

fn whole(function: &str, text: &str) -> Explanation {
    explain(&target(function), text, Reach::Whole).expect("within all bounds")
}

/// What was taken, as `path name`.
fn taken(explanation: &Explanation) -> Vec<String> {
    let taken = explanation.taken();
    taken.iter().map(|taken| format!("{} {}", taken.path, taken.liberty.name())).collect()
}

/// The reading of the only object, list or block of a reply.
fn reply(explanation: &Explanation) -> &Reading {
    let mut reading = &explanation.root;
    while let ([only], true) = (reading.parts.as_slice(), reading.found.starts_with("reply")) {
        reading = only;
    }
    reading
}

fn part<'a>(reading: &'a Reading, name: &str) -> &'a Reading {
    let named = |part: &&Reading| part.at == Some(Step::Name(name.into()));
    reading.parts.iter().find(named).expect("the part is there")
}

#[test]
fn exact_reply_took_no_liberty() {
    let explanation = whole("L", "[1, 2]");
    assert_eq!(explanation.score, Some(0));
    assert_eq!(taken(&explanation), [""; 0]);
    assert_eq!(explanation.root.wanted, "int[]");
}

#[test]
fn liberties_are_told_by_path_with_what_was_wanted_and_found() {
    let text = r#"Here: {"name": "Ann", "mood": "Down!", "age": "30 years", "extra": 1,
        "pets": [{"name": "Rex", "age": 2.6}, {"name": "?"}], "notes": {"a": 1, "b": "x"}}"#;
    let explanation = whole("P", text);
    let expected = [
        " extra_key",
        "age text_to_other",
        "mood other_case",
        "pets lost_item",
        "pets[0].age float_to_int",
        "notes object_to_map",
        "notes lost_entry",
    ];
    assert_eq!(taken(&explanation), expected);
    let all = explanation.taken();
    let mood = all.iter().find(|taken| taken.path == "mood").expect("the mood was guessed");
    assert_eq!((mood.wanted, mood.found), ("Mood", "text \"Down!\""));
    assert_eq!(mood.liberty, Liberty::OtherCase);
}

#[test]
fn what_does_not_fit_is_told_by_path() {
    let target = target("P");
    let text = r#"{"name": null, "mood": "angry", "pets": [], "notes": {}}"#;
    let Err(ReplyError::Unfit(reason)) = parse(&target, text) else { panic!("it does not fit") };
    let mut places = Vec::new();
    reason.places(|place| places.push((place.path(), place.reason.clone())));
    let paths: Vec<&str> = places.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["name", "mood"]);
    let mood = &places[1].1;
    assert_eq!(mood.wanted.as_deref(), Some("Mood"));
    assert_eq!(mood.found.as_deref(), Some("text \"angry\""));
    assert!(mood.message.contains("Mood") && mood.message.contains("angry"), "{}", mood.message);
}

#[test]
fn missing_field_is_told_by_its_name() {
    let explanation = whole("P", r#"{"name": "Ann"}"#);
    assert_eq!(explanation.score, None);
    let reason = explanation.refused.as_ref().expect("a reason");
    assert!(reason.render().contains("mood: the field is missing; expected Mood"), "{reason}");
    let object = reply(&explanation);
    assert!(!part(object, "mood").taken);
    assert!(part(object, "mood").reason.as_deref().unwrap_or("").contains("missing"));
}

#[test]
fn variants_not_taken_say_why() {
    let explanation = whole("U", r#"{"kind": "dog", "tricks": ["sit"]}"#);
    let [exact] = reply(&explanation).parts.as_slice() else { panic!("{explanation:#?}") };
    assert_eq!((exact.wanted.as_str(), exact.taken), ("Dog", true), "an exact one needs no other");
    let explanation = whole("U", r#"{"kind": "dog", "tricks": "sit"}"#);
    let variants = &reply(&explanation).parts;
    let told: Vec<_> =
        variants.iter().map(|part| (part.wanted.as_str(), part.taken, part.score)).collect();
    assert_eq!(told, [("Cat", false, None), ("Dog", true, Some(1)), ("string", false, Some(2))]);
    assert!(variants[0].reason.is_some());
}

#[test]
fn candidates_are_told_with_their_scores() {
    let text = "```json\n{\"name\": \"A\"}\n```\nor\n```json\n{\"name\": \"B\", \"mood\": \"HAPPY\", \
                \"pets\": [], \"notes\": {}}\n```";
    let explanation = whole("P", text);
    let reply = &explanation.root;
    let fitting: Vec<bool> = reply.parts.iter().map(|part| part.score.is_some()).collect();
    assert_eq!(fitting[..2], [false, true]);
    assert_eq!(reply.parts.iter().filter(|part| part.taken).count(), 1);
    assert!(taken(&explanation).contains(&" first_match".to_owned()));
}

#[test]
fn text_is_explained_as_itself_and_names_in_prose_are_found() {
    let explanation = whole("S", "Hello");
    assert_eq!((explanation.score, explanation.root.found.as_str()), (Some(0), "text \"Hello\""));
    let explanation = whole("E", "I feel quite down today");
    assert_eq!(taken(&explanation), [" substring"]);
}

#[test]
fn beginning_of_a_reply_is_explained() {
    let explanation = explain(&target("P"), r#"{"name": "An"#, Reach::Partial);
    let explanation = explanation.expect("within all bounds");
    assert!(part(reply(&explanation), "name").taken);
    assert!(taken(&explanation).contains(&"mood missing_optional".to_owned()));
}

#[test]
fn explanation_has_bounds() {
    let items = vec!["1.5"; READINGS_MAX + 10].join(", ");
    let explanation = whole("L", &format!("[{items}]"));
    assert!(explanation.cut);
    assert_eq!(reply(&explanation).parts.len(), READINGS_MAX - 2);
    assert_eq!(explanation.score, Some(READINGS_MAX as i64 + 10));
    let deep = READINGS_DEPTH_MAX * 4;
    let explanation = whole("D", &format!("{}1{}", "[".repeat(deep), "]".repeat(deep)));
    assert!(explanation.cut);
    assert_eq!(explanation.score, Some(0));
    let mut depth = 0;
    let mut reading = &explanation.root;
    while let Some(part) = reading.parts.first() {
        (reading, depth) = (part, depth + 1);
    }
    assert_eq!(depth, READINGS_DEPTH_MAX);
}

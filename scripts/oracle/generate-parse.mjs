// Subcommand `generate-parse`: writes schemas and cases that nobody has seen, in the form of the recorded ones, for the
// official runtime to answer (`record-apart`) and `bin/conformance parse` to judge. The same seed writes the same cases.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mutate } from "./generate/mutations.mjs";
import { Random } from "./generate/random.mjs";
import { Writer, wrapped } from "./generate/replies.mjs";
import { addedSource, makeSchema, schemaSource } from "./generate/schemas.mjs";
import { topicCases, topics } from "./generate/topics.mjs";
import { Values } from "./generate/values.mjs";

export const usage = `
generate-parse --out DIR [--seed N] [--count N] [--records DIR] [--group NAME]...
    Writes DIR/NAME.jsonl and its schemas for each group, N cases (default 300) each:
      clean       random schemas, sound JSON in all that stands around it
      loose       the same, with values that are not just what the type says
      broken      the same, with one to three faults of the kinds that models write
      unions      unions and tools told apart by a literal, with a liberty or a fault now and then
      attributes  @stream.*, @check, @assert, @skip, dynamic classes
      minified    sound JSON and faults without any white space between the parts
      mutated     the recorded cases of --records (default ../conformance/parse), changed one to three times
      topic-*     written inputs of one topic each, in all layouts and wrappings
    Every case asks for the partial value of its prefixes: at every code point, of long texts at 300 places.
`;

const CUTS_MAX = 300;
const TEXT_MAX = 1500;
const SCHEMA_CASES = 10;

/** How the cases of a group are drawn: the style of its schemas, the share of liberties, the faults of a text. */
const GROUPS = {
  clean: { style: "plain", liberty: 0, faults: [[1, 0]] },
  loose: { style: "plain", liberty: 0.12, faults: [[1, 0]] },
  broken: { style: "plain", liberty: 0.03, faults: [[5, 1], [2, 2], [1, 3]] },
  unions: { style: "unions", liberty: 0.05, faults: [[2, 0], [1, 1]] },
  attributes: { style: "attributes", liberty: 0.05, faults: [[2, 0], [1, 1]] },
  minified: { style: "plain", liberty: 0.02, faults: [[3, 0], [1, 1]], minified: true },
};

/** A number or word, and a key right behind its comma. What the official runtime makes of it is told apart. */
const MINIFIED = /(\d|true|false|null),["\t\r]/;

/** The case as it is written, with partials asked for. */
function asked({ id, baml, fn, text, added }) {
  const whole = text.toWellFormed();
  const length = Array.from(whole).length;
  const step = Math.ceil(Math.max(length, 1) / CUTS_MAX);
  return { id, baml, function: fn, ...(added ? { type_builder: added } : {}), text: whole, ...(step > 1 ? { partial_step: step } : {}), partials: [] };
}

function randomGroup(name, random, count, out) {
  const { style, liberty, faults, minified = false } = GROUPS[name];
  const cases = [];
  for (let made = 0; cases.length < count; made++) {
    const own = random.fork();
    const schema = makeSchema(own, style);
    const baml = `${name}-${made}.baml`;
    writeFileSync(join(out, baml), schemaSource(schema));
    for (let at = 0; at < SCHEMA_CASES && cases.length < count; at++) {
      const values = new Values(own, liberty, schema.added);
      const fn = own.pick(schema.functions);
      const body = () => new Writer(own, own.weighted(faults), minified).write(values.of(fn.type));
      const text = wrapped(own, body(), body);
      if (MINIFIED.test(text) !== minified) continue;
      cases.push(asked({ id: `${name}-${cases.length}`, baml, fn: fn.name, text, added: addedSource(schema) }));
    }
  }
  return cases;
}

function readRecords(dir) {
  const files = readdirSync(dir).filter((file) => file.endsWith(".jsonl")).sort();
  const lines = files.flatMap((file) => readFileSync(join(dir, file), "utf8").split("\n").filter(Boolean));
  return lines.map((line) => JSON.parse(line)).filter((record) => typeof record.text === "string");
}

function mutatedGroup(random, count, out, dir) {
  const records = readRecords(dir);
  const byFunction = Map.groupBy ? Map.groupBy(records, (r) => r.baml + r.function) : grouped(records);
  const cases = [];
  while (cases.length < count) {
    const own = random.fork();
    const record = own.pick(records);
    const other = own.pick(byFunction.get(record.baml + record.function)).text;
    const text = mutate(own, record.text, other);
    if (text === record.text || text.length > TEXT_MAX || MINIFIED.test(text)) continue;
    copyFileSync(join(dir, record.baml), join(out, record.baml));
    cases.push(asked({ id: `mutated-${cases.length}`, baml: record.baml, fn: record.function, text, added: record.type_builder }));
  }
  return cases;
}

function grouped(records) {
  const groups = new Map();
  for (const record of records) {
    const key = record.baml + record.function;
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return groups;
}

function options(args) {
  const given = { seed: 1, count: 300, groups: [], records: join(import.meta.dirname, "../../rust/testdata/conformance/parse") };
  for (let at = 0; at < args.length; at += 2) {
    const [name, value] = [args[at], args[at + 1]];
    if (value === undefined) throw new Error(`${name} needs a value`);
    if (name === "--group") given.groups.push(value);
    else if (name === "--seed" || name === "--count") given[name.slice(2)] = Number(value);
    else if (name === "--out" || name === "--records") given[name.slice(2)] = value;
    else throw new Error(`unknown option ${name}`);
  }
  if (!given.out) throw new Error("generate-parse needs --out");
  return given;
}

export function main(args) {
  const { seed, count, groups, records, out } = options(args);
  mkdirSync(out, { recursive: true });
  const all = [...Object.keys(GROUPS), "mutated", ...topics().map((topic) => `topic-${topic}`)];
  for (const name of groups.length > 0 ? groups : all) {
    const random = new Random(seed * 1000003 + all.indexOf(name));
    let cases;
    if (GROUPS[name]) cases = randomGroup(name, random, count, out);
    else if (name === "mutated") cases = mutatedGroup(random, count, out, records);
    else cases = topicCases(name.slice("topic-".length), random, count, out).map(asked);
    writeFileSync(join(out, `${name}.jsonl`), cases.map((made) => JSON.stringify(made)).join("\n") + "\n");
    process.stderr.write(`${join(out, name)}.jsonl: ${cases.length} cases\n`);
  }
  return 0;
}

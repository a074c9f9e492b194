// Written inputs of one topic each, and what wraps them: topics/NAME.baml holds the schema, topics/NAME.txt the texts.
//
// A text begins after a line `=== FUNCTION FUNCTION…` that names the functions that are given it.
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROSE_AFTER, PROSE_BEFORE } from "./words.mjs";

const FOLDER = join(import.meta.dirname, "../topics");

export function topics() {
  return readdirSync(FOLDER).filter((file) => file.endsWith(".txt")).map((file) => file.slice(0, -4)).sort();
}

function textsOf(topic) {
  const parts = readFileSync(join(FOLDER, `${topic}.txt`), "utf8").split(/^=== (.*)\n/m).slice(1);
  const texts = [];
  for (let at = 0; at < parts.length; at += 2) {
    for (const fn of parts[at].split(" ")) texts.push({ fn, text: parts[at + 1].replace(/\n$/, "") });
  }
  return texts;
}

function laidOut(text, space) {
  try {
    return JSON.stringify(JSON.parse(text), null, space);
  } catch {
    return text;
  }
}

/** What surrounds a text; the first of them is nothing. */
const AROUND = [
  (random, text) => text,
  (random, text) => "```json\n" + text + "\n```",
  (random, text) => random.pick(PROSE_BEFORE) + text + random.pick(["", ...PROSE_AFTER]),
  (random, text) => random.pick(PROSE_BEFORE) + "```json\n" + text + "\n```" + random.pick(["", ...PROSE_AFTER]),
  (random, text) => laidOut(text, 2),
  (random, text) => "```\n" + text + "\n```",
  (random, text) => random.pick(PROSE_BEFORE) + "```json\n" + text,
  (random, text, other) => text + "\n\n" + other,
  (random, text, other) => "```json\n" + other + "\n```\n\nor\n\n```json\n" + text + "\n```",
  (random, text) => text.slice(0, random.int(Math.floor(text.length / 2), text.length)),
];

/** The cases of a topic: each text as it is, then wrapped, until there are enough. */
export function topicCases(topic, random, count, out) {
  const baml = `${topic}.baml`;
  copyFileSync(join(FOLDER, baml), join(out, baml));
  const texts = textsOf(topic);
  const cases = [];
  const seen = new Set();
  for (const around of AROUND) {
    for (const { fn, text } of random.shuffled(texts)) {
      const other = random.pick(texts.filter((one) => one.fn === fn)).text;
      const made = around(random, text, other);
      if (cases.length >= count || seen.has(fn + made)) continue;
      seen.add(fn + made);
      cases.push({ id: `topic-${topic}-${cases.length}`, baml, fn, text: made });
    }
  }
  return cases;
}

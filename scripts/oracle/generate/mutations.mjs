// Recorded texts made different: cut, mixed, quoted otherwise, wrapped, with characters too many or too few.
import { PROSE_AFTER, PROSE_BEFORE, someFloat, someInt, someText } from "./words.mjs";

const MARKS = ["\"", "'", "`", "{", "}", "[", "]", ",", ":", "\n", " ", "\\", "/", "//", "```", "\"\"\"", "null", "-", ".", "(", ")", "é", "“", "#", "...", "\t"];

/** Replaces one match of a pattern, drawn at random. */
function replaceOne(random, text, pattern, make) {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text;
  const match = random.pick(found);
  return text.slice(0, match.index) + make(match[0]) + text.slice(match.index + match[0].length);
}

function laidOut(random, text) {
  try {
    return JSON.stringify(JSON.parse(text), null, random.pick([0, 2, 4, "\t"]));
  } catch {
    return text;
  }
}

/** One change of a text; `other` is another text that the same function was given. */
function mutated(random, text, other) {
  const at = random.int(0, text.length);
  const to = Math.min(text.length, at + random.int(1, 4));
  return random.weighted([
    [2, () => text.slice(0, at)],
    [1, () => text.slice(at)],
    [2, () => text.slice(0, at) + text.slice(to)],
    [3, () => text.slice(0, at) + random.pick(MARKS) + text.slice(at)],
    [3, () => replaceOne(random, text, /"[^"]*"/g, () => JSON.stringify(someText(random)))],
    [2, () => replaceOne(random, text, /-?\d[\d.]*/g, () => String(random.chance(0.5) ? someInt(random) : someFloat(random)))],
    [2, () => replaceOne(random, text, /"[^"]*"/g, (quoted) => quoted.slice(1, -1))],
    [1, () => replaceOne(random, text, /"[^"]*"/g, (quoted) => `'${quoted.slice(1, -1)}'`)],
    [1, () => replaceOne(random, text, /"[^"]*"/g, (quoted) => "`" + quoted.slice(1, -1) + "`")],
    [1, () => text.replaceAll("\"", "'")],
    [1, () => text.replaceAll("\"", "")],
    [1, () => replaceOne(random, text, /[[\]{},:]/g, () => "")],
    [1, () => replaceOne(random, text, /[[\]{},:]/g, (mark) => mark + mark)],
    [1, () => replaceOne(random, text, /true|false|null/g, () => random.pick(["True", "None", "false", "null", "yes", "0"]))],
    [2, () => laidOut(random, text)],
    [1, () => text.replaceAll(", ", ",").replaceAll(": ", ":")],
    [1, () => text.replaceAll(",", ", ").replaceAll(":", ": ")],
    [2, () => random.pick(PROSE_BEFORE) + text],
    [1, () => text + random.pick(PROSE_AFTER)],
    [2, () => "```json\n" + text + "\n```"],
    [1, () => random.pick(PROSE_BEFORE) + "```\n" + text + "\n```" + random.pick(PROSE_AFTER)],
    [1, () => text + random.pick(["\n", " ", "\n\nor\n\n", ", "]) + other],
    [1, () => "```json\n" + other + "\n```\n\n```json\n" + text + "\n```"],
    [1, () => `[${text}, ${other}]`],
    [1, () => `{"${random.pick(["result", "a", "value", "name"])}": ${text}}`],
    [1, () => replaceOne(random, text, /\n/g, () => random.pick([" ", "\n\n", " // so\n"]))],
    [1, () => random.pick([text.toUpperCase(), text.toLowerCase(), ` ${text} `, `**${text}**`, `"${text}"`])],
  ])();
}

/** Some changes of a text, one after the other. */
export function mutate(random, text, other) {
  let out = text;
  for (let count = random.weighted([[4, 1], [3, 2], [1, 3]]); count > 0; count--) out = mutated(random, out, other);
  return out;
}

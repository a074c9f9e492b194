// Nodes written as models write them: JSON in some layout, with faults, inside prose and fences.
import { PROSE_AFTER, PROSE_BEFORE } from "./words.mjs";

const LAYOUTS = [[5, { indent: 2 }], [1, { indent: 4 }], [5, { indent: 0, space: " " }]];
const MINIFIED = { indent: 0, space: "" };

/** Each fault with its weight; a writer has some of them, or none. */
const FAULTS = [
  [3, "unquoted keys"], [2, "unquoted values"], [2, "single quotes"], [1, "backticks"], [1, "triple quotes"],
  [3, "bare quotes"], [3, "bare newlines"], [2, "comments"], [4, "trailing commas"], [2, "missing commas"],
  [3, "missing closers"], [3, "cut"], [2, "python words"], [1, "odd escapes"], [1, "unicode escapes"], [1, "curly quotes"],
  [1, "stray text"], [1, "ellipsis"], [1, "double closers"], [1, "semicolons"], [1, "bold keys"],
];

export class Writer {
  /** `faults` is how many kinds of faults the text has. */
  constructor(random, faults, minified) {
    this.random = random;
    this.layout = minified ? MINIFIED : random.weighted(LAYOUTS);
    this.faults = new Set();
    while (this.faults.size < faults) this.faults.add(random.weighted(FAULTS));
  }

  /** Whether a fault strikes here. */
  strikes(fault, share = 0.3) {
    return this.faults.has(fault) && this.random.chance(share);
  }

  write(node) {
    let out = this.node(node, 0);
    if (this.faults.has("missing closers")) out = out.replace(/[\]}\s]+$/, (closers) => closers.trimEnd().slice(0, this.random.int(0, closers.trimEnd().length - 1)));
    if (this.faults.has("cut")) out = out.slice(0, this.random.int(Math.floor(out.length / 4), out.length));
    if (this.faults.has("double closers")) out += this.random.pick(["}", "]", "}}"]);
    return out;
  }

  node(node, depth) {
    if (node.text !== undefined) return this.text(node.text);
    if (node.bare !== undefined) return this.bare(node.bare);
    if (node.list) return this.parts(node.list.map((item) => this.node(item, depth + 1)), "[", "]", depth);
    const pairs = node.object.map(([key, value]) => this.key(key) + ":" + (this.layout.space ?? " ") + this.node(value, depth + 1));
    return this.parts(pairs, "{", "}", depth);
  }

  parts(parts, open, close, depth) {
    if (parts.length === 0) return open + close;
    const { indent, space } = this.layout;
    const line = indent ? "\n" + " ".repeat(indent * (depth + 1)) : "";
    let out = open + line;
    parts.forEach((part, at) => {
      const last = at === parts.length - 1;
      let comma = last ? (this.strikes("trailing commas", 0.5) ? "," : "") : ",";
      if (!last && this.strikes("missing commas")) comma = "";
      if (this.strikes("semicolons", 0.1)) comma = ";";
      if (this.strikes("ellipsis", 0.1)) comma += " ...";
      if (this.strikes("stray text", 0.1)) comma += " (as given)";
      if (this.strikes("comments")) comma += this.random.pick([" // as said", " /* a note, here */", " // see \"x\""]) + (indent ? "" : "\n");
      out += part + comma + (last ? "" : indent ? line : comma === "" ? " " : space);
    });
    return out + (indent ? "\n" + " ".repeat(indent * depth) : "") + close;
  }

  key(key) {
    if (this.strikes("unquoted keys", 0.8)) return key;
    if (this.strikes("bold keys", 0.3)) return `**${key}**`;
    if (this.strikes("single quotes", 0.8)) return `'${key}'`;
    if (this.strikes("curly quotes", 0.3)) return `“${key}”`;
    return JSON.stringify(key);
  }

  bare(value) {
    if (this.faults.has("python words")) return { true: "True", false: "False", null: "None" }[value] ?? value;
    return value;
  }

  text(value) {
    if (this.strikes("unquoted values", 0.5)) return value;
    if (this.strikes("triple quotes")) return `"""${this.random.pick(["", "\n"])}${value}${this.random.pick(["", "\n"])}"""`;
    if (this.strikes("backticks", 0.5)) return "`" + value + "`";
    if (this.strikes("single quotes", 0.8)) return `'${this.random.chance(0.5) ? value : value.replaceAll("'", "\\'")}'`;
    if (this.strikes("curly quotes", 0.3)) return `“${value}”`;
    let out = JSON.stringify(value);
    if (this.strikes("bare quotes", 0.7)) {
      out = out.replaceAll('\\"', '"');
      if (this.random.chance(0.5)) out = out.replace(/ (\w+) /, ' "$1" ');
    }
    if (this.strikes("bare newlines", 0.7)) {
      out = out.replaceAll("\\n", "\n");
      if (this.random.chance(0.4)) out = out.replace(" ", "\n");
    }
    if (this.strikes("odd escapes", 0.5)) out = out.replace(/ /, this.random.pick(["\\'", "\\x20", "\\_", "\\\\ ", "\\$", "\\u00e9"]));
    if (this.strikes("unicode escapes", 0.8)) out = out.replace(/[^\x00-\x7f]/g, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
    return out;
  }
}

/** Where a reply's JSON stands: alone, in a fence, in prose, beside other JSON. */
export function wrapped(random, body, other) {
  const fence = (inner) => "```" + random.weighted([[5, "json"], [2, ""], [1, "JSON"], [0.5, "javascript"], [0.3, "json5"]]) + `\n${inner}\n` + "```";
  const before = () => random.pick(PROSE_BEFORE);
  const after = () => random.pick(PROSE_AFTER);
  return random.weighted([
    [10, () => body],
    [6, () => fence(body)],
    [4, () => before() + body],
    [3, () => before() + body + after()],
    [4, () => before() + fence(body)],
    [4, () => before() + fence(body) + after()],
    [1, () => before() + fence(body).slice(0, -4)],
    [1, () => `${fence(other())}\n\nOr rather:\n\n${fence(body)}`],
    [1, () => `${body}\n${other()}`],
    [1, () => `First: ${other()}\nThen: ${body}${after()}`],
    [0.5, () => `<answer>${body}</answer>`],
    [0.5, () => `${fence("def f(x):\n    return {\"a\": [x]}")}\n\n${fence(body)}`],
    [0.3, () => "`" + body + "`"],
    [0.3, () => `> ${body.replaceAll("\n", "\n> ")}`],
    [0.3, () => JSON.stringify(body)],
  ])();
}

// Random schemas of the kind that people write: types as plain objects, and their BAML source.
//
// A type is {is: "string" | "int" | "float" | "bool"}, {is: "literals", values}, {is: "enum", of},
// {is: "class", of}, {is: "list" | "optional", of: type}, {is: "map", of: type}, {is: "union", of: [types]},
// {is: "alias", of}. Declarations are {name, ...}.
import { CLASSES, DESCRIPTIONS, ENUMS, FIELDS, LITERALS } from "./words.mjs";

const CLIENT = `client<llm> Oracle {
  provider openai
  options {
    model "none"
    api_key "none"
    base_url "http://127.0.0.1:9"
  }
}
`;

const scalar = (is) => ({ is });

/** What a schema of a group may hold, as shares. */
const STYLES = {
  plain: { optional: 0.2, union: 0.04, alias: 0.06, described: 0.1, checked: 0, streamed: 0, recursive: 0.15 },
  unions: { optional: 0.15, union: 0.35, alias: 0.05, described: 0.05, checked: 0, streamed: 0, recursive: 0.15 },
  attributes: { optional: 0.25, union: 0.08, alias: 0.08, described: 0.05, checked: 0.12, streamed: 0.25, recursive: 0.1 },
};

/** Makes one schema. */
class Maker {
  constructor(random, style) {
    this.random = random;
    this.style = STYLES[style];
    this.schema = { enums: [], classes: [], aliases: [], functions: [], added: null };
  }

  make() {
    const { random, schema } = this;
    for (const name of random.some(Object.keys(ENUMS), random.int(1, 2))) schema.enums.push(this.enumeration(name));
    if (random.chance(0.25)) schema.aliases.push(this.jsonAlias());
    for (const name of random.some(CLASSES, random.int(2, 5))) this.class(name);
    if (this.style.union > 0.3) this.tools();
    for (let at = 0; at < 5; at++) schema.functions.push({ name: `F${at}`, type: this.returned() });
    if (random.chance(0.15)) this.dynamic();
    return schema;
  }

  enumeration(name) {
    const { random, style } = this;
    const values = ENUMS[name].map((value, at) => ({
      name: value,
      alias: random.chance(style.alias) ? `k${at}` : random.chance(style.alias) ? value.toLowerCase().replaceAll("_", " ") : null,
      description: random.chance(style.described) ? random.pick(DESCRIPTIONS) : null,
    }));
    return { name, values };
  }

  /** An alias that holds itself, as for any JSON. */
  jsonAlias() {
    const alias = { name: "JsonValue" };
    const self = { is: "alias", of: alias };
    const parts = ["string", "int", "float", "bool"].map(scalar);
    alias.type = { is: "union", of: [...parts, { is: "list", of: self }, { is: "map", of: self }] };
    return alias;
  }

  class(name) {
    const { random, style, schema } = this;
    const made = { name, fields: [], attributes: [] };
    for (const field of random.some(FIELDS, random.weighted([[1, 1], [3, 2], [5, 3], [5, 4], [3, 6]]))) {
      made.fields.push(this.field(field));
    }
    const self = { is: "class", of: made };
    if (random.chance(style.recursive)) {
      const type = random.chance(0.5) ? { is: "list", of: self } : { is: "optional", of: self };
      made.fields.push({ name: type.is === "list" ? "children" : "next", type, attributes: [] });
    }
    made.fields = made.fields.filter((field, at) => made.fields.findIndex((f) => f.name === field.name) === at);
    if (random.chance(style.streamed / 5)) made.attributes.push("@@stream.done");
    if (random.chance(style.described / 4)) made.attributes.push(`@@description("a ${name}")`);
    schema.classes.push(made);
  }

  field(name) {
    const { random, style } = this;
    let type = this.type(2);
    if (random.chance(style.optional)) type = { is: "optional", of: type };
    const field = { name, type, alias: null, attributes: [] };
    if (random.chance(style.alias)) field.alias = random.pick([name.toUpperCase(), `${name} text`, `the-${name}`, `${name}_`]);
    if (random.chance(style.described)) field.attributes.push(`@description("${random.pick(DESCRIPTIONS)}")`);
    if (random.chance(style.streamed)) {
      // What the official runtime makes of @stream.done on an optional, and beside @stream.with_state, is told apart.
      const done = type.is === "optional" ? 0 : 4;
      field.attributes.push(...random.weighted([
        [done, ["@stream.done"]], [3, ["@stream.not_null"]], [3, ["@stream.with_state"]],
        [done / 4, ["@stream.done", "@stream.not_null"]],
      ]));
    }
    if (random.chance(style.checked)) field.attributes.push(this.constraint(type));
    if (style.checked > 0 && type.is === "optional" && random.chance(0.05)) field.attributes.push("@skip");
    return field;
  }

  constraint(type) {
    const { random } = this;
    const is = type.is === "optional" ? type.of.is : type.is;
    const expression = {
      string: random.pick(["this|length > 3", "this != \"\"", "this|length < 12"]),
      int: random.pick(["this > 0", "this < 100"]), float: "this >= 0.5", bool: "this", list: "this|length > 1",
      map: "this|length > 0",
    }[is] ?? "this != none";
    const whole = is === "list" || is === "map";
    return `@${whole || random.chance(0.7) ? "check" : "assert"}(rule${random.int(1, 9)}, {{ ${expression} }})`;
  }

  /** Classes told apart by a literal, as tools are. */
  tools() {
    const { random, schema } = this;
    const names = random.some(["Search", "Write", "Reply", "Stop", "Wait"], random.int(2, 3));
    const key = random.pick(["action", "type", "tool"]);
    this.toolset = names.map((name) => {
      const literal = { is: "literals", values: [name.toLowerCase()] };
      const rest = random.some(FIELDS.filter((f) => f !== key), random.int(0, 3)).map((field) => this.field(field));
      const made = { name: `${name}Tool`, fields: [{ name: key, type: literal, attributes: [] }, ...rest], attributes: [] };
      schema.classes.push(made);
      return { is: "class", of: made };
    });
  }

  scalar() {
    const { random, schema } = this;
    return random.weighted([
      [8, () => scalar("string")], [3, () => scalar("int")], [2, () => scalar("float")], [2, () => scalar("bool")],
      [2, () => ({ is: "enum", of: random.pick(schema.enums) })], [1, () => ({ is: "literals", values: random.pick(LITERALS) })],
    ])();
  }

  type(depth) {
    const { random, style, schema } = this;
    if (depth > 0 && random.chance(style.union)) return this.union(depth - 1);
    const part = () => this.type(random.chance(0.15) ? depth - 1 : 0);
    return random.weighted([
      [10, () => this.scalar()],
      [depth > 0 ? 4 : 0, () => ({ is: "list", of: part() })],
      [depth > 0 ? 1 : 0, () => ({ is: "map", of: part() })],
      [schema.classes.length > 0 ? 4 : 0, () => ({ is: "class", of: random.pick(schema.classes) })],
      [schema.aliases.length > 0 ? 0.5 : 0, () => ({ is: "alias", of: schema.aliases[0] })],
    ])();
  }

  union(depth) {
    const { random } = this;
    const of = [];
    for (let count = random.int(2, 3); of.length < count; ) of.push(this.type(random.chance(0.3) ? depth : 0));
    const seen = of.map(source);
    const different = of.filter((type, at) => seen.indexOf(seen[at]) === at && type.is !== "optional");
    return different.length > 1 ? { is: "union", of: different } : different[0] ?? scalar("string");
  }

  returned() {
    const { random, schema } = this;
    const one = () => ({ is: "class", of: random.pick(schema.classes) });
    if (this.toolset && random.chance(0.6)) {
      const tools = { is: "union", of: this.toolset };
      return random.weighted([[5, tools], [3, { is: "list", of: tools }], [1, { is: "union", of: [...this.toolset, scalar("string")] }]]);
    }
    return random.weighted([
      [10, () => one()], [4, () => ({ is: "list", of: one() })], [1, () => ({ is: "optional", of: one() })],
      [1, () => ({ is: "map", of: one() })], [2, () => this.scalar()], [1, () => ({ is: "list", of: this.scalar() })],
      [2, () => this.union(2)],
    ])();
  }

  /** A class that grows when the program runs. */
  dynamic() {
    const open = this.random.pick(this.schema.classes);
    open.attributes.push("@@dynamic");
    this.schema.added = { open, fields: [{ name: "extra", type: scalar("string") }, { name: "more", type: { is: "optional", of: scalar("int") } }] };
  }
}

export function makeSchema(random, style) {
  return new Maker(random, style).make();
}

/** A type as BAML. */
export function source(type) {
  switch (type.is) {
    case "literals":
      return type.values.length > 1 ? `(${type.values.map((v) => JSON.stringify(v)).join(" | ")})` : JSON.stringify(type.values[0]);
    case "enum":
    case "class":
    case "alias":
      return type.of.name;
    case "list":
      return `${source(type.of)}[]`;
    case "optional":
      return `${source(type.of)}?`;
    case "map":
      return `map<string, ${source(type.of)}>`;
    case "union":
      return `(${type.of.map(source).join(" | ")})`;
    default:
      return type.is;
  }
}

/** A schema as a .baml file. */
export function schemaSource(schema) {
  const parts = [CLIENT];
  for (const { name, values } of schema.enums) {
    const line = (v) => `  ${v.name}${v.alias ? ` @alias("${v.alias}")` : ""}${v.description ? ` @description("${v.description}")` : ""}`;
    parts.push(`enum ${name} {\n${values.map(line).join("\n")}\n}\n`);
  }
  for (const { name, type } of schema.aliases) parts.push(`type ${name} = ${source(type).slice(1, -1)}\n`);
  for (const made of schema.classes) {
    const lines = made.fields.map((f) => `  ${[f.name, source(f.type), f.alias ? `@alias("${f.alias}")` : "", ...f.attributes].filter(Boolean).join(" ")}`);
    parts.push(`class ${made.name} {\n${[...lines, ...made.attributes.map((a) => `  ${a}`)].join("\n")}\n}\n`);
  }
  for (const { name, type } of schema.functions) {
    parts.push(`function ${name}(input: string) -> ${source(type)} {\n  client Oracle\n  prompt #"{{ input }} {{ ctx.output_format }}"#\n}\n`);
  }
  return parts.join("\n");
}

/** What is added to a schema when the program runs, as BAML; null where nothing is. */
export function addedSource(schema) {
  if (!schema.added) return null;
  const { open, fields } = schema.added;
  return `dynamic class ${open.name} {\n${fields.map((f) => `  ${f.name} ${source(f.type)}`).join("\n")}\n}`;
}

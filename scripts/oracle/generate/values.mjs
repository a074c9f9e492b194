// Random values of a type, as nodes ready to be written, with the liberties that models take.
//
// A node is {text}, {bare} (a number or word), {list: [nodes]} or {object: [[key, node]]}.
import { PROSE_BEFORE, someFloat, someInt, someText } from "./words.mjs";

const DEPTH_MAX = 4;

const text = (value) => ({ text: value });
const bare = (value) => ({ bare: String(value) });

/** Draws values; `liberty` is the share of parts that are not what the type says. */
export class Values {
  constructor(random, liberty, added) {
    this.random = random;
    this.liberty = liberty;
    this.added = added;
  }

  of(type, depth = 0) {
    const { random } = this;
    if (random.chance(this.liberty)) {
      const other = this.odd(type, depth);
      if (other) return other;
    }
    switch (type.is) {
      case "string":
        return text(someText(random));
      case "int":
        return bare(someInt(random));
      case "float":
        return bare(someFloat(random));
      case "bool":
        return bare(random.chance(0.5));
      case "literals":
        return text(random.pick(type.values));
      case "enum": {
        const value = random.pick(type.of.values);
        return text(value.alias ?? value.name);
      }
      case "optional":
        return random.chance(depth > DEPTH_MAX ? 1 : 0.25) ? bare("null") : this.of(type.of, depth);
      case "list":
        return { list: this.items(type.of, depth) };
      case "map":
        return { object: this.items(type.of, depth).map((item, at) => [random.pick(["a", "b", "key", "Oslo", "2024", "first name"]) + (at || ""), item]) };
      case "union":
        return this.of(random.pick(type.of), depth);
      case "alias":
        return this.of(depth > DEPTH_MAX ? { is: "int" } : type.of.type, depth + 1);
      default:
        return this.instance(type.of, depth);
    }
  }

  items(type, depth) {
    const count = depth > DEPTH_MAX ? 0 : this.random.weighted([[1, 0], [3, 1], [4, 2], [2, 3]]);
    return Array.from({ length: count }, () => this.of(type, depth + 1));
  }

  instance(declared, depth) {
    const { random } = this;
    let fields = declared.fields;
    if (this.added?.open === declared) fields = [...fields, ...this.added.fields];
    const entries = [];
    for (const field of fields) {
      const mayMiss = field.type.is === "optional" ? 0.3 : field.type.is === "list" ? 0.05 : 0.01;
      if (random.chance(mayMiss)) continue;
      entries.push([field.alias ?? field.name, this.of(field.type, depth + 1)]);
    }
    return this.odder({ object: entries });
  }

  /** Keys too many, spelled otherwise, in another order, twice. */
  odder(node) {
    const { random, liberty } = this;
    if (random.chance(liberty)) node.object.splice(random.int(0, node.object.length), 0, [random.pick(["extra", "note", "reasoning", "$schema", "confidence"]), random.pick([text(someText(random)), bare(1), { list: [bare(2)] }])]);
    if (random.chance(liberty)) node.object = random.shuffled(node.object);
    if (random.chance(liberty) && node.object.length > 0) {
      const entry = random.pick(node.object);
      entry[0] = random.pick([entry[0].toUpperCase(), ` ${entry[0]}`, entry[0].replaceAll("_", " "), entry[0].replaceAll("_", "-"), `${entry[0]}s`]);
    }
    if (random.chance(liberty / 3) && node.object.length > 0) node.object.push([...random.pick(node.object)]);
    return node;
  }

  /** Something in the place of a value of the type; nothing where the type has no such habit. */
  odd(type, depth) {
    const { random } = this;
    const common = () => random.weighted([[2, bare("null")], [1, text("")], [1, text("unknown")], [1, { list: [] }], [1, { object: [] }]]);
    switch (type.is) {
      case "string":
        return random.weighted([[2, bare(someInt(random))], [1, bare("true")], [1, { list: [text(someText(random))] }], [1, { object: [["value", text(someText(random))]] }], [1, common()]]);
      case "int":
      case "float": {
        const number = type.is === "int" ? someInt(random) : someFloat(random);
        const forms = [`${number}`, `$${number}`, `${number}%`, `about ${number}`, `${number} kg`, "1/2", "3,000", "1.5", "€2.50", "two", `${number}.0`, "1e3", "5-10", "N/A"];
        return random.chance(0.25) ? common() : random.chance(0.3) ? bare(random.pick(["2.5", "1e3", "1/2", "3,000", "$20", "12.0", "-0"])) : text(random.pick(forms));
      }
      case "bool":
        return random.pick([text("true"), text("False"), text("yes"), bare("True"), bare("1"), text("no"), text("It is true."), common()]);
      case "literals":
        return random.pick([text(random.pick(type.values).toUpperCase()), text(`${random.pick(type.values)}.`), text(`I'd say ${random.pick(type.values)}`), text(type.values.join(" or ")), text("other"), common()]);
      case "enum":
        return this.oddEnum(type.of);
      case "list":
        return random.weighted([[3, () => this.of(type.of, depth + 1)], [2, () => ({ list: [...this.items(type.of, depth), common()] })], [1, () => text("a, b, c")], [1, common]])();
      case "map":
        return random.pick([{ list: [] }, common(), { object: [["a", common()], ["b", this.of(type.of, depth + 1)]] }]);
      case "optional":
        return random.pick([bare("None"), text("null"), text("N/A"), text(""), common()]);
      case "union":
        return common();
      case "class":
        return this.oddInstance(type, depth);
      default:
        return null;
    }
  }

  oddEnum(declared) {
    const { random } = this;
    const value = random.pick(declared.values);
    const name = value.alias ?? value.name;
    return random.pick([
      text(value.name), text(name.toLowerCase()), text(name.replaceAll("_", " ")), text(`${name}: because of this`), text(`The answer is ${name}.`),
      text(value.description ?? name), text(`**${name}**`), text(`${name} or ${random.pick(declared.values).name}`), { list: [text(name)] },
      { object: [["value", text(name)]] }, text("nothing of these"), text(name.replaceAll("_", "-")), bare("null"),
    ]);
  }

  oddInstance(type, depth) {
    const { random } = this;
    const made = () => this.instance(type.of, depth);
    return random.weighted([
      [3, () => ({ list: [made()] })], [1, () => ({ list: [made(), made()] })], [2, () => ({ object: [[random.pick([type.of.name, "result", "data"]), made()]] })],
      [1, () => text(someText(random))], [1, () => bare("null")], [1, () => ({ object: [] })], [1, () => text(random.pick(PROSE_BEFORE).trim())],
    ])();
  }
}

// A seeded source of choices: the same seed writes the same cases on every machine.

/** Choices drawn from a 32-bit state; good enough for picking, not for secrets. */
export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** A number from 0 up to 1. */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** An integer from `low` to `high`, both included. */
  int(low, high) {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(share) {
    return this.next() < share;
  }

  pick(list) {
    return list[this.int(0, list.length - 1)];
  }

  /** One of `[weight, value]` pairs. */
  weighted(pairs) {
    let left = this.next() * pairs.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of pairs) {
      left -= weight;
      if (left < 0) return value;
    }
    return pairs[pairs.length - 1][1];
  }

  /** `count` different members, or all where there are fewer. */
  some(list, count) {
    const rest = [...list];
    const taken = [];
    while (taken.length < count && rest.length > 0) {
      taken.push(rest.splice(this.int(0, rest.length - 1), 1)[0]);
    }
    return taken;
  }

  shuffled(list) {
    return this.some(list, list.length);
  }

  /** A source of its own, so that what one case draws does not move the next one. */
  fork() {
    return new Random(Math.floor(this.next() * 4294967296));
  }
}

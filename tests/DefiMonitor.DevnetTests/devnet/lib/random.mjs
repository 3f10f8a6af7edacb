/** A seeded source of random numbers (mulberry32): the same seed gives the same run on every machine. */
export class Random {
  #state;

  constructor(seed) {
    let hash = 2166136261;
    for (const c of String(seed)) hash = Math.imul(hash ^ c.charCodeAt(0), 16777619);
    this.#state = hash >>> 0;
  }

  /** In [0, 1). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low, high) {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  between(low, high) {
    return low + this.next() * (high - low);
  }

  /** Evenly spread over orders of magnitude. */
  magnitude(low, high) {
    return Math.exp(this.between(Math.log(low), Math.log(high)));
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(items) {
    return items[this.whole(0, items.length - 1)];
  }

  /** `count` different items, in random order. */
  some(items, count) {
    const rest = [...items];
    const picked = [];
    while (picked.length < count && rest.length > 0) picked.push(...rest.splice(this.whole(0, rest.length - 1), 1));
    return picked;
  }

  /** Standard normal (Box and Muller). */
  normal() {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}

import { assets } from '../lib/assets.mjs';
import { liquidator } from '../lib/people.mjs';

const one = 10n ** 18n;

// Nearer than this before the price moved, an account can be liquidated in the block of the price itself. A monitor that warns at one daily
// standard deviation has warned by then; whoever comes from farther away is given a block.
const edge = one * 1035n / 1000n;

/**
 * Those who liquidate: on each new price they look who can be liquidated at it, and queue the real liquidationCall behind the price, at once or as
 * many blocks later as the cast says.
 */
export class Liquidators {
  #devnet;
  #cast;
  #health = new Map();
  #since = new Map();

  constructor(devnet, cast) {
    this.#devnet = devnet;
    this.#cast = cast;
  }

  /** Remembers how everybody stands after a block. */
  async look() {
    for (const [member, { health }] of await this.#accounts()) this.#health.set(member, health);
  }

  /** What has to be put back when blocks are taken back. */
  remember() {
    const since = new Map(this.#since);
    return async () => {
      this.#since = since;
      await this.look();
    };
  }

  /** Everybody's health factor after the newest block. */
  get health() {
    return this.#health;
  }

  /**
   * Queues the liquidations of the coming block.
   * @param only while the endpoint is down, the one who may be liquidated
   * @returns `[{ member, health, before, late }]`: health at the new prices, and after the block before; blocks waited
   */
  async queue(time, answers, only) {
    const accounts = await this.#accounts({ time, state: this.#devnet.withPrices(answers) });
    const prices = { ...await this.#devnet.readPrices(), ...answers };
    const queued = [];
    for (const [member, { health }] of accounts) {
      if (health >= one) {
        this.#since.delete(member);
        continue;
      }
      const late = this.#since.get(member) ?? 0;
      this.#since.set(member, late + 1);
      const before = this.#health.get(member);
      if (member.delay === undefined || late < member.delay || (only && only !== member)) continue;
      if (late === 0 && before >= edge && !member.bite) continue;
      await this.#liquidate(member, prices, late);
      queued.push({ member, health, before, late });
    }
    return queued;
  }

  async #liquidate(member, prices, late) {
    const market = this.#devnet.markets[member.market];
    const { supplied, owed } = await market.holdings(member);
    const worth = ([symbol, amount]) => Number(amount) / 10 ** assets[symbol].decimals * Number(prices[symbol]);
    const largest = (held) => Object.entries(held).sort((a, b) => worth(b) - worth(a))[0];
    const [debt, owes] = largest(owed);
    market.liquidate(liquidator, {
      collateral: largest(supplied)[0],
      debt,
      user: member,
      amount: member.bite && late === 0 ? owes / member.bite : undefined,
      receiveAToken: member.receiveAToken,
    });
  }

  async #accounts(context) {
    const found = [];
    for (const market of Object.values(this.#devnet.markets)) {
      const members = this.#cast.filter((m) => m.market === market.name);
      const accounts = await market.accounts(members, context);
      members.forEach((member, i) => found.push([member, accounts[i]]));
    }
    return found;
  }
}

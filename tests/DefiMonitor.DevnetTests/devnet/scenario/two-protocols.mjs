import { assets, units } from '../lib/assets.mjs';
import { addMorpho } from '../lib/beside.mjs';
import { liquidator, person } from '../lib/people.mjs';
import { open, size } from '../lib/positions.mjs';

const aave = 'core36';
const morpho = 'beside-86';
const one = 10n ** 18n;
const ethUsdc = { collateral: { WETH: 1 }, debt: { USDC: 1 } };

/**
 * Who is watched. `aave` is a position there; `morpho` WETH against USDC. Each names the price of ether at which it becomes liquidatable (`fallsAt`);
 * `delay` is how many blocks liquidators wait (0: the block of the price itself).
 */
const people = {
  // The same owner on both: first one venue, then the other.
  'on-both': { aave: { ...ethUsdc, usd: 40_000, fallsAt: 2350, delay: 0 }, morpho: { weth: 12, fallsAt: 2050, delay: 0 } },
  // The same on both again, by one price.
  'at-once': { aave: { ...ethUsdc, usd: 30_000, fallsAt: 1900, delay: 0 }, morpho: { weth: 10, fallsAt: 1900, delay: 0 } },
  // Repays on each what the alert names.
  'acts-on-both': { aave: { ...ethUsdc, usd: 40_000, fallsAt: 1590 }, morpho: { weth: 12, fallsAt: 1570 }, acts: true },
  // Long on one and short on the other: little moves him as a whole, and he is liquidated all the same.
  hedged: { aave: { collateral: { USDC: 1 }, debt: { WETH: 1 }, usd: 40_000, health: 1.5 }, morpho: { weth: 9, fallsAt: 2060, delay: 0 } },
  'aave-only': { aave: { ...ethUsdc, usd: 25_000, fallsAt: 2450, delay: 0 } },
  'morpho-only': { morpho: { weth: 6, fallsAt: 2150, delay: 1 } },
  'far-away': { aave: { ...ethUsdc, usd: 50_000, fallsAt: 1200 }, morpho: { weth: 20, fallsAt: 1000 } },
};

/** One owner on Aave V3.6 and Morpho Blue, both priced by the same feeds. */
export async function twoProtocolStory(devnet) {
  return new TwoProtocols(devnet, await addMorpho(devnet));
}

class TwoProtocols {
  #devnet;
  #market;
  #morpho;
  #waited = new Map();
  #acted = new Set();
  #time;

  cast = Object.entries(people).map(([name, part]) => ({ ...person(name), ...part }));
  liquidations = [];

  constructor(devnet, beside) {
    this.#devnet = devnet;
    this.#market = devnet.market(aave);
    this.#morpho = beside;
    this.deployments = { markets: { [aave]: this.#market }, morphoMarkets: [beside.market] };
  }

  open(prices) {
    for (const who of this.cast) {
      if (who.aave) open(this.#market, who, size(this.#market, prices, { health: assets.WETH.price / who.aave.fallsAt, ...who.aave }));
      if (who.morpho) this.#morpho.open(who, units(who.morpho.weth, 18), units(who.morpho.weth * who.morpho.fallsAt * 0.86, 6));
    }
    this.#morpho.give(liquidator, units(10_000_000, 6));
  }

  /** Queues the liquidations of the coming block, `context` being how things will stand in it. */
  async liquidate(context) {
    this.#time = context.time;
    const onAave = this.cast.filter((who) => who.aave);
    const accounts = await this.#market.accounts(onAave, context);
    for (const [i, who] of onAave.entries()) {
      if (!this.#ready(who, aave, who.aave.delay, accounts[i].health < one)) continue;
      const [collateral] = Object.keys(who.aave.collateral);
      const [debt] = Object.keys(who.aave.debt);
      this.#market.liquidate(liquidator, { collateral, debt, user: who });
    }
    const onMorpho = this.cast.filter((who) => who.morpho);
    const shares = await this.#morpho.borrowShares(onMorpho);
    for (const [i, who] of onMorpho.entries()) {
      const isLiquidatable = shares[i] > 0n && await this.#morpho.canLiquidate(liquidator, who, shares[i], context);
      if (this.#ready(who, morpho, who.morpho.delay, isLiquidatable)) this.#morpho.liquidate(liquidator, who, shares[i]);
    }
  }

  /** `alertOf(who, market)` is the alert near the edge with the way out that it names. */
  async act(alertOf) {
    for (const who of this.cast.filter((w) => w.acts)) {
      for (const market of [aave, morpho]) {
        const key = `${who.name} ${market}`;
        const alert = this.#acted.has(key) ? undefined : alertOf(who, market);
        if (!alert) continue;
        this.#acted.add(key);
        const amount = BigInt(alert.repay.amount);
        if (market === aave) this.#market.repay(who, 'USDC', amount);
        else this.#morpho.repay(who, amount);
      }
    }
  }

  async promises() {
    const of = (name, market) => this.liquidations.filter((l) => l.user === name && (!market || l.market === market)).length;
    const first = (name, market) => this.liquidations.find((l) => l.user === name && l.market === market)?.time;
    const health = await this.#market.accounts(this.cast.filter((who) => who.aave));
    return [
      ['on-both is liquidated on both', of('on-both', aave) > 0 && of('on-both', morpho) > 0],
      ['at-once is liquidated on both in one block', of('at-once', aave) > 0 && first('at-once', aave) === first('at-once', morpho)],
      ['acts-on-both repays on both and is liquidated on none', this.#acted.size === 2 && of('acts-on-both') === 0],
      ['hedged is liquidated on Morpho alone', of('hedged', morpho) === 1 && of('hedged', aave) === 0],
      ['aave-only and morpho-only are liquidated', of('aave-only') > 0 && of('morpho-only') === 1],
      ['far-away is not liquidated', of('far-away') === 0],
      ['in the end nobody on Aave is liquidatable', health.every((h) => h.health >= one)],
    ];
  }

  #ready(who, market, delay, isLiquidatable) {
    const key = `${who.name} ${market}`;
    const waited = this.#waited.get(key) ?? 0;
    this.#waited.set(key, isLiquidatable ? waited + 1 : 0);
    if (!isLiquidatable || delay === undefined || waited < delay) return false;
    this.liquidations.push({ user: who.name, market, time: this.#time });
    return true;
  }
}

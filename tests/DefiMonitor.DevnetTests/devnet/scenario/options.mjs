import { assets } from '../lib/assets.mjs';
import { addLyra } from '../lib/beside.mjs';
import { fixed, types, week } from '../lib/lyra.mjs';
import { liquidator, person } from '../lib/people.mjs';
import { open, size } from '../lib/positions.mjs';

const aave = 'core36';
const lyra = 'seth';
const one = 10n ** 18n;
const strikes = [2000, 2400, 2800, 3200];
const loan = { collateral: { WETH: 1 }, debt: { USDC: 1 } };

/**
 * Who is watched. `aave` is a loan, with the price of ether at which it becomes liquidatable; `options` are positions, shorts with the spot at which they do (`edge`; without
 * it they hold `collateral`, in base units for a call against the base). `delay` is how many blocks liquidators wait.
 */
const people = {
  // A loan and a short put: one crash, two liquidations.
  writer: { aave: { ...loan, usd: 40_000, fallsAt: 2250, delay: 0 }, options: [{ type: 'shortPutQuote', strike: 2400, amount: 3, edge: 2050 }], delay: 0 },
  // The same put; adds the collateral that the alert names.
  'writer-acts': { options: [{ type: 'shortPutQuote', strike: 2400, amount: 3, edge: 1620 }], acts: true },
  // An edge on either side.
  strangle: { options: [{ type: 'shortPutQuote', strike: 2000, amount: 5, edge: 1750 }, { type: 'shortCallQuote', strike: 3200, amount: 2, edge: 3600 }], delay: 1 },
  // All that can ever be asked is there.
  covered: { options: [{ type: 'shortCallBase', strike: 2800, amount: 4, collateral: 4 }] },
  // Paid for: no liquidation, at most the premium.
  holder: { aave: { ...loan, usd: 30_000, fallsAt: 1300 }, options: [{ type: 'longPut', strike: 2400, amount: 10 }] },
};

/** Short options on Lyra v1 beside loans on Aave V3.6, both priced by the same feed. */
export async function optionStory(devnet) {
  const beside = await addLyra(devnet);
  const seconds = 4 * week;
  const ids = await beside.list(seconds, strikes);
  const { timestamp } = await devnet.chain.head();
  return new Options(devnet, beside, new Map(strikes.map((strike, i) => [strike, ids[i]])), timestamp - 12 + seconds);
}

class Options {
  #devnet;
  #market;
  #lyra;
  #ids;
  #expiry;
  #waited = new Map();
  #acted = false;

  cast = Object.entries(people).map(([name, part]) => ({ ...person(name), ...part }));
  liquidations = [];

  constructor(devnet, beside, ids, expiry) {
    this.#devnet = devnet;
    this.#market = devnet.market(aave);
    this.#lyra = beside;
    this.#ids = ids;
    this.#expiry = BigInt(expiry);
    this.deployments = { markets: { [aave]: this.#market }, lyraMarkets: [beside.market] };
  }

  async open(prices) {
    for (const who of this.cast) {
      if (who.aave) open(this.#market, who, size(this.#market, prices, { health: assets.WETH.price / who.aave.fallsAt, ...who.aave }));
      for (const { type, strike, amount, edge, collateral = 0 } of who.options) {
        const holds = edge ? await this.#minimum({ type: types[type], amount: fixed(amount) }, strike, fixed(edge)) : fixed(collateral);
        this.#lyra.open(who, { strike: this.#ids.get(strike), type, amount: fixed(amount), collateral: holds });
      }
    }
  }

  /** Queues the liquidations of the coming block, `context` being how things will stand in it. */
  async liquidate(context, prices) {
    const borrowers = this.cast.filter((who) => who.aave);
    const accounts = await this.#market.accounts(borrowers, context);
    for (const [i, who] of borrowers.entries()) {
      if (this.#ready(`${who.name} ${aave}`, who, aave, who.aave.delay, accounts[i].health < one)) this.#market.liquidate(liquidator, { collateral: 'WETH', debt: 'USDC', user: who });
    }
    for (const position of (await this.#lyra.positions(this.cast)).filter((p) => p.type >= types.shortCallBase)) {
      const least = await this.#minimum(position, this.#strikeOf(position), prices.WETH * 10n ** 10n, context);
      if (this.#ready(`${position.id}`, position.owner, lyra, position.owner.delay, position.collateral < least)) this.#lyra.liquidate(liquidator, position.id);
    }
  }

  /** `alertOf(who, market)` is the alert near the edge with the way out that it names. */
  async act(alertOf) {
    const who = this.cast.find((w) => w.acts);
    const alert = this.#acted ? undefined : alertOf(who, lyra);
    if (!alert) return;
    const [position] = await this.#lyra.positions([who]);
    this.#lyra.addCollateral(who, position.id, BigInt(alert.deposit.amount));
    this.#acted = true;
  }

  async promises() {
    const of = (name, market) => this.liquidations.filter((l) => l.user === name && l.market === market).length;
    const left = await this.#lyra.positions(this.cast);
    return [
      ['writer is liquidated on both', of('writer', aave) > 0 && of('writer', lyra) === 1],
      ['writer-acts adds collateral and is not', this.#acted && of('writer-acts', lyra) === 0],
      ['strangle loses its put and keeps its call', of('strangle', lyra) === 1 && left.some((p) => p.owner.name === 'strangle' && p.type === types.shortCallQuote)],
      ['covered and holder lose nothing', of('covered', lyra) === 0 && of('holder', lyra) === 0 && of('holder', aave) === 0],
    ];
  }

  #minimum(position, strike, spot, context) {
    return this.#lyra.minimum(position, fixed(strike), this.#expiry, spot, context);
  }

  #strikeOf({ strikeId }) {
    return [...this.#ids].find(([, id]) => id === strikeId)[0];
  }

  #ready(key, who, market, delay, isLiquidatable) {
    const waited = this.#waited.get(key) ?? 0;
    this.#waited.set(key, isLiquidatable ? waited + 1 : 0);
    if (!isLiquidatable || delay === undefined || waited < delay) return false;
    this.liquidations.push({ user: who.name, market });
    return true;
  }
}

import { assets, units } from '../lib/assets.mjs';
import { cast, member } from './cast.mjs';
import { Liquidators } from './liquidators.mjs';
import { marketAt } from './prices.mjs';
import { Oracle } from './oracle.mjs';
import { leastRepay } from './repay.mjs';

const wad = 10n ** 18n;

// Without a recorder's alert to go by, the twin takes the place of one: near the edge is one daily standard deviation of ether (4.8 %), and the way
// out leads to a health factor of 1.1.
const nearEdge = wad * 1049n / 1000n;
const wayOut = wad * 11n / 10n;

/** One chain's life, block by block: prices, liquidators, owners, and a recorder that keeps step. */
export class Story {
  #devnet;
  #chain;
  #recorder;
  #oracle;
  #liquidators;
  #deeds = [];
  #topUps = [];
  #twinDone = false;
  #twinPlan = null;

  blocks = 0;
  liquidations = [];
  repay = null;

  constructor(devnet, recorder, { alerts }) {
    this.#devnet = devnet;
    this.#chain = devnet.chain;
    this.#recorder = recorder;
    this.#liquidators = new Liquidators(devnet, cast);
    this.alerts = alerts;
  }

  async begin() {
    const { timestamp } = await this.#chain.head();
    this.#oracle = new Oracle(await this.#devnet.readPrices(), timestamp);
    await this.#liquidators.look();
  }

  /** Everybody's health factor after the newest block, wad, by member of the cast. */
  get health() {
    return this.#liquidators.health;
  }

  /** Somebody does something in the next block. */
  next(deed) {
    this.#deeds.push(deed);
  }

  /**
   * Mines the block of a second.
   * @param quiet the oracle's transaction does not get into this block
   * @param away the endpoint is down, so that nobody records the block yet; `only` the member who may be liquidated meanwhile
   */
  async block(time, { quiet = false, away = false, only } = {}) {
    const answers = quiet ? {} : this.#oracle.due(time, marketAt(time));
    for (const [symbol, answer] of Object.entries(answers)) this.#devnet.price(symbol, answer);
    const queued = await this.#liquidators.queue(time, answers, only);
    for (const deed of this.#deeds.splice(0)) deed(this.#devnet.markets);
    await this.#ownersTopUp(away);
    this.#twinActs();

    const head = await this.#chain.head();
    const block = await this.#chain.mine({ dt: time - head.timestamp, strict: true });
    this.blocks++;
    for (const { member: who, health, before, late } of queued) {
      this.liquidations.push({
        block: block.number, user: who.name, market: who.market, sameBlockAsPrice: late === 0 && Object.keys(answers).length > 0,
        health: Number(health) / 1e18, healthBefore: Number(before) / 1e18, away,
      });
      if (who.topsUp && !this.#topUps.some((t) => t.who === who)) this.#topUps.push({ who, after: block.number });
    }
    await this.#liquidators.look();
    if (!away) await this.#recorder?.sees(block);
    await this.#planRepay(block, away);
    return block;
  }

  /** What has to be put back when blocks are taken back. */
  remember() {
    const oracle = this.#oracle.remember();
    const liquidators = this.#liquidators.remember();
    const { blocks } = this;
    const liquidations = [...this.liquidations];
    const topUps = [...this.#topUps];
    return async () => {
      oracle();
      await liquidators();
      Object.assign(this, { blocks, liquidations });
      this.#topUps = topUps;
    };
  }

  async #ownersTopUp(away) {
    const { number } = await this.#chain.head();
    if (away) return;
    for (const { who } of this.#topUps.filter((t) => number > t.after)) await this.topUp(who);
    this.#topUps = this.#topUps.filter((t) => number <= t.after);
  }

  /** Supplies more of the first collateral, up to a health factor of about 2.1. */
  async topUp(who) {
    const market = this.#devnet.markets[who.market];
    const [{ collateral, debt }] = await market.accounts([who]);
    const [symbol] = Object.keys(who.collateral);
    const { decimals, threshold } = assets[symbol];
    const price = Number((await this.#devnet.readPrices())[symbol]);
    const missing = Number(debt) * 2.1 / (threshold / 10_000) - Number(collateral);
    if (missing <= 0) return;
    market.supply(who, symbol, units((missing / price).toFixed(4), decimals));
  }

  #twinActs() {
    if (!this.#twinPlan) return;
    const { symbol, amount } = this.#twinPlan;
    this.#devnet.markets.core36.repay(member('twin-acts'), symbol, amount);
    this.repay = { ...this.#twinPlan, amount: String(amount) };
    this.#twinPlan = null;
    this.#twinDone = true;
  }

  // The twin acts one block after the first alert near the edge, by the amount that it names.
  async #planRepay(block, away) {
    if (this.#twinDone || away) return;
    const who = member('twin-acts');
    if (this.alerts) {
      const alert = this.#recorder.alert(who, 'critical');
      if (!alert) return;
      const found = Object.entries(this.#devnet.tokens).find(([, t]) => t.address.toLowerCase() === alert.repay.asset.toLowerCase());
      if (!found) throw new Error(`the alert for twin-acts names the token ${alert.repay.asset}, which is none of this chain's`);
      this.#twinPlan = { block: block.number, symbol: found[0], amount: BigInt(alert.repay.amount), by: 'alert' };
    } else if (this.health.get(who) <= nearEdge) {
      this.#twinPlan = { block: block.number, symbol: 'USDC', amount: await this.#ownRepay(who), by: 'own arithmetic' };
    }
  }

  async #ownRepay(who) {
    const market = this.#devnet.markets[who.market];
    const { aToken } = market.reserves.WETH;
    const { variableDebt } = market.reserves.USDC;
    const prices = await this.#devnet.readPrices();
    const [supplied, scaled, index] = await this.#chain.readAll([
      [aToken, 'balanceOf', [who.address]],
      [variableDebt, 'scaledBalanceOf', [who.address]],
      [market.pool, 'getReserveNormalizedVariableDebt', [this.#devnet.tokens.USDC.address]],
    ]);
    const weighted = supplied * prices.WETH / 10n ** 18n * BigInt(assets.WETH.threshold);
    return leastRepay(weighted, { scaled, index, price: prices.USDC, unit: 10n ** 6n }, wayOut);
  }
}

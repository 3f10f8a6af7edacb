import { feedDecimals, units } from '../lib/assets.mjs';

const hour = 3600;

// An answer is renewed when the market is this far from it, or after so many seconds. wstETH has no rule of its own: it goes with WETH.
const rules = {
  WETH: { deviation: 0.005, heartbeat: hour, with: ['wstETH'] },
  WBTC: { deviation: 0.005, heartbeat: hour, with: [] },
  LINK: { deviation: 0.005, heartbeat: hour, with: [] },
  USDC: { deviation: 0.0025, heartbeat: 24 * hour, with: [] },
  DAI: { deviation: 0.0025, heartbeat: 24 * hour, with: [] },
};

/** Decides, block by block, which feeds get a new answer. */
export class Oracle {
  #told;

  constructor(prices, time) {
    this.#told = Object.fromEntries(Object.keys(rules).map((symbol) => [symbol, { price: Number(prices[symbol]) / 10 ** feedDecimals, time }]));
  }

  /** The answers due, integers by symbol. They count as told. */
  due(time, market) {
    const answers = {};
    for (const [symbol, rule] of Object.entries(rules)) {
      const last = this.#told[symbol];
      const moved = Math.abs(market[symbol] / last.price - 1) >= rule.deviation;
      if (!moved && time - last.time < rule.heartbeat) continue;
      this.#told[symbol] = { price: market[symbol], time };
      for (const one of [symbol, ...rule.with]) answers[one] = units(market[one], feedDecimals);
    }
    return answers;
  }

  /** What was told so far, to go back to when the blocks that told the rest are taken back. */
  remember() {
    const told = { ...this.#told };
    return () => { this.#told = told; };
  }
}

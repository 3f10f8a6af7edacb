import { assets, eModes, units } from './assets.mjs';
import { person } from './people.mjs';

/**
 * Queues everything that opens a position.
 * @param collateral `[symbol, units]` pairs, likewise debt
 */
export function open(market, user, { collateral, debt = [], eMode = 0 }) {
  for (const [symbol, amount] of collateral) market.supply(user, symbol, amount);
  if (eMode > 0) market.setEMode(user, eMode);
  for (const [symbol, amount] of debt) market.borrow(user, symbol, amount);
}

const amountOf = (symbol, usd, prices) => {
  const { decimals } = assets[symbol];
  return units(usd / (Number(prices[symbol]) / 1e8), decimals);
};

/**
 * Sizes a position in USD at the prices given.
 * @param collateral share of `usd` by symbol; debt likewise shares of the debt
 * @param health wanted health factor; the loan-to-value of the collateral sets the least that can be opened
 */
export function size(market, prices, { usd, collateral, debt = {}, health, eMode = 0 }) {
  let limit = 0;
  let borrowable = 0;
  for (const [symbol, share] of Object.entries(collateral)) {
    const { threshold, ltv } = market.risk(symbol, eMode);
    limit += usd * share * threshold / 10_000;
    borrowable += usd * share * ltv / 10_000;
  }
  const owed = Math.min(limit / health, borrowable * 0.9999);
  return {
    eMode,
    collateral: Object.entries(collateral).map(([symbol, share]) => [symbol, amountOf(symbol, usd * share, prices)]),
    debt: Object.entries(debt).map(([symbol, share]) => [symbol, amountOf(symbol, owed * share, prices)]),
  };
}

const shares = (random, symbols) => {
  const weights = symbols.map(() => random.between(0.1, 1));
  const sum = weights.reduce((a, b) => a + b);
  return Object.fromEntries(symbols.map((s, i) => [s, weights[i] / sum]));
};

/** Any position that the market lets somebody open: from a plain supply to a loop at the edge, from 50 to 200,000 USD. */
export function randomPosition(random, market, prices) {
  const usd = random.magnitude(50, 200_000);
  const category = random.chance(0.3) ? random.pick(eModes) : undefined;
  const collateral = shares(random, random.some(category?.collateral ?? market.symbols, random.whole(1, category ? 2 : 3)));
  if (random.chance(0.06)) return size(market, prices, { usd, collateral, health: 1 });
  const debt = shares(random, random.some(category?.debt ?? market.symbols, random.whole(1, 2)));
  const health = random.chance(0.3) ? 1 : 1 + random.magnitude(0.02, 2);
  return size(market, prices, { usd, collateral, debt, health, eMode: category?.id ?? 0 });
}

/** Queues `count` random positions of new people, named by market and a number from `first` on. */
export function openRandom(random, market, prices, count, first) {
  const people = Array.from({ length: count }, (_, i) => ({ ...person(`${market.name}-${first + i}`), market: market.name }));
  for (const user of people) open(market, user, randomPosition(random, market, prices));
  return people;
}

import { maxUint256 } from 'viem';
import { assets, units } from './assets.mjs';
import { liquidator } from './people.mjs';

// Weight, deed, and which tokens it is done with: any, those supplied, those owed. Amounts are any: what can't be done reverts, as on any chain.
const deeds = [
  [4, 'supply', 'any', ({ market, user, symbol, amount }) => market.supply(user, symbol, amount)],
  [4, 'borrow', 'any', ({ market, user, symbol, amount }) => market.borrow(user, symbol, amount)],
  [4, 'repay', 'owed', ({ market, user, symbol, amount, all }) => market.repay(user, symbol, all ? maxUint256 : amount, amount * 10_000n)],
  [3, 'withdraw', 'supplied', ({ market, user, symbol, amount, all }) => market.withdraw(user, symbol, all ? maxUint256 : amount)],
  [2, 'transfer', 'supplied', ({ market, user, symbol, amount, other }) => market.transfer(user, symbol, other, amount)],
  [1, 'repayWithATokens', 'owed', ({ market, user, symbol, amount, all }) => market.repayWithATokens(user, symbol, all ? maxUint256 : amount)],
  [1, 'setEMode', 'any', ({ market, user, random }) => market.setEMode(user, random.whole(0, 2))],
  [1, 'useAsCollateral', 'supplied', ({ market, user, symbol, random }) => market.useAsCollateral(user, symbol, random.chance(0.5))],
];
const weights = deeds.reduce((sum, [weight]) => sum + weight, 0);

/** Queues one random deed of one of `people`, each `{ name, address, market }`, and says what it is. */
export async function randomDeed(random, markets, people, prices) {
  const user = random.pick(people);
  const market = markets[user.market];
  let at = random.between(0, weights);
  const [, deed, which, act] = deeds.find(([weight]) => (at -= weight) < 0) ?? deeds.at(-1);
  const held = which === 'any' ? [] : Object.keys((await market.holdings(user))[which]);
  const symbol = random.pick(held.length > 0 ? held : market.symbols);
  const amount = units(random.magnitude(10, 20_000) / (Number(prices[symbol]) / 1e8), assets[symbol].decimals);
  const other = random.pick(people.filter((p) => p.market === user.market));
  const transaction = act({ random, market, user, other, symbol, amount, all: random.chance(0.3) });
  return { deed, market: market.name, account: user.name, asset: symbol, transaction };
}

/** Queues a liquidation of one of those who can be liquidated now, if there is anybody; collateral, debt and amount are random. */
export async function randomLiquidation(random, markets, people) {
  const market = random.pick(Object.values(markets));
  const users = people.filter((p) => p.market === market.name);
  const accounts = await market.accounts(users);
  const victims = users.filter((_, i) => accounts[i].health < 10n ** 18n);
  if (victims.length === 0) return null;

  const user = random.pick(victims);
  const { supplied, owed } = await market.holdings(user);
  const debts = Object.keys(owed);
  if (debts.length === 0 || Object.keys(supplied).length === 0) return null;
  const collateral = random.pick(Object.keys(supplied));
  const debt = random.pick(debts);
  const amount = random.chance(0.6) ? maxUint256 : owed[debt] * BigInt(random.whole(1, 99)) / 100n;
  const transaction = market.liquidate(liquidator, { collateral, debt, user, amount, receiveAToken: random.chance(0.3) });
  return { deed: 'liquidate', market: market.name, account: user.name, asset: collateral, transaction };
}

/** Queues a move of every price but the dollars', each by a normal log return of the standard deviation given. */
export function shakePrices(random, devnet, prices, volatility) {
  for (const symbol of ['WETH', 'WBTC', 'LINK']) {
    prices[symbol] = moved(prices[symbol], Math.exp(volatility * random.normal()));
    devnet.price(symbol, prices[symbol]);
  }
  const ratio = assets.wstETH.price / assets.WETH.price * Math.exp(volatility * 0.02 * random.normal());
  prices.wstETH = moved(prices.WETH, ratio);
  devnet.price('wstETH', prices.wstETH);
}

const moved = (answer, factor) => BigInt(Math.max(1, Math.round(Number(answer) * factor)));

const wad = 10n ** 18n;
const ray = 10n ** 27n;
const bps = 10n ** 4n;
const up = (a, b) => (a + b - 1n) / b;

/**
 * The least repayment that brings an account with one debt to a health factor, by the arithmetic of Aave V3.6: GenericLogic
 * calculateUserAccountData (debt value rounded up, health = wadDiv(sum of value * threshold, debt) / 10^4) and TokenMath (debt balance rounded up,
 * burnt debt rounded down).
 * @param weighted sum of collateral value * threshold in basis points
 * @param debt `{ scaled, index, price, unit }` of the debt token; integers
 * @param target health factor, wad
 */
export function leastRepay(weighted, debt, target) {
  const holds = (value) => weighted * wad + value / 2n >= bps * target * value;
  let most = 2n * weighted * wad / (2n * bps * target - 1n) + 2n;
  while (!holds(most)) most--;
  const scaledMost = most * debt.unit / debt.price * ray / debt.index;
  return scaledMost >= debt.scaled ? 0n : up((debt.scaled - scaledMost) * debt.index, ray);
}

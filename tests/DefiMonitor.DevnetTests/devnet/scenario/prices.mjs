import { readFileSync } from 'node:fs';
import path from 'node:path';
import { assets } from '../lib/assets.mjs';

const file = JSON.parse(readFileSync(path.join(import.meta.dirname, '..', 'prices', 'eth-2021-05-19.json'), 'utf8'));
const closes = file.closes.map(Number);
const stakingRatio = assets.wstETH.price / assets.WETH.price;

/** When the crash begins: the second of the first close. */
export const start = file.start;
export const minutes = closes.length - 1;

/** LINK loses 28.5 % between two trades, while ether is still calm. */
const linkFallsAt = start + 62 * 60;
const linkFall = 0.715;

// Between two closes the market is taken to move evenly in logarithm.
function eth(time) {
  const at = Math.min(Math.max((time - start) / file.stepSeconds, 0), minutes);
  const i = Math.min(Math.floor(at), minutes - 1);
  return closes[i] * (closes[i + 1] / closes[i]) ** (at - i);
}

/** What the market pays at a second, in USD. Bitcoin falls half as much as ether in logarithm; wstETH keeps its ratio to ether. */
export function marketAt(time) {
  const ether = eth(time);
  return {
    WETH: ether,
    wstETH: ether * stakingRatio,
    WBTC: assets.WBTC.price * (ether / closes[0]) ** 0.5,
    USDC: 1,
    DAI: 1,
    LINK: assets.LINK.price * (time >= linkFallsAt ? linkFall : 1),
  };
}

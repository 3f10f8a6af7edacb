import { parseUnits } from 'viem';

/**
 * The tokens of both markets, their first prices in USD, and their usual risk parameters in basis points. wstETH's price is WETH's times a ratio.
 */
export const assets = {
  WETH: { name: 'Wrapped Ether', decimals: 18, price: 2765.66, ltv: 8000, threshold: 8250, bonus: 10500 },
  wstETH: { name: 'Wrapped liquid staked Ether 2.0', decimals: 18, price: 2903.94, ltv: 7850, threshold: 8100, bonus: 10600 },
  WBTC: { name: 'Wrapped BTC', decimals: 8, price: 39000, ltv: 7000, threshold: 7500, bonus: 10625 },
  USDC: { name: 'USD Coin', decimals: 6, price: 1, ltv: 7700, threshold: 8000, bonus: 10500 },
  DAI: { name: 'Dai Stablecoin', decimals: 18, price: 1, ltv: 7500, threshold: 8000, bonus: 10500 },
  LINK: { name: 'ChainLink Token', decimals: 18, price: 32, ltv: 5300, threshold: 6800, bonus: 10700 },
};

/** Category ids are the same in both markets. The close loan-to-value of the first allows loops a tenth of a percent from the edge. */
export const eModes = [
  { id: 1, label: 'ETH correlated', ltv: 9290, threshold: 9300, bonus: 10100, collateral: ['WETH', 'wstETH'], debt: ['WETH', 'wstETH'] },
  { id: 2, label: 'Stablecoins', ltv: 9300, threshold: 9500, bonus: 10100, collateral: ['USDC', 'DAI'], debt: ['USDC', 'DAI'] },
];

/** Shares of ten thousand: the borrow rate is 4 % a year at 80 % use and 84 % at full use. */
export const rates = { optimalUse: 8000, base: 0, slope1: 400, slope2: 8000 };
export const reserveFactor = 1000n;
export const liquidationProtocolFee = 1000n;

/** A price or amount as an integer; binary fractions are cut to `decimals` digits. */
export const units = (value, decimals) => parseUnits(typeof value === 'string' ? value : value.toFixed(decimals), decimals);
export const feedDecimals = 8;

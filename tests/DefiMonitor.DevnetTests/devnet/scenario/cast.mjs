import { assets } from '../lib/assets.mjs';
import { person } from '../lib/people.mjs';

/** The health factor of ether against dollars that is liquidated when ether falls to `price`. */
const fallsAt = (price) => assets.WETH.price / price;

const ethUsdc = { collateral: { WETH: 1 }, debt: { USDC: 1 } };
const ethDai = { collateral: { WETH: 1 }, debt: { DAI: 1 } };
const stakedUsdc = { collateral: { wstETH: 1 }, debt: { USDC: 1 } };
const btcUsdc = { collateral: { WBTC: 1 }, debt: { USDC: 1 } };
const btcDai = { collateral: { WBTC: 1 }, debt: { DAI: 1 } };
const short = { collateral: { USDC: 1 }, debt: { WETH: 1 } };
const loop = { collateral: { wstETH: 1 }, debt: { WETH: 1 }, eMode: 1 };
const stable = { collateral: { USDC: 1 }, debt: { DAI: 1 }, eMode: 2 };

/**
 * Everybody that is watched. `usd` is the collateral's worth; `delay` how many blocks a liquidator waits after the account became liquidatable
 * (0: the same block as the price); `bite` that the first to come takes only that part of the debt; `topsUp` that the owner adds collateral two blocks after a liquidation.
 */
const core302 = {
  'eth-usdc-1': { ...ethUsdc, usd: 60_000, health: fallsAt(2520), delay: 0, topsUp: true },
  'eth-usdc-2': { ...stakedUsdc, usd: 45_000, health: fallsAt(2400), delay: 0, topsUp: true },
  'eth-usdc-3': { ...ethUsdc, usd: 90_000, health: fallsAt(2150), delay: 0 },
  'eth-usdc-4': { ...ethUsdc, usd: 20_000, health: fallsAt(1450) },
  'eth-usdc-5': { ...ethUsdc, usd: 35_000, health: fallsAt(1200) },
  'eth-usdc-6': { ...ethUsdc, usd: 80_000, health: fallsAt(1000) },
  'eth-dai-1': { ...ethDai, usd: 40_000, health: fallsAt(2030), delay: 2, topsUp: true },
  'eth-dai-2': { ...ethDai, usd: 25_000, health: fallsAt(1700), delay: 0, topsUp: true },
  'eth-dai-3': { ...ethDai, usd: 55_000, health: fallsAt(1300) },
  'btc-usdc-1': { ...btcUsdc, usd: 50_000, health: 1.25, delay: 1, topsUp: true },
  'btc-usdc-2': { ...btcUsdc, usd: 30_000, health: 2.2 },
  'btc-dai-1': { ...btcDai, usd: 70_000, health: 1.6 },
  'mixed-1': { collateral: { WETH: 0.6, WBTC: 0.4 }, debt: { USDC: 1 }, usd: 48_000, health: 1.36, delay: 0, topsUp: true },
  'mixed-2': { collateral: { wstETH: 0.5, WBTC: 0.3, LINK: 0.2 }, debt: { USDC: 0.6, DAI: 0.4 }, usd: 65_000, health: 1.9 },
  gap: { collateral: { LINK: 1 }, debt: { USDC: 1 }, usd: 30_000, health: 1.36, delay: 0, bite: 20n, topsUp: true },
  'short-1': { ...short, usd: 40_000, health: 1.4 },
  'short-2': { collateral: { DAI: 1 }, debt: { WETH: 1 }, usd: 25_000, health: 1.8 },
  'short-late': { ...short, usd: 30_000, health: 1.15, delay: 0, late: true, topsUp: true },
  'looper-1': { ...loop, usd: 300_000, health: 1.035 },
  'looper-2': { ...loop, usd: 150_000, health: 1.03 },
  'looper-3': { ...loop, usd: 90_000, health: 1.025 },
  'stable-1': { ...stable, usd: 100_000, health: 1.04 },
  'saver-1': { collateral: { WETH: 1 }, usd: 15_000 },
  'saver-2': { collateral: { USDC: 1 }, usd: 8_000 },
};
const twin = { ...ethUsdc, usd: 33_000, health: fallsAt(1550) };
const core36 = {
  'twin-ignores': { ...twin, delay: 0 },
  'twin-acts': { ...twin },
  'reorg-lucky': { ...ethUsdc, usd: 50_000, health: fallsAt(2440), delay: 1 },
  outage: { ...ethUsdc, usd: 42_000, health: fallsAt(2330), delay: 0, topsUp: true },
  'eth36-usdc-1': { ...ethUsdc, usd: 38_000, health: fallsAt(2480), delay: 1, topsUp: true },
  'eth36-usdc-2': { ...ethUsdc, usd: 28_000, health: fallsAt(1960), delay: 0, topsUp: true },
  'eth36-usdc-3': { ...ethUsdc, usd: 2_200, health: fallsAt(1850), delay: 0 },
  'eth36-usdc-4': { ...stakedUsdc, usd: 36_000, health: fallsAt(1640), delay: 4, topsUp: true },
  'eth36-usdc-5': { ...ethUsdc, usd: 22_000, health: fallsAt(1420) },
  'eth36-usdc-6': { ...ethUsdc, usd: 64_000, health: fallsAt(1100) },
  'eth36-dai-1': { collateral: { WETH: 0.7, WBTC: 0.3 }, debt: { DAI: 1 }, usd: 52_000, health: 1.24, delay: 0, receiveAToken: true, topsUp: true },
  'eth36-dai-2': { ...ethDai, usd: 46_000, health: fallsAt(1250) },
  'btc36-usdc-1': { ...btcUsdc, usd: 44_000, health: 1.3, delay: 0, receiveAToken: true, topsUp: true },
  'btc36-dai-1': { ...btcDai, usd: 33_000, health: 1.7 },
  'mixed36-1': { collateral: { wstETH: 0.4, WBTC: 0.3, DAI: 0.3 }, debt: { USDC: 1 }, usd: 58_000, health: 1.8 },
  'short36-whale': { collateral: { USDC: 1 }, usd: 14_000_000 },
  'short36-1': { ...short, usd: 24_000, health: 1.5 },
  'looper36-1': { ...loop, usd: 250_000, health: 1.02 },
  'looper36-2': { ...loop, usd: 120_000, health: 1.03 },
  'looper36-3': { ...loop, usd: 60_000, health: 1.05 },
  'looper36-interest': { ...loop, usd: 80_000, health: 1.0021, delay: 0 },
  'stable36-1': { collateral: { DAI: 1 }, debt: { USDC: 1 }, eMode: 2, usd: 75_000, health: 1.03 },
  'saver36-1': { collateral: { wstETH: 1 }, usd: 12_000 },
  'saver36-2': { collateral: { USDC: 1 }, usd: 9_000 },
};

const everybody = (market, members) => Object.entries(members).map(([name, part]) => ({ ...person(name), market, ...part }));
export const cast = [...everybody('core302', core302), ...everybody('core36', core36)];
export const member = (name) => cast.find((m) => m.name === name);

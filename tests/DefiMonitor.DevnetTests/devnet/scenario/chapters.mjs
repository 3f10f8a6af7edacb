import { maxUint256, parseAbi } from 'viem';
import { assets, units } from '../lib/assets.mjs';
import { open, size } from '../lib/positions.mjs';
import { cast, member } from './cast.mjs';
import { minutes, start } from './prices.mjs';

// The stretch before the crash in which nothing but interest happens.
const accrual = { blocks: 84, seconds: 1200 };

/** When the chain begins: the accrual, and ten minutes for markets and positions, before the crash. */
export const genesis = start - accrual.blocks * accrual.seconds - 600;

// Blocks a minute, up to the minute given: twelve seconds apart where it matters.
const pace = [[8, 3], [14, 5], [66, 2], [80, 3], [118, 5], [140, 3], [minutes, 2]];
const tail = 20;

const minute = (m, seconds = 0) => start + m * 60 + seconds;
const reorg = { from: minute(83, 60), orphans: 3 };
const outage = { from: minute(89, 12), blocks: 10 };

// What owners do in between, by minute.
const deeds = [
  [16, ({ core302 }) => core302.transfer(member('saver-1'), 'WETH', member('saver-2'), some('WETH', 1.5))],
  [20, ({ core302 }) => core302.borrow(member('eth-usdc-6'), 'USDC', some('USDC', 2500))],
  [24, ({ core302 }) => core302.repay(member('looper-2'), 'WETH', some('WETH', 1))],
  [30, ({ core36 }) => core36.setEMode(member('saver36-1'), 1)],
  [34, ({ core302 }) => core302.withdraw(member('mixed-2'), 'LINK', some('LINK', 60))],
  [40, ({ core302 }) => core302.repay(member('short-2'), 'WETH', maxUint256, some('WETH', 50))],
  [50, ({ core36 }) => core36.supply(member('eth36-usdc-6'), 'WETH', some('WETH', 2))],
  [86, ({ core36 }) => core36.supply(member('reorg-lucky'), 'WETH', some('WETH', 12))],
];
const latecomerOpens = minute(109, 48);

const some = (symbol, whole) => units(String(whole), assets[symbol].decimals);
const totalSupply = parseAbi(['function totalSupply() view returns (uint256)']);

/** Everybody but the latecomer opens a position, one block for each market. Then the WETH of core36 is lent out to 97 %, at some 70 % a year. */
export async function openPositions(devnet, story) {
  let { timestamp: time } = await devnet.chain.head();
  const prices = await devnet.readPrices();
  for (const market of Object.values(devnet.markets)) {
    for (const who of cast.filter((m) => m.market === market.name && !m.late)) story.next(() => open(market, who, size(market, prices, who)));
    await story.block(time += 12);
  }
  const { aToken, variableDebt } = devnet.markets.core36.reserves.WETH;
  const [supplied, owed] = await devnet.chain.readAll([aToken, variableDebt].map(({ address }) => [{ address, abi: totalSupply }, 'totalSupply']));
  story.next(({ core36 }) => core36.borrow(member('short36-whale'), 'WETH', supplied * 97n / 100n - owed));
  await story.block(time += 12);
}

/** Interest alone, in steps of twenty minutes, up to the first second of the crash. */
export async function accrueInterest(story) {
  for (let left = accrual.blocks - 1; left >= 0; left--) await story.block(start - left * accrual.seconds);
}

/** The crash, with a reorg and an outage in it, up to the last close. */
export async function crash(devnet, story, recorder, proxy) {
  const times = blockTimes();
  const facts = {};
  for (let i = 0; i < times.length; i++) {
    if (times[i] === reorg.from) {
      facts.reorg = await branchOff(devnet, story, recorder, proxy, times.slice(i));
      i += reorg.orphans;
    } else if (times[i] === outage.from) {
      facts.outage = await goDark(story, recorder, proxy, times.slice(i, i + outage.blocks));
      i += outage.blocks - 1;
    } else {
      plan(devnet, story, times[i], await devnet.readPrices());
      await story.block(times[i]);
    }
  }
  return facts;
}

/** The price stands still, so that what is over can be told to be over. */
export async function calmDown(story) {
  for (let i = 1; i <= tail; i++) await story.block(minute(minutes) + i * 12);
}

function blockTimes() {
  const times = [];
  for (let m = 0; m < minutes; m++) {
    const [, perMinute] = pace.find(([until]) => m < until);
    for (let i = 1; i <= perMinute; i++) times.push(minute(m, i * 60 / perMinute));
  }
  return times;
}

function plan(devnet, story, time, prices) {
  for (const [m, deed] of deeds) if (time === minute(m)) story.next(deed);
  if (time !== latecomerOpens) return;
  const who = member('short-late');
  story.next(({ core302 }) => open(core302, who, size(core302, prices, who)));
}

// Ether touches a new low and reorg-lucky is liquidated a block later, but those blocks lose. On the branch that wins, one block longer, the oracle's
// transaction with the low is not included in time, and when it is the market has turned.
async function branchOff(devnet, story, recorder, proxy, times) {
  const undo = story.remember();
  const before = story.liquidations.length;
  for (const [i, time] of times.slice(0, reorg.orphans).entries()) await story.block(time, { quiet: i === 1 });
  const undone = story.liquidations.slice(before);

  proxy.hold();
  await devnet.chain.rewind(reorg.orphans);
  await undo();
  const fork = await devnet.chain.head();
  const branch = [];
  for (const [i, time] of times.slice(0, reorg.orphans + 1).entries()) branch.push(await story.block(time, { quiet: i === 0, away: true }));
  proxy.release();
  for (const block of branch) await recorder?.sees(block);
  return { forkBlock: fork.number, depth: reorg.orphans, undone };
}

async function goDark(story, recorder, proxy, times) {
  await proxy.down();
  await recorder?.noticesOutage();
  const blocks = [];
  for (const time of times) blocks.push(await story.block(time, { away: true, only: member('outage') }));
  await proxy.up();
  for (const block of blocks) await recorder?.sees(block);
  return { firstBlock: blocks[0].number, lastBlock: blocks.at(-1).number, blocks: blocks.length, seconds: times.at(-1) - times[0] + 12 };
}

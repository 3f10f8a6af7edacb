import { encodeFunctionData, pad, toHex } from 'viem';
import { startAnvil } from './anvil.mjs';
import { compiledComet, multicall3Code } from './artifacts.mjs';
import { Chain } from './chain.mjs';
import { answerSlot, multicall3 } from './devnet.mjs';
import { lender, liquidator, person } from './people.mjs';
import { Random } from './random.mjs';

const wad = 10n ** 18n;
const dollar = 10n ** 8n;
const perSecond = (yearly) => BigInt(Math.floor(yearly * 1e9)) * 10n ** 9n / 31_536_000n;
const factor = (share) => BigInt(Math.round(share * 1e4)) * 10n ** 14n;
const rates = (kink, low, high, base) => ({ kink: factor(kink), slopeLow: perSecond(low), slopeHigh: perSecond(high), base: perSecond(base) });

const collaterals = [
  { symbol: 'WETH', scale: wad, price: 2_000n * dollar, borrow: 0.825, liquidate: 0.895, factor: 0.95 },
  { symbol: 'WBTC', scale: 10n ** 8n, price: 39_000n * dollar, borrow: 0.7, liquidate: 0.77, factor: 0.93 },
  { symbol: 'LINK', scale: wad, price: 32n * dollar, borrow: 0.65, liquidate: 0.73, factor: 0.9 },
];

/** A local chain with Multicall3 and our own small Comet: USDC against three collaterals. */
export async function startComet({ accounts, seed }) {
  const node = await startAnvil({ timestamp: 1_621_000_000, epochSlots: 4 });
  try {
    const chain = new Chain(node.rpc);
    await node.rpc.call('anvil_setCode', multicall3, multicall3Code());
    const { CometStandIn, NamedToken, PriceFeed } = compiledComet();
    const token = (symbol) => chain.deploy(NamedToken, [symbol]);
    const feed = (symbol, price) => chain.deploy(PriceFeed, [symbol, price]);
    const base = { token: await token('USDC'), feed: await feed('USDC', dollar) };
    const assets = [];
    for (const c of collaterals) assets.push({ ...c, token: await token(c.symbol), feed: await feed(c.symbol, c.price) });
    const list = assets.map((a, i) => ({
      offset: i, asset: a.token.address, priceFeed: a.feed.address, scale: a.scale, borrowCollateralFactor: factor(a.borrow), liquidateCollateralFactor: factor(a.liquidate),
      liquidationFactor: factor(a.factor), supplyCap: 10n ** 30n,
    }));
    const comet = await chain.deploy(CometStandIn, [
      base.token.address, base.feed.address, 1_000_000n, 100_000_000n, rates(0.8, 0.0325, 0.4, 0), rates(0.8, 0.035, 0.25, 0.015), list]);
    await chain.mine({ strict: true });
    const devnet = new CometDevnet(node, chain, comet, base, assets, Array.from({ length: accounts }, (_, i) => person(`comet-${i + 1}`)));
    await devnet.open(new Random(seed));
    return devnet;
  } catch (error) {
    await node.stop();
    throw error;
  }
}

class CometDevnet {
  constructor(node, chain, comet, base, assets, people) {
    Object.assign(this, { node, chain, comet, base, assets, people });
  }

  /** What the monitor's configuration has to name. */
  get deployments() {
    return { comets: [{ name: 'small', comet: this.comet.address }] };
  }

  async open(random) {
    this.#write(lender, 'supply', [this.base.token.address, 3_000_000n * 1_000_000n]);
    for (const who of this.people) {
      let worth = 0n;
      for (const a of random.some(this.assets, random.whole(1, 3))) {
        const amount = this.#amount(a, random.magnitude(2_000, 90_000));
        worth += amount * a.price / a.scale * factor(a.borrow) / wad;
        this.#write(who, 'supply', [a.token.address, amount]);
      }
      this.#write(who, 'withdraw', [this.base.token.address, worth / 100n * BigInt(random.whole(50, 98)) / 100n]);
    }
    await this.chain.mine({ strict: true });
  }

  mine({ dt = 12 } = {}) {
    return this.#mined(dt);
  }

  async randomStep({ seed, actions = 5, volatility = 0, dt = 12 }) {
    const random = new Random(seed);
    for (const a of volatility > 0 ? this.assets : []) {
      a.price = a.price * BigInt(Math.round(Math.exp(random.normal() * volatility) * 1e6)) / 1_000_000n;
      this.chain.write(a.feed, 'updateAnswer', [a.price]);
    }
    const lacking = await this.chain.readAll(this.people.map(({ address }) => [this.comet, 'isLiquidatable', [address]]));
    const victims = this.people.filter((_, i) => lacking[i]);
    for (let i = 0; i < actions; i++) await this.#deed(random, victims);
    return this.#mined(dt);
  }

  /** The real absorb of the stand-in as a call `dt` seconds after the newest block with `prices` by symbol in place of the feeds' own. */
  async tryLiquidate({ user, prices = {}, dt = 12 }) {
    const { timestamp } = await this.chain.head();
    const call = { from: liquidator.address, to: this.comet.address, data: encodeFunctionData({ abi: this.comet.abi, functionName: 'absorb', args: [user] }) };
    const feeds = { USDC: this.base.feed, ...Object.fromEntries(this.assets.map((a) => [a.symbol, a.feed])) };
    const state = Object.fromEntries(Object.entries(prices).map(([symbol, answer]) => [feeds[symbol].address, { stateDiff: { [answerSlot]: pad(toHex(BigInt(answer)), { size: 32 }) } }]));
    const [{ error }] = await this.chain.rpc.tryBatch([['eth_call', call, 'latest', state, { time: toHex(timestamp + dt) }]]);
    if (error) throw new Error(error.message);
    return {};
  }

  stop() {
    return this.node.stop();
  }

  async #deed(random, victims) {
    const who = random.pick(this.people);
    const other = random.pick(this.people);
    const a = random.pick(this.assets);
    const [held] = await this.chain.read(this.comet, 'userCollateral', [who.address, a.token.address]);
    const usdc = BigInt(Math.round(random.magnitude(1e-6, 20_000) * 1e6));
    const part = (held * BigInt(random.chance(0.2) ? 100 : random.whole(0, 60))) / 100n;
    const base = this.base.token.address;
    random.pick([
      () => this.#write(who, 'supply', [base, usdc]),
      () => this.#write(who, 'withdraw', [base, usdc + 100_000_000n]),
      () => this.#write(who, 'withdraw', [base, usdc]),
      () => this.#write(who, 'transferAsset', [other.address, base, usdc]),
      () => this.#write(who, 'transferAsset', [other.address, base, BigInt(random.whole(0, 2))]),
      () => this.#write(who, 'supply', [a.token.address, this.#amount(a, random.magnitude(1, 20_000))]),
      () => this.#write(who, 'withdraw', [a.token.address, part]),
      () => this.#write(who, 'transferAsset', [other.address, a.token.address, part]),
      () => this.#write(who, 'accrueAccount', [who.address]),
      () => this.#write(liquidator, 'absorb', [who.address]),
      () => this.#write(liquidator, 'absorb', [random.pick(victims.length > 0 ? victims : this.people).address]),
      () => this.#write(liquidator, 'pause', [random.chance(0.7) ? 0 : random.whole(0, 31)]),
    ])();
  }

  #amount({ scale, price }, usd) {
    return BigInt(Math.round(usd * 1e8)) * scale / price;
  }

  #write(who, name, args) {
    return this.chain.write(this.comet, name, args, who.address);
  }

  async #mined(dt) {
    const { number, hash, timestamp, transactions } = await this.chain.mine({ dt });
    return { block: { number, hash, timestamp }, deeds: transactions.map(({ what, ok }) => ({ deed: what, ok })) };
  }
}

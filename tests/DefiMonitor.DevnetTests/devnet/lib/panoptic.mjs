import { decodeFunctionResult, encodeFunctionData, parseAbi, toFunctionSelector, toHex } from 'viem';
import { startAnvil } from './anvil.mjs';
import { compiledPanoptic, multicall3Code } from './artifacts.mjs';
import { Chain } from './chain.mjs';
import { multicall3 } from './devnet.mjs';
import { liquidator, person } from './people.mjs';
import { Random } from './random.mjs';

const gas = 30_000_000n;
// 10 ticks apart; 1.0001^-200,000 of 10^12 is 2,064 USDC of 6 decimals for a WETH of 18.
const poolId = (10n << 48n) | 0x0000_04ab_cdef_0123n;
const start = -200_000;
const most = 4;
const multicallAbi = parseAbi([
  'function aggregate3((address target, bool allowFailure, bytes callData)[]) payable returns ((bool success, bytes returnData)[])',
]);

/** A local chain with Multicall3 and our own small Panoptic v2: one pool of WETH and USDC. */
export async function startPanoptic({ accounts, seed }) {
  const node = await startAnvil({ timestamp: 1_621_000_000, epochSlots: 4 });
  try {
    const chain = new Chain(node.rpc);
    await node.rpc.call('anvil_setCode', multicall3, multicall3Code());
    const c = compiledPanoptic();
    const [weth, usdc] = [await chain.deploy(c.PanopticToken, ['WETH']), await chain.deploy(c.PanopticToken, ['USDC'])];
    const trackers = [await chain.deploy(c.PanopticTracker, [weth.address, 'poWETH', 18]), await chain.deploy(c.PanopticTracker, [usdc.address, 'poUSDC', 6])];
    const engine = await chain.deploy(c.PanopticRiskEngine, [8_000_000n, 7_500_000n]);
    const pool = await chain.deploy(c.PanopticPoolStandIn, [engine.address, ...trackers.map(({ address }) => address), poolId]);
    for (const tracker of trackers) chain.write(tracker, 'setPool', [pool.address]);
    await chain.mine({ strict: true });
    const devnet = new PanopticDevnet(node, chain, pool, trackers, engine, Array.from({ length: accounts }, (_, i) => person(`panoptic-${i + 1}`)));
    await devnet.open(new Random(seed));
    return devnet;
  } catch (error) {
    await node.stop();
    throw error;
  }
}

class PanopticDevnet {
  #ticks = { current: start, spot: start, median: start, latest: start, twap: start };
  #queued = [];
  #victims = [];
  #minted = 0;

  constructor(node, chain, pool, trackers, engine, people) {
    Object.assign(this, { node, chain, pool, trackers, engine, people });
    this.lists = new Map(people.map(({ address }) => [address, []]));
  }

  /** What the monitor's configuration has to name. */
  get deployments() {
    return { panopticPools: [{ name: 'small', panopticPool: this.pool.address, tokenIds: [...this.lists.values()].flat().map((id) => toHex(id, { size: 32 })) }] };
  }

  async open(random) {
    this.#tell();
    this.#write(this.pool, 'setPremiumRate', [20_000_000_000n]);
    // So that a share is not worth the same as a token.
    for (const tracker of this.trackers) {
      this.#write(tracker, 'deposit', [liquidator.address, 10n ** 9n]);
      this.#write(tracker, 'donate', [10n ** 8n]);
    }
    for (const one of this.people) {
      one.usd = random.magnitude(3_000, 90_000);
      const share = random.pick([0, 0.2, 0.5, 1]);
      this.#deposit(0, one, one.usd * share);
      this.#deposit(1, one, one.usd * (1 - share));
    }
    await this.chain.mine({ strict: true });
    for (let round = 0; round < 6; round++) {
      for (const one of this.people) if (this.lists.get(one.address).length === 0 || random.chance(0.1)) this.#mint(random, one, random.chance(0.5));
      await this.#mined(12);
    }
  }

  mine({ dt = 12, premiumRate } = {}) {
    if (premiumRate !== undefined) this.#write(this.pool, 'setPremiumRate', [BigInt(premiumRate)]);
    return this.#mined(dt);
  }

  /** Answers what the contracts say of everybody, too. `volatility` is in ticks. */
  async randomStep({ seed, actions = 6, volatility = 0, dt = 12 }) {
    const random = new Random(seed);
    const ticks = this.#ticks;
    ticks.latest = ticks.current;
    ticks.current = Math.max(start - 6_000, Math.min(start + 6_000, ticks.current + Math.round(random.normal() * volatility * (random.chance(0.1) ? 6 : 1))));
    const near = (tick, seconds) => Math.round(ticks.current + (tick - ticks.current) * Math.exp(-dt / seconds));
    Object.assign(ticks, { spot: near(ticks.spot, 60), median: near(ticks.median, 300), twap: near(ticks.twap, 900) });
    this.#tell();
    for (let i = 0; i < actions; i++) this.#deed(random);
    const done = await this.#mined(dt);
    return { ...done, said: await this.#said() };
  }

  /** Somebody burns a position, or mints one of as many legs as he burnt last, far from the price. */
  async swap({ user, deed }) {
    const one = this.people.find(({ address }) => address === user);
    const list = this.lists.get(one.address);
    if (deed === 'burn') {
      const gone = list[0];
      this.burnt = [0, 1, 2, 3].filter((i) => (gone >> BigInt(64 + 48 * i + 1)) & 127n).length;
      this.#do(one, 'burn', [list.slice(1), gone], () => list.slice(1));
    } else {
      const id = this.#tokenId(Array(this.burnt).fill({ tokenType: 1, strike: start - 30_000 }));
      this.#do(one, 'mint', [[...list, id], id, 10n ** 12n, 0, 0], () => [...list, id]);
    }
    const done = await this.#mined(12);
    if (!done.deeds.every(({ ok }) => ok)) throw new Error(`${deed} reverted`);
    return done;
  }

  /** Of each of `asks` `{ user, tick }`: would a liquidation go through if all the ticks were there? */
  async ask({ asks }) {
    return { answers: await this.#tried(asks) };
  }

  stop() {
    return this.node.stop();
  }

  #write(contract, name, args = [], from) {
    return this.chain.write(contract, name, args, from?.address, gas);
  }

  #tell() {
    const { current, spot, median, latest, twap } = this.#ticks;
    this.#write(this.pool, 'setTicks', [current, spot, median, latest, twap]);
  }

  #price() {
    return 1.0001 ** this.#ticks.current * 1e12;
  }

  #deposit(token, one, usd) {
    const amount = token === 0 ? BigInt(Math.round((usd / this.#price()) * 1e9)) * 10n ** 9n : BigInt(Math.round(usd * 1e6));
    if (amount > 0n) this.#write(this.trackers[token], 'deposit', [one.address, amount]);
  }

  // A number that nobody has yet: the strike is ten ticks off for each of them.
  #tokenId(legs) {
    this.#minted++;
    return legs.reduce((id, { isLong = false, tokenType, strike, width = 10 }, i) => {
      const at = Math.round(strike / 10) * 10 + (this.#minted % 40) * 10;
      const bits = (1n << 1n) | (isLong ? 1n << 8n : 0n) | (BigInt(tokenType) << 9n) | (BigInt(i) << 10n) | ((BigInt(at) & 0xffffffn) << 12n) | (BigInt(width) << 36n);
      return id | (bits << BigInt(64 + 48 * i));
    }, poolId);
  }

  #mint(random, one, isStrangle = false) {
    const list = this.lists.get(one.address);
    if (list.length >= most) return;
    const away = () => random.whole(-400, 3_000);
    const put = { tokenType: 1, strike: this.#ticks.current - away() };
    const call = { tokenType: 0, strike: this.#ticks.current + away() };
    const kinds = [[put, call], [put], [call], [{ ...put, isLong: true }], [put, { ...call, isLong: true }], [{ ...random.pick([put, call]), width: 0 }], [{ ...call, isLong: true, width: 0 }]];
    const id = this.#tokenId(isStrangle ? kinds[0] : random.pick(kinds));
    const size = BigInt(Math.round((one.usd / this.#price()) * random.between(0.4, 5) * 1e9)) * 10n ** 9n;
    const use = () => (random.chance(0.2) ? random.whole(7_000, 9_800) : random.whole(0, 6_000));
    this.#do(one, 'mint', [[...list, id], id, size, use(), use()], () => [...list, id]);
  }

  // What a transaction leaves of somebody's list if it goes through; nobody acts twice in a block.
  #do(from, name, args, after, owner = from) {
    if (this.#queued.some((q) => q.owner === owner)) return;
    this.#queued.push({ owner, after, sent: this.#write(this.pool, name, args, from) });
  }

  #deed(random) {
    const one = random.pick(this.people);
    const list = this.lists.get(one.address);
    const token = random.whole(0, 1);
    const gone = list.length > 0 ? random.pick(list) : 0n;
    const left = list.filter((id) => id !== gone);
    const usd = random.magnitude(10, one.usd);
    const victim = random.pick(this.#victims.length > 0 ? this.#victims : this.people);
    const liquidate = () => this.#do(liquidator, 'dispatchFrom', [[], victim.address, this.lists.get(victim.address), [], 0n], () => [], victim);
    random.pick([
      ...Array(6).fill(() => this.#mint(random, one, random.chance(0.5))),
      () => this.#do(one, 'burn', [left, gone], () => left), () => this.#do(one, 'burn', [left, gone], () => left),
      liquidate,
      () => this.#do(liquidator, 'dispatchFrom', [[], one.address, list, list, 0n], () => list, one),
      () => this.#do(liquidator, 'dispatchFrom', [[], one.address, list, left, 0n], () => left, one),
      () => this.#deposit(token, one, usd),
      () => this.#do(one, 'withdraw', [list, token === 0 ? BigInt(Math.round(usd / this.#price() * 1e9)) * 10n ** 9n : 0n, token === 1 ? BigInt(Math.round(usd * 1e6)) : 0n], () => list),
      () => this.#write(this.pool, 'setPremiumRate', [BigInt(random.whole(0, 60)) * 10n ** 9n]),
      () => this.#write(this.trackers[token], 'donate', [BigInt(random.whole(1, 1_000)) * (token === 0 ? 10n ** 13n : 10n ** 3n)]),
    ])();
  }

  // The contracts' own words of everybody at the newest block; the lists are those that were sent, not what any event says.
  async #said() {
    const lists = this.people.map(({ address }) => this.lists.get(address));
    const found = await this.chain.readAll(this.people.flatMap(({ address }, i) => [
      [this.pool, 'numberOfLegs', [address]], [this.pool, 'getAssetsOf', [address]], [this.pool, 'getFullPositionsData', [address, false, lists[i]]]]));
    const { spot, twap, latest, current } = this.#ticks;
    const solvent = await this.chain.readAll(this.people.flatMap(({ address }, i) => {
      const [shortPremium, longPremium, balances] = found[i * 3 + 2];
      return [spot, twap, latest, current].map((tick) => [
        this.engine, 'isAccountSolvent', [balances, lists[i], tick, address, shortPremium, longPremium, this.trackers[0].address, this.trackers[1].address, 10_000_000n]]);
    }));
    const tried = await this.#tried(this.people.map(({ address }) => ({ user: address })));
    const said = this.people.map(({ address }, i) => {
      const [legs, [assets0, assets1], [shortPremium, longPremium]] = found.slice(i * 3, i * 3 + 3);
      return {
        user: address, positions: lists[i].length, legs: text(legs), assets0: text(assets0), assets1: text(assets1), shortPremium: text(shortPremium), longPremium: text(longPremium),
        solvent: solvent.slice(i * 4, i * 4 + 4).filter(Boolean).length, ...tried[i],
      };
    });
    this.#victims = this.people.filter((_, i) => said[i].liquidates);
    return said;
  }

  // The real dispatchFrom with nothing left, at other ticks or at those that are, in one call: it may be an exercise as well, so the pool's own count tells.
  async #tried(asks) {
    const { timestamp } = await this.chain.head();
    const replies = await this.chain.rpc.batch(asks.map(({ user, tick }) => {
      const moves = tick === undefined ? [] : [['setTicks', Array(5).fill(tick)]];
      const calls = [...moves, ['liquidations', []], ['dispatchFrom', [[], user, this.lists.get(user), [], 0n]], ['liquidations', []]];
      const data = encodeFunctionData({ abi: multicallAbi, functionName: 'aggregate3', args: [calls.map(([functionName, args]) =>
        ({ target: this.pool.address, allowFailure: true, callData: encodeFunctionData({ abi: this.pool.abi, functionName, args }) }))] });
      return ['eth_call', { to: multicall3, data, gas: toHex(gas) }, 'latest', {}, { time: toHex(timestamp) }];
    }));
    return replies.map((reply) => {
      const [before, { success, returnData }, after] = decodeFunctionResult({ abi: multicallAbi, functionName: 'aggregate3', data: reply }).slice(-3);
      return { liquidates: after.returnData !== before.returnData, refusal: success ? null : this.#nameOf(returnData) };
    });
  }

  #nameOf(data) {
    const signature = ({ name, inputs }) => `${name}(${inputs.map(({ type }) => type).join(',')})`;
    return this.pool.abi.find((e) => e.type === 'error' && toFunctionSelector(signature(e)) === data?.slice(0, 10))?.name ?? 'no reason';
  }

  async #mined(dt) {
    const queued = this.#queued;
    this.#queued = [];
    const { number, hash, timestamp, transactions } = await this.chain.mine({ dt });
    const deeds = [];
    for (const { what, ok, queued: sent } of transactions) {
      const q = queued.find((one) => one.sent === sent);
      if (ok && q) this.lists.set(q.owner.address, q.after());
      if (what !== 'setTicks') deeds.push({ deed: what, ok });
    }
    return { block: { number, hash, timestamp }, deeds };
  }
}

const text = (figure) => figure.toString();

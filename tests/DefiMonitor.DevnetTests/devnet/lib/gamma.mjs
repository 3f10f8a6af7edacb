import { decodeFunctionResult, encodeFunctionData, toHex } from 'viem';
import { startAnvil } from './anvil.mjs';
import { compiledGamma, multicall3Code } from './artifacts.mjs';
import { Chain } from './chain.mjs';
import { multicall3 } from './devnet.mjs';
import { liquidator, person } from './people.mjs';
import { Random } from './random.mjs';

const day = 86_400;
const dollar = 10n ** 8n;
const option = 10n ** 8n;
const partOf = (random, whole) => whole * BigInt(random.chance(0.2) ? 100 : random.whole(1, 60)) / 100n;
const share = (part) => BigInt(Math.round(part * 1e4)) * 10n ** 23n;

const steps = [[7, 0.1678], [14, 0.237], [28, 0.3326], [42, 0.4032], [56, 0.4603], [182, 0.8]];
const underlyings = [
  { symbol: 'WETH', decimals: 18, feedDecimals: 8, price: 2_000n * dollar },
  { symbol: 'WBTC', decimals: 8, feedDecimals: 18, price: 39_000n * dollar },
];

/** A local chain with Multicall3 and our own small Gamma protocol: options on ether and bitcoin against dollars. */
export async function startGamma({ accounts, seed }) {
  const node = await startAnvil({ timestamp: 1_621_000_000, epochSlots: 4 });
  try {
    const chain = new Chain(node.rpc);
    await node.rpc.call('anvil_setCode', multicall3, multicall3Code());
    const c = compiledGamma();
    const usdc = await chain.deploy(c.GammaToken, ['USDC', 6]);
    const oracle = await chain.deploy(c.GammaOracle);
    const calculator = await chain.deploy(c.GammaCalculator, [oracle.address]);
    const controller = await chain.deploy(c.GammaController, [calculator.address]);
    const book = await chain.deploy(c.GammaBook, [controller.address]);
    const assets = [];
    for (const u of underlyings) {
      const token = await chain.deploy(c.GammaToken, [u.symbol, u.decimals]);
      const feed = await chain.deploy(c.GammaFeed, [u.feedDecimals, u.price * 10n ** BigInt(u.feedDecimals - 8)]);
      const pricer = await chain.deploy(c.GammaPricer, [feed.address]);
      assets.push({ ...u, token, feed, pricer });
    }
    await chain.mine({ strict: true });
    chain.write(oracle, 'setStablePrice', [usdc.address, dollar]);
    chain.write(calculator, 'setOracleDeviation', [share(0.02)]);
    chain.write(calculator, 'setCollateralDust', [usdc.address, 10_000_000n]);
    for (const { token, pricer, decimals } of assets) {
      chain.write(oracle, 'setPricer', [token.address, pricer.address]);
      chain.write(calculator, 'setCollateralDust', [token.address, 10n ** BigInt(decimals) / 1_000n]);
      for (const put of [true, false]) {
        const product = [token.address, usdc.address, put ? usdc.address : token.address, put];
        chain.write(calculator, 'setSpotShock', [...product, share(0.75)]);
        for (const [days, value] of steps) chain.write(calculator, 'setMaxPrice', [...product, days * day, share(value)]);
      }
    }
    await chain.mine({ strict: true });
    const devnet = new GammaDevnet(node, chain, { artifacts: c, usdc, oracle, calculator, controller, book, assets }, Array.from({ length: accounts }, (_, i) => person(`gamma-${i + 1}`)));
    await devnet.open(new Random(seed));
    return devnet;
  } catch (error) {
    await node.stop();
    throw error;
  }
}

class GammaDevnet {
  #series = [];
  #vaults = [];
  #counters = new Map();

  constructor(node, chain, contracts, people) {
    Object.assign(this, { node, chain, ...contracts, people });
  }

  /** What the monitor's configuration has to name. */
  get deployments() {
    return { gammaBooks: [{ name: 'small', addressBook: this.book.address }] };
  }

  async open(random) {
    const { timestamp } = await this.chain.head();
    for (const asset of this.assets) {
      for (const days of [6, 20, 60, 100]) {
        for (const put of [true, false]) for (const moneyness of random.some([0.9, 1, 1.1], 2)) await this.#list(asset, timestamp + days * day, moneyness, put);
      }
    }
    await this.chain.mine({ strict: true });
    for (const who of this.people) {
      for (let i = random.whole(1, 2); i > 0; i--) await this.#write3(random, who, timestamp);
    }
    await this.chain.mine();
  }

  mine({ dt = 12 } = {}) {
    return this.#mined(dt);
  }

  async randomStep({ seed, actions = 5, volatility = 0, dt = 12 }) {
    const random = new Random(seed);
    for (const asset of volatility > 0 ? this.assets : []) {
      // Now and then a round that no judged block sees as the newest.
      if (random.chance(0.3)) this.#price(asset, this.#moved(random, asset, 2 * volatility));
      asset.price = this.#moved(random, asset, volatility);
      this.#price(asset, asset.price);
    }
    const { timestamp } = await this.chain.head();
    const victims = await this.#victims();
    for (let i = 0; i < actions; i++) await this.#deed(random, timestamp + dt, victims);
    return this.#mined(dt);
  }

  /** A round with this price, 8 decimals, `dt` seconds later, and the stand-in's liquidate in it, mined and taken back. */
  async liquidate({ user, vault, symbol, price, dt = 12 }) {
    const id = await this.chain.snapshot();
    const asset = this.assets.find((a) => a.symbol === symbol);
    const [round, { shortAmounts }] = await this.#now(asset, user, vault);
    this.#price(asset, BigInt(price));
    this.chain.write(this.controller, 'liquidate', [user, vault, shortAmounts[0], round + 1n], liquidator.address);
    const { timestamp, transactions: [, { ok, from, to, data }] } = await this.chain.mine({ dt });

    // One that went through can't be tried again, and of one that did not the reason is still there.
    const [{ error }] = ok ? [{}] : await this.chain.rpc.tryBatch([['eth_call', { from, to, data }, 'latest', {}, { time: toHex(timestamp) }]]);
    await this.chain.revert(id);
    if (!ok) throw new Error(error?.message ?? 'it would have gone through');
    return {};
  }

  stop() {
    return this.node.stop();
  }

  async #now(asset, user, vault) {
    const [round, [content]] = await this.chain.readAll([[asset.feed, 'latest'], [this.controller, 'getVaultWithDetails', [user, vault]]]);
    return [round, content];
  }

  #moved(random, asset, volatility) {
    return asset.price * BigInt(Math.round(Math.exp(random.normal() * volatility) * 1e6)) / 1_000_000n;
  }

  #price(asset, price) {
    this.chain.write(asset.feed, 'write', [price * 10n ** BigInt(asset.feedDecimals - 8)]);
  }

  async #list(asset, expiry, moneyness, put) {
    const strike = asset.price * BigInt(Math.round(moneyness * 100)) / 100n;
    const otoken = await this.chain.deploy(this.artifacts.GammaOtoken, [asset.token.address, this.usdc.address, strike, expiry, put]);
    this.#series.push({ asset, otoken, strike, expiry, put, collateral: put ? this.usdc : asset.token, decimals: put ? 6 : asset.decimals });
  }

  // Opens a vault, with collateral and a short in it.
  async #write3(random, who, now) {
    const series = random.pick(this.#series.filter((s) => s.expiry > now + day));
    if (!series) return;
    const id = (this.#counters.get(who.address) ?? 0) + 1;
    this.#counters.set(who.address, id);
    const kind = random.chance(0.75) ? 1 : 0;
    const vault = { who, id, kind, series };
    this.#vaults.push(vault);
    const amount = BigInt(Math.round(random.magnitude(0.2, 20) * 1e8)) / (series.asset.symbol === 'WBTC' ? 10n : 1n);
    const whole = series.put ? amount * series.strike / (100n * dollar) / 10n ** 6n * 10n ** 4n : amount * 10n ** BigInt(series.decimals) / option;
    const required = kind === 1 ? await this.chain.read(this.calculator, 'getNakedMarginRequired', [
      series.asset.token.address, this.usdc.address, series.collateral.address, amount, series.strike, series.asset.price, series.expiry, series.decimals, series.put]) : whole;
    this.#write(who, 'openVault', [kind]);
    this.#write(who, 'depositCollateral', [id, series.collateral.address, required * BigInt(Math.round(random.between(1.005, 1.3) * 1e4)) / 10_000n + 2n]);
    this.#write(who, 'mintOtoken', [id, series.otoken.address, amount]);
  }

  // The contract's own view in the newest round; a revert is none.
  async #victims() {
    const naked = this.#vaults.filter((v) => v.kind === 1);
    const rounds = new Map();
    for (const asset of this.assets) rounds.set(asset.symbol, await this.chain.read(asset.feed, 'latest'));
    const { abi, address } = this.controller;
    const asked = naked.map(({ who, id, series }) => [who.address, id, rounds.get(series.asset.symbol)]);
    const replies = await this.chain.rpc.tryBatch(asked.map((args) => ['eth_call', { to: address, data: encodeFunctionData({ abi, functionName: 'isLiquidatable', args }) }, 'latest']));
    return naked.map((vault, i) => ({ ...vault, round: asked[i][2] }))
      .filter((_, i) => !replies[i].error && decodeFunctionResult({ abi, functionName: 'isLiquidatable', data: replies[i].result })[0]);
  }

  async #deed(random, now, victims) {
    const vault = random.pick(this.#vaults);
    const { who, id, series } = vault;
    const [content] = (await this.chain.read(this.controller, 'getVaultWithDetails', [who.address, id]));
    const [sold, lying] = [content.shortAmounts[0] ?? 0n, content.collateralAmounts[0] ?? 0n];
    const part = (of) => partOf(random, of);
    const product = [series.asset.token.address, this.usdc.address, series.collateral.address, series.put];
    const liquidate = () => {
      const victim = random.pick(victims.length > 0 ? victims : [{ ...vault, round: (1n << 64n) + 1n }]);
      return this.chain.read(this.controller, 'getVaultWithDetails', [victim.who.address, victim.id]).then(([there]) => this.#write(
        liquidator, 'liquidate', [victim.who.address, victim.id, part(there.shortAmounts[0] ?? 0n), victim.round]));
    };
    await random.pick([
      () => this.#write3(random, who, now),
      () => this.#write3(random, random.pick(this.people), now),
      () => this.#write(who, 'depositCollateral', [id, series.collateral.address, part(lying) + 1n]),
      () => this.#write(who, 'withdrawCollateral', [id, series.collateral.address, part(lying) / 4n]),
      () => this.#write(who, 'mintOtoken', [id, series.otoken.address, part(sold) / 8n + 1n]),
      () => this.#write(who, 'burnOtoken', [id, series.otoken.address, part(sold)]),
      () => this.#long(random),
      () => this.#long(random),
      () => this.#write(who, 'settleVault', [id]),
      () => this.#write(random.pick(this.people), 'sync', [who.address, id]),
      liquidate, liquidate, liquidate,
      () => this.#write(liquidator, 'setSystemPartiallyPaused', [random.chance(0.25)]),
      () => this.#list(series.asset, now + random.whole(2, 150) * day, random.between(0.8, 1.2), series.put),
      () => this.chain.write(this.calculator, 'setSpotShock', [...product, share(random.between(0.65, 0.85))]),
      () => this.chain.write(this.calculator, 'setMaxPrice', [...product, random.pick(steps)[0] * day, share(random.between(0.15, 0.6))]),
      () => this.chain.write(this.calculator, 'setCollateralDust', [series.collateral.address, 10n ** BigInt(series.decimals) * BigInt(random.whole(1, 40)) / 1_000n]),
      () => this.chain.write(this.calculator, 'setOracleDeviation', [share(random.between(0, 0.05))]),
      () => this.#settlePrice(random, now),
      () => this.#settlePrice(random, now),
    ])();
  }

  // Into a spread vault or out of it.
  async #long(random) {
    const { who, id, series } = random.pick(this.#vaults.filter((v) => v.kind === 0));
    const [{ shortAmounts, longAmounts, longOtokens }] = await this.chain.read(this.controller, 'getVaultWithDetails', [who.address, id]);
    const other = this.#series.find((s) => s !== series && s.asset === series.asset && s.put === series.put && s.expiry === series.expiry) ?? series;
    if (longAmounts[0] > 0n) this.#write(who, 'withdrawLong', [id, longOtokens[0], partOf(random, longAmounts[0])]);
    else this.#write(who, 'depositLong', [id, other.otoken.address, partOf(random, shortAmounts[0] ?? 0n) + 1n]);
  }

  #settlePrice(random, now) {
    const expired = this.#series.filter((s) => s.expiry <= now);
    if (expired.length > 0) {
      const { asset, expiry } = random.pick(expired);
      this.chain.write(this.oracle, 'setExpiryPrice', [asset.token.address, expiry, this.#moved(random, asset, 0.05)]);
    }
  }

  #write(who, name, args) {
    return this.chain.write(this.controller, name, args, who.address);
  }

  async #mined(dt) {
    const { number, hash, timestamp, transactions } = await this.chain.mine({ dt });
    return { block: { number, hash, timestamp }, deeds: transactions.map(({ what, ok }) => ({ deed: what, ok })) };
  }
}

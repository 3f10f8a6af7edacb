import { encodeFunctionData, pad, toHex } from 'viem';
import { startAnvil } from './anvil.mjs';
import { compiledEuler, multicall3Code } from './artifacts.mjs';
import { Chain } from './chain.mjs';
import { answerSlot, multicall3 } from './devnet.mjs';
import { lender, liquidator, person } from './people.mjs';
import { Random } from './random.mjs';

const dollar = 10n ** 8n;
// ISO 4217's number of the dollar, which stands for it as an address.
const unit = pad(toHex(840), { size: 20 });
const tokens = [
  { symbol: 'USDC', decimals: 6, price: dollar },
  { symbol: 'WETH', decimals: 18, price: 2_000n * dollar, ltv: 8_300, borrow: 8_000 },
  { symbol: 'WBTC', decimals: 8, price: 39_000n * dollar, ltv: 7_800, borrow: 7_400 },
  { symbol: 'LINK', decimals: 18, price: 32n * dollar, ltv: 7_000, borrow: 6_500 },
];

/** A local chain with Multicall3 and our own small Euler v2: a vault of USDC that lends against the shares of three others. */
export async function startEuler({ accounts, seed }) {
  const node = await startAnvil({ timestamp: 1_621_000_000, epochSlots: 4 });
  try {
    const chain = new Chain(node.rpc);
    await node.rpc.call('anvil_setCode', multicall3, multicall3Code());
    const c = compiledEuler();
    const evc = await chain.deploy(c.EvcStandIn);
    const router = await chain.deploy(c.EulerRouterStandIn);
    const markets = [];
    for (const t of tokens) {
      const token = await chain.deploy(c.EulerToken, [t.symbol, t.decimals]);
      const feed = await chain.deploy(c.PriceFeed, [t.symbol, t.price]);
      const adapter = await chain.deploy(c.EulerAdapter, [feed.address, t.decimals]);
      const vault = await chain.deploy(c.EulerVaultStandIn, [evc.address, token.address, router.address, unit, t.symbol !== 'USDC']);
      await chain.mine({ strict: true });
      chain.write(router, 'set', [token.address, unit, adapter.address]);
      chain.write(router, 'resolve', [vault.address]);
      markets.push({ ...t, feed, vault, scale: 10n ** BigInt(t.decimals) });
    }
    const [lending, ...pledged] = markets;
    for (const m of pledged) chain.write(lending.vault, 'setLTV', [m.vault.address, m.borrow, m.ltv, 0]);
    await chain.mine({ strict: true });
    const devnet = new EulerDevnet(node, chain, evc, lending, pledged, Array.from({ length: accounts }, (_, i) => person(`euler-${i + 1}`)));
    await devnet.open(new Random(seed));
    return devnet;
  } catch (error) {
    await node.stop();
    throw error;
  }
}

class EulerDevnet {
  constructor(node, chain, evc, lending, pledged, people) {
    Object.assign(this, { node, chain, evc, lending, pledged, people });
  }

  /** What the monitor's configuration has to name. */
  get deployments() {
    return { eulerVaults: [{ name: 'small', vault: this.lending.vault.address }] };
  }

  async open(random) {
    this.#write(lender, this.lending.vault, 'deposit', [5_000_000n * this.lending.scale]);
    for (const m of this.pledged) {
      this.#write(lender, m.vault, 'deposit', [this.#amount(m, 3_000_000)]);
      this.#write(lender, m.vault, 'borrow', [this.#amount(m, 1_800_000)]);
    }
    for (const who of [liquidator, ...this.people]) {
      this.#write(who, this.evc, 'enableController', [this.lending.vault.address]);
      let limit = 0;
      for (const m of who === liquidator ? this.pledged : random.some(this.pledged, random.whole(1, 3))) {
        const usd = who === liquidator ? 20_000_000 : random.magnitude(2_000, 90_000);
        limit += usd * m.borrow / 10_000;
        this.#write(who, m.vault, 'deposit', [this.#amount(m, usd)]);
        this.#write(who, this.evc, 'enableCollateral', [m.vault.address]);
      }
      this.#write(who, this.lending.vault, 'borrow', [this.#amount(this.lending, who === liquidator ? 1 : limit * random.between(0.5, 0.97))]);
    }
    await this.chain.mine({ strict: true });
  }

  mine({ dt = 12 } = {}) {
    return this.#mined(dt);
  }

  async randomStep({ seed, actions = 5, volatility = 0, dt = 12 }) {
    const random = new Random(seed);
    for (const m of volatility > 0 ? this.pledged : []) {
      m.price = m.price * BigInt(Math.round(Math.exp(random.normal() * volatility) * 1e6)) / 1_000_000n;
      this.chain.write(m.feed, 'updateAnswer', [m.price]);
    }
    const victims = await this.#victims();
    for (let i = 0; i < actions; i++) await this.#deed(random, victims);
    return this.#mined(dt);
  }

  /** The stand-in's liquidate as a call `dt` seconds after the newest block with `prices` by symbol in place of the feeds' own. */
  async tryLiquidate({ user, collateral, prices = {}, dt = 0 }) {
    const { timestamp } = await this.chain.head();
    const markets = [this.lending, ...this.pledged];
    const vault = markets.find((m) => m.symbol === collateral).vault.address;
    const call = { from: liquidator.address, to: this.lending.vault.address, data: encodeFunctionData({ abi: this.lending.vault.abi, functionName: 'liquidate', args: [user, vault] }) };
    const state = Object.fromEntries(Object.entries(prices).map(([symbol, answer]) =>
      [markets.find((m) => m.symbol === symbol).feed.address, { stateDiff: { [answerSlot]: pad(toHex(BigInt(answer)), { size: 32 }) } }]));
    const [{ error }] = await this.chain.rpc.tryBatch([['eth_call', call, 'latest', state, { time: toHex(timestamp + dt) }]]);
    if (error) throw new Error(error.message);
    return {};
  }

  stop() {
    return this.node.stop();
  }

  async #victims() {
    const found = await this.chain.readAll(this.people.map(({ address }) => [this.lending.vault, 'accountLiquidity', [address, true]]));
    return this.people.filter((_, i) => found[i][1] > 0n && found[i][0] <= found[i][1]);
  }

  async #deed(random, victims) {
    const who = random.pick(this.people);
    const other = random.pick(this.people);
    const m = random.pick(this.pledged);
    const { vault } = this.lending;
    const [held, debt] = await this.chain.readAll([[m.vault, 'balanceOf', [who.address]], [vault, 'debtOf', [who.address]]]);
    const part = (of) => (of * BigInt(random.chance(0.2) ? 100 : random.whole(0, 60))) / 100n;
    const usd = random.magnitude(1, 20_000);
    random.pick([
      () => this.#write(who, m.vault, 'deposit', [this.#amount(m, usd)]),
      () => this.#write(who, m.vault, 'redeem', [part(held)]),
      () => this.#write(who, m.vault, 'transfer', [other.address, part(held)]),
      () => this.#write(who, vault, 'borrow', [this.#amount(this.lending, usd)]),
      () => this.#write(who, vault, 'repay', [part(debt)]),
      () => this.#write(other, vault, 'pullDebt', [part(debt) / 4n, who.address]),
      () => this.#write(who, this.evc, 'enableCollateral', [m.vault.address]),
      () => this.#write(who, this.evc, 'disableCollateral', [m.vault.address]),
      () => this.#write(lender, m.vault, 'borrow', [this.#amount(m, usd * 5)]),
      () => this.#write(lender, m.vault, 'touch', []),
      () => this.#write(lender, m.vault, 'setInterestFee', [random.whole(0, 3_000)]),
      () => this.#write(lender, vault, 'setLTV', [m.vault.address, m.borrow - 500, m.ltv - random.whole(0, 400), random.pick([0, 3_600, 1_000_000])]),
      () => this.#write(liquidator, vault, 'liquidate', [random.pick(victims.length > 0 ? victims : this.people).address, m.vault.address]),
      () => this.#write(liquidator, vault, 'liquidate', [random.pick(victims.length > 0 ? victims : this.people).address, m.vault.address]),
    ])();
  }

  #amount({ scale, price }, usd) {
    return BigInt(Math.round(usd * 1e8)) * scale / price;
  }

  #write(who, contract, name, args) {
    return this.chain.write(contract, name, args, who.address);
  }

  async #mined(dt) {
    const { number, hash, timestamp, transactions } = await this.chain.mine({ dt });
    return { block: { number, hash, timestamp }, deeds: transactions.map(({ what, ok }) => ({ deed: what, ok })) };
  }
}

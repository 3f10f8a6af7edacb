import { decodeFunctionResult, encodeFunctionData, parseAbi, toFunctionSelector, toHex, zeroAddress } from 'viem';
import { startAnvil } from './anvil.mjs';
import { compiledDerive, multicall3Code } from './artifacts.mjs';
import { Chain } from './chain.mjs';
import { multicall3 } from './devnet.mjs';
import { lender, liquidator, person } from './people.mjs';
import { Random } from './random.mjs';

const wad = 10n ** 18n;
const fixed = (number) => BigInt(Math.round(number * 1e9)) * 10n ** 9n;
const gas = 60_000_000n;
const hour = 3_600;
const week = 7 * 24 * hour;
const million = 1_000_000n;
const perOwner = 5;
const types = { option: 1, perp: 2, base: 3 };
const listed = [{ symbol: 'WETH', price: 2_000, step: 100 }, { symbol: 'WBTC', price: 39_000, step: 2_000 }];
const multicallAbi = parseAbi([
  'function aggregate3((address target, bool allowFailure, bytes callData)[]) payable returns ((bool success, bytes returnData)[])',
]);

const together = (calls) => encodeFunctionData({
  abi: multicallAbi, functionName: 'aggregate3',
  args: [calls.map(([to, functionName, args]) => ({ target: to.address, allowFailure: true, callData: encodeFunctionData({ abi: to.abi, functionName, args }) }))],
});

/** A local chain with Multicall3 and our own small Derive v2: two markets under the Standard Manager, a second one of it, a third that the configuration does not name, and a portfolio manager. */
export async function startDerive({ accounts, seed }) {
  const node = await startAnvil({ timestamp: 1_621_000_000, epochSlots: 4 });
  try {
    const chain = new Chain(node.rpc);
    await node.rpc.call('anvil_setCode', multicall3, multicall3Code());
    const people = Array.from({ length: accounts }, (_, i) => person(`derive-${i + 1}`));
    const devnet = new DeriveDevnet(node, chain, people);
    const random = new Random(seed);
    await devnet.deploy();
    await devnet.open(random);
    return devnet;
  } catch (error) {
    await node.stop();
    throw error;
  }
}

// Spot, volatility (none, up, down, the smile tilted, its wings), and how much of it counts.
const scenarios = [[1.18, 1], [1.135, 2], [0.865, 0], [0.82, 1], [3, 1, 0.0693], [1, 3], [1, 4]].map(([spotShock, volShock, counts = 1]) =>
  ({ spotShock: fixed(spotShock), volShock, dampeningFactor: fixed(counts) }));
const library = (mmFactor) => [
  { scenarioSpotUp: fixed(1.045), scenarioSpotDown: fixed(0.955), basisContAddFactor: fixed(0.5), basisContMultFactor: fixed(2) },
  {
    pegLossThreshold: fixed(0.99), pegLossFactor: fixed(4), confThreshold: fixed(0.55), confMargin: wad, MMPerpPercent: fixed(0.03), IMPerpPercent: fixed(0.01),
    MMOptionPercent: fixed(0.003), IMOptionPercent: fixed(0.002),
  },
  {
    imFactor: wad, mmFactor: fixed(mmFactor), shortRateMultScale: wad, longRateMultScale: wad, shortRateAddScale: fixed(0.16), longRateAddScale: fixed(0.16),
    shortBaseStaticDiscount: fixed(1.05), longBaseStaticDiscount: fixed(0.95),
  },
  { volRangeUp: fixed(0.5), volRangeDown: fixed(0.3), shortTermPower: fixed(0.3), longTermPower: fixed(0.13), dteFloor: 86_400n, minVolUpShock: fixed(0.4) },
  {
    linearBaseCap: fixed(0.25), absBaseCap: fixed(0.25), linearCBase: fixed(-0.1), absCBase: fixed(-0.1), minKStar: fixed(0.01), widthScale: fixed(4), volParamStatic: fixed(0.6),
    volParamScale: fixed(-0.1),
  },
];

class DeriveDevnet {
  #settled = new Set();
  #victims = [];
  #ongoing = [];

  constructor(node, chain, people) {
    Object.assign(this, { node, chain, people });
  }

  /** What the monitor's configuration has to name. */
  get deployments() {
    const [standard, second] = this.managers;
    return {
      deriveVenues: [{
        name: 'small', subAccounts: this.accounts.address, cash: this.cash.address, auction: this.auction.address, standardManager: standard.address, pmrm: [second.address],
        pmrm2: [this.portfolio.address],
      }],
    };
  }

  async deploy() {
    const c = compiledDerive();
    const deploy = (artifact, args) => this.chain.deploy(artifact, args, {});
    const token = (symbol) => deploy(c.DeriveToken, [symbol]);
    this.accounts = await deploy(c.DeriveSubAccounts);
    const at = this.accounts.address;
    this.cash = await deploy(c.DeriveCash, [at, (await token('USDC')).address]);
    this.stable = await deploy(c.DeriveSpotFeed);
    this.markets = [];
    for (const one of listed) {
      const spot = await deploy(c.DeriveSpotFeed);
      const perpFeed = await deploy(c.DeriveSpotFeed);
      this.markets.push({
        ...one, spot, perpFeed,
        forward: await deploy(c.DeriveForwardFeed, [spot.address]), vol: await deploy(c.DeriveVolFeed), option: await deploy(c.DeriveAsset, [at, zeroAddress]),
        perp: await deploy(c.DerivePerp, [at, perpFeed.address]), base: await deploy(c.DeriveAsset, [at, (await token(one.symbol)).address]),
      });
    }
    this.managers = [];
    for (let i = 0; i < 3; i++) this.managers.push(await deploy(c.DeriveStandardManager, [at, this.cash.address, this.stable.address]));
    this.auction = await deploy(c.DeriveAuction, [at, this.cash.address, {
      startingMtMPercentage: fixed(0.95), fastAuctionCutoffPercentage: fixed(0.7), fastAuctionLength: 900n, slowAuctionLength: 43_200n, insolventAuctionLength: 3_600n,
      liquidatorFeeRate: fixed(0.1), bufferMarginPercentage: fixed(0.15),
    }]);
    this.#write(this.auction, 'setMtmCutoff', [fixed(5_000)]);
    await this.chain.mine({ strict: true });
    await this.#deployPortfolio(c);
    for (const module of [this.cash, this.auction, this.portfolio, ...this.managers, ...this.markets.flatMap((m) => [m.option, m.perp, m.base])]) this.#write(this.accounts, 'trust', [module.address]);
    for (const manager of this.managers) {
      this.#write(manager, 'setDepeg', [{ threshold: fixed(0.99), depegFactor: fixed(2) }]);
      this.markets.forEach((m, i) => this.#list(manager, BigInt(i + 1), m));
    }
    for (const manager of [...this.managers.slice(0, 2), this.portfolio]) this.#write(this.auction, 'whitelistManager', [manager.address, true]);
    await this.chain.mine({ strict: true });
  }

  // Of the first market, with some of the real one's scenarios, and a library that an account can have for itself.
  async #deployPortfolio(c) {
    const [m, other] = this.markets;
    const [lib, own] = [await this.chain.deploy(c.DerivePortfolioLib), await this.chain.deploy(c.DerivePortfolioLib)];
    this.rates = await this.chain.deploy(c.DeriveRateFeed);
    this.portfolio = await this.chain.deploy(c.DerivePortfolioManager, [
      this.accounts.address, this.cash.address, m.option.address, m.perp.address,
      { spot: m.spot.address, forward: m.forward.address, rate: this.rates.address, vol: m.vol.address, stable: this.stable.address }, lib.address, scenarios]);
    this.libs = [lib, own];
    this.#write(this.portfolio, 'setCollateral', [m.base.address, m.spot.address]);
    this.#write(this.portfolio, 'setCollateral', [other.base.address, other.spot.address]);
    for (const one of this.libs) {
      this.#write(one, 'setParams', library(one === lib ? 0.8 : 0.9));
      this.#write(one, 'setCollateral', [m.base.address, { isEnabled: true, isRiskCancelling: true, MMHaircut: fixed(0.02), IMHaircut: fixed(0.01) }]);
      this.#write(one, 'setCollateral', [other.base.address, { isEnabled: true, isRiskCancelling: false, MMHaircut: fixed(0.15), IMHaircut: fixed(0.05) }]);
    }
    await this.chain.mine({ strict: true });
  }

  async open(random) {
    const { timestamp } = await this.chain.head();
    this.now = timestamp;
    this.expiries = [timestamp + 2 * hour, timestamp + 20 * hour, timestamp + 3 * week, timestamp + 10 * week];
    this.#feed(random, 0);
    const [standard, second] = this.managers;
    this.ids = [];
    const create = (owner, manager) => {
      this.#write(this.accounts, 'createAccount', [owner.address, manager.address]);
      // The auction house has the first.
      this.ids.push({ id: BigInt(this.ids.length + 2), owner });
    };
    this.people.forEach((who, n) => {
      const last = n % 2 === 0 ? this.portfolio : second;
      for (let i = 0; i < perOwner; i++) create(who, i === perOwner - 1 || (i === 3 && n % 4 === 0) ? last : standard);
    });
    for (let i = 0; i < 3; i++) create(lender, standard);
    create(lender, standard);
    create(liquidator, standard);
    this.watched = this.ids.slice(0, this.people.length * perOwner);
    this.makers = this.ids.slice(this.watched.length, -2);
    const borrower = this.ids.at(-2);
    this.bidder = this.ids.at(-1);
    this.people = this.people.map((who) => ({ ...who, deriveSubAccounts: this.watched.filter(({ owner }) => owner.address === who.address).map(({ id }) => Number(id)) }));
    await this.chain.mine({ strict: true });
    await this.#learnManagers();
    this.#feed(random, 0);
    for (const { id } of [...this.makers, this.bidder]) this.#write(this.cash, 'deposit', [id, fixed(50_000_000)]);
    // So that there is interest.
    this.#write(this.markets[0].base, 'deposit', [borrower.id, fixed(200_000)]);
    this.#write(this.cash, 'withdraw', [borrower.id, fixed(160_000_000)], borrower.owner);
    for (const one of this.watched) {
      one.equity = random.magnitude(2_000, 90_000);
      this.#write(this.cash, 'deposit', [one.id, fixed(one.equity)]);
    }
    await this.chain.mine({ strict: true });
    for (let round = 0; round < 4; round++) {
      this.#feed(random, 0);
      for (const one of this.watched) if (round < 2 || this.managerOf.get(one.id) === this.portfolio.address) this.#position(random, one);
      await this.chain.mine();
    }
  }

  async mine({ dt = 12 } = {}) {
    this.#feed(new Random('still'), 0);
    return this.#mined(dt);
  }

  /** With `stale` the feeds of the first expiry are not told in this block. Answers what the contracts say of every watched sub-account, too. */
  async randomStep({ seed, actions = 6, volatility = 0, dt = 12, stale = false }) {
    const random = new Random(seed);
    this.#feed(random, volatility, stale);
    for (let i = 0; i < actions; i++) await this.#deed(random);
    const done = await this.#mined(dt);
    return { ...done, said: await this.#said() };
  }

  /** Opens a sub-account that nobody was told of. */
  async createAccount({ owner }) {
    this.#write(this.accounts, 'createAccount', [owner, this.managers[0].address]);
    return this.#mined(12);
  }

  /**
   * What the contracts would say if the feeds were told other prices: of each of `asks` `{ id, spots: { WETH }, vols }` the margins, and whether an auction would start. Forwards
   * and perpetuals move in proportion to their spot, all volatilities by `vols` millionths. Funding up to now is that of the old price.
   */
  async ask({ asks }) {
    const feeds = await this.#feeds();
    const { timestamp } = await this.chain.head();
    const questions = asks.map(({ id }) => this.#questions(BigInt(id)));
    const replies = await this.chain.rpc.batch(asks.map(({ spots = {}, vols = 1_000_000 }, i) => {
      const moves = this.markets.flatMap((m, n) => this.#told(m, feeds[n], spots[m.symbol] ? BigInt(spots[m.symbol]) : feeds[n].spot, BigInt(vols)));
      const calls = [[this.stable, 'set', feeds.stable], ...moves, ...questions[i]];
      return ['eth_call', { to: multicall3, data: together(calls), gas: toHex(1_000_000_000n) }, 'latest', {}, { time: toHex(timestamp) }];
    }));
    return {
      answers: replies.map((reply, i) => {
        const results = decodeFunctionResult({ abi: multicallAbi, functionName: 'aggregate3', data: reply });
        if (!results.slice(0, -questions[i].length).every(({ success }) => success)) throw new Error('a feed would not be told');
        return this.#answer(BigInt(asks[i].id), results.slice(-questions[i].length).map(({ success, returnData }) => (success ? { result: returnData } : { error: { data: returnData } })));
      }),
    };
  }

  stop() {
    return this.node.stop();
  }

  #list(manager, market, m) {
    this.#write(manager, 'createMarket');
    for (const [kind, type] of Object.entries(types)) this.#write(manager, 'whitelist', [m[kind].address, market, type]);
    this.#write(manager, 'setOracles', [market, { spot: m.spot.address, forward: m.forward.address, vol: m.vol.address }]);
    this.#write(manager, 'setPerpReq', [market, { mmPerpReq: fixed(0.065), imPerpReq: fixed(0.1) }]);
    this.#write(manager, 'setOptionReq', [market, {
      maxSpotReq: fixed(0.15), minSpotReq: fixed(0.13), mmCallSpotReq: fixed(0.09), mmPutSpotReq: fixed(0.09), MMPutMtMReq: fixed(0.09), unpairedIMScale: fixed(1.2),
      unpairedMMScale: fixed(1.1), mmOffsetScale: fixed(1.05),
    }]);
    this.#write(manager, 'setBaseReq', [market, { marginFactor: fixed(0.8), IMScale: fixed(0.9375) }]);
    this.#write(manager, 'setContingency', [market, { perpThreshold: fixed(0.55), optionThreshold: fixed(0.55), baseThreshold: fixed(0.55), OCFactor: wad }]);
  }

  // Every feed, of every expiry until it has settled.
  #feed(random, volatility, stale = false) {
    const sure = () => fixed(random.chance(0.05) ? random.between(0.3, 0.9) : 1);
    this.#write(this.stable, 'set', [fixed(volatility > 0 && random.chance(0.1) ? random.between(0.96, 1) : 1), wad]);
    for (const m of this.markets) {
      m.price *= Math.exp(random.normal() * volatility);
      this.#write(m.spot, 'set', [fixed(m.price), sure()]);
      this.#write(m.perpFeed, 'set', [fixed(m.price * (1 + 0.001 * random.normal())), sure()]);
      this.expiries.forEach((expiry, i) => {
        if (this.#settled.has(expiry) || (stale && i === 1)) return;
        const years = (expiry - 1_621_000_000) / 31_536_000;
        const total = (random.between(0.7, 0.9) ** 2) * years;
        if (m === this.markets[0]) this.#write(this.rates, 'setRate', [BigInt(expiry), fixed(random.between(-0.01, 0.06)), sure()]);
        this.#write(m.forward, 'setForward', [BigInt(expiry), fixed(m.price * 0.05 * years), sure()]);
        this.#write(m.vol, 'set', [BigInt(expiry), {
          a: fixed(total * 0.6), b: fixed(total * 0.4), rho: fixed(-0.3), m: fixed(0.02), sigma: wad, forward: fixed(m.price), refTau: fixed(years), confidence: sure(), told: 0n,
        }]);
      });
    }
  }

  #write(contract, name, args = [], from) {
    return this.chain.write(contract, name, args, from?.address, gas);
  }

  #strike(random, m) {
    return Math.max(1, Math.round((m.price * random.between(0.8, 1.25)) / m.step)) * m.step;
  }

  #subId(expiry, strike, isCall) {
    return (isCall ? 1n << 95n : 0n) | (BigInt(Math.round(strike * 1e8)) << 32n) | BigInt(expiry);
  }

  // What people would pay, roughly.
  #premium(m, expiry, strike, isCall) {
    const spread = 0.8 * Math.sqrt(Math.max(expiry - this.now, 1) / 31_536_000);
    return Math.max(0, isCall ? m.price - strike : strike - m.price) + 0.4 * m.price * spread * Math.exp(-((Math.log(strike / m.price) / spread) ** 2) / 2);
  }

  #sell(random, one, m, expiry, strike, isCall, amount, to = random.pick(this.makers)) {
    const price = fixed(this.#premium(m, expiry, strike, isCall) * amount);
    this.#write(this.accounts, 'trade', [one.id, to.id, m.option.address, this.#subId(expiry, strike, isCall), fixed(amount), this.cash.address, price], one.owner);
  }

  #perp(random, one, amount, m = random.pick(this.markets), to = random.pick(this.makers)) {
    this.#write(this.accounts, 'trade', [one.id, to.id, m.perp.address, 0n, fixed(amount), this.cash.address, 0n], one.owner);
  }

  #position(random, one) {
    const m = this.managerOf.get(one.id) === this.portfolio.address ? this.markets[0] : random.pick(this.markets);
    const expiry = random.pick(this.expiries.filter((e) => e > this.now));
    const size = (one.equity / m.price) * random.between(0.8, this.managerOf.get(one.id) === this.portfolio.address ? 6 : 4);
    random.pick([
      () => {
        this.#sell(random, one, m, expiry, m.step * Math.round((m.price * 1.1) / m.step), true, size);
        this.#sell(random, one, m, expiry, m.step * Math.round((m.price * 0.9) / m.step), false, size);
      },
      () => this.#sell(random, one, m, expiry, this.#strike(random, m), random.chance(0.5), size),
      () => {
        const strike = this.#strike(random, m);
        this.#sell(random, one, m, expiry, strike, true, size);
        this.#sell(random, one, m, expiry, strike + m.step * 2, true, -size * random.between(0.5, 1.2));
      },
      () => this.#perp(random, one, size * (random.chance(0.5) ? 1 : -1) * 2, m),
      () => {
        this.#write(m.base, 'deposit', [one.id, fixed(one.equity / m.price)]);
        this.#sell(random, one, m, expiry, this.#strike(random, m), true, size);
      },
    ])();
  }

  async #deed(random) {
    const one = random.pick(this.watched);
    const other = random.pick(this.watched);
    const m = random.pick(this.markets);
    const manager = random.pick(this.managers);
    const market = BigInt(this.markets.indexOf(m) + 1);
    const usd = fixed(random.magnitude(10, 30_000));
    const held = (await this.chain.read(this.accounts, 'getAccountBalances', [one.id])).filter(({ asset }) => asset === m.option.address || asset === m.perp.address);
    const victim = random.pick(this.#victims.length > 0 ? this.#victims : this.watched);
    const auctioned = random.pick(this.#ongoing.length > 0 ? this.#ongoing : this.watched);
    const bid = () => this.#write(this.auction, 'bid', [auctioned.id, this.bidder.id, fixed(random.chance(0.5) ? 1 : random.between(0.01, 0.5))], liquidator);
    const start = () => this.#write(this.auction, 'startAuction', [victim.id, victim.scenario ?? 0n], liquidator);
    const close = () => {
      if (held.length === 0) return this.#position(random, one);
      const { asset, subId, balance } = random.pick(held);
      const part = random.chance(0.5) ? balance : balance / 3n;
      return this.#write(this.accounts, 'trade', [one.id, random.pick(this.makers).id, asset, subId, part, this.cash.address, part * fixed(m.price / 20) / wad], one.owner);
    };
    random.pick([
      () => this.#position(random, one), () => this.#position(random, one), close, close, start, start, start, bid, bid,
      () => this.#sell(random, one, m, random.pick(this.expiries), this.#strike(random, m), random.chance(0.5), random.between(-2, 2), other),
      () => this.#write(this.cash, 'deposit', [one.id, usd]),
      () => this.#write(this.cash, 'withdraw', [one.id, usd], one.owner),
      () => this.#write(m.base, 'deposit', [one.id, usd * wad / fixed(m.price)]),
      () => this.#write(m.base, 'withdraw', [one.id, usd * wad / fixed(m.price)], one.owner),
      () => this.#write(this.cash, 'settleInterest', [one.id]),
      () => this.#write(random.pick([this.managers[0], this.portfolio]), 'settlePerps', [one.id]),
      () => this.#write(this.managers[0], 'settleOptions', [one.id]),
      () => this.#write(this.auction, 'terminateAuction', [auctioned.id]),
      () => {
        const from = one.owner;
        one.owner = random.pick(this.people);
        this.#write(this.accounts, 'transferFrom', [from.address, one.owner.address, one.id], from);
      },
      () => this.#write(this.accounts, 'changeManager', [one.id, random.pick([...this.managers, this.managers[0], this.portfolio]).address], one.owner),
      () => this.#govern(random, m, market, manager), () => this.#govern(random, m, market, manager),
    ])();
  }

  #govern(random, m, market, manager) {
    const threshold = fixed(random.pick([0, 0.55, 0.8]));
    random.pick([
      () => this.#write(manager, 'setContingency', [market, { perpThreshold: threshold, optionThreshold: threshold, baseThreshold: threshold, OCFactor: fixed(random.between(0.2, 1)) }]),
      () => this.#write(manager, 'setDepeg', [{ threshold: fixed(random.between(0.97, 1)), depegFactor: fixed(random.between(1, 3)) }]),
      () => this.#write(manager, 'setPerpReq', [market, { mmPerpReq: fixed(random.between(0.05, 0.08)), imPerpReq: fixed(0.1) }]),
      () => this.#write(manager, 'setBaseReq', [market, { marginFactor: fixed(random.between(0.6, 0.85)), IMScale: fixed(0.9375) }]),
      () => this.#write(m.perp, 'setFundingRate', [fixed(random.between(-0.5, 1))]),
      () => this.#write(manager, 'setOracles', [market, { spot: m.spot.address, forward: m.forward.address, vol: m.vol.address }]),
      () => this.#write(manager, 'whitelist', [m.perp.address, market, types.perp]),
      () => this.#write(this.portfolio, 'setAccountLib', [random.pick(this.watched).id, random.pick([this.libs[1].address, zeroAddress])]),
      () => this.#write(this.libs[0], 'setParams', library(random.between(0.7, 0.9))),
      () => this.#write(this.portfolio, 'setScenario', [0n, { ...scenarios[0], spotShock: fixed(random.between(1.15, 1.2)) }]),
    ])();
  }

  async #learnManagers() {
    const managers = await this.chain.readAll(this.watched.map(({ id }) => [this.accounts, 'manager', [id]]));
    this.managerOf = new Map(this.watched.map(({ id }, i) => [id, managers[i]]));
  }

  // What is asked of a sub-account, in the order of #answer: an auction by each scenario that its manager has.
  #questions(id) {
    const manager = [...this.managers, this.portfolio].find(({ address }) => address === this.managerOf.get(id));
    const tries = manager === this.portfolio ? scenarios : [0];
    return [
      [manager, 'getMargin', [id, false]], [manager, 'getMargin', [id, true]], [manager, 'getMarginAndMarkToMarket', [id, false, 0n]],
      ...tries.map((_, scenario) => [this.auction, 'startAuction', [id, BigInt(scenario)]])];
  }

  #answer(id, [maintenance, initial, both, ...tries]) {
    const manager = this.managers[0];
    const figure = (functionName, { result }) => (result === undefined ? null : decodeFunctionResult({ abi: manager.abi, functionName, data: result }));
    const scenario = tries.findIndex(({ error }) => !error);
    const error = this.auction.abi.find(({ type, name }) => type === 'error' && toFunctionSelector(`${name}()`) === tries[0].error?.data?.slice(0, 10));
    return {
      id: Number(id), manager: this.managerOf.get(id), maintenance: text(figure('getMargin', maintenance)), initial: text(figure('getMargin', initial)),
      markToMarket: text(figure('getMarginAndMarkToMarket', both)?.[1] ?? null), starts: scenario >= 0, scenario: Math.max(0, scenario), refusal: scenario >= 0 ? null : error?.name ?? 'no reason',
    };
  }

  // The contracts' own words of every watched sub-account at the newest block.
  async #said() {
    const { timestamp } = await this.chain.head();
    await this.#learnManagers();
    const found = await this.chain.readAll(this.watched.flatMap(({ id }) => [
      [this.accounts, 'ownerOf', [id]], [this.cash, 'calculateBalanceWithInterest', [id]], [this.accounts, 'getBalance', [id, this.cash.address, 0n]],
      [this.auction, 'getAuction', [id]]]));
    const questions = this.watched.map(({ id }) => this.#questions(id));
    const calls = questions.flat();
    const replies = await this.chain.rpc.tryBatch(calls.map(([to, functionName, args]) =>
      ['eth_call', { to: to.address, data: encodeFunctionData({ abi: to.abi, functionName, args }), gas: toHex(gas) }, 'latest', {}, { time: toHex(timestamp) }]));
    const said = this.watched.map(({ id }, i) => {
      const [owner, withInterest, balance, { ongoing, insolvent, startTime }] = found.slice(i * 4, i * 4 + 4);
      return { ...this.#answer(id, replies.splice(0, questions[i].length)), owner, interest: text(withInterest - balance), ongoing, insolvent, since: ongoing ? Number(startTime) : 0 };
    });
    this.#victims = this.watched.map((one, i) => ({ ...one, scenario: BigInt(said[i].scenario) })).filter((_, i) => said[i].starts);
    this.#ongoing = this.watched.filter((_, i) => said[i].ongoing);
    await this.#bid(said);
    return said;
  }

  // What a first bid would pay at once and leave, all in one call, of those whom a manager without scenarios has.
  async #bid(said) {
    const { timestamp } = await this.chain.head();
    const victims = this.#victims.filter(({ id }) => this.managerOf.get(id) !== this.portfolio.address);
    const replies = await this.chain.rpc.batch(victims.map(({ id }) => {
      const manager = this.managers.find(({ address }) => address === this.managerOf.get(id));
      const calls = [
        [this.auction, 'startAuction', [id, 0n]], [this.auction, 'bid', [id, this.bidder.id, wad]], [this.auction, 'getAuction', [id]],
        [manager, 'getMarginAndMarkToMarket', [id, false, 0n]]];
      return ['eth_call', { to: multicall3, data: together(calls), gas: toHex(1_000_000_000n) }, 'latest', {}, { time: toHex(timestamp) }];
    }));
    replies.forEach((reply, i) => {
      const [, bid, auction, both] = decodeFunctionResult({ abi: multicallAbi, functionName: 'aggregate3', data: reply });
      if (!bid.success) return;
      const { reservedCash } = decodeFunctionResult({ abi: this.auction.abi, functionName: 'getAuction', data: auction.returnData });
      const [, left] = decodeFunctionResult({ abi: this.managers[0].abi, functionName: 'getMarginAndMarkToMarket', data: both.returnData });
      said.find(({ id }) => id === Number(victims[i].id)).firstBid = { paid: text(reservedCash), left: text(left) };
    });
  }

  async #feeds() {
    const open = this.expiries.filter((e) => !this.#settled.has(e));
    const all = await this.chain.readAll([
      [this.stable, 'price'], [this.stable, 'confidence'],
      ...this.markets.flatMap((m) => [
        [m.spot, 'price'], [m.spot, 'confidence'], [m.perpFeed, 'price'], [m.perpFeed, 'confidence'],
        ...open.flatMap((e) => [[m.forward, 'difference', [BigInt(e)]], [m.forward, 'confidenceOf', [BigInt(e)]], [m.vol, 'slices', [BigInt(e)]]])]),
    ]);
    const stable = all.splice(0, 2);
    const feeds = this.markets.map(() => {
      const [spot, confidence, perp, perpConfidence] = all.splice(0, 4);
      return { spot, confidence, perp, perpConfidence, expiries: open.map((expiry) => ({ expiry: BigInt(expiry), difference: all.shift(), confidence: all.shift(), slice: all.shift() })) };
    });
    return Object.assign(feeds, { stable });
  }

  // The feeds of one market at another spot.
  #told(m, feed, spot, vols) {
    const moved = (price) => price * spot / feed.spot;
    return [
      [m.perp, 'accrue', []], [m.spot, 'set', [spot, feed.confidence]], [m.perpFeed, 'set', [moved(feed.perp), feed.perpConfidence]],
      ...feed.expiries.flatMap(({ expiry, difference, confidence, slice: [a, b, rho, m_, sigma, forward, refTau, sure] }) => [
        [m.forward, 'setForward', [expiry, moved(feed.spot + difference) - spot, confidence]],
        [m.vol, 'set', [expiry, { a, b, rho, m: m_, sigma, forward, refTau: refTau * million * million / (vols * vols), confidence: sure, told: 0n }]]]),
    ];
  }

  async #mined(dt) {
    const { number, hash, timestamp, transactions } = await this.chain.mine({ dt });
    this.now = timestamp;
    for (const expiry of this.expiries) if (expiry <= timestamp) this.#settled.add(expiry);
    const [told, deeds] = [true, false].map((isFeed) => transactions.filter(({ what }) => isFeed === ['set', 'setForward', 'setRate'].includes(what)));
    if (!told.every(({ ok }) => ok)) throw new Error('a feed would not be told');
    return { block: { number, hash, timestamp }, deeds: deeds.map(({ what, ok }) => ({ deed: what, ok })) };
  }
}

const text = (figure) => (figure === null ? null : figure.toString());

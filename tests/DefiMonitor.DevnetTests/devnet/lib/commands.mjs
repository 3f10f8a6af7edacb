import { encodeAbiParameters, encodeFunctionData, getAddress, isAddress, maxUint256, parseUnits, zeroHash } from 'viem';
import { writeConfig } from '../config.mjs';
import { randomDeed, randomLiquidation, shakePrices } from './actions.mjs';
import { compiledTransmitter } from './artifacts.mjs';
import { feedDecimals } from './assets.mjs';
import { Crowd } from './crowd.mjs';
import { liquidator } from './people.mjs';
import { openRandom } from './positions.mjs';
import { Random } from './random.mjs';
import { explain } from './reasons.mjs';

/** What `serve.mjs` obeys. Each command is a method that takes the command's fields and returns the answer's. */
export class Commands {
  #devnet;
  #proxy;
  #beside;
  #opened = 0;
  #crowd;
  #oracle;

  /** @param beside `{ morpho, lyra }`: what `addMorpho` and `addLyra` return, where these stand on the chain as well */
  constructor(devnet, proxy, beside) {
    this.#devnet = devnet;
    this.#proxy = proxy;
    this.#beside = beside;
    this.people = [];
  }

  async mine({ dt, blocks = 1 }) {
    let block;
    for (let i = 0; i < blocks; i++) block = await this.#devnet.chain.mine({ dt });
    return { block: told(block) };
  }

  /** One price (`asset`, `value` in USD or `raw` with 8 decimals) or several (`values` or `raws` by asset); `mine: false` leaves them queued. */
  async price({ asset, value, raw, values = {}, raws = {}, dt, mine = true }) {
    const all = { ...values, ...(value === undefined ? {} : { [asset]: value }) };
    for (const [symbol, usd] of Object.entries(all)) this.#devnet.price(symbol, parseUnits(String(usd), feedDecimals));
    for (const [symbol, answer] of Object.entries({ ...raws, ...(raw === undefined ? {} : { [asset]: raw }) })) {
      this.#devnet.price(symbol, BigInt(answer));
    }
    return mine ? { block: told(await this.#devnet.chain.mine({ dt })) } : {};
  }

  /** An aggregator over the feed of `asset` that takes reports, and the forwarder through which they are sent, in one block. */
  async oracle({ asset, dt }) {
    const { chain, feeds } = this.#devnet;
    const { Aggregator, Forwarder } = compiledTransmitter();
    this.#oracle = { aggregator: await chain.deploy(Aggregator, [feeds[asset].address]), forwarder: await chain.deploy(Forwarder) };
    const block = await chain.mine({ dt, strict: true });
    return { aggregator: this.#oracle.aggregator.address, forwarder: this.#oracle.forwarder.address, block: told(block) };
  }

  /** Leaves a report with these sorted `observations` (8 decimals) in the node's pool; the next block takes it. */
  async transmit({ observations }) {
    const { aggregator, forwarder } = this.#oracle;
    const types = ['uint32', 'bytes32', 'int192[]', 'int192'].map((type) => ({ type }));
    const report = encodeAbiParameters(types, [0, zeroHash, observations.map(BigInt), 0n]);
    const sent = encodeFunctionData({ abi: aggregator.abi, functionName: 'transmit', args: [[zeroHash, zeroHash, zeroHash], report, [], [], zeroHash] });
    const data = encodeFunctionData({ abi: forwarder.abi, functionName: 'forward', args: [aggregator.address, sent] });
    return { hash: await this.#devnet.chain.rpc.call('eth_sendTransaction', { from: oracle, to: forwarder.address, data, gas: '0x7a120', gasPrice: '0x0' }) };
  }

  async prices() {
    const prices = await this.#devnet.readPrices();
    return { prices: Object.fromEntries(Object.entries(prices).map(([symbol, answer]) => [symbol, String(answer)])) };
  }

  /** `count` new accounts with random positions, in one block. */
  async openRandom({ count = 10, seed = 1, market, dt }) {
    const random = new Random(`open ${seed}`);
    const prices = await this.#devnet.readPrices();
    const names = market ? [market] : Object.keys(this.#devnet.markets);
    const opened = names.flatMap((name, i) => {
      const share = Math.floor(count / names.length) + (i < count % names.length ? 1 : 0);
      const people = openRandom(random, this.#devnet.market(name), prices, share, this.#opened + 1);
      this.#opened += share;
      return people;
    });
    const block = await this.#devnet.chain.mine({ dt });
    this.people.push(...opened);
    return { accounts: opened, block: told(block) };
  }

  /** `actions` random deeds of random accounts in one block; with `volatility` prices move first. */
  async randomStep({ seed = 1, actions = 4, volatility = 0, dt }) {
    const random = new Random(`step ${seed}`);
    const prices = await this.#devnet.readPrices();
    if (volatility > 0) shakePrices(random, this.#devnet, prices, volatility);
    const deeds = [];
    for (let i = 0; i < actions && this.people.length > 0; i++) {
      const liquidation = random.chance(0.25) ? await randomLiquidation(random, this.#devnet.markets, this.people) : null;
      deeds.push(liquidation ?? await randomDeed(random, this.#devnet.markets, this.people, prices));
    }
    const block = await this.#devnet.chain.mine({ dt });
    const outcome = new Map(block.transactions.map((t) => [t.queued, t.ok]));
    return { block: told(block), deeds: deeds.map(({ transaction, ...deed }) => ({ ...deed, ok: outcome.get(transaction) })) };
  }

  /** `count` borrowers at once, for measurements; see lib/crowd.mjs. They are not written into the configuration. */
  async crowd({ market, count, seed = 1 }) {
    this.#crowd = new Crowd(this.#devnet, this.#devnet.market(market), new Random(`crowd ${seed}`));
    return { accounts: (await this.#crowd.open(count)).map(({ address }) => address) };
  }

  /** One block in which prices move and a few of the crowd act, after which the node is left alone. */
  async stir({ actions = 3, volatility = 0.001, dt }) {
    if (!this.#crowd) throw new Error('there is no crowd yet');
    return this.#crowd.stir({ actions, volatility, dt });
  }

  /** One deed of one account in a block of its own: supply, withdraw, borrow, repay (`amount` or "max"), setEMode (`eMode`), useAsCollateral (`yes`). */
  async act({ market: name, user: who, action, asset, amount, eMode, yes, dt }) {
    const market = this.#devnet.market(name);
    const user = this.#person(who);
    const size = amountOf(amount);
    switch (action) {
      case 'supply':
      case 'withdraw':
      case 'borrow':
        market[action](user, asset, size);
        break;
      case 'repay':
        market.repay(user, asset, size, size === maxUint256 ? this.#devnet.worth(asset, 1_000_000_000) : size);
        break;
      case 'setEMode':
        market.setEMode(user, eMode);
        break;
      case 'useAsCollateral':
        market.useAsCollateral(user, asset, yes);
        break;
      default:
        throw new Error(`no action is called ${action}`);
    }
    return this.#mineOne(dt);
  }

  /** The governors give a reserve other collateral parameters, in bps, in a block of its own. */
  async setCollateral({ market: name, asset, ltv, threshold, bonus, dt }) {
    this.#devnet.chain.write(this.#devnet.market(name).configurator, 'configureReserveAsCollateral', [this.#devnet.tokens[asset].address, BigInt(ltv), BigInt(threshold), BigInt(bonus)]);
    return this.#mineOne(dt);
  }

  /** A position in the market of Morpho beside Aave: `collateral` WETH and `debt` USDC, in their own units. */
  async openMorpho({ user, collateral, debt, dt }) {
    if (!this.#beside.morpho) throw new Error('there is no Morpho on this chain; start serve.mjs with --morpho');
    this.#beside.morpho.open(this.#person(user), BigInt(collateral), BigInt(debt));
    return this.#mineOne(dt);
  }

  /** An expiry of the option market beside Aave, `seconds` from now, with `strikes` in dollars; answers their ids. */
  async listOptions({ seconds, strikes }) {
    return { strikes: (await this.#lyra().list(seconds, strikes)).map(String) };
  }

  /** A position there: `type` longCall, longPut, shortCallBase, shortCallQuote or shortPutQuote; `amount` and `collateral` with 18 decimals. */
  async openOption({ user, strike, type, amount, collateral = 0, dt }) {
    this.#lyra().open(this.#person(user), { strike: BigInt(strike), type, amount: BigInt(amount), collateral: BigInt(collateral) });
    return this.#mineOne(dt);
  }

  /** A real liquidatePosition in a block of its own. */
  async liquidateOption({ position, dt }) {
    this.#lyra().liquidate(liquidator, BigInt(position));
    return this.#mineOne(dt);
  }

  /** A real liquidationCall in a block of its own. */
  async liquidate({ market, collateral, debt, user, amount, receiveAToken, dt }) {
    this.#devnet.market(market).liquidate(liquidator, { collateral, debt, user: this.#person(user), amount: amountOf(amount), receiveAToken });
    return this.#mineOne(dt);
  }

  /** The same as a call that changes nothing: `dt` seconds after the newest block (0 = at its own time), with `raws` in place of the feeds' answers. */
  async simulateLiquidate({ market, collateral, debt, user, amount, receiveAToken, dt = 0, raws = {} }) {
    const prices = Object.fromEntries(Object.entries(raws).map(([symbol, answer]) => [symbol, BigInt(answer)]));
    const { ok, error } = await this.#devnet.tryLiquidation(this.#devnet.market(market), {
      collateral, debt, user: this.#person(user), amount: amountOf(amount), receiveAToken, dt, prices,
    });
    return error ? { ok, error } : { ok };
  }

  async snapshot() {
    return { id: await this.#devnet.chain.snapshot() };
  }

  async revert({ id }) {
    await this.#devnet.chain.revert(id);
    return { block: told(await this.#devnet.chain.head()) };
  }

  /** The newest `depth` blocks give way to `blocks` others (one more than they were, if not said), the first of them `dt` seconds after the fork. */
  async reorg({ depth = 3, blocks = depth + 1, dt = 13 }) {
    await this.#devnet.chain.rewind(depth);
    const fork = await this.#devnet.chain.head();
    let block;
    for (let i = 0; i < blocks; i++) block = await this.#devnet.chain.mine({ dt: i === 0 ? dt : undefined });
    return { fork: told(fork), block: told(block) };
  }

  /** The endpoint refuses connections from now on, the node goes on. */
  async down() {
    await this.#proxy.down();
    return {};
  }

  async up() {
    await this.#proxy.up();
    return {};
  }

  /** Writes the monitor's configuration for this chain. */
  setConfig({ dir, owners = this.people }) {
    writeConfig(dir, { chainId: this.#devnet.chainId, endpoint: this.#proxy.url, markets: this.#devnet.markets, morphoMarkets: marketsOf(this.#beside.morpho), lyraMarkets: marketsOf(this.#beside.lyra), owners });
    return { config: dir };
  }

  async #mineOne(dt) {
    const block = await this.#devnet.chain.mine({ dt });
    const last = block.transactions.at(-1);
    return last.ok ? { block: told(block) } : { ok: false, error: explain(await this.#devnet.chain.failure(last, block)), block: told(block) };
  }

  #lyra() {
    if (!this.#beside.lyra) throw new Error('there is no Lyra on this chain; start serve.mjs with --lyra');
    return this.#beside.lyra;
  }

  #person(who) {
    if (isAddress(who)) return { address: getAddress(who) };
    const found = this.people.find((p) => p.name === who);
    if (!found) throw new Error(`nobody is called ${who}; write a name of "accounts" or an address`);
    return found;
  }
}

const oracle = getAddress('0x000000000000000000000000000000000000ca11');
const amountOf = (amount) => (amount === undefined || amount === 'max' ? maxUint256 : BigInt(amount));
const marketsOf = (venue) => (venue ? [venue.market] : []);
const told = ({ number, hash, timestamp }) => ({ number, hash, timestamp });

import { encodeAbiParameters, keccak256, pad, parseAbi, toHex } from 'viem';
import { assets, units } from './assets.mjs';
import { person } from './people.mjs';

const stateAbi = parseAbi([
  'function getReservesList() view returns (address[])',
  'function getUserConfiguration(address user) view returns ((uint256 data))',
]);
const collaterals = ['WETH', 'wstETH', 'WBTC'];
const debts = ['USDC', 'DAI'];
const variableRate = 2n;
const low = (1n << 128n) - 1n;
const slotsSearched = 128;

/**
 * Many borrowers at once. One account really supplies and borrows for all; then its shares are handed out by writing the contracts' storage, so that
 * totals, indexes, rates and liquidity stay as the contracts left them, and every account is one as the contracts made it.
 */
export class Crowd {
  #devnet;
  #market;
  #random;
  #purse = person('crowd');
  #safe = [];
  #mined;

  constructor(devnet, market, random) {
    this.#devnet = devnet;
    this.#market = market;
    this.#random = random;
  }

  /** @returns `{ name, address }` of each; one in twenty is near the edge. */
  async open(count) {
    const prices = await this.#devnet.readPrices();
    const people = Array.from({ length: count }, (_, i) => person(`crowd-${i}`));
    const positions = people.map(() => this.#position(prices));
    await this.#takeForAll(positions);
    await this.#handOut(people, positions);
    await this.#chain.mine({ strict: true });
    this.#safe = people.map((user, i) => ({ user, owes: positions[i].debt[0][0], health: positions[i].health })).filter((p) => p.health > 1.5);
    return people;
  }

  /**
   * One block in which prices move and a few people supply, repay and borrow. Once it is mined the node is asked nothing: whoever measures has it for himself.
   * @returns `{ number, deeds }`
   */
  async stir({ actions, volatility, dt = 12 }) {
    await this.#check();
    for (const [symbol, answer] of Object.entries(await this.#devnet.readPrices())) {
      const spread = debts.includes(symbol) ? volatility / 20 : volatility;
      this.#devnet.price(symbol, BigInt(Math.max(1, Math.round(Number(answer) * Math.exp(spread * this.#random.normal())))));
    }
    for (let i = 0; i < actions; i++) this.#act(this.#random.pick(this.#safe), i);
    this.#mined = await this.#chain.mineQuietly({ dt });
    return { number: this.#mined.number, deeds: actions };
  }

  get #chain() {
    return this.#devnet.chain;
  }

  #position(prices) {
    const random = this.#random;
    const usd = random.magnitude(5_000, 50_000);
    const held = random.some(collaterals, random.whole(1, 2));
    const health = random.chance(0.05) ? random.between(1.03, 1.35) : random.between(1.6, 8);
    const limit = held.reduce((sum, s) => sum + usd / held.length * assets[s].threshold / 10_000, 0);
    return {
      health,
      collateral: held.map((s) => [s, this.#amount(s, usd / held.length, prices)]),
      debt: random.some(debts, 1).map((s) => [s, this.#amount(s, limit / health, prices)]),
    };
  }

  #amount(symbol, usd, prices) {
    return units(usd / (Number(prices[symbol]) / 1e8), assets[symbol].decimals);
  }

  /** The purse supplies three times what all hold, lends twice what all owe, and borrows a little more than that. */
  async #takeForAll(positions) {
    const sums = (legs) => positions.flatMap(legs).reduce((all, [s, amount]) => ({ ...all, [s]: (all[s] ?? 0n) + amount }), {});
    const owed = sums((p) => p.debt);
    for (const [symbol, amount] of Object.entries(sums((p) => p.collateral))) this.#market.supply(this.#purse, symbol, amount * 3n);
    for (const [symbol, amount] of Object.entries(owed)) this.#market.supply(this.#purse, symbol, amount * 2n);
    for (const [symbol, amount] of Object.entries(owed)) this.#market.borrow(this.#purse, symbol, amount * 102n / 100n);
    for (const symbol of [...collaterals, ...debts]) this.#market.give(this.#purse, symbol, this.#devnet.worth(symbol, 1_000_000_000));
    await this.#chain.mine({ strict: true });
  }

  async #handOut(people, positions) {
    const pool = { address: this.#market.pool.address, abi: stateAbi };
    const ids = new Map((await this.#chain.read(pool, 'getReservesList')).map((asset, id) => [asset.toLowerCase(), BigInt(id)]));
    const id = (symbol) => ids.get(this.#market.tokens[symbol].address.toLowerCase());
    const { data } = await this.#chain.read(pool, 'getUserConfiguration', [this.#purse.address]);
    const configurations = await this.#mapping(pool.address, (word) => word === data);
    const writes = [];
    const tokens = new Map();
    const give = async (token, person, amount) => {
      if (!tokens.has(token)) {
        const scaled = await this.#chain.read(token, 'scaledBalanceOf', [this.#purse.address]);
        tokens.set(token, { ...await this.#mapping(token.address, (word) => (word & low) === scaled), handed: 0n });
      }
      const state = tokens.get(token);
      state.handed += amount;
      // The upper half of the word is the index at which the account was last touched.
      writes.push([token.address, slotOf(state.place, person), (state.word & ~low) | amount]);
    };
    for (const [i, { collateral, debt }] of positions.entries()) {
      let configuration = 0n;
      for (const [symbol, amount] of collateral) {
        await give(this.#market.reserves[symbol].aToken, people[i], amount);
        configuration |= 2n << (2n * id(symbol));
      }
      for (const [symbol, amount] of debt) {
        await give(this.#market.reserves[symbol].variableDebt, people[i], amount);
        configuration |= 1n << (2n * id(symbol));
      }
      writes.push([pool.address, slotOf(configurations.place, people[i]), configuration]);
    }
    for (const [token, { place, word, handed }] of tokens) {
      if ((word & low) < handed) throw new Error(`more was handed out of ${token.address} than there is`);
      writes.push([token.address, slotOf(place, this.#purse), word - handed]);
    }
    await this.#chain.rpc.batch(writes.map(([address, slot, word]) => ['anvil_setStorageAt', address, slot, pad(toHex(word), { size: 32 })]));
  }

  /** Where in a contract's storage the mapping by account is in which the purse has such a word. */
  async #mapping(address, fits) {
    const words = await this.#chain.rpc.batch(Array.from({ length: slotsSearched }, (_, place) => ['eth_getStorageAt', address, slotOf(place, this.#purse), 'latest']));
    const places = words.map(BigInt).flatMap((word, place) => (word !== 0n && fits(word) ? [{ place, word }] : []));
    if (places.length !== 1) throw new Error(`${address} has ${places.length} mappings that could be the one looked for`);
    return places[0];
  }

  /** Supplies and repayments come out of the purse, so that a deed is one transaction. */
  #act({ user, owes }, i) {
    const [symbol, name, rest, from] = [
      () => [this.#random.pick(collaterals), 'supply', [user.address, 0], this.#purse],
      () => [owes, 'borrow', [variableRate, 0, user.address], user],
      () => [owes, 'repay', [variableRate, user.address], this.#purse],
    ][i % 3]();
    const amount = this.#devnet.worth(symbol, this.#random.between(10, 100));
    this.#chain.write(this.#market.pool, name, [this.#market.tokens[symbol].address, amount, ...rest], from.address);
  }

  async #check() {
    if (!this.#mined) return;
    const receipts = await this.#chain.rpc.call('eth_getBlockReceipts', toHex(this.#mined.number));
    const failed = receipts.filter((r) => r.status !== '0x1').length;
    if (receipts.length !== this.#mined.transactions || failed > 0) {
      throw new Error(`of ${this.#mined.transactions} transactions ${receipts.length} got into block ${this.#mined.number}, and ${failed} of them reverted`);
    }
  }
}

const slotOf = (place, { address }) => keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [address, BigInt(place)]));

import { encodeFunctionData, toFunctionSelector, toHex } from 'viem';
import { startAnvil } from './anvil.mjs';
import { compiledAaveV4, multicall3Code } from './artifacts.mjs';
import { Chain, deployer } from './chain.mjs';
import { multicall3 } from './devnet.mjs';
import { liquidator, person } from './people.mjs';
import { Random } from './random.mjs';

// name, decimals, first price in dollars, where it never falls below, hub, risk, collateral factor, bonus; what has a feed of its own comes first
const listed = [
  ['WETH', 18, 2_000, 700, 0, 500, 8_000, 10_500], ['USDC', 6, 1, 0.9, 0, 0, 7_800, 10_400], ['WBTC', 8, 50_000, 20_000, 0, 1_500, 7_000, 11_000],
  ['USDC', 6, 1, 0.9, 1, 700, 7_500, 10_500],
];
const gas = 8_000_000n;
const all = 2n ** 100n;

/** A local chain with Multicall3 and one Spoke of our own stand-in for Aave V4, over two hubs. */
export async function startAaveV4({ accounts, seed }) {
  const node = await startAnvil({ timestamp: 1_780_000_000, epochSlots: 4 });
  try {
    const chain = new Chain(node.rpc);
    await node.rpc.call('anvil_setCode', multicall3, multicall3Code());
    const people = Array.from({ length: accounts }, (_, i) => person(`aave-v4-${i + 1}`));
    const devnet = new AaveV4Devnet(node, chain, people);
    await devnet.open(new Random(seed));
    return devnet;
  } catch (error) {
    await node.stop();
    throw error;
  }
}

class AaveV4Devnet {
  #prices = new Map();
  #keys = listed.map(() => 0);

  constructor(node, chain, people) {
    this.node = node;
    this.chain = chain;
    this.people = people;
  }

  /** What the monitor's configuration has to name. */
  get deployments() {
    return { aaveV4Markets: [{ name: 'stand-in', spoke: this.spoke.address }] };
  }

  /** Two hubs with plenty in them, and positions of everybody. */
  async open(random) {
    const artifacts = compiledAaveV4();
    this.hubs = [await this.chain.deploy(artifacts.StandInHub), await this.chain.deploy(artifacts.StandInHub)];
    this.spoke = await this.chain.deploy(artifacts.StandInSpoke);
    this.feeds = new Map();
    const tokens = new Map();
    for (const [name, , price] of listed) {
      if (this.feeds.has(name)) continue;
      this.#prices.set(name, price);
      tokens.set(name, await this.chain.deploy(artifacts.StandInToken, [name]));
      this.feeds.set(name, await this.chain.deploy(artifacts.PriceFeed, [name, eight(price)]));
    }
    await this.chain.mine({ strict: true });
    const assets = [0, 0];
    this.assetIds = listed.map(([, , , , hub]) => assets[hub]++);
    for (const [i, [name, decimals, , , hub, risk, collateralFactor, maxLiquidationBonus]] of listed.entries()) {
      const token = tokens.get(name).address;
      this.#write(this.hubs[hub], 'addAsset', [token, decimals, 1_000]);
      this.#write(this.hubs[hub], 'setSpokeConfig', [BigInt(this.assetIds[i]), this.spoke.address, true, false]);
      this.#write(this.hubs[hub], 'add', [BigInt(this.assetIds[i]), this.#amount(i, 300_000)]);
      this.#write(this.spoke, 'addReserve', [
        this.hubs[hub].address, this.assetIds[i], token, decimals, this.feeds.get(name).address, risk, { collateralFactor, maxLiquidationBonus, liquidationFee: 1_000 }]);
    }
    await this.chain.mine({ strict: true });
    for (const { address } of this.people) {
      for (const id of random.some([0, 1, 2, 3], 2)) {
        this.#act('supply', [BigInt(id), this.#amount(id, random.between(2_000, 40_000)), address], address);
        this.#act('setUsingAsCollateral', [BigInt(id), true, address], address);
      }
    }
    await this.chain.mine({ strict: true });
    for (const { address } of this.people) await this.#borrow(random, address);
    await this.chain.mine();
  }

  mine({ dt = 12 } = {}) {
    return this.#mined(dt);
  }

  async randomStep({ seed, actions = 4, volatility = 0, dt = 12 }) {
    const random = new Random(seed);
    for (const [name, , , least] of volatility > 0 ? listed.slice(0, this.feeds.size) : []) {
      const moved = this.#prices.get(name) * Math.exp(random.normal() * volatility * (name === 'USDC' ? 0.02 : 1) - (random.chance(0.02) && name !== 'USDC' ? 0.6 : 0));
      this.#prices.set(name, moved < least ? moved * 1.4 : name === 'USDC' ? Math.min(moved, 1.1) : moved);
      this.chain.write(this.feeds.get(name), 'updateAnswer', [eight(this.#prices.get(name))], deployer);
    }
    for (let i = 0; i < actions; i++) await this.#deed(random);
    return this.#mined(dt);
  }

  /** liquidationCall as a call at the newest block's own time, with one price in place of a feed's; the name of the error where it is refused. */
  async tryLiquidate({ user, collateral, debt, feed, price, shares }) {
    const state = { [feed]: { stateDiff: { [toHex(1, { size: 32 })]: toHex(BigInt(price), { size: 32 }) } } };
    const { timestamp } = await this.chain.head();
    const data = encodeFunctionData({ abi: this.spoke.abi, functionName: 'liquidationCall', args: [BigInt(collateral), BigInt(debt), user, BigInt(shares), true] });
    const [{ error }] = await this.chain.rpc.tryBatch([
      ['eth_call', { from: liquidator.address, to: this.spoke.address, data, gas: toHex(gas) }, 'latest', state, { time: toHex(timestamp) }]]);
    if (error) throw new Error(this.#nameOf(error));
    return {};
  }

  stop() {
    return this.node.stop();
  }

  #nameOf(error) {
    const known = this.spoke.abi.filter(({ type }) => type === 'error').find(({ name }) => toFunctionSelector(`${name}()`) === error.data?.slice(0, 10));
    return known?.name ?? error.message;
  }

  #write(contract, name, args = [], from = deployer) {
    return this.chain.write(contract, name, args, from, gas);
  }

  #act(name, args, from) {
    return this.#write(this.spoke, name, args, from);
  }

  #amount(reserve, dollars) {
    const [name, decimals] = listed[reserve];
    return BigInt(Math.round((dollars / this.#prices.get(name)) * 1e6)) * 10n ** BigInt(decimals) / 10n ** 6n;
  }

  async #borrow(random, user) {
    const { totalCollateralValue, avgCollateralFactor, totalDebtValueRay } = await this.chain.read(this.spoke, 'getUserAccountData', [user]);
    const room = Number(totalCollateralValue) / 1e26 * Number(avgCollateralFactor) / 1e18 - Number(totalDebtValueRay) / 1e53;
    const id = random.whole(0, listed.length - 1);
    if (room > 10) this.#act('borrow', [BigInt(id), this.#amount(id, room * random.between(0.3, 0.98)), user], user);
  }

  async #deed(random) {
    const { address: user } = random.pick(this.people);
    const id = random.whole(0, listed.length - 1);
    const reserve = BigInt(id);
    const some = this.#amount(id, random.between(10, 20_000));
    const collateral = BigInt(random.whole(0, listed.length - 1));
    const terms = { collateralFactor: random.whole(5_500, 9_000), maxLiquidationBonus: random.whole(10_000, 10_900), liquidationFee: random.whole(0, 4_000) };
    const liquidate = () => this.#act('liquidationCall', [collateral, reserve, user, random.chance(0.5) ? all : some, random.chance(0.5)], random.pick([...this.people, liquidator]).address);
    const deeds = [
      () => this.#act('supply', [reserve, some, user], user),
      () => this.#act('withdraw', [reserve, random.chance(0.2) ? all : some, user], user),
      () => this.#borrow(random, user), () => this.#borrow(random, user),
      () => this.#act('repay', [reserve, random.chance(0.3) ? all : some, user], user),
      () => this.#act('setUsingAsCollateral', [reserve, random.chance(0.7), user], user),
      () => this.#act('updateUserRiskPremium', [user], user),
      () => this.#act('updateUserDynamicConfig', [user], user),
      ...Array(10).fill(liquidate),
      () => {
        this.#keys[id]++;
        this.#act('addKey', [reserve, terms], deployer);
      },
      () => this.#act('changeKey', [reserve, random.whole(0, this.#keys[id]), terms], deployer),
      () => this.#govern(random, id, reserve),
    ];
    await random.pick(deeds)();
  }

  #govern(random, id, reserve) {
    const hub = this.hubs[listed[id][4]];
    const asset = BigInt(this.assetIds[id]);
    random.pick([
      () => this.#write(this.spoke, 'setReserve', [reserve, random.whole(0, 20_000), random.chance(0.2)]),
      () => this.#write(this.spoke, 'setLiquidation', [{ targetHealthFactor: 11n * 10n ** 17n, healthFactorForMaxBonus: 9n * 10n ** 17n, liquidationBonusFactor: random.whole(0, 10_000) }]),
      () => this.#write(hub, 'setFee', [asset, random.whole(0, 5_000)]),
      () => this.#write(hub, 'mintFeeShares', [asset]),
      () => this.#write(hub, 'setSpokeConfig', [asset, this.spoke.address, true, random.chance(0.3)]),
      () => this.#write(hub, 'add', [asset, this.#amount(id, random.between(100, 20_000))]),
    ])();
  }

  async #mined(dt) {
    const { number, hash, timestamp, transactions } = await this.chain.mine({ dt });
    return { block: { number, hash, timestamp }, deeds: transactions.map(({ what, ok }) => ({ deed: what, ok })) };
  }
}

const eight = (price) => BigInt(Math.max(1, Math.round(price * 1e8)));

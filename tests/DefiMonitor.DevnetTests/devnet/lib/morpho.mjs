import { decodeFunctionResult, encodeAbiParameters, encodeFunctionData, keccak256, maxUint256, pad, toHex, zeroAddress } from 'viem';
import { startAnvil } from './anvil.mjs';
import { compiledMorpho, multicall3Code } from './artifacts.mjs';
import { Chain, deployer } from './chain.mjs';
import { multicall3 } from './devnet.mjs';
import { lender, liquidator, person } from './people.mjs';
import { Random } from './random.mjs';

const wad = 10n ** 18n;
// `price` of OracleMock.
const priceSlot = toHex(0, { size: 32 });
const idTypes = ['address', 'address', 'address', 'address', 'uint256'].map((type) => ({ type }));

/** A local chain with Multicall3, the real Morpho Blue and two markets over two tokens. */
export async function startMorpho({ accounts, seed }) {
  const node = await startAnvil({ timestamp: 1_621_000_000, epochSlots: 4 });
  try {
    const chain = new Chain(node.rpc);
    await node.rpc.call('anvil_setCode', multicall3, multicall3Code());
    const artifacts = compiledMorpho();
    const morpho = await chain.deploy(artifacts.Morpho, [deployer]);
    const loan = await chain.deploy(artifacts.ERC20Mock);
    const collateral = await chain.deploy(artifacts.ERC20Mock);
    const irm = await chain.deploy(artifacts.IrmMock);
    const markets = {};
    for (const [name, rateModel, lltv] of [['mock-86', irm.address, 860n], ['still-945', zeroAddress, 945n]]) {
      const oracle = await chain.deploy(artifacts.OracleMock);
      const params = { loanToken: loan.address, collateralToken: collateral.address, oracle: oracle.address, irm: rateModel, lltv: (lltv * wad) / 1000n };
      const id = keccak256(encodeAbiParameters(idTypes, Object.values(params)));
      markets[name] = { name, oracle, params, id, price: 2_000n * 10n ** 36n };
      chain.write(oracle, 'setPrice', [markets[name].price]);
      chain.write(morpho, 'enableIrm', [rateModel]);
      chain.write(morpho, 'enableLltv', [params.lltv]);
      chain.write(morpho, 'createMarket', [params]);
    }
    chain.write(morpho, 'setFeeRecipient', [lender.address]);
    chain.write(morpho, 'setFee', [markets['mock-86'].params, wad / 10n]);
    await chain.mine({ strict: true });

    const people = Array.from({ length: accounts }, (_, i) => person(`morpho-${i + 1}`));
    const devnet = new MorphoDevnet(node, chain, { morpho, loan, collateral }, markets, people);
    await devnet.open(new Random(seed));
    return devnet;
  } catch (error) {
    await node.stop();
    throw error;
  }
}

export class MorphoDevnet {
  constructor(node, chain, contracts, markets, people) {
    this.node = node;
    this.chain = chain;
    this.contracts = contracts;
    this.markets = markets;
    this.people = people;
  }

  /** What the monitor's configuration has to name. */
  get deployments() {
    return { morphoMarkets: Object.values(this.markets).map(({ name, id }) => ({ name, morpho: this.contracts.morpho.address, marketId: id })) };
  }

  /** Fills both markets, and opens a position of everybody in each. */
  async open(random) {
    const { morpho, loan, collateral } = this.contracts;
    for (const { address } of [lender, liquidator, ...this.people]) {
      for (const token of [loan, collateral]) {
        this.chain.write(token, 'setBalance', [address, 10n ** 30n]);
        this.chain.write(token, 'approve', [morpho.address, maxUint256], address);
      }
    }
    for (const market of Object.values(this.markets)) {
      this.chain.write(morpho, 'supply', [market.params, 3_000_000n * wad, 0n, lender.address, '0x'], lender.address);
      for (const { address } of this.people) {
        const owned = BigInt(Math.round(random.magnitude(1e-6, 50) * 1e9)) * 10n ** 9n;
        const most = (((owned * market.price) / 10n ** 36n) * market.params.lltv) / wad;
        this.chain.write(morpho, 'supplyCollateral', [market.params, owned, address, '0x'], address);
        this.chain.write(morpho, 'borrow', [market.params, (most * BigInt(random.whole(50, 99))) / 100n, 0n, address, address], address);
      }
    }
    await this.chain.mine({ strict: true });
  }

  mine({ dt = 12 } = {}) {
    return this.#mined(dt);
  }

  async randomStep({ seed, actions = 5, volatility = 0, dt = 12 }) {
    const random = new Random(seed);
    for (const market of Object.values(this.markets)) {
      if (volatility > 0) {
        market.price = (market.price * BigInt(Math.round(Math.exp(random.normal() * volatility) * 1e6))) / 1_000_000n;
        this.chain.write(market.oracle, 'setPrice', [market.price]);
      }
      for (let i = 0; i < actions; i++) this.#deed(random, market, await this.#position(market, random.pick(this.people)));
    }
    return this.#mined(dt);
  }

  async tryLiquidate({ market, user, seized = '0', shares = '0', price }) {
    const { params, oracle } = this.#market(market);
    const { morpho } = this.contracts;
    const { timestamp } = await this.chain.head();
    const call = { from: liquidator.address, to: morpho.address, data: this.#liquidation(params, user, seized, shares) };
    const state = { [oracle.address]: { stateDiff: { [priceSlot]: pad(toHex(BigInt(price)), { size: 32 }) } } };
    const [{ error, result }] = await this.chain.rpc.tryBatch([['eth_call', call, 'latest', state, { time: toHex(timestamp) }]]);
    if (error) throw new Error(error.message);
    const [taken, repaid] = decodeFunctionResult({ abi: morpho.abi, functionName: 'liquidate', data: result });
    return { seized: String(taken), repaid: String(repaid) };
  }

  async liquidate({ market, user, seized = '0', shares = '0', price }) {
    const { params, oracle } = this.#market(market);
    const before = await this.chain.snapshot();
    this.chain.write(oracle, 'setPrice', [BigInt(price)]);
    const sent = this.chain.send({ from: liquidator.address, to: this.contracts.morpho.address, data: this.#liquidation(params, user, seized, shares), what: 'liquidate' });
    const block = await this.chain.mine();
    const done = block.transactions.find((t) => t.queued === sent);
    await this.chain.revert(before);
    if (!done.ok) throw new Error('liquidate reverted');
    return {};
  }

  stop() {
    return this.node.stop();
  }

  #deed(random, { params }, { address, borrowShares, collateral }) {
    const { morpho } = this.contracts;
    const amount = BigInt(Math.round(random.magnitude(1e-9, 20_000) * 1e9)) * 10n ** 9n;
    const part = (of) => (random.chance(0.3) ? of : (of * BigInt(random.whole(1, 99))) / 100n);
    const write = (name, args, from = address) => this.chain.write(morpho, name, [params, ...args], from);
    const deeds = [
      () => write('supply', [amount, 0n, lender.address, '0x'], lender.address),
      () => write('withdraw', [amount, 0n, lender.address, lender.address], lender.address),
      () => write('supplyCollateral', [amount / 100n + 1n, address, '0x']),
      () => write('withdrawCollateral', [part(collateral), address, address]),
      () => write('borrow', [amount, 0n, address, address]),
      () => write('borrow', [0n, part(borrowShares) + 1n, address, address]),
      () => write('repay', [0n, part(borrowShares), address, '0x']),
      () => write('repay', [amount, 0n, address, '0x']),
      () => write('accrueInterest', []),
      () => write('setFee', [(wad * BigInt(random.whole(0, 25))) / 100n], deployer),
      () => write('liquidate', [address, part(collateral), 0n, '0x'], liquidator.address),
      () => write('liquidate', [address, 0n, part(borrowShares), '0x'], liquidator.address),
    ];
    random.pick(deeds)();
  }

  async #position({ id }, { address }) {
    const [, borrowShares, collateral] = await this.chain.read(this.contracts.morpho, 'position', [id, address]);
    return { address, borrowShares, collateral };
  }

  async #mined(dt) {
    const { number, hash, timestamp, transactions } = await this.chain.mine({ dt });
    return { block: { number, hash, timestamp }, deeds: transactions.map(({ what, ok }) => ({ deed: what, ok })) };
  }

  #market(name) {
    const market = this.markets[name];
    if (!market) throw new Error(`there is no market ${name}; there are ${Object.keys(this.markets).join(' and ')}`);
    return market;
  }

  #liquidation(params, user, seized, shares) {
    return encodeFunctionData({ abi: this.contracts.morpho.abi, functionName: 'liquidate', args: [params, user, BigInt(seized), BigInt(shares), '0x'] });
  }
}

import { encodeAbiParameters, encodeFunctionData, keccak256, maxUint256, toHex } from 'viem';
import { compiledFeedRates, compiledMorpho, compiledMorphoFeedOracle } from './artifacts.mjs';
import { deployer } from './chain.mjs';
import { deploy, fixed, marketOf, tradeGas, types } from './lyra.mjs';
import { lender } from './people.mjs';

const wad = 10n ** 18n;
const idTypes = ['address', 'address', 'address', 'address', 'uint256'].map((type) => ({ type }));
const name = 'beside-86';

/** Puts the real Morpho Blue beside the Aave markets of a devnet: one market of USDC against WETH whose oracle reads Aave's own price feeds. */
export async function addMorpho(devnet) {
  const { chain, tokens, feeds } = devnet;
  const artifacts = compiledMorpho();
  const morpho = await chain.deploy(artifacts.Morpho, [deployer]);
  const irm = await chain.deploy(artifacts.IrmMock);
  const { WETH, USDC } = tokens;
  const oracle = await chain.deploy(compiledMorphoFeedOracle().MorphoFeedOracle, [feeds.WETH.address, feeds.USDC.address, WETH.decimals, USDC.decimals]);
  const params = { loanToken: USDC.address, collateralToken: WETH.address, oracle: oracle.address, irm: irm.address, lltv: (86n * wad) / 100n };
  const id = keccak256(encodeAbiParameters(idTypes, Object.values(params)));
  chain.write(morpho, 'enableIrm', [irm.address]);
  chain.write(morpho, 'enableLltv', [params.lltv]);
  chain.write(morpho, 'createMarket', [params]);
  const lent = devnet.worth('USDC', 10_000_000);
  chain.write(USDC, 'mint', [lender.address, lent], lender.address);
  chain.write(USDC, 'approve', [morpho.address, maxUint256], lender.address);
  chain.write(morpho, 'supply', [params, lent, 0n, lender.address, '0x'], lender.address);
  await chain.mine({ strict: true });
  return new Beside(devnet, morpho, params, id);
}

/** Puts the real Lyra v1 beside the Aave markets of a devnet: one option market on ether whose spot is Aave's own price feed. */
export async function addLyra(devnet) {
  const { chain, feeds } = devnet;
  const rates = await chain.deploy(compiledFeedRates().FeedRates, [feeds.WETH.address]);
  return new LyraBeside(devnet, await deploy(chain, rates.address));
}

class LyraBeside {
  #funded = new Set();

  constructor(devnet, contracts) {
    this.devnet = devnet;
    this.contracts = contracts;
    this.market = marketOf(contracts);
    devnet.chain.onRevert(() => this.#funded.clear());
  }

  /** Mines an expiry so many seconds from the newest block, with these strikes in dollars; answers the ids of the strikes. */
  async list(seconds, strikes) {
    const { devnet: { chain }, contracts } = this;
    const { timestamp } = await chain.head();
    this.#write('market', 'createOptionBoard', [BigInt(timestamp + seconds), 10n ** 18n, strikes.map(fixed), strikes.map(() => 10n ** 18n), false]);
    await chain.mine({ strict: true });
    const boards = await chain.read(contracts.market, 'getLiveBoards');
    return chain.read(contracts.market, 'getBoardStrikes', [boards.at(-1)]);
  }

  /** Queues a position; integers with 18 decimals. `collateral` is in base units for a call against the base, in quote units for the other shorts. */
  open({ address }, { strike, type, amount, collateral = 0n }) {
    this.#give(address);
    const trade = { strikeId: strike, positionId: 0n, iterations: 1n, optionType: types[type], amount, setCollateralTo: collateral, minTotalCost: 0n, maxTotalCost: 2n ** 128n - 1n };
    this.#write('market', 'openPosition', [trade], address);
  }

  addCollateral({ address }, position, amount) {
    this.#write('market', 'addCollateral', [position, amount], address);
  }

  liquidate(by, position) {
    this.#write('market', 'liquidatePosition', [position, by.address], by.address);
  }

  /** Everybody's positions: `[{ id, owner, type, amount, collateral, strikeId }]`, `owner` one of `people`. */
  async positions(people, context) {
    const lists = await this.devnet.chain.readAll(people.map(({ address }) => [this.contracts.token, 'getOwnerPositions', [address]]), context);
    return lists.flatMap((list, i) => list.map(({ positionId: id, strikeId, optionType: type, amount, collateral }) => ({ id, strikeId, type, amount, collateral, owner: people[i] })));
  }

  /** What a short must hold, as the contract answers. */
  minimum({ type, amount }, strikePrice, expiry, spot, context) {
    return this.devnet.chain.read(this.contracts.greekCache, 'getMinCollateral', [type, strikePrice, expiry, spot, amount], context);
  }

  #give(address) {
    if (this.#funded.has(address)) return;
    this.#funded.add(address);
    for (const token of ['quote', 'base']) {
      this.#write(token, 'mint', [address, fixed(1_000_000)]);
      this.#write(token, 'approve', [this.contracts.market.address, maxUint256], address);
    }
  }

  #write(contract, name, args = [], from = deployer) {
    return this.devnet.chain.write(this.contracts[contract], name, args, from, tradeGas);
  }
}

class Beside {
  constructor(devnet, morpho, params, id) {
    this.devnet = devnet;
    this.morpho = morpho;
    this.params = params;
    this.market = { name, morpho: morpho.address, marketId: id, oracle: params.oracle };
  }

  /** Queues a position: WETH supplied, USDC borrowed, in the tokens' own units. */
  open({ address }, collateral, debt) {
    const { chain, tokens } = this.devnet;
    chain.write(tokens.WETH, 'mint', [address, collateral], address);
    chain.write(tokens.WETH, 'approve', [this.morpho.address, maxUint256], address);
    chain.write(this.morpho, 'supplyCollateral', [this.params, collateral, address, '0x'], address);
    chain.write(this.morpho, 'borrow', [this.params, debt, 0n, address, address], address);
  }

  /** Mints USDC for somebody and lets Morpho take it. */
  give({ address }, amount) {
    const { chain, tokens } = this.devnet;
    chain.write(tokens.USDC, 'mint', [address, amount], address);
    chain.write(tokens.USDC, 'approve', [this.morpho.address, maxUint256], address);
  }

  repay(user, amount) {
    this.give(user, amount);
    this.devnet.chain.write(this.morpho, 'repay', [this.params, amount, 0n, user.address, '0x'], user.address);
  }

  /** All of these shares of debt; `by` needs USDC: see `give`. */
  liquidate(by, user, shares) {
    this.devnet.chain.write(this.morpho, 'liquidate', [this.params, user.address, 0n, shares, '0x'], by.address);
  }

  /** Would that go through? `context` as for Chain.readAll; nothing is mined. */
  async canLiquidate(by, user, shares, { state = {}, time }) {
    const data = encodeFunctionData({ abi: this.morpho.abi, functionName: 'liquidate', args: [this.params, user.address, 0n, shares, '0x'] });
    const [{ error }] = await this.devnet.chain.rpc.tryBatch([['eth_call', { from: by.address, to: this.morpho.address, data }, 'latest', state, { time: toHex(time) }]]);
    return !error;
  }

  async borrowShares(users) {
    const found = await this.devnet.chain.readAll(users.map(({ address }) => [this.morpho, 'position', [this.market.marketId, address]]));
    return found.map(([, shares]) => shares);
  }
}

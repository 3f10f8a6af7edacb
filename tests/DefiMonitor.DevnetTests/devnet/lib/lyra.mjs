import { maxUint256, stringToHex, toFunctionSelector, toHex, zeroAddress } from 'viem';
import { startAnvil } from './anvil.mjs';
import { lyraV1, multicall3Code } from './artifacts.mjs';
import { Chain, deployer } from './chain.mjs';
import { multicall3 } from './devnet.mjs';
import { liquidator, person } from './people.mjs';
import { Random } from './random.mjs';

const wad = 10n ** 18n;
/** A number as 18 decimals. */
export const fixed = (number) => BigInt(Math.round(number * 1e9)) * 10n ** 9n;
const key = (text) => stringToHex(text, { size: 32 });
const hour = 3_600;
const day = 24 * hour;
export const week = 7 * day;
export const tradeGas = 10_000_000n;
export const types = { longCall: 0, longPut: 1, shortCallBase: 2, shortCallQuote: 3, shortPutQuote: 4 };

// The figures of Lyra's own tests (test/utils/defaultParams.ts of v1-core), with wide limits, so that what people try goes through.
const parameters = {
  pool: {
    minDepositWithdraw: wad, depositDelay: week, withdrawalDelay: week, withdrawalFee: fixed(0.01), liquidityCBThreshold: fixed(0.01), liquidityCBTimeout: 3 * day,
    ivVarianceCBThreshold: fixed(0.1), skewVarianceCBThreshold: fixed(0.35), ivVarianceCBTimeout: 12 * hour, skewVarianceCBTimeout: 12 * hour, guardianMultisig: zeroAddress,
    guardianDelay: 2 * week, boardSettlementCBTimeout: 6 * hour, maxFeePaid: fixed(0.01),
  },
  greekCache: {
    maxStrikesPerBoard: 30, acceptableSpotPricePercentMove: fixed(0.05), staleUpdateDuration: 3 * hour, varianceIvGWAVPeriod: day, varianceSkewGWAVPeriod: 3 * day,
    optionValueIvGWAVPeriod: day, optionValueSkewGWAVPeriod: 3 * day, gwavSkewFloor: fixed(0.5), gwavSkewCap: fixed(2), rateAndCarry: fixed(0.05),
  },
  minCollateral: {
    minStaticQuoteCollateral: fixed(200), minStaticBaseCollateral: fixed(0.2), shockVolA: fixed(2.5), shockVolPointA: BigInt(2 * week), shockVolB: fixed(1.8),
    shockVolPointB: BigInt(8 * week), callSpotPriceShock: fixed(1.2), putSpotPriceShock: fixed(0.8),
  },
  forceClose: {
    ivGWAVPeriod: 12 * hour, skewGWAVPeriod: day, shortVolShock: fixed(1.2), shortPostCutoffVolShock: fixed(1.4), longVolShock: fixed(0.8), longPostCutoffVolShock: fixed(0.5),
    liquidateVolShock: fixed(1.3), liquidatePostCutoffVolShock: fixed(1.6), shortSpotMin: fixed(0.01), liquidateSpotMin: fixed(0.02),
  },
  pricing: {
    optionPriceFeeCoefficient: fixed(0.01), optionPriceFee1xPoint: 6 * week, optionPriceFee2xPoint: 16 * week, spotPriceFeeCoefficient: fixed(0.01), spotPriceFee1xPoint: 6 * week,
    spotPriceFee2xPoint: 12 * week, vegaFeeCoefficient: fixed(100), standardSize: fixed(5), skewAdjustmentFactor: fixed(0.75),
  },
  limits: {
    maxBaseIV: fixed(4), maxSkew: fixed(3), minBaseIV: fixed(0.1), minSkew: fixed(0.2), minDelta: fixed(0.01), minForceCloseDelta: fixed(0.02), minVol: fixed(0.1), maxVol: fixed(8),
    tradingCutoff: hour, absMaxSkew: fixed(5), absMinSkew: fixed(0.1), capSkewsToAbs: true,
  },
  variance: {
    defaultVarianceFeeCoefficient: fixed(0.25), forceCloseVarianceFeeCoefficient: fixed(0.25), skewAdjustmentCoefficient: fixed(3), referenceSkew: wad,
    minimumStaticSkewAdjustment: wad, vegaCoefficient: fixed(0.01), minimumStaticVega: 0n, ivVarianceCoefficient: fixed(1.5), minimumStaticIvVariance: wad,
  },
  market: { maxBoardExpiry: 48 * week, securityModule: `0x${'ef'.repeat(20)}`, feePortionReserved: fixed(0.1), staticBaseSettlementFee: fixed(0.0075) },
  partialCollateral: { penaltyRatio: fixed(0.2), liquidatorFeeRatio: fixed(0.4), smFeeRatio: fixed(0.3), minLiquidationFee: fixed(15) },
};

/** A local chain with Multicall3 and one option market of the real Lyra v1 over a settable Synthetix. */
export async function startLyra({ accounts, seed }) {
  const node = await startAnvil({ timestamp: 1_621_000_000, epochSlots: 4 });
  try {
    const chain = new Chain(node.rpc);
    await node.rpc.call('anvil_setCode', multicall3, multicall3Code());
    const contracts = await deploy(chain);
    const people = Array.from({ length: accounts }, (_, i) => person(`lyra-${i + 1}`));
    const devnet = new LyraDevnet(node, chain, contracts, people);
    await devnet.open(new Random(seed));
    return devnet;
  } catch (error) {
    await node.stop();
    throw error;
  }
}

/**
 * Queues and mines one option market.
 * @param rates address of what answers Synthetix' rates; if left out, one that is told
 */
export async function deploy(chain, rates) {
  const make = (file, args = [], libraries = {}) => chain.deploy(lyraV1(file), args, libraries);
  const test = (name, args) => make(`test-helpers/${name}`, args);
  const gwav = await make('libraries/GWAV');
  const blackScholes = await make('libraries/BlackScholes');
  const libraries = { GWAV: gwav.address, BlackScholes: blackScholes.address };
  const c = {
    blackScholes, adapter: await make('SynthetixAdapter'), market: await make('OptionMarket'), pricer: await make('OptionMarketPricer'), greekCache: await make('OptionGreekCache', [], libraries),
    pool: await make('LiquidityPool'), poolToken: await make('LiquidityToken', ['pool', 'POOL']), token: await make('OptionToken', ['options', 'OPT']),
    shortCollateral: await make('ShortCollateral'), hedger: await make('ShortPoolHedger'),
    exchanger: await test('TestExchanger'), rates: rates ? { address: rates } : await test('TestExchangeRates'), quote: await test('TestERC20Fail', ['Synthetic USD', 'sUSD']),
    base: await test('TestERC20Fail', ['Synthetic ETH', 'sETH']), synthetix: await test('TestSynthetixReturnZero'), approvals: await test('TestDelegateApprovals'),
    collateralShort: await test('TestCollateralShort'), resolver: await test('TestAddressResolver'),
  };
  const at = Object.fromEntries(Object.entries(c).map(([name, { address }]) => [name, address]));
  const write = (contract, name, args = []) => chain.write(c[contract], name, args, deployer, tradeGas);
  await chain.mine({ strict: true });

  write('adapter', 'initialize');
  write('synthetix', 'init', [at.adapter, at.quote, at.resolver]);
  write('collateralShort', 'init', [at.adapter, at.quote]);
  write('resolver', 'setAddresses', [
    ['ProxySynthetix', 'Exchanger', 'ExchangeRates', 'CollateralShort', 'DelegateApprovals'].map(key), [at.synthetix, at.exchanger, at.rates, at.collateralShort, at.approvals]]);
  for (const token of ['quote', 'base']) for (const minter of [at.synthetix, at.collateralShort]) write(token, 'permitMint', [minter, true]);
  write('adapter', 'setAddressResolver', [at.resolver]);
  write('adapter', 'updateSynthetixAddresses');
  write('synthetix', 'addBaseAsset', [key('sETH'), at.base, at.market]);
  write('collateralShort', 'addBaseAsset', [key('sETH'), at.base, at.market]);
  write('market', 'init', [at.adapter, at.pool, at.pricer, at.greekCache, at.shortCollateral, at.token, at.quote, at.base]);
  write('market', 'setOptionMarketParams', [parameters.market]);
  write('pricer', 'init', [at.market, at.greekCache]);
  write('greekCache', 'init', [at.adapter, at.market, at.pricer]);
  write('pool', 'init', [at.adapter, at.market, at.poolToken, at.greekCache, at.hedger, at.shortCollateral, at.quote, at.base]);
  write('poolToken', 'init', [at.pool]);
  write('hedger', 'init', [at.adapter, at.market, at.greekCache, at.pool, at.quote, at.base]);
  write('shortCollateral', 'init', [at.market, at.pool, at.token, at.adapter, at.quote, at.base]);
  write('token', 'init', [at.market, at.greekCache, at.shortCollateral, at.adapter]);
  write('adapter', 'setGlobalsForContract', [at.market, key('sUSD'), key('sETH'), parameters.market.securityModule, key('')]);
  write('pool', 'setLiquidityPoolParameters', [parameters.pool]);
  write('hedger', 'setPoolHedgerParams', [{ interactionDelay: day, hedgeCap: maxUint256 }]);
  write('hedger', 'setShortBuffer', [fixed(2)]);
  write('greekCache', 'setGreekCacheParameters', [parameters.greekCache]);
  write('greekCache', 'setMinCollateralParameters', [parameters.minCollateral]);
  write('greekCache', 'setForceCloseParameters', [parameters.forceClose]);
  write('pricer', 'setPricingParams', [parameters.pricing]);
  write('pricer', 'setTradeLimitParams', [parameters.limits]);
  write('pricer', 'setVarianceFeeParams', [parameters.variance]);
  write('token', 'setPartialCollateralParams', [parameters.partialCollateral]);
  write('exchanger', 'setFeeRateForExchange', [key('sETH'), key('sUSD'), fixed(0.0075)]);
  write('exchanger', 'setFeeRateForExchange', [key('sUSD'), key('sETH'), fixed(0.005)]);
  if (!rates) write('rates', 'setRateAndInvalid', [key('sETH'), fixed(2_000), false]);
  write('quote', 'mint', [deployer, fixed(5_000_000)]);
  write('quote', 'approve', [at.pool, maxUint256]);
  write('pool', 'initiateDeposit', [deployer, fixed(5_000_000)]);
  write('hedger', 'openShortAccount');
  write('hedger', 'hedgeDelta');
  await chain.mine({ strict: true });
  return c;
}

/** The keys of the market's deployment. */
export const marketOf = ({ market, token, greekCache, adapter, quote, base }) => ({
  name: 'seth', optionMarket: market.address, optionToken: token.address, optionGreekCache: greekCache.address, synthetixAdapter: adapter.address,
  quoteAsset: quote.address, baseAsset: base.address,
});

const signature = ({ name, inputs }) => `${name}(${inputs.map(({ type, components }) => (components ? `(${components.map((c) => c.type).join(',')})` : type)).join(',')})`;

export class LyraDevnet {
  #spot = 2_000;

  constructor(node, chain, contracts, people) {
    this.node = node;
    this.chain = chain;
    this.contracts = contracts;
    this.people = people;
  }

  /** What the monitor's configuration has to name. */
  get deployments() {
    return { lyraMarkets: [marketOf(this.contracts)] };
  }

  /** Two expiries, and a position or two of everybody. */
  async open(random) {
    const { timestamp } = await this.chain.head();
    this.#list(timestamp + 2 * week, [1_600, 1_800, 2_000, 2_200, 2_500]);
    this.#list(timestamp + 10 * week, [1_500, 2_000, 2_600]);
    for (const { address } of [liquidator, ...this.people]) {
      for (const token of ['quote', 'base']) {
        this.#write(token, 'mint', [address, fixed(10_000_000)]);
        this.#write(token, 'approve', [this.contracts.market.address, maxUint256], address);
      }
    }
    await this.chain.mine({ strict: true });
    for (let round = 0; round < 2; round++) {
      for (const { address } of this.people) await this.#openPosition(random, address);
      await this.chain.mine();
    }
  }

  mine({ dt = 12 } = {}) {
    return this.#mined(dt);
  }

  async randomStep({ seed, actions = 4, volatility = 0, dt = 12 }) {
    const random = new Random(seed);
    if (volatility > 0) {
      this.#spot *= Math.exp(random.normal() * volatility);
      this.#write('rates', 'setRateAndInvalid', [key('sETH'), fixed(this.#spot), false]);
    }
    const positions = await this.#positions();
    for (let i = 0; i < actions; i++) await this.#deed(random, positions);
    return this.#mined(dt);
  }

  /** The real liquidatePosition in a block of its own at this spot, twelve seconds later, and taken back. */
  async liquidate({ position, spot }) {
    const before = await this.chain.snapshot();
    this.#write('rates', 'setRateAndInvalid', [key('sETH'), BigInt(spot), false]);
    const sent = this.#write('market', 'liquidatePosition', [BigInt(position), liquidator.address], liquidator.address);
    const block = await this.chain.mine();
    const done = block.transactions.find((t) => t.queued === sent);
    let refusal;
    if (!done.ok) refusal = await this.#refusal(sent, block);
    await this.chain.revert(before);
    if (!done.ok) throw new Error(refusal);
    return {};
  }

  stop() {
    return this.node.stop();
  }

  #write(contract, name, args = [], from = deployer) {
    return this.chain.write(this.contracts[contract], name, args, from, tradeGas);
  }

  #list(expiry, strikes) {
    this.#write('market', 'createOptionBoard', [BigInt(expiry), wad, strikes.map(fixed), strikes.map((_, i) => fixed(0.9 + 0.05 * i)), false]);
  }

  async #deed(random, positions) {
    const { address } = random.pick(this.people);
    const position = positions.length > 0 ? random.pick(positions) : undefined;
    const twin = position && positions.find((p) => p.id !== position.id && p.owner === position.owner && p.strikeId === position.strikeId && p.type === position.type);
    const isShort = position?.type >= types.shortCallBase;
    const part = (of) => (random.chance(0.4) ? of : (of * BigInt(random.whole(10, 90))) / 100n);
    const trade = (amount, collateral) => ({
      strikeId: position.strikeId, positionId: position.id, iterations: 1n, optionType: position.type, amount, setCollateralTo: collateral, minTotalCost: 0n, maxTotalCost: 2n ** 128n - 1n,
    });
    const open = () => this.#openPosition(random, address);
    const deeds = [open, open, () => this.#write('market', 'settleExpiredBoard', [BigInt(random.whole(1, 2))])];
    if (position) {
      const all = part(position.amount);
      deeds.push(
        () => this.#write('market', 'openPosition', [trade(fixed(random.between(0.1, 2)), isShort ? position.collateral * 2n : 0n)], position.owner),
        () => this.#write('market', 'forceClosePosition', [trade(all, isShort && all < position.amount ? position.collateral : 0n)], position.owner),
        () => this.#write('market', 'closePosition', [trade(all, isShort && all < position.amount ? position.collateral : 0n)], position.owner),
        () => this.#write('token', 'transferFrom', [position.owner, address, position.id], position.owner),
        () => this.#write('token', 'split', [position.id, position.amount / 2n, position.collateral / 2n, address], position.owner),
        () => this.#write('market', 'liquidatePosition', [position.id, liquidator.address], liquidator.address),
        () => this.#write('shortCollateral', 'settleOptions', [[position.id]]),
      );
    }
    if (isShort) deeds.push(() => this.#write('market', 'addCollateral', [position.id, part(position.collateral)], position.owner));
    if (twin) deeds.push(...Array(4).fill(() => this.#write('token', 'merge', [[position.id, twin.id]], position.owner)));
    if (random.chance(0.15)) deeds.push(...Array(8).fill(() => this.#govern(random)));
    await random.pick(deeds)();
  }

  async #govern(random) {
    const board = BigInt(random.whole(1, 2));
    random.pick([
      () => this.#write('market', 'setBoardFrozen', [board, random.chance(0.25)]),
      () => this.#write('greekCache', 'setMinCollateralParameters', [{ ...parameters.minCollateral, minStaticQuoteCollateral: fixed(random.between(50, 300)), shockVolB: fixed(random.between(1, 2)) }]),
      () => this.#write('greekCache', 'setGreekCacheParameters', [{ ...parameters.greekCache, rateAndCarry: fixed(random.between(-0.1, 0.2)) }]),
    ])();
  }

  async #openPosition(random, owner) {
    const strikeId = BigInt(random.whole(1, 8));
    const optionType = random.whole(0, 4);
    const amount = fixed(random.between(0.2, 6));
    const [strikePrice, expiry] = await this.chain.read(this.contracts.market, 'getStrikeAndExpiry', [strikeId]);
    const least = optionType < types.shortCallBase ? 0n
      : await this.chain.read(this.contracts.greekCache, 'getMinCollateral', [optionType, strikePrice, expiry, fixed(this.#spot), amount]);
    const setCollateralTo = (least * BigInt(random.whole(101, 150))) / 100n;
    this.#write('market', 'openPosition', [
      { strikeId, positionId: 0n, iterations: 1n, optionType, amount, setCollateralTo, minTotalCost: 0n, maxTotalCost: 2n ** 128n - 1n }], owner);
  }

  async #positions() {
    const { token } = this.contracts;
    const lists = await this.chain.readAll(this.people.map(({ address }) => [token, 'getOwnerPositions', [address]]));
    return lists.flatMap((list, i) => list.map(({ positionId: id, strikeId, optionType: type, amount, collateral }) =>
      ({ id, strikeId, type, amount, collateral, owner: this.people[i].address })));
  }

  /** The name of the contract's own error. */
  async #refusal({ from, to, data, gas }, { timestamp }) {
    const [{ error }] = await this.chain.rpc.tryBatch([['eth_call', { from, to, data, gas: toHex(gas) }, 'latest', {}, { time: toHex(timestamp) }]]);
    const errors = Object.values(this.contracts).flatMap(({ abi }) => abi).filter(({ type }) => type === 'error');
    return errors.find((e) => toFunctionSelector(signature(e)) === error?.data?.slice(0, 10))?.name ?? error?.message ?? 'it would have gone through alone';
  }

  async #mined(dt) {
    const { number, hash, timestamp, transactions } = await this.chain.mine({ dt });
    return { block: { number, hash, timestamp }, deeds: transactions.map(({ what, ok }) => ({ deed: what, ok })) };
  }
}

import { maxUint256, parseAbi } from 'viem';
import { assets, eModes } from './assets.mjs';

// What Pool of 3.0.2 and of 3.6 have in common.
const poolAbi = parseAbi([
  'function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode)',
  'function withdraw(address asset, uint256 amount, address to) returns (uint256)',
  'function borrow(address asset, uint256 amount, uint256 interestRateMode, uint16 referralCode, address onBehalfOf)',
  'function repay(address asset, uint256 amount, uint256 interestRateMode, address onBehalfOf) returns (uint256)',
  'function repayWithATokens(address asset, uint256 amount, uint256 interestRateMode) returns (uint256)',
  'function setUserUseReserveAsCollateral(address asset, bool useAsCollateral)',
  'function setUserEMode(uint8 categoryId)',
  'function liquidationCall(address collateralAsset, address debtAsset, address user, uint256 debtToCover, bool receiveAToken)',
  'function getUserAccountData(address user) view returns (uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase, uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor)',
  'function getReserveNormalizedIncome(address asset) view returns (uint256)',
  'function getReserveNormalizedVariableDebt(address asset) view returns (uint256)',
]);
const dataProviderAbi = parseAbi([
  'function getReserveTokensAddresses(address asset) view returns (address aTokenAddress, address stableDebtTokenAddress, address variableDebtTokenAddress)',
]);
const tokenAbi = parseAbi([
  'function transfer(address to, uint256 amount) returns (bool)',
  'function balanceOf(address) view returns (uint256)',
  'function scaledBalanceOf(address) view returns (uint256)',
]);
const variableRate = 2n;

/** One Aave market: each verb queues the transactions it takes. Amounts are integers in the token's own units; `max` means all there is. */
export class Market {
  #chain;
  #approved = new Set();

  constructor(chain, name, startBlock, contracts, symbols, tokens) {
    this.#chain = chain;
    this.name = name;
    this.startBlock = startBlock;
    this.provider = contracts.provider.address;
    this.oracle = contracts.oracle.address;
    this.dataProvider = { address: contracts.dataProvider.address, abi: dataProviderAbi };
    this.configurator = contracts.configurator;
    this.pool = { address: contracts.pool.address, abi: poolAbi };
    this.symbols = symbols;
    this.tokens = tokens;
    chain.onRevert(() => this.#approved.clear());
  }

  /** Learns the addresses of the aTokens and debt tokens. */
  async open() {
    const found = await this.#chain.readAll(this.symbols.map((s) => [this.dataProvider, 'getReserveTokensAddresses', [this.tokens[s].address]]));
    this.reserves = Object.fromEntries(this.symbols.map((s, i) => [s, {
      aToken: { address: found[i][0], abi: tokenAbi },
      variableDebt: { address: found[i][2], abi: tokenAbi },
    }]));
    return this;
  }

  /** Mints what is to be supplied first. */
  supply(user, symbol, amount) {
    this.give(user, symbol, amount);
    return this.#pool(user, 'supply', [this.#address(symbol), amount, user.address, 0]);
  }

  withdraw(user, symbol, amount) {
    return this.#pool(user, 'withdraw', [this.#address(symbol), amount, user.address]);
  }

  borrow(user, symbol, amount) {
    return this.#pool(user, 'borrow', [this.#address(symbol), amount, variableRate, 0, user.address]);
  }

  /** Mints what is to be repaid first; for `max` as much as `purse` says. */
  repay(user, symbol, amount, purse = amount) {
    this.give(user, symbol, purse);
    return this.#pool(user, 'repay', [this.#address(symbol), amount, variableRate, user.address]);
  }

  repayWithATokens(user, symbol, amount) {
    return this.#pool(user, 'repayWithATokens', [this.#address(symbol), amount, variableRate]);
  }

  transfer(user, symbol, to, amount) {
    return this.#chain.write(this.reserves[symbol].aToken, 'transfer', [to.address, amount], user.address);
  }

  useAsCollateral(user, symbol, yes) {
    return this.#pool(user, 'setUserUseReserveAsCollateral', [this.#address(symbol), yes]);
  }

  setEMode(user, id) {
    return this.#pool(user, 'setUserEMode', [id]);
  }

  /** `by` needs the debt token and an approval: see `give`. */
  liquidate(by, { collateral, debt, user, amount = maxUint256, receiveAToken = false }) {
    return this.#pool(by, 'liquidationCall', [this.#address(collateral), this.#address(debt), user.address, amount, receiveAToken]);
  }

  /** Mints tokens for somebody and lets the pool take them. */
  give(user, symbol, amount) {
    const token = this.tokens[symbol];
    this.#chain.write(token, 'mint', [user.address, amount], user.address);
    const key = user.address + symbol;
    if (this.#approved.has(key)) return;
    this.#approved.add(key);
    this.#chain.write(token, 'approve', [this.pool.address, maxUint256], user.address);
  }

  /** getUserAccountData of each, with integers as the contract returns them; `context` as for Chain.readAll. */
  async accounts(users, context) {
    const found = await this.#chain.readAll(users.map((u) => [this.pool, 'getUserAccountData', [u.address]]), context);
    return found.map(([collateral, debt, available, threshold, ltv, health]) => ({ collateral, debt, available, threshold, ltv, health }));
  }

  /** What somebody has supplied and owes, by symbol, in the token's own units; nothing stands for 0. */
  async holdings({ address }) {
    const found = await this.#chain.readAll(this.symbols.flatMap((s) =>
      [this.reserves[s].aToken, this.reserves[s].variableDebt].map((token) => [token, 'balanceOf', [address]])));
    const held = (offset) => Object.fromEntries(this.symbols.map((s, i) => [s, found[2 * i + offset]]).filter(([, amount]) => amount > 0n));
    return { supplied: held(0), owed: held(1) };
  }

  /** Risk parameters of a collateral for somebody in the category given (0: none). */
  risk(symbol, eMode = 0) {
    const category = eModes.find((e) => e.id === eMode);
    return category?.collateral.includes(symbol) ? category : assets[symbol];
  }

  #address(symbol) {
    const token = this.tokens[symbol];
    if (!token || !this.symbols.includes(symbol)) throw new Error(`${this.name} has no ${symbol}; it has ${this.symbols.join(', ')}`);
    return token.address;
  }

  #pool(user, functionName, args) {
    return this.#chain.write(this.pool, functionName, args, user.address);
  }
}

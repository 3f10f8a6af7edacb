import { encodeAbiParameters, parseAbiParameters, zeroAddress } from 'viem';
import { assets, eModes, liquidationProtocolFee, rates, reserveFactor } from './assets.mjs';
import { compiled } from './artifacts.mjs';
import { deployer } from './chain.mjs';

const libraries = ['PoolLogic', 'SupplyLogic', 'BorrowLogic', 'LiquidationLogic', 'ConfiguratorLogic', 'FlashLoanLogic'];

/** Deploys Aave V3.6 with the symbols given and returns the addresses of its contracts. */
export async function deployAave36(chain, marketId, symbols, tokens, feeds) {
  const admin = deployer;
  const code = compiled();
  const linked = {};
  for (const name of libraries) linked[name] = (await chain.deploy(code[name], [], linked)).address;

  const provider = await chain.deploy(code.PoolAddressesProvider, [marketId, admin]);
  chain.write(provider, 'setACLAdmin', [admin]);
  const acl = await chain.deploy(code.ACLManager, [provider.address]);
  chain.write(provider, 'setACLManager', [acl.address]);
  for (const role of ['addPoolAdmin', 'addEmergencyAdmin', 'addRiskAdmin', 'addAssetListingAdmin']) chain.write(acl, role, [admin]);
  await chain.mine({ strict: true });

  const strategy = await chain.deploy(code.DefaultReserveInterestRateStrategyV2, [provider.address]);
  const pool = await chain.deploy(code.PoolInstance, [provider.address, strategy.address], linked);
  const configurator = await chain.deploy(code.PoolConfiguratorInstance, [], linked);
  chain.write(provider, 'setPoolImpl', [pool.address], admin, 10_000_000n);
  chain.write(provider, 'setPoolConfiguratorImpl', [configurator.address], admin, 10_000_000n);
  const oracle = await chain.deploy(code.AaveOracle, [
    provider.address, symbols.map((s) => tokens[s].address), symbols.map((s) => feeds[s].address), zeroAddress, zeroAddress, 10n ** 8n]);
  chain.write(provider, 'setPriceOracle', [oracle.address]);
  const dataProvider = await chain.deploy(code.AaveProtocolDataProvider, [provider.address]);
  chain.write(provider, 'setPoolDataProvider', [dataProvider.address]);
  await chain.mine({ strict: true });
  pool.address = await chain.read(provider, 'getPool');
  configurator.address = await chain.read(provider, 'getPoolConfigurator');

  const aToken = await chain.deploy(code.ATokenInstance, [pool.address, zeroAddress, admin]);
  const variableDebt = await chain.deploy(code.VariableDebtTokenInstance, [pool.address, zeroAddress]);
  const interestRateData = encodeAbiParameters(parseAbiParameters('uint16, uint32, uint32, uint32'),
    [rates.optimalUse, rates.base, rates.slope1, rates.slope2]);
  chain.write(configurator, 'initReserves', [symbols.map((symbol) => ({
    aTokenImpl: aToken.address,
    variableDebtTokenImpl: variableDebt.address,
    underlyingAsset: tokens[symbol].address,
    aTokenName: `Aave Devnet36 ${symbol}`,
    aTokenSymbol: `aDev36${symbol}`,
    variableDebtTokenName: `Aave Devnet36 Variable Debt ${symbol}`,
    variableDebtTokenSymbol: `variableDebtDev36${symbol}`,
    params: '0x',
    interestRateData,
  }))], admin, 60_000_000n);
  for (const symbol of symbols) {
    const { ltv, threshold, bonus } = assets[symbol];
    const token = tokens[symbol].address;
    chain.write(configurator, 'configureReserveAsCollateral', [token, BigInt(ltv), BigInt(threshold), BigInt(bonus)]);
    chain.write(configurator, 'setReserveBorrowing', [token, true]);
    chain.write(configurator, 'setReserveFactor', [token, reserveFactor]);
    chain.write(configurator, 'setLiquidationProtocolFee', [token, liquidationProtocolFee]);
  }
  for (const { id, ltv, threshold, bonus, label, collateral, debt } of eModes) {
    chain.write(configurator, 'setEModeCategory', [id, ltv, threshold, bonus, label]);
    for (const symbol of collateral) chain.write(configurator, 'setAssetCollateralInEMode', [tokens[symbol].address, id, true]);
    for (const symbol of debt) chain.write(configurator, 'setAssetBorrowableInEMode', [tokens[symbol].address, id, true]);
  }
  await chain.mine({ strict: true });
  return { provider, pool, configurator, oracle, dataProvider };
}

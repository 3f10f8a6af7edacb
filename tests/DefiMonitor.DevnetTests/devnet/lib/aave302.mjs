import { zeroAddress } from 'viem';
import { assets, eModes, liquidationProtocolFee, rates, reserveFactor } from './assets.mjs';
import { coreV3 } from './artifacts.mjs';
import { deployer } from './chain.mjs';

const ray = (basisPoints) => BigInt(basisPoints) * 10n ** 23n;

// FlashLoanLogic links BorrowLogic, so it comes last.
const libraries = ['PoolLogic', 'SupplyLogic', 'EModeLogic', 'LiquidationLogic', 'BridgeLogic', 'BorrowLogic', 'ConfiguratorLogic', 'FlashLoanLogic'];

/** Deploys Aave V3.0.2 with the symbols given and returns the addresses of its contracts. */
export async function deployAave302(chain, marketId, symbols, tokens, feeds) {
  const admin = deployer;
  const linked = {};
  for (const name of libraries) linked[name] = (await chain.deploy(coreV3(`protocol/libraries/logic/${name}`), [], linked)).address;

  const provider = await chain.deploy(coreV3('protocol/configuration/PoolAddressesProvider'), [marketId, admin]);
  chain.write(provider, 'setACLAdmin', [admin]);
  const acl = await chain.deploy(coreV3('protocol/configuration/ACLManager'), [provider.address]);
  chain.write(provider, 'setACLManager', [acl.address]);
  for (const role of ['addPoolAdmin', 'addEmergencyAdmin', 'addRiskAdmin', 'addAssetListingAdmin']) chain.write(acl, role, [admin]);
  await chain.mine({ strict: true });

  const pool = await chain.deploy(coreV3('protocol/pool/Pool'), [provider.address], linked);
  const configurator = await chain.deploy(coreV3('protocol/pool/PoolConfigurator'), [], linked);
  chain.write(provider, 'setPoolImpl', [pool.address], admin, 10_000_000n);
  chain.write(provider, 'setPoolConfiguratorImpl', [configurator.address], admin, 10_000_000n);
  const oracle = await chain.deploy(coreV3('misc/AaveOracle'), [
    provider.address, symbols.map((s) => tokens[s].address), symbols.map((s) => feeds[s].address), zeroAddress, zeroAddress, 10n ** 8n]);
  chain.write(provider, 'setPriceOracle', [oracle.address]);
  const dataProvider = await chain.deploy(coreV3('misc/AaveProtocolDataProvider'), [provider.address]);
  chain.write(provider, 'setPoolDataProvider', [dataProvider.address]);
  await chain.mine({ strict: true });
  pool.address = await chain.read(provider, 'getPool');
  configurator.address = await chain.read(provider, 'getPoolConfigurator');

  const aToken = await chain.deploy(coreV3('protocol/tokenization/AToken'), [pool.address]);
  const stableDebt = await chain.deploy(coreV3('protocol/tokenization/StableDebtToken'), [pool.address]);
  const variableDebt = await chain.deploy(coreV3('protocol/tokenization/VariableDebtToken'), [pool.address]);
  // Nobody can borrow at a stable rate here, so its six parameters never count.
  const strategy = await chain.deploy(coreV3('protocol/pool/DefaultReserveInterestRateStrategy'), [
    provider.address, ray(rates.optimalUse), ray(rates.base), ray(rates.slope1), ray(rates.slope2), ray(50), ray(7500), ray(100), ray(800), ray(2000)]);
  chain.write(configurator, 'initReserves', [symbols.map((symbol) => ({
    aTokenImpl: aToken.address,
    stableDebtTokenImpl: stableDebt.address,
    variableDebtTokenImpl: variableDebt.address,
    underlyingAssetDecimals: assets[symbol].decimals,
    interestRateStrategyAddress: strategy.address,
    underlyingAsset: tokens[symbol].address,
    treasury: admin,
    incentivesController: zeroAddress,
    aTokenName: `Aave Devnet ${symbol}`,
    aTokenSymbol: `aDev${symbol}`,
    variableDebtTokenName: `Aave Devnet Variable Debt ${symbol}`,
    variableDebtTokenSymbol: `variableDebtDev${symbol}`,
    stableDebtTokenName: `Aave Devnet Stable Debt ${symbol}`,
    stableDebtTokenSymbol: `stableDebtDev${symbol}`,
    params: '0x10',
  }))], admin, 60_000_000n);
  for (const { id, ltv, threshold, bonus, label } of eModes) {
    chain.write(configurator, 'setEModeCategory', [id, ltv, threshold, bonus, zeroAddress, label]);
  }
  for (const symbol of symbols) {
    const { ltv, threshold, bonus } = assets[symbol];
    const token = tokens[symbol].address;
    chain.write(configurator, 'configureReserveAsCollateral', [token, BigInt(ltv), BigInt(threshold), BigInt(bonus)]);
    chain.write(configurator, 'setReserveBorrowing', [token, true]);
    chain.write(configurator, 'setReserveFactor', [token, reserveFactor]);
    chain.write(configurator, 'setLiquidationProtocolFee', [token, liquidationProtocolFee]);
    const eMode = eModes.find((e) => e.collateral.includes(symbol));
    if (eMode) chain.write(configurator, 'setAssetEModeCategory', [token, eMode.id]);
  }
  await chain.mine({ strict: true });
  return { provider, pool, configurator, oracle, dataProvider };
}

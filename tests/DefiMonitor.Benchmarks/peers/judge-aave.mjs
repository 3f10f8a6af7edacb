// Health factors by @aave/math-utils, called as an app calls it: formatReserves once a block, formatUserSummary for each account.
//   node judge-aave.mjs MARKET.json    prints: accounts/s, accounts, relative difference to ours at the median account
// MARKET.json is what `-- judge --export` writes: the market, some of its accounts and our health factors.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { formatReserves, formatUserSummary } = createRequire(import.meta.url)('@aave/math-utils');
const market = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const common = { marketReferencePriceInUsd: '100000000', marketReferenceCurrencyDecimals: 8, currentTimestamp: market.now };
const formattedReserves = formatReserves({
  ...common,
  reserves: market.reserves.map(r => ({
    originalId: r.id, id: String(r.id), symbol: `T${r.id}`, name: `T${r.id}`, decimals: r.decimals, underlyingAsset: `0x${r.id.toString(16).padStart(40, '0')}`,
    usageAsCollateralEnabled: true, reserveFactor: '1000', baseLTVasCollateral: String(r.ltv), reserveLiquidationThreshold: String(r.threshold),
    reserveLiquidationBonus: '10500', liquidityIndex: r.liquidityIndex, liquidityRate: r.liquidityRate, variableBorrowIndex: r.borrowIndex,
    variableBorrowRate: r.borrowRate, lastUpdateTimestamp: r.lastUpdate, availableLiquidity: '0', totalScaledVariableDebt: '0', borrowCap: '0', supplyCap: '0',
    debtCeiling: '0', debtCeilingDecimals: 2, isolationModeTotalDebt: '0', virtualUnderlyingBalance: '0', deficit: '0', eModes: [], isActive: true, isFrozen: false,
    priceInMarketReferenceCurrency: r.price,
  })),
});
const accounts = market.accounts.map(a => ({
  health: a.health,
  userReserves: a.positions.map(p => ({
    underlyingAsset: `0x${p.reserve.toString(16).padStart(40, '0')}`,
    scaledATokenBalance: p.debt ? '0' : p.scaled, scaledVariableDebt: p.debt ? p.scaled : '0', usageAsCollateralEnabledOnUser: !p.debt,
  })),
}));

const healthOf = a => formatUserSummary({ ...common, formattedReserves, userReserves: a.userReserves, userEmodeCategoryId: 0 }).healthFactor;
accounts.slice(0, 500).forEach(healthOf);
const started = process.hrtime.bigint();
const healths = accounts.map(healthOf);
const seconds = Number(process.hrtime.bigint() - started) / 1e9;
const differences = healths.map((h, i) => Math.abs(Number(h) / (Number(accounts[i].health) / 1e18) - 1)).sort((a, b) => a - b);
console.log(`${(accounts.length / seconds).toFixed(0)} ${accounts.length} ${differences[differences.length >> 1].toExponential(2)}`);

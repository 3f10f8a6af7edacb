// Verdicts by @morpho-org/blue-sdk, called as a bot calls it: accrueInterest once a block, isHealthy for each account.
//   node judge-morpho.mjs MARKETS.json    prints: accounts/s, accounts, how many verdicts or health factors differ from ours
// MARKETS.json is what `-- judge-morpho --export` writes: the markets, some of their accounts and our verdicts.
import { readFileSync } from 'node:fs';
import { Market } from '@morpho-org/blue-sdk';

const given = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const address = n => `0x${n.toString(16).padStart(40, '0')}`;
const markets = given.markets.map(m => ({
  market: new Market({
    params: { loanToken: address(1), collateralToken: address(2), oracle: address(3), irm: address(4), lltv: BigInt(m.lltv) },
    totalSupplyAssets: BigInt(m.totalSupplyAssets), totalSupplyShares: BigInt(m.totalSupplyShares), totalBorrowAssets: BigInt(m.totalBorrowAssets),
    totalBorrowShares: BigInt(m.totalBorrowShares), lastUpdate: BigInt(m.lastUpdate), fee: BigInt(m.fee), price: BigInt(m.price), rateAtTarget: BigInt(m.rateAtTarget),
  }).accrueInterest(given.now),
  accounts: m.accounts.map(a => ({ borrowShares: BigInt(a.borrowShares), collateral: BigInt(a.collateral), healthy: a.healthy, health: BigInt(a.health) })),
}));

let count = 0;
let different = 0;
for (const { market, accounts } of markets) {
  count += accounts.length;
  different += accounts.filter(a => market.isHealthy(a) !== a.healthy || market.getHealthFactor(a) !== a.health).length;
}

const times = [];
let healthy = 0;
for (let round = 0; round < 45; round++) {
  const started = process.hrtime.bigint();
  for (const { market, accounts } of markets) {
    for (const account of accounts) {
      healthy += market.isHealthy(account) ? 1 : 0;
    }
  }
  times.push(Number(process.hrtime.bigint() - started) / 1e9);
}

times.sort((a, b) => a - b);
if (healthy === 0) throw new Error('nobody is healthy');
console.log(`${(count / times[22]).toFixed(0)} ${count} ${different}`);

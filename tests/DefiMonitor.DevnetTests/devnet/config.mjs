import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chainId as usual } from './lib/devnet.mjs';

/**
 * Writes a configuration folder of the monitor for this chain. The shape of its files is the monitor's: this is the only place that knows it.
 * @param endpoint what the monitor shall connect to, which need not be the node itself
 * @param morphoMarkets `{ name, morpho, marketId }` of markets whose rate model is not Morpho's own
 * @param lyraMarkets option markets of Lyra v1, each with the keys that its deployment has
 * @param aaveV4Markets `{ name, spoke }`
 * @param comets markets of Compound III: `{ name, comet }`
 * @param eulerVaults liability vaults of Euler v2: `{ name, vault }`
 * @param gammaBooks address books of Opyn Gamma: `{ name, addressBook }`
 * @param deriveVenues deployments of Derive v2, each with the keys that its deployment has
 * @param panopticPools `{ name, panopticPool, tokenIds }`
 * @param owners `{ name, address, deriveSubAccounts? }` of everybody to be watched
 */
export function writeConfig(folder, { chainId = usual, endpoint, markets = {}, morphoMarkets = [], lyraMarkets = [], aaveV4Markets = [], comets = [], eulerVaults = [], gammaBooks = [], deriveVenues = [], panopticPools = [], owners }) {
  const write = (file, content) => {
    const full = path.join(folder, file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, `${JSON.stringify(content, null, 2)}\n`);
  };
  write('chains/devnet.json', { name: 'devnet', chainId, endpoints: [endpoint], nextBlockSeconds: 12, pollSeconds: 1 });
  write('protocols/aave-v3.json', {
    deployments: Object.values(markets).map(({ name, provider, startBlock }) =>
      ({ chain: chainId, name, poolAddressesProvider: provider, startBlock, source: 'devnet' })),
  });
  if (morphoMarkets.length > 0) {
    write('protocols/morpho-blue.json', {
      // The AdaptiveCurveIrm is on no npm registry; an address without code stands in its place.
      deployments: morphoMarkets.map(({ name, morpho, marketId }) =>
        ({ chain: chainId, name, morpho, adaptiveCurveIrm: `0x${'ac'.repeat(20)}`, marketId, source: 'devnet' })),
    });
  }
  if (aaveV4Markets.length > 0) write('protocols/aave-v4.json', { deployments: aaveV4Markets.map((market) => ({ chain: chainId, ...market, source: 'devnet' })) });
  if (eulerVaults.length > 0) write('protocols/euler-v2.json', { deployments: eulerVaults.map((market) => ({ chain: chainId, ...market, source: 'devnet' })) });
  if (gammaBooks.length > 0) write('protocols/opyn-gamma.json', { deployments: gammaBooks.map((market) => ({ chain: chainId, ...market, source: 'devnet' })) });
  if (comets.length > 0) write('protocols/compound-v3.json', { deployments: comets.map((market) => ({ chain: chainId, ...market, source: 'devnet' })) });
  if (deriveVenues.length > 0) write('protocols/derive-v2.json', { deployments: deriveVenues.map((venue) => ({ chain: chainId, ...venue, source: 'devnet' })) });
  if (panopticPools.length > 0) write('protocols/panoptic-v2.json', { deployments: panopticPools.map((pool) => ({ chain: chainId, ...pool, source: 'devnet' })) });
  if (lyraMarkets.length > 0) write('protocols/lyra-v1.json', { deployments: lyraMarkets.map((market) => ({ chain: chainId, ...market, source: 'devnet' })) });
  if (lyraMarkets.length > 0) {
    // Synths follow the rates that they are exchanged at: for the ledger they are what they stand for.
    write('assets/synths.json', {
      tokens: lyraMarkets.flatMap(({ baseAsset, quoteAsset }) => [
        { symbols: ['sETH'], factor: 'ETH', basisDailyVolatility: 0.004, addresses: [`${chainId}:${baseAsset}`], wrapper: { kind: 'oneForOne', of: 'ETH' } },
        { symbols: ['sUSD'], factor: 'USD', basisDailyVolatility: 0, addresses: [`${chainId}:${quoteAsset}`] },
      ]),
    });
  }
  // The chain's clock is that of 2021, and its newest block no less of today for that.
  write('rules.json', { staleAfterSeconds: 0 });
  write('owners.json', { owners: owners.map(({ name, address, deriveSubAccounts }) => ({ name, address, deriveSubAccounts })) });
}

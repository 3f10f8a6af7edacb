import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const root = path.join(import.meta.dirname, '..');
const modules = path.join(root, 'node_modules');

/** What a contract is made from: `{ abi, bytecode, linkReferences }`. */
export function coreV3(file) {
  const name = path.posix.basename(file);
  return JSON.parse(readFileSync(path.join(modules, '@aave/core-v3/artifacts/contracts', `${file}.sol`, `${name}.json`), 'utf8'));
}

/** The same of Lyra v1, whose package carries what its authors compiled. */
export function lyraV1(file) {
  const name = path.posix.basename(file);
  return JSON.parse(readFileSync(path.join(modules, '@lyrafinance/protocol/dist/artifacts/contracts', `${file}.sol`, `${name}.json`), 'utf8'));
}

/** Puts the addresses of libraries into bytecode. */
export function link({ bytecode, linkReferences = {} }, libraries = {}) {
  let code = bytecode.replace(/^0x/, '');
  for (const [file, names] of Object.entries(linkReferences)) {
    for (const [name, places] of Object.entries(names)) {
      if (!libraries[name]) throw new Error(`the library ${name} of ${file} is not deployed yet`);
      for (const { start, length } of places) {
        code = code.slice(0, start * 2) + libraries[name].slice(2).toLowerCase() + code.slice((start + length) * 2);
      }
    }
  }
  return `0x${code}`;
}

const origin = '@aave-dao/aave-v3-origin/src/contracts';

// Aave 3.6 compiles with OpenZeppelin 5.1.0 only, hence the two aliases in package.json.
const remappings = [
  ['solidity-utils/', '@bgd-labs/solidity-utils/src/'],
  ['openzeppelin-contracts/contracts/', 'oz5/'],
  ['openzeppelin-contracts-upgradeable/contracts/', 'ozu5/'],
  ['@openzeppelin/contracts/', 'oz5/'],
  ['@openzeppelin/contracts-upgradeable/', 'ozu5/'],
];

function source(name) {
  if (name.startsWith('contracts/')) return readFileSync(path.join(root, name), 'utf8');
  const map = remappings.find(([prefix]) => name.startsWith(prefix));
  return readFileSync(path.join(modules, map ? map[1] + name.slice(map[0].length) : name), 'utf8');
}

function compile(entries, { compiler = 'solc', settings = { optimizer: { enabled: true, runs: 200 }, evmVersion: 'shanghai' } } = {}) {
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(entries.map((entry) => [entry, { content: source(entry) }])),
    settings: {
      ...settings,
      metadata: { bytecodeHash: 'none' },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.bytecode.linkReferences'] } },
    },
  };
  const versions = readFileSync(path.join(root, 'package.json'), 'utf8');
  const key = createHash('sha256').update(versions + JSON.stringify(input)).digest('hex').slice(0, 16);
  const cached = path.join(root, 'cache', `${key}.json`);
  if (existsSync(cached)) return JSON.parse(readFileSync(cached, 'utf8'));

  const solc = require(compiler);
  console.error('compiling the contracts (once, about half a minute)');
  const output = JSON.parse(solc.compile(JSON.stringify(input), {
    import: (name) => {
      try {
        return { contents: source(name) };
      } catch (error) {
        return { error: String(error) };
      }
    },
  }));
  const errors = (output.errors ?? []).filter((e) => e.severity === 'error');
  if (errors.length > 0) throw new Error(errors.slice(0, 5).map((e) => e.formattedMessage).join('\n'));

  const contracts = {};
  for (const file of Object.values(output.contracts)) {
    for (const [name, { abi, evm }] of Object.entries(file)) {
      if (evm.bytecode.object) contracts[name] = { abi, bytecode: `0x${evm.bytecode.object}`, linkReferences: evm.bytecode.linkReferences };
    }
  }
  mkdirSync(path.dirname(cached), { recursive: true });
  const partial = `${cached}.${process.pid}`;
  writeFileSync(partial, JSON.stringify(contracts));
  renameSync(partial, cached);
  return contracts;
}

/** Aave V3.6 and the price feed, compiled from source and kept in `cache/`. */
export const compiled = () => compile([
  'contracts/PriceFeed.sol',
  ...['PoolInstance', 'PoolConfiguratorInstance', 'ATokenInstance', 'VariableDebtTokenInstance'].map((n) => `${origin}/instances/${n}.sol`),
  ...['PoolAddressesProvider', 'ACLManager'].map((n) => `${origin}/protocol/configuration/${n}.sol`),
  `${origin}/misc/AaveOracle.sol`,
  `${origin}/misc/DefaultReserveInterestRateStrategyV2.sol`,
  `${origin}/helpers/AaveProtocolDataProvider.sol`,
]);

const morpho = '@morpho-org/morpho-blue/src';

/** Morpho Blue 1.0.0 with the mocks of its package, compiled as its authors do. */
export const compiledMorpho = () => compile(
  ['Morpho', 'mocks/IrmMock', 'mocks/OracleMock', 'mocks/ERC20Mock'].map((n) => `${morpho}/${n}.sol`),
  { compiler: 'solc-0.8.19', settings: { optimizer: { enabled: true, runs: 999_999 }, viaIR: true, evmVersion: 'paris' } },
);

/** Our own oracle for Morpho over price feeds. */
export const compiledMorphoFeedOracle = () => compile(['contracts/MorphoFeedOracle.sol']);

/** Our own stand-in for Aave V4, with the price feed. */
export const compiledAaveV4 = () => compile(['contracts/AaveV4StandIn.sol', 'contracts/PriceFeed.sol']);

/** Our own Synthetix rates for Lyra over a price feed. */
export const compiledFeedRates = () => compile(['contracts/FeedRates.sol']);

/** Our own stand-in for Compound III. */
export const compiledComet = () => compile(['contracts/PriceFeed.sol', 'contracts/CometStandIn.sol']);

/** Our own stand-in for Euler v2. */
export const compiledEuler = () => compile(['contracts/PriceFeed.sol', 'contracts/EulerStandIn.sol']);

/** Our own stand-in for Opyn Gamma. */
export const compiledGamma = () => compile(['contracts/GammaStandIn.sol']);

/** Our own stand-in for Derive v2. */
export const compiledDerive = () => compile(['contracts/DeriveStandIn.sol', 'contracts/DerivePortfolioStandIn.sol']);

/** Our own stand-in for Panoptic v2. */
export const compiledPanoptic = () => compile(['contracts/PanopticStandIn.sol']);

/** Our own aggregator that takes reports as OCR2 does, and a forwarder. */
export const compiledTransmitter = () => compile(['contracts/Transmitter.sol']);

/**
 * The code of Multicall3. viem carries its creation code (32 bytes of constructor, then the code itself) in a file outside its exports.
 */
export function multicall3Code() {
  const text = readFileSync(path.join(modules, 'viem/_esm/constants/contracts.js'), 'utf8');
  const creation = /multicall3Bytecode = '0x([0-9a-f]+)'/.exec(text)[1];
  return `0x${creation.slice(64)}`;
}

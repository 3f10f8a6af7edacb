// A local chain with two Aave markets that obeys commands: one JSON object a line on stdin, one answer a line on stdout. See README.md.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { addLyra, addMorpho } from './lib/beside.mjs';
import { Commands } from './lib/commands.mjs';
import { multicall3, startDevnet } from './lib/devnet.mjs';
import { liquidator } from './lib/people.mjs';
import { Proxy } from './lib/proxy.mjs';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string' },
    config: { type: 'string' },
    accounts: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    'epoch-slots': { type: 'string' },
    timestamp: { type: 'string' },
    morpho: { type: 'boolean', default: false },
    lyra: { type: 'boolean', default: false },
    'chain-id': { type: 'string' },
  },
});
const number = (text) => (text === undefined ? undefined : Number(text));
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const devnet = await startDevnet({ port: number(options.port), timestamp: number(options.timestamp), epochSlots: number(options['epoch-slots']), id: number(options['chain-id']) });
const proxy = await new Proxy(devnet.node.port).open();
const beside = { morpho: options.morpho ? await addMorpho(devnet) : undefined, lyra: options.lyra ? await addLyra(devnet) : undefined };
const commands = new Commands(devnet, proxy, beside);
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop(0));
devnet.node.exited.then(() => stopping || stop(1, 'the node has ended'));

await commands.openRandom({ count: Number(options.accounts), seed: options.seed });
if (options.config) commands.setConfig({ dir: options.config });
say({ ready: true, ...describe() });

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === '') continue;
  say(await obey(line));
}
await stop(0);

async function obey(line) {
  try {
    const { cmd, ...fields } = JSON.parse(line);
    if (cmd === 'stop') {
      say({ ok: true });
      await stop(0);
    }
    if (!Object.getOwnPropertyNames(Commands.prototype).includes(cmd) || cmd === 'constructor') throw new Error(`no command is called ${cmd}`);
    return { ok: true, ...await commands[cmd](fields) };
  } catch (error) {
    return { ok: false, error: error.message };
  }
}

async function stop(code, why) {
  stopping = true;
  if (why) console.error(why);
  await proxy.down();
  await devnet.stop();
  process.exit(code);
}

function describe() {
  const addresses = (pairs) => Object.fromEntries(pairs.map(([name, contract]) => [name, contract.address]));
  return {
    rpc: devnet.node.url,
    endpoint: proxy.url,
    chainId: devnet.chainId,
    multicall: multicall3,
    liquidator: liquidator.address,
    assets: Object.fromEntries(Object.entries(devnet.tokens).map(([symbol, { address, decimals }]) =>
      [symbol, { address, decimals, feed: devnet.feeds[symbol].address }])),
    markets: Object.fromEntries(Object.values(devnet.markets).map((m) => [m.name, {
      poolAddressesProvider: m.provider,
      pool: m.pool.address,
      oracle: m.oracle,
      startBlock: m.startBlock,
      aTokens: addresses(Object.entries(m.reserves).map(([s, r]) => [s, r.aToken])),
      variableDebtTokens: addresses(Object.entries(m.reserves).map(([s, r]) => [s, r.variableDebt])),
    }])),
    ...(beside.morpho && { morpho: beside.morpho.market }),
    ...(beside.lyra && { lyra: { ...beside.lyra.market, blackScholes: beside.lyra.contracts.blackScholes.address } }),
    accounts: commands.people,
  };
}

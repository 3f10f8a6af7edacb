// A local chain with the real Morpho Blue that obeys commands: one JSON object a line on stdin, one answer a line on stdout. See README.md.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { writeConfig } from './config.mjs';
import { startMorpho } from './lib/morpho.mjs';

const { values: options } = parseArgs({
  options: { config: { type: 'string' }, accounts: { type: 'string', default: '12' }, seed: { type: 'string', default: '1' } },
});
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const devnet = await startMorpho({ accounts: Number(options.accounts), seed: options.seed });
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop(0));
devnet.node.exited.then(() => stopping || process.exit(1));

const morphoMarkets = Object.values(devnet.markets).map(({ name, id }) => ({ name, morpho: devnet.contracts.morpho.address, marketId: id }));
if (options.config) writeConfig(options.config, { endpoint: devnet.node.url, morphoMarkets, owners: devnet.people });
say({ ready: true, rpc: devnet.node.url, accounts: devnet.people, markets: morphoMarkets });

const commands = ['mine', 'randomStep', 'tryLiquidate', 'liquidate'];
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === '') continue;
  const { cmd, ...fields } = JSON.parse(line);
  if (cmd === 'stop') {
    say({ ok: true });
    break;
  }
  try {
    if (!commands.includes(cmd)) throw new Error(`no command is called ${cmd}; there are ${commands.join(', ')} and stop`);
    say({ ok: true, ...await devnet[cmd](fields) });
  } catch (error) {
    say({ ok: false, error: error.message });
  }
}
await stop(0);

async function stop(code) {
  stopping = true;
  await devnet.stop();
  process.exit(code);
}

// A local chain with one venue that obeys commands: one JSON object a line on stdin, one answer a line on stdout. See README.md.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { writeConfig } from './config.mjs';
import { startAaveV4 } from './lib/aave-v4.mjs';
import { startComet } from './lib/comet.mjs';
import { startDerive } from './lib/derive.mjs';
import { startEuler } from './lib/euler.mjs';
import { startGamma } from './lib/gamma.mjs';
import { startLyra } from './lib/lyra.mjs';
import { startMorpho } from './lib/morpho.mjs';
import { startPanoptic } from './lib/panoptic.mjs';

const venues = { 'aave-v4': startAaveV4, comet: startComet, derive: startDerive, euler: startEuler, gamma: startGamma, lyra: startLyra, morpho: startMorpho, panoptic: startPanoptic };
const commands = ['mine', 'randomStep', 'tryLiquidate', 'liquidate', 'ask', 'createAccount', 'swap'];
const { values: options } = parseArgs({
  options: { venue: { type: 'string' }, config: { type: 'string' }, accounts: { type: 'string', default: '12' }, seed: { type: 'string', default: '1' } },
});
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
if (!venues[options.venue]) {
  console.error(`--venue takes one of ${Object.keys(venues).join(', ')}`);
  process.exit(2);
}

const devnet = await venues[options.venue]({ accounts: Number(options.accounts), seed: options.seed });
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop(0));
devnet.node.exited.then(() => stopping || process.exit(1));

if (options.config) writeConfig(options.config, { endpoint: devnet.node.url, ...devnet.deployments, owners: devnet.people });
say({ ready: true, rpc: devnet.node.url, accounts: devnet.people, ...devnet.deployments });

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === '') continue;
  const { cmd, ...fields } = JSON.parse(line);
  if (cmd === 'stop') {
    say({ ok: true });
    break;
  }
  try {
    if (!commands.includes(cmd) || !devnet[cmd]) throw new Error(`no command is called ${cmd}; there are ${commands.filter((name) => devnet[name]).join(', ')} and stop`);
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

// The crash of scenario.mjs once more, on Aave and a second venue under one price feed, for a recorder that keeps step. See README.md.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { writeConfig } from './config.mjs';
import { startDevnet } from './lib/devnet.mjs';
import { optionStory } from './scenario/options.mjs';
import { Oracle } from './scenario/oracle.mjs';
import { marketAt, minutes, start } from './scenario/prices.mjs';
import { Recorder } from './scenario/recorder.mjs';
import { twoProtocolStory } from './scenario/two-protocols.mjs';

const stories = { 'two-protocols': twoProtocolStory, options: optionStory };
const blockSeconds = 24;
const tail = 12;

const { values: options } = parseArgs({
  options: { story: { type: 'string' }, record: { type: 'string' }, out: { type: 'string' }, config: { type: 'string' } },
});
process.once('uncaughtException', (error) => {
  console.error(`crash.mjs: ${error.message}`);
  process.exit(1);
});
if (!stories[options.story]) throw new Error(`--story takes one of ${Object.keys(stories).join(', ')}`);
if (!options.record) throw new Error("write --record 'COMMAND': who acts goes by the alerts of a recorder");

const startedAt = Date.now();
const out = options.out && path.resolve(options.out);
const devnet = await startDevnet({ timestamp: start - 1200, lent: 5_000_000 });
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const config = options.config ?? mkdtempSync(path.join(tmpdir(), 'devnet-config-'));
let recorder;
try {
  const story = await stories[options.story](devnet);
  writeConfig(config, { endpoint: devnet.node.url, ...story.deployments, owners: story.cast });
  const first = await devnet.chain.head();
  recorder = new Recorder(options.record, { rpc: devnet.node.url, config, out });
  await recorder.sees(first, 300);

  await story.open(await devnet.readPrices());
  await next(start);
  const oracle = new Oracle(await devnet.readPrices(), start);
  for (let time = start + blockSeconds; time <= start + minutes * 60 + tail * blockSeconds; time += blockSeconds) {
    const answers = oracle.due(time, marketAt(Math.min(time, start + minutes * 60)));
    for (const [symbol, answer] of Object.entries(answers)) devnet.price(symbol, answer);
    await story.liquidate({ time, state: devnet.withPrices(answers) }, { ...await devnet.readPrices(), ...answers });
    await story.act((who, market) => recorder.alert({ ...who, market }, 'critical'));
    await next(time);
  }

  await recorder.stop();
  if (out && !(statSync(out, { throwIfNoEntry: false })?.mtimeMs >= startedAt)) throw new Error(`the recorder has ended without writing ${out}`);
  const broken = (await story.promises()).filter(([, kept]) => !kept).map(([promise]) => promise);
  if (broken.length > 0) throw new Error(`the story does not keep its promises: ${broken.join('; ')}. ${JSON.stringify(story.liquidations)}`);
  const last = await devnet.chain.head();
  process.stdout.write(`${JSON.stringify({ blocks: last.number - first.number + 1, lastHash: last.hash, accounts: story.cast.length, liquidations: story.liquidations })}\n`);
} finally {
  recorder?.kill();
  await devnet.stop();
  if (!options.config) rmSync(config, { recursive: true });
}

async function next(time) {
  const head = await devnet.chain.head();
  const block = await devnet.chain.mine({ dt: time - head.timestamp, strict: true });
  await recorder.sees(block);
}

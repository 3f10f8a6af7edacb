// A day in the life of two Aave markets: a crash, a reorg, an outage, and a recorder that keeps step. See README.md.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { writeConfig } from './config.mjs';
import { startDevnet } from './lib/devnet.mjs';
import { Proxy } from './lib/proxy.mjs';
import { cast } from './scenario/cast.mjs';
import { accrueInterest, calmDown, crash, genesis, openPositions } from './scenario/chapters.mjs';
import { Recorder } from './scenario/recorder.mjs';
import { Story } from './scenario/story.mjs';
import { verify } from './scenario/verify.mjs';

const { values: options } = parseArgs({
  options: {
    record: { type: 'string' },
    'no-record': { type: 'boolean', default: false },
    alerts: { type: 'boolean', default: false },
    out: { type: 'string' },
    config: { type: 'string' },
    port: { type: 'string' },
  },
});
process.once('uncaughtException', (error) => {
  console.error(`scenario.mjs: ${error.message}`);
  process.exit(1);
});
if (!options.record === !options['no-record']) throw new Error("write either --record 'COMMAND' or --no-record");
if (options.alerts && !options.record) throw new Error('--alerts goes by the alerts of a recorder; add --record');

const began = performance.now();
const startedAt = Date.now();
const out = options.out && path.resolve(options.out);
const chapter = (text) => console.error(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);

const devnet = await startDevnet({ port: options.port ? Number(options.port) : undefined, timestamp: genesis, lent: 5_000_000 });
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const config = options.config ?? mkdtempSync(path.join(tmpdir(), 'devnet-config-'));
let recorder;
try {
  const proxy = await new Proxy(devnet.node.port).open();
  writeConfig(config, { endpoint: proxy.url, markets: devnet.markets, owners: cast });
  const first = await devnet.chain.head();
  if (options.record) {
    recorder = new Recorder(options.record, { rpc: proxy.url, config, out });
    chapter('waiting for the recorder to see the first block');
    await recorder.sees(first, 300);
  }

  const story = new Story(devnet, recorder, { alerts: options.alerts });
  await story.begin();
  chapter(`${cast.length} positions open`);
  await openPositions(devnet, story);
  chapter('interest accrues');
  await accrueInterest(story);
  chapter('the crash');
  const facts = await crash(devnet, story, recorder, proxy);
  chapter('calm');
  await calmDown(story);
  await recorder?.stop();
  if (out && !(statSync(out, { throwIfNoEntry: false })?.mtimeMs >= startedAt)) throw new Error(`the recorder has ended without writing ${out}`);
  const last = await devnet.chain.head();
  await proxy.down();
  const summary = {
    blocks: last.number - first.number + 1,
    firstBlock: first.number,
    lastBlock: last.number,
    lastHash: last.hash,
    accounts: cast.length,
    liquidations: story.liquidations,
    reorg: facts.reorg,
    outage: facts.outage,
    repay: story.repay,
  };
  verify(summary, story.health);
  chapter('the end');
  process.stdout.write(`${JSON.stringify(summary)}\n`);
} finally {
  recorder?.kill();
  await devnet.stop();
  if (!options.config) rmSync(config, { recursive: true });
}

// The same chain by ponder, as its users run it: `ponder start` with one contract, one table and one insert an event, on PGlite, its own database when no PostgreSQL is named.
//   node backfill-ponder.mjs URL BLOCKS    prints: events/s, events, seconds; all of them by ponder's own log, from the start of its backfill to its end
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [url, blocks] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'defimonitor-ponder-'));
const home = join(dirname(fileURLToPath(import.meta.url)), 'ponder');
const ponder = spawn(process.execPath, ['node_modules/ponder/dist/esm/bin/ponder.js', 'start', '--schema', 'backfill', '--log-format', 'json', '--hostname', '127.0.0.1', '--port', '0'], {
  cwd: home, stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, BACKFILL_URL: url, BACKFILL_BLOCKS: blocks, BACKFILL_DATABASE: folder, PONDER_TELEMETRY_DISABLED: 'true', DATABASE_URL: '' },
});
process.on('exit', () => {
  ponder.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

let started, events = 0, done = false;
const said = [];
for await (const line of createInterface({ input: ponder.stdout })) {
  said.push(line);
  let entry;
  try {
    entry = JSON.parse(line);
  } catch {
    continue;
  }
  const { msg = '', time, event_count: count } = entry;
  if (msg === 'Started backfill indexing') started = time;
  if (msg === 'Indexed block range') events += count;
  if (msg.startsWith('Completed backfill indexing')) {
    const seconds = (time - started) / 1000;
    done = events > 0 && seconds > 0;
    if (done) console.log(`${(events / seconds).toFixed(0)} events=${events} seconds=${seconds.toFixed(2)}`);
    ponder.kill('SIGKILL');
  }
}
if (!done) {
  console.error(said.slice(-5).join('\n'));
  process.exitCode = 1;
}

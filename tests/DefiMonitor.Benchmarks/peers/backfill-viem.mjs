// Borrow logs by viem, fetched and decoded as an app does: getLogs with the event, four pages at once. Nothing is stored.
//   node backfill-viem.mjs URL BLOCKS PAGE    prints: logs/s, logs
import { createPublicClient, http, parseAbiItem } from 'viem';

const [url, blocks, page] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const client = createPublicClient({ transport: http(url) });
const event = parseAbiItem('event Borrow(bytes32 indexed id, address caller, address indexed onBehalf, address indexed receiver, uint256 assets, uint256 shares)');

async function read(to) {
  let next = 1, logs = 0;
  const people = new Set();
  await Promise.all([1, 2, 3, 4].map(async () => {
    while (next <= to) {
      const from = next;
      next += page;
      const found = await client.getLogs({ address: '0xBBBBBbbBBb9cC5e90e3b3Af64bdAF62C37EEFFCb', event, fromBlock: BigInt(from), toBlock: BigInt(Math.min(to, from + page - 1)) });
      logs += found.length;
      for (const log of found) people.add(log.args.onBehalf);
    }
  }));
  return { logs, people: people.size };
}

await read(Math.floor(blocks / 10));
const started = process.hrtime.bigint();
const { logs, people } = await read(blocks);
const seconds = Number(process.hrtime.bigint() - started) / 1e9;
console.log(`${(logs / seconds).toFixed(0)} logs=${logs} people=${people} seconds=${seconds.toFixed(2)}`);

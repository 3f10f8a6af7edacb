// What an app on viem does first with a new block: hears of it by subscription, fetches the logs of one contract in it and decodes them.
//   node latency-viem.mjs ws://… POOL    prints {"ready":true}, then one line a block while it listens: {"number","ms","logs"}
// It rests until it is told "listen", and again from "rest" on; either is answered by {"listening"}.
import { createInterface } from 'node:readline';
import { createPublicClient, parseAbi, webSocket } from 'viem';

const [url, address] = process.argv.slice(2);
const events = parseAbi([
  'event Supply(address indexed reserve, address user, address indexed onBehalfOf, uint256 amount, uint16 indexed referralCode)',
  'event Withdraw(address indexed reserve, address indexed user, address indexed to, uint256 amount)',
  'event Borrow(address indexed reserve, address user, address indexed onBehalfOf, uint256 amount, uint8 interestRateMode, uint256 borrowRate, uint16 indexed referralCode)',
  'event Repay(address indexed reserve, address indexed user, address indexed repayer, uint256 amount, bool useATokens)',
  'event LiquidationCall(address indexed collateralAsset, address indexed debtAsset, address indexed user, uint256 debtToCover, uint256 liquidatedCollateralAmount, address liquidator, bool receiveAToken)',
  'event ReserveUsedAsCollateralEnabled(address indexed reserve, address indexed user)',
  'event ReserveUsedAsCollateralDisabled(address indexed reserve, address indexed user)',
  'event ReserveDataUpdated(address indexed reserve, uint256 liquidityRate, uint256 stableBorrowRate, uint256 variableBorrowRate, uint256 liquidityIndex, uint256 variableBorrowIndex)',
]);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const fail = (error) => {
  console.error(error.message);
  process.exit(1);
};

const client = createPublicClient({ transport: webSocket(url) });
let listening = false;
await client.transport.subscribe({
  params: ['newHeads'],
  onData: ({ result }) => {
    const announced = performance.now();
    if (!listening) return;
    client.getLogs({ address, events, blockHash: result.hash })
      .then((logs) => say({ number: Number(result.number), ms: performance.now() - announced, logs: logs.length }), fail);
  },
  onError: fail,
});
say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  listening = line === 'listen';
  say({ listening });
}
process.exit(0);

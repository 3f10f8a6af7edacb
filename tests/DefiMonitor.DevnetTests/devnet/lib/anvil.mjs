import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Rpc } from './rpc.mjs';

const packages = { 'linux-x64': 'linux-amd64', 'linux-arm64': 'linux-arm64', 'darwin-x64': 'darwin-amd64', 'darwin-arm64': 'darwin-arm64', 'win32-x64': 'win32-amd64' };

function binary() {
  const platform = packages[`${process.platform}-${process.arch}`];
  const name = process.platform === 'win32' ? 'anvil.exe' : 'anvil';
  const file = path.join(import.meta.dirname, '..', 'node_modules', '@foundry-rs', `anvil-${platform}`, 'bin', name);
  if (!existsSync(file)) throw new Error(`anvil is not installed for ${process.platform} ${process.arch}; run: npm ci --legacy-peer-deps --ignore-scripts`);
  return file;
}

/** `port` if nobody listens on it; any free one if it is 0. */
function claim(port) {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', () => reject(new Error(`port ${port} is taken`)));
    server.listen(port, '127.0.0.1', () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}

/**
 * Starts anvil in a shape that makes every run the same: it mines only when told, prices gas at what a transaction offers, and orders a block
 * by that offer alone.
 * @param {{ port?: number, timestamp: number, epochSlots?: number, chainId?: number }} options `timestamp`: the genesis block's, in seconds; `epochSlots`: the
 *   node calls head - 2 * epochSlots final
 */
export async function startAnvil({ port: wanted = 0, timestamp, epochSlots = 4, chainId = 31337 }) {
  const port = await claim(wanted);
  const child = spawn(binary(), [
    '--host', '127.0.0.1', '--port', String(port), '--silent',
    '--chain-id', String(chainId), '--hardfork', 'prague', '--timestamp', String(timestamp),
    '--no-mining', '--order', 'fees', '--auto-impersonate',
    '--block-base-fee-per-gas', '0', '--gas-price', '0', '--disable-min-priority-fee', '--gas-limit', '30000000000',
    '--slots-in-an-epoch', String(epochSlots), '--preserve-historical-states', '--no-request-size-limit',
  ], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (text) => { complaint = (complaint + text).slice(-2000); });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);

  const url = `http://127.0.0.1:${port}`;
  const rpc = new Rpc(url);
  for (let tries = 0; ; tries++) {
    try {
      await rpc.call('eth_chainId');
      break;
    } catch (error) {
      if (child.exitCode !== null) throw new Error(`anvil ended at once on port ${port}: ${complaint.trim() || `exit code ${child.exitCode}`}`);
      if (tries === 400) throw new Error(`anvil does not answer on port ${port} (${error.message})`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  return {
    port, url, rpc, exited,
    async stop() {
      process.removeListener('exit', kill);
      rpc.close();
      child.kill('SIGTERM');
      const timer = setTimeout(kill, 5000);
      await exited;
      clearTimeout(timer);
    },
  };
}

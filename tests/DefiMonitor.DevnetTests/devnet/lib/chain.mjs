import { encodeDeployData, encodeFunctionData, decodeFunctionResult, getContractAddress, toHex } from 'viem';
import { link } from './artifacts.mjs';
import { explain } from './reasons.mjs';

export const deployer = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const callGas = 3_000_000n;
const deployGas = 30_000_000n;
const oneEther = toHex(10n ** 18n);

/**
 * A chain that moves only when told: transactions wait in a queue until `mine` puts all of them, in the order in which they were queued,
 * into one block with the timestamp asked for.
 */
export class Chain {
  #queue = [];
  #nonces = new Map();
  #funded = new Set();
  #undo = [];
  #reverted = [];

  /** @param keep how many blocks `rewind` can take back */
  constructor(rpc, { keep = 16 } = {}) {
    this.rpc = rpc;
    this.keep = keep;
  }

  /** `{ number, hash, timestamp }` of the newest block. */
  async head() {
    return header(await this.rpc.call('eth_getBlockByNumber', 'latest', false));
  }

  /** Queues one transaction. `what` stands in messages about it. */
  send({ from, to, data, gas = callGas, what = data.slice(0, 10) }) {
    const transaction = { from, to, data, gas, what };
    this.#queue.push(transaction);
    return transaction;
  }

  write(contract, functionName, args = [], from = deployer, gas = callGas) {
    const data = encodeFunctionData({ abi: contract.abi, functionName, args });
    return this.send({ from, to: contract.address, data, gas, what: functionName });
  }

  /** Queues a deployment; the address is known at once. */
  async deploy(artifact, args = [], libraries = {}) {
    const data = encodeDeployData({ abi: artifact.abi, bytecode: link(artifact, libraries), args });
    await this.#learnNonces([deployer]);
    const nonce = this.#nonces.get(deployer) + this.#queue.filter((t) => t.from === deployer).length;
    this.send({ from: deployer, data, gas: deployGas, what: 'deployment' });
    return { address: getContractAddress({ from: deployer, nonce: BigInt(nonce) }), abi: artifact.abi };
  }

  async read(contract, functionName, args = [], context) {
    return (await this.readAll([[contract, functionName, args]], context))[0];
  }

  /**
   * Reads at the newest block, or as things would be: `state` overrides by address and `time` in place of the block's own.
   * @param {[contract, functionName, args?][]} calls
   */
  async readAll(calls, { state, time } = {}) {
    const asIf = state || time ? [state ?? {}, time ? { time: toHex(time) } : {}] : [];
    const replies = await this.rpc.batch(calls.map(([contract, functionName, args = []]) =>
      ['eth_call', { to: contract.address, data: encodeFunctionData({ abi: contract.abi, functionName, args }) }, 'latest', ...asIf]));
    return replies.map((data, i) => decodeFunctionResult({ abi: calls[i][0].abi, functionName: calls[i][1], data }));
  }

  /**
   * Mines what is queued as one block, `dt` seconds after the newest. With `strict` a transaction that reverts is an error.
   * @returns `{ number, hash, timestamp, transactions: [{ what, from, ok, gasUsed }] }`
   */
  async mine({ dt = 12, strict = false } = {}) {
    const parent = await this.head();
    await this.#remember(parent.number);
    const sent = await this.#submit();
    await this.rpc.call('evm_setNextBlockTimestamp', toHex(parent.timestamp + dt));
    await this.rpc.call('evm_mine');
    const block = await this.head();
    if (block.number !== parent.number + 1) throw new Error(`block ${parent.number + 1} was to be mined, the node stands at ${block.number}`);

    const receipts = new Map();
    if (sent.length > 0) {
      for (const r of await this.rpc.call('eth_getBlockReceipts', toHex(block.number))) receipts.set(r.transactionHash, r);
    }
    const transactions = sent.map(({ transaction, hash }, place) => {
      const receipt = receipts.get(hash);
      if (!receipt) throw new Error(`${transaction.what} of ${transaction.from} did not get into block ${block.number}`);
      if (Number(receipt.transactionIndex) !== place) throw new Error(`block ${block.number} is out of order at ${transaction.what}`);
      return { ...transaction, queued: transaction, ok: receipt.status === '0x1', gasUsed: Number(receipt.gasUsed), hash };
    });
    const failed = transactions.find((t) => !t.ok);
    if (strict && failed) throw new Error(`${failed.what} of ${failed.from} reverted in block ${block.number}: ${explain(await this.failure(failed, block))}`);
    return { ...block, transactions };
  }

  /**
   * Mines what is queued as one block and asks the node nothing afterwards. That all went well is for the caller to look up, later.
   * @returns `{ number, transactions }`, the latter a count
   */
  async mineQuietly({ dt = 12 } = {}) {
    const parent = await this.head();
    const sent = await this.#submit();
    await this.rpc.call('evm_setNextBlockTimestamp', toHex(parent.timestamp + dt));
    await this.rpc.call('evm_mine');
    return { number: parent.number + 1, transactions: sent.length };
  }

  /** The error that a transaction of `block` meets when it is tried alone on the state before. */
  async failure({ from, to, data }, block) {
    const [{ error }] = await this.rpc.tryBatch([['eth_call', { from, to, data }, toHex(block.number - 1), {}, { time: toHex(block.timestamp) }]]);
    return error ?? new Error('it would have gone through at the beginning of the block');
  }

  /** Calls back whenever blocks were taken back, so that what was remembered of them can be forgotten. */
  onRevert(listener) {
    this.#reverted.push(listener);
  }

  async snapshot() {
    return this.rpc.call('evm_snapshot');
  }

  /** Back to a snapshot; it and all younger ones are gone then. */
  async revert(id) {
    if (await this.rpc.call('evm_revert', id) !== true) throw new Error(`there is no snapshot ${id}`);
    this.#queue = [];
    this.#nonces.clear();
    this.#funded.clear();
    this.#undo = this.#undo.filter((u) => BigInt(u.id) < BigInt(id));
    for (const listener of this.#reverted) listener();
  }

  /** Takes the newest `depth` blocks back. The node tells nobody: a follower sees it once other blocks take their place. */
  async rewind(depth) {
    const target = (await this.head()).number - depth;
    const undo = this.#undo.find((u) => u.number === target);
    if (!undo) throw new Error(`only the newest ${this.#undo.length} blocks can be taken back, not ${depth}`);
    await this.revert(undo.id);
  }

  async #remember(number) {
    if (this.keep === 0) return;
    this.#undo = this.#undo.filter((u) => u.number < number).slice(1 - this.keep);
    this.#undo.push({ number, id: await this.snapshot() });
  }

  async #submit() {
    const queue = this.#queue;
    this.#queue = [];
    const senders = [...new Set(queue.map((t) => t.from))];
    await this.#learnNonces(senders);
    await this.#fund(senders);
    const requests = queue.map(({ from, to, data, gas }, place) => {
      const nonce = this.#nonces.get(from);
      this.#nonces.set(from, nonce + 1);
      // The node orders a block by what transactions offer for gas, so the first offers most.
      return ['eth_sendTransaction', { from, to, data, gas: toHex(gas), nonce: toHex(nonce), gasPrice: toHex(queue.length - place) }];
    });
    const hashes = await this.rpc.batch(requests);
    return queue.map((transaction, i) => ({ transaction, hash: hashes[i] }));
  }

  async #learnNonces(addresses) {
    const unknown = addresses.filter((a) => !this.#nonces.has(a));
    const counts = await this.rpc.batch(unknown.map((a) => ['eth_getTransactionCount', a, 'latest']));
    unknown.forEach((a, i) => this.#nonces.set(a, Number(counts[i])));
  }

  async #fund(addresses) {
    const poor = addresses.filter((a) => !this.#funded.has(a));
    await this.rpc.batch(poor.map((a) => ['anvil_setBalance', a, oneEther]));
    poor.forEach((a) => this.#funded.add(a));
  }
}

const header = (block) => ({ number: Number(block.number), hash: block.hash, timestamp: Number(block.timestamp) });

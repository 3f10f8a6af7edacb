import { createConfig } from 'ponder';

const abi = [{
  type: 'event', name: 'Borrow', inputs: [
    { name: 'id', type: 'bytes32', indexed: true }, { name: 'caller', type: 'address', indexed: false }, { name: 'onBehalf', type: 'address', indexed: true },
    { name: 'receiver', type: 'address', indexed: true }, { name: 'assets', type: 'uint256', indexed: false }, { name: 'shares', type: 'uint256', indexed: false }],
}] as const;

export default createConfig({
  database: { kind: 'pglite', directory: process.env.BACKFILL_DATABASE! },
  chains: { mainnet: { id: 1, rpc: process.env.BACKFILL_URL! } },
  contracts: { Morpho: { abi, chain: 'mainnet', address: '0xBBBBBbbBBb9cC5e90e3b3Af64bdAF62C37EEFFCb', startBlock: 1, endBlock: Number(process.env.BACKFILL_BLOCKS) } },
});

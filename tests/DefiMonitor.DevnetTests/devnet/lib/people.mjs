import { getAddress, keccak256, toBytes } from 'viem';

/** Who stands behind a name: an address without a key, for which the node signs. The same in every run. */
export const person = (name) => ({ name, address: getAddress(`0x${keccak256(toBytes(`defimonitor devnet: ${name}`)).slice(26)}`) });

/** Owns the liquidity of both markets. */
export const lender = person('lender');
/** Holds plenty of everything, approved everywhere, to liquidate with. */
export const liquidator = person('liquidator');

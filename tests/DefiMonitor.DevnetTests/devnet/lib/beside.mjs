import { encodeAbiParameters, keccak256, maxUint256 } from 'viem';
import { compiledMorpho, compiledMorphoFeedOracle } from './artifacts.mjs';
import { deployer } from './chain.mjs';
import { lender } from './people.mjs';

const wad = 10n ** 18n;
const idTypes = ['address', 'address', 'address', 'address', 'uint256'].map((type) => ({ type }));
const name = 'beside-86';

/** Puts the real Morpho Blue beside the Aave markets of a devnet: one market of USDC against WETH whose oracle reads Aave's own price feeds. */
export async function addMorpho(devnet) {
  const { chain, tokens, feeds } = devnet;
  const artifacts = compiledMorpho();
  const morpho = await chain.deploy(artifacts.Morpho, [deployer]);
  const irm = await chain.deploy(artifacts.IrmMock);
  const { WETH, USDC } = tokens;
  const oracle = await chain.deploy(compiledMorphoFeedOracle().MorphoFeedOracle, [feeds.WETH.address, feeds.USDC.address, WETH.decimals, USDC.decimals]);
  const params = { loanToken: USDC.address, collateralToken: WETH.address, oracle: oracle.address, irm: irm.address, lltv: (86n * wad) / 100n };
  const id = keccak256(encodeAbiParameters(idTypes, Object.values(params)));
  chain.write(morpho, 'enableIrm', [irm.address]);
  chain.write(morpho, 'enableLltv', [params.lltv]);
  chain.write(morpho, 'createMarket', [params]);
  const lent = devnet.worth('USDC', 10_000_000);
  chain.write(USDC, 'mint', [lender.address, lent], lender.address);
  chain.write(USDC, 'approve', [morpho.address, maxUint256], lender.address);
  chain.write(morpho, 'supply', [params, lent, 0n, lender.address, '0x'], lender.address);
  await chain.mine({ strict: true });
  return new Beside(devnet, morpho, params, id);
}

class Beside {
  constructor(devnet, morpho, params, id) {
    this.devnet = devnet;
    this.morpho = morpho;
    this.params = params;
    this.market = { name, morpho: morpho.address, marketId: id, oracle: params.oracle };
  }

  /** Queues a position: WETH supplied, USDC borrowed, in the tokens' own units. */
  open({ address }, collateral, debt) {
    const { chain, tokens } = this.devnet;
    chain.write(tokens.WETH, 'mint', [address, collateral], address);
    chain.write(tokens.WETH, 'approve', [this.morpho.address, maxUint256], address);
    chain.write(this.morpho, 'supplyCollateral', [this.params, collateral, address, '0x'], address);
    chain.write(this.morpho, 'borrow', [this.params, debt, 0n, address, address], address);
  }
}

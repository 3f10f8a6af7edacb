import { encodeFunctionData, maxUint256, pad, parseAbi, toHex } from 'viem';
import { deployAave302 } from './aave302.mjs';
import { deployAave36 } from './aave36.mjs';
import { startAnvil } from './anvil.mjs';
import { compiled, coreV3, multicall3Code } from './artifacts.mjs';
import { assets, feedDecimals, units } from './assets.mjs';
import { Chain } from './chain.mjs';
import { Market } from './market.mjs';
import { lender, liquidator } from './people.mjs';
import { explain } from './reasons.mjs';

/** Unless another was asked for. */
export const chainId = 'eip155:31337';
export const multicall3 = '0xcA11bde05977b3631167028862bE2a173976CA11';

const tokenAbi = parseAbi([
  'function mint(address to, uint256 amount)',
  'function approve(address spender, uint256 amount) returns (bool)',
  'function balanceOf(address) view returns (uint256)',
]);
// latestAnswer of contracts/PriceFeed.sol; slot 0 is its description.
export const answerSlot = toHex(1, { size: 32 });

/**
 * A local chain with Multicall3, tokens, price feeds and two Aave markets over the same tokens and feeds: core302 (Aave V3.0.2) and core36
 * (Aave V3.6). Addresses and hashes are the same in every run that does the same.
 * @param id of the chain, where there is another beside it
 * @param lent USD worth of each token that the lender supplies to each market
 */
export async function startDevnet({ port, timestamp = 1_621_000_000, epochSlots, keep, lent = 20_000_000, id = 31337 } = {}) {
  const node = await startAnvil({ port, timestamp, epochSlots, chainId: id });
  try {
    const chain = new Chain(node.rpc, { keep });
    await node.rpc.call('anvil_setCode', multicall3, multicall3Code());
    const { tokens, feeds } = await deployTokens(chain);
    const symbols = Object.keys(assets);
    const markets = {};
    for (const [name, marketId, deploy, listed] of [
      ['core302', 'Devnet 3.0.2', deployAave302, symbols],
      ['core36', 'Devnet 3.6', deployAave36, symbols.filter((s) => s !== 'LINK')],
    ]) {
      const startBlock = (await chain.head()).number + 1;
      const contracts = await deploy(chain, marketId, listed, tokens, feeds);
      markets[name] = await new Market(chain, name, startBlock, contracts, listed, tokens).open();
    }

    const devnet = new Devnet(`eip155:${id}`, node, chain, tokens, feeds, markets);
    devnet.fill(lent);
    await chain.mine({ strict: true });
    return devnet;
  } catch (error) {
    await node.stop();
    throw error;
  }
}

async function deployTokens(chain) {
  const tokens = {};
  const feeds = {};
  for (const [symbol, { name, decimals, price }] of Object.entries(assets)) {
    const token = await chain.deploy(coreV3('mocks/tokens/MintableERC20'), [name, symbol, decimals]);
    tokens[symbol] = { address: token.address, abi: tokenAbi, decimals };
    feeds[symbol] = await chain.deploy(compiled().PriceFeed, [`${symbol} / USD`, units(price, feedDecimals)]);
  }
  await chain.mine({ strict: true });
  return { tokens, feeds };
}

export class Devnet {
  constructor(chainId, node, chain, tokens, feeds, markets) {
    this.chainId = chainId;
    this.node = node;
    this.chain = chain;
    this.tokens = tokens;
    this.feeds = feeds;
    this.markets = markets;
  }

  market(name) {
    const market = this.markets[name];
    if (!market) throw new Error(`there is no market ${name}; there are ${Object.keys(this.markets).join(' and ')}`);
    return market;
  }

  /** Queues the lender's supplies, and what the liquidator liquidates with. */
  fill(lent) {
    for (const market of Object.values(this.markets)) {
      for (const symbol of market.symbols) {
        market.supply(lender, symbol, this.worth(symbol, lent));
        market.give(liquidator, symbol, this.worth(symbol, 1_000_000_000));
      }
    }
  }

  /** The amount of a token that is worth so many USD at its first price. */
  worth(symbol, usd) {
    const { price, decimals } = assets[symbol];
    return units(usd / price, decimals);
  }

  /** Queues a price update; `answer` is an integer with 8 decimals. */
  price(symbol, answer) {
    this.chain.write(this.#feed(symbol), 'updateAnswer', [answer]);
  }

  /** The feeds' answers, by symbol. */
  async readPrices() {
    const symbols = Object.keys(this.feeds);
    const answers = await this.chain.readAll(symbols.map((s) => [this.feeds[s], 'latestAnswer']));
    return Object.fromEntries(symbols.map((s, i) => [s, answers[i]]));
  }

  /** State overrides under which the feeds answer `prices`, integers by symbol. */
  withPrices(prices) {
    return Object.fromEntries(Object.entries(prices).map(([symbol, answer]) =>
      [this.#feed(symbol).address, { stateDiff: { [answerSlot]: pad(toHex(answer), { size: 32 }) } }]));
  }

  /**
   * Would this liquidation go through at the newest block's state? Nothing is mined.
   * @param dt seconds after the newest block at which it runs; 0 = at that block's own time
   * @param prices answers to put in place of the feeds', by symbol
   * @returns `{ ok, error }`
   */
  async tryLiquidation(market, { collateral, debt, user, amount = maxUint256, receiveAToken = false, dt = 0, prices = {} }) {
    const { timestamp } = await this.chain.head();
    const data = encodeFunctionData({
      abi: market.pool.abi,
      functionName: 'liquidationCall',
      args: [market.tokens[collateral].address, market.tokens[debt].address, user.address, amount, receiveAToken],
    });
    const state = this.withPrices(prices);
    const call = { from: liquidator.address, to: market.pool.address, data };
    const [{ error }] = await this.chain.rpc.tryBatch([['eth_call', call, 'latest', state, { time: toHex(timestamp + dt) }]]);
    return error ? { ok: false, error: explain(error) } : { ok: true, error: null };
  }

  stop() {
    return this.node.stop();
  }

  #feed(symbol) {
    const feed = this.feeds[symbol];
    if (!feed) throw new Error(`there is no feed for ${symbol}; there are ${Object.keys(this.feeds).join(', ')}`);
    return feed;
  }
}

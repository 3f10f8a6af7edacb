using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>The calls of opening, entering and judging, in their rounds.</summary>
internal sealed class MarketOpening(DeriveMarket market, AccountCalls accounts)
{
    public static readonly AssetType[] Types = [AssetType.Option, AssetType.Perpetual, AssetType.Base];

    private readonly DeriveCalls calls = market.Calls;

    /// <summary>Managers and markets, their assets and feeds, and the tokens inside them.</summary>
    public IEnumerable<Call> Open(CallResults soFar)
    {
        yield return calls.LastMarketId;
        yield return calls.CashToken;
        foreach (var call in market.Deployment.Pmrm2.SelectMany(DeriveCalls.PortfolioManager).Append(DeriveAbi.StableFeed.Call(market.Deployment.StandardManager)))
        {
            yield return call;
        }

        foreach (var call in TokenOf(calls.CashToken, soFar))
        {
            yield return call;
        }

        var markets = Word(calls.LastMarketId, soFar) is { } last ? (ulong)UInt256.Min(last, DeriveCalls.MostMarkets) : 0;
        for (ulong id = 1; id <= markets; id++)
        {
            yield return calls.MarketFeeds(id);
            foreach (var type in Types)
            {
                yield return calls.AssetMap(id, type);
            }

            if (Word(calls.AssetMap(id, AssetType.Base), soFar) is { } word && Answers.AddressIn(word) is { } wrapper)
            {
                var inside = DeriveAbi.WrappedAsset.Call(wrapper);
                yield return inside;
                foreach (var call in TokenOf(inside, soFar))
                {
                    yield return call;
                }
            }
        }
    }

    public IEnumerable<Call> Entry(Address account, CallResults soFar)
    {
        if (!SubAccountKeys.IsSubAccount(account, out var id))
        {
            yield return calls.CountOf(account);
            yield break;
        }

        yield return calls.OwnerOf(id);
        yield return calls.Manager(id);
        yield return calls.Balances(id);
        if (Word(calls.Manager(id), soFar) is { } word && Answers.AddressIn(word) is { } manager && market.Deployment.KindOf(manager) == ManagerKind.Portfolio2)
        {
            yield return calls.AccountLib(manager, id);
            if (soFar.TryGet(calls.Balances(id), out var answer) && DeriveAbi.GetAccountBalances.TryDecode(answer, out var balances, out _))
            {
                foreach (var asset in balances.Select(static balance => balance.Asset).Distinct().Where(asset => asset != market.Deployment.Cash))
                {
                    yield return DeriveAbi.CollateralSpotFeeds.Call(manager, asset);
                }
            }
        }
    }

    /// <summary>
    /// At every judged block: first when interest was accrued last, because asking for an account's interest accrues it for all calls that follow in a multicall; of each account its
    /// margins, and whatever they are computed from, each once; last the auction's terms, with which the block is read.
    /// </summary>
    public IEnumerable<Call> Head()
    {
        if (!market.Tables.IsOpen)
        {
            yield break;
        }

        var asked = new HashSet<Call>();
        foreach (var (account, row) in market.Tables.Accounts)
        {
            if (row.Fields != EntryFields.All)
            {
                continue;
            }

            if (asked.Add(calls.LastAccrued))
            {
                yield return calls.LastAccrued;
            }

            foreach (var call in accounts.Verdict(account, row).Concat(accounts.Inputs(account, row)))
            {
                if (asked.Add(call))
                {
                    yield return call;
                }
            }
        }

        if (asked.Count > 0)
        {
            yield return calls.MtmCutoff;
            yield return calls.AuctionParams;
        }
    }

    /// <summary>The chain's own view: the same words, and the balances that ours are folded from.</summary>
    public IEnumerable<Call> Confirm(Address account)
    {
        if (!market.Tables.Accounts.TryGet(account, out var row))
        {
            return [];
        }

        var words = accounts.Verdict(account, row);
        return SubAccountKeys.IsSubAccount(account, out var id) ? words.Append(calls.Balances(id)) : words;
    }

    private static IEnumerable<Call> TokenOf(Call wrapped, CallResults soFar)
    {
        if (Word(wrapped, soFar) is { } word && Answers.AddressIn(word) is { } token)
        {
            yield return DeriveAbi.Symbol.Function.Call(token);
        }
    }

    private static UInt256? Word(Call call, CallResults soFar) =>
        soFar.TryGet(call, out var result) && result.Success && result.Data.Length == AbiReader.WordSize ? new AbiReader(result.Data).UInt256(0) : null;
}

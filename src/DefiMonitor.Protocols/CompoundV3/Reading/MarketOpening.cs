using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>The calls: what opens a market, brings an account in, is asked at every judged block, and confirms.</summary>
internal sealed class MarketOpening(CometMarket market)
{
    private readonly Address comet = market.Deployment.Comet;
    private readonly CometTables tables = market.Tables;

    /// <summary>The market's figures, then its assets, then how much there is of each and what they are called.</summary>
    public IEnumerable<Call> Next(CallResults soFar)
    {
        var baseToken = CometAbi.BaseToken.Function.Call(comet);
        var count = CometAbi.NumAssets.Function.Call(comet);
        yield return baseToken;
        yield return count;
        yield return CometAbi.BaseTokenPriceFeed.Function.Call(comet);
        yield return CometAbi.TotalsBasic.Function.Call(comet);
        foreach (var number in ReadWriter.Numbers)
        {
            yield return number.Result.Function.Call(comet);
        }

        if (soFar.TryGet(baseToken, out var token) && CometAbi.BaseToken.TryDecode(token, out var address, out _))
        {
            yield return CometAbi.Symbol.Function.Call(address);
        }

        if (!soFar.TryGet(count, out var counted) || !CometAbi.NumAssets.TryDecode(counted, out var assets, out _))
        {
            yield break;
        }

        for (byte i = 0; i < Math.Min(assets, ReadWriter.MostAssets); i++)
        {
            var info = CometAbi.GetAssetInfo.Function.Call(comet, i);
            yield return info;
            if (soFar.TryGet(info, out var told) && CometAbi.GetAssetInfo.TryDecode(told, out var asset, out _))
            {
                yield return CometAbi.TotalsCollateral.Function.Call(comet, asset.Asset);
                yield return CometAbi.Symbol.Function.Call(asset.Asset);
            }
        }
    }

    /// <summary>The principal with the bits of what is held, then those balances; for one that is in and differs from the chain also what we thought was held.</summary>
    public IEnumerable<Call> Entry(Address user, CallResults soFar)
    {
        var basic = CometAbi.UserBasic.Function.Call(comet, user);
        yield return basic;
        if (tables.Accounts.Contains(user))
        {
            yield return CometAbi.TotalsBasic.Function.Call(comet);
        }

        if (!soFar.TryGet(basic, out var result) || !CometAbi.UserBasic.TryDecode(result, out var answer, out _))
        {
            yield break;
        }

        var wanted = answer.Held | market.HeldOf(user);
        foreach (var (offset, asset) in tables.Assets)
        {
            if ((wanted & (1u << offset)) != 0)
            {
                yield return CometAbi.UserCollateral.Function.Call(comet, user, asset.Asset);
            }
        }
    }

    /// <summary>At every judged block: the totals, every feed, and principals.</summary>
    public IEnumerable<Call> Head(BlockHeader head)
    {
        var row = tables.Market;
        if (!row.IsOpen)
        {
            yield break;
        }

        yield return CometAbi.TotalsBasic.Function.Call(comet);
        yield return CometAbi.LatestRoundData.Function.Call(row.Parameters.BasePriceFeed);
        var asked = new HashSet<Address> { row.Parameters.BasePriceFeed };
        foreach (var (_, asset) in tables.Assets)
        {
            if (asked.Add(asset.PriceFeed))
            {
                yield return CometAbi.LatestRoundData.Function.Call(asset.PriceFeed);
            }
        }

        foreach (var user in Turns(row, head))
        {
            yield return CometAbi.UserBasic.Function.Call(comet, user);
            tables.Accounts.TryGet(user, out var account);
            if (account.IsWhole)
            {
                continue;
            }

            foreach (var (_, asset) in tables.Assets)
            {
                yield return CometAbi.UserCollateral.Function.Call(comet, user, asset.Asset);
            }
        }
    }

    /// <summary>What the contract knows of an account: its own words, and all that they follow from.</summary>
    public IEnumerable<Call> Confirm(Address user)
    {
        var row = tables.Market;
        if (!row.IsOpen)
        {
            yield break;
        }

        yield return CometAbi.UserBasic.Function.Call(comet, user);
        yield return CometAbi.TotalsBasic.Function.Call(comet);
        yield return CometAbi.BalanceOf.Function.Call(comet, user);
        yield return CometAbi.BorrowBalanceOf.Function.Call(comet, user);
        yield return CometAbi.IsLiquidatable.Function.Call(comet, user);
        yield return CometAbi.IsBorrowCollateralized.Function.Call(comet, user);
        yield return CometAbi.LatestRoundData.Function.Call(row.Parameters.BasePriceFeed);
        foreach (var (_, asset) in tables.Assets)
        {
            if (tables.CollateralOf(user, asset.Asset) != 0)
            {
                yield return CometAbi.UserCollateral.Function.Call(comet, user, asset.Asset);
                yield return CometAbi.LatestRoundData.Function.Call(asset.PriceFeed);
            }
        }
    }

    // Whoever a log tells of as PendingTurns lets, and as many of the others as a block has room for, those first that have waited longest: a movement that only borrows and repays has no log.
    private IEnumerable<Address> Turns(MarketRow row, BlockHeader head)
    {
        var everybody = tables.Accounts.Count <= CometMarket.PrincipalsABlock;
        var longest = new PriorityQueue<Address, (ulong Round, Address User)>(Comparer<(ulong Round, Address User)>.Create(static (a, b) =>
            a.Round != b.Round ? b.Round.CompareTo(a.Round) : b.User.CompareTo(a.User)));
        var told = new List<(ulong Since, Address User)>();
        foreach (var (user, account) in tables.Accounts)
        {
            var isPending = tables.Pending.TryGet(user, out var since);
            if (everybody || !account.IsWhole || isPending)
            {
                told.Add((isPending ? since : account.ReadBlock, user));
            }
            else if (account.ReadAt <= row.Totals.LastAccrualTime)
            {
                longest.Enqueue(user, (account.ReadRound, user));
                if (longest.Count > CometMarket.PrincipalsABlock)
                {
                    longest.Dequeue();
                }
            }
        }

        foreach (var user in PendingTurns.Of(told, head))
        {
            yield return user;
        }

        foreach (var (user, _) in longest.UnorderedItems.OrderBy(static turn => turn.Priority))
        {
            yield return user;
        }
    }
}

using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>Every call that is made: to open the pool, to let a user in, at each judged block, and to confirm.</summary>
internal sealed class PoolCalls(PanopticMarket market)
{
    // Every account's premia are counted as the liquidation counts them: what is available, not what is pending.
    private const bool Pending = false;

    /// <summary>Positions of one user that are asked for one by one in a block.</summary>
    private const int MostAsked = 32;

    private static readonly UInt256 NoBuffer = 10_000_000u;

    private readonly Address pool = market.Deployment.Pool;
    private readonly PanopticTables tables = market.Tables;

    public Call Ticks => PanopticAbi.OracleTicks.Function.Call(pool);

    public Call Twap => PanopticAbi.Twap.Function.Call(pool);

    public IEnumerable<Call> Open(CallResults soFar)
    {
        var engine = PanopticAbi.RiskEngine.Function.Call(pool);
        var (tracker0, tracker1) = (PanopticAbi.Collateral0.Function.Call(pool), PanopticAbi.Collateral1.Function.Call(pool));
        yield return engine;
        yield return tracker0;
        yield return tracker1;
        yield return PanopticAbi.PoolId.Function.Call(pool);
        if (Named(soFar, engine, PanopticAbi.RiskEngine) is { } riskEngine)
        {
            yield return PanopticAbi.CrossBuffer0.Function.Call(riskEngine);
            yield return PanopticAbi.CrossBuffer1.Function.Call(riskEngine);
        }

        foreach (var (call, shape) in new[] { (tracker0, PanopticAbi.Collateral0), (tracker1, PanopticAbi.Collateral1) })
        {
            if (Named(soFar, call, shape) is not { } tracker)
            {
                continue;
            }

            // The tracker has its token's decimals; the token's own symbol is asked for where it has one (native ether is the address 0).
            var asset = PanopticAbi.Asset.Function.Call(tracker);
            yield return asset;
            yield return PanopticAbi.Decimals.Function.Call(tracker);
            if (Named(soFar, asset, PanopticAbi.Asset) is { IsZero: false } token)
            {
                yield return PanopticAbi.Symbol.Function.Call(token);
            }
        }
    }

    /// <summary>The legs that the pool counts and which of the stated positions are his; what all of them make; and then what the risk engine says of that.</summary>
    public IEnumerable<Call> Entry(Address user, CallResults soFar)
    {
        yield return Legs(user);
        var list = market.ListOf(user);
        foreach (var stated in Stated(list))
        {
            var owned = Data(user, [stated]);
            yield return owned;
            if (soFar.TryGet(owned, out var answer) && PanopticAbi.FullPositionsData.TryDecode(answer, out var data, out _) && data.PositionBalances.Count == 1)
            {
                list.Add(new PanopticPosition(stated, data.PositionBalances[0]));
            }
        }

        yield return Ticks;
        list.Sort(static (a, b) => a.TokenId.CompareTo(b.TokenId));
        if (list.Count == 0 || !soFar.TryGet(Legs(user), out _))
        {
            yield break;
        }

        var all = Data(user, [.. list.Select(static position => position.TokenId)]);
        yield return all;
        if (soFar.TryGet(Ticks, out var told) && PanopticAbi.OracleTicks.TryDecode(told, out var ticks, out _)
            && soFar.TryGet(all, out var result) && PanopticAbi.FullPositionsData.TryDecode(result, out var whole, out _))
        {
            foreach (var call in OfEngine(user, list, ticks.CurrentTick, whole.ShortPremium, whole.LongPremium, ProbePlan.Grid(ticks.CurrentTick)))
            {
                yield return call;
            }
        }
    }

    /// <summary>
    /// At every judged block: the four ticks, and of each user with positions the pool's own decision, his premia and assets, and the risk engine's word at a few ticks with
    /// the premia that were read last. While the pool's legs or hash are not those of the positions that are known, these and the stated ones are asked for one by one.
    /// </summary>
    public IEnumerable<Call> Head(BlockHeader head)
    {
        if (!tables.Pool.IsOpen)
        {
            yield break;
        }

        yield return Ticks;
        yield return Twap;
        var users = new SortedSet<Address>();
        foreach (var (user, _) in tables.Users)
        {
            users.Add(user);
        }

        foreach (var user in users)
        {
            tables.Users.TryGet(user, out var row);
            yield return Legs(user);
            yield return Assets(user);
            var list = market.ListOf(user);
            foreach (var tokenId in market.IsProved(user, row) ? [] : InTurn([.. list.Select(static position => position.TokenId), .. Stated(list)], head))
            {
                yield return Data(user, [tokenId]);
            }

            if (list.Count == 0)
            {
                continue;
            }

            foreach (var call in Verdict(user, list))
            {
                yield return call;
            }

            yield return Data(user, [.. list.Select(static position => position.TokenId)]);
            if (row.PremiumBlock != 0 && tables.Ticks.Block != 0)
            {
                foreach (var call in OfEngine(user, list, tables.Ticks.Current, row.ShortPremium, row.LongPremium, ProbePlan.Next(tables.Ticks.Current, ProbesOf(user, row))))
                {
                    yield return call;
                }
            }
        }
    }

    /// <summary>The legs that the pool counts, and its own decision.</summary>
    public IEnumerable<Call> Confirm(Address user)
    {
        yield return Legs(user);
        yield return Assets(user);
        var list = market.ListOf(user);
        if (list.Count > 0)
        {
            yield return Data(user, [.. list.Select(static position => position.TokenId)]);
            foreach (var call in Verdict(user, list))
            {
                yield return call;
            }
        }
    }

    public Call Legs(in Address user) => PanopticAbi.NumberOfLegs.Function.Call(pool, user);

    public Call Assets(in Address user) => PanopticAbi.AssetsOf.Function.Call(pool, user);

    public Call Data(in Address user, UInt256[] list) => PanopticAbi.FullPositionsData.Function.Call(pool, user, Pending, list);

    /// <summary>See <see cref="Verdicts"/>: first settle, then close.</summary>
    public Call[] Verdict(in Address user, List<PanopticPosition> positions)
    {
        UInt256[] list = [.. positions.Select(static position => position.TokenId)];
        UInt256[] malformed = [list[0], list[0]];
        return
        [
            PanopticAbi.DispatchFrom.Call(pool, malformed, user, list, list, UInt256.One), PanopticAbi.DispatchFrom.Call(pool, malformed, user, list, Array.Empty<UInt256>(), UInt256.One),
        ];
    }

    /// <summary>The newest probes of a user.</summary>
    public List<SolvencyProbe> ProbesOf(Address user, UserRow row)
    {
        var probes = new List<SolvencyProbe>();
        foreach (var tick in market.ProbesOf.Of(user))
        {
            if (tables.Probes.TryGet(new ProbeKey(user, tick), out var probe) && probe.Block == row.ProbeBlock)
            {
                probes.Add(new SolvencyProbe(tick, probe.IsSolvent));
            }
        }

        return probes;
    }

    // Whose they are is asked: all watched users' together are stated.
    private IEnumerable<UInt256> Stated(List<PanopticPosition> but) =>
        market.Deployment.TokenIds.Where(id => !but.Exists(position => position.TokenId == id) && TokenIds.PoolIdOf(id) == tables.Pool.PoolId);

    // Where there are too many, from a place that another block has elsewhere, however far apart the judged ones are.
    private static IEnumerable<UInt256> InTurn(List<UInt256> tokenIds, BlockHeader head) => tokenIds.Count <= MostAsked
        ? tokenIds
        : Enumerable.Range((int)(ulong)(head.Hash.ToUInt256() % (ulong)tokenIds.Count), MostAsked).Select(place => tokenIds[place % tokenIds.Count]);

    private IEnumerable<Call> OfEngine(Address user, List<PanopticPosition> list, int tick, UInt256 shortPremium, UInt256 longPremium, IEnumerable<int> probes)
    {
        var row = tables.Pool;
        UInt256[] balances = [.. list.Select(static position => position.Balance)];
        UInt256[] ids = [.. list.Select(static position => position.TokenId)];
        yield return PanopticAbi.GetMargin.Function.Call(row.RiskEngine, balances, tick, user, ids, shortPremium, longPremium, row.Collateral0, row.Collateral1);
        foreach (var probe in probes)
        {
            yield return PanopticAbi.IsAccountSolvent.Function.Call(
                row.RiskEngine, balances, ids, probe, user, shortPremium, longPremium, row.Collateral0, row.Collateral1, NoBuffer);
        }
    }

    private static Address? Named(CallResults soFar, Call call, AbiResult<Address> shape) =>
        soFar.TryGet(call, out var answer) && shape.TryDecode(answer, out var named, out _) ? named : null;
}

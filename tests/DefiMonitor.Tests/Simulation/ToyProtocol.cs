using System.Runtime.InteropServices;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Tests.Simulation;

[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct ToyLegKey(Address User, Address Asset);

/// <param name="Block">At which the price was read; 0 = never.</param>
/// <param name="Reverts">1 when the feed reverted.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct ToyAssetRow(ulong Price, ulong Block, byte Reverts);

internal sealed record ToyAccountState(MarginAccountId Account, BlockHeader Block) : AccountState(Account, Block)
{
    public required IReadOnlyList<(Address Asset, ulong Amount, ulong Price)> Legs { get; init; }

    public required ulong Debt { get; init; }

    /// <summary>Bps.</summary>
    public required ulong Threshold { get; init; }
}

/// <summary>The toy market as an adapter reads it.</summary>
internal sealed class ToyProtocol(DeploymentId id) : IProtocol
{
    private readonly StateTable<byte, ulong> market = new("market");
    private readonly StateTable<Address, ToyAssetRow> assets = new("assets");
    private readonly StateTable<Address, ulong> debts = new("debts");
    private readonly Dictionary<MarginAccountId, int> slots = [];
    private readonly List<MarginAccountId> bySlot = [];
    private readonly StateTable<ToyLegKey, ulong> legs = new("legs");

    public DeploymentId Id => id;

    public IReadOnlyList<IStateTable> Tables => [market, assets, debts, legs];

    public IReadOnlyCollection<LogFilter> Filters
    {
        get
        {
            var filters = new List<LogFilter> { new([Toy.Market], [Toy.Listed, Toy.DebtMoved, Toy.Liquidated, Toy.Tuned]) };
            foreach (var (asset, _) in assets)
            {
                filters.Add(new LogFilter([asset], [Toy.Moved]));
            }

            return filters;
        }
    }

    public bool IsOpen => market.Contains(0);

    /// <summary>True where nothing but events tells the threshold, as with what a contract has no view of: 0 = none was seen, and then it is the usual one.</summary>
    public bool HearsThreshold { get; init; }

    private ulong Threshold => market.TryGet(1, out var threshold) ? threshold : HearsThreshold ? 8_000UL : 0;

    public void Parameters(ICollection<MarketParameter> into)
    {
        if (HearsThreshold)
        {
            market.TryGet(1, out var heard);
            into.Add(MarketParameter.Share(ParameterSubject.Market, "threshold", heard, 4, ParameterKind.Threshold) with { Origin = ParameterOrigin.Events });
        }
        else if (Threshold > 0)
        {
            into.Add(MarketParameter.Share(ParameterSubject.Market, "threshold", Threshold, 4, ParameterKind.Threshold));
        }
    }

    public bool Restore(in MarketParameter old)
    {
        market.Set(1, (ulong)old.Value);
        return true;
    }

    public IEnumerable<Call> Open(CallResults soFar)
    {
        var list = ToyCalls.Of(ToyCall.Assets);
        if (!soFar.TryGet(list, out var result))
        {
            yield return list;
            yield return ToyCalls.Of(ToyCall.Threshold);
            yield break;
        }

        foreach (var asset in Words(result))
        {
            yield return ToyCalls.Of(ToyCall.IsListed, asset);
        }
    }

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        if (log.Topics[0] == Toy.Listed)
        {
            // Before the market is open its assets are not known whole; opening reads them all.
            if (IsOpen)
            {
                assets.Set(Address.FromWord(log.Data.Span), default);
            }

            return;
        }

        if (log.Topics[0] == Toy.Tuned)
        {
            market.Set(1, ToyLogs.Threshold(log));
            return;
        }

        var (user, up, amount) = ToyLogs.Read(log);
        if (log.Topics[0] == Toy.Liquidated || !debts.TryGet(user, out var debt))
        {
            return;
        }

        touched.Add(AccountOf(user));
        if (log.Topics[0] == Toy.DebtMoved)
        {
            debts.Set(user, up ? debt + amount : debt - amount);
            return;
        }

        var key = new ToyLegKey(user, log.Address);
        legs.TryGet(key, out var leg);
        Put(key, up ? leg + amount : leg - amount);
    }

    public MarginAccountId? Discover(Log log)
    {
        if (log.Topics[0] != Toy.DebtMoved)
        {
            return null;
        }

        var (user, up, _) = ToyLogs.Read(log);
        return up ? AccountOf(user) : null;
    }

    public Liquidation? LiquidationOf(Log log)
    {
        if (log.Topics[0] != Toy.Liquidated)
        {
            return null;
        }

        var (user, _, amount) = ToyLogs.Read(log);
        return new Liquidation(AccountOf(user), Toy.Market, amount, Toy.Asset(0), 1UL);
    }

    public MarginAccountId AccountOf(Address owner) => new(id, owner.ToHex());

    public bool HasEntered(MarginAccountId account) => debts.Contains(User(account));

    public IEnumerable<Call> Snapshot(MarginAccountId account, CallResults soFar)
    {
        var user = User(account);
        var debt = ToyCalls.Of(ToyCall.Debt, user);
        if (!soFar.Contains(debt))
        {
            yield return debt;
            yield break;
        }

        foreach (var asset in Sorted())
        {
            yield return ToyCalls.Of(ToyCall.Leg, user, asset);
        }
    }

    public IEnumerable<Call> Reads(BlockHeader head)
    {
        foreach (var asset in Sorted())
        {
            yield return ToyCalls.Of(ToyCall.Price, asset);
        }
    }

    public void ApplyRead(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        switch (ToyCalls.Kind(call))
        {
            case ToyCall.Assets:
                market.Set(0, 1);
                foreach (var asset in Words(result))
                {
                    assets.Set(asset, default);
                }

                break;
            case ToyCall.Threshold when !HearsThreshold:
                market.Set(1, ToyCalls.Number(result));
                break;
            case ToyCall.Price:
                assets.Set(ToyCalls.Argument(call, 0), result.Success ? new ToyAssetRow(ToyCalls.Number(result), block.Number, 0) : new ToyAssetRow(0, block.Number, 1));
                break;
            case ToyCall.Debt:
                debts.Set(ToyCalls.Argument(call, 0), ToyCalls.Number(result));
                touched.Add(AccountOf(ToyCalls.Argument(call, 0)));
                break;
            case ToyCall.Leg:
                Put(new ToyLegKey(ToyCalls.Argument(call, 0), ToyCalls.Argument(call, 1)), ToyCalls.Number(result));
                break;
        }
    }

    public AccountState Capture(MarginAccountId account, BlockHeader block)
    {
        var user = User(account);
        debts.TryGet(user, out var debt);
        string? unknown = null;
        var list = new List<(Address, ulong, ulong)>();
        foreach (var asset in Sorted())
        {
            if (legs.TryGet(new ToyLegKey(user, asset), out var amount))
            {
                assets.TryGet(asset, out var row);
                unknown ??= row.Reverts == 1 ? $"the price of {asset.ToHex()} reverts" : row.Block == 0 ? $"the price of {asset.ToHex()} was never read" : null;
                list.Add((asset, amount, row.Price));
            }
        }

        return new ToyAccountState(account, block) { Legs = list, Debt = debt, Threshold = Threshold, Unknown = unknown };
    }

    public MarginReport Evaluate(AccountState state, Instant at, Shock shock)
    {
        var toy = (ToyAccountState)state;
        if (toy.Unknown is { } why)
        {
            return new MarginReport { Account = toy.Account, Block = toy.Block, At = at, Status = MarginStatus.Unknown, UnknownReason = why };
        }

        toy = toy with { Legs = [.. toy.Legs.Select(l => l with { Price = (ulong)shock.Apply(l.Asset, l.Price) })] };
        var health = Toy.Health(toy.Legs.Select(static l => (l.Amount, l.Price)), toy.Debt, at.Seconds, toy.Threshold);
        var below = health is { } h && h < (UInt256)Toy.Wad;
        var debt = toy.Debt == 0 ? UInt256.Zero : Toy.DebtAt(toy.Debt, at.Seconds);
        var positions = toy.Legs.Select(l => new Position
        {
            Side = PositionSide.Collateral, Asset = l.Asset, Symbol = "A" + l.Asset.ToHex()[^2..], Decimals = 0, Amount = l.Amount, Shares = l.Amount, Price = l.Price,
            Value = (UInt256)l.Amount * l.Price, ThresholdBps = (uint)toy.Threshold,
        }).ToList();
        if (toy.Debt > 0)
        {
            positions.Add(new Position
            {
                Side = PositionSide.Debt, Asset = Toy.Market, Symbol = "USD", Decimals = 0, Amount = debt, Shares = toy.Debt, Price = 1UL, Value = debt,
            });
        }

        return new MarginReport
        {
            Account = toy.Account,
            Block = toy.Block,
            At = at,
            Status = below ? MarginStatus.Liquidatable : MarginStatus.Healthy,
            UnitDecimals = 0,
            HealthFactor = health,
            DebtValue = debt,
            Positions = positions,
            NativeWords = health is { } word ? [new NativeWord("health", word)] : [],
        };
    }

    public int SlotOf(MarginAccountId account)
    {
        if (!slots.TryGetValue(account, out var slot))
        {
            slot = slots.Count;
            slots.Add(account, slot);
            bySlot.Add(account);
        }

        return slot;
    }

    public void JudgeMany(ReadOnlySpan<int> accounts, BlockHeader block, Instant at, Span<Verdict> verdicts)
    {
        for (var i = 0; i < accounts.Length; i++)
        {
            var report = Evaluate(Capture(bySlot[accounts[i]], block), at, Shock.None);
            verdicts[i] = new Verdict(report.Status, report.Status == MarginStatus.Unknown ? UInt256.Zero : report.HealthFactor ?? UInt256.MaxValue);
        }
    }

    /// <summary>True where the chain's own view of an account is made of its figures, as with contracts that have no view of health.</summary>
    public bool ConfirmsByFigures { get; init; }

    public IEnumerable<Call> Confirm(MarginAccountId account) =>
        [ToyCalls.Of(ToyCall.Health, User(account)), .. ConfirmsByFigures ? [ToyCalls.Of(ToyCall.Debt, User(account)), .. Sorted().Select(static asset => ToyCalls.Of(ToyCall.Price, asset))] : Array.Empty<Call>()];

    public Agreement Compare(AccountState state, CallResults results)
    {
        if (state.Unknown is not null || !results.TryGet(ToyCalls.Of(ToyCall.Health, User(state.Account)), out var result) || !result.Success)
        {
            return new Agreement(AgreementKind.Unreadable, "one side could not be read", [], null);
        }

        var chain = Hash32.FromBytes(result.Data.Span).ToUInt256();
        var ours = Evaluate(state, new Instant(state.Block.Timestamp), Shock.None).HealthFactor ?? UInt256.MaxValue;
        return new Agreement(
            ours == chain ? AgreementKind.Equal : AgreementKind.Different,
            ours == chain ? "" : $"health {ours} here, {chain} there",
            [new NativeWord("health", chain)],
            chain < (UInt256)Toy.Wad);
    }

    /// <summary>Null when it has not entered.</summary>
    public ulong? Debt(Address user) => debts.TryGet(user, out var debt) ? debt : null;

    public IEnumerable<string> LegsOf(Address user)
    {
        foreach (var asset in Sorted())
        {
            if (legs.TryGet(new ToyLegKey(user, asset), out var amount))
            {
                yield return $"{asset}={amount}";
            }
        }
    }

    public List<(Address Asset, ulong Price, ulong Block, bool Reverts)> PriceRows()
    {
        var list = new List<(Address, ulong, ulong, bool)>();
        foreach (var asset in Sorted())
        {
            assets.TryGet(asset, out var row);
            list.Add((asset, row.Price, row.Block, row.Reverts == 1));
        }

        return list;
    }

    public static Address User(MarginAccountId account) => Address.Parse(account.Key);

    // An adapter's answers must not hang on the order of a hash table that undoing has shuffled.
    private List<Address> Sorted()
    {
        var list = new List<Address>(assets.Count);
        foreach (var (asset, _) in assets)
        {
            list.Add(asset);
        }

        list.Sort();
        return list;
    }

    private void Put(ToyLegKey key, ulong amount)
    {
        if (amount == 0)
        {
            legs.Remove(key);
        }
        else
        {
            legs.Set(key, amount);
        }
    }

    private static List<Address> Words(CallResult result)
    {
        var list = new List<Address>();
        for (var i = 0; i < result.Data.Length; i += 32)
        {
            list.Add(Address.FromWord(result.Data.Span.Slice(i, 32)));
        }

        return list;
    }
}

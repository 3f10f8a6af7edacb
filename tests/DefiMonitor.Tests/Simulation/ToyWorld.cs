using System.Collections.Immutable;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Simulation;

/// <summary>
/// The smallest lending market that has everything the loops must cope with: balances that move by events of contracts which become known only by other
/// events, a price that must be read, interest that runs between events, a view of its own. Its truth is a pure function of the chain.
/// </summary>
internal static class Toy
{
    public const ulong Wad = 1_000_000_000_000_000_000;

    /// <summary>Debt grows by so many parts of 10^12 a second.</summary>
    public const ulong Rate = 2_000;

    public const ulong Born = 1_700_000_000;

    public static readonly Address Market = Address.Parse("0x00000000000000000000000000000000000000a0");
    public static readonly Hash32 Listed = Keccak256.HashUtf8("Listed(address)");
    public static readonly Hash32 Moved = Keccak256.HashUtf8("Moved(address,bool,uint256)");
    public static readonly Hash32 DebtMoved = Keccak256.HashUtf8("DebtMoved(address,bool,uint256)");

    /// <summary>The market's threshold is another one from this block on.</summary>
    public static readonly Hash32 Tuned = Keccak256.HashUtf8("Tuned(uint256)");

    public static readonly Hash32 Liquidated = Keccak256.HashUtf8("Liquidated(address,bool,uint256)");

    public static Address Asset(int n) => Address.FromBytes(Bytes(20, 0xb0, n));

    public static Address User(int n) => Address.FromBytes(Bytes(20, 0xc0, n));

    public static UInt256 DebtAt(ulong debt, ulong second) => (UInt256)debt + ((UInt256)debt * (second - Born) * Rate / 1_000_000_000_000);

    /// <summary>Wad, floored; null without debt.</summary>
    /// <param name="threshold">Bps.</param>
    public static UInt256? Health(IEnumerable<(ulong Amount, ulong Price)> legs, ulong debt, ulong second, ulong threshold)
    {
        if (debt == 0)
        {
            return null;
        }

        var weighted = UInt256.Zero;
        foreach (var (amount, price) in legs)
        {
            weighted += (UInt256)amount * price * threshold / 10_000UL;
        }

        return UInt256.MulDiv(weighted, Wad, DebtAt(debt, second), Rounding.Down);
    }

    private static byte[] Bytes(int size, byte kind, int n)
    {
        var bytes = new byte[size];
        bytes[^3] = kind;
        bytes[^2] = (byte)(n >> 8);
        bytes[^1] = (byte)n;
        return bytes;
    }
}

/// <summary>The market in one block.</summary>
internal sealed record ToyState
{
    public required ImmutableSortedDictionary<Address, ulong> Prices { get; init; }

    public ImmutableSortedDictionary<(Address User, Address Asset), ulong> Legs { get; init; } = ImmutableSortedDictionary<(Address, Address), ulong>.Empty;

    public ImmutableSortedDictionary<Address, ulong> Debts { get; init; } = ImmutableSortedDictionary<Address, ulong>.Empty;

    /// <summary>Assets that the market has listed.</summary>
    public required ImmutableSortedSet<Address> Listed { get; init; }

    /// <summary>Assets whose price feed reverts.</summary>
    public ImmutableSortedSet<Address> Broken { get; init; } = [];

    /// <summary>Bps.</summary>
    public ulong Threshold { get; init; } = 8_000;

    public ulong Leg(Address user, Address asset) => Legs.GetValueOrDefault((user, asset));

    public ulong Debt(Address user) => Debts.GetValueOrDefault(user);

    /// <summary>Wad; null without debt.</summary>
    public UInt256? Health(Address user, ulong second) => Toy.Health(Listed.Select(a => (Leg(user, a), Prices[a])), Debt(user), second, Threshold);

    public bool IsBroken(Address user) => Broken.Any(a => Leg(user, a) > 0);

    public ToyState After(Log log)
    {
        if (log.Topics[0] == Toy.Listed)
        {
            return this with { Listed = Listed.Add(Address.FromWord(log.Data.Span)) };
        }

        if (log.Topics[0] == Toy.Tuned)
        {
            return this with { Threshold = ToyLogs.Threshold(log) };
        }

        var (user, up, amount) = ToyLogs.Read(log);
        if (log.Topics[0] == Toy.Liquidated)
        {
            return this;
        }

        if (log.Topics[0] == Toy.DebtMoved)
        {
            return this with { Debts = Debts.SetItem(user, up ? Debt(user) + amount : Debt(user) - amount) };
        }

        var key = (user, log.Address);
        var left = up ? Leg(user, log.Address) + amount : Leg(user, log.Address) - amount;
        return this with { Legs = Legs.SetItem(key, left) };
    }

    /// <summary>What the contracts answer.</summary>
    public CallResult Answer(Call call, BlockHeader block)
    {
        var data = call.Data.Span;
        if (call.To != Toy.Market || data.Length == 0)
        {
            return new CallResult(false, default);
        }

        switch ((ToyCall)data[0])
        {
            case ToyCall.Assets:
                return new CallResult(true, Listed.SelectMany(static a => a.ToWord().ToArray()).ToArray());
            case ToyCall.IsListed:
                return Word(Listed.Contains(ToyCalls.Argument(call, 0)) ? 1UL : 0UL);
            case ToyCall.Price:
                var asset = ToyCalls.Argument(call, 0);
                return Broken.Contains(asset) || !Listed.Contains(asset) ? new CallResult(false, default) : Word(Prices[asset]);
            case ToyCall.Threshold:
                return Word(Threshold);
            case ToyCall.Debt:
                return Word(Debt(ToyCalls.Argument(call, 0)));
            case ToyCall.Leg:
                return Word(Leg(ToyCalls.Argument(call, 0), ToyCalls.Argument(call, 1)));
            case ToyCall.Health:
                var user = ToyCalls.Argument(call, 0);
                return IsBroken(user) ? new CallResult(false, default) : Word(Health(user, block.Timestamp) ?? UInt256.MaxValue);
            default:
                return new CallResult(false, default);
        }
    }

    private static CallResult Word(UInt256 value) => new(true, Hash32.FromUInt256(value).ToArray());
}

internal enum ToyCall : byte
{
    Assets = 1,
    IsListed,
    Price,
    Debt,
    Leg,
    Health,
    Threshold,
}

internal static class ToyCalls
{
    public static Call Of(ToyCall kind, params ReadOnlySpan<Address> arguments)
    {
        var data = new byte[1 + (Address.Size * arguments.Length)];
        data[0] = (byte)kind;
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i].CopyTo(data.AsSpan(1 + (Address.Size * i)));
        }

        return new Call(Toy.Market, data);
    }

    public static ToyCall Kind(Call call) => (ToyCall)call.Data.Span[0];

    public static Address Argument(Call call, int index) => Address.FromBytes(call.Data.Span.Slice(1 + (Address.Size * index), Address.Size));

    public static ulong Number(CallResult result) => (ulong)Hash32.FromBytes(result.Data.Span).ToUInt256();
}

internal static class ToyLogs
{
    public static Log Listed(Address asset, uint index) => new(Toy.Market, [Toy.Listed], asset.ToWord().ToArray(), Hash32.FromUInt256((UInt256)(index + 1UL)), index);

    public static Log Moved(Address asset, Address user, bool up, ulong amount, uint index) => Move(asset, Toy.Moved, user, up, amount, index);

    public static Log Debt(Address user, bool up, ulong amount, uint index) => Move(Toy.Market, Toy.DebtMoved, user, up, amount, index);

    /// <summary>Says why the balances moved; the moves have logs of their own.</summary>
    public static Log Liquidated(Address user, ulong amount, uint index) => Move(Toy.Market, Toy.Liquidated, user, false, amount, index);

    public static Log Tuned(ulong threshold, uint index) =>
        new(Toy.Market, [Toy.Tuned], Hash32.FromUInt256((UInt256)threshold).ToArray(), Hash32.FromUInt256((UInt256)(index + 1UL)), index);

    public static ulong Threshold(Log log) => (ulong)Hash32.FromBytes(log.Data.Span).ToUInt256();

    public static (Address User, bool Up, ulong Amount) Read(Log log)
    {
        var data = log.Data.Span;
        return (Address.FromWord(data[..32]), data[63] == 1, (ulong)Hash32.FromBytes(data[64..]).ToUInt256());
    }

    private static Log Move(Address contract, Hash32 topic, Address user, bool up, ulong amount, uint index)
    {
        var data = new byte[96];
        user.ToWord().CopyTo(data);
        data[63] = up ? (byte)1 : (byte)0;
        Hash32.FromUInt256((UInt256)amount).CopyTo(data.AsSpan(64));
        return new Log(contract, [topic], data, Hash32.FromUInt256((UInt256)(index + 1UL)), index);
    }
}

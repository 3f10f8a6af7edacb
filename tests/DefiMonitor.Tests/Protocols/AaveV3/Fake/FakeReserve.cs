using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV3;

namespace DefiMonitor.Tests.Protocols.AaveV3.Fake;

/// <summary>A reserve of <see cref="FakeAave"/> with its two tokens.</summary>
internal sealed class FakeReserve(ushort id, string symbol, int decimals)
{
    public ushort Id => id;

    public string Symbol => symbol;

    public Address Asset { get; } = FakeAddress.Of(0xa0, id);

    public FakeToken AToken { get; } = new(FakeAddress.Of(0xa1, id), TokenSide.Supply);

    public FakeToken DebtToken { get; } = new(FakeAddress.Of(0xa2, id), TokenSide.Debt);

    /// <summary>Whole tokens; 0 = none.</summary>
    public uint SupplyCap { get; set; }

    /// <summary>What lies in the aToken to be paid out.</summary>
    public UInt256 Liquidity { get; set; } = 12_345u;

    public uint Ltv { get; set; } = 7_000;

    public uint Threshold { get; set; } = 7_500;

    public bool IsPaused { get; set; }

    public bool HasVirtualAccounting { get; set; } = true;

    /// <summary>Up to 3.1.</summary>
    public byte EModeCategory { get; set; }

    public ulong GraceUntil { get; set; }

    public UInt256 Price { get; set; }

    public bool FeedIsBroken { get; set; }

    /// <summary>Taken out of the list, so that its place is empty.</summary>
    public bool IsDropped { get; set; }

    public ReserveIndexes Indexes { get; set; }

    public ReserveConfiguration Configuration
    {
        get
        {
            var word = (UInt256)Ltv | ((UInt256)Threshold << 16) | ((UInt256)10_500u << 32) | ((UInt256)(uint)decimals << 48)
                | (UInt256.One << 56) | (UInt256.One << 58) | ((UInt256)1_000u << 152) | ((UInt256)(uint)EModeCategory << 168);
            word |= (UInt256)SupplyCap << 116;
            word |= IsPaused ? UInt256.One << 60 : UInt256.Zero;
            word |= HasVirtualAccounting ? UInt256.One << 252 : UInt256.Zero;
            return new ReserveConfiguration(word);
        }
    }

    /// <summary>ReserveLogic.updateState.</summary>
    public void Accrue(AaveVersion version, ulong now)
    {
        if (Indexes.LastUpdate == now)
        {
            return;
        }

        var supply = Indexes.LiquidityRate == 0 ? Indexes.LiquidityIndex : (UInt128)Indexes.NormalizedIncome(now);
        var debt = DebtToken.Total.IsZero ? Indexes.BorrowIndex : (UInt128)Indexes.NormalizedDebt(version, now);
        Indexes = Indexes with { LiquidityIndex = supply, BorrowIndex = debt, LastUpdate = now };
    }
}

/// <summary>ScaledBalanceTokenBase: scaled balances, and the index of each holder's last action.</summary>
internal sealed class FakeToken(Address address, TokenSide side)
{
    private readonly Dictionary<Address, (UInt256 Scaled, UInt256 Index)> holders = [];

    public Address Address => address;

    public TokenSide Side => side;

    public UInt256 Total { get; private set; }

    public UInt256 Scaled(Address user) => holders.TryGetValue(user, out var held) ? held.Scaled : UInt256.Zero;

    public UInt256 Balance(AaveVersion version, UInt256 scaled, UInt256 index) =>
        side == TokenSide.Supply ? Balances.OfSupply(version, scaled, index) : Balances.OfDebt(version, scaled, index);

    public UInt256 Increase(AaveVersion version, Address user, UInt256 index) =>
        holders.TryGetValue(user, out var held) ? Balance(version, held.Scaled, index) - Balance(version, held.Scaled, held.Index) : UInt256.Zero;

    public UInt256 BalanceAtLastAction(AaveVersion version, Address user) =>
        holders.TryGetValue(user, out var held) ? Balance(version, held.Scaled, held.Index) : UInt256.Zero;

    public void Set(Address user, UInt256 scaled, UInt256 index)
    {
        Total = Total - Scaled(user) + scaled;
        holders[user] = (scaled, index);
    }
}

internal static class FakeAddress
{
    public static Address Of(byte kind, int number)
    {
        var bytes = new byte[20];
        bytes[0] = kind;
        bytes[17] = (byte)(number >> 16);
        bytes[18] = (byte)(number >> 8);
        bytes[19] = (byte)number;
        return Address.FromBytes(bytes);
    }
}

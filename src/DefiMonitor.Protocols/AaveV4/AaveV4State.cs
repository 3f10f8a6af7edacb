using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>The inputs of one account of one Spoke at one block.</summary>
public sealed record AaveV4State(MarginAccountId Account, BlockHeader Block) : AccountState(Account, Block)
{
    /// <summary>Where the prices come from.</summary>
    public Address Oracle { get; init; }

    public LiquidationConfig Liquidation { get; init; }

    /// <summary>Every reserve that the account has something in, by number.</summary>
    public IReadOnlyList<AaveV4ReserveState> Reserves { get; init; } = [];
}

/// <summary>One reserve of an account.</summary>
public sealed record AaveV4ReserveState
{
    public required ushort Id { get; init; }

    /// <summary>The underlying.</summary>
    public required Address Asset { get; init; }

    public required string Symbol { get; init; }

    public required byte Decimals { get; init; }

    /// <summary>Bps.</summary>
    public required uint CollateralRisk { get; init; }

    public required ReserveFlags Flags { get; init; }

    /// <summary>The hub lets the Spoke act, and move liquidity.</summary>
    public required bool IsActive { get; init; }

    public required bool IsHalted { get; init; }

    public required Address PriceSource { get; init; }

    /// <summary>US dollars, 8 decimals.</summary>
    public required UInt256 Price { get; init; }

    public required HubAsset HubAsset { get; init; }

    /// <summary>False where price or hub asset are not those of the block: what they make of the position is not known.</summary>
    public bool IsRead { get; init; } = true;

    public required PositionRow Position { get; init; }

    /// <summary>Of the key that the user is bound to.</summary>
    public required DynamicConfig Terms { get; init; }

    /// <summary>Of the newest key, to which borrowing and withdrawing bind the user.</summary>
    public DynamicConfig NewestTerms { get; init; }

    /// <summary>What the hub takes from the Spoke, whole tokens; 2^40 - 1 = any amount.</summary>
    public ulong AddCap { get; init; }
}

using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>The inputs of one user in one pool at one block.</summary>
public sealed record PanopticV2State(MarginAccountId Account, BlockHeader Block) : AccountState(Account, Block)
{
    public PanopticToken Token0 { get; init; }

    public PanopticToken Token1 { get; init; }

    public PanopticTicks Ticks { get; init; }

    /// <summary>By their numbers; proved against the pool's hash.</summary>
    public IReadOnlyList<PanopticPosition> Positions { get; init; } = [];

    public ulong Legs { get; init; }

    /// <summary>What the user's shares in the collateral trackers are worth, interest not taken off.</summary>
    public UInt256 Assets0 { get; init; }

    public UInt256 Assets1 { get; init; }

    /// <summary>Available premium owed to him: token0 in the low 128 bits, token1 above.</summary>
    public UInt256 ShortPremium { get; init; }

    public UInt256 LongPremium { get; init; }

    /// <summary>The pool's own.</summary>
    public PoolVerdict Verdict { get; init; }

    public PanopticMargin Margin { get; init; }

    public UInt256 CrossBuffer0 { get; init; }

    public UInt256 CrossBuffer1 { get; init; }

    /// <summary>At which ticks the risk engine called him solvent, from the lowest up.</summary>
    public IReadOnlyList<SolvencyProbe> Probes { get; init; } = [];
}

public readonly record struct PanopticToken(Address Address, string Symbol, int Decimals);

/// <summary>The four at which an account must be insolvent to be liquidated.</summary>
public readonly record struct PanopticTicks(int Current, int Spot, int Latest, int Twap);

/// <param name="Balance">types/PositionBalance.sol: the size in the low 128 bits.</param>
public readonly record struct PanopticPosition(UInt256 TokenId, UInt256 Balance)
{
    public UInt256 Size => Balance & ((UInt256.One << 128) - UInt256.One);
}

public readonly record struct SolvencyProbe(int Tick, bool IsSolvent);

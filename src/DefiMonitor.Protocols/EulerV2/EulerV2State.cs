using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>The inputs of one account of one liability vault at one block.</summary>
public sealed record EulerV2State(MarginAccountId Account, BlockHeader Block) : AccountState(Account, Block)
{
    /// <summary>The asset that is owed.</summary>
    public Address Asset { get; init; }

    public TokenFace Face { get; init; }

    /// <summary>In what everything is counted.</summary>
    public Address Unit { get; init; }

    public TokenFace UnitFace { get; init; }

    /// <summary>Of the liability vault.</summary>
    public VaultTotals Totals { get; init; }

    /// <summary>The figures are those that the vault has stored: any instant follows from them. Else those of the block, with its interest.</summary>
    public bool IsStored { get; init; }

    /// <summary>From the asset to the unit of account.</summary>
    public IReadOnlyList<StageState> Route { get; init; } = [];

    /// <summary>In units of 2^-31 of the asset's smallest, at <see cref="Accumulator"/>.</summary>
    public UInt256 Owed { get; init; }

    /// <summary>Ray.</summary>
    public UInt256 Accumulator { get; init; }

    /// <summary>The vault is the account's controller.</summary>
    public bool IsController { get; init; }

    /// <summary>Seconds.</summary>
    public ulong LastCheck { get; init; }

    /// <summary>Seconds after it without liquidation.</summary>
    public ushort CoolOffTime { get; init; }

    /// <summary>Bps.</summary>
    public ushort MaxLiquidationDiscount { get; init; }

    public Hooks Hooks { get; init; }

    /// <summary>The collaterals that are enabled and held, by vault.</summary>
    public IReadOnlyList<CollateralState> Collaterals { get; init; } = [];
}

/// <summary>One collateral vault of an account.</summary>
/// <param name="Asset">What its shares stand for.</param>
/// <param name="Shares">The account's.</param>
/// <param name="Route">From the shares to the unit of account.</param>
/// <param name="ConvertsFirst">The first step of the route makes the asset out of the shares.</param>
/// <param name="Unread">Why its price is not known; it matters while its LTV is not 0.</param>
public sealed record CollateralState(
    Address Vault, Address Asset, TokenFace Face, LtvConfig Ltv, Hooks Hooks, UInt128 Shares, IReadOnlyList<StageState> Route, bool ConvertsFirst, string? Unread);

using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Core.Portfolio;

/// <summary>One parameter of a market as it stands, in the contract's own words.</summary>
/// <param name="Subject">What it is a parameter of.</param>
/// <param name="Name">As the contract calls it; together with the subject it is named once.</param>
/// <param name="Value">The contract's integer; an address as its number, a flag as 0 or 1.</param>
/// <param name="Decimals">Of a number or a share: 4 = basis points, 18 = wad.</param>
public readonly record struct MarketParameter(ParameterSubject Subject, string Name, UInt256 Value, ParameterUnit Unit, byte Decimals, ParameterKind Kind)
{
    public ParameterOrigin Origin { get; init; }

    /// <summary>The value that stands for "no limit", as the contract has it; null = every value is one.</summary>
    public UInt256? Unlimited { get; init; }

    public static MarketParameter Share(ParameterSubject subject, string name, UInt256 value, byte decimals, ParameterKind kind) =>
        new(subject, name, value, ParameterUnit.Share, decimals, kind);

    public static MarketParameter Number(ParameterSubject subject, string name, UInt256 value, byte decimals, ParameterKind kind) =>
        new(subject, name, value, ParameterUnit.Number, decimals, kind);

    public static MarketParameter Flag(ParameterSubject subject, string name, bool value, ParameterKind kind) =>
        new(subject, name, value ? UInt256.One : UInt256.Zero, ParameterUnit.Flag, 0, kind);

    public static MarketParameter Contract(ParameterSubject subject, string name, Address value, ParameterKind kind) =>
        new(subject, name, value.ToWord().ToUInt256(), ParameterUnit.Address, 0, kind);

    /// <summary>True where both name the same parameter, whatever its value.</summary>
    public bool IsSameAs(in MarketParameter other) => Name == other.Name && Subject.IsSameAs(other.Subject);
}

/// <summary>What a parameter belongs to.</summary>
/// <param name="What">A word for people: market, asset, e-mode, collateral, board ...</param>
/// <param name="Asset">The token, or the vault, where it is of one; else zero.</param>
/// <param name="Number">Where the contract counts them, as with e-mode categories; else 0.</param>
public readonly record struct ParameterSubject(string What, Address Asset, uint Number, Text32 Symbol)
{
    public static ParameterSubject Market { get; } = new("market", default, 0, default);

    /// <summary>The number is part of its name, 0 included: several may be of one asset.</summary>
    public bool IsNumbered { get; init; }

    /// <summary>The asset as positions name it, where that is not <see cref="Asset"/>: what a vault's shares stand for.</summary>
    public Address Held { get; init; }

    /// <summary>True where an account with these positions has something of it; what is of no asset is of everybody who owes.</summary>
    public bool IsIn(IReadOnlyList<Position> positions)
    {
        var token = Held.IsZero ? Asset : Held;
        foreach (var leg in positions)
        {
            if (token.IsZero ? leg.Side == PositionSide.Debt : leg.Asset == token)
            {
                return true;
            }
        }

        return false;
    }

    public bool IsSameAs(in ParameterSubject other) => Number == other.Number && Asset == other.Asset && What == other.What;
}

public enum ParameterUnit
{
    /// <summary>With <see cref="MarketParameter.Decimals"/> after the point.</summary>
    Number,

    /// <summary>A part of one, with that many decimals; told in per cent.</summary>
    Share,
    Flag,
    Address,

    /// <summary>A duration.</summary>
    Seconds,

    /// <summary>A point in time, seconds since 1970.</summary>
    Time,

    /// <summary>A set of bits, as the contract stores it.</summary>
    Bits,
}

/// <summary>How a parameter comes to be known.</summary>
public enum ParameterOrigin
{
    /// <summary>It is read whenever the market is opened.</summary>
    Read,

    /// <summary>From an event alone: no view tells it, so that 0 stands for "not known" until one is seen.</summary>
    Events,

    /// <summary>It is read once an account has to do with its subject, which may be as old as the market.</summary>
    Demand,
}

public enum ParameterKind
{
    Threshold,
    Bonus,

    /// <summary>Where a price comes from.</summary>
    Oracle,
    EMode,
    Cap,

    /// <summary>Paused, frozen, switched off.</summary>
    Pause,
    RateModel,
    Implementation,
    Other,
}

/// <summary>A parameter that is not as it was.</summary>
/// <param name="Parameter">As it stands now.</param>
/// <param name="Before">Its value before; null where its subject is new to the market.</param>
public readonly record struct ParameterChange(MarketParameter Parameter, UInt256? Before)
{
    /// <summary>The parameter as it stood.</summary>
    public MarketParameter? Old => Before is { } before ? Parameter with { Value = before } : null;
}

/// <summary>What changed parameters did to one account.</summary>
/// <param name="Before">Wad; null = no debt, or not known: see <paramref name="Source"/>.</param>
/// <param name="After">Wad; null = no debt, or not known.</param>
/// <param name="FiledBlock">The block of the report that <paramref name="Before"/> was taken from, where it is not computed.</param>
public sealed record ParameterImpact(MarginAccountId Account, string? OwnerName, UInt256? Before, UInt256? After, ImpactSource Source, ulong? FiledBlock = null)
{
    /// <summary>True where the account is worse off by what is known.</summary>
    public bool Fell => After is { } after && (Before is { } before ? after < before : Source == ImpactSource.Computed);
}

/// <summary>Where the health factor before comes from.</summary>
public enum ImpactSource
{
    /// <summary>The old parameters at the same block, prices and instant: the parameters alone make the difference.</summary>
    Computed,

    /// <summary>The last report on file: what else moved since is in the difference.</summary>
    Filed,

    /// <summary>The account could not be judged before, or can't be now.</summary>
    Unknown,
}

using DefiMonitor.Core.Primitives;

namespace DefiMonitor.DevnetTests.Harness;

/// <summary>A local chain with the contracts of one venue, the real ones where they can be had.</summary>
internal sealed class VenueDevnet : ServedChain
{
    /// <summary>Morpho Blue with the markets <see cref="Mock86"/> and <see cref="Still945"/>.</summary>
    public const string Morpho = "morpho";

    /// <summary>Lyra v1 with one option market.</summary>
    public const string Lyra = "lyra";

    /// <summary>Our own stand-in for Aave V4: one Spoke over two hubs.</summary>
    public const string AaveV4 = "aave-v4";

    /// <summary>Our own stand-in for Euler v2: a vault of USDC that lends against the shares of three others.</summary>
    public const string Euler = "euler";

    /// <summary>Our own stand-in for Compound III: USDC against three collaterals.</summary>
    public const string Comet = "comet";

    /// <summary>Our own stand-in for Opyn Gamma: naked and spread vaults of puts and calls on ether and bitcoin.</summary>
    public const string Gamma = "gamma";

    /// <summary>Our own stand-in for Derive v2: two markets under a Standard Manager.</summary>
    public const string Derive = "derive";

    /// <summary>Our own stand-in for Panoptic v2: one pool of WETH and USDC.</summary>
    public const string Panoptic = "panoptic";

    /// <summary>Pays interest by a rate model that the monitor does not know.</summary>
    public const string Mock86 = "mock-86";

    /// <summary>Has no rate model.</summary>
    public const string Still945 = "still-945";

    private VenueDevnet(Served served)
        : base(served) => Accounts = [.. served.Ready.GetProperty("accounts").EnumerateArray().Select(static json => Address.Parse(json.GetProperty("address").GetString()!))];

    public IReadOnlyList<Address> Accounts { get; }

    public static Task<VenueDevnet> StartAsync(string venue, int accounts, int seed) =>
        StartAsync($"The devnet of {venue}", "serve-venue.mjs", accounts, seed, ["--venue", venue], static served => new VenueDevnet(served));
}

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// The formula sets, in order, so that "from 3.5 on" is a comparison. The same state gives different numbers in different sets, and
/// deployments run different ones at the same time: the set follows POOL_REVISION at the block.
/// </summary>
public enum AaveVersion
{
    V30 = 30,
    V31 = 31,
    V32 = 32,
    V33 = 33,
    V34 = 34,
    V35 = 35,
    V36 = 36,
    V37 = 37,
}

public static class AaveVersions
{
    public const AaveVersion Newest = AaveVersion.V37;

    /// <summary>
    /// The formula set of a POOL_REVISION; null for one that this program does not know.
    /// Source: POOL_REVISION in PoolInstance.sol of aave-v3-origin v3.1.0 to 3.7 (4 to 11), Pool.sol of aave-v3-core (1; 2 and 3 are networks upgraded in place).
    /// </summary>
    public static AaveVersion? OfRevision(ulong revision) => revision switch
    {
        1 or 2 or 3 => AaveVersion.V30,
        4 => AaveVersion.V31,
        5 or 6 => AaveVersion.V32,
        7 => AaveVersion.V33,
        8 => AaveVersion.V34,
        9 => AaveVersion.V35,
        10 => AaveVersion.V36,
        11 => AaveVersion.V37,
        _ => null,
    };

    /// <summary>Names of <see cref="OfName"/> that a deployment may force.</summary>
    public static IReadOnlyList<string> VariantNames { get; } = ["3.0", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "sparklend"];

    /// <summary>The formula set of a release or fork by name: "3.0.2", "3.6", "sparklend" (a fork of 3.0.2 with the same logic); null for any other text.</summary>
    public static AaveVersion? OfName(string? name)
    {
        if (name is null)
        {
            return null;
        }

        if (name == "sparklend")
        {
            return AaveVersion.V30;
        }

        var parts = name.Split('.');
        return parts.Length is 2 or 3 && parts[0] == "3" && parts[1].Length == 1 && parts[1][0] is >= '0' and <= '7'
            ? AaveVersion.V30 + (parts[1][0] - '0')
            : null;
    }
}

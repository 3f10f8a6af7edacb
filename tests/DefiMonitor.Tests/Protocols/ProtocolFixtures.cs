using DefiMonitor.Protocols.AaveV3;
using DefiMonitor.Protocols.MorphoBlue;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using DefiMonitor.Tests.Protocols.AaveV4.Fake;
using DefiMonitor.Tests.Protocols.CompoundV3.Fake;
using DefiMonitor.Tests.Protocols.DeriveV2.Fake;
using DefiMonitor.Tests.Protocols.EulerV2.Fake;
using DefiMonitor.Tests.Protocols.LyraV1.Fake;
using DefiMonitor.Tests.Protocols.MorphoBlue.Fake;
using DefiMonitor.Tests.Protocols.OpynGamma.Fake;
using DefiMonitor.Tests.Protocols.PanopticV2.Fake;

namespace DefiMonitor.Tests.Protocols;

/// <summary>A fake market for every family in the catalog, in each flavour that computes differently.</summary>
internal static class ProtocolFixtures
{
    public static IReadOnlyList<(string Family, string Flavour, Func<int, IFakeMarket> Make)> All { get; } =
    [
        .. new ulong[] { 1, 4, 5, 7, 8, 9, 10, 11 }.Select(revision => ("aave-v3", $"revision {revision}", Aave(revision))),
        ("aave-v3", "an unknown revision", Aave(12)),
        ("aave-v3", "sparklend", seed => new FakeAave(9, seed, AaveVersion.V30)),
        ("aave-v4", "two hubs", seed => new FakeAaveV4(seed)),
        ("lyra-v1", "avalon", seed => new FakeLyra(seed)),
        ("morpho-blue", "adaptive curve", seed => new FakeMorpho(IrmKind.AdaptiveCurve, seed)),
        ("morpho-blue", "a rate model that is not known", seed => new FakeMorpho(IrmKind.Unknown, seed)),
        ("morpho-blue", "with pre-liquidation", seed => new FakeMorpho(IrmKind.AdaptiveCurve, seed) { PreLiquidation = FakeMorpho.Terms(FakeMorpho.PreOracle) }),
        ("morpho-blue", "no rate model", seed => new FakeMorpho(IrmKind.None, seed)),
        ("opyn-gamma", "chainlink", seed => new FakeGamma(seed)),
        ("panoptic-v2", "a pool", seed => new FakePanoptic(seed)),
        ("compound-v3", "three collaterals", seed => new FakeComet(3, seed)),
        ("compound-v3", "twenty collaterals", seed => new FakeComet(20, seed)),
        ("derive-v2", "both managers", seed => new FakeDerive(seed)),
        ("euler-v2", "in dollars", seed => new FakeEuler(isOwnUnit: false, seed)),
        ("euler-v2", "in the asset itself", seed => new FakeEuler(isOwnUnit: true, seed)),
    ];

    private static Func<int, IFakeMarket> Aave(ulong revision) => seed => new FakeAave(revision, seed);
}

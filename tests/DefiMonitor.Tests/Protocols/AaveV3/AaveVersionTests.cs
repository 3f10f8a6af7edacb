using DefiMonitor.Protocols.AaveV3;

namespace DefiMonitor.Tests.Protocols.AaveV3;

public sealed class AaveVersionTests
{
    [Theory]
    [InlineData(1, AaveVersion.V30)]
    [InlineData(3, AaveVersion.V30)]
    [InlineData(4, AaveVersion.V31)]
    [InlineData(5, AaveVersion.V32)]
    [InlineData(6, AaveVersion.V32)]
    [InlineData(7, AaveVersion.V33)]
    [InlineData(8, AaveVersion.V34)]
    [InlineData(9, AaveVersion.V35)]
    [InlineData(10, AaveVersion.V36)]
    [InlineData(11, AaveVersion.V37)]
    public void Each_known_revision_has_its_formula_set(ulong revision, AaveVersion version) => AaveVersions.OfRevision(revision).ShouldBe(version);

    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    [InlineData(ulong.MaxValue)]
    public void An_unknown_revision_has_none(ulong revision) => AaveVersions.OfRevision(revision).ShouldBeNull();

    [Theory]
    [InlineData("3.0.2", AaveVersion.V30)]
    [InlineData("3.2.1", AaveVersion.V32)]
    [InlineData("3.7", AaveVersion.V37)]
    [InlineData("sparklend", AaveVersion.V30)]
    public void A_release_or_fork_is_known_by_name(string name, AaveVersion version) => AaveVersions.OfName(name).ShouldBe(version);

    [Theory]
    [InlineData("3.8")]
    [InlineData("4.0")]
    [InlineData("3")]
    [InlineData("")]
    [InlineData(null)]
    public void Any_other_name_is_not(string? name) => AaveVersions.OfName(name).ShouldBeNull();
}

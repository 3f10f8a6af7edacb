using DefiMonitor.App.Hosting;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.Tests.Protocols.AaveV4;

public sealed class ShippedSpokesTests
{
    [Fact]
    public void Each_shipped_spoke_names_its_source_and_stands_in_one_deployment()
    {
        var settings = new SettingsLoader(ProtocolFamilies.All, static _ => null).Load(SettingsFolder.ShippedRoot, null).Need();
        var spokes = settings.Deployments.Where(static deployment => deployment.Id.Family == "aave-v4").ToList();
        spokes.Count.ShouldBeGreaterThanOrEqualTo(16);
        spokes.ShouldAllBe(static spoke => spoke.Origin!.StartsWith("@aave-dao/aave-address-book 4.68.1 AaveV4"));
        spokes.Select(static spoke => (spoke.Id.Chain, spoke.Addresses["spoke"])).ShouldBeUnique();
    }
}

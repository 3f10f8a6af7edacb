using DefiMonitor.App.Hosting;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.Tests.Protocols.EulerV2;

public sealed class ShippedVaultsTests
{
    [Fact]
    public void Each_shipped_vault_names_its_source_and_stands_in_one_deployment()
    {
        var settings = new SettingsLoader(ProtocolFamilies.All, static _ => null).Load(SettingsFolder.ShippedRoot, null).Need();
        var vaults = settings.Deployments.Where(static deployment => deployment.Id.Family == "euler-v2").ToList();
        vaults.Count.ShouldBeGreaterThanOrEqualTo(6);
        vaults.ShouldAllBe(static vault => vault.Origin!.StartsWith("euler-labels "));
        vaults.Select(static vault => (vault.Id.Chain, vault.Addresses["vault"])).ShouldBeUnique();
    }
}

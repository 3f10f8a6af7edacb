using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols;

namespace DefiMonitor.Tests.Protocols;

public sealed class CatalogTests
{
    private static readonly DeploymentId Core = new("aave-v3", new ChainId(1), "core");
    private static readonly Dictionary<string, Address> Addresses = new() { ["poolAddressesProvider"] = Address.Parse("0x2f39d218133afab8f2b819b1066c7e434ad94e9e") };

    [Fact]
    public void A_deployment_becomes_its_familys_protocol()
    {
        var protocol = ProtocolCatalog.Create(new ProtocolDeployment(Core, Addresses, Variant: "sparklend"), new ProtocolOptions());
        protocol.Id.ShouldBe(Core);
        protocol.IsOpen.ShouldBeFalse();
        protocol.Filters.ShouldHaveSingleItem().Addresses.ShouldBe(Addresses.Values);
    }

    [Fact]
    public void An_unknown_family_a_missing_address_and_an_unknown_variant_are_each_named()
    {
        Refusal(new ProtocolDeployment(Core with { Family = "aave-v9" }, Addresses))
            .ShouldBe("aave-v9/eip155:1/core: there is no protocol family 'aave-v9'; known are aave-v3, aave-v4, compound-v3, derive-v2, euler-v2, lyra-v1, morpho-blue, opyn-gamma, panoptic-v2.");
        Refusal(new ProtocolDeployment(Core, new Dictionary<string, Address>()))
            .ShouldBe("aave-v3/eip155:1/core names no poolAddressesProvider: write \"poolAddressesProvider\": \"0x...\".");
        Refusal(new ProtocolDeployment(Core, Addresses, Variant: "3.9")).ShouldStartWith("aave-v3/eip155:1/core: '3.9' is no variant of aave-v3; write one of 3.0, ");
    }

    private static string Refusal(ProtocolDeployment deployment) =>
        Should.Throw<ArgumentException>(() => ProtocolCatalog.Create(deployment, new ProtocolOptions())).Message;
}

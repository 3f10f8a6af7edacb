using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Tests.Portfolio;

public sealed class IdentityTests
{
    [Fact]
    public void Accounts_are_in_the_order_of_their_text()
    {
        var accounts = new List<MarginAccountId>();
        foreach (var family in new[] { "aave-v3", "aave", "morpho-blue" })
        {
            foreach (var chain in new ulong[] { 1, 10, 8453 })
            {
                foreach (var name in new[] { "core", "core-2", "cor" })
                {
                    foreach (var key in new[] { "0x01", "0x0100", "0xff", "1" })
                    {
                        accounts.Add(new MarginAccountId(new DeploymentId(family, new ChainId(chain), name), key));
                    }
                }
            }
        }

        foreach (var one in accounts)
        {
            foreach (var other in accounts)
            {
                Math.Sign(one.CompareTo(other)).ShouldBe(Math.Sign(string.CompareOrdinal(one.ToString(), other.ToString())), $"{one} and {other}");
                Math.Sign(one.Deployment.CompareTo(other.Deployment)).ShouldBe(Math.Sign(string.CompareOrdinal(one.Deployment.ToString(), other.Deployment.ToString())));
            }
        }

        accounts[0].CompareTo(null).ShouldBePositive();
    }
}

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
                    foreach (var key in new[] { "0x01", "0x0100", "0xff", "1", "0x00000000000000000000000000000000000000ff", "0x00000000000000ff000000000000000000000000" })
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

    [Theory]
    [InlineData("0x2f39d218133afab8f2b819b1066c7e434ad94e9e", true)]
    [InlineData("0x2F39d218133AFaB8F2B819B1066c7E434Ad94E9e", false)]
    [InlineData("0x2f39d218133afab8f2b819b1066c7e434ad94e9", false)]
    [InlineData("0X2f39d218133afab8f2b819b1066c7e434ad94e9e", false)]
    [InlineData("0x2f39d218133afab8f2b819b1066c7e434ad94e9g", false)]
    [InlineData("0x0000000000000000000000000000000000000000", true)]
    [InlineData("vault-7", false)]
    public void A_key_is_the_very_text_that_it_was_made_of_address_or_not(string key, bool isUser)
    {
        var deployment = new DeploymentId("aave-v3", new ChainId(1), "core");
        var account = new MarginAccountId(deployment, key);
        account.Key.ShouldBe(key);
        account.ToString().ShouldBe($"aave-v3/eip155:1/core/{key}");
        account.TryGetUser(out var user).ShouldBe(isUser);
        MarginAccountId.TryParse(account.ToString(), out var again).ShouldBeTrue();
        again.ShouldBe(account);
        again!.GetHashCode().ShouldBe(account.GetHashCode());
        account.ShouldNotBe(new MarginAccountId(deployment with { Name = "prime" }, key));
        account.ShouldNotBe(new MarginAccountId(deployment, key + "0"));
        if (isUser)
        {
            new MarginAccountId(deployment, user).ShouldBe(account);
        }
    }
}

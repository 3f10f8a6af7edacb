using System.Net;
using DefiMonitor.Engine.Sinks.Http;

namespace DefiMonitor.Tests.Sinks;

public sealed class PublicAddressTests
{
    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("1.1.1.1")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::808:808")]
    [InlineData("2002:808:808::1")]
    public void A_public_address_is_connected_to(string address) => PublicAddress.Refusal(IPAddress.Parse(address), allowPrivate: false).ShouldBeNull();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.9.10")]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456::1")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::10.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("2002:a00:1::1")]
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2")]
    public void A_private_address_is_refused_and_may_be_allowed(string address)
    {
        PublicAddress.Refusal(IPAddress.Parse(address), allowPrivate: false).ShouldNotBeNull();
        PublicAddress.Refusal(IPAddress.Parse(address), allowPrivate: true).ShouldBeNull();
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.1")]
    [InlineData("fe80::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    public void Link_local_and_metadata_addresses_are_never_connected_to(string address)
    {
        PublicAddress.Refusal(IPAddress.Parse(address), allowPrivate: false).ShouldNotBeNull();
        PublicAddress.Refusal(IPAddress.Parse(address), allowPrivate: true).ShouldNotBeNull();
    }
}

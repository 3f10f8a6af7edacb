using System.Net;
using System.Net.Sockets;

namespace DefiMonitor.Engine.Sinks.Http;

/// <summary>
/// Which addresses a URL from the configuration may lead to. Judged on the resolved address at connect time: a name that changes its mind
/// between check and use has nothing to gain.
/// </summary>
public static class PublicAddress
{
    // IANA's special-purpose address registries for IPv4 and IPv6: what is not globally reachable, and what carries an IPv4 address inside.
    private static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/127", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "64:ff9b:1::/48", "fc00::/7", "fec0::/10", "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    // Cloud machines hand out their credentials here; no receiver of alerts ever lives on these, so no setting opens them.
    private static readonly IPNetwork[] Never = [IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("fd00:ec2::/32")];

    private static readonly IPNetwork[] Carriers = [IPNetwork.Parse("64:ff9b::/96"), IPNetwork.Parse("2002::/16"), IPNetwork.Parse("::/96")];

    /// <summary>Null = it may be connected to; else what kind of address it is.</summary>
    public static string? Refusal(IPAddress address, bool allowPrivate)
    {
        var plain = Unwrap(address);
        if (Never.Any(n => n.Contains(plain)))
        {
            return "a link-local or metadata address";
        }

        if (allowPrivate)
        {
            return null;
        }

        return IPAddress.IsLoopback(plain) ? "this machine itself"
            : Special.Any(n => n.Contains(plain)) ? "a private or reserved address"
            : null;
    }

    // The IPv4 address that an IPv6 address stands for (mapped, compatible, NAT64, 6to4): a translator would go there.
    private static IPAddress Unwrap(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6 || !Carriers.Any(c => c.Contains(address))
            || address.Equals(IPAddress.IPv6Any) || address.Equals(IPAddress.IPv6Loopback))
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        return new IPAddress(bytes[0] == 0x20 ? bytes.AsSpan(2, 4) : bytes.AsSpan(12, 4));
    }
}

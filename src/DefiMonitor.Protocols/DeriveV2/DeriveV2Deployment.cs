using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>One deployment of Derive v2: its sub-accounts and the managers that margin them. An account is a sub-account by its id.</summary>
public sealed record DeriveV2Deployment
{
    public required DeploymentId Id { get; init; }

    public required Address SubAccounts { get; init; }

    public required Address Cash { get; init; }

    public required Address Auction { get; init; }

    public required Address StandardManager { get; init; }

    /// <summary>Managers of the kinds PMRM_2 and PMRM_2_1, one an underlying.</summary>
    public IReadOnlyList<Address> Pmrm2 { get; init; } = [];

    /// <summary>Managers of the first kind of portfolio margin (PMRM): judged by their own view, no model of them is carried.</summary>
    public IReadOnlyList<Address> Pmrm { get; init; } = [];

    public static IReadOnlyList<string> AddressKeys { get; } = ["subAccounts", "cash", "auction", "standardManager"];

    public static IReadOnlyList<string> AddressListKeys { get; } = ["pmrm2", "pmrm"];

    /// <summary>Makes the protocol from the addresses that the configuration states.</summary>
    public static IProtocol Create(ProtocolDeployment deployment, ProtocolOptions options) => new DeriveV2Protocol(
        new DeriveV2Deployment
        {
            Id = deployment.Id,
            SubAccounts = deployment.Addresses["subAccounts"],
            Cash = deployment.Addresses["cash"],
            Auction = deployment.Addresses["auction"],
            StandardManager = deployment.Addresses["standardManager"],
            Pmrm2 = deployment.AddressLists.TryGetValue("pmrm2", out var second) ? second : [],
            Pmrm = deployment.AddressLists.TryGetValue("pmrm", out var first) ? first : [],
        },
        options);

    public ManagerKind KindOf(in Address manager) =>
        manager == StandardManager ? ManagerKind.Standard
        : Pmrm2.Contains(manager) ? ManagerKind.Portfolio2
        : Pmrm.Contains(manager) ? ManagerKind.Portfolio
        : ManagerKind.Unknown;
}

public enum ManagerKind
{
    /// <summary>None that the configuration names.</summary>
    Unknown,

    /// <summary>StandardManager.</summary>
    Standard,

    /// <summary>PMRM.</summary>
    Portfolio,

    /// <summary>PMRM_2 and PMRM_2_1.</summary>
    Portfolio2,
}

using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum;

public sealed record EvmClientOptions
{
    /// <summary>Multicall3 stands at this address on nearly every chain (github.com/mds1/multicall3).</summary>
    public static Address UsualMulticall { get; } = Address.Parse("0xcA11bde05977b3631167028862bE2a173976CA11");

    /// <summary>Null where the chain has none: calls then go out as a JSON-RPC batch. Found out by itself where the address has no code.</summary>
    public Address? Multicall { get; init; } = UsualMulticall;

    /// <summary>Most calls in one multicall; less when a node's gas cap or patience says so.</summary>
    public int MaxCallsPerMulticall { get; init; } = 1_000;

    /// <summary>Most bytes of calldata in one multicall.</summary>
    public int MaxMulticallBytes { get; init; } = 512 * 1024;

    /// <summary>Addresses in one log filter; more are split over several requests.</summary>
    public int MaxAddressesPerFilter { get; init; } = 500;

    /// <summary>Most logs taken from one reply.</summary>
    public int MaxLogsPerReply { get; init; } = 500_000;
}

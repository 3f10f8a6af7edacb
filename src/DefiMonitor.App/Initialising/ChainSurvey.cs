using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum;

namespace DefiMonitor.App.Initialising;

/// <summary>Finds out about a chain that nobody configured what its file has to say.</summary>
internal static class ChainSurvey
{
    private const ulong Blocks = 20;

    public static async Task<ChainSettings> MeasureAsync(ChainSettings chain, EvmClient client, BlockHeader head, CancellationToken cancellationToken)
    {
        var back = Math.Min(head.Number, Blocks);
        var seconds = 1UL;
        if (back > 0 && await client.GetHeaderAsync(head.Number - back, cancellationToken) is { } earlier && head.Timestamp > earlier.Timestamp)
        {
            // The mean of the last blocks, rounded down: the earliest is wanted. A local node that mines on demand says little, hence the bound.
            seconds = Math.Clamp((head.Timestamp - earlier.Timestamp) / back, 1, 60);
        }

        return chain with { Name = chain.Chain.Value is 31337 or 1337 ? "devnet" : chain.Name, NextBlockSeconds = seconds };
    }
}

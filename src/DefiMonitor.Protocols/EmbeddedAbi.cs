using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols;

/// <summary>The ABI files of contracts-abi/, as they were when this assembly was built.</summary>
internal static class EmbeddedAbi
{
    /// <param name="name">Path below contracts-abi/, such as <c>aave-v3/pool.json</c>.</param>
    public static ContractAbi Load(string name)
    {
        using var stream = typeof(EmbeddedAbi).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly has no resource {name}: contracts-abi/{name} was not there when it was built.");
        using var reader = new StreamReader(stream);
        return ContractAbi.Parse(reader.ReadToEnd(), name);
    }
}

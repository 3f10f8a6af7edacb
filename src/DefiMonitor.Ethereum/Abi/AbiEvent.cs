using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Abi;

/// <summary>An event of a contract's interface.</summary>
public sealed class AbiEvent
{
    internal AbiEvent(string name, IReadOnlyList<AbiParameter> inputs)
    {
        Name = name;
        Inputs = inputs;
        Signature = $"{name}({string.Join(',', inputs.Select(i => i.Type.Signature))})";
        Topic0 = Keccak256.HashUtf8(Signature);
        IndexedCount = inputs.Count(i => i.Indexed);
        if (IndexedCount > 3)
        {
            throw new AbiException($"The event {Signature} has {IndexedCount} indexed inputs, but a log has room for 3.");
        }
    }

    public string Name { get; }

    public IReadOnlyList<AbiParameter> Inputs { get; }

    public string Signature { get; }

    public Hash32 Topic0 { get; }

    public int IndexedCount { get; }

    public override string ToString() => Signature;
}

using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Abi;

public static class AbiSelector
{
    /// <summary>The first four bytes of the Keccak hash of a full signature, such as <c>balanceOf(address)</c>.</summary>
    public static ReadOnlyMemory<byte> Of(string signature) => Keccak256.HashUtf8(signature).ToArray().AsMemory(0, 4);
}

namespace DefiMonitor.Ethereum.Abi;

/// <summary>Bytes, or an ABI, that are not what they should be. The message is one sentence.</summary>
public sealed class AbiException(string message, Exception? inner = null) : Exception(message, inner);

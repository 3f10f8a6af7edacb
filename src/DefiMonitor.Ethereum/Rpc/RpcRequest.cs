using System.Text.Json;

namespace DefiMonitor.Ethereum.Rpc;

/// <summary>One JSON-RPC call: the method and its parameters as a JSON array.</summary>
public sealed record RpcRequest(string Method, JsonElement Params)
{
    public static RpcRequest Create(string method, params object?[] parameters) => new(method, JsonSerializer.SerializeToElement(parameters));
}

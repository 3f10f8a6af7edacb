using System.Text.Json;

namespace DefiMonitor.Ethereum.Rpc;

/// <summary>The answer to one request: a result (which may be JSON null) or the node's error.</summary>
public sealed record RpcReply
{
    private RpcReply(JsonElement result, RpcError? error)
    {
        Result = result;
        Error = error;
    }

    /// <summary>Meaningless when <see cref="Error"/> is set.</summary>
    public JsonElement Result { get; }

    public RpcError? Error { get; }

    public static RpcReply Of(JsonElement result) => new(result, null);

    /// <summary>A result made of anything that serialises.</summary>
    public static RpcReply Of(object? result) => new(JsonSerializer.SerializeToElement(result), null);

    public static RpcReply Failed(int code, string message, string? data = null) => new(default, new RpcError(code, message, data));
}

/// <param name="Message">As the node said it: hostile, so show it only through <see cref="RpcText.Clean"/>.</param>
/// <param name="Data">The revert data in hex, where the node gives it.</param>
public sealed record RpcError(int Code, string Message, string? Data);

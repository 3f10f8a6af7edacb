namespace DefiMonitor.Ethereum.Rpc;

/// <summary>
/// Reads a node's error. The codes overlap between clients and providers (-32000 means anything), so the words decide first.
/// The phrases are those of geth, reth, erigon, nethermind, anvil, Alchemy, Infura, QuickNode, Ankr, dRPC and the public gateways.
/// </summary>
public static class RpcErrors
{
    /// <summary>EIP-1474: execution reverted, as geth and all after it send it.</summary>
    public const int Reverted = 3;

    private static readonly string[] RateWords = ["rate limit", "too many requests", "request limit", "compute units per second", "requests per second", "daily request count", "exceeded its requests", "capacity exceeded", "throttl", "quota"];

    private static readonly string[] BlockWords =
        ["header not found", "unknown block", "block not found", "blocknotfound", "blockoutofrange", "could not find block", "block does not exist", "not currently canonical", "missing trie node", "header for hash not found", "cannot find block", "no block found", "block is not canonical", "after last accepted block", "block number is not canonical"];

    private static readonly string[] RangeWords =
        ["block range", "blocks range", "range is too", "range too", "too many blocks", "exceed max", "exceeds max", "max range", "maximum range", "range limit", "ranges over", "is limited to", "range exceeds", "blocks distance", "more than 10000 results", "returned more than", "too many results", "too many logs", "response size", "result too large", "results too large", "response is too big", "response too large", "response is too large", "query timeout", "logs matched", "limit exceeded", "range of blocks", "distance between", "max results", "query returned"];

    private static readonly string[] GasWords =
        ["out of gas", "outofgas", "gas required exceeds", "gas uint64 overflow", "execution timeout", "execution aborted", "timeout exceeded", "timed out", "exceeds block gas limit", "intrinsic gas", "gas limit is too", "memory limit", "request entity too large", "request too large", "content too large", "payload too large"];

    private static readonly string[] MissingWords = ["method not found", "does not exist/is not available", "is not available", "unsupported method", "not supported", "not whitelisted", "not implemented", "unknown method"];

    public static RpcFailure Classify(string method, RpcError error)
    {
        var text = error.Message;
        if (error.Code is 429 or -32029 || Has(text, RateWords))
        {
            return RpcFailure.RateLimited;
        }

        if (Has(text, BlockWords) || error.Code == -32001)
        {
            return RpcFailure.UnknownBlock;
        }

        if (method == "eth_getLogs" && (Has(text, RangeWords) || Has(text, GasWords) || error.Code is -32005 or -32062 or -32614))
        {
            return RpcFailure.TooMuch;
        }

        if (Has(text, GasWords))
        {
            return RpcFailure.TooMuch;
        }

        if (error.Code == -32005)
        {
            return RpcFailure.RateLimited;
        }

        if (error.Code is -32601 or -32004 || Has(text, MissingWords))
        {
            return RpcFailure.Unsupported;
        }

        // -32603 is "internal error": another endpoint, or this one later, may do better. Reverts come under it from some clients.
        return error.Code == -32603 && error.Data is null && !IsRevert(error) ? RpcFailure.Unreachable : RpcFailure.Refused;
    }

    /// <summary>True when the call ran and the contract said no, which is an answer and not a failure.</summary>
    public static bool IsRevert(RpcError error) =>
        error.Code == Reverted || error.Message.Contains("revert", StringComparison.OrdinalIgnoreCase)
        || error.Message.Contains("invalid opcode", StringComparison.OrdinalIgnoreCase);

    public static RpcException ToException(string endpoint, string method, RpcError error)
    {
        var kind = Classify(method, error);
        return new RpcException(kind, $"{endpoint} answers {method} with error {error.Code}: {RpcText.Clean(error.Message)}");
    }

    private static bool Has(string text, string[] words)
    {
        foreach (var word in words)
        {
            if (text.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}

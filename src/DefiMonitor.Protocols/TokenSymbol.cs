using System.Text;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols;

/// <summary>What a token calls itself, for people only: hostile, and in a few old tokens a bytes32; a token without a name is called by its address.</summary>
internal static class TokenSymbol
{
    public static Text32 From(in Address token, AbiResult<string> shape, CallResult result)
    {
        var text = shape.TryDecode(result, out var read, out _) ? read
            : result.Success && result.Data.Length == AbiReader.WordSize ? Encoding.UTF8.GetString(result.Data.Span).TrimEnd('\0')
            : "";
        text = text.Trim();
        var hex = token.ToHex();
        return Text32.From(text.Length > 0 ? text : $"{hex[..6]}..{hex[^4..]}");
    }
}

using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>The arguments of calls that we made ourselves, read back out of their calldata.</summary>
internal static class CallArguments
{
    private const int SelectorSize = 4;

    /// <summary>Of isAuthorized(authorizer, authorized).</summary>
    public static (Address Authorizer, Address Authorized) Authorization(Call call)
    {
        var arguments = new AbiReader(call.Data[SelectorSize..]);
        return (arguments.Address(0), arguments.Address(AbiReader.WordSize));
    }

    /// <summary>Of position(id, user).</summary>
    public static Address User(Call call) => new AbiReader(call.Data[SelectorSize..]).Address(AbiReader.WordSize);
}

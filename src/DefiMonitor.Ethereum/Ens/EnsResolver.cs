using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Ethereum.Ens;

/// <summary>What a name stands for. <paramref name="Address"/> is null when it stands for nothing that can be trusted; then <paramref name="Why"/> says why.</summary>
public sealed record EnsAnswer(Address? Address, string? Why);

/// <summary>
/// Names to addresses by the registry (ERC-137), believed only where the address names the same name in its reverse record (ERC-181): so a name that was let
/// to somebody else, or looks like another, is noticed. Names that only an off-chain or wildcard resolver knows are not followed.
/// </summary>
/// <param name="registry">ENSRegistry.</param>
public sealed class EnsResolver(EvmClient client, Address registry)
{
    private static readonly ReadOnlyMemory<byte> ResolverOf = AbiSelector.Of("resolver(bytes32)");
    private static readonly ReadOnlyMemory<byte> AddressOf = AbiSelector.Of("addr(bytes32)");
    private static readonly ReadOnlyMemory<byte> NameOf = AbiSelector.Of("name(bytes32)");

    /// <exception cref="Rpc.RpcException">The node failed.</exception>
    public async Task<EnsAnswer> ResolveAsync(EnsName name, BlockHeader at, CancellationToken cancellationToken)
    {
        if (await AddressAsync(registry, ResolverOf, name.Node, at, cancellationToken) is not { } resolver)
        {
            return new EnsAnswer(null, $"{name} has no resolver of its own on {registry}; write the address.");
        }

        if (await AddressAsync(resolver, AddressOf, name.Node, at, cancellationToken) is not { } address)
        {
            return new EnsAnswer(null, $"{name} stands for no address; write the address.");
        }

        var reverse = EnsName.ReverseNode(address);
        var named = await AddressAsync(registry, ResolverOf, reverse, at, cancellationToken) is { } back ? await NameAsync(back, reverse, at, cancellationToken) : null;
        return named == name.Text
            ? new EnsAnswer(address, null)
            : new EnsAnswer(null, $"{name} stands for {address}, but that address does not name {name} in return{(named is null ? "" : " (it names another)")}; write the address if you mean it.");
    }

    private async Task<Address?> AddressAsync(Address to, ReadOnlyMemory<byte> selector, Hash32 node, BlockHeader at, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(to, selector, node, at, cancellationToken) is { } answer && answer.Address(0) is { IsZero: false } address ? address : null;
        }
        catch (AbiException)
        {
            return null;
        }
    }

    private async Task<string?> NameAsync(Address to, Hash32 node, BlockHeader at, CancellationToken cancellationToken)
    {
        try
        {
            return (await AskAsync(to, NameOf, node, at, cancellationToken))?.String(0);
        }
        catch (AbiException)
        {
            return null;
        }
    }

    private async Task<AbiReader?> AskAsync(Address to, ReadOnlyMemory<byte> selector, Hash32 node, BlockHeader at, CancellationToken cancellationToken)
    {
        var call = new Call(to, (byte[])[.. selector.Span, .. node.ToArray()]);
        var answers = await client.CallAsync([call], at, cancellationToken);
        return answers.Results.TryGet(call, out var result) && result.Success ? new AbiReader(result.Data) : null;
    }
}

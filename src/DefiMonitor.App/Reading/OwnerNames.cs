using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum.Ens;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.App.Reading;

/// <summary>Who is meant: a name of owners.json, an address, or an ENS name.</summary>
public static class OwnerNames
{
    /// <param name="chains">Where an ENS name may be looked up: the first with a registry. Asked for only then.</param>
    /// <exception cref="CliException">Nobody is called that, or the name can't be trusted.</exception>
    public static async Task<OwnerSettings> FindAsync(MonitorSettings settings, Func<Task<IReadOnlyList<ChainSettings>>> chains, string who, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Known(settings, who) is { } owner)
        {
            return owner;
        }

        if (Address.TryParse(who, out var address, out var error))
        {
            return Alone(who, address);
        }

        if (who.StartsWith("0x", StringComparison.OrdinalIgnoreCase) || !who.Contains('.', StringComparison.Ordinal))
        {
            throw new CliException(ExitCode.Usage, settings.Owners.Count > 0 && !who.StartsWith("0x", StringComparison.Ordinal) ? $"owners.json has no \"{who}\"; write a name that stands there, an ENS name, or an address." : error);
        }

        if (!EnsName.TryParse(who, out var name, out var wrong))
        {
            throw new CliException(ExitCode.Usage, wrong);
        }

        var chain = (await chains()).FirstOrDefault(static c => c.EnsRegistry is not null)
            ?? throw new CliException(ExitCode.Usage, $"{name} can't be resolved: no chain with an \"ensRegistry\" has endpoints; add \"endpoints\" to chains/ethereum.json, or write the address.");
        return Alone(name.Text, await ResolveAsync(chain, name, time, cancellationToken));
    }

    /// <summary>The owner of that name in owners.json.</summary>
    public static OwnerSettings? Known(MonitorSettings settings, string who) =>
        settings.Owners.FirstOrDefault(o => o.Name.Equals(who, StringComparison.OrdinalIgnoreCase));

    private static OwnerSettings Alone(string name, Address address) => new() { Name = name, Addresses = [address] };

    private static async Task<Address> ResolveAsync(ChainSettings chain, EnsName name, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await using var node = Node.Pool(chain, time);
            var client = node.Client(chain);
            var answer = await new EnsResolver(client, chain.EnsRegistry!.Value).ResolveAsync(name, await client.GetHeadAsync(cancellationToken), cancellationToken);
            return answer.Address ?? throw new CliException(ExitCode.Usage, answer.Why!);
        }
        catch (RpcException e)
        {
            throw new CliException(ExitCode.Node, $"{name} could not be resolved: {e.Message}", e);
        }
    }
}

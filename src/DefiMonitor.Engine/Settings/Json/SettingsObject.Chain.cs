using System.Globalization;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Settings.Json;

/// <summary>The words of a chain: addresses and CAIP-2 ids.</summary>
public sealed partial class SettingsObject
{
    public Address? OptionalAddress(string name)
    {
        if (Raw(name) is not { } node || TextOf(name, node, "0x" + new string('0', 40)) is not { } text)
        {
            return null;
        }

        if (Address.TryParse(text, out var address, out var error))
        {
            return address;
        }

        Complain(name, error);
        return null;
    }

    public Address? RequiredAddress(string name)
    {
        if (!Has(name))
        {
            asked.Add(name);
            Missing(name, $"\"{name}\": \"0x…\" (40 hex digits)");
            return null;
        }

        return OptionalAddress(name);
    }

    /// <summary>A list of addresses; those that are none are complained of.</summary>
    public IReadOnlyList<Address> Addresses(string name)
    {
        var addresses = new List<Address>();
        foreach (var text in Texts(name, "0x" + new string('0', 40)))
        {
            if (Address.TryParse(text, out var address, out var error))
            {
                addresses.Add(address);
            }
            else
            {
                Complain(name, error);
            }
        }

        return addresses;
    }

    /// <summary>A list of 32-byte ids; those that are none are complained of.</summary>
    public IReadOnlyList<Hash32> Hashes(string name)
    {
        var hashes = new List<Hash32>();
        foreach (var text in Texts(name, "0x" + new string('0', 64)))
        {
            if (Hash32.TryParse(text, out var hash, out var error))
            {
                hashes.Add(hash);
            }
            else
            {
                Complain(name, error);
            }
        }

        return hashes;
    }

    /// <summary>A 32-byte id.</summary>
    public Hash32? RequiredHash(string name)
    {
        var example = "0x" + new string('0', 64);
        if (!Has(name))
        {
            asked.Add(name);
            Missing(name, $"\"{name}\": \"0x…\" (64 hex digits)");
            return null;
        }

        if (Raw(name) is not { } node || TextOf(name, node, example) is not { } text)
        {
            return null;
        }

        if (Hash32.TryParse(text, out var hash, out var error))
        {
            return hash;
        }

        Complain(name, error);
        return null;
    }

    public ChainId? RequiredChain(string name)
    {
        if (!Has(name))
        {
            asked.Add(name);
            Missing(name, $"\"{name}\": \"eip155:1\"");
            return null;
        }

        return Raw(name) is { } node ? ChainOf(name, node) : null;
    }

    public IReadOnlyList<ChainId>? OptionalChains(string name)
    {
        if (!Has(name))
        {
            asked.Add(name);
            return null;
        }

        var chains = new List<ChainId>();
        foreach (var (node, path) in Items(name))
        {
            if (ChainAt(path, node) is { } chain)
            {
                chains.Add(chain);
            }
        }

        return chains;
    }

    private ChainId? ChainOf(string name, SettingsNode node) => ChainAt(prefix + name, node);

    private ChainId? ChainAt(string path, SettingsNode node)
    {
        if (node.Kind == SettingsKind.Text && ChainId.TryParse(node.Text, out var chain))
        {
            return chain;
        }

        var number = node.Kind is SettingsKind.Text or SettingsKind.Number && ulong.TryParse(node.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0 ? id : 1;
        source.Complain(node, path, $"a chain is written in CAIP-2, as in \"eip155:{number}\"; this is {(node.Kind is SettingsKind.Text ? $"\"{node.Text}\"" : node.Called)}.");
        return null;
    }
}

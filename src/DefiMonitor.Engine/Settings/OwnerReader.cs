using System.Globalization;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings.Json;

namespace DefiMonitor.Engine.Settings;

internal static class OwnerReader
{
    /// <param name="derive">The chains that Derive v2 is on.</param>
    public static IReadOnlyList<OwnerSettings> Read(SettingsObject file, IReadOnlyList<ChainSettings> chains, bool chainsAreWhole, IReadOnlyList<ChainId> derive)
    {
        var owners = new List<OwnerSettings>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var seen = new Dictionary<Address, string>();
        if (!file.Has("owners"))
        {
            file.Complain("owners", "this key is missing; write \"owners\": [ { \"name\": \"me\", \"address\": \"0x…\" } ].");
        }

        foreach (var entry in file.Objects("owners"))
        {
            var name = entry.Text("name", "me");
            if (name.Length > 0 && !SettingsNames.IsName(name))
            {
                entry.Complain("name", SettingsNames.Rule(name));
            }
            else if (name.Length > 0 && !names.Add(name))
            {
                entry.Complain("name", $"another owner is called \"{name}\" already; give this one another name.");
            }

            var addresses = Addresses(entry);
            var accounts = SmartAccounts(entry, addresses, derive);
            foreach (var address in addresses.Concat(accounts.Select(static a => a.Address)))
            {
                if (!seen.TryAdd(address, name))
                {
                    entry.Warn(entry.Has("address") ? "address" : "addresses", $"{address} is watched as \"{seen[address]}\" already; its accounts are judged once.");
                }
            }

            var on = entry.OptionalChains("chains");
            foreach (var chain in (on ?? []).Concat(accounts.SelectMany(static a => a.Chains ?? [])).Distinct())
            {
                var known = chains.FirstOrDefault(c => c.Chain == chain);
                if (known is null && chainsAreWhole)
                {
                    entry.Complain("chains", $"no file in chains/ has the chain {chain}; the chains known are {string.Join(", ", chains.Select(c => $"{c.Chain} ({c.Name})"))}.");
                }
                else if (known is { IsFollowed: false })
                {
                    entry.Warn("chains", $"{chain} ({known.Name}) has no endpoints, so nobody watches \"{name}\" there; add \"endpoints\" to chains/{known.Name}.json.");
                }
            }

            entry.Done();
            owners.Add(new OwnerSettings { Name = name, Addresses = addresses, SmartAccounts = accounts, Chains = on });
        }

        file.Done();
        return owners;
    }

    private static List<SmartAccount> SmartAccounts(SettingsObject entry, List<Address> addresses, IReadOnlyList<ChainId> derive)
    {
        var accounts = new List<SmartAccount>();
        foreach (var item in entry.Objects("smartAccounts"))
        {
            var address = item.RequiredAddress("address");
            var kind = item.Choice("kind", "other", "safe", "dsproxy", "other");
            var on = item.OptionalChains("chains");
            item.Done();
            if (address is { } known)
            {
                accounts.Add(new SmartAccount(known, kind, on));
            }
        }

        foreach (var (node, path) in entry.Items("evcSubAccounts"))
        {
            if (node.Kind == SettingsKind.Number && byte.TryParse(node.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0)
            {
                accounts.AddRange(addresses.Select(a => SmartAccount.SubAccount(a, id)));
            }
            else
            {
                entry.Source.Complain(node, path, "a sub-account of Euler's EVC is a whole number from 1 to 255.");
            }
        }

        foreach (var (node, path) in entry.Items("deriveSubAccounts"))
        {
            if (node.Kind == SettingsKind.Number && ulong.TryParse(node.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0)
            {
                accounts.Add(SmartAccount.DeriveSubAccount(id, derive));
            }
            else
            {
                entry.Source.Complain(node, path, "a sub-account of Derive v2 is its id, a whole number above 0.");
            }
        }

        return accounts;
    }

    private static List<Address> Addresses(SettingsObject entry)
    {
        var one = entry.Has("address");
        if (one == entry.Has("addresses"))
        {
            entry.Complain(one ? "addresses" : "address", one ? "write either \"address\" or \"addresses\", not both." : "this key is missing; write \"address\": \"0x…\" (40 hex digits).");
        }

        var addresses = new List<Address>();
        if (entry.OptionalAddress("address") is { } single)
        {
            addresses.Add(single);
        }

        foreach (var (node, path) in entry.Items("addresses"))
        {
            var error = $"an address in quotes is wanted here, this is {node.Called}.";
            if (node.Kind == SettingsKind.Text && Address.TryParse(node.Text, out var address, out error))
            {
                addresses.Add(address);
            }
            else
            {
                entry.Source.Complain(node, path, error!);
            }
        }

        return addresses;
    }
}

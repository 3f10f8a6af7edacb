using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings.Json;

namespace DefiMonitor.Engine.Settings;

internal static class DeploymentReader
{
    public static IReadOnlyList<DeploymentSettings> Read(SettingsObject file, FamilySettings family, IReadOnlyList<ChainSettings> chains, bool chainsAreWhole)
    {
        var deployments = new List<DeploymentSettings>();
        var ids = new HashSet<DeploymentId>();
        if (!file.Has("deployments"))
        {
            file.Complain("deployments", "this key is missing; write \"deployments\": [ ].");
        }

        foreach (var entry in file.Objects("deployments"))
        {
            var name = entry.Text("name", "core");
            var chain = entry.RequiredChain("chain");
            var addresses = new Dictionary<string, Address>();
            foreach (var key in family.AddressKeys)
            {
                if (entry.RequiredAddress(key) is { } address)
                {
                    if (address.IsZero)
                    {
                        entry.Complain(key, "this is the zero address; write the contract's.");
                    }

                    addresses[key] = address;
                }
            }

            var hashes = new Dictionary<string, Hash32>();
            foreach (var key in family.HashKeys)
            {
                if (entry.RequiredHash(key) is { } hash)
                {
                    hashes[key] = hash;
                }
            }

            var lists = new Dictionary<string, IReadOnlyList<Address>>();
            foreach (var key in family.AddressListKeys)
            {
                if (entry.Has(key))
                {
                    lists[key] = entry.Addresses(key);
                }
            }

            var hashLists = new Dictionary<string, IReadOnlyList<Hash32>>();
            foreach (var key in family.HashListKeys)
            {
                if (entry.Has(key))
                {
                    hashLists[key] = entry.Hashes(key);
                }
            }

            var start = (ulong?)entry.OptionalWhole("startBlock", 0, long.MaxValue);
            var variant = entry.Has("variant") && family.Variants.Count > 0 ? entry.Choice("variant", family.Variants[0], [.. family.Variants]) : null;
            if (family.Variants.Count == 0 || variant is null)
            {
                entry.Raw("variant");
            }

            var discover = entry.Flag("discover", false);
            var origin = entry.OptionalText("source", "@aave-dao/aave-address-book 4.68.1 AaveV3Ethereum");
            entry.Done();
            if (name.Length > 0 && !SettingsNames.IsName(name))
            {
                entry.Complain("name", SettingsNames.Rule(name));
                continue;
            }

            if (chain is not { } on || name.Length == 0)
            {
                continue;
            }

            if (chainsAreWhole && !chains.Any(c => c.Chain == on))
            {
                entry.Complain("chain", $"no file in chains/ has the chain {on}; add one such as chains/{name}.json with \"chainId\": \"{on}\", or correct this one.");
                continue;
            }

            var id = new DeploymentId(family.Name, on, name);
            if (!ids.Add(id))
            {
                entry.Complain("name", $"{id} is written twice; give the second one another name.");
                continue;
            }

            if (addresses.Count == family.AddressKeys.Count && hashes.Count == family.HashKeys.Count)
            {
                deployments.Add(new DeploymentSettings { Id = id, Addresses = addresses, Hashes = hashes, AddressLists = lists, HashLists = hashLists, StartBlock = start, Variant = variant, Discover = discover, Origin = origin });
            }
        }

        file.Done();
        return deployments;
    }
}

using System.Globalization;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Settings.Json;
using DefiMonitor.Engine.Sinks.Http;

namespace DefiMonitor.Engine.Settings;

internal static class VenueFileReader
{
    private const int UsualAge = 60;
    private const int MostAge = 86_400;

    public static IReadOnlyList<VenueSettings> Read(SettingsObject file, IReadOnlyList<VenueKind> kinds, IReadOnlyList<OwnerSettings> owners)
    {
        var venues = new List<VenueSettings>();
        if (!file.Has("venues"))
        {
            file.Complain("venues", "this key is missing; write \"venues\": [ ].");
        }

        foreach (var entry in file.Objects("venues"))
        {
            var source = entry.Text("source", "derive-v3");
            var kind = kinds.FirstOrDefault(known => known.Source == source);
            if (kind is null && source.Length > 0)
            {
                entry.Complain("source", $"no venue is called \"{source}\"; known are {string.Join(", ", kinds.Select(static known => known.Source))}.");
            }
            else if (venues.Exists(venue => venue.Source == source))
            {
                entry.Complain("source", $"{source} is written twice; put all of its accounts into one entry.");
            }

            var url = kind?.Url;
            if (entry.OptionalText("url", "https://api.derive.xyz/v3/") is { } text)
            {
                if (OutboundUrl.TryParse(text.EndsWith('/') ? text : text + "/", out var own, out var error))
                {
                    url = own;
                }
                else
                {
                    entry.Complain("url", error!);
                }
            }

            var age = (ulong)entry.Whole("maxAgeSeconds", UsualAge, 1, MostAge);
            var accounts = entry.Objects("accounts").SelectMany(group => Accounts(group, source, owners)).ToList();
            foreach (var twice in accounts.GroupBy(static account => account.Id).Where(static group => group.Count() > 1))
            {
                entry.Complain("accounts", $"{twice.Key} is written twice, and its alerts could name only one owner; keep it with one of them.");
            }

            entry.Done();
            if (kind is not null && url is not null)
            {
                venues.Add(new VenueSettings(source, url, age, accounts));
            }
        }

        file.Done();
        return venues;
    }

    private static List<VenueAccount> Accounts(SettingsObject group, string source, IReadOnlyList<OwnerSettings> owners)
    {
        var accounts = new List<VenueAccount>();
        var owner = group.Text("owner", "me");
        if (owner.Length > 0 && !owners.Any(known => known.Name.Equals(owner, StringComparison.OrdinalIgnoreCase)))
        {
            group.Complain("owner", $"owners.json has nobody of the name \"{owner}\"; it has {string.Join(", ", owners.Select(static known => known.Name))}.");
        }

        if (!group.Has("subaccounts"))
        {
            group.Complain("subaccounts", "this key is missing; write \"subaccounts\": [ 12345 ].");
        }

        foreach (var (node, path) in group.Items("subaccounts"))
        {
            if (node.Kind == SettingsKind.Number && ulong.TryParse(node.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0)
            {
                accounts.Add(new VenueAccount(owner, new VenueAccountId(source, id.ToString(CultureInfo.InvariantCulture))));
            }
            else
            {
                group.Source.Complain(node, path, "a sub-account is its id, a whole number above 0.");
            }
        }

        group.Done();
        return accounts;
    }
}

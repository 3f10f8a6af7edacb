using System.Text.Json;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.DeriveV3;

/// <summary>
/// A notification of the channel margin.watch: a list of rows as public/margin_watch answers them, of whichever accounts. Of a row only its number and its margins are looked at; one that
/// can't be read is passed over.
/// </summary>
internal static class MarginPush
{
    private const string Channel = "margin.watch";
    private const int Deepest = 16;

    /// <exception cref="JsonException">It is no JSON.</exception>
    public static List<VenuePush> Read(string message, Func<ulong, VenueAccountId> accountOf, IReadOnlySet<VenueAccountId> accounts)
    {
        var pushes = new List<VenuePush>();
        using var document = JsonDocument.Parse(message, new JsonDocumentOptions { MaxDepth = Deepest });
        var root = document.RootElement;
        if (Member(root, "params") is not { } parameters || Member(parameters, "channel") is not { ValueKind: JsonValueKind.String } channel || !channel.ValueEquals(Channel)
            || Member(parameters, "data") is not { ValueKind: JsonValueKind.Array } rows)
        {
            return pushes;
        }

        foreach (var row in rows.EnumerateArray())
        {
            if (Member(row, "subaccount_id") is { ValueKind: JsonValueKind.Number } number && number.TryGetUInt64(out var id) && accountOf(id) is var account && accounts.Contains(account)
                && Margin(row, "maintenance_margin") is { } maintenance && Margin(row, "initial_margin") is { } initial)
            {
                pushes.Add(new VenuePush(account, initial < 0, maintenance < 0));
            }
        }

        return pushes;
    }

    private static JsonElement? Member(JsonElement json, string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : null;

    private static Int128? Margin(JsonElement row, string field) =>
        Member(row, field) is { ValueKind: JsonValueKind.String } text && text.GetString() is { } figure && DecimalText.TryWad(figure, out var wad) ? wad : null;
}

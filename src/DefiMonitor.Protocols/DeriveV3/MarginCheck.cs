using System.Text;
using System.Text.Json;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV3;

/// <summary>
/// public/get_margin of what margin_watch says the account holds: the venue's margin rules over the venue's own list of holdings, asked a moment later. Where the two are far apart the
/// snapshot is stale, or lists not everything. Prices move between them, and open orders count in neither.
/// </summary>
internal static class MarginCheck
{
    private const int Decimals = 18;

    // In percent of the largest of value and requirements: what a second or two of a wild market can do, and far less than a missing position.
    private const int TolerancePercent = 5;

    private const string Portfolio = "PM2";
    private const string Standard = "SM";
    private const string Perpetual = "-PERP";

    /// <summary>The request, or why there is none.</summary>
    public static (VenueRequest? Request, string? Why) Of(JsonElement watched)
    {
        if (watched.GetProperty("is_delayed_liquidation").GetBoolean())
        {
            return (null, "not checked: the venue has lowered its margins for a time, and get_margin has not.");
        }

        var type = watched.GetProperty("margin_type").GetString();
        if (type is not (Portfolio or Standard))
        {
            return (null, "not checked: get_margin knows no margin type of that name.");
        }

        var market = Market(watched);
        if (type == Portfolio && market is null)
        {
            return (null, "not checked: the venue names not one currency of the account's manager.");
        }

        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("margin_type", type);
            if (type == Portfolio)
            {
                json.WriteString("market", market);
            }

            json.WriteStartArray("simulated_collaterals");
            foreach (var held in watched.GetProperty("collaterals").EnumerateArray())
            {
                if (Text(held, "asset_name") is not { } name)
                {
                    return (null, "not checked: a collateral has no asset_name.");
                }

                Write(json, "asset_name", name, held);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("simulated_positions");
            foreach (var held in watched.GetProperty("positions").EnumerateArray())
            {
                if (Text(held, "instrument_name") is not { } name)
                {
                    return (null, "not checked: a position has no instrument_name.");
                }

                var entry = Text(held, "entry_price");
                if (name.EndsWith(Perpetual, StringComparison.Ordinal) && entry is null)
                {
                    return (null, "not checked: the venue does not say at what price a perpetual was entered, and without it get_margin leaves its profit out.");
                }

                Write(json, "instrument_name", name, held);
                if (entry is not null)
                {
                    json.WriteString("entry_price", entry);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return (new VenueRequest("public/get_margin", Encoding.UTF8.GetString(stream.ToArray())), null);
    }

    /// <exception cref="VenueAnswerException">There is no margin in the answer.</exception>
    public static VenueReport Compare(VenueReport report, JsonElement result)
    {
        if (result.ValueKind != JsonValueKind.Object)
        {
            throw new VenueAnswerException("The venue's result is no object.");
        }

        var (maintenance, initial) = (MarginWatch.Figure(result, "pre_maintenance_margin"), MarginWatch.Figure(result, "pre_initial_margin"));
        var (ours, ourInitial, value) = (report.MaintenanceMargin!.Value, report.InitialMargin!.Value, report.AccountValue!.Value);
        checked
        {
            var scale = new[] { Int128.Abs(value), Int128.Abs(value - ours), Int128.Abs(value - ourInitial), (Int128)1_000_000_000_000_000_000 }.Max();
            var tolerance = scale / 100 * TolerancePercent;
            if (Int128.Abs(maintenance - ours) <= tolerance && Int128.Abs(initial - ourInitial) <= tolerance)
            {
                return report with { Check = "get_margin says the same of these holdings." };
            }
        }

        var apart = $"The venue contradicts itself: margin_watch says a maintenance margin of {Say(ours)} and an initial of {Say(ourInitial)}, get_margin of the same holdings {Say(maintenance)} and {Say(initial)}.";
        return report.Status == MarginStatus.Healthy
            ? report with { Status = MarginStatus.Unknown, UnknownReason = apart, Check = apart }
            : report with { Check = apart };
    }

    // A list of one, or by an older version of the API one text.
    private static string? Market(JsonElement watched) => !watched.TryGetProperty("currency", out var currency) ? null
        : currency.ValueKind == JsonValueKind.String ? currency.GetString()
        : currency.ValueKind == JsonValueKind.Array && currency.GetArrayLength() == 1 && currency[0].ValueKind == JsonValueKind.String ? currency[0].GetString()
        : null;

    private static string? Text(JsonElement json, string field) => json.TryGetProperty(field, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static void Write(Utf8JsonWriter json, string field, string name, JsonElement held)
    {
        json.WriteStartObject();
        json.WriteString(field, name);
        json.WriteString("amount", held.GetProperty("amount").GetString());
    }

    private static string Say(Int128 figure) => (figure < 0 ? "-" : "") + Units.Format((UInt256)(UInt128)Int128.Abs(figure), Decimals, 2);
}

using System.Text.Json;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.DeriveV3;

/// <summary>
/// The result of public/margin_watch. What the verdict goes by is read strictly; positions and collaterals are open maps of which a name and an amount are required, because
/// their other fields are not told in the documentation.
/// </summary>
/// <param name="ValuedAt">Seconds.</param>
internal sealed record MarginWatch(
    ulong SubAccount, Int128 Maintenance, Int128 Initial, Int128 Value, bool IsDelayed, string MarginType, ulong ValuedAt, IReadOnlyList<VenueHolding> Holdings)
{
    private const int MostHoldings = 10_000;

    // As milliseconds this is a day of 1973, as seconds the year 5138: nobody means either.
    private const ulong MostSeconds = 100_000_000_000;

    private static readonly string[] NameFields = ["instrument_name", "asset_name", "name", "currency"];

    private static readonly string[] VolatilityFields = ["iv", "mark_iv", "implied_volatility", "volatility", "vol"];

    /// <exception cref="VenueAnswerException">A field is missing, or is not what it should be.</exception>
    public static MarginWatch Read(JsonElement result)
    {
        if (result.ValueKind != JsonValueKind.Object)
        {
            throw new VenueAnswerException("The venue's result is no object.");
        }

        var valued = Whole(result, "valuation_timestamp");
        if (valued >= MostSeconds)
        {
            throw new VenueAnswerException($"The venue's valuation_timestamp {valued} is no time in seconds.");
        }

        return new MarginWatch(
            Whole(result, "subaccount_id"), Figure(result, "maintenance_margin"), Figure(result, "initial_margin"), Figure(result, "subaccount_value"),
            Field(result, "is_delayed_liquidation") is { ValueKind: JsonValueKind.True or JsonValueKind.False } flag ? flag.GetBoolean() : throw Wrong("is_delayed_liquidation", "true or false"),
            Field(result, "margin_type") is { ValueKind: JsonValueKind.String } type ? Plain.Of(type.GetString()!) : throw Wrong("margin_type", "a text"),
            valued, [.. Held(result, "collaterals"), .. Held(result, "positions")]);
    }

    /// <summary>What can't be true together, one sentence; null where nothing is wrong.</summary>
    public static string? Contradiction(MarginWatch watched) =>
        watched.Initial > watched.Maintenance ? "The venue's figures contradict each other: the initial margin is above the maintenance margin."
        : watched.Holdings.Count == 0 && (watched.Value != 0 || watched.Maintenance != 0) ? "The venue's figures contradict each other: an account that holds nothing has a value."
        : null;

    /// <exception cref="VenueAnswerException">It is missing, or no decimal number in text.</exception>
    public static Int128 Figure(JsonElement json, string field) =>
        Field(json, field) is { ValueKind: JsonValueKind.String } text && DecimalText.TryWad(text.GetString()!, out var wad) ? wad : throw Wrong(field, "a number in quotes");

    private static IEnumerable<VenueHolding> Held(JsonElement result, string field)
    {
        if (Field(result, field) is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() > MostHoldings)
        {
            throw Wrong(field, "a list");
        }

        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                throw Wrong(field, "a list of objects");
            }

            var name = NameFields.Select(known => item.TryGetProperty(known, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null).FirstOrDefault(static text => text is { Length: > 0 })
                ?? throw new VenueAnswerException($"The venue's {field} hold something without a name.");
            Figure(item, "amount");
            foreach (var volatility in VolatilityFields)
            {
                if (item.TryGetProperty(volatility, out _) && Figure(item, volatility) <= 0)
                {
                    throw new VenueAnswerException($"The venue says a volatility of {Plain.Of(item.GetProperty(volatility).ToString())} for {Plain.Of(name)}, by which nothing can be margined.");
                }
            }

            yield return new VenueHolding(Plain.Of(name), Plain.Of(item.GetProperty("amount").ToString()));
        }
    }

    private static ulong Whole(JsonElement json, string field) =>
        Field(json, field) is { ValueKind: JsonValueKind.Number } number && number.TryGetUInt64(out var whole) ? whole : throw Wrong(field, "a whole number");

    private static JsonElement Field(JsonElement json, string field) => json.TryGetProperty(field, out var value) ? value : throw new VenueAnswerException($"The venue's answer lacks {field}.");

    private static VenueAnswerException Wrong(string field, string wanted) => new($"The venue's {field} is not {wanted}.");
}

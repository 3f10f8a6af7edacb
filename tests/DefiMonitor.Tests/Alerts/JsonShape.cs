using System.Text.Json;
using System.Text.RegularExpressions;

namespace DefiMonitor.Tests.Alerts;

/// <summary>
/// The part of JSON Schema that docs/alert.v1.schema.json uses: type, enum, const, pattern, minimum, required, properties, items. Stricter in one thing:
/// a key that the schema does not name is a fault, since the monitor must describe all that it sends. A keyword it does not know is refused.
/// </summary>
internal static class JsonShape
{
    private static readonly string[] Words = ["$schema", "$id", "title", "description"];

    public static IReadOnlyList<string> Faults(JsonElement schema, JsonElement value)
    {
        var faults = new List<string>();
        Check(schema, value, "$", faults);
        return faults;
    }

    private static void Check(JsonElement schema, JsonElement value, string at, List<string> faults)
    {
        foreach (var rule in schema.EnumerateObject())
        {
            switch (rule.Name)
            {
                case "type":
                    var types = rule.Value.ValueKind == JsonValueKind.Array ? rule.Value.EnumerateArray().Select(t => t.GetString()!) : [rule.Value.GetString()!];
                    if (!types.Any(t => Is(value, t)))
                    {
                        faults.Add($"{at}: {value.ValueKind} is not {rule.Value}");
                    }

                    break;
                case "const":
                    Fault(rule.Value.GetRawText() == value.GetRawText(), $"{at}: {value} is not {rule.Value}");
                    break;
                case "enum":
                    Fault(rule.Value.EnumerateArray().Any(e => e.GetRawText() == value.GetRawText()), $"{at}: {value} is none of {rule.Value}");
                    break;
                case "pattern":
                    Fault(value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, rule.Value.GetString()!), $"{at}: {value} is not like {rule.Value}");
                    break;
                case "minimum":
                    Fault(value.ValueKind != JsonValueKind.Number || value.GetDouble() >= rule.Value.GetDouble(), $"{at}: {value} is below {rule.Value}");
                    break;
                case "required":
                    Required(rule.Value, value, at, faults);
                    break;
                case "properties":
                    Properties(rule.Value, value, at, faults);
                    break;
                case "items":
                    Items(rule.Value, value, at, faults);
                    break;
                default:
                    Fault(Words.Contains(rule.Name), $"{at}: the keyword {rule.Name} is not checked here");
                    break;
            }
        }

        void Fault(bool good, string text)
        {
            if (!good)
            {
                faults.Add(text);
            }
        }
    }

    private static void Required(JsonElement names, JsonElement value, string at, List<string> faults)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            faults.AddRange(names.EnumerateArray().Where(n => !value.TryGetProperty(n.GetString()!, out _)).Select(n => $"{at}: {n} is missing"));
        }
    }

    private static void Properties(JsonElement properties, JsonElement value, string at, List<string> faults)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            if (properties.TryGetProperty(member.Name, out var schema))
            {
                Check(schema, member.Value, $"{at}.{member.Name}", faults);
            }
            else
            {
                faults.Add($"{at}: {member.Name} is not described");
            }
        }
    }

    private static void Items(JsonElement schema, JsonElement value, string at, List<string> faults)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            var i = 0;
            foreach (var item in value.EnumerateArray())
            {
                Check(schema, item, $"{at}[{i++}]", faults);
            }
        }
    }

    private static bool Is(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => throw new ArgumentException($"type {type}"),
    };
}

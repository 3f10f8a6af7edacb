using System.Text.Json;

namespace DefiMonitor.Ethereum.Abi;

/// <summary>A contract's interface, read from standard ABI JSON: an array of entries, or an object with such an array under <c>abi</c>.</summary>
public sealed class ContractAbi
{
    private readonly Dictionary<string, AbiFunction> functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AbiEvent> events = new(StringComparer.Ordinal);

    private ContractAbi(string name) => Name = name;

    /// <summary>Where it was read from, for sentences.</summary>
    public string Name { get; }

    public IReadOnlyCollection<AbiFunction> Functions => functions.Values;

    public IReadOnlyCollection<AbiEvent> Events => events.Values;

    /// <exception cref="AbiException">It is no ABI; the sentence names <paramref name="name"/> and the entry.</exception>
    public static ContractAbi Parse(string json, string name)
    {
        var abi = new ContractAbi(name);
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            root = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("abi", out var inner) ? inner : root;
            if (root.ValueKind != JsonValueKind.Array)
            {
                throw new AbiException($"{name} is no ABI: an array of entries was expected.");
            }

            foreach (var entry in root.EnumerateArray())
            {
                abi.Read(entry);
            }
        }
        catch (JsonException e)
        {
            throw new AbiException($"{name} is no JSON: {e.Message}", e);
        }

        return abi;
    }

    /// <param name="signature">Full, as in <c>getReserveData(address)</c>, or the bare name where only one function has it.</param>
    /// <exception cref="AbiException">There is none, or there are several.</exception>
    public AbiFunction Function(string signature) => Find(functions, f => f.Name, signature, "function");

    /// <inheritdoc cref="Function"/>
    public AbiEvent Event(string signature) => Find(events, e => e.Name, signature, "event");

    /// <summary>The event of that full signature, decoded into records.</summary>
    /// <inheritdoc cref="AbiEvent{T}(AbiEvent)"/>
    public AbiEvent<T> Event<T>(string signature) => new(Event(signature));

    private T Find<T>(Dictionary<string, T> entries, Func<T, string> nameOf, string signature, string what)
        where T : class
    {
        if (signature.Contains('('))
        {
            return entries.TryGetValue(signature, out var exact) ? exact : throw new AbiException($"{Name} has no {what} {signature}.");
        }

        var found = entries.Values.Where(e => nameOf(e) == signature).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new AbiException($"{Name} has no {what} {signature}."),
            _ => throw new AbiException($"{Name} has {found.Count} {what}s named {signature}: write the full signature, one of {string.Join(", ", entries.Keys.Where(k => k.StartsWith(signature + "(", StringComparison.Ordinal)))}."),
        };
    }

    private void Read(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object)
        {
            throw new AbiException($"{Name} is no ABI: an entry is no object.");
        }

        switch (Text(entry, "type"))
        {
            case "function":
                var function = new AbiFunction(Required(entry, "name"), Parameters(entry, "inputs", 0), Parameters(entry, "outputs", 0));
                functions[function.Signature] = function;
                break;
            case "event":
                var anonymous = entry.TryGetProperty("anonymous", out var flag) && flag.ValueKind == JsonValueKind.True;
                if (!anonymous)
                {
                    var made = new AbiEvent(Required(entry, "name"), Parameters(entry, "inputs", 0));
                    events[made.Signature] = made;
                }

                break;
            case "constructor" or "fallback" or "receive" or "error":
                break;
            case var other:
                throw new AbiException($"{Name} has an entry of the type '{Rpc.RpcText.Clean(other)}', which is none of an ABI's.");
        }
    }

    private List<AbiParameter> Parameters(JsonElement entry, string key, int depth)
    {
        var list = new List<AbiParameter>();
        if (!entry.TryGetProperty(key, out var parameters))
        {
            return list;
        }

        if (parameters.ValueKind != JsonValueKind.Array)
        {
            throw new AbiException($"{Name}: '{key}' is no array.");
        }

        foreach (var parameter in parameters.EnumerateArray())
        {
            var components = parameter.ValueKind == JsonValueKind.Object && depth < 16 ? Parameters(parameter, "components", depth + 1) : [];
            var type = AbiType.Parse(Required(parameter, "type"), components);
            var indexed = parameter.TryGetProperty("indexed", out var flag) && flag.ValueKind == JsonValueKind.True;
            list.Add(new AbiParameter(Text(parameter, "name") ?? "", type, indexed));
        }

        return list;
    }

    private string Required(JsonElement entry, string key) =>
        Text(entry, key) is { Length: > 0 } text ? text : throw new AbiException($"{Name}: an entry has no '{key}'.");

    private static string? Text(JsonElement entry, string key) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

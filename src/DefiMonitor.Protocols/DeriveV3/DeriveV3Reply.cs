using System.Text.Json;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.DeriveV3;

/// <summary>What was wrong with an answer, one sentence.</summary>
internal sealed class VenueAnswerException(string message) : Exception(message);

/// <summary>A reply in the shape of JSON-RPC 2.0: a result, or an error.</summary>
internal sealed class DeriveV3Reply : IDisposable
{
    private const int Deepest = 16;

    private readonly JsonDocument document;

    private DeriveV3Reply(JsonDocument document, JsonElement result) => (this.document, Result) = (document, result);

    public JsonElement Result { get; }

    /// <exception cref="VenueAnswerException">There is no result in it.</exception>
    public static DeriveV3Reply Open(VenueAnswer answer)
    {
        if (answer.Failure is { } failure)
        {
            throw new VenueAnswerException($"The venue did not answer: {failure}.");
        }

        if (answer.IsTooMuch)
        {
            throw new VenueAnswerException("The venue answered 429: more was asked than it allows at once.");
        }

        JsonDocument? parsed = null;
        try
        {
            parsed = JsonDocument.Parse(answer.Body, new JsonDocumentOptions { MaxDepth = Deepest, AllowDuplicateProperties = false });
            var root = parsed.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null)
            {
                throw new VenueAnswerException($"The venue refused: {Words(error)}.");
            }

            if (answer.Status != 200)
            {
                throw new VenueAnswerException($"The venue answered HTTP {answer.Status}.");
            }

            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("result", out var result)
                ? new DeriveV3Reply(parsed, result)
                : throw new VenueAnswerException("The venue's answer has neither a result nor an error.");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // A text that is no Unicode is an ArgumentException of the parser's.
            parsed?.Dispose();
            throw new VenueAnswerException(answer.Status == 200 ? "The venue's answer is no JSON." : $"The venue answered HTTP {answer.Status}, and no JSON.");
        }
        catch (VenueAnswerException)
        {
            parsed?.Dispose();
            throw;
        }
    }

    public void Dispose() => document.Dispose();

    private static string Words(JsonElement error)
    {
        var code = error.ValueKind == JsonValueKind.Object && error.TryGetProperty("code", out var number) && number.ValueKind == JsonValueKind.Number ? $"{number.GetRawText()} " : "";
        var message = error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "without a word";
        return code + Plain.Of(message);
    }
}

/// <summary>What a venue says is hostile: bounded, and printable ASCII alone.</summary>
internal static class Plain
{
    private const int Longest = 120;

    public static string Of(string text) => new([.. text.Take(Longest).Select(static c => c is >= ' ' and <= '~' ? c : '?')]);
}

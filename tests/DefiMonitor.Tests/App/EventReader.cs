using System.Text.Json;

namespace DefiMonitor.Tests.App;

/// <summary>Reads server-sent events as a client does.</summary>
internal sealed class EventReader(HttpResponseMessage response, StreamReader reader) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task<EventReader> OpenAsync(HttpClient http, string path, string? lastEventId)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        (await reader.ReadLineAsync().WaitAsync(Patience)).ShouldStartWith(": from ");
        return new EventReader(response, reader);
    }

    /// <summary>The next event's id and the alert it is about; comments are passed over.</summary>
    public async Task<(long Seq, string AlertId)> NextAsync()
    {
        long seq = 0;
        while (await reader.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                seq = long.Parse(line[4..]);
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                using var json = JsonDocument.Parse(line[6..]);
                json.RootElement.GetProperty("seq").GetInt64().ShouldBe(seq);
                return (seq, json.RootElement.GetProperty("alertId").GetString()!);
            }
        }

        throw new EndOfStreamException();
    }

    public async Task<string> NextCommentAsync()
    {
        while (await reader.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.StartsWith(": ", StringComparison.Ordinal))
            {
                return line[2..];
            }
        }

        throw new EndOfStreamException();
    }

    public async Task ReadToEndAsync()
    {
        try
        {
            await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            // Cut off, which is an end too.
            return;
        }
    }

    public ValueTask DisposeAsync()
    {
        reader.Dispose();
        response.Dispose();
        return ValueTask.CompletedTask;
    }
}

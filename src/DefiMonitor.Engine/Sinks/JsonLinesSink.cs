namespace DefiMonitor.Engine.Sinks;

/// <summary>Appends one alert.v1 a line to a file and flushes it to the disk before it counts as sent. A reader dedupes by messageId.</summary>
public sealed class JsonLinesSink(string name, string path) : IAlertSink
{
    private static readonly ReadOnlyMemory<byte> NewLine = "\n"u8.ToArray();

    public string Name { get; } = name;

    public bool KeepsEverything => true;

    public IReadOnlyList<RateLimit> Limits => [];

    public async Task<SinkResult> SendAsync(SinkMessage message, CancellationToken cancellationToken)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }

            // Opened anew for each line: whoever rotates the file by renaming it needs to tell nobody.
            await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
            await EndTornLineAsync(file, cancellationToken);
            await file.WriteAsync(message.Json, cancellationToken);
            await file.WriteAsync(NewLine, cancellationToken);
            file.Flush(flushToDisk: true);
            return new SinkResult.Sent();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return new SinkResult.Retry(null, Redaction.ByShape.Error($"the file {path} can't be written: {e.Message}"), SinkWide: true);
        }
    }

    // A crash or a full disk may have cut the last line short: it keeps a line of its own, so that it spoils no other.
    private static async Task EndTornLineAsync(FileStream file, CancellationToken cancellationToken)
    {
        if (file.Length > 0)
        {
            file.Seek(-1, SeekOrigin.End);
            if (file.ReadByte() != '\n')
            {
                await file.WriteAsync(NewLine, cancellationToken);
            }
        }

        file.Seek(0, SeekOrigin.End);
    }
}

using System.Text;

namespace DefiMonitor.Engine.Sinks;

/// <summary>Plain text to the program's own output. No colours and no markup, so a token's name cannot become any.</summary>
public sealed class ConsoleSink(string name, TextWriter writer) : IAlertSink
{
    public string Name { get; } = name;

    public bool KeepsEverything => false;

    public IReadOnlyList<RateLimit> Limits => [];

    public async Task<SinkResult> SendAsync(SinkMessage message, CancellationToken cancellationToken)
    {
        var text = MessageText.Of(message);
        var block = new StringBuilder();
        block.AppendLine(text.Title);
        foreach (var line in text.Lines)
        {
            block.Append("    ").AppendLine(line);
        }

        block.Append("    ").AppendLine(text.Footer);
        try
        {
            await writer.WriteAsync(block, cancellationToken);
            await writer.FlushAsync(cancellationToken);
            return new SinkResult.Sent();
        }
        catch (IOException e)
        {
            return new SinkResult.Retry(null, Redaction.ByShape.Error($"the output can't be written: {e.Message}"), SinkWide: true);
        }
    }
}

using DefiMonitor.Engine.Sinks;
using Serilog.Events;
using Serilog.Formatting;

namespace DefiMonitor.App.Hosting;

/// <summary>Every line of the log passes through the redaction, exceptions included; control characters of whoever was logged don't reach the terminal.</summary>
public sealed class RedactingFormatter(ITextFormatter inner, Redaction redaction) : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var text = new StringWriter();
        inner.Format(logEvent, text);
        foreach (var c in redaction.Text(text.ToString()))
        {
            output.Write(char.IsControl(c) && c is not ('\n' or '\r' or '\t') ? '?' : c);
        }
    }
}

using DefiMonitor.Engine.Sinks;
using Microsoft.Extensions.Configuration;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace DefiMonitor.App.Hosting;

/// <summary>The log: to standard error for whoever watches, and to a file a day in the data folder. Levels come from <c>Serilog:MinimumLevel</c> of appsettings.json.</summary>
internal static class Logging
{
    private const string Template = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {SourceContext} {Message:lj}{NewLine}{Exception}";
    private const int DaysKept = 14;
    private const long LargestFile = 64 * 1024 * 1024;

    public static Logger Create(IConfiguration configuration, string dataDir, Redaction redaction, bool verbose, bool quietConsole)
    {
        var formatter = new RedactingFormatter(new MessageTemplateTextFormatter(Template), redaction);
        var logging = new LoggerConfiguration()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Quartz", LogEventLevel.Warning)
            .ReadFrom.Configuration(configuration)
            .Enrich.FromLogContext()
            .WriteTo.File(
                formatter, Path.Combine(dataDir, "logs", "defimonitor-.log"), rollingInterval: RollingInterval.Day, retainedFileCountLimit: DaysKept,
                fileSizeLimitBytes: LargestFile, rollOnFileSizeLimit: true);
        if (verbose)
        {
            logging = logging.MinimumLevel.Debug();
        }

        return (quietConsole ? logging : ToConsole(logging, formatter)).CreateLogger();
    }

    private static LoggerConfiguration ToConsole(LoggerConfiguration logging, ITextFormatter formatter) =>
        logging.WriteTo.Console(formatter, standardErrorFromLevel: LogEventLevel.Verbose);
}

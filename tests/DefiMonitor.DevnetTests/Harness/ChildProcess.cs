using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;

namespace DefiMonitor.DevnetTests.Harness;

/// <summary>A process of ours: its output line by line, its complaints kept for messages, its whole tree killed at the end whatever happens.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int ComplaintsKept = 40;

    private readonly string name;
    private readonly Process process;
    private readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    private readonly Queue<string> complaints = new();
    private readonly Task reading;

    private ChildProcess(string name, Process process)
    {
        this.name = name;
        this.process = process;
        reading = Task.WhenAll(ReadOutputAsync(), ReadComplaintsAsync());
    }

    public bool HasEnded => process.HasExited;

    /// <summary>The end of what it wrote to standard error.</summary>
    public string Complaints
    {
        get
        {
            lock (complaints)
            {
                return string.Join(Environment.NewLine, complaints);
            }
        }
    }

    public static ChildProcess Start(string name, string file, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        return new ChildProcess(name, Process.Start(start)!);
    }

    public Task WriteLineAsync(string line) => process.StandardInput.WriteLineAsync(line);

    /// <summary>The next line of its output.</summary>
    public async Task<string> ReadLineAsync(TimeSpan patience, string what)
    {
        using var late = new CancellationTokenSource(patience);
        try
        {
            if (await lines.Reader.WaitToReadAsync(late.Token) && lines.Reader.TryRead(out var line))
            {
                return line;
            }
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"{name} has not said {what} within {patience.TotalSeconds} s. It complained:\n{Complaints}", e);
        }

        throw new InvalidOperationException($"{name} has ended instead of saying {what}. It complained:\n{Complaints}");
    }

    /// <summary>Everything that it says until its end.</summary>
    public async Task<(int ExitCode, IReadOnlyList<string> Lines)> FinishAsync(TimeSpan patience)
    {
        var all = new List<string>();
        using var late = new CancellationTokenSource(patience);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(late.Token))
            {
                all.Add(line);
            }

            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"{name} has not ended within {patience.TotalSeconds} s. Last it said '{all.LastOrDefault()}', and complained:\n{Complaints}", e);
        }

        return (process.ExitCode, all);
    }

    /// <summary>SIGKILL: nothing of it gets to run any more.</summary>
    public async Task KillNineAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and its exit code.</summary>
    public async Task<int> TerminateAsync(TimeSpan patience)
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        return (await FinishAsync(patience)).ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        await process.WaitForExitAsync();
        await reading;
        process.Dispose();
    }

    private async Task ReadOutputAsync()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            lines.Writer.TryWrite(line);
        }

        lines.Writer.Complete();
    }

    private async Task ReadComplaintsAsync()
    {
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            lock (complaints)
            {
                complaints.Enqueue(line);
                if (complaints.Count > ComplaintsKept)
                {
                    complaints.Dequeue();
                }
            }
        }
    }
}

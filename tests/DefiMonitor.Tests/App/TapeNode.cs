using DefiMonitor.Ethereum.Tape;
using DefiMonitor.Tests.Settings;

namespace DefiMonitor.Tests.App;

/// <summary>The shipped tape, stopped at its first block and served over HTTP: real answers of real Aave contracts, without a node.</summary>
internal sealed class TapeNode : IAsyncDisposable
{
    private readonly HttpNode http;

    private TapeNode(HttpNode http, ChainTape tape, ConfigFolder config)
    {
        this.http = http;
        Tape = tape;
        Config = config;
    }

    public ChainTape Tape { get; }

    /// <summary>The configuration that the tape was recorded with, without endpoints.</summary>
    public ConfigFolder Config { get; }

    public string Url => http.Url;

    public static async Task<TapeNode> StartAsync()
    {
        var tape = await TapeFile.ReadAsync(Path.Combine(AppContext.BaseDirectory, "tapes", "eth-2021-05-19.tape"));
        var transport = new TapeTransport(tape);
        transport.Step().ShouldBeTrue();
        var config = new ConfigFolder();
        foreach (var (name, text) in tape.Header.Configuration)
        {
            config.With(name, text);
        }

        return new TapeNode(await HttpNode.StartAsync(transport), tape, config);
    }

    public async ValueTask DisposeAsync()
    {
        await http.DisposeAsync();
        Config.Dispose();
    }
}

using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Tape;
using DefiMonitor.Tests.Settings;
using DefiMonitor.Tests.Vectors;
using Xunit.Abstractions;

namespace DefiMonitor.Tests.Protocols;

/// <summary>The adapters over the recorded chains of the demo: real contracts of Aave 3.0.2 and 3.6, Morpho Blue and Lyra v1 through a crash, with liquidations, e-mode loops and a fork.</summary>
public sealed class RecordedChainTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("eth-2021-05-19", 1, 10_000, 8, "aave-v3")]
    [InlineData("eth-2021-05-19", 5, 2_000, 8, "aave-v3")]
    [InlineData("eth-2021-05-19-two-protocols", 1, 5_000, 10, "aave-v3", "morpho-blue")]
    [InlineData("eth-2021-05-19-options", 1, 4_000, 5, "aave-v3", "lyra-v1")]
    public async Task Every_account_equals_the_contract_at_every_recorded_block(string name, int readEvery, int least, int leastLiquidations, params string[] families)
    {
        var tape = await TapeFile.ReadAsync(Path.Combine(VectorFiles.RepositoryRoot, "tapes", $"{name}.tape"));
        using var folder = new ConfigFolder();
        foreach (var (file, text) in tape.Header.Configuration)
        {
            folder.With(file, text);
        }

        var settings = folder.Load().Need();
        var chain = settings.ChainOf(tape.Header.Chain)!;
        var deployments = settings.DeploymentsOn(tape.Header.Chain).ToList();
        deployments.Select(static d => d.Id.Family).Distinct().ShouldBe(families, ignoreOrder: true);
        var owners = settings.Owners.SelectMany(o => o.AddressesOn(tape.Header.Chain)).ToList();
        var (compared, unread, liquidations) = (0, 0, 0);
        foreach (var deployment in deployments)
        {
            var at = Hash32.Zero;
            var run = new ProtocolRun(ProtocolFamilies.Create(deployment, chain), call => tape.TryAnswer(at, call, out var result) ? result : null);
            var number = 0;
            foreach (var block in tape.CanonicalBlocks())
            {
                at = block.Header.Hash;
                var isHead = number++ % readEvery == 0;
                run.Take(block.Header, block.Logs, owners, isHead);
                liquidations += block.Logs.Count(log => run.Protocol.LiquidationOf(log) is not null);

                // During the outage, and where a block was never the newest, only the contract's own view is on the tape: nothing was read there.
                if (!isHead || !run.Protocol.IsOpen || run.LastReads.Exists(call => !tape.TryAnswer(at, call, out _)))
                {
                    continue;
                }

                foreach (var account in owners.Select(run.Protocol.AccountOf).Where(run.Protocol.HasEntered))
                {
                    var state = run.Protocol.Capture(account, block.Header);
                    var answers = new CallResults();
                    foreach (var call in run.Protocol.Confirm(account))
                    {
                        if (tape.TryAnswer(at, call, out var result))
                        {
                            answers.Set(call, result);
                        }
                    }

                    var agreement = run.Protocol.Compare(state, answers);
                    agreement.Kind.ShouldNotBe(AgreementKind.Different, $"{account} at block {block.Header.Ref}: {agreement.Text}");
                    compared += agreement.Kind == AgreementKind.Equal ? 1 : 0;
                    unread += agreement.Kind == AgreementKind.Equal ? 0 : 1;
                    if (agreement.ChainSaysLiquidatable is { } liquidatable && agreement.Kind == AgreementKind.Equal)
                    {
                        run.Protocol.Evaluate(state, new Instant(block.Header.Timestamp), Shock.None).IsBelowEdge.ShouldBe(liquidatable);
                    }
                }
            }
        }

        output.WriteLine($"{compared} comparisons equal, {unread} not on the tape, {liquidations} liquidations");
        liquidations.ShouldBeGreaterThanOrEqualTo(leastLiquidations);
        compared.ShouldBeGreaterThan(least);
    }
}

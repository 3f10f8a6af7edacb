using System.Text.Json;
using System.Text.RegularExpressions;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Tape;
using DefiMonitor.Protocols;
using DefiMonitor.Tests.Vectors;
using Xunit.Abstractions;

namespace DefiMonitor.Tests.Protocols.AaveV3;

/// <summary>The adapter over the recorded chain of the demo: real Aave 3.0.2 and 3.6 contracts through a crash, with liquidations, e-mode loops and a fork.</summary>
public sealed partial class RecordedChainTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Every_account_equals_the_contract_at_every_recorded_block(int readEvery)
    {
        var tape = await TapeFile.ReadAsync(Path.Combine(VectorFiles.RepositoryRoot, "tapes", "eth-2021-05-19.tape"));
        var owners = Owners(tape);
        var (compared, unread, liquidations) = (0, 0, 0);
        foreach (var deployment in Deployments(tape))
        {
            var at = Hash32.Zero;
            var run = new ProtocolRun(ProtocolCatalog.Create(deployment, new ProtocolOptions()), call => tape.TryAnswer(at, call, out var result) ? result : null);
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
        liquidations.ShouldBeGreaterThanOrEqualTo(8);
        compared.ShouldBeGreaterThan(10_000 / readEvery);
    }

    private static List<ProtocolDeployment> Deployments(ChainTape tape)
    {
        using var json = JsonDocument.Parse(
            tape.Header.Configuration["protocols/aave-v3.json"], new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        return json.RootElement.GetProperty("deployments").EnumerateArray()
            .Select(entry => new ProtocolDeployment(
                new DeploymentId("aave-v3", tape.Header.Chain, entry.Text("name")),
                new Dictionary<string, Address> { ["poolAddressesProvider"] = Address.Parse(entry.Text("poolAddressesProvider")) }))
            .ToList();
    }

    private static List<Address> Owners(ChainTape tape) =>
        AnyAddress().Matches(tape.Header.Configuration["owners.json"]).Select(match => Address.Parse(match.Value)).Distinct().ToList();

    [GeneratedRegex("0x[0-9a-fA-F]{40}")]
    private static partial Regex AnyAddress();
}

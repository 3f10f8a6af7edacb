using System.Text.Json;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>Verbs that a chain's loop takes beside <c>ack</c>.</summary>
public static class ChainCommands
{
    public const string Acknowledge = "ack";

    /// <summary>Drop the chain's state and take it afresh. No arguments.</summary>
    public const string Repair = "repair";

    /// <summary>Watch an owner from now on: <c>{"address": "0x…"}</c>.</summary>
    public const string Watch = "watch";

    public static NewCommand ForRepair(Core.Chain.ChainId chain, DateTimeOffset now) => new(LoopNames.Chain(chain), Repair, "{}", now);

    public static NewCommand ForWatch(Core.Chain.ChainId chain, Address owner, DateTimeOffset now) =>
        new(LoopNames.Chain(chain), Watch, JsonSerializer.Serialize(new { address = owner.ToHex() }), now);

    internal static string? Argument(StoredCommand command, string name)
    {
        try
        {
            using var args = JsonDocument.Parse(command.Args);
            return args.RootElement.ValueKind == JsonValueKind.Object && args.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

public sealed partial class ChainLoop
{
    // Whoever presses a button is answered within five seconds, however slowly blocks come.
    private static readonly TimeSpan CommandsEvery = TimeSpan.FromSeconds(1);

    /// <summary>Completes when somebody has left a command.</summary>
    private async Task WaitForCommandAsync(CancellationToken cancellationToken)
    {
        do
        {
            await Task.Delay(CommandsEvery, time, cancellationToken);
        }
        while ((await store.PendingCommandsAsync(Name, cancellationToken)).Count == 0);
    }

    private async Task ApplyCommandsAsync(CancellationToken cancellationToken)
    {
        foreach (var command in await store.PendingCommandsAsync(Name, cancellationToken))
        {
            switch (command.Verb)
            {
                case ChainCommands.Acknowledge:
                    await AcknowledgeAsync(command, cancellationToken);
                    break;
                case ChainCommands.Watch:
                    await WatchAsync(command, cancellationToken);
                    break;
                case ChainCommands.Repair:
                    await StartAsync(cancellationToken);
                    return;
                default:
                    await AnswerAsync(command, "refused: this loop does not know the verb", [], cancellationToken);
                    break;
            }
        }
    }

    private Task AcknowledgeAsync(StoredCommand command, CancellationToken cancellationToken)
    {
        if (ChainCommands.Argument(command, "alertId") is not { } id || book.Find(id) is not { IsOpen: true } state)
        {
            return AnswerAsync(command, "refused: there is no such open alert", [], cancellationToken);
        }

        return AnswerAsync(command, "acknowledged", [AlertMachine.Acknowledge(state)], cancellationToken);
    }

    private async Task WatchAsync(StoredCommand command, CancellationToken cancellationToken)
    {
        if (!Address.TryParse(ChainCommands.Argument(command, "address"), out var owner))
        {
            await AnswerAsync(command, "refused: no address", [], cancellationToken);
            return;
        }

        await WelcomeAsync(protocols.Select(p => p.AccountOf(owner)), CandidateSource.Command, Head?.Number, cancellationToken);
        headPending |= journal.Top is not null;
        await AnswerAsync(command, $"watched on {protocols.Count} deployments", [], cancellationToken);
    }

    /// <summary>Before anything is loaded: a repair drops what could not be loaded.</summary>
    private async Task RepairIfAskedAsync(CancellationToken cancellationToken)
    {
        foreach (var command in await store.PendingCommandsAsync(Name, cancellationToken))
        {
            if (command.Verb == ChainCommands.Repair)
            {
                await store.DropStateAsync(fence!, options.Chain, cancellationToken);
                await AnswerAsync(command, "dropped; every account enters again at the next head", [], cancellationToken);
            }
        }
    }

    private async Task AnswerAsync(StoredCommand command, string result, IReadOnlyList<AlertState> alerts, CancellationToken cancellationToken)
    {
        await store.CommitAsync(
            fence!, new JudgementCommit { At = time.GetUtcNow(), Alerts = alerts, Commands = [new AppliedCommand(command.Id, result)] }, cancellationToken);
        book.Take(alerts, []);
        LogCommand(command.Id, command.Verb, result);
    }
}

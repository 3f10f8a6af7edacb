using System.Globalization;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Replay;
using DefiMonitor.Engine.Sinks;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DefiMonitor.App.Replaying;

/// <summary>The live picture of a replay: who stands where, and who was told what. Every text of the chain is escaped.</summary>
internal sealed class ReplayScreen(int width, int height)
{
    private const int AlertLines = 9;

    // Rule, table head and caption, panel border, and the line on which the cursor stands.
    private const int FrameLines = 9;

    private readonly Queue<string> told = new();

    public IRenderable Draw(ReplayFrame frame)
    {
        foreach (var message in frame.Told)
        {
            told.Enqueue(AlertLine(message.Transition));
            while (told.Count > AlertLines)
            {
                told.Dequeue();
            }
        }

        var rows = Math.Max(5, height - AlertLines - FrameLines);
        return new Rows(Header(frame), Accounts(frame, rows), Alerts());
    }

    /// <summary>One alert as one line of markup, cut to the width.</summary>
    private string AlertLine(AlertTransition transition)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds((long)transition.Block.Timestamp).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var colour = transition.Kind is TransitionKind.Resolved or TransitionKind.Retracted or TransitionKind.Eased ? "green" : Colour(transition.Level);
        return $"[grey]{time}[/] [{colour}]{Kind(transition),-12}[/] {Markup.Escape(Short(transition))}";
    }

    // The kind stands before it and the market's short name is enough here.
    private string Short(AlertTransition transition)
    {
        var title = HostileText.OneLine(transition.Title, 300);
        var colon = title.IndexOf(": ", StringComparison.Ordinal);
        title = title[(colon + 1)..].Trim();
        if (transition.Report is { } report)
        {
            title = title.Replace(report.Account.Deployment.ToString(), report.Account.Deployment.Name, StringComparison.Ordinal);
        }

        var room = Math.Max(30, width - 28);
        return title.Length <= room ? title : title[..(room - 1)] + "…";
    }

    /// <summary>The same without markup, for a log or a file.</summary>
    public static string PlainLine(AlertTransition transition)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds((long)transition.Block.Timestamp).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        return $"{time} block {transition.Block.Number,5} {HostileText.OneLine(transition.Title, 300)}";
    }

    private static string Kind(AlertTransition transition) =>
        transition.Rule == Rules.Liquidated && transition.Kind == TransitionKind.Opened ? "Liquidated"
        : transition.Kind is TransitionKind.Opened or TransitionKind.Escalated ? transition.Level.ToString() : transition.Kind.ToString();

    private static Rule Header(ReplayFrame frame)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds((long)frame.Now).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        var age = frame.Head is { } head && frame.Now > head.Timestamp ? frame.Now - head.Timestamp : 0;
        var node = frame.Down ? $"[red]node does not answer, last block {age} s old[/]" : $"[green]node answers[/], block {age} s old";
        var block = frame.Head is { } at ? $"block {at.Number} [grey]{at.Hash.Short}[/]" : "no block yet";
        return new Rule($"{time}  {block}  {node}  reorgs {frame.Reorgs}  liquidations {frame.Liquidations}  [grey]{frame.Step}/{frame.Steps}[/]")
            .LeftJustified();
    }

    private static Table Accounts(ReplayFrame frame, int rows)
    {
        var table = new Table().Border(TableBorder.Simple).Expand();
        table.AddColumns("account", "market", "level");
        foreach (var right in (string[])["health", "liquidation price", "distance", "sigmas", "debt", "block", "age"])
        {
            table.AddColumn(new TableColumn(right).RightAligned());
        }

        var nearest = frame.Accounts.OrderBy(static a => a.Report is { Status: MarginStatus.Unknown } ? -1 : a.Sigmas ?? double.MaxValue)
            .ThenBy(static a => a.Name, StringComparer.Ordinal)
            .ToList();
        foreach (var account in nearest.Take(rows))
        {
            table.AddRow(Row(account, frame.Now));
        }

        if (nearest.Count > rows)
        {
            table.Caption($"[grey]nearest {rows} of {nearest.Count} accounts[/]");
        }

        return table;
    }

    private static string[] Row(FrameAccount account, ulong now)
    {
        var name = Markup.Escape(account.Name);
        var market = Markup.Escape(account.Account.Deployment.Name);
        if (account.Report is not { } report)
        {
            return [name, market, "[grey]entering[/]", "", "", "", "", "", "", ""];
        }

        var age = now > report.Block.Timestamp ? now - report.Block.Timestamp : 0;
        var colour = Colour(account.Level);
        var level = account.Level == AlertLevel.None ? "[grey]-[/]" : $"[{colour}]{account.Level.ToString().ToLowerInvariant()}[/]";
        if (report.Status == MarginStatus.Unknown)
        {
            return [name, market, "[yellow]unknown[/]", "?", "?", "?", "?", "?", Number(report.Block.Number), $"{age} s"];
        }

        var edge = report.Triggers.SelectMany(static t => t.Edges).MinBy(static e => e.DistancePpm);
        return
        [
            name,
            market,
            level,
            $"[{colour}]{(report.HealthFactor is { } health ? Units.Format(health, 18, 4) : "∞")}[/]",
            edge is null ? "-" : $"{Markup.Escape(edge.Symbol)} {Units.Format(edge.Price, report.UnitDecimals, 2)}",
            edge is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{edge.DistancePpm / 10_000.0:F2} %"),
            account.Sigmas is { } sigmas ? sigmas.ToString("F1", CultureInfo.InvariantCulture) : "-",
            Units.Format(report.DebtValue, report.UnitDecimals, 0),
            Number(report.Block.Number),
            $"{age} s",
        ];
    }

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Colour(AlertLevel level) => level switch
    {
        AlertLevel.Liquidatable => "red bold",
        AlertLevel.Critical => "red",
        AlertLevel.Danger => "darkorange",
        AlertLevel.Warning => "yellow",
        _ => "default",
    };

    private Panel Alerts() =>
        new Panel(new Markup(told.Count == 0 ? "[grey]nothing to tell yet[/]" : string.Join('\n', told)))
            .Header("alerts").Expand().BorderColor(Color.Grey);
}

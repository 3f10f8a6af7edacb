using System.Globalization;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Settings.Json;

namespace DefiMonitor.Engine.Alerting;

/// <summary>Reads rules.json.</summary>
public static class RuleReader
{
    private static readonly UInt256 MostHealth = FixedPoint.Wad * 100u;

    /// <param name="owners">The owners of owners.json, whom rules may name.</param>
    public static RuleBook Read(SettingsObject root, IReadOnlyList<OwnerSettings> owners)
    {
        var usual = RuleBook.Default;
        var book = new RuleBook
        {
            Levels = Levels(root) ?? usual.Levels,
            Hysteresis = root.OptionalNumber("hysteresis", 1, 5) ?? usual.Hysteresis,
            UnknownAfterBlocks = (ulong)root.Whole("unknownAfterBlocks", (long)usual.UnknownAfterBlocks, 1, 10_000),
            UnknownAfterSeconds = (ulong)root.Whole("unknownAfterSeconds", (long)usual.UnknownAfterSeconds, 1, 86_400),
            LateFactor = root.OptionalNumber("lateFactor", 1, 10_000) ?? usual.LateFactor,
            LateMinimumSeconds = (ulong)root.Whole("lateMinimumSeconds", (long)usual.LateMinimumSeconds, 1, 86_400),
            LoopDeadAfterSeconds = (ulong)root.Whole("loopDeadAfterSeconds", (long)usual.LoopDeadAfterSeconds, 10, 86_400),
            OutboxStuckAfterSeconds = (ulong)root.Whole("outboxStuckAfterSeconds", (long)usual.OutboxStuckAfterSeconds, 10, 86_400),
            StaleAfterSeconds = (ulong)root.Whole("staleAfterSeconds", (long)usual.StaleAfterSeconds, 0, 31_536_000),
            NextPrice = root.Choice("nextPrice", "critical", "critical", "danger", "warning", "off") is var word && word == "off" ? AlertLevel.None : Enum.Parse<AlertLevel>(word, ignoreCase: true),
            QuietHours = root.OptionalObject("quietHours") is { } quiet ? Quiet(quiet) : null,
            MinimumDebt = (ulong)root.Whole("minimumDebt", (long)usual.MinimumDebt, 0, long.MaxValue),
            Owners = Owners(root, owners),
        };
        root.Done();
        return book;
    }

    private static Dictionary<string, OwnerRules> Owners(SettingsObject root, IReadOnlyList<OwnerSettings> owners)
    {
        var all = new Dictionary<string, OwnerRules>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in root.Objects("owners"))
        {
            var name = entry.Text("owner", "me");
            var rules = new OwnerRules(Levels(entry), (ulong?)entry.OptionalWhole("minimumDebt", 0, long.MaxValue));
            entry.Done();
            var isAddress = Address.TryParse(name, out var address);
            var named = owners.FirstOrDefault(o => isAddress ? o.EveryAddress.Contains(address) : o.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (name.Length == 0)
            {
                continue;
            }

            if (named is null)
            {
                entry.Complain("owner", $"owners.json has no \"{name}\"{DidYouMean.Hint(name, owners.Select(o => o.Name))}; write a name or an address that stands there.");
            }
            else if (!all.TryAdd(isAddress ? address.ToHex() : named.Name, rules))
            {
                entry.Complain("owner", $"\"{name}\" has rules already; keep one of the two.");
            }
        }

        return all;
    }

    private static List<LevelRule>? Levels(SettingsObject parent)
    {
        if (!parent.Has("levels"))
        {
            parent.Raw("levels");
            return null;
        }

        var levels = new List<LevelRule>();
        foreach (var entry in parent.Objects("levels"))
        {
            var word = entry.Choice("level", "", "warning", "danger", "critical", "liquidatable");
            var sigmas = entry.OptionalNumber("sigmas", 0.001, 100);
            var health = entry.OptionalText("healthFactor", "1.2") is { } text ? Health(entry, text) : null;
            entry.Done();
            if (word == "liquidatable")
            {
                entry.Complain("level", "\"liquidatable\" is told whatever the rules say and needs no entry; take it out.");
            }
            else if (word.Length == 0)
            {
                if (!entry.Has("level"))
                {
                    entry.Complain("level", "this key is missing; write \"level\": \"warning\", \"danger\" or \"critical\".");
                }
            }
            else if (!entry.Has("sigmas") && !entry.Has("healthFactor"))
            {
                entry.Complain("sigmas", "this level has no threshold; write \"sigmas\": 2 (daily standard deviations), or \"healthFactor\": \"1.2\".");
            }
            else if (sigmas is not null || health is not null)
            {
                levels.Add(new LevelRule(Enum.Parse<AlertLevel>(word, ignoreCase: true), sigmas, health));
            }
        }

        Ordered(parent, levels);
        return levels;
    }

    private static void Ordered(SettingsObject parent, List<LevelRule> levels)
    {
        foreach (var low in levels)
        {
            foreach (var high in levels)
            {
                if (high.Level > low.Level && (high.Sigmas > low.Sigmas || (high.HealthFactor is { } a && low.HealthFactor is { } b && a > b)))
                {
                    parent.Complain("levels", $"{Word(high.Level)} begins farther from the edge than {Word(low.Level)}, so {Word(low.Level)} could never be told; swap the two.");
                    return;
                }
            }
        }
    }

    private static string Word(AlertLevel level) => level.ToString().ToLowerInvariant();

    private static UInt256? Health(SettingsObject entry, string text)
    {
        if (!Units.TryParse(text, 18, out var wad, out var error))
        {
            entry.Complain("healthFactor", error);
            return null;
        }

        if (wad <= FixedPoint.Wad || wad > MostHealth)
        {
            entry.Complain("healthFactor", $"{text} is out of range; write a health factor above 1 and up to 100, such as \"1.2\" (at 1 and below it is liquidatable, which is always told).");
            return null;
        }

        return wad;
    }

    private static QuietHours? Quiet(SettingsObject entry)
    {
        var from = Time(entry, "from", "23:00");
        var to = Time(entry, "to", "07:00");
        var name = entry.Text("timezone", "Europe/Berlin");
        entry.Done();
        if (name.Length == 0)
        {
            return null;
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
        {
            entry.Complain("timezone", $"this machine knows no time zone \"{name}\"; write one such as \"Europe/Berlin\" or \"UTC\" (on a bare container, install tzdata).");
            return null;
        }

        if (from is { } f && to is { } t && f == t)
        {
            entry.Complain("to", "the quiet hours end when they begin; write two different times, or take quietHours out.");
            return null;
        }

        return from is null || to is null ? null : new QuietHours(from.Value, to.Value, zone);
    }

    private static TimeOnly? Time(SettingsObject entry, string key, string example)
    {
        var text = entry.Text(key, example);
        if (text.Length == 0)
        {
            return null;
        }

        if (TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time;
        }

        entry.Complain(key, $"\"{text}\" is no time of day; write hours and minutes, as in \"{example}\".");
        return null;
    }
}

using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Settings.Json;

namespace DefiMonitor.Tests.Alerts;

/// <summary>One leg, in words: amounts and prices as a person writes them.</summary>
internal sealed record Leg(PositionSide Side, string Symbol, string Amount, string Price, uint ThresholdBps = 0, string? Shares = null, bool Counts = true)
{
    public static Leg Collateral(string symbol, string amount, string price, uint bps, string? shares = null, bool counts = true) =>
        new(PositionSide.Collateral, symbol, amount, price, bps, shares, counts);

    public static Leg Debt(string symbol, string amount, string price, string? shares = null) => new(PositionSide.Debt, symbol, amount, price, 0, shares);
}

/// <summary>Reports, blocks and books to judge by.</summary>
internal static class Samples
{
    public const string Alice = "0x00000000000000000000000000000000000a11ce";
    public const ulong Start = 1_700_000_000;

    private static readonly Dictionary<string, (Address Address, int Decimals)> Tokens = new(StringComparer.Ordinal)
    {
        ["WETH"] = (Address.Parse("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"), 18),
        ["wstETH"] = (Address.Parse("0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0"), 18),
        ["WBTC"] = (Address.Parse("0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599"), 8),
        ["USDC"] = (Address.Parse("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"), 6),
        ["DAI"] = (Address.Parse("0x6B175474E89094C44Da98b954EedeAC495271d0F"), 18),
        ["WHAT"] = (Address.Parse("0x0000000000000000000000000000000000000bad"), 18),
        ["WHY"] = (Address.Parse("0x0000000000000000000000000000000000000bae"), 18),
    };

    public static ChainId Ethereum { get; } = new(1);

    public static DeploymentId Core { get; } = new("aave-v3", Ethereum, "core");

    /// <summary>The catalog that ships.</summary>
    public static AssetCatalog Shipped { get; } = ReadShipped();

    public static MarginAccountId Account(string key = Alice) => new(Core, key);

    public static AlertSubject Subject(string key = Alice) => new(SubjectKind.Account, Account(key).ToString());

    public static Address Token(string symbol) => Tokens[symbol].Address;

    /// <param name="fork">Tells blocks of one number apart.</param>
    public static BlockHeader Block(ulong number, int fork = 0) => new(number, Hash(number, fork), Hash(number - 1, fork), Start + (number * 12));

    public static Hash32 Hash(ulong number, int fork = 0) => Keccak256.HashUtf8($"{number}/{fork}");

    /// <summary>Ten WETH at 80 % against 10,000 USDC: the health factor is 0.0008 times the price of WETH.</summary>
    public static MarginReport EthUsdc(string ethPrice, ulong block = 100, int fork = 0) =>
        Report(block, fork, Leg.Collateral("WETH", "10", ethPrice, 8000), Leg.Debt("USDC", "10000", "1"));

    public static MarginReport Report(ulong block, params Leg[] legs) => Report(block, 0, legs);

    public static MarginReport Report(ulong block, int fork, params Leg[] legs)
    {
        var positions = legs.Select(Position).ToList();
        var weighed = UInt256.Zero;
        var collateral = UInt256.Zero;
        var debt = UInt256.Zero;
        foreach (var p in positions)
        {
            if (p.Side == PositionSide.Debt)
            {
                debt += p.Value;
            }
            else if (p.Counts)
            {
                collateral += p.Value;
                weighed += p.Value * p.ThresholdBps;
            }
        }

        UInt256? health = debt.IsZero ? null : UInt256.MulDiv(weighed, FixedPoint.Wad, debt * 10_000u, Rounding.Down);
        var below = health is { } h && h < FixedPoint.Wad;
        return new MarginReport
        {
            Account = Account(),
            Block = Block(block, fork),
            At = new Instant(Block(block, fork).Timestamp),
            Status = below ? MarginStatus.Liquidatable : MarginStatus.Healthy,
            CollateralValue = collateral,
            DebtValue = debt,
            HealthFactor = health,
            Positions = positions,
            Triggers = health is null ? [] : [Trigger(positions, weighed / 10_000u, debt, below)],
            Remedies = health is null ? [] : [Repay(positions, debt)],
        };
    }

    public static MarginReport Unknown(ulong block, string reason = "the price of WETH is missing", int fork = 0) => new()
    {
        Account = Account(),
        Block = Block(block, fork),
        At = new Instant(Block(block, fork).Timestamp),
        Status = MarginStatus.Unknown,
        UnknownReason = reason,
    };

    public static Position Position(Leg leg)
    {
        var (address, decimals) = Tokens[leg.Symbol];
        var amount = Units.Parse(leg.Amount, decimals);
        var price = Units.Parse(leg.Price, 8);
        return new Position
        {
            Side = leg.Side,
            Asset = address,
            Symbol = leg.Symbol,
            Decimals = decimals,
            Amount = amount,
            Shares = Units.Parse(leg.Shares ?? leg.Amount, decimals),
            Price = price,
            Value = UInt256.MulDiv(amount, price, UInt256.Pow10(decimals), Rounding.Down),
            ThresholdBps = leg.ThresholdBps,
            Counts = leg.Counts,
        };
    }

    public static AssetCatalog Catalog(string json, ICollection<SettingsProblem>? problems = null) => AssetReader.Read([Root("assets.json", json, problems ?? [])]);

    public static SettingsObject Root(string file, string json, ICollection<SettingsProblem> problems)
    {
        var node = SettingsParser.Parse(file, System.Text.Encoding.UTF8.GetBytes(json), problems).ShouldNotBeNull();
        return new SettingsObject(node, "", new SettingsSource(file, static _ => null, problems));
    }

    // First order: the first collateral's price alone.
    private static Trigger Trigger(List<Position> positions, in UInt256 weighed, in UInt256 debt, bool active)
    {
        var first = positions.First(p => p.Side == PositionSide.Collateral);
        return new Trigger
        {
            Kind = TriggerKind.Liquidation,
            Threshold = FixedPoint.Wad,
            Active = active,
            UniformFallPpm = active ? 0 : (uint)(ulong)UInt256.MulDiv(weighed - debt, 1_000_000u, weighed, Rounding.Up),
            Edges = [new PriceEdge(first.Asset, first.Symbol, EdgeSide.Falls, UInt256.MulDiv(first.Price, debt, weighed, Rounding.Down), first.Price)],
            SecondsAtConstantPrices = active ? null : 40_000_000,
        };
    }

    private static Remedy Repay(List<Position> positions, in UInt256 debt)
    {
        var leg = positions.First(p => p.Side == PositionSide.Debt);
        return new Remedy(RemedyKind.Repay, leg.Asset, leg.Symbol, leg.Decimals, leg.Amount / 5u, debt / 5u, FixedPoint.Wad * 5u / 4u, FixedPoint.Wad * 5u / 4u, null);
    }

    private static AssetCatalog ReadShipped()
    {
        var problems = new List<SettingsProblem>();
        var files = Directory.EnumerateFiles(Path.Combine(SettingsFolder.ShippedRoot, "assets"), "*.json").Order(StringComparer.Ordinal);
        var catalog = AssetReader.Read(files.Select(f => Root(Path.GetFileName(f), File.ReadAllText(f), problems)));
        problems.ShouldBeEmpty();
        return catalog;
    }
}

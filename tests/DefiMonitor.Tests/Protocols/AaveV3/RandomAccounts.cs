using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV3;

namespace DefiMonitor.Tests.Protocols.AaveV3;

/// <summary>Random accounts, most of them near the edge, which is where rounding decides. Small worlds have numbers so small that every price can be tried.</summary>
internal sealed class RandomAccounts(int seed)
{
    public const ulong Now = 1_760_000_000;

    private readonly Random random = new(seed);

    public static IReadOnlyList<AaveVersion> Families { get; } = [AaveVersion.V30, AaveVersion.V33, AaveVersion.V34, AaveVersion.V35, AaveVersion.V36, AaveVersion.V37];

    public Random Random => random;

    public AccountAt Next(AaveVersion version, bool small, bool bothSides)
    {
        var collaterals = random.Next(1, 5);
        var debts = random.Next(1, 4);
        var inputs = new List<LegInputs>();
        for (var i = 0; i < collaterals; i++)
        {
            inputs.Add(Leg(inputs.Count, small, supplies: true, owes: bothSides && i == 0));
        }

        for (var i = 0; i < debts; i++)
        {
            inputs.Add(Leg(inputs.Count, small, supplies: false, owes: true));
        }

        return NearEdge(version, inputs.ToArray());
    }

    public UInt256 Below(UInt256 bound) => bound.IsZero ? bound : new UInt256(Word(), Word(), Word(), Word()) % bound;

    private ulong Word() => (ulong)random.NextInt64(long.MinValue, long.MaxValue);

    private LegInputs Leg(int id, bool small, bool supplies, bool owes)
    {
        var decimals = small ? random.Next(0, 3) : new[] { 6, 8, 18, 18, 27 }[random.Next(5)];
        var unit = UInt256.Pow10(decimals);
        var price = small ? (ulong)random.Next(1, 400) : (ulong)Math.Exp(random.NextDouble() * 25 + 8);
        var threshold = (uint)random.Next(1_000, 9_700);
        var indexes = new ReserveIndexes(
            Index(), (UInt128)(random.NextDouble() * 1e26), Index(), (UInt128)(random.NextDouble() * 3e26), Now - (ulong)random.Next(0, 100_000));
        var amount = small ? (UInt256)(ulong)random.Next(1, 2_000) : FixedPoint.MulDivFloor(unit, (ulong)(Math.Exp(random.NextDouble() * 14) * 1e8), Math.Max(1, price)) + UInt256.One;
        var terms = new LegTerms(
            supplies, owes, threshold, threshold - 500, false, (uint)random.Next(10_100, 11_500), (uint)(random.Next(2) * random.Next(0, 2_000)), false);
        return new LegInputs(
            id,
            Address.FromBytes(Enumerable.Repeat((byte)(id + 1), 20).ToArray()),
            price,
            unit,
            indexes,
            supplies ? amount : UInt256.Zero,
            owes ? amount : UInt256.Zero,
            UInt256.Zero,
            terms);
    }

    private UInt128 Index() => (UInt128)1_000_000_000_000_000_000UL * 1_000_000_000UL + (UInt128)(random.NextDouble() * 5e26);

    // Scales all debts so that the health factor lands between 0.9 and 1.6, mostly close above 1.
    private AccountAt NearEdge(AaveVersion version, LegInputs[] inputs)
    {
        var account = new AccountAt(version, inputs, Now);
        var goal = 0.9 + (random.NextDouble() * random.NextDouble() * 0.7);
        var ratio = account.HealthFactor.ToDouble() / 1e18 / goal;
        for (var i = 0; i < inputs.Length; i++)
        {
            var scaled = inputs[i].ScaledDebt;
            inputs[i] = inputs[i] with { ScaledDebt = scaled.IsZero ? scaled : UInt256.MulDiv(scaled, (ulong)(ratio * 1e6) + 1, 1_000_000u, Rounding.Up) };
        }

        return new AccountAt(version, inputs, Now);
    }
}

using System.Text.Json;

namespace DefiMonitor.Tests.Vectors;

/// <summary>Which file name is run how. A new family of vectors is one more line here.</summary>
internal static class VectorRunners
{
    public static IReadOnlyDictionary<string, Action<JsonElement, VectorCase>> ByFileName { get; } = new Dictionary<string, Action<JsonElement, VectorCase>>
    {
        ["aave_v3_account_data.evm.json"] = AaveVectors.AccountData,
        ["aave_v3_compounded.evm.json"] = AaveVectors.Compounded,
        ["aave_v3_linear.evm.json"] = AaveVectors.Linear,
        ["aave_v3_liquidationAmounts.evm.json"] = AaveVectors.LiquidationAmounts,
        ["aave_v3_token_events.evm.json"] = AaveVectors.TokenEventRun,
        ["aave_capo_ratio.evm.json"] = AaveVectors.CapoRatioPrice,
        ["morpho_blue_account.evm.json"] = MorphoVectors.Account,
        ["morpho_irm_wexp.evm.json"] = MorphoVectors.WExp,
        ["lyra_v1_min_collateral.evm.json"] = LyraVectors.MinimumCollateralOf,
        ["lyra_v1_min_collateral.json"] = LyraVectors.Published,
        ["opyn_gamma.evm.json"] = OpynVectors.Vaults,
        ["opyn_gamma.json"] = OpynVectors.Published,
        ["panoptic_v2_math.evm.json"] = PanopticVectors.Libraries,
        ["panoptic_v2_solvency.evm.json"] = PanopticVectors.SolvencyOf,
        ["aave_v4_account.evm.json"] = AaveV4Vectors.Account,
        ["aave_v4_liquidation.evm.json"] = AaveV4Vectors.Liquidation,
        ["comet_account.evm.json"] = CompoundVectors.Account,
        ["evk_rpow.evm.json"] = EulerVectors.RPowOf,
        ["evk_ltv_ramp.evm.json"] = EulerVectors.LtvRamp,
        ["evk_walk.evm.json"] = EulerVectors.Walk,
        ["greeks_mpmath.json"] = OptionVectors.Greeks,
        ["edge_cases.json"] = OptionVectors.Edges,
        ["implied_vol_roundtrip.json"] = OptionVectors.RoundTrip,
        ["haug_european.json"] = OptionVectors.HaugEuropean,
        ["haug_greeks.json"] = OptionVectors.HaugGreeks,
        ["hull.json"] = OptionVectors.Hull,
        ["svi.json"] = OptionVectors.Svi,
        ["black76_svi.json"] = DeriveVectors.Pricing,
        ["srm_cases.json"] = DeriveVectors.StandardCases,
        ["srm_portfolio_cases.json"] = DeriveVectors.StandardPortfolio,
        ["pmrm2_cases.json"] = DeriveVectors.PortfolioCases,
    };

    /// <summary>Figures that others published: single ones are quoted in tests, the files themselves are not ours to carry.</summary>
    public static IReadOnlySet<string> NotCommitted { get; } = new HashSet<string>
    {
        "haug_european.json", "haug_greeks.json", "hull.json", "lyra_v1_min_collateral.json", "opyn_gamma.json", "svi.json", "black76_svi.json", "srm_cases.json",
        "srm_portfolio_cases.json", "pmrm2_cases.json",
    };

    /// <summary>Files whose cases mean nothing without what stands around them.</summary>
    private static readonly HashSet<string> Whole = ["lyra_v1_min_collateral.json", "opyn_gamma.json", "srm_cases.json", "black76_svi.json"];

    /// <summary>Runs every case of a file; the sentences name the case by its place, counted from 0.</summary>
    public static VectorOutcome Run(string path, Action<JsonElement, VectorCase> run)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        var root = document.RootElement;
        var list = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("cases", out var inner) && inner.ValueKind == JsonValueKind.Array ? inner : root;
        var cases = !Whole.Contains(Path.GetFileName(path)) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().ToList() : [root];
        var failures = new List<string>();
        var failed = 0;
        for (var i = 0; i < cases.Count; i++)
        {
            var vector = new VectorCase();
            try
            {
                run(cases[i], vector);
            }
            catch (Exception error) when (error is ArithmeticException or FormatException or KeyNotFoundException or InvalidOperationException)
            {
                vector.Fail($"{error.GetType().Name}: {error.Message}");
            }

            if (vector.Checks == 0 && vector.Mismatches.Count == 0)
            {
                vector.Fail("nothing was compared");
            }

            failed += vector.Mismatches.Count > 0 ? 1 : 0;
            failures.AddRange(vector.Mismatches.Select(text => $"case {i}: {text}"));
        }

        return new VectorOutcome(cases.Count, failed, failures);
    }
}

internal sealed record VectorOutcome(int Cases, int Failed, IReadOnlyList<string> Failures);

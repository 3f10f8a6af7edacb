using BenchmarkDotNet.Running;
using DefiMonitor.Benchmarks.Aave;
using DefiMonitor.Benchmarks.Backfill;
using DefiMonitor.Benchmarks.Blocks;
using DefiMonitor.Benchmarks.Latency;
using DefiMonitor.Benchmarks.Mixed;
using DefiMonitor.Benchmarks.Morpho;
using DefiMonitor.Benchmarks.Options;
using DefiMonitor.Benchmarks.Soak;
using DefiMonitor.Benchmarks.Start;

// judge, judge-morpho, judge-mixed, blocks, latency, start, backfill and pricing are rows of compare.sh, soak is soak.sh; everything else goes to BenchmarkDotNet, e.g. --filter '*JudgeMany*'.
switch (args.FirstOrDefault())
{
    case "judge":
        JudgeRow.Run(args[1..]);
        break;
    case "judge-morpho":
        MorphoRow.Run(args[1..]);
        break;
    case "judge-mixed":
        MixedRow.Run(args[1..]);
        break;
    case "blocks":
        await BlocksRow.RunAsync(args[1..]);
        break;
    case "latency":
        await LatencyRow.RunAsync(args[1..]);
        break;
    case "start":
        await StartRow.RunAsync(args[1..]);
        break;
    case "soak":
        await SoakRun.RunAsync(args[1..]);
        break;
    case "backfill":
        await BackfillRow.RunAsync(args[1..]);
        break;
    case "pricing":
        if (args is [_, "--market"])
        {
            new OptionMarket(books: 0).Write(Console.Out);
        }
        else
        {
            PricingSpeed.Print(Console.Out);
        }

        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(JudgeManyBenchmarks).Assembly).Run(args);
        break;
}

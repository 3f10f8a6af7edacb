using BenchmarkDotNet.Running;

if (args is ["pricing", ..])
{
    DefiMonitor.Benchmarks.Options.PricingSpeed.Print(Console.Out);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);

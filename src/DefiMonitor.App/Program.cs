Console.WriteLine("DefiMonitor");

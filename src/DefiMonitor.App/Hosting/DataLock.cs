using System.Globalization;

namespace DefiMonitor.App.Hosting;

/// <summary>
/// Says that a monitor runs on a data folder: a file that stays locked while the process lives, however it ends. Whoever would take a loop over
/// (a second run, repair, a test message) asks here first; the fence in the database is the last line, this is the polite one.
/// </summary>
public sealed class DataLock : IDisposable
{
    private const string LockName = "defimonitor.lock";
    private const string PidName = "defimonitor.pid";

    private readonly FileStream file;

    private DataLock(FileStream file) => this.file = file;

    /// <summary>Null when another process holds it; <paramref name="holder"/> is then its process id, where that can be read.</summary>
    /// <exception cref="IOException">The folder can't be written.</exception>
    public static DataLock? TryTake(string dataDir, out string holder)
    {
        Directory.CreateDirectory(dataDir);
        var path = Path.Combine(dataDir, LockName);
        var pid = Path.Combine(dataDir, PidName);
        holder = "";
        try
        {
            // On Unix only FileShare.None locks others out, readers too: hence the second file.
            var held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(pid, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new DataLock(held);
        }
        catch (IOException) when (File.Exists(path))
        {
            holder = File.Exists(pid) && File.ReadAllText(pid) is var text && text.All(char.IsAsciiDigit) ? text : "";
            return null;
        }
    }

    public void Dispose() => file.Dispose();
}
